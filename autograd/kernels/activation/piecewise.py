"""Functions with a bend, and what they let through on the way back."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.activation.choice import choose
from autograd.kernels.parallel.twins import twin

__all__ = [
    "abs_pull",
    "elu",
    "elu_pull",
    "hardsigmoid",
    "hardswish",
    "hardswish_pull",
    "hardtanh_pull",
    "huber",
    "huber_pull",
    "leaky_relu",
    "leaky_relu_pull",
    "shrink_pull",
    "softshrink",
]

Array = Any  # an array, a NumPy scalar or a Tensor
_LEAST = 1 << 14


@twin(_LEAST, exact=True)
def leaky_relu(x: Array, slope: float) -> Array:
    """x where it is positive, else slope · x."""
    return np.maximum(x, 0) + slope * np.minimum(x, 0)


@twin(_LEAST, exact=True)
def leaky_relu_pull(g: Array, x: Array, slope: float) -> Array:
    """g where x is positive, else slope · g."""
    return choose(x > 0, g, slope * g)


@twin(_LEAST)
def elu(x: Array, scale: float, below: float, alpha: float) -> Array:
    """scale · x where x is positive, else below · (exp(x / alpha) − 1)."""
    above = np.maximum(x, 0)
    return (above if scale == 1 else scale * above) + below * np.expm1(_negative(x, alpha))


@twin(_LEAST)
def elu_pull(g: Array, x: Array, scale: float, below: float, alpha: float) -> Array:
    """g times scale where x is positive, else times below / alpha · exp(x / alpha)."""
    return g * choose(x > 0, scale, below / alpha * np.exp(_negative(x, alpha)))


def _negative(x: Array, alpha: float) -> Array:
    least = np.minimum(x, 0)
    return least if alpha == 1 else least / alpha


@twin(_LEAST, exact=True)
def hardtanh_pull(g: Array, out: Array, low: float, high: float) -> Array:
    """g where out lies between the bounds, at which it was cut off; elsewhere g times 0."""
    return g * np.logical_and(out > low, out < high)


@twin(_LEAST, exact=True)
def hardsigmoid(x: Array) -> Array:
    """x / 6 + 1/2, cut off at 0 and 1."""
    return np.clip(x / 6 + 0.5, 0, 1)


@twin(_LEAST, exact=True)
def hardswish(x: Array) -> Array:
    """x times its hardsigmoid."""
    return x * np.clip(x / 6 + 0.5, 0, 1)


@twin(_LEAST, exact=True)
def hardswish_pull(g: Array, x: Array) -> Array:
    """g times the slope of `hardswish`."""
    return g * choose(x < 3, (x > -3) * (x / 3 + 0.5), 1)


@twin(_LEAST, exact=True)
def huber(x: Array, delta: float) -> Array:
    """x²/2 up to ±delta, and the straight lines that go on from there: c·(x − c/2), x clipped."""
    clipped = np.clip(x, -delta, delta)
    return clipped * (x - clipped / 2)


@twin(_LEAST, exact=True)
def huber_pull(g: Array, x: Array, delta: float) -> Array:
    return g * np.clip(x, -delta, delta)


@twin(_LEAST, exact=True)
def softshrink(x: Array, most: float) -> Array:
    """x moved towards 0 by so much, and 0 between."""
    return x - np.clip(x, -most, most)


@twin(_LEAST, exact=True)
def shrink_pull(g: Array, out: Array) -> Array:
    """g where out is not 0, elsewhere g times 0."""
    return g * (out != 0)


@twin(_LEAST, exact=True)
def abs_pull(g: Array, x: Array) -> Array:
    """g times the sign of x, a complex one's conjugate."""
    return g * np.sign(np.conj(x))
