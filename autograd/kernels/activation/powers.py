"""Whole powers by products, and by the power of what is positive; the length of a vector."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.parallel.probe import Probe
from autograd.kernels.parallel.twins import twin

__all__ = ["hypot", "power", "powers_hold"]

Array = Any  # an ndarray, a NumPy scalar, a number, or a Tensor

LARGEST = 1 << 24  # of the exponents: beyond it single precision has even numbers alone


def power(x: Array, y: Array) -> Array:
    """x ** y, in a fiftieth of the time where y is one whole number and x has negative elements.

    NumPy takes these one by one. Up to four factors are multiplied, which rounds no more than 1.5
    units in the last place away; others are powers of |x|, whose bits are NumPy's own.
    """
    # what is printed is x ** y; what is compiled has these bits
    is_array = type(x) is np.ndarray or getattr(type(x), "reads_formulas", False)
    if not is_array or x.dtype.kind != "f" or not x.ndim:
        # blocks must not take np.power itself in the place of this function
        return x.note(power, (x, y), False) if type(x) is Probe else x**y
    number = _whole(y)
    if number is None or -1 <= number <= 2 or x.itemsize < 4:  # float16 has few digits to lose
        return x**y
    dtype = np.result_type(x, y)
    if x.dtype != dtype:
        x = x.astype(dtype)
    if number in (3, 4, -2):
        base = np.reciprocal(x) if number < 0 else x
        square = base * base
        return square if number == -2 else square * (base if number == 3 else square)
    size = np.abs(x)
    np.power(size, number, out=size)
    return np.copysign(size, x, out=size) if number % 2 else size


def _whole(y: Array) -> int | None:
    """A whole number that is one number, of any type; else None."""
    if isinstance(y, np.generic) or (type(y) is np.ndarray and not y.ndim):
        y = y.item()
    if not isinstance(y, (int, float)) or not -LARGEST < y < LARGEST:
        return None
    return int(y) if y == int(y) else None


# of what is not much larger than its square the squares lose digits; by the size of a dtype
_LEAST = {
    np.dtype(kind).itemsize: float(np.finfo(kind).tiny / np.finfo(kind).eps) ** 0.5
    for kind in (np.float16, np.float32, np.float64)
}


def powers_hold(lengths: Array, degree: float) -> bool:
    """Whether the powers that were added up to these lengths neither overflow nor lose digits."""
    least = _LEAST.get(lengths.dtype.itemsize, 0.0)
    powers = lengths if degree == 2 else lengths**degree
    least = least if degree == 2 else least * least
    if not powers.ndim:
        return bool(least < powers < np.inf)
    return bool(least < powers.min() and powers.max() < np.inf)


@twin(1 << 12)
def hypot(x: Array, y: Array) -> Array:
    """√(x² + y²) without overflow."""
    return np.hypot(x, y)
