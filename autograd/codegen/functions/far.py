"""Angles of huge numbers: x = j π/2 + r by as many digits of 2/π as it takes.

As Payne and Hanek found in 1983.

Here it is in whole numbers of Python, for NumPy; native/far.py writes the same for machines.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from autograd.codegen.functions.coefficients import TWO_PER_PI, TWO_PER_PI_BITS

__all__ = ["far_low", "far_quadrant", "far_rest"]


def _turns(x: float) -> tuple[int, int]:
    """The nearest multiple of π/2, and what is left of x · 2/π, times 2¹⁹²."""
    fraction, exponent = math.frexp(x)
    whole = int(math.ldexp(fraction, 53)) * TWO_PER_PI  # x · 2/π times a power of 2
    below = TWO_PER_PI_BITS + 53 - exponent  # bits behind the point
    nearest = (whole + (1 << (below - 1))) >> below
    return nearest, ((whole - (nearest << below)) << 192) >> below


def _rest(x: float) -> float:
    _, rest = _turns(x)
    return float(Fraction(rest, 1 << 192) * Fraction(1 << TWO_PER_PI_BITS, TWO_PER_PI))


def _low(x: float) -> float:
    _, rest = _turns(x)
    exact = Fraction(rest, 1 << 192) * Fraction(1 << TWO_PER_PI_BITS, TWO_PER_PI)
    return float(exact - Fraction(float(exact)))


def _is_far(x: Any) -> Any:
    return np.isfinite(x) & (np.abs(x) >= 1.0)


def far_rest(x: Any) -> Any:
    """r of x = j π/2 + r, of finite numbers beyond 1; else 0."""
    x = np.asarray(x, np.float64)
    found = [_rest(v) if far else 0.0 for v, far in zip(x.flat, _is_far(x).flat, strict=True)]
    return np.array(found, np.float64).reshape(x.shape)


def far_low(x: Any) -> Any:
    """What rounding r lost."""
    x = np.asarray(x, np.float64)
    found = [_low(v) if far else 0.0 for v, far in zip(x.flat, _is_far(x).flat, strict=True)]
    return np.array(found, np.float64).reshape(x.shape)


def far_quadrant(x: Any) -> Any:
    """j mod 4 of it."""
    x = np.asarray(x, np.float64)
    found = [_turns(v)[0] & 3 if far else 0 for v, far in zip(x.flat, _is_far(x).flat, strict=True)]
    return np.array(found, np.float64).reshape(x.shape)
