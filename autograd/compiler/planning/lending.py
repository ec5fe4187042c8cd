"""What a run leaves behind lends its memory, until it is written, to what is needed before.

The gradients of a step are written while the backward pass goes down, each when what the forward
pass has kept for those above it is of no more use. So activations may lie where gradients will be,
as they do in an eager call, which frees the one before it asks for the other.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from autograd.compiler.planning.arena import ALIGNED, Life, most_at_once

__all__ = ["LEAST", "Room", "lent", "widened"]

LEAST = 1 << 14  # bytes from which on it is worth while: smaller ones have places that stay
WIDE = 1 << 16  # bytes for which new memory may be larger than what is written there


class Room(NamedTuple):
    """So many bytes, which are free before the turn of a kernel."""

    size: int
    until: int
    is_wider: bool = False  # whether it may have more than what is written there takes


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
            offset = _offset(life, taken[r])
            if offset + life.size <= rooms[r].size:
                taken[r].append((offset, life))
                found[k] = r, offset
                break
    return found


def widened(
    lives: Sequence[Life], rooms: Sequence[Room], places: list[tuple[int, int] | None]
) -> list[int]:
    """The bytes of each room, where some have more for lives that had no place; they get one.

    Activations that are larger than any one gradient find room where a larger array is made, of
    which the gradient keeps what it needs. A room grows by less than what is needed elsewhere.

    >>> places = [None, None]
    >>> widened([Life(1 << 18, 0, 4), Life(1 << 18, 1, 9)], [Room(1 << 17, 5, True)], places)
    [262144]
    >>> places
    [(0, 0), None]
    """
    sizes = [room.size for room in rooms]
    taken: list[list[tuple[int, Life]]] = [[] for _ in rooms]
    for life, place in zip(lives, places, strict=True):
        if place is not None:
            taken[place[0]].append((place[1], life))
    rest = [k for k, place in enumerate(places) if place is None]
    rest.sort(key=lambda k: (-lives[k].size, lives[k].begin))
    most = most_at_once([lives[k] for k in rest])
    for k in list(rest):
        if lives[k].size < WIDE:
            break
        grown = [
            (max(_offset(lives[k], taken[r]) + lives[k].size - sizes[r], 0), room.until, r)
            for r, room in enumerate(rooms) if room.is_wider and room.until > lives[k].end
        ]  # fmt: skip
        if places[k] is not None or not grown:
            continue
        growth, until, r = min(grown)
        larger = Room(sizes[r] + growth, until)
        found = _filled(larger, taken[r], [(j, lives[j]) for j in (k, *rest)])
        left = most_at_once([lives[j] for j in rest if j not in found])
        if growth < most - left:
            sizes[r], most = larger.size, left
            for j, offset in found.items():
                places[j] = r, offset
                taken[r].append((offset, lives[j]))
            rest = [j for j in rest if j not in found]
    return sizes


def _filled(
    room: Room, taken: Sequence[tuple[int, Life]], lives: Sequence[tuple[int, Life]]
) -> dict[int, int]:
    """Where in a room there is place for which lives, by their numbers; the first come first."""
    all_taken, found = list(taken), dict[int, int]()
    for k, life in lives:
        if k in found or life.size < LEAST or life.end >= room.until:
            continue
        offset = _offset(life, all_taken)
        if offset + life.size <= room.size:
            all_taken.append((offset, life))
            found[k] = offset
    return found


def _offset(life: Life, taken: Sequence[tuple[int, Life]]) -> int:
    """Where so much has room beside what is there at the same time."""
    near = sorted(
        (offset, other.size) for offset, other in taken
        if other.begin <= life.end and life.begin <= other.end
    )  # fmt: skip
    offset = 0
    for begin, length in near:
        if begin - offset >= life.size:
            break
        offset = max(offset, -(-(begin + length) // ALIGNED) * ALIGNED)
    return offset
