"""Finite differences for the tests: central, with one Richardson step, in float64."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

# Error of one Richardson step on central differences: h^4 f^(5) / 480 + eps |f| / h. With h = 1e-3
# both stay below 1e-11 for functions of size 1, so these tolerances leave three digits of slack.
STEP = 1e-3
RTOL = 1e-7
ATOL = 1e-8


def numeric_gradient(
    f: Callable[..., float], inputs: Sequence[Any], position: int
) -> np.ndarray[Any, Any]:
    """d f / d inputs[position], element by element; for complex input d/dRe + i d/dIm."""
    x = np.array(inputs[position])
    gradient = np.zeros_like(x)
    directions = (1.0, 1j) if x.dtype.kind == "c" else (1.0,)
    for index in np.ndindex(x.shape):
        for direction in directions:
            gradient[index] += direction * _slope(f, inputs, position, x, index, direction)
    return gradient


def _slope(
    f: Callable[..., float],
    inputs: Sequence[Any],
    position: int,
    x: np.ndarray[Any, Any],
    index: tuple[int, ...],
    direction: complex,
) -> float:
    def at(step: float) -> float:
        moved = x.copy()
        moved[index] += step * direction
        return float(f(*inputs[:position], moved, *inputs[position + 1 :]))

    def central(h: float) -> float:
        return (at(h) - at(-h)) / (2 * h)

    return (4 * central(STEP / 2) - central(STEP)) / 3
