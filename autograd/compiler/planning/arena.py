"""The arena: offsets for memory that lives for a while, so that it is small."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Life", "placed"]

ALIGNED = 64  # bytes, of a line of the cache and of the widest register


class Life(NamedTuple):
    """How many bytes are needed, from which kernel to which, both included."""

    size: int
    begin: int
    end: int


def placed(lives: Sequence[Life]) -> tuple[list[int], int]:
    """The offset of each, and how many bytes the arena has.

    The large come first, each in the smallest gap between those that live at the same time.

    >>> placed([Life(64, 0, 1), Life(128, 1, 2), Life(64, 2, 3)])
    ([128, 0, 128], 192)
    """
    count = len(lives)
    sizes = np.array([-(-x.size // ALIGNED) * ALIGNED for x in lives], np.int64)
    begins = np.array([x.begin for x in lives], np.int64)
    ends = np.array([x.end for x in lives], np.int64)
    offsets = np.zeros(count, np.int64)
    order = np.lexsort((begins, -sizes)) if count else np.zeros(0, np.int64)
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
