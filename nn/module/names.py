"""What `compile` and layers take by name: losses and activations, under Keras' names and PyTorch's.

A table a kind. A name is compared without case, underscores and spaces, so that "CrossEntropyLoss"
and "cross_entropy_loss" are one.
"""

from __future__ import annotations

from typing import Any

import nn
from autograd.engine.diagnose import check_choice
from nn.module.module import Module

__all__ = ["activation_named", "look_up", "loss_named", "plain"]

ACTIVATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "celu": ("CELU", {}),
    "elu": ("ELU", {}),
    "gelu": ("GELU", {}),
    "hard_sigmoid": ("Hardsigmoid", {}),
    "hard_swish": ("Hardswish", {}),
    "hard_tanh": ("Hardtanh", {}),
    "leaky_relu": ("LeakyReLU", {"negative_slope": 0.2}),  # Keras' slope, as it is Keras' name
    "linear": ("Identity", {}),
    "log_sigmoid": ("LogSigmoid", {}),
    "log_softmax": ("LogSoftmax", {"dim": -1}),
    "mish": ("Mish", {}),
    "relu": ("ReLU", {}),
    "relu6": ("ReLU6", {}),
    "selu": ("SELU", {}),
    "sigmoid": ("Sigmoid", {}),
    "silu": ("SiLU", {}),
    "softmax": ("Softmax", {"dim": -1}),
    "softplus": ("Softplus", {}),
    "softsign": ("Softsign", {}),
    "step": ("Step", {}),
    "swish": ("SiLU", {}),
    "tanh": ("Tanh", {}),
}

LOSSES: dict[str, tuple[str, dict[str, Any]]] = {
    "bce": ("BCELoss", {}),
    "bce_loss": ("BCELoss", {}),
    "bce_with_logits_loss": ("BCEWithLogitsLoss", {}),
    "binary_crossentropy": ("BCELoss", {}),
    "categorical_crossentropy": ("CategoricalCrossEntropy", {}),
    "cross_entropy": ("CrossEntropyLoss", {}),
    "cross_entropy_loss": ("CrossEntropyLoss", {}),
    "huber": ("HuberLoss", {}),
    "huber_loss": ("HuberLoss", {}),
    "l1_loss": ("L1Loss", {}),
    "mae": ("L1Loss", {}),
    "mean_absolute_error": ("L1Loss", {}),
    "mean_squared_error": ("MSELoss", {}),
    "mse": ("MSELoss", {}),
    "mse_loss": ("MSELoss", {}),
    "nll_loss": ("NLLLoss", {}),
    "poisson": ("PoissonNLLLoss", {"log_input": False, "eps": 1e-7}),
    "smooth_l1_loss": ("SmoothL1Loss", {}),
    "sparse_categorical_crossentropy": ("SparseCategoricalCrossEntropy", {}),
}


def look_up(kind: str, name: str, table: dict[str, Any]) -> Any:
    """The entry of a name, or a ValueError with the nearest known one."""
    known = {plain(each): value for each, value in table.items()}
    if plain(name) not in known:
        check_choice(f"the {kind}", name, tuple(table))
    return known[plain(name)]


def loss_named(loss: Any) -> Any:
    """A loss: the module or function itself, or what a name means."""
    if isinstance(loss, str):
        kind, options = look_up("loss", loss, LOSSES)
        return getattr(nn, kind)(**options)
    if isinstance(loss, type) and issubclass(loss, Module):
        return loss()
    if callable(loss):
        return loss
    raise TypeError(
        "the loss must be a name, such as 'mse', an nn loss, such as nn.CrossEntropyLoss(), or a "
        f"function of output and target, got {type(loss).__name__}"
    )


def activation_named(activation: Any) -> Any:
    """An activation as a module or function; None for none."""
    if isinstance(activation, str):
        kind, options = look_up("activation", activation, ACTIVATIONS)
        return getattr(nn, kind)(**options)
    if activation is None or callable(activation):
        return activation() if isinstance(activation, type) else activation
    raise TypeError(
        "an activation is a name, such as 'relu', a module, a function or None, got "
        f"{type(activation).__name__}"
    )


def plain(name: str) -> str:
    """A name without case, underscores and spaces."""
    return name.lower().replace("_", "").replace(" ", "")
