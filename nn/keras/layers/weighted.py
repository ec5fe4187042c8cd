"""What layers with a kernel and a bias share: their options, and how the two are made."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import ArgumentError, ArgumentTypeError, ShapeError, shown
from nn.keras import activations, constraints, initializers, regularizers
from nn.keras.base.layer import Layer, Option

__all__ = ["Weighted", "check_rank", "last_length", "positive"]


class Weighted(Layer):
    """Base of layers with a kernel and a bias."""

    def __init__(
        self,
        activation: Option = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.bias: Option = None

    def add_kernel(self, shape: Option, name: str = "kernel", kind: str = "kernel") -> Any:
        """A kernel, with the options that are `kind`'s."""
        return self.add_weight(
            shape=shape,
            initializer=getattr(self, f"{kind}_initializer"),
            regularizer=getattr(self, f"{kind}_regularizer"),
            constraint=getattr(self, f"{kind}_constraint"),
            name=name,
        )

    def add_bias(self, *shape: int) -> None:
        """The bias, if there is to be one."""
        if self.use_bias:
            self.bias = self.add_kernel(shape, "bias", "bias")

    def activated(self, x: Any) -> Any:
        """The activation of x, if there is one."""
        return x if self.activation is None else self.activation(x)


def positive(layer: str, what: str, value: Option) -> int:
    """A whole number above 0."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise ArgumentTypeError(f"{layer}: {what} is a whole number, got {shown(value)}")
    if value < 1:
        raise ArgumentError(f"{layer}: {what} must be at least 1, got {value}")
    return int(value)


def check_rank(layer: Layer, shape: Option, rank: int) -> tuple[int | None, ...]:
    """The shape of an input, if it has so many axes."""
    if shape is None or (shape and not isinstance(shape[0], (int, type(None)))):
        raise ArgumentError(f"{layer.name} takes one input, got the shapes {shape}")
    if len(shape) != rank:
        raise ShapeError(
            f"the layer {layer.name!r} ({type(layer).__name__}) takes inputs of {rank} axes, with "
            f"that of the batch; got {tuple(shape)}"
        )
    return tuple(shape)


def last_length(layer: Layer, shape: Option, axis: int = -1) -> int:
    """The length of the axis that weights depend on."""
    length = shape[axis]
    if length is None:
        raise ShapeError(
            f"the layer {layer.name!r} ({type(layer).__name__}) must know the length of axis "
            f"{axis} of its input to make its weights; the input is {tuple(shape)}"
        )
    return int(length)
