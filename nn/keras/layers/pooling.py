"""Pooling over windows, and over all places."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import ArgumentError, ShapeError
from nn import functional as F
from nn.keras.base.layer import Layer
from nn.keras.layers.convolving import channels_first, channels_last, same_width
from nn.keras.layers.reshaping import Spatial, axes_of, check_format, numbers

__all__ = [
    "AveragePooling1D", "AveragePooling2D", "AveragePooling3D", "AvgPool1D", "AvgPool2D",
    "AvgPool3D", "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling3D",
    "GlobalAvgPool1D", "GlobalAvgPool2D", "GlobalAvgPool3D", "GlobalMaxPool1D", "GlobalMaxPool2D",
    "GlobalMaxPool3D", "GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalMaxPooling3D",
    "MaxPool1D", "MaxPool2D", "MaxPool3D", "MaxPooling1D", "MaxPooling2D", "MaxPooling3D",
]  # fmt: skip


class _Pooling(Spatial):
    def __init__(
        self,
        pool_size: Any = 2,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format, **kwargs)
        name = type(self).__name__
        self.pool_size = numbers(name, "pool_size", pool_size, self._rank)
        given = self.pool_size if strides is None else strides
        self.strides = numbers(name, "strides", given, self._rank)
        self.padding = padding.lower()
        if self.padding not in ("valid", "same"):
            raise ArgumentError(f"{name}: padding is 'valid' or 'same', got {padding!r}")

    def call(self, inputs: Any) -> Any:
        if inputs.ndim != self._rank + 2:
            raise ShapeError(
                f"{self.name} takes inputs of {self._rank + 2} axes, with that of the batch; got "
                f"{inputs.shape}"
            )
        x = channels_first(inputs, self.data_format)
        parts = (x.shape[2:], self.pool_size, self.strides)
        widths = ((0, 0),) * self._rank
        if self.padding == "same":
            widths = tuple(same_width(*numbers) for numbers in zip(*parts, strict=True))
        return channels_last(self.pooled(x, widths), self.data_format)

    def pooled(self, x: Any, widths: Any) -> Any:
        """The pooling of (N, C, ...) with these borders."""
        raise NotImplementedError

    def changed(self, lengths: Any) -> Any:
        found = []
        for n, k, s in zip(lengths, self.pool_size, self.strides, strict=True):
            k = k if self.padding == "valid" else 1
            if n is not None and n < k:
                raise ShapeError(
                    f"{self.name}: a window of {self.pool_size} does not fit into images of "
                    f"{tuple(lengths)}; take a smaller one, or padding='same'"
                )
            found.append(None if n is None else (n - k) // s + 1)
        return found


class _MaxPooling(_Pooling):
    def pooled(self, x: Any, widths: Any) -> Any:
        if any(map(any, widths)):
            x = ag.pad(x, ((0, 0), (0, 0), *widths), constant_values=-np.inf)
        return getattr(F, f"max_pool{self._rank}d")(x, self.pool_size, self.strides)


class _AveragePooling(_Pooling):
    def pooled(self, x: Any, widths: Any) -> Any:
        pool = getattr(F, f"avg_pool{self._rank}d")
        if not any(map(any, widths)):
            return pool(x, self.pool_size, self.strides)
        lengths = x.shape[2:]
        x = pool(ag.pad(x, ((0, 0), (0, 0), *widths)), self.pool_size, self.strides)
        counts: Any = 1
        for n, k, s, (before, _), count in zip(
            lengths, self.pool_size, self.strides, widths, x.shape[2:], strict=True
        ):
            first = np.arange(count) * s - before
            counts = np.multiply.outer(counts, np.minimum(first + k, n) - np.maximum(first, 0))
        return x * (math.prod(self.pool_size) / counts).astype(str(x.dtype))


class MaxPooling1D(_MaxPooling):
    """The largest number of every window of sequences (N, T, C)."""

    _rank = 1


class MaxPooling2D(_MaxPooling):
    """The largest number of every window of images (N, H, W, C)."""


class MaxPooling3D(_MaxPooling):
    """The largest number of every window of volumes."""

    _rank = 3


class AveragePooling1D(_AveragePooling):
    """The average of every window of sequences (N, T, C)."""

    _rank = 1


class AveragePooling2D(_AveragePooling):
    """The average of every window of images (N, H, W, C); what is padded does not count."""


class AveragePooling3D(_AveragePooling):
    """The average of every window of volumes."""

    _rank = 3


class _Global(Layer):
    _rank = 2

    def __init__(
        self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.data_format = check_format(type(self).__name__, data_format)
        self.keepdims = keepdims
        self.built = True

    def compute_output_shape(self, input_shape: Any) -> Any:
        axes = axes_of(self._rank, self.data_format)
        if len(input_shape) != self._rank + 2:
            raise ShapeError(
                f"{self.name} takes inputs of {self._rank + 2} axes, with that of the batch; got "
                f"{tuple(input_shape)}"
            )
        kept = [(1 if a in axes else n) for a, n in enumerate(input_shape)]
        return tuple(n for a, n in enumerate(kept) if self.keepdims or a not in axes)

    def call(self, inputs: Any) -> Any:
        self.compute_output_shape(inputs.shape)
        axes = axes_of(self._rank, self.data_format)
        return self.over(inputs, axes)

    def over(self, x: Any, axes: tuple[int, ...]) -> Any:
        """The reduction over these axes."""
        raise NotImplementedError


class _GlobalMax(_Global):
    def over(self, x: Any, axes: tuple[int, ...]) -> Any:
        return ag.max(x, axis=axes, keepdims=self.keepdims)


class _GlobalAverage(_Global):
    def over(self, x: Any, axes: tuple[int, ...]) -> Any:
        return ag.mean(x, axis=axes, keepdims=self.keepdims)


class GlobalMaxPooling1D(_GlobalMax):
    """The largest number of each channel of a sequence."""

    _rank = 1


class GlobalMaxPooling2D(_GlobalMax):
    """The largest number of each channel of an image."""


class GlobalMaxPooling3D(_GlobalMax):
    """The largest number of each channel of a volume."""

    _rank = 3


class GlobalAveragePooling1D(_GlobalAverage):
    """The average of each channel of a sequence, over the steps that count."""

    _rank = 1

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if mask is None:
            return super().call(inputs)
        counts = np.asarray(mask)[..., None].astype(str(inputs.dtype))
        if self.data_format == "channels_first":
            counts = np.swapaxes(counts, 1, 2)
        (axis,) = axes_of(1, self.data_format)
        total = ag.sum(inputs * counts, axis=axis, keepdims=self.keepdims)
        return total / counts.sum(axis=axis, keepdims=self.keepdims)


class GlobalAveragePooling2D(_GlobalAverage):
    """The average of each channel of an image."""


class GlobalAveragePooling3D(_GlobalAverage):
    """The average of each channel of a volume."""

    _rank = 3


# Keras' other names
AvgPool1D = AveragePooling1D
AvgPool2D = AveragePooling2D
AvgPool3D = AveragePooling3D
MaxPool1D = MaxPooling1D
MaxPool2D = MaxPooling2D
MaxPool3D = MaxPooling3D
GlobalAvgPool1D = GlobalAveragePooling1D
GlobalAvgPool2D = GlobalAveragePooling2D
GlobalAvgPool3D = GlobalAveragePooling3D
GlobalMaxPool1D = GlobalMaxPooling1D
GlobalMaxPool2D = GlobalMaxPooling2D
GlobalMaxPool3D = GlobalMaxPooling3D
