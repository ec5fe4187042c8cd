"""What a comparison looked at: elements of the Jacobian, with both slopes and a verdict."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from autograd.engine.op import Array
from autograd.gradcheck.numeric.decisions import AGREES, UNKNOWN, Verdict
from autograd.gradcheck.numeric.judge import Judge
from autograd.gradcheck.numeric.slopes import Analytic
from autograd.gradcheck.numeric.together import agreeing

__all__ = ["Cell", "Outcome", "cells_of", "columns", "nothing", "on_plateaus"]

_HIDDEN = 1e-4  # a slope that is less is not looked for where f may be rounded to float32
_ROWS, _EACH = 16, 16  # so many outputs are looked at, and by so many inputs one by one


class Cell(NamedTuple):
    """One element of the Jacobian that was judged: which, both slopes, the claimed error.

    The coordinate is −1 where a direction was judged, and not an element. `left` and `right` are
    the one-sided slopes where `gap_ratio` says that they differ (see `kinks.py`).
    """

    coordinate: int
    output: int
    analytic: float
    numeric: float
    error: float
    status: int
    gap_ratio: float
    left: float
    right: float


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
    gradient: Array | None = None  # Jᵀu for one random u, over all inputs
    mixed: bool = False  # weightings of the outputs were compared, not each output
    complete: bool = True  # the cells are all there are, of the kind that was looked for
    agreement: float = 0.0  # of the outputs that no probe blamed, relative to the largest


def nothing(cells: list[Cell], probes: int, mixed: bool) -> Outcome:
    """An outcome without matrices."""
    empty, none = np.zeros((0, 0)), np.zeros(0, int)
    return Outcome(cells, probes, none, none, empty, empty, empty, None, mixed)


def columns(
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
    a, n = np.empty(shape, order="F"), np.empty(shape, order="F")  # written column by column
    status = np.empty(shape, int, order="F")
    cells: list[Cell] = []
    rows = analytic.matrix if rows is None else rows
    known = {} if rows is None or probes else agreeing(judge, rows, outputs, coordinates)
    for column, j in enumerate(coordinates):
        if rows is not None and int(j) in known:
            a[:, column], n[:, column], status[:, column] = rows[:, j], known[int(j)], AGREES
            continue
        d = np.zeros(judge.x.size)
        unit = d[j] = judge.unit[j]
        slope = rows[:, j] * unit if rows is not None else analytic.along(d)[outputs]
        found = few.judge(d, slope)
        a[:, column], n[:, column] = found.analytic / unit, found.numeric / unit
        status[:, column] = found.status
        cells += cells_of(found, int(j), outputs, float(unit))
    return Outcome(cells, probes, outputs, coordinates, a, n, status, None, judge.mix is not None)


def cells_of(found: Verdict, j: int, outputs: Array, unit: float = 1.0) -> list[Cell]:
    """The cells that do not just agree."""
    return [
        Cell(
            j,
            int(outputs[i]),
            float(found.analytic[i] / unit),
            float(found.numeric[i] / unit),
            float(found.error[i] / unit),
            int(found.status[i]),
            float(found.gap_ratio[i]),
            float(found.left[i] / unit),
            float(found.right[i] / unit),
        )
        for i in np.flatnonzero(found.status != AGREES)
    ]


def on_plateaus(judge: Judge, outcome: Outcome) -> Outcome:
    """With what nothing speaks for: outputs that no input moves, on their own rounding's plateaus.

    Below an offset in float32 a slope shows at no step, and a rule that gives 0 agrees with that.
    """
    if not outcome.analytic.size or judge.mix is not None:
        return outcome
    spacing = np.spacing(np.abs(judge.start).astype(np.float32)).astype(float)
    hidden = judge.single() & (spacing > _HIDDEN * np.min(judge.unit))
    still = ~np.any(outcome.analytic, axis=1) & np.all(outcome.status == AGREES, axis=1)
    rows = [int(i) for i in outcome.rows[still] if hidden[i]][:_ROWS]
    size = judge.x.size
    asked = [
        Cell(j, i, 0.0, 0.0, float(spacing[i] / np.min(judge.unit)), UNKNOWN, 0.0, 0.0, 0.0)
        for i in rows
        for j in (range(size) if size <= _EACH else [-1])
    ]
    return outcome._replace(cells=outcome.cells + asked)
