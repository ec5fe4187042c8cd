"""From the corners of a link to its two lines: side by side, with round corners."""

from __future__ import annotations

import itertools

from autograd.viz.layout.parts import Point

__all__ = ["beside", "corners", "rounded"]

_ROUND = 9.0


def corners(path: list[Point]) -> list[Point]:
    """The ends of a path, and where it turns."""
    found: list[Point] = []
    for point in path:
        if found and abs(found[-1][0] - point[0]) < 0.01 and abs(found[-1][1] - point[1]) < 0.01:
            continue
        if len(found) > 1 and _straight(found[-2], found[-1], point):
            found[-1] = point
        else:
            found.append(point)
    return found


def _straight(a: Point, b: Point, c: Point) -> bool:
    return any(abs(a[i] - b[i]) < 0.01 and abs(b[i] - c[i]) < 0.01 for i in (0, 1))


def beside(path: list[Point], distance: float) -> list[Point]:
    """A path of level and upright segments, moved to the right of who walks along it."""
    moved: list[Point] = []
    normals = []
    for (x1, y1), (x2, y2) in itertools.pairwise(path):
        size = abs(x2 - x1) + abs(y2 - y1)
        normals.append((-(y2 - y1) / size * distance, (x2 - x1) / size * distance))
    for place, (x, y) in enumerate(path):
        around = {*normals[max(place - 1, 0) : place + 1]}
        dx = sum(n[0] for n in around)
        dy = sum(n[1] for n in around)
        moved.append((x + dx, y + dy))
    return moved


def rounded(path: list[Point], reach: float = _ROUND) -> list[Point]:
    """A curve along corners: its start, then three points for each cubic segment."""
    curve = [path[0]]

    def straight(end: Point) -> None:
        (x1, y1), (x2, y2) = curve[-1], end
        if abs(x2 - x1) + abs(y2 - y1) > 0.01:
            curve.extend([
                ((2 * x1 + x2) / 3, (2 * y1 + y2) / 3), ((x1 + 2 * x2) / 3, (y1 + 2 * y2) / 3), end
            ])  # fmt: skip

    for before, corner, after in zip(path, path[1:], path[2:], strict=False):
        sizes = [abs(corner[0] - p[0]) + abs(corner[1] - p[1]) for p in (before, after)]
        bend = min(reach, *(size / 2 for size in sizes))
        start, end = (_towards(corner, p, bend) for p in (before, after))
        straight(start)
        curve += [_towards(corner, before, bend / 2), _towards(corner, after, bend / 2), end]
    straight(path[-1])
    return curve


def _towards(corner: Point, other: Point, distance: float) -> Point:
    dx, dy = other[0] - corner[0], other[1] - corner[1]
    size = abs(dx) + abs(dy) or 1.0
    return corner[0] + dx / size * distance, corner[1] + dy / size * distance
