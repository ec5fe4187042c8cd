"""Which elements make a probe fail, or meet a kink: by bisection, with a bound on the work."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograd.gradcheck.cells import Cell, Outcome, cells_of, columns
from autograd.gradcheck.judge import AGREES, FAILS, KINK, UNKNOWN, Judge
from autograd.gradcheck.slopes import Analytic
from autograd.op import Array

__all__ = ["irregular", "locate"]

_LISTED = 1500  # inputs up to which every element of a failing output is looked at
_OUTPUTS = 64  # failing outputs that are looked at
_FOUND = 20  # wrong elements after which the search among more inputs stops
_KINKED = 64  # the same, of elements at a kink
_GROUPS = 500  # groups of elements that a search may try
_WORK = 10_000_000  # elements in all of these together, beyond which there are fewer
_SAMPLE = 8  # other elements that are looked at, to say how well these agree
_SAME = 1e-3  # relative difference within which two errors are one
_ROUNDS = 3  # searches with other signs, should wrong elements cancel
_MATRIX = 4_000_000


def locate(
    judge: Judge, analytic: Analytic, worst: Array, d: Array, rng: np.random.Generator
) -> Outcome:
    """The wrong elements behind the outputs for which a probe d failed."""
    order = np.sort(np.argsort(-worst)[: np.count_nonzero(worst)][:_OUTPUTS])
    rows = analytic.rows(order) if analytic.matrix is None else analytic.matrix[order]
    gradient = analytic.recording.vjp(rng.uniform(0.5, 1.5, analytic.outputs))
    if judge.x.size <= _LISTED:
        coordinates, complete = np.arange(judge.x.size), True
    else:
        coordinates, complete = _wrong(judge, rows, order, rng), False
    found = columns(judge, analytic, order, coordinates, 1, rows)
    found = found._replace(gradient=gradient, complete=complete)
    if any(cell.status == FAILS for cell in found.cells):
        return found
    return found._replace(cells=found.cells + _directions(judge, rows, order, d, rng))


def _directions(
    judge: Judge, rows: Array, outputs: Array, d: Array, rng: np.random.Generator
) -> list[Cell]:
    """The probe itself, where no single element is to blame: wrong, or not to be decided.

    It is wrong where ladders with other steps bear it out, and another probe too.
    """
    one = judge.only(outputs)
    other = np.abs(d) * rng.choice([-1.0, 1.0], d.size)
    found = one.judge(d, rows @ d)
    again = one.judge(other, rows @ other)
    status = np.where(found.status == again.status, found.status, UNKNOWN)
    status = np.where(found.status == FAILS, status, UNKNOWN)
    return cells_of(found._replace(status=status), -1, outputs)


def _wrong(judge: Judge, rows: Array, outputs: Array, rng: np.random.Generator) -> Array:
    """Wrong coordinates, and a few others."""
    found, several = _by_bits(judge.only(outputs), rows, rng)
    if not found and several.size:
        found = _by_halves(judge.only(outputs[several]), rows[several], rng)
    sample = rng.choice(judge.x.size, _SAMPLE, replace=False)
    return np.array(sorted({*found, *(int(j) for j in sample)}))


def _by_bits(few: Judge, rows: Array, rng: np.random.Generator) -> tuple[list[int], Array]:
    """The wrong coordinate of each output that has one alone; and which outputs have several.

    For every bit of a coordinate's number one probe moves the coordinates that have it: the output
    is off there by as much as in a probe of all, or not at all.
    """
    number = np.arange(few.x.size)
    signs = few.unit * rng.choice([-1.0, 1.0], few.x.size)

    def off(d: Array) -> tuple[Array, Array]:
        used = d != 0
        found = few.judge(d, rows[:, used] @ d[used], confirm=False)
        apart = found.analytic - found.numeric
        return np.where(found.status == FAILS, apart, 0.0), np.isin(found.status, (AGREES, FAILS))

    whole, sure = off(signs)
    code = np.zeros(len(rows), int)
    alone = sure & (whole != 0)
    for bit in range((few.x.size - 1).bit_length()):
        part, known = off(np.where(number >> bit & 1, signs, 0.0))
        all_of_it = np.abs(part - whole) <= _SAME * np.abs(whole)
        alone &= known & (all_of_it | (np.abs(part) <= _SAME * np.abs(whole)))
        code |= np.where(all_of_it, 1 << bit, 0)
    alone &= code < few.x.size
    return [int(j) for j in np.unique(code[alone])[:_FOUND]], np.flatnonzero(~alone)


def _by_halves(few: Judge, rows: Array, rng: np.random.Generator) -> list[int]:
    """Wrong coordinates of outputs that have several, until enough are found."""

    def fails(d: Array) -> bool:
        used = d != 0
        return bool(np.any(few.judge(d, rows[:, used] @ d[used], confirm=False).status == FAILS))

    for _ in range(_ROUNDS):
        found, _ = _bisect(fails, few.unit, _FOUND, rng)
        if found:
            return found
    return []


def irregular(
    judge: Judge, analytic: Analytic, outputs: Array, rng: np.random.Generator
) -> tuple[Array, bool]:
    """The coordinates along which some outputs have a kink or an edge; and whether that is all."""
    few = judge.only(outputs)

    def is_one(d: Array) -> bool:
        found = few.judge(d, analytic.along(d)[outputs], confirm=False)
        return bool(np.any(np.isin(found.status, (KINK, UNKNOWN, FAILS))))

    most = max(1, min(_KINKED, _MATRIX // judge.start.size))
    found, complete = _bisect(is_one, judge.unit, most, rng)
    return np.array(sorted(found), int), complete


def _bisect(
    holds: Callable[[Array], bool], unit: Array, most: int, rng: np.random.Generator
) -> tuple[list[int], bool]:
    """The coordinates for which something holds, one by one; and whether the search was ended.

    A group of steps for which it does not hold is left out whole.
    """
    found: list[int] = []
    stack = [np.arange(unit.size)]
    left = max(_GROUPS // 5, min(_GROUPS, _WORK // unit.size))
    while stack:
        if len(found) >= most or not left:
            return found, False
        group = stack.pop()
        left -= 1
        d = np.zeros(unit.size)
        d[group] = unit[group] * rng.choice([-1.0, 1.0], group.size)
        if not holds(d):
            continue
        if group.size == 1:
            found.append(int(group[0]))
            continue
        middle = group.size // 2
        stack += [group[middle:], group[:middle]]
    return found, True
