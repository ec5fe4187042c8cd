"""Lines that go on in a further row: out at its right, back below it, in again at the left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Return", "Returns"]

_STEP, _AIR, MARK = 9.0, 14.0, 18.0


@dataclass(frozen=True, slots=True)
class Return:
    """Where a line turns: right of its row, below it, and left of the row that it goes to."""

    right: float
    below: float
    left: float


class Returns:
    """Finds a way for each line of (key, row, row in which it goes on); no two share one."""

    def __init__(self, lines: list[tuple[str, int, int]]) -> None:
        self.lines = lines

    def height(self, row: int) -> float:
        """What the lines below a row need."""
        count = sum(first == row for _, first, _ in self.lines)
        return count * _STEP + _AIR + MARK if count else 0.0

    @property
    def margin(self) -> float:
        """What they need on the left, and on the right."""
        rows = {first for _, first, _ in self.lines}
        passing = [sum(a <= row < b for _, a, b in self.lines) for row in rows]
        return _AIR + _STEP * max(passing) if passing else 0.0

    def place(
        self, left: float, ends: Mapping[int, float], bottoms: Mapping[int, float],
        heights: Mapping[str, float],
    ) -> dict[str, Return]:  # fmt: skip
        """Nested, from `heights` at the right ends of the rows: the lowest lies innermost."""
        found: dict[str, Return] = {}
        slots: dict[int, int] = {}  # on the left: until which row it is taken
        for row in sorted({first for _, first, _ in self.lines}):
            own = [(key, last) for key, first, last in self.lines if first == row]
            own.sort(key=lambda line: -heights[line[0]])
            for place, (key, last) in reversed(list(enumerate(own))):
                slot = next(s for s in range(len(self.lines)) if slots.get(s, 0) <= row)
                slots[slot] = last
                found[key] = Return(
                    ends[row] + _AIR + place * _STEP,
                    bottoms[row] + MARK + _AIR / 2 + place * _STEP,
                    left - _AIR - slot * _STEP,
                )
        return found
