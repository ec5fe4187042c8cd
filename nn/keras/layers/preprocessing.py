"""What prepares data as the first layers of a model."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import ArgumentError
from autograd.extend import raw
from nn.keras import initializers
from nn.keras.base.layer import Layer, Option

__all__ = ["CategoryEncoding", "Normalization", "Rescaling"]


class Rescaling(Layer):
    """x · scale + offset."""

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale, self.offset = scale, offset

    def call(self, inputs: Any) -> Any:
        kind = self.dtype
        return inputs * np.asarray(self.scale, kind) + np.asarray(self.offset, kind)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


class Normalization(Layer):
    """(x - mean) / √variance along an axis; `adapt(data)` finds both, or they are given.

    What `adapt` finds are weights that are not trained: mean, variance and, as in Keras, a count.
    """

    def __init__(
        self, axis: Option = -1, mean: Option = None, variance: Any = None, invert: bool = False,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self.axis = () if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
        self.mean, self.variance, self.invert = mean, variance, invert

    def build(self, input_shape: Any) -> None:
        if self.mean is not None:
            return
        kept = sorted(a % len(input_shape) for a in self.axis)
        shape = tuple(input_shape[a] for a in kept)
        self._beside = tuple(n if a in kept else 1 for a, n in enumerate(input_shape))
        unknown = initializers.Constant(np.nan)
        options: Any = {"shape": shape, "initializer": unknown, "trainable": False}
        self.adapt_mean = self.add_weight(name="mean", **options)
        self.adapt_variance = self.add_weight(name="variance", **options)
        self.count = self.add_weight(
            name="count", shape=(), dtype="int32", initializer="zeros", trainable=False
        )

    def adapt(self, data: Option) -> None:
        """Find mean and variance of data."""
        x = np.asarray(raw(data), self.dtype)
        x = x[:, None] if x.ndim == 1 else x
        if not self.built:
            self.build((None, *x.shape[1:]))
            self.built = True
        kept = {a % x.ndim for a in self.axis}
        axes = tuple(a for a in range(x.ndim) if a not in kept)
        self.adapt_mean.assign(x.mean(axes))
        self.adapt_variance.assign(x.var(axes))

    def _moments(self) -> tuple[Any, Any]:
        if self.mean is not None:
            return np.asarray(self.mean, self.dtype), np.asarray(self.variance, self.dtype)
        mean, variance = raw(self.adapt_mean), raw(self.adapt_variance)
        if np.isnan(mean).all():
            raise ArgumentError(
                f"{self.name}: Normalization knows no mean yet: call adapt(data), or give mean= "
                "and variance="
            )
        return mean.reshape(self._beside), variance.reshape(self._beside)

    def call(self, inputs: Any) -> Any:
        mean, variance = self._moments()
        deviation = np.maximum(np.sqrt(variance), 1e-7)
        return inputs * deviation + mean if self.invert else (inputs - mean) / deviation

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


class CategoryEncoding(Layer):
    """Indices as vectors: "one_hot", "multi_hot" (which are there), or "count"."""

    _own_dtype = True

    def __init__(
        self, num_tokens: int, output_mode: str = "multi_hot", sparse: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if output_mode not in ("one_hot", "multi_hot", "count") or sparse:
            raise ArgumentError(
                "CategoryEncoding: output_mode is 'one_hot', 'multi_hot' or 'count', and dense"
            )
        self.num_tokens, self.output_mode = num_tokens, output_mode

    def call(self, inputs: Any) -> Any:
        indices = np.asarray(inputs.detach()).astype(int)
        rows = np.eye(self.num_tokens, dtype=self.dtype)[indices]
        if self.output_mode == "one_hot":
            return ag.Tensor(rows[:, 0] if rows.ndim == 3 and rows.shape[1] == 1 else rows)
        if rows.ndim == 2:
            return ag.Tensor(rows)
        counts = rows.sum(axis=-2)
        return ag.Tensor(np.minimum(counts, 1) if self.output_mode == "multi_hot" else counts)
