"""What comes again and again in a row: runs of a repeating pattern."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["runs"]

_LEAST, _PERIOD = 3, 256  # times that a pattern comes at least; ops that it has at most


def runs(row: Sequence[int]) -> list[tuple[int, int, int]]:
    """(start, period, times) of patterns that come three times or more, from left to right.

    The longest runs are taken first; of equally long ones that of the shortest period.

    >>> runs([7, 1, 2, 1, 2, 1, 2, 9])
    [(1, 2, 3)]
    """
    found: list[tuple[int, int, int]] = []
    pending = [(0, np.asarray(row, np.int64))]
    while pending:
        offset, part = pending.pop()
        best = _best(part)
        if best is None:
            continue
        start, period, times = best
        found.append((offset + start, period, times))
        end = start + period * times
        pending += [(offset, part[:start]), (offset + end, part[end:])]
    return sorted(found)


def _best(row: Any) -> tuple[int, int, int] | None:
    """The run that covers most of the row."""
    best: tuple[int, int, int] | None = None
    for period in range(1, min(_PERIOD, len(row) // _LEAST) + 1):
        same = np.concatenate([[0], row[period:] == row[:-period], [0]]).astype(np.int8)
        edges = np.diff(same)
        starts, stops = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
        if not starts.size:
            continue
        longest = int(np.argmax(stops - starts))
        times = int(stops[longest] - starts[longest]) // period + 1
        covered = times * period
        if times >= _LEAST and (best is None or covered > best[1] * best[2]):
            best = int(starts[longest]), period, times
    return best
