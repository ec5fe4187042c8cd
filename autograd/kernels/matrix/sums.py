"""Sums of many numbers: over all axes, or over the last ones."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.kernels.parallel.twins import twin

__all__ = ["MANY", "row_sums", "sum_of_many"]

Array = Any

MANY = 1 << 20  # numbers from which on the twin saves 0.05 ms and more: 1M take 37 µs, not 130
SHORT = 8  # numbers of a row; of fewer the twin has no vectors


@twin(MANY)
def row_sums(x: Array) -> Array:
    """Σ over the last axis of x (R, L): (R,)."""
    return np.add.reduce(x, axis=1)


def sum_of_many(x: Array, axis: Any, keepdims: bool) -> Array | None:
    """Σ over an axis, several, or all; None where NumPy is to add up.

    It does so over other axes than the last ones, where these are short or numbers lie with gaps,
    and where a sum is not finite, so that it can tell of an overflow.
    """
    axes: Any = range(x.ndim)
    if axis is not None:
        axes = normalize_axis_tuple(axis, x.ndim, allow_duplicate=True)  # of which NumPy tells
    first = x.ndim - len(axes)
    if not first and x.flags.f_contiguous:
        x = x.T  # the same numbers, as they lie
    if not x.size or not x.flags.c_contiguous or sorted(axes) != list(range(first, x.ndim)):
        return None
    shape = x.shape[:first]
    rows = x.reshape(math.prod(shape), -1)
    if rows.shape[1] < SHORT:
        return None
    found = row_sums(rows)
    if not np.isfinite(found).all():
        return None
    return found.reshape(shape + (1,) * len(axes) if keepdims else shape)[()]
