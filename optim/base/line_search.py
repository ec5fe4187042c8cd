"""A line search for a step that meets the strong Wolfe conditions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["Point", "strong_wolfe"]

DECREASE = 1e-4  # share of the decrease that the slope promises
CURVATURE = 0.9  # share of the slope that may be left


class Point(NamedTuple):
    """A place on the line: how far it is, its loss and gradient, and the slope along the line."""

    t: float
    loss: float
    grad: Any
    slope: float


def strong_wolfe(
    at: Callable[[float], Point], t: float, start: Point, length: float,
    tolerance: float, limit: int,
) -> tuple[Point, int]:  # fmt: skip
    """A point that is low and flat enough, or the lowest found, and how often `at` was called.

    From `start` (t = 0) the step t grows until two points have a good one between them, and they
    close in on it by cubic interpolation: for `limit` evaluations, or until they are nearer than
    the tolerance, on the axis where the direction has its greatest `length`.

    Source: Nocedal and Wright, Numerical optimization (2006), algorithms 3.5 and 3.6.
    """
    previous, point, tries = start, at(t), 0
    while tries < limit:
        if _is_too_high(point, start) or (tries > 1 and point.loss >= previous.loss):
            break
        if _is_flat(point, start):
            return point, tries + 1
        if point.slope >= 0:
            break
        bounds = (point.t + 0.01 * (point.t - previous.t), 10 * point.t)
        previous, point = point, at(_cubic_minimum(previous, point, *bounds))
        tries += 1
    ends = [previous if tries < limit else start, point]
    return _zoom(at, ends, start, length, tolerance, limit, tries)


def _zoom(
    at: Callable[[float], Point], ends: list[Point], start: Point, length: float,
    tolerance: float, limit: int, tries: int,
) -> tuple[Point, int]:  # fmt: skip
    """Close in on a good point between two ends."""
    low = _lower(ends)
    stuck = False  # whether the last point lay too near to an end
    while tries < limit and abs(ends[1].t - ends[0].t) * length >= tolerance:
        left, right = sorted((ends[0].t, ends[1].t))
        t, margin = _cubic_minimum(ends[0], ends[1], left, right), 0.1 * (right - left)
        if min(right - t, t - left) < margin:
            if stuck or t >= right or t <= left:
                t = right - margin if abs(t - right) < abs(t - left) else left + margin
                stuck = False
            else:
                stuck = True
        else:
            stuck = False
        point = at(t)
        tries += 1
        if _is_too_high(point, start) or point.loss >= ends[low].loss:
            ends[1 - low] = point
            low = _lower(ends)
            continue
        if _is_flat(point, start):
            return point, tries + 1
        if point.slope * (ends[1 - low].t - ends[low].t) >= 0:
            ends[1 - low] = ends[low]
        ends[low] = point
    return ends[low], tries + 1


def _is_too_high(point: Point, start: Point) -> bool:
    return point.loss > start.loss + DECREASE * point.t * start.slope


def _is_flat(point: Point, start: Point) -> bool:
    return abs(point.slope) <= -CURVATURE * start.slope


def _lower(ends: list[Point]) -> int:
    return 0 if ends[0].loss <= ends[1].loss else 1


def _cubic_minimum(a: Point, b: Point, lowest: float, highest: float) -> float:
    """Where the cubic through two points with their slopes is least, within bounds."""
    if a.t > b.t:
        a, b = b, a
    middle = (lowest + highest) / 2
    if a.t == b.t:
        return middle
    mean = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t)
    square = mean * mean - a.slope * b.slope
    if not square >= 0:
        return middle
    root = math.sqrt(square)
    curvature = b.slope - a.slope + 2 * root
    if curvature == 0 or not math.isfinite(curvature):
        return middle
    t = b.t - (b.t - a.t) * ((b.slope + root - mean) / curvature)
    return min(max(t, lowest), highest)
