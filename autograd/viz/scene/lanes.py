"""Lines of a tower: from docked cards on the left, and along lanes on the right past boxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autograd.viz.model.model import Edge
from autograd.viz.model.numbers import is_finite, rms
from autograd.viz.scene.curves import around, climb
from autograd.viz.scene.scene import Box, Line
from autograd.viz.scene.style import LINE, line_colour, line_width

__all__ = ["Link", "dock_lines", "look", "skip_lines"]

_FIRST, _LANE, _BETWEEN = 14.0, 22.0, 9.0
_TURN = 16.0  # the width of a docked line's S


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
        if gradient is None or not is_finite(self.gradient if self.gradient is not None else 0.0):
            return
        first = self.gradient is None or not is_finite(gradient)
        if first or rms(gradient) > rms(self.gradient):
            self.gradient = gradient


def look(gradient: Any) -> tuple[str, float]:
    """The colour and the width of a line that carries a gradient."""
    return line_colour(gradient), line_width(gradient)


def dock_lines(docked: list[tuple[Box, Edge]], op: Box, grads: bool) -> list[Line]:
    """From the cards beside an op to its ports, in the same order, so that none cross."""
    ends: list[tuple[str, Box, Edge]] = []
    for card, edge in docked:
        ends.append(("v", card, edge))
        if grads and edge.contribution is not None:
            ends.append(("g", card, edge))
    lines = []
    for number, (part, card, edge) in enumerate(ends, start=1):
        port = op.y + op.height * number / (len(ends) + 1)
        start, y = card.level(part), op.level(part) if len(docked) == 1 else port
        # of lines that go down the lower one turns first, of lines that go up the upper one
        share = (number if y < start else len(ends) + 1 - number) / (len(ends) + 1)
        room = op.x - card.right - _TURN
        points = climb(card.right, start, op.x, y, card.right + room * share, _TURN)
        key = f"{part}{edge.target.key}p{edge.position}"
        if part == "v":
            lines.append(Line("value", points, LINE, 1.6, key=key))
        else:
            lines.append(Line("gradient", points[::-1], *look(edge.contribution), key=key))
    return lines


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
        lines.append(Line("gradient", up, *look(link.gradient), key=f"g{link.key}"))
    return lines
