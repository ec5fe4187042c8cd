"""What layers take as an activation by name: Keras' names and PyTorch's."""

from __future__ import annotations

from typing import Any

from autograd.errors import ArgumentTypeError
from nn.activation.axis_layers import LogSoftmax, Softmax
from nn.activation.clipped_layers import Hardsigmoid, Hardswish, Hardtanh, Step
from nn.activation.piecewise_layers import CELU, ELU, SELU, LeakyReLU, ReLU, ReLU6
from nn.activation.smooth_layers import (
    GELU,
    LogSigmoid,
    Mish,
    Sigmoid,
    SiLU,
    Softplus,
    Softsign,
    Tanh,
)
from nn.linear.layers import Identity
from nn.module.module import Module
from nn.module.names import look_up

__all__ = ["ACTIVATIONS", "activation_named"]

ACTIVATIONS: dict[str, tuple[type[Module], dict[str, Any]]] = {
    "celu": (CELU, {}),
    "elu": (ELU, {}),
    "gelu": (GELU, {}),
    "hard_sigmoid": (Hardsigmoid, {}),
    "hard_swish": (Hardswish, {}),
    "hard_tanh": (Hardtanh, {}),
    "leaky_relu": (LeakyReLU, {"negative_slope": 0.2}),  # Keras' slope, as it is Keras' name
    "linear": (Identity, {}),
    "log_sigmoid": (LogSigmoid, {}),
    "log_softmax": (LogSoftmax, {"dim": -1}),
    "mish": (Mish, {}),
    "relu": (ReLU, {}),
    "relu6": (ReLU6, {}),
    "selu": (SELU, {}),
    "sigmoid": (Sigmoid, {}),
    "silu": (SiLU, {}),
    "softmax": (Softmax, {"dim": -1}),
    "softplus": (Softplus, {}),
    "softsign": (Softsign, {}),
    "step": (Step, {}),
    "swish": (SiLU, {}),
    "tanh": (Tanh, {}),
}


def activation_named(activation: Any) -> Any:
    """An activation as a module or function; None for none."""
    if isinstance(activation, str):
        kind, options = look_up("activation", activation, ACTIVATIONS)
        return kind(**options)
    if activation is None or callable(activation):
        return activation() if isinstance(activation, type) else activation
    raise ArgumentTypeError(
        "an activation is a name, such as 'relu', a module, a function or None, got "
        f"{type(activation).__name__}"
    )
