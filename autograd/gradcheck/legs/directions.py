"""Random directions: all coordinates at once, and what the outputs say to that."""

from __future__ import annotations

import numpy as np

from autograd.engine.op import Array
from autograd.gradcheck.numeric.cells import Cell, cells_of
from autograd.gradcheck.numeric.decisions import AGREES, FAILS, KINK, UNKNOWN, Verdict
from autograd.gradcheck.numeric.judge import Judge
from autograd.gradcheck.numeric.slopes import Analytic

__all__ = ["Directions", "drawn"]

_SHOWN = 64  # outputs that fail, the worst, of which more than the number is kept
_PARTS = 64  # of a unit: steps stay sums without rounding


class Directions:
    """Steps of about ±1 along some of the coordinates, judged until one direction is wrong."""

    def __init__(
        self,
        judge: Judge,
        analytic: Analytic,
        moving: Array,
        probes: int,
        rng: np.random.Generator,
        screen: bool = False,
        confirm: bool = False,
    ) -> None:
        self.judge = judge
        self.screen = screen  # whether a failure is looked into, so that it need only be likely
        self.confirm = confirm  # or is all that is asked, so that it must stand
        self.analytic = analytic
        self.moving = moving
        self.worst = np.zeros(judge.start.size)  # by how many errors each output is off
        self.d = np.zeros(judge.x.size)  # the last direction: the wrong one, if there is one
        self.unsure: list[Cell] = []
        self.failing: list[Cell] = []
        self.agreement = 0.0  # of the outputs that agree, relative to the largest
        for _ in range(probes if np.any(moving) else 0):
            self._probe(rng)
            if self.wrong:
                break

    @property
    def wrong(self) -> bool:
        return bool(np.any(self.worst))

    def failed(self, most: int) -> Array:
        """The outputs that are off by most."""
        return np.sort(np.argsort(-self.worst)[: np.count_nonzero(self.worst)][:most])

    def _probe(self, rng: np.random.Generator) -> None:
        self.d = np.where(self.moving, drawn(self.judge.unit, rng), 0.0)
        along = self.analytic.along(self.d)
        if self.screen:
            found = self.judge.screened(self.d, along)
        else:
            found = self.judge.judge(self.d, along, confirm=self.confirm)
        apart = np.abs(found.analytic - found.numeric)
        excess = np.nan_to_num(apart / np.fmax(found.error, 1e-300), nan=1e300)
        self.worst = np.where(found.status == FAILS, np.fmax(self.worst, excess), self.worst)
        number = np.arange(self.worst.size)
        unsure = np.isin(found.status, (UNKNOWN, KINK))
        self.unsure += cells_of(_part(found, unsure), -1, number[unsure])
        if self.wrong:
            shown = self.failed(_SHOWN)
            self.failing += cells_of(_part(found, shown), -1, shown)
        good = found.status == AGREES
        scale = np.max(np.abs(found.numeric[good]), initial=0.0)
        if scale:
            self.agreement = max(self.agreement, float(np.max(apart[good]) / scale))


def _part(found: Verdict, outputs: Array) -> Verdict:
    return Verdict(*(part[outputs] for part in found))


def drawn(unit: Array, rng: np.random.Generator) -> Array:
    """Steps of ± half a unit to one and a half: equal errors of opposite sign do not cancel."""
    sizes = rng.integers(_PARTS // 2, _PARTS * 3 // 2 + 1, unit.size) / _PARTS
    return np.asarray(unit * sizes * rng.choice([-1.0, 1.0], unit.size))
