"""What variables begin with, by shape; `get_variable` calls them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.errors import ArgumentError
from autograd.static.draws import random_normal, random_uniform, truncated_normal
from autograd.static.functions import constant
from autograd.static.symbol import Symbol

__all__ = [
    "constant_initializer", "glorot_normal_initializer", "glorot_uniform_initializer",
    "ones_initializer", "random_normal_initializer", "random_uniform_initializer",
    "truncated_normal_initializer", "variance_scaling_initializer", "zeros_initializer",
]  # fmt: skip


class constant_initializer:
    """The same number everywhere, or an array."""

    def __init__(self, value: Any = 0, dtype: Any = np.float32) -> None:
        self.value = value

    def __call__(self, shape: Any, dtype: Any = None) -> Symbol:
        return constant(self.value, dtype or np.float32, shape)


class zeros_initializer(constant_initializer):
    """Zeros."""

    def __init__(self, dtype: Any = np.float32) -> None:
        super().__init__(0)


class ones_initializer(constant_initializer):
    """Ones."""

    def __init__(self, dtype: Any = np.float32) -> None:
        super().__init__(1)


class random_normal_initializer:
    """Normal numbers."""

    def __init__(
        self, mean: float = 0.0, stddev: float = 1.0, seed: int | None = None, dtype: Any = None
    ) -> None:
        self.options: Any = {"mean": mean, "stddev": stddev, "seed": seed}

    def __call__(self, shape: Any, dtype: Any = None) -> Symbol:
        return random_normal(shape, dtype=dtype, **self.options)


class truncated_normal_initializer(random_normal_initializer):
    """Normal numbers, those beyond two standard deviations drawn again."""

    def __call__(self, shape: Any, dtype: Any = None) -> Symbol:
        return truncated_normal(shape, dtype=dtype, **self.options)


class random_uniform_initializer:
    """Numbers spread evenly."""

    def __init__(
        self, minval: float = 0, maxval: float = 1.0, seed: int | None = None, dtype: Any = None
    ) -> None:
        self.options: Any = {"minval": minval, "maxval": maxval, "seed": seed}

    def __call__(self, shape: Any, dtype: Any = None) -> Symbol:
        return random_uniform(shape, dtype=dtype, **self.options)


class variance_scaling_initializer:
    """Numbers of the variance scale / n; n is what a weight takes in, gives out, or their mean.

    Source: Glorot and Bengio, 2010; He et al., 2015.

    >>> import autograd.static as tf
    >>> with tf.Graph().as_default():
    ...     tf.variance_scaling_initializer(2.0)([784, 256]).shape
    (784, 256)
    """

    def __init__(
        self, scale: float = 1.0, mode: str = "fan_in", distribution: str = "truncated_normal",
        seed: int | None = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        if mode not in ("fan_in", "fan_out", "fan_avg"):
            raise ArgumentError(
                f"variance_scaling: mode is fan_in, fan_out or fan_avg, not {mode!r}"
            )
        self.scale, self.mode, self.distribution, self.seed = scale, mode, distribution, seed

    def __call__(self, shape: Any, dtype: Any = None) -> Symbol:
        lengths = [int(n) for n in shape]
        field = math.prod(lengths[:-2])
        fan_in = field * lengths[-2] if len(lengths) > 1 else (lengths or [1])[0]
        fan_out = field * lengths[-1] if lengths else 1
        count = {"fan_in": fan_in, "fan_out": fan_out}.get(self.mode, (fan_in + fan_out) / 2)
        variance = self.scale / max(1.0, count)
        if self.distribution == "uniform":
            limit = math.sqrt(3 * variance)
            return random_uniform(lengths, -limit, limit, dtype, self.seed)
        if self.distribution == "untruncated_normal":
            return random_normal(lengths, 0.0, math.sqrt(variance), dtype, self.seed)
        # of normal numbers cut at two deviations, whose own deviation is smaller
        return truncated_normal(
            lengths, 0.0, math.sqrt(variance) / 0.87962566103423978, dtype, self.seed
        )


class glorot_uniform_initializer(variance_scaling_initializer):
    """Glorot's uniform numbers."""

    def __init__(self, seed: int | None = None, dtype: Any = None) -> None:
        super().__init__(1.0, "fan_avg", "uniform", seed)


class glorot_normal_initializer(variance_scaling_initializer):
    """Glorot's normal numbers."""

    def __init__(self, seed: int | None = None, dtype: Any = None) -> None:
        super().__init__(1.0, "fan_avg", "truncated_normal", seed)
