"""Numeric slopes by a ladder of steps, each with an error that it claims for itself.

Central differences at steps h = 4⁻ⁱ/4 are extrapolated once (Richardson, 1911); the rung where
three neighbours agree best is taken, and their disagreement plus twice the round-off is the claimed
error. The one-sided slopes that come with them tell kinks and jumps from smooth points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from itertools import pairwise

import numpy as np

from autograd.engine.op import Array
from autograd.gradcheck.numeric.plateaus import on_plateaus
from autograd.gradcheck.numeric.sides import Slopes, at_edges, joined, quickly, sides, taken

__all__ = ["DEEPEST", "Ladder", "no_remainder", "noise_of", "unit_steps"]

FIRST = (3, 4, 5, 6)  # the rungs that usually suffice
COARSE = (0, 1, 2)
FINE = (7, 8, 9, 10)
BELOW = (9, 10, 11, 12)  # where most networks of kinks are smooth
FINEST = (11, 12, 13, 14, 15)
DEEPEST = (16, 17, 18, 19, 20, 21, 22, 23)  # down to 16 units in the last place of x
_SIDES = 16  # rungs within which kinks and edges are told; below, the sides drown in rounding
_MET = 6  # rungs up to which most sides are seen to meet at a glance
_DEEP = 8  # and from which on it is looked whether f is smooth after all, on a smaller scale
_SMOOTH = 0.1  # of a slope: what its sides differ by there at most
_ROUGHEST = 1e4  # roundings that f may be off by at the finest steps, and be no rough function
_STEADY = 0.25  # by how much the change of a gap may differ on the way down
_FALLEN = 1e-3  # of the fourth differences, that are left where steps fall to a 2^24th
_NEIGHBOURS = 64  # times the finest step: so wide are those that are compared with it
_TENTH = 0.1  # of the remainder that a wrong slope would leave, that tells that there is none;
# and of what f moves by, which tells that it moves by no more than its noise
_SLACK = 10  # times a claimed error that another estimate may be away
_BENDS = 1e-3  # of a slope: what neighbours among the first steps differ by, among kinks
# Steps of the noise measurement: no multiples of a lower precision, whose rounding would not show.
_STEP, _SHORT = 1.3 * 2.0**-20, 1.3 * 2.0**-30
_SHORTER = ((1.3 * 2.0**-23, 2.0**-2), (1.3 * 2.0**-32, 2.0**-7))  # and how far that falls
_LEAST = 2.0**-44  # the step at which the noise of the deepest rungs is measured
_SHORTEST = 2.0**-48  # a step of a unit, that x + h still is without rounding, or nearly
_BELOW = 10  # these rungs
_BENT = 1e-5  # of a value: more than curvature leaves, but at a cusp
_POWER = (0.005, 0.5)  # what the fourth differences of |x|^p fall to, for p from 0.1 to 0.7
_FAINT = 1e-9  # of what f moves by, that is no jump but rounding
_PIECE = 8192  # outputs whose slopes are computed together
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
    wide = _unbent(evaluate, wide, own, precision)
    if np.any(~(wide <= _BENT * size)):
        narrow, near, _ = _fourth_differences(evaluate, _SHORT, precision)
        fallen = narrow / wide
        # where steps a thousandth as long leave as large a part of the value it is a cusp at zero
        cusp = ~(narrow <= _BENT * near) & (_POWER[0] < fallen) & (fallen < _POWER[1])
        wide = np.where(~(wide <= _ROUGH * size), np.fmin(wide, narrow), wide)
        wide = np.where(cusp, 0.0, wide)
    return np.fmax(np.where(np.isfinite(wide), wide, 0.0), np.nan_to_num(own))


def _unbent(evaluate: Callable[[float], Array], wide: Array, own: Array, precision: Array) -> Array:
    """Less, where that falls with the step: f bends there, as between kinks that are near.

    Rounding does not fall, not that to float32 either where steps are not far shorter than it.
    """
    for step, less in _SHORTER:
        bent = wide > _ROUGHEST * own
        if not np.any(bent):
            return wide
        narrow, _, _ = _fourth_differences(evaluate, step, precision)
        wide = np.where(bent & (narrow <= less * wide), np.fmax(narrow, own), wide)
    return wide


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
        self.calm: Array | None = None  # the noise as the deepest rungs see it
        self.least: Array = np.zeros(1)  # noise that there is, though close points round alike
        self.drowned: Callable[[], Array] = lambda: np.zeros(1, bool)  # what moves by that alone
        self.is_still: Array = np.zeros(1, bool)  # whether f does not move there
        self.is_rough: Array = np.zeros(1, bool)  # whether it is more than rounding

    def step(self, rung: int) -> float:
        return self.base * 4.0**-rung

    def climb(self, rungs: tuple[int, ...]) -> Ladder:
        """Evaluate at more rungs."""
        for rung in rungs:
            h = self.step(rung)
            if rung not in self.values and h >= _SHORTEST:
                self.values[rung] = self.evaluate(h), self.evaluate(-h)
        if self.calm is None and FINEST[-1] in rungs:
            self._listen()
        return self

    def _listen(self) -> None:
        """Measure the noise as the finest steps see it."""
        fourth, size, own = _fourth_differences(self.evaluate, _LEAST, self.precision)
        self.is_still = fourth == 0
        calm = self.calm = np.fmax(np.nan_to_num(fourth, nan=np.inf), own)
        reach = np.max([np.abs(high - low) for high, low in self.values.values()], axis=0)
        rough = calm > _ROUGHEST * self.precision * size
        more = rough & (calm > _SLACK * self.least)
        # no more than rounding, and f moves by nothing else: as a wave of 1e18 does
        if np.any(alike := rough & ~more & (calm > _TENTH * reach)):
            more |= alike & self.drowned()
        if np.any(more):
            # what falls with the step is a power, as beside the edge of a domain
            wide, _, _ = _fourth_differences(self.evaluate, _STEP, self.precision)
            more &= ~(fourth < _FALLEN * wide)
        self.is_rough = more

    def only(self, outputs: Array, evaluate: Callable[[float], Array]) -> Ladder:
        """The same for a few of the outputs, which `evaluate` gives alone."""
        start, noise, precision = (a[outputs] for a in (self.start, self.noise, self.precision))
        other = Ladder(evaluate, start, noise, precision, self.base)
        values = self.values.items()
        other.values = {rung: (high[outputs], low[outputs]) for rung, (high, low) in values}
        return other

    def at_rest(self) -> Array:
        """Which outputs are the same at all steps so far."""
        found = np.ones(self.start.shape, bool)
        for high, low in self.values.values():
            found &= (high == self.start) & (low == self.start)
        return found

    def central(self, rung: int) -> Array:
        high, low = self.values[rung]
        return (high - low) / (2 * self.step(rung))

    def better(self, rung: int) -> Array:
        """The slope by a rung and the next, without what curves."""
        return (16 * self.central(rung + 1) - self.central(rung)) / 15

    def bends(self, rung: int) -> bool:
        """Whether all slopes at three rungs from this one on differ, by more than rounding."""
        wide, near = self.better(rung), self.better(rung + 1)
        size = np.fmax(self.precision * np.abs(self.start), self.noise) / self.step(rung + 2)
        allowed = np.fmax(_BENDS * np.fmax(np.abs(wide), np.abs(near)), _SLACK * 4 * size)
        return bool(np.all(np.abs(wide - near) > allowed))

    def goes_on(self, rung: int, slopes: Slopes) -> bool:
        """Whether a rung and the next one give these slopes as well."""
        return bool(np.all(np.abs(self.better(rung) - slopes.value) <= _SLACK * slopes.error))

    def slopes(self) -> Slopes:
        """The best estimate from the rungs so far; of many outputs some at a time."""
        if len(self.start) <= 2 * _PIECE:
            return self._slopes()
        found = []
        for start in range(0, len(self.start), _PIECE):
            piece = slice(start, start + _PIECE)
            part = copy(self)
            part.start, part.noise = self.start[piece], self.noise[piece]
            part.precision = self.precision[piece]
            part.values = {r: (hi[piece], lo[piece]) for r, (hi, lo) in self.values.items()}
            if self.calm is not None:
                part.calm = self.calm[piece]
            if self.least.size > 1:
                part.least = self.least[piece]
            for name in ("is_rough", "is_still"):
                if getattr(self, name).size > 1:
                    setattr(part, name, getattr(self, name)[piece])
            found.append(part._slopes())
        return joined(found)

    def _slopes(self) -> Slopes:
        rungs = _following(self.values)
        h = np.array([self.step(r) for r in rungs])[:, None]
        high = np.stack([self.values[r][0] for r in rungs])
        low = np.stack([self.values[r][1] for r in rungs])
        noise = np.broadcast_to(self.noise, high.shape)
        if self.calm is not None:  # what bends within the steps of the noise is not noise
            below = np.array(rungs)[:, None] >= _BELOW
            noise = np.where(below, np.fmin(self.noise, self._calm_below(high, low)), noise)
        size = np.fmax(np.fmax(np.abs(high), np.abs(low)) * self.precision, noise)
        size = np.fmax(size, self.least)
        central = (high - low) / (2 * h)
        better = (16 * central[1:] - central[:-1]) / 15
        three = np.stack([better[:-2], better[1:-1], better[2:]])
        spread = np.max(three, axis=0) - np.min(three, axis=0)
        roundoff = size[2:-1] / h[2:-1]
        claimed = spread + 2 * roundoff
        claimed = claimed + _bends(np.abs(high + low - 2 * self.start), size, h)
        claimed = np.where(np.isfinite(claimed), claimed, np.inf)
        best, error = _best_rung(better, np.broadcast_to(roundoff, claimed.shape), claimed)
        value = taken(better[1:-1], best)
        wide = slice(0, sum(rung < _SIDES for rung in rungs))
        around = (high[wide], low[wide], size[wide], h[wide])
        beside = sides if len(rungs) > _MET else quickly
        found = Slopes(
            value, error, taken(spread, best), taken(roundoff, best), *beside(self.start, *around)
        )
        reach = [np.any(np.isfinite(side), axis=0) for side in (high, low)]
        found = at_edges(found, self.start, *around, reach)
        if len(rungs) > _SIDES:
            deep = slice(_DEEP, None)
            near = sides(self.start, high[deep], low[deep], size[deep], h[deep])
            found = _seen_below(found, near)
            coarse = on_plateaus(self.start, high, low, h, noise[0])
            found = found._replace(coarse=coarse, steepest=self._steepest())
        return found

    def _calm_below(self, high: Array, low: Array) -> Array:
        """The noise at the deepest rungs; where f stands still there it is what it was before.

        That is what rounding makes of f, if it is little beside what f moves by at wide steps.
        """
        calm = np.zeros(1) if self.calm is None else self.calm
        reach = np.max(np.nan_to_num(np.abs(high - low), posinf=0.0), axis=0)
        return np.where(self.is_still & (self.noise <= _FAINT * reach), self.noise, calm)

    def _steepest(self) -> Array:
        """The slope up to which a function that is rough at the finest steps can be told."""
        calm = np.zeros(1) if self.calm is None else self.calm
        finest = _NEIGHBOURS * self.step(max(self.values))
        return np.where(self.is_rough, calm / finest, np.inf)


def _following(rungs: Iterable[int]) -> list[int]:
    """The finest rungs, up to the first that is missing."""
    found = sorted(rungs)
    gaps = [n for n, (wide, near) in enumerate(pairwise(found), 1) if near != wide + 1]
    return found[gaps[-1] if gaps else 0 :]


def _best_rung(better: Array, roundoff: Array, claimed: Array) -> tuple[Array, Array]:
    """The rung with the smallest claim among those that no finer one contradicts, and its claim.

    Steps across a pole, past another piece of f, or over whole periods of it may agree with each
    other; the finer ones then do not. Finer estimates may be away by rounding alone: where they
    scatter by more, f varies faster than any step, and nothing is known.
    """
    values = better[1:-1]
    count = len(claimed)
    good = np.isfinite(claimed)
    for rung in range(count - 1):
        allowed = _SLACK * (claimed[rung] + 2 * roundoff[rung + 1 :])
        far = np.abs(values[rung] - values[rung + 1 :]) > allowed
        good[rung] &= ~np.any(far & np.isfinite(claimed[rung + 1 :]), axis=0)
    claims = np.where(good, claimed, np.inf)
    best = np.argmin(claims, axis=0)[None]
    error = taken(claims, best)
    if count > _SIDES:  # a last rung that nothing finer can contradict, and is no mere rounding
        last = best[0] >= count - 2
        rough = last & (error > _SLACK * 4 * taken(roundoff, best))
        error = np.where(rough, np.inf, error)
    return best, error


def _bends(gap: Array, size: Array, h: Array) -> Array:
    """How far the sides are apart on rungs across a kink that is near, but not at this point.

    There the central slope is the mean of two, as it is at no finer step. The gap between the sides
    of a smooth function falls with the step.
    """
    wide, narrow = gap[:-1] / h[:-1], gap[1:] / h[1:]
    stays = (narrow > 0.5 * wide) & (narrow > _SLACK * 4 * size[1:] / h[1:])
    apart = np.where(stays, narrow, 0.0)
    return np.fmax(apart[1:-1], apart[2:])


def _seen_below(slopes: Slopes, deep: tuple[Array, ...]) -> Slopes:
    """No kink where the sides meet on a smaller scale, as beside a pole, or go any way at all."""
    right, left, one_sided, ratio, gap = deep
    size = _SMOOTH * np.fmin(np.abs(right), np.abs(left))
    meet = (ratio <= 0.5) & (gap <= size) & (one_sided <= size)
    rough = np.isinf(slopes.error) & (np.abs(ratio - slopes.gap_ratio) > _STEADY * ratio)
    return slopes._replace(
        right=np.where(meet, right, slopes.right),
        left=np.where(meet, left, slopes.left),
        one_sided=np.where(meet, one_sided, slopes.one_sided),
        gap_ratio=np.where(meet | rough, 0.0, slopes.gap_ratio),
        gap=np.where(meet, gap, slopes.gap),
    )


def no_remainder(ladder: Ladder, a: Array, numeric: Array) -> Array:
    """Whether f moves as the analytic slope says, where the numeric one says otherwise.

    The odd Taylor remainder, (f(x + h) - f(x - h))/2 - h a, is about h times the difference of the
    two slopes if a is wrong. At one step the next term may cancel that; not at two neighbours.
    """
    rungs = sorted(ladder.values)
    small = []
    for rung in rungs:
        high, low = ladder.values[rung]
        h = ladder.step(rung)
        size = np.fmax(ladder.precision * np.fmax(np.abs(high), np.abs(low)), ladder.noise)
        rest = np.abs((high - low) / 2 - h * a)
        small.append(rest + 2 * size < _TENTH * h * np.abs(numeric - a))
    found = np.zeros(a.shape, bool)
    for wide, narrow in pairwise(small):
        found |= wide & narrow
    return found
