"""Rows and elements that are added up, or taken, where integers say, in the order of NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled.parallel.loops import exact, share_rows

__all__ = ["added_along", "moved_rows", "taken_along"]

Array = Any

_PIECE = 1 << 17  # numbers for a thread
_CELL = 16  # columns that no two threads share: a cache line


def _ready(x: Array, *indices: Array) -> list[Array] | None:
    """Arrays as loops are compiled for them, copied where they do not lie so; None of others."""
    if x.dtype not in (np.float32, np.float64) or any(a.dtype != np.int64 for a in indices):
        return None
    return [a if a.flags.carray else a.astype(a.dtype.newbyteorder("=")) for a in (x, *indices)]


def moved_rows(x: Array, source: Array | None, target: Array, count: int) -> Any:
    if source is None:
        source = np.arange(len(x))
    ready = _ready(x, source, target)
    if ready is None:
        return NotImplemented
    x, source, target = ready
    wide = x.shape[1]
    out = np.zeros((count, wide), x.dtype)
    if len(target):
        cells = -(-wide // _CELL)
        each = len(target) * wide // max(cells, 1)
        share_rows(
            lambda at: _move(x, source, target, out, at.start * _CELL, min(at.stop * _CELL, wide)),
            cells, each, _PIECE,
        )  # fmt: skip
    return out


@exact
def _move(x: Array, source: Array, target: Array, out: Array, begin: int, end: int) -> None:
    if x.shape[1] == 1:
        for k in range(len(target)):
            out[target[k], 0] += x[source[k], 0]
        return
    for k in range(len(target)):
        row, goal = x[source[k], begin:end], out[target[k], begin:end]
        for i in range(len(row)):  # from 0, so that no number may count from the end
            goal[i] += row[i]


def taken_along(x: Array, indices: Array) -> Any:
    ready = _ready(x, indices)
    if ready is None:
        return NotImplemented
    x, indices = ready
    out, found = np.empty(indices.shape, x.dtype), []
    share_rows(
        lambda at: found.append(_take(x[at], indices[at], out[at])), len(x), out[:1].size, _PIECE
    )
    return out if all(found) else NotImplemented  # NumPy says which index is out of range


@exact
def _take(x: Array, indices: Array, out: Array) -> bool:
    length = x.shape[1]
    for o in range(len(indices)):
        for m in range(indices.shape[1]):
            for i in range(indices.shape[2]):
                k = indices[o, m, i]
                if not -length <= k < length:
                    return False
                out[o, m, i] = x[o, np.uintp(k if k >= 0 else k + length), i]
    return True


def added_along(v: Array, indices: Array, length: int) -> Any:
    ready = _ready(v, indices)
    if ready is None:
        return NotImplemented
    v, indices = ready
    out, found = np.zeros((len(v), length, v.shape[2]), v.dtype), []
    share_rows(
        lambda at: found.append(_add(v[at], indices[at], out[at])), len(v), v[:1].size, _PIECE
    )
    return out if all(found) else NotImplemented


@exact
def _add(v: Array, indices: Array, out: Array) -> bool:
    length = out.shape[1]
    for o in range(len(indices)):
        for m in range(indices.shape[1]):
            for i in range(indices.shape[2]):
                k = indices[o, m, i]
                if not -length <= k < length:
                    return False
                out[o, np.uintp(k if k >= 0 else k + length), i] += v[o, m, i]
    return True
