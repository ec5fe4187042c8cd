"""The arena: offsets for memory that lives for a while, so that it is small."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Life", "most_at_once", "placed"]

ALIGNED = 64  # bytes, of a line of the cache and of the widest register


class Life(NamedTuple):
    """How many bytes are needed, from which kernel to which, both included."""

    size: int
    begin: int
    end: int


def placed(lives: Sequence[Life]) -> tuple[list[int], int]:
    """The offset of each, and how many bytes the arena has.

    Each has the smallest gap between those that live at the same time: the large come first, or
    those that live longest, or as they are made, whichever of these needs the fewest bytes.

    >>> placed([Life(64, 0, 1), Life(128, 1, 2), Life(64, 2, 3)])
    ([128, 0, 128], 192)
    """
    if not lives:
        return [], 0
    sizes = np.array([-(-x.size // ALIGNED) * ALIGNED for x in lives], np.int64)
    begins = np.array([x.begin for x in lives], np.int64)
    ends = np.array([x.end for x in lives], np.int64)
    least = most_at_once(lives)
    best: tuple[list[int], int] | None = None
    for keys in ((begins, -sizes), (-sizes, begins - ends), (-sizes, begins), (-sizes, -ends)):
        found = _in_order(np.lexsort(keys), sizes, begins, ends)
        if best is None or found[1] < best[1]:
            best = found
        if best[1] <= least:
            break
    assert best is not None
    return best


def most_at_once(lives: Sequence[Life]) -> int:
    """The most bytes that are needed at one time, which no arena can be smaller than.

    >>> most_at_once([Life(64, 0, 1), Life(128, 1, 2), Life(64, 2, 3)])
    192
    """
    change = np.zeros(max((x.end for x in lives), default=0) + 2, np.int64)
    for size, begin, end in lives:
        size = -(-size // ALIGNED) * ALIGNED
        change[begin] += size
        change[end + 1] -= size
    return int(np.cumsum(change).max())


def _in_order(
    order: np.ndarray[Any, Any], sizes: np.ndarray[Any, Any], begins: np.ndarray[Any, Any],
    ends: np.ndarray[Any, Any],
) -> tuple[list[int], int]:  # fmt: skip
    offsets = np.zeros(len(order), np.int64)
    total = 0
    for at, k in enumerate(order):
        before = order[:at]
        near = before[(begins[before] <= ends[k]) & (ends[before] >= begins[k])]
        offsets[k] = _gap(sizes[k], offsets[near], sizes[near]) if len(near) else 0
        total = max(total, int(offsets[k] + sizes[k]))
    return [int(o) for o in offsets], total


def _gap(size: int, offsets: np.ndarray[Any, Any], sizes: np.ndarray[Any, Any]) -> int:
    """Where so many bytes fit best between those that are taken."""
    turn = np.argsort(offsets)
    begins, ends = offsets[turn], np.maximum.accumulate((offsets + sizes)[turn])
    starts = np.concatenate(([0], ends))
    gaps = np.append(begins - starts[:-1], np.iinfo(np.int64).max)
    fits = np.flatnonzero(gaps >= size)
    return int(starts[fits[np.argmin(gaps[fits])]])
