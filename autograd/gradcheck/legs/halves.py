"""Coordinates that are wrong, or at a kink, by halves: with a bound on the work."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from autograd.engine.op import Array
from autograd.gradcheck.legs.directions import drawn
from autograd.gradcheck.numeric.decisions import AGREES, FAILS, KINK, SLACK, UNKNOWN
from autograd.gradcheck.numeric.judge import Judge
from autograd.gradcheck.numeric.slopes import Analytic

__all__ = ["FOUND", "SAME", "along", "by_halves", "irregular"]

FOUND = 24  # wrong elements after which the search among more inputs stops
SAME = 1e-3  # relative difference within which two errors are one
_KINKED = 64  # elements at a kink after which the search for them stops
_GROUPS = 500  # groups of elements that a search may try
_WORK = 10_000_000  # elements in all of these together, beyond which there are fewer
_ROUNDS = 3  # searches with other signs, should wrong elements cancel
_MATRIX = 4_000_000


def along(rows: Array, d: Array) -> Array:
    used = d != 0  # 0 · inf is no contribution
    return np.asarray(rows[:, used] @ d[used])


def by_halves(few: Judge, rows: Array, candidates: Array, rng: np.random.Generator) -> list[int]:
    """Wrong coordinates of outputs that have several, until enough are found."""
    for _ in range(_ROUNDS):
        if found := _halved(few, rows, candidates, rng):
            return found
    return []


def _halved(few: Judge, rows: Array, candidates: Array, rng: np.random.Generator) -> list[int]:
    """By how much one half of a group is off tells it of the other one, too."""
    steps = drawn(few.unit, rng)

    def judged(group: Array) -> _Group:
        d = np.zeros(few.unit.size)
        d[group] = steps[group]
        found = few.screened(d, along(rows, d))
        known = bool(np.all(np.isin(found.status, (AGREES, FAILS))))
        off = found.analytic - found.numeric
        return _Group(group, off, found.error, known, bool(np.any(found.status == FAILS)))

    found: list[int] = []
    stack, left = [judged(candidates)], _allowed(few.unit.size)
    while stack and left > 0 and len(found) < FOUND:
        whole = stack.pop()
        if not whole.fails:
            continue
        if whole.members.size == 1:
            found.append(int(whole.members[0]))
            continue
        halves = np.array_split(whole.members, 2)
        first = judged(halves[0])
        second = whole.without(first, halves[1])
        left -= 1
        if second is None:
            second = judged(halves[1])
            left -= 1
        stack += [second, first]
    return found


class _Group(NamedTuple):
    """Coordinates that were moved together, and by how much each output was off."""

    members: Array
    off: Array
    error: Array
    known: bool
    fails: bool

    def without(self, part: _Group, rest: Array) -> _Group | None:
        """The others of a group; None where it cannot be said whether they are off."""
        off, error = self.off - part.off, self.error + part.error
        wrong = np.abs(off) > SLACK * error
        faint = wrong & (np.abs(off) <= SAME * np.fmax(np.abs(self.off), np.abs(part.off)))
        if not (self.known and part.known) or np.any(faint) or not np.all(np.isfinite(off)):
            return None
        return _Group(rest, off, error, True, bool(np.any(wrong)))


def irregular(
    judge: Judge, analytic: Analytic, outputs: Array, sharp: bool, rng: np.random.Generator
) -> tuple[Array, bool]:
    """The coordinates along which some outputs have a kink or an edge; and whether that is all.

    `sharp` ones are known to be none that rounding makes.
    """
    few = judge.only(outputs)
    if sharp:
        few = few.without_rounding()

    def is_one(d: Array) -> bool:
        found = few.screened(d, analytic.along(d)[outputs], looking=sharp)
        return bool(np.any(np.isin(found.status, (KINK, UNKNOWN, FAILS))))

    most = max(1, min(_KINKED, _MATRIX // judge.start.size))
    found, complete = _bisect(is_one, judge.unit, np.arange(judge.x.size), most, rng)
    return np.array(sorted(found), int), complete


def _allowed(size: int) -> int:
    """How many groups a search may try."""
    return max(_GROUPS // 5, min(_GROUPS, _WORK // size))


def _bisect(
    holds: Callable[[Array], bool],
    unit: Array,
    candidates: Array,
    most: int,
    rng: np.random.Generator,
) -> tuple[list[int], bool]:
    """The coordinates for which something holds, one by one; and whether the search was ended.

    A group of steps for which it does not hold is left out whole.
    """
    found: list[int] = []
    stack = [candidates]
    left = _allowed(unit.size)
    while stack:
        if len(found) >= most or not left:
            return found, False
        group = stack.pop()
        left -= 1
        d = np.zeros(unit.size)
        d[group] = drawn(unit[group], rng)
        if not holds(d):
            continue
        if group.size == 1:
            found.append(int(group[0]))
            continue
        middle = group.size // 2
        stack += [group[middle:], group[:middle]]
    return found, True
