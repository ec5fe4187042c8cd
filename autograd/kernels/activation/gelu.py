"""The error function in single precision, and what gelu needs of the normal distribution."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.kernels.parallel.blocks import block_by_block, polynomial
from autograd.kernels.parallel.twins import twin

__all__ = ["ABOVE", "BELOW", "erf", "gelu", "gelu_pull", "gelu_slope"]

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

_ROOT = math.sqrt(0.5)
_LEAST = 1 << 12  # elements


def _erf(x: Array) -> Array:
    y = np.clip(x, -4.2, 4.2)  # where the fit is above 1, so that the value is 1 from there on
    return np.clip(y * (polynomial(y * y, ABOVE) / polynomial(y * y, BELOW)), -1, 1)


@twin(_LEAST)
def erf(x: Array) -> Array:
    """The error function of float32 numbers, to a relative error of 4e-7."""
    return block_by_block(_erf, x)


@twin(_LEAST)
def gelu(x: Array) -> Array:
    """x Φ(x), where Φ is the normal distribution function."""
    return block_by_block(lambda x: 0.5 * x * (1 + _erf(x * _ROOT)), x)


def _slope(x: Array) -> Array:
    y = np.clip(x, -40, 40) * _ROOT
    return 0.5 * (1 + _erf(y)) + y * np.exp(-y * y) * (1 / math.sqrt(math.pi))


@twin(_LEAST)
def gelu_slope(x: Array) -> Array:
    """Φ(x) + x φ(x), the derivative of gelu, where φ is the normal density."""
    return block_by_block(_slope, x)


@twin(_LEAST)
def gelu_pull(g: Array, x: Array, slope: Callable[[Array], Array]) -> Array:
    """g · slope(x), where `slope` is `gelu_slope` or an op of it: g and x may be Tensors."""
    return g * slope(x)
