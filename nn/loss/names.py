"""What `compile` takes as a loss by name: Keras' names and PyTorch's."""

from __future__ import annotations

from typing import Any

from autograd.errors import ArgumentTypeError
from nn.loss.classification_layers import (
    BCELoss,
    BCEWithLogitsLoss,
    CategoricalCrossEntropy,
    CrossEntropyLoss,
    NLLLoss,
    SparseCategoricalCrossEntropy,
)
from nn.loss.layers import HuberLoss, L1Loss, MSELoss, PoissonNLLLoss, SmoothL1Loss
from nn.module.module import Module
from nn.module.names import look_up

__all__ = ["LOSSES", "loss_named"]

LOSSES: dict[str, tuple[type[Module], dict[str, Any]]] = {
    "bce": (BCELoss, {}),
    "bce_loss": (BCELoss, {}),
    "bce_with_logits_loss": (BCEWithLogitsLoss, {}),
    "binary_crossentropy": (BCELoss, {}),
    "categorical_crossentropy": (CategoricalCrossEntropy, {}),
    "cross_entropy": (CrossEntropyLoss, {}),
    "cross_entropy_loss": (CrossEntropyLoss, {}),
    "huber": (HuberLoss, {}),
    "huber_loss": (HuberLoss, {}),
    "l1_loss": (L1Loss, {}),
    "mae": (L1Loss, {}),
    "mean_absolute_error": (L1Loss, {}),
    "mean_squared_error": (MSELoss, {}),
    "mse": (MSELoss, {}),
    "mse_loss": (MSELoss, {}),
    "nll_loss": (NLLLoss, {}),
    "poisson": (PoissonNLLLoss, {"log_input": False, "eps": 1e-7}),
    "smooth_l1_loss": (SmoothL1Loss, {}),
    "sparse_categorical_crossentropy": (SparseCategoricalCrossEntropy, {}),
}


def loss_named(loss: Any) -> Any:
    """A loss: the module or function itself, or what a name means."""
    if isinstance(loss, str):
        kind, options = look_up("loss", loss, LOSSES)
        return kind(**options)
    if isinstance(loss, type) and issubclass(loss, Module):
        return loss()
    if callable(loss):
        return loss
    raise ArgumentTypeError(
        "the loss must be a name, such as 'mse', an nn loss, such as nn.CrossEntropyLoss(), or a "
        f"function of output and target, got {type(loss).__name__}"
    )
