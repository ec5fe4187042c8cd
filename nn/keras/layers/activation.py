"""Activations with options or weights, as layers."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import ArgumentError
from nn import functional as F
from nn.keras import activations, constraints, initializers, regularizers
from nn.keras.base.layer import Layer
from nn.keras.structure import mapped

__all__ = ["ELU", "LeakyReLU", "PReLU", "ReLU", "Softmax"]


class _Alike(Layer):
    supports_masking = True

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


class ReLU(_Alike):
    """Numbers above the threshold, cut at `max_value`; below it a slope."""

    def __init__(
        self, max_value: Any = None, negative_slope: float = 0.0, threshold: float = 0.0,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self.max_value, self.threshold = max_value, threshold
        self.negative_slope = negative_slope

    def call(self, inputs: Any) -> Any:
        return activations.relu(inputs, self.negative_slope, self.max_value, self.threshold)


class LeakyReLU(_Alike):
    """Positive numbers as they are, and negative ones times a slope."""

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any) -> None:
        slope = kwargs.pop("alpha", negative_slope)  # its name in Keras 2
        super().__init__(**kwargs)
        if slope is None or slope < 0:
            raise ArgumentError(f"LeakyReLU: negative_slope is not negative, got {slope}")
        self.negative_slope = slope

    def call(self, inputs: Any) -> Any:
        return F.leaky_relu(inputs, self.negative_slope)


class PReLU(_Alike):
    """A slope for negative numbers that is learned, one for each place but along shared axes."""

    def __init__(
        self,
        alpha_initializer: Any = "zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.alpha_constraint = constraints.get(alpha_constraint)
        self.shared_axes = [shared_axes] if isinstance(shared_axes, int) else shared_axes or []

    def build(self, input_shape: Any) -> None:
        shape = [1 if a in self.shared_axes else n for a, n in enumerate(input_shape)][1:]
        self.alpha = self.add_weight(
            shape=tuple(shape), initializer=self.alpha_initializer, name="alpha",
            regularizer=self.alpha_regularizer, constraint=self.alpha_constraint,
        )  # fmt: skip
        self.built = True

    def call(self, inputs: Any) -> Any:
        return ag.relu(inputs) - self.alpha * ag.relu(-inputs)


class ELU(_Alike):
    """Positive numbers as they are, and alpha (eˣ - 1) of negative ones."""

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = alpha

    def call(self, inputs: Any) -> Any:
        return F.elu(inputs, self.alpha)


class Softmax(_Alike):
    """exp(x) by its sum over an axis, of the places that a mask lets through."""

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if mask is not None:
            inputs = inputs + np.where(np.asarray(mask), 0, -1e9).astype(str(inputs.dtype))
        return F.softmax(inputs, self.axis)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return mapped(lambda n: n, input_shape)
