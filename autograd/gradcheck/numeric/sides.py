"""One-sided slopes: where they meet, where they do not, and where there is one side alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from autograd.engine.op import Array

__all__ = ["CUSP", "JUMP", "KINK", "Slopes", "at_edges", "joined", "quickly", "sides", "taken"]

KINK, CUSP, JUMP = 0.5, 1.4, 2.9  # the changes of the gap from which on the point is one
_FALLS = 0.45  # of a gap: what is left of it at the next rung where no kink is
_QUIET = 40  # rounding errors below which a gap is none
_TELLS = 1e-3  # relative error of a one-sided slope that says enough
_FEW = 7  # rungs with which nothing is said about edges: there will be more
_LAST = 4  # the finest rungs, which must agree that a slope grows


class Slopes(NamedTuple):
    """What a ladder says about every output: slope, claimed error, and the one-sided slopes.

    At a jump the one-sided slopes are those beside it; where they grow without bound they are
    infinite.
    """

    value: Array
    error: Array
    spread: Array
    roundoff: Array
    right: Array
    left: Array
    one_sided: Array  # the error of these two
    gap_ratio: Array  # how the gap between them changes when the step falls to a quarter
    gap: Array
    coarse: tuple[Array, Array, Array] | None = None  # slope, error of wide steps (see ladder.py)
    steepest: Array | None = None  # slope that the noise at the finest steps would hide


def joined(parts: Sequence[Slopes]) -> Slopes:
    """The slopes of some outputs, and of others, in one."""

    def of(pieces: Sequence[Array]) -> Array:
        return np.concatenate(pieces)

    coarse = [part.coarse for part in parts if part.coarse is not None]
    steepest = [part.steepest for part in parts if part.steepest is not None]
    first = Slopes(*(of([part[field] for part in parts]) for field in range(9)))
    return first._replace(
        coarse=(
            (of([c[0] for c in coarse]), of([c[1] for c in coarse]), of([c[2] for c in coarse]))
            if coarse
            else None
        ),
        steepest=of(steepest) if steepest and steepest[0].size > 1 else (steepest or [None])[0],
    )


def sides(start: Array, high: Array, low: Array, size: Array, h: Array) -> tuple[Array, ...]:
    """Right and left slope, their error, how their gap changes with the step, and the gap."""
    right, left = (high - start) / h, (start - low) / h
    pairs = [_extrapolated(side, size, h) for side in (right, left)]
    ends, changes = [end for end, _ in pairs], [change for _, change in pairs]
    best = _best(changes)
    half = len(changes[0]) // 2
    finer = _best([change[half:] for change in changes]) + half
    # wide steps may reach past the next kink, and agree there: the finer ones if they can tell
    sure = [
        taken(change, finer) <= _TELLS * np.abs(taken(end, finer))
        for end, change in zip(ends, changes, strict=True)
    ]
    best = np.where(sure[0] | sure[1], finer, best)
    gap = right - left
    noise = _QUIET * size / h
    ratio: Array = _changes(gap, noise, best + 2)
    narrow = taken(gap[2:], best)
    finest = _finest(np.abs(narrow), noise)
    there = np.minimum(ratio, _changes(gap, noise, finest))
    ratio = np.where(finest[0] > best[0] + 2, there, ratio)
    ratio = np.fmax(ratio, _growth(gap, size, h))
    error = taken(changes[0], best) + taken(changes[1], best)
    right, left = taken(ends[0], best), taken(ends[1], best)
    if np.any(ratio > CUSP):
        right, left, error = _beside(right, left, error, ratio, high, low, size, h)
    return right, left, error, ratio, np.abs(narrow)


def quickly(start: Array, high: Array, low: Array, size: Array, h: Array) -> tuple[Array, ...]:
    """The same, where most sides meet: whose gap falls at every rung have no others looked at."""
    gap = np.abs(high + low - 2 * start) / h
    meet = np.all((gap[2:] <= _FALLS * gap[1:-1]) | (gap[2:] <= _QUIET * size[2:] / h[2:]), axis=0)
    central = (high[-1] - low[-1]) / (2 * h[-1])
    nothing = np.zeros(start.shape)
    found = (central, central.copy(), nothing, nothing.copy(), gap[-1])
    rest = np.flatnonzero(~meet)
    if rest.size:
        of = sides(start[rest], high[:, rest], low[:, rest], size[:, rest], h)
        for all_of_it, part in zip(found, of, strict=True):
            all_of_it[rest] = part
    return found


def _changes(gap: Array, noise: Array, rung: Array) -> Array:
    """How the gap between right and left changed on the way to a rung; 0 if it is none there."""
    wide, narrow = taken(gap, rung - 1), taken(gap, rung)
    with np.errstate(all="ignore"):
        return np.where(np.abs(narrow) <= taken(noise, rung), 0.0, np.abs(narrow / wide))


def _finest(gap: Array, noise: Array) -> Array:
    """The finest rung at which a gap of this size would stand clear of rounding."""
    clear = noise < 0.25 * gap
    return (len(noise) - 1 - np.argmax(clear[::-1], axis=0))[None]


def _beside(
    right: Array,
    left: Array,
    error: Array,
    ratio: Array,
    high: Array,
    low: Array,
    size: Array,
    h: Array,
) -> tuple[Array, Array, Array]:
    """At a jump the slopes of either side alone, without the step across; at a cusp any."""
    steps = h[:-1] - h[1:]
    found = [
        _extrapolated(side, size[1:], steps)
        for side in ((high[:-1] - high[1:]) / steps, (low[1:] - low[:-1]) / steps)
    ]
    half = len(found[0][1]) // 2
    best = _best([change[half:] for _, change in found]) + half  # the finer: beside, not beyond
    jump, cusp = ratio > JUMP, (ratio > CUSP) & (ratio <= JUMP)
    ends = [taken(end, best) for end, _ in found]
    apart = taken(found[0][1], best) + taken(found[1][1], best)
    right, left = np.where(jump, ends[0], right), np.where(jump, ends[1], left)
    error = np.where(jump, apart, error)
    return np.where(cusp, np.inf, right), np.where(cusp, -np.inf, left), np.where(cusp, 0, error)


def at_edges(
    slopes: Slopes,
    start: Array,
    high: Array,
    low: Array,
    size: Array,
    h: Array,
    reach: Sequence[Array],
) -> Slopes:
    """Where f ends at this point the slope is that of the one side; and vertical tangents.

    `reach` is whether f has a value anywhere on the right, and on the left. A slope that grows at
    every one of the finest steps has no limit: the point counts as a cusp.
    """
    if len(h) < _FEW:
        return slopes
    for side, beyond, sign in ((high, reach[1], 1.0), (low, reach[0], -1.0)):
        edge = ~beyond & np.all(np.isfinite(side[-_LAST:]), axis=0)
        if not np.any(edge):
            continue
        slope = sign * (side - start) / h
        once, _ = _extrapolated(slope, size, h, keep=True)
        twice = (16 * once[1:] - once[:-1]) / 15
        three = np.stack([twice[:-2], twice[1:-1], twice[2:]])
        spread, rounding = np.ptp(three, axis=0), 2 * size[3:-1] / h[3:-1]
        best = _best([spread + 2 * rounding])
        value, error = taken(twice[1:-1], best), taken(spread + 2 * rounding, best)
        slopes = slopes._replace(
            value=np.where(edge, value, slopes.value),
            error=np.where(edge, error, slopes.error),
            gap_ratio=np.where(edge, 0.0, slopes.gap_ratio),
        )
        slopes = _vertical(slopes, edge, _growth(slope, size, h))
    growing = [_growth((high - start) / h, size, h), _growth((start - low) / h, size, h)]
    same = np.sign(high[-1] - start) == np.sign(start - low[-1])
    return _vertical(slopes, same & (slopes.gap_ratio <= KINK), np.fmin(*growing))


def _vertical(slopes: Slopes, where: Array, growth: Array) -> Slopes:
    cusp = where & (growth > CUSP) & (growth <= JUMP)
    if not np.any(cusp):
        return slopes
    return slopes._replace(
        right=np.where(cusp, np.inf, slopes.right),
        left=np.where(cusp, -np.inf, slopes.left),
        one_sided=np.where(cusp, 0.0, slopes.one_sided),
        gap_ratio=np.where(cusp, growth, slopes.gap_ratio),
    )


def _growth(slope: Array, size: Array, h: Array) -> Array:
    """The least factor by which a one-sided slope grows from one of the finest steps to the next.

    0 where it does not grow at all of them alike, or where rounding may be what grows.
    """
    last = slope[-_LAST:]
    with np.errstate(all="ignore"):
        ratios = last[1:] / last[:-1]
    steady = np.ptp(ratios, axis=0) < 0.1
    clear = np.all(np.abs(last) > _QUIET * (size / h)[-_LAST:], axis=0)
    return np.where(steady & clear, np.min(ratios, axis=0), 0.0)


def _extrapolated(side: Array, size: Array, h: Array, keep: bool = False) -> tuple[Array, Array]:
    """A one-sided slope with its first error term taken away, and by how much it still changes."""
    end = (4 * side[1:] - side[:-1]) / 3
    change = np.abs(end[1:] - end[:-1]) + 8 * size[2:] / h[2:]
    return (end if keep else end[1:]), change


def _best(changes: Sequence[Array]) -> Array:
    """The rung at which all of them are least together."""
    total = np.sum(np.nan_to_num(np.stack(changes), nan=np.inf), axis=0)
    return np.argmin(np.where(np.isfinite(total), total, np.inf), axis=0)[None]


def taken(a: Array, rung: Array) -> Array:
    """What an array of rungs by outputs holds at one rung of each output."""
    width = a.shape[1]
    return np.asarray(a.ravel().take(rung[0] * width + np.arange(width)))
