"""Charts inside of a box or a panel: rows of text with a curve drawn over them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from autograd.viz.model.loops import Curve
from autograd.viz.model.numbers import number
from autograd.viz.scene.scene import Mark, Row, row
from autograd.viz.scene.style import BORDER, EDGE, GRADIENT, MUTED, NAN, SANS, Text

__all__ = ["chart_rows"]

_LEFT, _LEVEL, _LEVELS = 44.0, 15, 4  # of the plot: its left edge, the height of a row, rows
_INSET = 5.0  # of the first and the last point
_SIZE = _LEVEL * _LEVELS
_GRIDS = 6  # lines of decades, at most
_DOT = 6.0


def chart_rows(
    curve: Curve, kind: str, names: str, width: float, shown: int | None = None
) -> list[Row]:
    """A gradient against the number of its step on a log axis, with the least and the largest.

    `names` is what it is the gradient of. The step that is drawn has a dot.
    """
    low, high = _decades(curve)
    times = len(curve.amounts)
    labels = [_decade(high), *[""] * (_LEVELS - 2), _decade(low)]
    words = f"{times:,} {kind}s" if shown is None else f"{kind} {shown + 1} of {times:,} is drawn"
    rows = [
        row(Text(f"rms ∇ of {names}, by {kind}", 10, MUTED, SANS), height=17),
        *(
            row(Text(label, 9, MUTED, align="RIGHT", width=int(_LEFT - 10)), height=_LEVEL)
            for label in labels
        ),
        row(
            Text("", 9, width=int(_LEFT - 6)),
            Text("1", 9, MUTED, width=30),
            Text(words, 9, MUTED, SANS, align="CENTER", width=int(width - _LEFT - 60)),
            Text(f"{times:,}", 9, MUTED, align="RIGHT", width=30),
            height=14,
        ),
    ]  # fmt: skip
    marks = _Plot(curve, shown, width, low, high).marks()
    rows[-1] = replace(rows[-1], part="chart", marks=tuple(_raised(mark, _SIZE) for mark in marks))
    for extreme in curve.extremes(kind):
        rows.append(row(Text(extreme, 10, GRADIENT, SANS, bold=True), height=15))
    if fault := _fault(curve, kind):
        rows.append(row(Text(fault, 10, NAN, SANS, bold=True), height=15))
    return rows


def _raised(mark: Mark, by: float) -> Mark:
    """Drawn with the last row of a plot, so that no ground of a row lies over it."""
    return replace(mark, points=tuple((x, y - by) for x, y in mark.points))


def _decades(curve: Curve) -> tuple[int, int]:
    """The powers of ten between which the curve runs."""
    sizes = [amount for _, amount in curve.known if amount > 0]
    if not sizes:
        return -1, 0
    low = math.floor(math.log10(min(sizes)) + 1e-9)
    high = math.ceil(math.log10(max(sizes)) - 1e-9)
    return low, max(high, low + 1)


def _decade(power: int) -> str:
    return f"1e{power}".replace("-", "−")


def _fault(curve: Curve, kind: str) -> str:
    found = curve.faults
    if not found:
        return ""
    kinds = {number(curve.amounts[i - 1]) for i in found}
    ends = f"{found[0]}" if len(found) == 1 else f"{found[0]}–{found[-1]}"
    plural = "s" * (len(found) > 1)
    return f"∇ is {' or '.join(sorted(kinds))} at {len(found)} {kind}{plural} ({ends})"


class _Plot:
    """A curve as marks, relative to the corner of the row that it begins in."""

    def __init__(self, curve: Curve, shown: int | None, right: float, low: int, high: int) -> None:
        self.curve, self.shown = curve, shown
        self.left, self.right = _LEFT, right
        self.low, self.high = low, high

    def marks(self) -> tuple[Mark, ...]:
        return (
            Mark(((self.left, _SIZE), (self.right, _SIZE)), BORDER, 1),
            *self._grid(),
            *(Mark(points, GRADIENT, 1.8) for points in self._curve()),
            *self._faults(),
            *self._dot(),
        )

    def _x(self, copy: int) -> float:
        """The place of a copy, counted from 1."""
        first, last = self.left + _INSET, self.right - _INSET
        return first + (last - first) * (copy - 1) / max(1, len(self.curve.amounts) - 1)

    def _y(self, amount: float) -> float:
        """The height of an amount; 0 lies on the axis."""
        if amount <= 0:
            return float(_SIZE)
        share = (math.log10(amount) - self.low) / (self.high - self.low)
        return _SIZE - (_SIZE - 6) * min(1.0, max(0.0, share)) - 2

    def _grid(self) -> Iterator[Mark]:
        each = math.ceil((self.high - self.low) / _GRIDS)
        for power in range(self.low + each, self.high + 1, each):
            y = self._y(10.0**power)
            yield Mark(((self.left, y), (self.right, y)), EDGE, 1)

    def _curve(self) -> Iterator[tuple[tuple[float, float], ...]]:
        """The line, in pieces where a gradient is missing."""
        piece: list[tuple[float, float]] = []
        for copy, amount in enumerate(self.curve.amounts, start=1):
            if amount is not None and math.isfinite(amount):
                piece.append((self._x(copy), self._y(amount)))
            elif piece:
                yield _thinned(piece)
                piece = []
        if piece:
            yield _thinned(piece)

    def _faults(self) -> Iterator[Mark]:
        found = self.curve.faults
        for copy in found[:: max(1, len(found) // 100)]:
            yield Mark(((self._x(copy), 2.0), (self._x(copy), _SIZE)), NAN, 1.4)

    def _dot(self) -> Iterator[Mark]:
        amount = None if self.shown is None else self.curve.amounts[self.shown]
        if self.shown is not None and amount is not None and math.isfinite(amount):
            at = self._x(self.shown + 1), self._y(amount)
            yield Mark((at, at), GRADIENT, _DOT)


def _thinned(points: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Of very many points the highest and the lowest in each pixel; of one, a short stroke."""
    if len(points) == 1:
        return ((points[0][0] - 1, points[0][1]), (points[0][0] + 1, points[0][1]))
    if len(points) <= 400:
        return tuple(points)
    columns: dict[int, list[tuple[float, float]]] = {}
    for point in points:
        columns.setdefault(int(point[0]), []).append(point)
    kept = []
    for inside in columns.values():
        ends = {min(inside, key=lambda p: p[1]), max(inside, key=lambda p: p[1])}
        kept += sorted(ends)
    return tuple(kept)
