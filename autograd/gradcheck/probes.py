"""The numeric leg: every element, or random probes of all of them; and which elements are wrong."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from autograd.gradcheck.function import Function
from autograd.gradcheck.judge import AGREES, FAILS, KINK, UNKNOWN, Judge, Verdict
from autograd.gradcheck.slopes import Analytic
from autograd.op import Array

__all__ = ["Cell", "Outcome", "compare"]

_FULL = 500  # inputs up to which every element is compared
_LISTED = 1500  # inputs up to which every element of a failing output is looked at
_OUTPUTS = 64  # failing outputs that are looked at
_FOUND, _GROUPS, _SAMPLE = 4, 80, 8  # the search among more inputs


class Cell(NamedTuple):
    """One element of the Jacobian that was judged: which, both slopes, the claimed error."""

    coordinate: int
    output: int
    analytic: float
    numeric: float
    error: float
    status: int
    gap_ratio: float


class Outcome(NamedTuple):
    """What a comparison found: cells of interest, and matrices where every element was looked at.

    `rows` are the outputs that `analytic` and `numeric` hold; `coordinates` their columns.
    """

    cells: list[Cell]
    probes: int  # 0 if every element was compared
    rows: Array
    coordinates: Array
    analytic: Array
    numeric: Array
    status: Array
    gradient: Array | None  # Jᵀu for one random u, over all inputs
    mixed: bool
    unplaced: bool  # probes disagree, and no single element does
    agreement: float = 0.0  # of the outputs that no probe blamed, relative to the largest


def compare(
    function: Function,
    judge: Judge,
    probes: int,
    full: bool,
    rng: np.random.Generator,
) -> Outcome:
    """Compare the Jacobian with differences: all of it if it is small, else by probes."""
    with np.errstate(all="ignore"):
        every = full or function.size <= _FULL
        analytic = Analytic(function, judge.x, rng, every)
        if analytic.mix is not None:
            judge.mixed(analytic.mix)
        outputs = np.arange(judge.start.size)
        if every:
            return _columns(judge, analytic, outputs, np.arange(function.size), 0)
        return _probe(function, judge, analytic, probes, rng)


def _columns(
    judge: Judge,
    analytic: Analytic,
    outputs: Array,
    coordinates: Array,
    probes: int,
    rows: Array | None = None,
) -> Outcome:
    """Judge some columns of the Jacobian, at some outputs, element by element."""
    few = judge.only(outputs)
    shape = (len(outputs), len(coordinates))
    a, n, status = np.empty(shape), np.empty(shape), np.empty(shape, int)
    cells: list[Cell] = []
    rows = analytic.matrix if rows is None else rows
    for column, j in enumerate(coordinates):
        d = np.zeros(judge.x.size)
        unit = d[j] = judge.unit[j]
        slope = rows[:, j] * unit if rows is not None else analytic.along(d)[outputs]
        found = few.judge(d, slope)
        a[:, column], n[:, column] = found.analytic / unit, found.numeric / unit
        status[:, column] = found.status
        cells += _cells(found, int(j), outputs, float(unit))
    return Outcome(
        cells, probes, outputs, coordinates, a, n, status, None, judge.mix is not None, False
    )


def _cells(found: Verdict, j: int, outputs: Array, unit: float) -> list[Cell]:
    return [
        Cell(
            j,
            int(outputs[i]),
            float(found.analytic[i] / unit),
            float(found.numeric[i] / unit),
            float(found.error[i] / unit),
            int(found.status[i]),
            float(found.gap_ratio[i]),
        )
        for i in np.flatnonzero(found.status != AGREES)
    ]


def _probe(
    function: Function, judge: Judge, analytic: Analytic, probes: int, rng: np.random.Generator
) -> Outcome:
    size, outputs = judge.x.size, judge.start.size
    worst = np.zeros(outputs)
    agreement = 0.0
    cells: list[Cell] = []
    for _ in range(probes):
        d = judge.unit * rng.choice([-1.0, 1.0], size)
        found = judge.judge(d, analytic.along(d), confirm=False)
        apart = np.abs(found.analytic - found.numeric) / np.fmax(found.error, 1e-300)
        apart = np.nan_to_num(apart, nan=1e300)
        worst = np.where(found.status == FAILS, np.fmax(worst, apart), worst)
        unsure = np.isin(found.status, (UNKNOWN, KINK))
        cells += [c for c in _cells(found, -1, np.arange(outputs), 1.0) if unsure[c.output]]
        good = found.status == AGREES
        scale = np.max(np.abs(found.numeric[good]), initial=0.0)
        if scale:
            apart = np.abs(found.analytic - found.numeric)[good]
            agreement = max(agreement, float(np.max(apart) / scale))
        if np.any(worst):
            break
    nothing = np.zeros((0, 0))
    none = np.zeros(0, int)
    if not np.any(worst):
        return Outcome(
            cells, probes, none, none, nothing, nothing, nothing, None, judge.mix is not None, False
        )
    return _locate(judge, analytic, worst, rng)._replace(agreement=agreement)


def _locate(judge: Judge, analytic: Analytic, worst: Array, rng: np.random.Generator) -> Outcome:
    """Which elements make the probes of some outputs fail."""
    order = np.sort(np.argsort(-worst)[: np.count_nonzero(worst)][:_OUTPUTS])
    matrix = analytic.matrix
    rows = analytic.rows(order) if matrix is None else matrix[order]
    u = rng.uniform(0.5, 1.5, analytic.outputs)
    gradient = analytic.recording.vjp(u)
    if judge.x.size <= _LISTED:
        coordinates = np.arange(judge.x.size)
    else:
        coordinates = _search(judge, rows, order, rng)
    found = _columns(judge, analytic, order, coordinates, 1, rows)
    failing = any(cell.status == FAILS for cell in found.cells)
    return found._replace(gradient=gradient, unplaced=not failing)


def _search(judge: Judge, rows: Array, outputs: Array, rng: np.random.Generator) -> Array:
    """Wrong coordinates by bisection, from a few outputs, until enough are found."""
    found: set[int] = set()
    left = _GROUPS
    # again with other signs, should wrong elements have cancelled
    rounds = [*enumerate(outputs)] * 3
    for turn, (row, output) in enumerate(rounds):
        if len(found) >= _FOUND or left <= 0 or (found and turn >= len(outputs)):
            break
        one = judge.only(np.array([output]))
        stack = [np.arange(judge.x.size)]
        while stack and left > 0 and len(found) < _FOUND:
            group = stack.pop()
            left -= 1
            d = np.zeros(judge.x.size)
            d[group] = judge.unit[group] * rng.choice([-1.0, 1.0], group.size)
            verdict = one.judge(d, np.array([rows[row, group] @ d[group]]), confirm=False)
            if verdict.status[0] != FAILS:
                continue
            if group.size == 1:
                found.add(int(group[0]))
                continue
            middle = group.size // 2
            stack += [group[middle:], group[:middle]]
    sample = rng.choice(judge.x.size, _SAMPLE, replace=False)
    return np.array(sorted(found | {int(j) for j in sample}))
