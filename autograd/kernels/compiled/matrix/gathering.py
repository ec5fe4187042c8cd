"""Rows and elements that are added up, or taken, where integers say, in the order of NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled.parallel.loops import exact, share_rows

__all__ = ["added_along", "moved_rows", "taken_along"]

Array = Any

_PIECE = 1 << 17  # numbers for a thread
_WIDE = 16  # numbers of a row from where on adding them takes longer than looking for it


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
    out = np.zeros((count, x.shape[1]), x.dtype)
    if len(target):
        each = -(-len(target) * x.shape[1] // max(count, 1)) if x.shape[1] >= _WIDE else 0
        share_rows(lambda at: _move(x, source, target, out, at.start, at.stop), count, each)
    return out


@exact
def _move(x: Array, source: Array, target: Array, out: Array, low: int, high: int) -> None:
    """What goes to the rows from low to high.

    Columns are no pieces for threads: half of each row for each took twice as long as one thread.
    """
    wide = x.shape[1]
    if wide == 1:
        for k in range(len(target)):
            out[target[k], 0] += x[source[k], 0]
        return
    for k in range(len(target)):
        to = target[k]
        if to < 0:
            to += len(out)
        if not low <= to < high:
            continue
        row, goal = x[source[k], :wide], out[to, :wide]
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
