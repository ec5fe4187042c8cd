"""Many coordinates judged together: those that agree at once, which are most of them.

The recorded function is run at all steps of some coordinates in one go. What is found so is that
outputs agree; whatever does not is left to f itself, step by step.
"""

from __future__ import annotations

from copy import copy
from functools import partial
from typing import Any

import numpy as np

from autograd.engine.op import Array
from autograd.gradcheck.numeric.decisions import AGREES
from autograd.gradcheck.numeric.function import FAILURES
from autograd.gradcheck.numeric.judge import Judge
from autograd.gradcheck.numeric.ladder import COARSE, DEEPEST, FINE, FINEST, FIRST, Ladder
from autograd.gradcheck.numeric.stacks import Stacks

__all__ = ["agreeing"]

_FEW = 32  # coordinates for which it is not worth it
_NUMBERS = 500_000  # that the largest value may have at all points
_POINTS = (0.03, -0.03, 0.0004, -0.0004)  # where it is looked whether what was recorded is f
_SAME = 512.0  # roundings that the two may differ by
_DEEPER = tuple(sorted(COARSE + FINE))
_DEEPEST = FINEST + DEEPEST
_MOST = 4 * _NUMBERS  # likewise, for the few that are judged by all steps


def agreeing(judge: Judge, rows: Array, outputs: Array, coordinates: Array) -> dict[int, Array]:
    """The numeric slopes by those of some coordinates along which all outputs agree.

    Per unit step; `rows` of the Jacobian are those of the outputs.
    """
    if len(coordinates) < _FEW or judge.mix is not None or judge.kinks == "error":
        return {}
    try:
        with np.errstate(all="ignore"):
            batch = _Batch(judge, outputs)
            return batch.found(rows, coordinates) if batch.faithful() else {}
    except FAILURES:
        return {}


class _Batch:
    """The recorded function of a judge, and some of its outputs."""

    def __init__(self, judge: Judge, outputs: Array) -> None:
        self.judge, self.outputs = judge, outputs
        self.function = judge.function
        self.few = judge.only(outputs)
        self.stacks = Stacks(self.function.record(judge.x))

    def faithful(self) -> bool:
        """Whether what was recorded gives what f gives, wherever all inputs are moved a little."""
        if any(a.dtype != np.float64 for a in self.function.checked) or not self.stacks.possible:
            return False
        x = self.judge.x
        d = self.judge.unit * np.random.default_rng(0).uniform(-1, 1, x.size)
        points = np.stack([x + t * d for t in _POINTS])
        given = {}
        for number, leaf in enumerate(self.stacks.recording.leaves):
            part = points[:, self.function.stops[number] : self.function.stops[number + 1]]
            given[number] = part.reshape(len(_POINTS), *leaf.shape)
        return self._alike(self.stacks.run(given), points)

    def _alike(self, found: Array, points: Array) -> bool:
        for y, point in zip(found[:, self.outputs], points, strict=True):
            expected = self.function(point)[self.outputs]
            size = self.few.precision * np.max(np.abs(expected)) + self.few.noise
            if not np.all(np.abs(y - expected) <= _SAME * size):
                return False
        return True

    def found(self, rows: Array, coordinates: Array) -> dict[int, Array]:
        """See `agreeing`."""
        slopes: dict[int, Array] = {}
        steps = 2 * len(FIRST)
        most = max(1, _NUMBERS // (steps * self.stacks.largest()))
        for number in range(len(self.function.positions)):
            start, stop = self.function.stops[number : number + 2]
            mine = coordinates[(start <= coordinates) & (coordinates < stop)]
            for first in range(0, len(mine), most):
                some = mine[first : first + most]
                if first == 0 and not self._one_is_alike(number, int(some[0])):
                    break
                self._judge(number, some, rows, slopes)
        return slopes

    def _one_is_alike(self, number: int, j: int) -> bool:
        """Whether one coordinate alone gives what it gives f: the ways that ops run may differ."""
        point = self.judge.x.copy()
        point[j] += _POINTS[0] * self.judge.unit[j]
        return self._alike(self._moved(number, np.array([j]), np.array(_POINTS[:1])), point[None])

    def _moved(self, number: int, coordinates: Array, steps: Array) -> Array:
        """All outputs where each coordinate is moved by each step: (steps · coordinates, …)."""
        start = int(self.function.stops[number])
        like = self.function.checked[number]
        count = len(steps) * len(coordinates)
        stack = np.tile(like.reshape(-1), (count, 1))
        places = np.tile(coordinates - start, len(steps))
        by = np.outer(steps, self.judge.unit[coordinates]).ravel()
        stack[np.arange(count), places] += by
        return self.stacks.run({number: stack.reshape(count, *like.shape)})

    def _judge(
        self, number: int, coordinates: Array, rows: Array, slopes: dict[int, Array]
    ) -> None:
        """Enter those that agree at the first steps, and of the others at more of them."""
        values: dict[int, tuple[Array, Array]] = {}
        left = np.arange(len(coordinates))
        for rungs in (FIRST, _DEEPER):
            mine = coordinates[left]
            ladder = self._ladder(number, mine, rungs, values)
            found = ladder.slopes()
            unit = np.repeat(self.judge.unit[mine], len(self.outputs))
            analytic = rows[:, mine].T.ravel() * unit
            many = self._many(len(mine))
            status = many.status_of(analytic, found, reference=0.0)
            fine = (
                many.settled(status, analytic, found)
                if rungs is FIRST
                else many.closed(status, analytic, ladder.at_rest())
            )
            agree = np.all(fine.reshape(len(mine), -1), axis=1)
            numeric = (found.value / unit).reshape(len(mine), -1)
            slopes |= {int(j): numeric[k] for k, j in enumerate(mine) if agree[k]}
            left = left[~agree]
            if not left.size:
                return
            keep = np.repeat(~agree, len(self.outputs))
            values = {r: (hi[keep], lo[keep]) for r, (hi, lo) in ladder.values.items()}
        self._judge_deeply(number, coordinates[left], rows, values, slopes)

    def _judge_deeply(
        self,
        number: int,
        coordinates: Array,
        rows: Array,
        values: dict[int, tuple[Array, Array]],
        slopes: dict[int, Array],
    ) -> None:
        """Enter those that agree by all the steps there are, and what cancels in the gradient."""
        count, width = len(coordinates), len(self.outputs)
        if 2 * len(_DEEPEST) * count * self.stacks.largest() > _MOST:
            return
        ladder = self._ladder(number, coordinates, _DEEPEST, values)
        unit = np.repeat(self.judge.unit[coordinates], width)
        many = self._many(count)
        many.many = lambda t: self._moved(number, coordinates, np.array([t]))[:, self.outputs]
        many.kept = None
        many.moved = [np.tile(self.few.rounding_on_the_way(), count)]
        many.waves = [np.zeros(count * width, bool)]  # one by one, if they do not agree
        if self.judge.rounds is not None:
            many.rounds = partial(self._rounds, coordinates)
        ladder.evaluate = partial(many.at, d=unit)
        found = many.finer(ladder, unit, rows[:, coordinates].T.ravel() * unit)
        agree = np.all((found.status == AGREES).reshape(count, width), axis=1)
        numeric = (found.numeric / unit).reshape(count, width)
        slopes |= {int(j): numeric[k] for k, j in enumerate(coordinates) if agree[k]}

    def _rounds(self, coordinates: Array, _: Array, kept: Array | None, least: bool) -> Array:
        """What cancels in the slopes along each of the coordinates, of the outputs of each."""
        width, rounds = len(self.outputs), self.judge.rounds
        kept = np.arange(len(coordinates) * width) if kept is None else kept
        found = np.zeros(kept.size)
        for number, j in enumerate(coordinates):
            mine = kept // width == number
            d = np.zeros(self.judge.x.size)
            d[j] = self.judge.unit[j]
            if rounds is not None and np.any(mine):
                found[mine] = rounds(d, self.outputs[kept[mine] % width], least)
        return found

    def _ladder(
        self, number: int, coordinates: Array, rungs: tuple[int, ...], values: Any
    ) -> Ladder:
        few, count = self.few, len(coordinates)
        start, noise, precision = (np.tile(a, count) for a in (few.start, few.noise, few.precision))
        ladder = Ladder(lambda t: start, start, noise, precision)
        ladder.values = values
        steps = np.array([ladder.step(r) for r in rungs])
        y = self._moved(number, coordinates, np.concatenate([steps, -steps]))[:, self.outputs]
        high, low = y.reshape(2, len(rungs), -1)
        ladder.values |= {r: (high[k], low[k]) for k, r in enumerate(rungs)}
        return ladder

    def _many(self, count: int) -> Judge:
        """The judge of so many times as many outputs."""
        many = copy(self.few)
        for name in ("start", "precision", "noise"):
            setattr(many, name, np.tile(getattr(self.few, name), count))
        return many
