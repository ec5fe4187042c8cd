"""Elements by their rank: the k largest, the middle one. Sorted are values, which is vector code.

A stable sort of indices, which says the same, takes twenty times as long.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

__all__ = ["at_ranks", "largest_first", "order"]

Array = Any
FEW = 16  # ranks, each of which takes a pass
SMALL = 1024  # elements, up to which indices are sorted at once


def order(x: Array, axis: int, descending: bool, stable: bool) -> Array:
    """The indices that sort x."""
    kind: Any = "stable" if stable else None
    if not descending:
        return np.argsort(x, axis=axis, kind=kind)
    # x is sorted from its end, so that equal elements stay in their order after the turn
    turned = np.argsort(np.flip(x, axis), axis=axis, kind=kind)
    return np.shape(x)[axis] - 1 - np.flip(turned, axis)


def at_ranks(x: Array, ranks: tuple[int, ...]) -> tuple[Array, Array]:
    """The elements that a stable sort of the last axis puts at these ranks, and their indices.

    Both are (..., len(ranks)). In a slice that holds NaN they are all NaN.
    """
    if len(ranks) > FEW:
        found = np.argsort(x, axis=-1, kind="stable")
        last = found[..., -1:]
        found = np.where(np.isnan(np.take_along_axis(x, last, -1)), last, found[..., ranks])
        return np.take_along_axis(x, found, -1), found
    ascending = np.sort(x, axis=-1)
    last = ascending[..., -1:]
    has_nan = np.isnan(last)
    any_nan = has_nan.any()
    values = ascending[..., ranks]
    found = np.empty(values.shape, np.intp)
    for number, rank in enumerate(ranks):
        value = values[..., number, None]
        hits = x == value
        if any_nan or np.count_nonzero(hits) != value.size:  # equal ones, or none
            hits = _the_one(x, hits, rank - np.sum(x < value, axis=-1, keepdims=True), has_nan)
        found[..., number] = hits.argmax(axis=-1)
    return np.where(has_nan, last, values) if any_nan else values, found


def _the_one(x: Array, hits: Array, before: Array, has_nan: Array) -> Array:
    """Of the elements hit in a slice the one after so many; of a slice with NaN the first."""
    nth = np.logical_and(hits, np.cumsum(hits, axis=-1) == before + 1)
    return np.where(has_nan, np.isnan(x), nth)


def largest_first(x: Array, k: int, axis: int, largest: bool) -> tuple[Array, ...]:
    """The k largest (or smallest) along an axis, in order, and their indices; of equal ones the
    first. NaN counts as larger than all.
    """
    is_last = axis in (-1, x.ndim - 1)
    rows = x if is_last else np.moveaxis(x, axis, -1)
    shape = (*rows.shape[:-1], k)
    rows = np.ascontiguousarray(rows).reshape(math.prod(shape[:-1]), rows.shape[-1])
    chosen = _chosen(rows, k, largest) if x.size >= SMALL and x.dtype.kind in "fiu" and k else None
    if chosen is None:
        indices = order(rows, -1, largest, True)[:, :k]
    else:
        indices = _taken(chosen, order(_taken(rows, chosen), -1, largest, True))
    found = _taken(rows, indices).reshape(shape), indices.reshape(shape)
    return found if is_last else tuple(np.moveaxis(a, -1, axis) for a in found)


def _taken(rows: Array, indices: Array) -> Array:
    return rows.reshape(-1)[indices + (np.arange(len(rows)) * rows.shape[1])[:, None]]


def _chosen(rows: Array, k: int, largest: bool) -> Array | None:
    """The indices of the k largest of each row as they lie; None if NaN is among them."""
    place = rows.shape[1] - k if largest else k - 1
    parted = np.partition(rows, place, axis=1)
    least = parted[:, place, None]
    if np.isnan(parted[:, place:] if largest else least).any():
        return None
    taken = rows >= least if largest else rows <= least
    if np.count_nonzero(taken) != least.size * k:  # of those equal to the least one the first
        equal = rows == least
        lacking = k - np.sum(taken & ~equal, axis=1, keepdims=True)
        taken &= ~equal | (np.cumsum(equal, axis=1) <= lacking)
    return (np.flatnonzero(taken) % rows.shape[1]).reshape(len(rows), k)
