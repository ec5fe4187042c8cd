"""Lines of a tower that skip boxes: each along a lane of its own on the right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autograd.viz.curves import around
from autograd.viz.model import Edge
from autograd.viz.numbers import rms
from autograd.viz.scene import Box, Line
from autograd.viz.style import LINE, line_colour, line_width

__all__ = ["Link", "skip_lines"]

_FIRST, _LANE, _BETWEEN = 14.0, 22.0, 9.0


@dataclass(eq=False, slots=True)
class Link:
    """All that goes from one box to another: drawn as one pair of lines."""

    source: Box
    target: Box
    gradient: Any = None  # the strongest
    key: str = ""

    def add(self, carried: Any) -> None:
        """Take in one more edge, or the tensor that an op makes."""
        if isinstance(carried, Edge):
            key, gradient = f"{carried.target.key}p{carried.position}", carried.contribution
        else:
            key, gradient = f"{carried.maker.key}-{carried.key}", carried.gradient
        self.key = self.key or key
        if gradient is not None and (self.gradient is None or rms(gradient) > rms(self.gradient)):
            self.gradient = gradient


def skip_lines(links: list[Link], right: float, grads: bool) -> list[Line]:
    """The lines of links between boxes that are not next to each other, the shortest innermost."""
    lines: list[Line] = []
    taken: list[list[tuple[float, float]]] = []
    for link in sorted(links, key=lambda k: (k.target.y - k.source.y, k.source.y)):
        top, bottom = link.source.y, link.target.bottom
        lane = next(
            (n for n, spans in enumerate(taken) if all(bottom < a or b < top for a, b in spans)),
            len(taken),
        )
        if lane == len(taken):
            taken.append([])
        taken[lane].append((top, bottom))
        lines += _pair(link, right + _FIRST + lane * _LANE, grads)
    return lines


def _pair(link: Link, x: float, grads: bool) -> list[Line]:
    """The outer line down, the inner one up, so that they do not cross."""
    a, b = link.source, link.target
    down = around(a.right, a.level("v"), x + _BETWEEN, b.right, b.level("g"))
    lines = [Line("value", down, LINE, 1.6, key=f"v{link.key}")]
    if grads and link.gradient is not None:
        up = around(b.right, b.level("v"), x, a.right, a.level("g"))
        look = line_colour(link.gradient), line_width(link.gradient)
        lines.append(Line("gradient", up, *look, key=f"g{link.key}"))
    return lines
