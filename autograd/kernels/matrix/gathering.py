"""Rows and elements that are added up, or taken, where integers say."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.parallel.twins import twin

__all__ = ["added_along", "moved_rows", "taken_along"]

Array = Any
LONG = 512  # numbers in a row, from where on a call of NumPy for each row takes less time


@twin(1 << 12, double=True)
def moved_rows(x: Array, source: Array | None, target: Array, count: int) -> Array:
    """`count` rows of zeros with row source[k] of x (N, D) added to row target[k], for every k.

    Without `source` it is row k itself. What is added to one row is so in the order of k.
    """
    out = np.zeros((count, x.shape[1]), x.dtype)
    if x.shape[1] >= LONG:
        sources = range(len(x)) if source is None else source.tolist()
        for k, to in zip(sources, target.tolist(), strict=True):
            row = out[to]  # `out[to] += x[k]` writes the row to itself once more
            row += x[k]
        return out
    rows, numbers = x if source is None else x[source], target
    if x.shape[1] != 1:  # NumPy adds several times faster at numbers of flat elements
        numbers = target[:, None] * x.shape[1] + np.arange(x.shape[1])
    np.add.at(out.reshape(-1), numbers.reshape(-1), rows.reshape(-1))
    return out


@twin(1 << 12, double=True)
def taken_along(x: Array, indices: Array) -> Array:
    """x[o, indices[o, m, i], i] for x (O, L, I) and indices (O, M, I): (O, M, I)."""
    return np.reshape(x, -1)[_numbers(x.shape, indices)]


@twin(1 << 12, double=True)
def added_along(v: Array, indices: Array, length: int) -> Array:
    """Zeros (O, L, I) with v (O, M, I) added where `taken_along` reads."""
    outer, _, inner = v.shape
    out = np.zeros((outer, length, inner), v.dtype)
    np.add.at(out.reshape(-1), _numbers(out.shape, indices).reshape(-1), v.reshape(-1))
    return out


def _numbers(shape: tuple[int, ...], indices: Array) -> Array:
    """The numbers of elements in flat x."""
    outer, length, inner = shape
    low, high = 0, -1
    if indices.size:
        low, high = np.minimum.reduce(indices, axis=None), np.maximum.reduce(indices, axis=None)
    if low < -length or high >= length:
        wrong = low if low < -length else high
        raise IndexError(f"index {wrong} is out of range: the axis has length {length}")
    places = indices.astype(np.intp, copy=False)
    if low < 0:
        places = np.where(places < 0, places + length, places)
    if inner != 1:
        places = places * inner + np.arange(inner)
    return places + (np.arange(outer) * (length * inner))[:, None, None]
