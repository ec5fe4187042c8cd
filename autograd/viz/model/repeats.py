"""What comes again and again in a row: runs of a repeating pattern."""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Iterator, Sequence

import numpy as np

__all__ = ["runs"]

_LEAST, _PERIOD = 3, 256  # times that a pattern comes at least; ops that it has at most

_Run = tuple[int, int, int, int]  # minus what it covers, period, minus its length, start


def runs(row: Sequence[int]) -> list[tuple[int, int, int]]:
    """(start, period, times) of patterns that come three times or more, from left to right.

    The longest runs are taken first; of equally long ones that of the shortest period.

    >>> runs([7, 1, 2, 1, 2, 1, 2, 9])
    [(1, 2, 3)]
    """
    heap = list(_repeats(row))
    heapq.heapify(heap)
    found: list[tuple[int, int, int]] = []
    starts, ends = [0], [len(row)]  # of the parts that no run has taken yet
    while heap:
        _, period, same, start = heapq.heappop(heap)
        end = start - same + period
        at = max(0, bisect_right(starts, start) - 1)
        if starts[at] <= start and end <= ends[at]:
            times = -same // period + 1
            found.append((start, period, times))
            taken = start + period * times
            starts[at : at + 1], ends[at : at + 1] = [starts[at], taken], [start, ends[at]]
            continue
        while at < len(starts) and starts[at] < end:  # what is left of it between others
            left, right = max(start, starts[at]), min(end, ends[at])
            if right - left >= _LEAST * period:
                heapq.heappush(heap, _run(left, right, period))
            at += 1
    return sorted(found)


def _run(start: int, end: int, period: int) -> _Run:
    return -((end - start) // period * period), period, start + period - end, start


def _repeats(row: Sequence[int]) -> Iterator[_Run]:
    """All that repeats in a row, of each period as far as it goes."""
    numbers = np.asarray(row, np.int64)
    for period in range(1, min(_PERIOD, len(numbers) // _LEAST) + 1):
        same = np.concatenate([[False], numbers[period:] == numbers[:-period], [False]])
        edges = np.flatnonzero(same[1:] != same[:-1])
        first, last = edges[::2], edges[1::2] + period
        long = last - first >= _LEAST * period
        for start, end in zip(first[long].tolist(), last[long].tolist(), strict=True):
            yield _run(start, end, period)
