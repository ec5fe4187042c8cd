"""What a layout takes (blocks within blocks, links between them) and what it gives.

A module is laid out by itself: out of the sizes of its parts, and of the places at its upper and
lower border (its ports) at which links come in and go out. What lies around it sees the size and
the ports alone, so a module can be opened or closed by laying out itself and those around it.

All of `autograd.viz.layout` is arithmetic on numbers, lists and dicts, without an import of the
rest: `lay(block, links)` of `modules.py` may be called with blocks read from JSON, and reads in
JavaScript as it does here, file by file: `chains` (rows and straight lines), `columns` (places
from left to right), `channels` (places of the runs between rows), `flow` (these put together),
`pages` (a long flow in columns, or as a U), `modules` (the recursion), `ribbons` (curves).
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass, field

__all__ = ["GAUGE", "PITCH", "Block", "Laid", "Part", "Point", "gauges"]

Point = tuple[float, float]

GAUGE = 11.0  # between the two lines of a link
PITCH = 30.0  # between two links that run beside each other


@dataclass(eq=False, slots=True)
class Block:
    """A box, with its place yet to be found; or a module, if there are items in it."""

    key: str
    width: float = 0.0
    height: float = 0.0
    port: float = 0.0  # where its straight line passes, from the left
    top: float = 0.0  # where links arrive, below its upper edge
    bottom: float = 0.0  # where they leave, above its lower edge
    reach: float = 100.0  # how far to each side of the port they may arrive
    items: list[Block] = field(default_factory=list)
    head: tuple[float, float] = (0.0, 0.0)  # the width and height of a module's title


@dataclass(eq=False, slots=True)
class Laid:
    """A block with its inside in place; the origin is its upper left corner."""

    width: float
    height: float
    ins: dict[int, float] = field(default_factory=dict)  # by link: x at the upper border
    outs: dict[int, float] = field(default_factory=dict)  # by link: x at the lower border
    places: dict[str, tuple[float, float, float, float]] = field(default_factory=dict)
    paths: dict[int, list[Point]] = field(default_factory=dict)  # corners of the links within
    main: int | None = None  # the link that comes in on the straight line

    def moved(self, dx: float, dy: float) -> Laid:
        """The same elsewhere; its size is counted from the origin, as before."""
        return Laid(
            self.width + dx, self.height + dy,
            {k: x + dx for k, x in self.ins.items()}, {k: x + dx for k, x in self.outs.items()},
            {k: (x + dx, y + dy, w, h) for k, (x, y, w, h) in self.places.items()},
            {k: [(x + dx, y + dy) for x, y in path] for k, path in self.paths.items()},
            self.main,
        )  # fmt: skip

    def flipped(self) -> Laid:
        """Upside down, so that it flows from below to above."""
        high = self.height
        return Laid(
            self.width, high, dict(self.ins), dict(self.outs),
            {k: (x, high - y - h, w, h) for k, (x, y, w, h) in self.places.items()},
            {k: [(x, high - y) for x, y in path] for k, path in self.paths.items()},
            self.main,
        )  # fmt: skip


@dataclass(eq=False, slots=True)
class Part:
    """A block among its neighbours: what they see of it."""

    laid: Laid
    leaf: Block | None = None  # its ports are chosen where it is placed
    port: float = 0.0
    top: float = 0.0
    bottom: float = 0.0

    @property
    def reach(self) -> float:
        return self.leaf.reach if self.leaf else 0.0


def gauges(laid: Laid) -> dict[int, float]:
    """How far the two lines of each link are apart: less where many meet at one side of a box."""
    found = dict.fromkeys(laid.paths, GAUGE)
    ends: dict[float, list[tuple[float, int]]] = defaultdict(list)
    for key, path in laid.paths.items():
        for x, y in (path[0], path[-1]):
            ends[round(y, 2)].append((x, key))
    for level in ends.values():
        level.sort()
        for (x1, a), (x2, b) in itertools.pairwise(level):
            for key in (a, b):
                found[key] = min(found[key], GAUGE * (x2 - x1) / PITCH)
    return found
