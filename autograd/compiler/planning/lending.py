"""What a run leaves behind lends its memory, until it is written, to what is needed before.

The gradients of a step are written while the backward pass goes down, each when what the forward
pass has kept for those above it is of no more use. So activations may lie where gradients will be,
as they do in an eager call, which frees the one before it asks for the other.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from autograd.compiler.planning.arena import ALIGNED, Life

__all__ = ["LEAST", "Room", "lent"]

LEAST = 1 << 14  # bytes from which on it is worth while: smaller ones have places that stay


class Room(NamedTuple):
    """So many bytes, which are free before the turn of a kernel."""

    size: int
    until: int


def lent(lives: Sequence[Life], rooms: Sequence[Room]) -> list[tuple[int, int] | None]:
    """For each life the number of a room and its offset there; None where there is no place.

    The large come first, each in the room that is taken back soonest after it.

    >>> lent([Life(1 << 18, 0, 4), Life(1 << 18, 1, 2)], [Room(1 << 18, 3), Room(1 << 19, 5)])
    [(1, 0), (0, 0)]
    """
    order = sorted(range(len(rooms)), key=lambda r: (rooms[r].until, rooms[r].size))
    untils = [rooms[r].until for r in order]
    taken: list[list[tuple[int, Life]]] = [[] for _ in rooms]
    found: list[tuple[int, int] | None] = [None] * len(lives)
    for k in sorted(range(len(lives)), key=lambda k: (-lives[k].size, lives[k].begin)):
        life = lives[k]
        if life.size < LEAST:
            break
        for r in order[bisect_right(untils, life.end) :]:
            offset = _offset(life, rooms[r].size, taken[r])
            if offset is not None:
                taken[r].append((offset, life))
                found[k] = r, offset
                break
    return found


def _offset(life: Life, size: int, taken: Sequence[tuple[int, Life]]) -> int | None:
    """Where so much fits beside what is there at the same time."""
    near = sorted(
        (offset, other.size) for offset, other in taken
        if other.begin <= life.end and life.begin <= other.end
    )  # fmt: skip
    offset = 0
    for begin, length in near:
        if begin - offset >= life.size:
            break
        offset = max(offset, -(-(begin + length) // ALIGNED) * ALIGNED)
    return offset if offset + life.size <= size else None
