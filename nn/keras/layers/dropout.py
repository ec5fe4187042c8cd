"""Layers that change numbers at random, in training alone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import ArgumentError
from autograd.random import generator
from nn import functional as F
from nn.keras import regularizers
from nn.keras.base.layer import Layer

__all__ = [
    "ActivityRegularization", "AlphaDropout", "Dropout", "GaussianDropout", "GaussianNoise",
    "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D",
]  # fmt: skip


class _Random(Layer):
    supports_masking = True

    def __init__(self, rate: float, seed: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not 0 <= rate <= 1:
            raise ArgumentError(
                f"{type(self).__name__}: rate is the share that is dropped, 0 to 1, got {rate}"
            )
        self.rate, self.seed = rate, seed
        self._rng = None if seed is None else generator(seed)
        self.built = True

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


class Dropout(_Random):
    """A share `rate` of the numbers set to 0 and the others divided by 1 - rate, in training.

    `noise_shape` has 1 where numbers along an axis go together.
    """

    def __init__(
        self, rate: float, noise_shape: Any = None, seed: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(rate, seed, **kwargs)
        self.noise_shape = noise_shape

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or not self.rate:
            return inputs
        if self.noise_shape is None:
            return F.dropout(inputs, self.rate, True, rng=self._rng)
        shape = [m if n is None else n for n, m in zip(self.noise_shape, inputs.shape, strict=True)]
        return inputs * F.dropout(ag.ones(shape, dtype=inputs.dtype), self.rate, rng=self._rng)


class _Spatial(_Random):
    _rank = 1

    def __init__(
        self, rate: float, data_format: Any = None, seed: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(rate, seed, **kwargs)
        self.data_format = data_format

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or not self.rate:
            return inputs
        kept = 1 if self.data_format == "channels_first" else inputs.ndim - 1
        shape = [n if axis in (0, kept) else 1 for axis, n in enumerate(inputs.shape)]
        return inputs * F.dropout(ag.ones(shape, dtype=inputs.dtype), self.rate, rng=self._rng)


class SpatialDropout1D(_Spatial):
    """Whole channels of a sequence dropped."""


class SpatialDropout2D(_Spatial):
    """Whole channels of images dropped."""


class SpatialDropout3D(_Spatial):
    """Whole channels of volumes dropped."""


class GaussianNoise(_Random):
    """Noise of this standard deviation added, in training."""

    def __init__(self, stddev: float, seed: Any = None, **kwargs: Any) -> None:
        super().__init__(0.0, seed, **kwargs)
        self.stddev = stddev

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or not self.stddev:
            return inputs
        return inputs + _normal(self._rng, inputs, 0.0, self.stddev)


class GaussianDropout(_Random):
    """Times noise around 1 of the standard deviation √(rate / (1 - rate)), in training."""

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or not self.rate:
            return inputs
        return inputs * _normal(self._rng, inputs, 1.0, math.sqrt(self.rate / (1 - self.rate)))


class AlphaDropout(_Random):
    """Dropout that keeps the mean and the variance of what SELU gives."""

    def __init__(
        self, rate: float, noise_shape: Any = None, seed: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(rate, seed, **kwargs)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or not self.rate:
            return inputs
        return F.alpha_dropout(inputs, self.rate, True, rng=self._rng)


class ActivityRegularization(Layer):
    """A penalty on what goes through, in the loss."""

    supports_masking = True

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        super().__init__(activity_regularizer=regularizers.L1L2(l1, l2), **kwargs)

    def call(self, inputs: Any) -> Any:
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


def _normal(rng: Any, like: Any, mean: float, deviation: float) -> Any:
    drawn = generator(rng).normal(mean, deviation, like.shape)
    return ag.Tensor(np.asarray(drawn, str(like.dtype)))
