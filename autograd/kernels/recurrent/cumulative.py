"""What runs along an axis: sums, products, and the linear recurrence."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd.kernels.parallel.layout import in_three
from autograd.kernels.parallel.twins import twin

__all__ = ["cumsum", "cumulative_extremum", "cumulative_product", "cumulative_sum", "recurrence"]

Array = Any
WIDE = 64  # numbers side by side, from where on a call of NumPy for each step takes less time


def cumsum(x: Array, axis: int | None, reverse: bool = False) -> Array:
    """np.cumsum of an array or a Tensor, or the sums from each element on."""
    if type(x) is not np.ndarray or x.dtype.char not in "fd" or not x.ndim:
        return np.flip(np.cumsum(np.flip(x, axis), axis=axis), axis) if reverse else (
            np.cumsum(x, axis=axis))  # fmt: skip
    x, axis = (x.reshape(-1), 0) if axis is None else (x, normalize_axis_index(axis, x.ndim))
    return cumulative_sum(in_three(x, x.shape, axis), reverse).reshape(x.shape)


@twin(1 << 12, double=True)
def cumulative_sum(x: Array, reverse: bool) -> Array:
    """The sums along the middle axis of x (O, L, I) up to each element, or from each on."""
    return _accumulated(np.add, x, reverse)


@twin(1 << 12, double=True)
def cumulative_product(x: Array, reverse: bool) -> Array:
    """The products along the middle axis of x (O, L, I) up to each element, or from each on."""
    return _accumulated(np.multiply, x, reverse)


@twin(1 << 12, double=True)
def cumulative_extremum(x: Array, largest: bool) -> Array:
    """The largest (or smallest) along the middle axis of x (O, L, I) up to each element."""
    return _accumulated(np.maximum if largest else np.minimum, x, False)


def _accumulated(ufunc: np.ufunc, x: Array, reverse: bool) -> Array:
    turned = x[:, ::-1] if reverse else x
    if x.shape[2] < WIDE or not x.size:
        out = ufunc.accumulate(turned, axis=1)
    else:
        out = np.empty(x.shape, x.dtype)
        out[:, 0] = turned[:, 0]
        for t in range(1, x.shape[1]):
            ufunc(out[:, t - 1], turned[:, t], out=out[:, t])
    return np.ascontiguousarray(out[:, ::-1]) if reverse else out


@twin(1 << 12, double=True)
def recurrence(a: Array, b: Array, reverse: bool) -> Array:
    """hₜ = aₜ hₜ₋₁ + bₜ along the middle axis of a and b (O, L, I), h₋₁ = 0; or from the end."""
    # steps lie one behind the other in memory, so that each of them is one run
    a, b = (np.ascontiguousarray(v.transpose(1, 0, 2)) for v in (a, b))
    out = np.empty(b.shape, np.result_type(a, b))
    order = range(len(out))
    before = None
    for t in reversed(order) if reverse else order:
        if before is None:
            out[t] = b[t]
        else:
            np.multiply(a[t], out[before], out=out[t])
            out[t] += b[t]
        before = t
    return np.ascontiguousarray(out.transpose(1, 0, 2))
