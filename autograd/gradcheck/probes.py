"""The numeric leg: every element, or random probes of all of them at once."""

from __future__ import annotations

import numpy as np

from autograd.gradcheck.cells import Cell, Outcome, cells_of, columns, nothing
from autograd.gradcheck.function import Function
from autograd.gradcheck.judge import AGREES, FAILS, KINK, UNKNOWN, Judge
from autograd.gradcheck.locate import irregular, locate
from autograd.gradcheck.slopes import Analytic
from autograd.op import Array

__all__ = ["compare"]

_FULL = 500  # inputs up to which every element is compared


def compare(
    function: Function,
    judge: Judge,
    probes: int,
    full: bool,
    rng: np.random.Generator,
    quick: bool = False,
) -> Outcome:
    """Compare the Jacobian with differences: all of it if it is small, else by probes.

    With `quick` a probe that fails is enough, and the elements behind it are not looked for.
    """
    with np.errstate(all="ignore"):
        every = full or function.size <= _FULL
        analytic = Analytic(function, judge.x, rng, every)
        if analytic.mix is not None:
            judge.mixed(analytic.mix)
        if every:
            outputs = np.arange(judge.start.size)
            return columns(judge, analytic, outputs, np.arange(function.size), 0)
        return _by_probes(judge, analytic, probes, rng, quick)


def _by_probes(
    judge: Judge, analytic: Analytic, probes: int, rng: np.random.Generator, quick: bool
) -> Outcome:
    """Probes of all coordinates; where some of these are at a kink, those alone, and the others.

    A probe across many kinks would only say that the gradient lies between the sum of all slopes
    from the left and that of all from the right.
    """
    first = _Probes(judge, analytic, np.ones(judge.x.size, bool))
    first.run(probes, rng)
    if first.wrong and quick:
        return nothing(first.failing, probes, judge.mix is not None)
    if first.wrong:
        return locate(judge, analytic, first.worst, first.d, rng)._replace(agreement=first.agrees)
    if not first.unsure:
        return nothing([], probes, judge.mix is not None)
    unsure = np.unique([cell.output for cell in first.unsure])
    coordinates, complete = irregular(judge, analytic, unsure, rng)
    if not coordinates.size:
        return nothing(first.unsure, probes, judge.mix is not None)
    alone = columns(judge, analytic, np.arange(judge.start.size), coordinates, probes)
    alone = alone._replace(complete=complete)
    if any(cell.status == FAILS for cell in alone.cells):
        return alone._replace(agreement=first.agrees)
    others = np.ones(judge.x.size, bool)
    others[coordinates] = False
    second = _Probes(judge, analytic, others)
    second.run(probes, rng)
    if second.wrong:
        return locate(judge, analytic, second.worst, second.d, rng)._replace(
            agreement=second.agrees
        )
    return alone._replace(cells=alone.cells + second.unsure)


class _Probes:
    """Random directions of ±1 steps along some of the coordinates, and what they showed."""

    def __init__(self, judge: Judge, analytic: Analytic, moving: Array) -> None:
        self.judge = judge
        self.analytic = analytic
        self.moving = moving
        self.worst = np.zeros(judge.start.size)  # by how many errors each output is off
        self.d = np.zeros(judge.x.size)
        self.unsure: list[Cell] = []
        self.failing: list[Cell] = []
        self.agrees = 0.0

    @property
    def wrong(self) -> bool:
        return bool(np.any(self.worst))

    def run(self, probes: int, rng: np.random.Generator) -> None:
        outputs = np.arange(self.worst.size)
        for _ in range(probes if np.any(self.moving) else 0):
            signs = rng.choice([-1.0, 1.0], self.judge.x.size)
            self.d = np.where(self.moving, self.judge.unit * signs, 0.0)
            found = self.judge.judge(self.d, self.analytic.along(self.d), confirm=False)
            apart = np.abs(found.analytic - found.numeric)
            excess = np.nan_to_num(apart / np.fmax(found.error, 1e-300), nan=1e300)
            self.worst = np.where(found.status == FAILS, np.fmax(self.worst, excess), self.worst)
            unsure = np.isin(found.status, (UNKNOWN, KINK))
            cells = cells_of(found, -1, outputs)
            self.unsure += [cell for cell in cells if unsure[cell.output]]
            self.failing += [cell for cell in cells if cell.status == FAILS]
            good = found.status == AGREES
            scale = np.max(np.abs(found.numeric[good]), initial=0.0)
            if scale:
                self.agrees = max(self.agrees, float(np.max(apart[good]) / scale))
            if self.wrong:
                return
