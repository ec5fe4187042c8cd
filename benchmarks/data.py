"""Data and first weights, from fixed seeds: the same in every library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Array = Any
LINE = np.float32(0.7), np.float32(0.1)  # a and b of the elementwise formula


def initial(name: str, shape: Sequence[int]) -> Array:
    """The first value of a parameter or statistic, which depends on its name and shape alone."""
    if len(shape) > 1:
        rng = np.random.default_rng([*name.encode()])
        bound = 1 / np.sqrt(np.prod(shape[1:]))
        return rng.uniform(-bound, bound, shape).astype(np.float32)
    zero = "bias" in name or "mean" in name
    return (np.zeros if zero else np.ones)(shape, np.float32)


def images(shape: Sequence[int], classes: int = 10) -> tuple[Array, Array]:
    """Pixels between 0 and 1 of this shape (N, ...), and N labels."""
    rng = np.random.default_rng(0)
    pixels = rng.random(shape).astype(np.float32)
    return pixels, rng.integers(0, classes, shape[0])


def normal(*shape: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def chain_values(shape: Sequence[int], ranges: Sequence[tuple[float, float]]) -> list[Array]:
    """x, a and b of a chain x ← tanh(x·a + b).

    With a near 1 and b near 0 the gradient does not vanish: arithmetic on subnormal numbers is slow
    in every library, and would be all that is measured.
    """
    rng = np.random.default_rng(0)
    return [np.float32(rng.uniform(low, high, shape)) for low, high in ranges]
