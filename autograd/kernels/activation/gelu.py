"""The error function in single precision, and what gelu needs of the normal distribution."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.kernels.parallel.blocks import block_by_block, polynomial
from autograd.kernels.parallel.twins import twin

__all__ = ["ABOVE", "BELOW", "OVER", "UNDER", "erf", "gelu", "gelu_pull", "gelu_slope"]

Array = Any  # a float32 array, or a NumPy scalar

# erf(x) / x in powers of x² on [0, 3.93], where erf reaches 1 in single precision: least squares,
# reweighted to the smallest largest relative error (Lawson), which is 1.9e-8.
ABOVE = (
    1.1283791453687015, 0.19078305665656736, 0.052790174542638756, 0.0037795737859318067,
    0.0002848074519915306, 2.04197203223514e-06,
)  # fmt: skip
BELOW = (
    1.0, 0.5024098014535097, 0.11425719422321129, 0.014997366323564383, 0.0011652034780045154,
    3.8004027755600245e-05,
)  # fmt: skip

# Φ(−t) / exp(−t²/2) in powers of t on [0, 14.2], beyond which Φ(−t) is 0 in float32, fitted
# likewise: 6e-9. With 1 + erf small Φ would lose their digits.
OVER = (
    0.500000002831606, 0.43767582077610256, 0.1827762479522943, 0.040478458261610506,
    0.004093311273339684,
)  # fmt: skip
UNDER = (
    1.0, 1.6732366070672688, 1.200597525027707, 0.46825910443243235, 0.10147110826677869,
    0.010260284755555647,
)  # fmt: skip

_DENSITY = 1 / math.sqrt(2 * math.pi)
_FAR = 40.0  # from where on Φ(−t) is 0, in double precision too
_LEAST = 1 << 12  # elements


def _erf(x: Array) -> Array:
    y = np.clip(x, -4.2, 4.2)  # where the fit is above 1, so that the value is 1 from there on
    return np.clip(y * (polynomial(y * y, ABOVE) / polynomial(y * y, BELOW)), -1, 1)


@twin(_LEAST)
def erf(x: Array) -> Array:
    """The error function of float32 numbers, to a relative error of 4e-7."""
    return block_by_block(_erf, x)


def _below(t: Array) -> Array:
    """Φ(−t) / exp(−t²/2) for t ≥ 0."""
    return polynomial(t, OVER) / polynomial(t, UNDER)


def _gelu(x: Array) -> Array:
    t = np.minimum(np.abs(x), _FAR)
    below = np.exp(-0.5 * (t * t)) * _below(t)
    return x * np.where(x > 0, 1 - below, below)[()]


@twin(_LEAST)
def gelu(x: Array) -> Array:
    """x Φ(x), where Φ is the normal distribution function."""
    return block_by_block(_gelu, x)


def _slope(x: Array) -> Array:
    t = np.minimum(np.abs(x), _FAR)
    bent = np.exp(-0.5 * (t * t)) * (t * _DENSITY - _below(t))
    return np.where(x > 0, 1 + bent, -bent)[()]


@twin(_LEAST)
def gelu_slope(x: Array) -> Array:
    """Φ(x) + x φ(x), the derivative of gelu, where φ is the normal density."""
    return block_by_block(_slope, x)


@twin(_LEAST)
def gelu_pull(g: Array, x: Array, slope: Callable[[Array], Array]) -> Array:
    """g · slope(x), where `slope` is `gelu_slope` or an op of it: g and x may be Tensors."""
    return g * slope(x)
