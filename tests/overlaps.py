"""What lies on what in a finished picture, measured: boxes, texts, and every line along its way."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterator

from autograd.viz.scene.scene import Line, Scene

__all__ = ["crossed_boxes", "crossed_texts", "lines_on_lines"]

Rectangle = tuple[float, float, float, float]  # left, top, right, bottom
_STEP = 3.0  # between two points of a line that are looked at
_NEAR = 1.5  # lines that are nearer lie on each other
_LONG = 4  # points in a row


def along(line: Line) -> Iterator[tuple[float, float, float, float]]:
    """(x, y, dx, dy) at about every step of a line, with its direction."""
    for start in range(0, len(line.points) - 3, 3):
        a, b, c, d = line.points[start : start + 4]
        size = sum(math.dist(p, q) for p, q in ((a, b), (b, c), (c, d)))
        count = max(1, math.ceil(size / _STEP))
        points = []
        for number in range(count + 1):
            t = number / count
            weights = (1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3
            points.append(tuple(
                sum(w * p[i] for w, p in zip(weights, (a, b, c, d), strict=True)) for i in (0, 1)
            ))  # fmt: skip
        for (x1, y1), (x2, y2) in itertools.pairwise(points):
            length = math.hypot(x2 - x1, y2 - y1) or 1.0
            yield (x1 + x2) / 2, (y1 + y2) / 2, (x2 - x1) / length, (y2 - y1) / length


def crossed(scene: Scene, found: dict[str, Rectangle], slack: float) -> set[tuple[str, str]]:
    """(line, name) of the rectangles that a line enters deeper than a slack."""
    hit = set()
    for line in scene.lines:
        xs, ys = zip(*line.points, strict=True)
        near = {
            name: each
            for name, each in found.items()
            if each[0] < max(xs) and min(xs) < each[2] and each[1] < max(ys) and min(ys) < each[3]
        }
        for x, y, _, _ in along(line) if near else ():
            for name, (left, top, right, bottom) in near.items():
                if left + slack < x < right - slack and top + slack < y < bottom - slack:
                    hit.add((line.key, name))
    return hit


def crossed_boxes(scene: Scene) -> set[tuple[str, str]]:
    """The boxes that lines run over; where a line begins or ends it touches the border alone."""
    boxes = {box.key: (box.x, box.y, box.right, box.bottom) for box in scene.boxes}
    return crossed(scene, boxes, 1.0)


def crossed_texts(scene: Scene) -> set[tuple[str, str]]:
    """The titles of modules that lines run over."""
    found = {}
    for panel in scene.panels:
        y = panel.y + 4
        for number, row in enumerate(panel.rows):
            for text, left, _ in row.cells(panel.width):
                x = panel.x + 6 + left
                found[f"{panel.key} {number} {text.text}"] = x, y, x + text.needs, y + row.height
            y += row.height
    return crossed(scene, found, 0.0)


def lines_on_lines(scene: Scene) -> set[tuple[str, str]]:
    """Pairs of lines that run on each other for a while; crossing at an angle is none."""
    cells: dict[tuple[int, int], list[tuple[int, float, float, float, float]]] = defaultdict(list)
    for number, line in enumerate(scene.lines):
        for x, y, dx, dy in along(line):
            cells[round(x / _NEAR), round(y / _NEAR)].append((number, x, y, dx, dy))
    shared: dict[tuple[int, int], int] = defaultdict(int)
    for (column, row), inside in cells.items():
        around = [
            other
            for i, j in itertools.product((-1, 0, 1), repeat=2)
            for other in cells.get((column + i, row + j), ())
        ]
        for a, x, y, dx, dy in inside:
            shared_with = {
                b
                for b, x2, y2, dx2, dy2 in around
                if a < b and math.hypot(x - x2, y - y2) < _NEAR and abs(dx * dy2 - dy * dx2) < 0.2
            }
            for b in shared_with:
                shared[a, b] += 1
    return {
        (scene.lines[a].key, scene.lines[b].key) for (a, b), count in shared.items()
        if count > _LONG
    }  # fmt: skip
