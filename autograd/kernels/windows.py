"""Where windows meet an axis of an array."""

from __future__ import annotations

__all__ = ["inside"]


def inside(length: int, start: int, stride: int, count: int) -> tuple[slice, slice]:
    """Of the places start, start + stride, ... those inside an axis: which, and where they are."""
    first = max(0, -(start // stride))
    last = min(count, (length - 1 - start) // stride + 1)
    if last <= first:
        return slice(0, 0), slice(0, 0)
    begin = start + first * stride
    return slice(first, last), slice(begin, begin + (last - first - 1) * stride + 1, stride)
