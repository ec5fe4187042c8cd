"""Numeric slopes by a ladder of steps, each with an error that it claims for itself.

Central differences at steps h = 4⁻ⁱ/4 are extrapolated once (Richardson, 1911); the rung where
three neighbours agree best is taken, and their disagreement plus twice the round-off is the claimed
error. The one-sided slopes that come with them tell kinks and jumps from smooth points.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograd.engine.op import Array
from autograd.gradcheck.numeric.sides import Slopes, at_edges, sides

__all__ = ["Ladder", "noise_of", "unit_steps"]

FIRST = (3, 4, 5, 6)  # the rungs that usually suffice
COARSE = (0, 1, 2)
FINE = (7, 8, 9, 10)
FINEST = (11, 12, 13, 14, 15)
# Steps of the noise measurement: no multiples of a lower precision, whose rounding would not show.
_STEP, _SHORT = 1.3 * 2.0**-20, 1.3 * 2.0**-30
_BENT = 1e-5  # of a value: more than curvature leaves, but at a cusp
_POWER = (0.005, 0.5)  # what the fourth differences of |x|^p fall to, for p from 0.1 to 0.7
_ROUGH = 1e-3  # of a value: more than rounding ever is where a slope can be told


def unit_steps(x: Array) -> Array:
    """What a step of 1 means for each coordinate: max(|x|, 0.01), as a power of two.

    Steps are then sums without rounding, but for a carry.
    """
    return np.asarray(np.exp2(np.floor(np.log2(np.maximum(np.abs(x), 0.01)))))


def noise_of(evaluate: Callable[[float], Array], precision: Array) -> Array:
    """The size of each output's rounding errors, from its fourth differences over tiny steps.

    On seven close points a smooth function is a cubic, and what its fourth differences leave is
    rounding (Moré & Wild, 2011, with one order). Where they leave a good part of the value itself,
    the function bends too sharply for these steps, and shorter ones tell. Never less than the
    rounding of the value.
    """
    wide, size, own = _fourth_differences(evaluate, _STEP, precision)
    if np.any(~(wide <= _BENT * size)):
        narrow, near, _ = _fourth_differences(evaluate, _SHORT, precision)
        fallen = narrow / wide
        # where steps a thousandth as long leave as large a part of the value it is a cusp at zero
        cusp = ~(narrow <= _BENT * near) & (_POWER[0] < fallen) & (fallen < _POWER[1])
        wide = np.where(~(wide <= _ROUGH * size), np.fmin(wide, narrow), wide)
        wide = np.where(cusp, 0.0, wide)
    return np.fmax(np.where(np.isfinite(wide), wide, 0.0), np.nan_to_num(own))


def _fourth_differences(
    evaluate: Callable[[float], Array], step: float, precision: Array
) -> tuple[Array, Array, Array]:
    """Their size, that of the values, and the rounding of one value."""
    points = np.stack([evaluate(k * step) for k in range(1, 8)])
    fourth = np.sqrt(np.mean(np.diff(points, 4, axis=0) ** 2, axis=0) / 70.0)
    return fourth, np.max(np.abs(points), axis=0), precision * np.abs(points[0])


class Ladder:
    """Values of a function along one direction, at the steps asked for so far."""

    def __init__(
        self,
        evaluate: Callable[[float], Array],
        start: Array,
        noise: Array,
        precision: Array,
        base: float = 0.25,
    ) -> None:
        self.evaluate = evaluate
        self.start = start
        self.noise = noise
        self.precision = precision
        self.base = base
        self.values: dict[int, tuple[Array, Array]] = {}

    def step(self, rung: int) -> float:
        return self.base * 4.0**-rung

    def climb(self, rungs: tuple[int, ...]) -> Ladder:
        """Evaluate at more rungs."""
        for rung in rungs:
            if rung not in self.values:
                h = self.step(rung)
                self.values[rung] = self.evaluate(h), self.evaluate(-h)
        return self

    def slopes(self) -> Slopes:
        """The best estimate from the rungs so far."""
        rungs = sorted(self.values)
        h = np.array([self.step(r) for r in rungs])[:, None]
        high = np.stack([self.values[r][0] for r in rungs])
        low = np.stack([self.values[r][1] for r in rungs])
        size = np.fmax(np.fmax(np.abs(high), np.abs(low)) * self.precision, self.noise)
        central = (high - low) / (2 * h)
        better = (16 * central[1:] - central[:-1]) / 15
        three = np.stack([better[:-2], better[1:-1], better[2:]])
        spread = np.max(three, axis=0) - np.min(three, axis=0)
        roundoff = size[2:-1] / h[2:-1]
        claimed = spread + 2 * roundoff
        claimed = np.where(np.isfinite(claimed), claimed, np.inf)
        best, error = _best_rung(better, claimed)

        def at(a: Array) -> Array:
            return np.asarray(np.take_along_axis(a, best, axis=0)[0])

        value = at(better[1:-1])
        found = Slopes(
            value, error, at(spread), at(roundoff), *sides(self.start, high, low, size, h)
        )
        return at_edges(found, self.start, high, low, size, h)


def _best_rung(better: Array, claimed: Array) -> tuple[Array, Array]:
    """The rung with the smallest claim that the finest does not contradict, and its claim.

    Steps across a pole, or past another piece of f, may agree with each other: then the best of
    the finer half is taken, and nothing is known where that is contradicted too.
    """
    half = len(claimed) // 2
    best = np.argmin(claimed, axis=0)[None]
    finer = np.argmin(claimed[half:], axis=0)[None] + half

    def contradicted(rung: Array) -> tuple[Array, Array]:
        value = np.take_along_axis(better[1:-1], rung, axis=0)[0]
        error = np.take_along_axis(claimed, rung, axis=0)[0]
        far = np.abs(value - better[-2]) > 10 * (error + claimed[-1])
        return far & np.isfinite(claimed[-1]), error

    far, error = contradicted(best)
    if np.any(far):
        still, other = contradicted(finer)
        best = np.where(far, finer, best)
        error = np.where(far, np.where(still, np.inf, other), error)
    return best, error
