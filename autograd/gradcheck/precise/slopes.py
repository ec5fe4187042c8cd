"""Slopes of a function in many digits: differences with steps that no double can make.

They are taken twice, the second time with twice the digits and the square of the step; what both
give is the slope, and what they differ by its error, of the step as of the rounding. Where they
differ too much, as they do while a step is too wide, the digits are doubled again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.op import Array
from autograd.errors import AutogradError, UnsupportedError
from autograd.gradcheck.numeric.function import FAILURES, Function
from autograd.gradcheck.precise.digits import Budget, context, digits, lifted
from autograd.gradcheck.precise.tape import Tape, flattened, parts_of

__all__ = ["Slope", "slopes", "values_of"]

_SAME = 1e-9  # relative: two levels that agree so well are believed
_NOTHING = 1e-18  # of |f| / step unit: a slope that is smaller is none
_LEVELS = 4


class Slope(NamedTuple):
    """What is known of the slope of one output along a direction: None if nothing is."""

    value: Any
    error: Any

    @property
    def is_sharp(self) -> bool:
        """Whether both levels have the same digits, and do not just say that it is small."""
        return bool(self.error < abs(self.value) * _SAME)


def values_of(function: Function) -> Callable[[Array], Array]:
    """f on a vector of numbers of any precision.

    A gradient (order two and more) is what the rules give on these numbers.
    """
    base = getattr(function, "base", None)
    if base is not None:
        recording = base.record()

        def gradient(x: Array) -> Array:
            return Tape(recording, parts_of(base, x[: base.size])).vjp(x[base.size :])

        return gradient

    def run(x: Array) -> Array:
        given, _ = function.arguments(function.parts(function.x))
        for position, part in zip(function.positions, parts_of(function, x), strict=True):
            given[position] = part
        result = function.f(*given)
        results = list(result) if isinstance(result, (tuple, list)) else [result]
        found = [y for y in results if getattr(y, "dtype", np.dtype(bool)).kind in "fc"]
        return np.concatenate([flattened(y, y.dtype.kind == "c") for y in found])

    return run


def slopes(
    f: Callable[[Array], Array],
    x: Array,
    direction: Array,
    scale: float,
    weights: Array,
    count: int,
    budget: Budget,
    starts: dict[int, Array],
) -> list[Slope | None]:
    """The slope along a direction of each weighting of the outputs, where it has one.

    `count` is that of digits to begin with, `scale` what a step is small against; `starts` keeps
    f(x) by level, for the next direction.
    """
    found: list[Slope | None] = [None] * len(weights)
    before: Array | None = None
    for level in range(_LEVELS):
        with digits(count * 2**level):
            h = lifted(scale)[()] * context().mpf(10) ** -(count * 2**level // 3)
            row = _differences(f, x, direction, h, weights, budget, starts, level)
            if before is not None:
                size = np.abs(lifted(weights)).dot(np.abs(starts[level])) / lifted(scale)[()]
                for i in range(len(weights)):
                    # numbers on the way have size 1, if not more, and may cancel
                    seen = context().eps * max(size[i], 1 / lifted(scale)[()])
                    seen = seen * lifted(scale)[()] / h
                    slope = found[i] or _agreed(before[i], row[i], size[i], seen)
                    if slope is not None and level < _LEVELS - 1 and not slope.is_sharp:
                        continue  # it may be below what so many digits show
                    found[i] = slope
        before = row
        if all(found):
            break
    return found


def _differences(
    f: Callable[[Array], Array],
    x: Array,
    direction: Array,
    h: Any,
    weights: Array,
    budget: Budget,
    starts: dict[int, Array],
    level: int,
) -> Array:
    """Slopes to the right and to the left, a pair for each weighting."""
    budget.spend()
    exact, d = lifted(x), lifted(direction)
    if level not in starts:
        starts[level] = f(exact)
    start, sides = starts[level], []
    for sign in (1, -1):
        budget.spend()
        try:
            moved = f(exact + d * (h * sign))
        except UnsupportedError:
            raise
        except FAILURES as error:
            if isinstance(error, AutogradError):
                raise
            moved = None
        if moved is None or moved.shape != start.shape:
            sides.append([context().nan] * len(weights))
        else:
            sides.append(list(lifted(weights).dot(moved - start) / (h * sign)))
    return np.array(sides, object).T


def _agreed(before: Array, now: Array, size: Any, seen: Any) -> Slope | None:
    """The slope, if two levels have the same one on both sides, or on the one side there is.

    One that is less than what so many digits let be `seen` is none.
    """
    there = [i for i in (0, 1) if now[i] == now[i] and before[i] == before[i]]
    if not there:
        return None
    old, new = (sum(row[i] for i in there) / len(there) for row in (before, now))
    error = abs(new - old)
    apart = abs(now[0] - now[1]) if len(there) == 2 else 0
    small = size * _NOTHING
    bound = abs(new) * _SAME + small
    if not context().isfinite(new) or error > bound or apart > bound:
        return None
    return Slope(new, error + seen)
