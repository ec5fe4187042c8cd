"""Lines of a tower: from docked cards on the left, and between boxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autograd.viz.layout.parts import Point
from autograd.viz.layout.ribbons import beside, corners, rounded
from autograd.viz.model.model import Edge
from autograd.viz.model.numbers import is_finite, rms
from autograd.viz.scene.curves import climb
from autograd.viz.scene.scene import Box, Line
from autograd.viz.scene.style import LINE, line_colour, line_width

__all__ = ["Link", "dock_lines", "look"]

_TURN = 16.0  # the width of a docked line's S


@dataclass(eq=False, slots=True)
class Link:
    """All that goes from one box to another: drawn as one pair of lines."""

    source: Box
    target: Box
    gradient: Any = None  # the strongest
    key: str = ""
    closes: bool = False  # a loop: what a step hands on is what the next one takes

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

    @property
    def downwards(self) -> tuple[str, str]:
        """The keys of its boxes, the upper one first."""
        upper, lower = (self.target, self.source) if self.closes else (self.source, self.target)
        return upper.key, lower.key

    def sample(self) -> list[Line]:
        """Its lines before they have a place."""
        return self.lines([(0.0, 0.0), (0.0, 99.0)], 1.0, True)

    def lines(self, path: list[Point], gauge: float, grads: bool) -> list[Line]:
        """The value's way along a path, and the gradient's back, beside it."""
        path = corners(path)[:: -1 if self.closes else 1]
        has_gradient = grads and self.gradient is not None
        there = beside(path, gauge / 2) if has_gradient else path
        lines = [Line("value", rounded(there), LINE, 1.6, key=f"v{self.key}", dashed=self.closes)]
        if has_gradient:
            back = rounded(beside(path, -gauge / 2)[::-1])
            ink = look(self.gradient)
            lines.append(Line("gradient", back, *ink, key=f"g{self.key}", dashed=self.closes))
        return lines


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
