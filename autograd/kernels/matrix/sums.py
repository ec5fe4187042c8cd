"""Sums of many numbers: over all axes, over the last ones, or with short runs behind."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.kernels.parallel.twins import twin

__all__ = ["FEW", "MANY", "row_sums", "sum_of_many", "sum_of_runs"]

Array = Any

MANY = 1 << 20  # numbers from which on the twin saves 0.05 ms and more: 1M take 37 µs, not 130
FEW = 1 << 12  # numbers from which on `sum_of_runs` is worth its questions
RUN = 64  # numbers of a run, for which NumPy's own call takes longer than its additions
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


def sum_of_runs(x: Array, axis: Any, keepdims: bool) -> Array | None:
    """Σ over axes beside each other, with runs of a few numbers behind; None: NumPy is to add up.

    NumPy's sum makes a call for each run, and takes two to five times as long as its einsum, which
    adds the same numbers in the same order. What is not finite is left to it, as above.
    """
    if axis is None or not x.flags.c_contiguous or x.dtype not in _PRECISIONS:
        return None
    axes = sorted(normalize_axis_tuple(axis, x.ndim, allow_duplicate=True))
    shape = x.shape
    first, last = (axes[0], axes[-1] + 1) if axes else (0, 0)
    run = math.prod(shape[last:])
    if not 1 < run <= RUN or last - first != len(axes):
        return None
    found = np.einsum("ijk->ik", x.reshape(math.prod(shape[:first]), -1, run))
    if not np.isfinite(found).all():
        return None
    return found.reshape(*shape[:first], *(1,) * len(axes) * keepdims, *shape[last:])


_PRECISIONS = (np.dtype(np.float32), np.dtype(np.float64))
