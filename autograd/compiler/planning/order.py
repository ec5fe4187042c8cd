"""The order of kernels: that of the program, but what frees memory comes as soon as it can."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence

__all__ = ["ordered"]


def ordered(
    positions: Sequence[int], after: Sequence[set[int]], growth: Callable[[int, set[int]], int]
) -> list[int]:
    """Numbers of kernels, each after those in its set of `after`.

    `growth` tells by how many bytes more would be needed once a kernel has run, given what has.

    >>> ordered([0, 1, 2], [set(), set(), {0}], lambda k, done: -1 if k == 2 else 1)
    [0, 2, 1]
    """
    waits = [len(before) for before in after]
    followers: list[list[int]] = [[] for _ in after]
    for k, before in enumerate(after):
        for b in before:
            followers[b].append(k)
    ready = [(positions[k], k) for k, n in enumerate(waits) if not n]
    heapq.heapify(ready)
    found: list[int] = []
    done: set[int] = set()
    soon: list[int] = []
    while ready or soon:
        k = soon.pop() if soon else heapq.heappop(ready)[1]
        if k in done:
            continue
        found.append(k)
        done.add(k)
        for f in sorted(followers[k], reverse=True):
            waits[f] -= 1
            if waits[f]:
                continue
            if growth(f, done) <= 0:
                soon.append(f)
            else:
                heapq.heappush(ready, (positions[f], f))
    return found
