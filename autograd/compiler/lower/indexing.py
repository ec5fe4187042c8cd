"""Indexing of lazy values: windows by whole numbers and slices."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compiler.lower.joining import is_zero, joined_part, placed
from autograd.errors import UnsupportedError

__all__ = ["item", "set_item"]

_ALL = slice(None)


def item(x: Any, index: Any) -> Any:
    """x[index]: a window on x, or x itself where the index takes all of it."""
    parts = _parts(x, index)
    if parts is None:
        raise UnsupportedError("an index of arrays is no view")
    parts, shape = _normal(x.shape, parts)
    if shape == x.shape and all(p == _ALL for p in parts):
        return x
    if all(p is None or p == _ALL for p in parts):
        return np.reshape(x, shape)
    joined = joined_part(x, parts)
    if joined is None:
        return x.view("slice", (parts,), shape)
    x.is_seen = joined.is_seen = True
    return joined


def set_item(x: Any, index: Any, value: Any) -> None:
    """x[index] = value, of all elements, or of those of a mask."""
    if getattr(index, "dtype", None) == np.bool_ and index.shape == x.shape:
        if np.ndim(value):
            raise UnsupportedError("numbers for a mask that is not known yet")
        if not isinstance(value, (int, float)):
            value = np.asarray(value, x.dtype)[()]
        x.assign(np.where(index, value, x))
        return
    parts = _parts(x, index)
    if parts is not None:
        normal, shape = _normal(x.shape, parts)
        if shape == x.shape and all(p == _ALL for p in normal):
            if x is not value:
                x.assign(value)
            return
        if _place(x, normal, shape, value):
            return
    raise UnsupportedError("a formula writes to some elements")


def _place(x: Any, parts: tuple[Any, ...], shape: tuple[int, ...], value: Any) -> bool:
    """Put a value among zeros, at a slice of one axis."""
    axes = [axis for axis, p in enumerate(parts) if p != _ALL]
    if len(parts) != x.ndim or len(axes) != 1 or 0 in x.shape or not is_zero(x):
        return False
    (axis,) = axes
    part = slice(parts[axis], parts[axis] + 1) if type(parts[axis]) is int else parts[axis]
    start, stop, step = part.indices(x.shape[axis])
    if step != 1 or stop <= start:
        return False
    value = np.broadcast_to(x.lifted(value), shape).astype(x.dtype, copy=False)
    region = (*x.shape[:axis], stop - start, *x.shape[axis + 1 :])
    value = value.reshape(region)
    x.assign(placed(x, axis, x.shape, ((start, stop),), [value.instruction]))
    return True


def _parts(x: Any, index: Any) -> tuple[Any, ...] | None:
    """An index of whole numbers, slices and new axes, one for each axis; None for any other."""
    parts = index if type(index) is tuple else (index,)
    for p in parts:
        if p is None or p is Ellipsis or type(p) is slice:
            continue
        if isinstance(p, (bool, np.bool_)) or not isinstance(p, (int, np.integer)):
            return None
    taken = sum(1 for p in parts if p is not None and p is not Ellipsis)
    rest = (_ALL,) * (x.ndim - taken)
    for at, p in enumerate(parts):
        if p is Ellipsis:
            return (*parts[:at], *rest, *parts[at + 1 :])
    return (*parts, *rest)


def _normal(
    shape: tuple[int, ...], parts: tuple[Any, ...]
) -> tuple[tuple[Any, ...], tuple[int, ...]]:
    """The index with slices that take a whole axis as `:`, and the shape of what it gives."""
    found: list[Any] = []
    lengths: list[int] = []
    axis = 0
    for p in parts:
        if p is None:
            found.append(None)
            lengths.append(1)
            continue
        length = shape[axis]
        axis += 1
        if type(p) is slice:
            start, stop, step = p.indices(length)
            count = len(range(start, stop, step))
            found.append(_ALL if (start, step, count) == (0, 1, length) else p)
            lengths.append(count)
            continue
        if not -length <= p < length:
            raise UnsupportedError(f"index {p} of {length} elements")
        found.append(int(p) % length)
    return tuple(found), tuple(lengths)
