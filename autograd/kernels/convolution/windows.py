"""Where windows meet an axis of an array."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

__all__ = ["Along", "Meeting", "inside", "meetings"]


class Along(NamedTuple):
    """The places that a kernel reads along an axis: start + stride·q + dilation·k."""

    start: int
    stride: int
    dilation: int
    size: int  # of the kernel: k < size
    places: int  # of the output: q < places


class Meeting(NamedTuple):
    """A tap of a kernel, the places of the output at which it is inside, and what it reads there.

    Place by place: the first of `places` reads the first of `sources`.
    """

    tap: int
    places: slice
    sources: slice


@lru_cache(maxsize=1024)
def meetings(along: Along, length: int) -> tuple[Meeting, ...]:
    """How the taps of a kernel meet an axis of a length; those that never do are left out."""
    start, stride, dilation, size, places = along
    met = (Meeting(k, *inside(length, start + k * dilation, stride, places)) for k in range(size))
    return tuple(meeting for meeting in met if meeting.places.stop)


def inside(length: int, start: int, stride: int, count: int) -> tuple[slice, slice]:
    """Of the places start, start + stride, ... those inside an axis: which, and where they are."""
    first = max(0, -(start // stride))
    last = min(count, (length - 1 - start) // stride + 1)
    if last <= first:
        return slice(0, 0), slice(0, 0)
    begin = start + first * stride
    return slice(first, last), slice(begin, begin + (last - first - 1) * stride + 1, stride)
