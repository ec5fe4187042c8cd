"""The primitives: all that a reader of an expression has to know, each with its NumPy meaning.

`call` stands for a function of the C library, `select` for a choice between two numbers that are
both computed. Integers wrap around; a shift by all bits or more leaves 0 (or −1).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["COMPARISONS", "PRIMITIVES", "fma"]

Array = Any


def fma(x: Array, y: Array, z: Array) -> Array:
    """x·y + z with one rounding: exactly so in single precision, nearly in double.

    >>> float(fma(np.float32(1 + 2**-12), np.float32(1 - 2**-12), np.float32(-1))) == -(2.0**-24)
    True
    """
    if np.result_type(x, y, z) == np.float32:
        return (np.float64(x) * y + z).astype(np.float32)
    product = x * y
    below = _rest(x, y, product)
    total = product + z
    z_part = total - product
    rest = (product - (total - z_part)) + (z - z_part)
    exact = total + (rest + below)
    return np.where(np.isfinite(total) & np.isfinite(exact), exact, total)


def _rest(x: Array, y: Array, product: Array) -> Array:
    """x·y − product, by halves of 26 bits (Dekker, 1971)."""
    x_scale, y_scale = x * 134217729.0, y * 134217729.0
    x_high, y_high = x_scale - (x_scale - x), y_scale - (y_scale - y)
    x_low, y_low = x - x_high, y - y_high
    return ((x_high * y_high - product) + x_high * y_low + x_low * y_high) + x_low * y_low


def _divide_whole(x: Array, y: Array) -> Array:
    """Towards 0; 0 where y is 0."""
    unsafe = (y == 0) | ((y == -1) if y.dtype.kind == "i" else False)
    divisor = np.where(unsafe, np.ones_like(y), y)
    rest = np.fmod(x, divisor)
    found = (x - rest) // divisor
    return np.where(y == 0, np.zeros_like(x), np.where(unsafe, np.zeros_like(x) - x, found))


def _bits(x: Array, dtype: np.dtype[Any]) -> Array:
    found: Array = np.asarray(x).view(dtype)
    return found[()]


def _select(condition: Array, x: Array, y: Array) -> Array:
    found: Array = np.where(condition, x, y)
    return found[()]


def _convert(x: Array, dtype: np.dtype[Any]) -> Array:
    found: Array = np.asarray(x).astype(dtype)
    return found[()]


# name: its meaning. The dtype is that of the first operand, a boolean for comparisons, what is
# written for `convert` and `bitcast`, that of the second operand for `select`.
PRIMITIVES: dict[str, Callable[..., Array]] = {
    "add": np.add, "subtract": np.subtract, "multiply": np.multiply, "divide": np.divide,
    "fma": fma, "negative": np.negative, "absolute": np.absolute, "sqrt": np.sqrt,
    "minimum": np.minimum, "maximum": np.maximum,  # NaN where one is NaN
    "floor": np.floor, "ceil": np.ceil, "trunc": np.trunc, "rint": np.rint,
    "copysign": np.copysign, "divide_whole": _divide_whole,
    "less": np.less, "less_equal": np.less_equal, "equal": np.equal, "not_equal": np.not_equal,
    "and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor, "not": np.invert,
    "left_shift": np.left_shift, "right_shift": np.right_shift,
    "popcount": lambda x: np.bitwise_count(x).astype(x.dtype),
    "select": _select,
    "convert": _convert, "bitcast": _bits,
}  # fmt: skip
COMPARISONS = frozenset(("less", "less_equal", "equal", "not_equal"))
