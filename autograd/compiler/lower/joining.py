"""Arrays joined along an axis, or put among zeros: what slices give back, and what they take.

The gradients of the parts of an array are each put among zeros, and added up. Where they lie side
by side they are joined instead, and a part that is taken out of joined arrays is that array.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from autograd.compiler.lower.operands import lazy_in

__all__ = ["JOINING", "added", "is_zero", "joined_part", "placed"]

ALL = slice(None)
Places = tuple[tuple[int, int], ...]  # (start, stop) of each part


def _joining(name: str) -> Callable[..., Any]:
    function = getattr(np, name)

    def join(xs: Any, axis: int = 0) -> Any:
        xs = [*xs]
        some, shapes = lazy_in(*xs), [np.broadcast_to(False, np.shape(x)) for x in xs]
        shape, dtype = function(shapes, axis=axis).shape, np.result_type(*(x.dtype for x in xs))
        return some.write("call", name, tuple(xs), (axis,), shape, dtype,
                          lambda *arrays: function(arrays, axis=axis))  # fmt: skip

    return join


JOINING: dict[str, Callable[..., Any]] = {n: _joining(n) for n in ("concatenate", "stack")}


def joined_part(x: Any, parts: tuple[Any, ...]) -> Any:
    """Of arrays that were joined, and perhaps turned, the one that an index takes; else None."""
    joined, axes = x.instruction, tuple(range(x.ndim))
    if joined.kind == "view" and joined.name == "transpose":
        (axes,), joined = joined.params, joined.inputs[0]
    if joined.name != "concatenate" or sum(p != ALL for p in parts) != 1:
        return None
    (axis,) = joined.params
    at = axes.index(axis % x.ndim)
    if parts[at] == ALL or type(parts[at]) is not slice or parts[at].step not in (None, 1):
        return None
    start, stop, _ = parts[at].indices(x.shape[at])
    for part in joined.inputs:
        length = part.shape[axis]
        if (start, stop) == (0, length) and part.dtype == joined.dtype:
            return np.transpose(x.of(part), axes)
        start, stop = start - length, stop - length
    return None


def is_zero(x: Any) -> bool:
    """Whether a value is a constant of zeros."""
    made = x.instruction
    if made.kind != "constant" or type(made.params[0]) is not np.ndarray:
        return False
    return not any(made.params[0].strides) and not made.params[0][(0,) * x.ndim]


def placed(some: Any, axis: int, shape: tuple[int, ...], places: Places, parts: Any) -> Any:
    """Zeros of a shape with the parts at their places along an axis."""
    end = 0
    for start, stop in places:
        if start != end:
            break
        end = stop
    else:
        if end == shape[axis] and len(parts) == 1:
            return some.of(parts[0])
        if end == shape[axis]:
            return JOINING["concatenate"]([some.of(p) for p in parts], axis)
    dtype, before = parts[0].dtype, (ALL,) * axis

    def place(*arrays: Any) -> Any:
        out = np.zeros(shape, dtype)
        for (start, stop), array in zip(places, arrays, strict=True):
            out[(*before, slice(start, stop))] = array
        return out

    made = some.writer.add("call", "placed", tuple(parts), (axis, places), shape, dtype, place)
    return some.of(made)


def added(x: Any, y: Any) -> Any:
    """x + y of parts among zeros that lie beside each other: all of them in one; else None."""
    a, b = getattr(x, "instruction", None), getattr(y, "instruction", None)
    if a is None or b is None or a.name != "placed" or b.name != "placed":
        return None
    axis, places = a.params
    if b.params[0] != axis or (a.shape, a.dtype) != (b.shape, b.dtype):
        return None
    both = sorted(zip((*places, *b.params[1]), (*a.inputs, *b.inputs), strict=True),
                  key=lambda pair: pair[0])  # fmt: skip
    if any(left[0][1] > right[0][0] for left, right in pairwise(both)):
        return None
    return placed(x, axis, a.shape, tuple(p for p, _ in both), [v for _, v in both])
