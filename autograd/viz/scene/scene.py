"""Scene: a picture as boxes of text, panels around them and lines between them, in points.

The styles (`math`, `tower`) make one, and every renderer (SVG, dot, HTML) draws it as it is:
a picture has the same geometry everywhere. The origin is the top left corner.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from autograd.viz.model.view import View
from autograd.viz.scene.style import Text

__all__ = ["PAD", "Box", "Line", "Mark", "Panel", "Row", "Scene", "row"]

Point = tuple[float, float]
PAD = 6  # left and right of the texts of a row


@dataclass(frozen=True, slots=True)
class Mark:
    """A stroke over a row, in points from its upper left corner: a piece of a chart."""

    points: tuple[Point, ...]
    colour: str
    width: float


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a box: texts side by side on one colour."""

    texts: tuple[Text, ...]
    height: int
    fill: str = ""
    part: str = ""  # what it shows: "v" the value, "g" the gradient, "r" the rule, "chart"
    fills: tuple[str, ...] = ()  # a colour for each text's own cell, such as a ramp's
    marks: tuple[Mark, ...] = ()  # what is drawn over it, and over the rows below

    def cells(self, width: float) -> Iterator[tuple[Text, float, float]]:
        """(text, left edge, width) of each; the last text without a width takes what is left."""
        free = max(1.0, width - 2 * PAD - sum(text.width for text in self.texts))
        x = float(PAD)
        for text in self.texts:
            own = text.width or free
            yield text, x, own
            x += own


def row(*texts: Text, height: int, fill: str = "", part: str = "") -> Row:
    """A Row, without the texts that say nothing."""
    return Row(tuple(text for text in texts if text.text or text.width), height, fill, part)


@dataclass(eq=False, slots=True)
class Box:
    """A card, an op, a pill, a closed module; also title and legend."""

    key: str
    kind: str  # a CSS class: "tensor param", "op", "local", "module", "title", "legend"
    width: float
    rows: tuple[Row, ...]
    border: float = 0
    colour: str = ""  # of the border
    fill: str = ""
    dashed: bool = False
    rounded: bool = False
    tooltip: str = ""
    x: float = 0
    y: float = 0

    @property
    def height(self) -> float:
        return sum(row.height for row in self.rows)

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def middle(self) -> float:
        return self.x + self.width / 2

    def level(self, part: str) -> float:
        """The height at which the lines of a row arrive."""
        y = self.y
        for each in self.rows:
            if each.part == part:
                return y + each.height / 2
            y += each.height
        return self.y + self.height / 2


@dataclass(eq=False, slots=True)
class Panel:
    """A module that is open: a rounded ground behind its boxes, with a title."""

    key: str
    rows: tuple[Row, ...]
    x: float
    y: float
    width: float
    height: float


@dataclass(eq=False, slots=True)
class Line:
    """A curve of cubic segments, an arrow at its end."""

    kind: str  # "value" or "gradient"
    points: list[Point]  # the start, then three a segment
    colour: str
    width: float
    arrow: bool = True
    key: str = ""  # of the edge that it belongs to
    is_cut: bool = False  # drawn broken, with scissors
    dashed: bool = False

    @property
    def _length(self) -> float:
        return 5.5 + self.width  # of the arrow's head

    @property
    def middle(self) -> Point:
        """A point half way along, on the curve."""
        at = 3 * ((len(self.points) - 1) // 6)
        a, b, c, d = self.points[at : at + 4]
        x, y = ((a[i] + 3 * b[i] + 3 * c[i] + d[i]) / 8 for i in (0, 1))
        return x, y

    def _direction(self) -> Point:
        """The unit vector in which the line arrives."""
        end = self.points[-1]
        before = next((p for p in reversed(self.points) if p != end), (end[0] - 1, end[1]))
        dx, dy = end[0] - before[0], end[1] - before[1]
        size = math.hypot(dx, dy)
        return dx / size, dy / size

    def body(self) -> list[Point]:
        """The points of the curve, up to the base of its arrow."""
        if not self.arrow:
            return self.points
        dx, dy = self._direction()
        back = 0.8 * self._length
        (cx, cy), (x, y) = self.points[-2:]
        return [
            *self.points[:-2], (cx - back * dx, cy - back * dy), (x - back * dx, y - back * dy)
        ]  # fmt: skip

    def head(self) -> list[Point]:
        """The three corners of the arrow, its tip first."""
        (x, y), (dx, dy), size = self.points[-1], self._direction(), self._length
        bx, by, half = x - size * dx, y - size * dy, 0.38 * size
        return [(x, y), (bx - half * dy, by + half * dx), (bx + half * dy, by - half * dx)]


@dataclass(eq=False, slots=True)
class Scene:
    """Everything that is drawn, from back to front: panels, lines, boxes."""

    width: float = 0
    height: float = 0
    panels: list[Panel] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    stands_for: dict[str, str] = field(default_factory=dict)  # folded op: the box that shows it
    view: View | None = None  # what is folded
    label: str = ""  # in a sentence, for those who do not see it

    def overlaps(self) -> list[tuple[str, str]]:
        """The pairs of boxes that lie on each other: none, in a right picture."""
        found = []
        boxes = sorted(self.boxes, key=lambda box: box.y)
        for i, a in enumerate(boxes):
            for b in boxes[i + 1 :]:
                if b.y >= a.bottom - 0.01:
                    break
                if a.x < b.right - 0.01 and b.x < a.right - 0.01:
                    found.append((a.key, b.key))
        return found
