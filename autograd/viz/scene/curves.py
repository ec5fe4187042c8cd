"""The curves of a picture's lines: a start, and three points for each cubic segment."""

from __future__ import annotations

import itertools

__all__ = ["along", "climb", "into"]

Point = tuple[float, float]


def along(*points: Point) -> list[Point]:
    """Straight from point to point."""
    curve = [points[0]]
    for (x1, y1), (x2, y2) in itertools.pairwise(points):
        dx, dy = (x2 - x1) / 3, (y2 - y1) / 3
        curve += [(x1 + dx, y1 + dy), (x2 - dx, y2 - dy), (x2, y2)]
    return curve


def climb(x1: float, y1: float, x2: float, y2: float, turn: float, within: float) -> list[Point]:
    """To the right; where the heights differ by an S from `turn` on, `within` wide, then level."""
    if abs(y1 - y2) < 0.01:
        return along((x1, y1), (x2, y2))
    start, end = max(x1, min(turn, x2 - 8)), min(turn + within, x2)
    curve = along((x1, y1), (start, y1)) if start > x1 else [(x1, y1)]
    middle = (start + end) / 2
    curve += [(middle, y1), (middle, y2), (end, y2)]
    return curve + along((end, y2), (x2, y2))[1:] if end < x2 else curve


def into(x1: float, y1: float, x2: float, y2: float) -> list[Point]:
    """To the right and round a quarter turn, to arrive from above or below."""
    reach = min(abs(x2 - x1), abs(y2 - y1), 60.0)
    down = reach if y2 > y1 else -reach
    curve = along((x1, y1), (x2 - reach, y1)) if x2 - reach > x1 else [(x1, y1)]
    curve += [(x2 - 0.45 * reach, y1), (x2, y1 + 0.45 * down), (x2, y1 + down)]
    return curve + along((x2, y1 + down), (x2, y2))[1:] if abs(y2 - y1 - down) > 0.01 else curve
