"""The numeric leg: every element, or random probes of all of them at once."""

from __future__ import annotations

import numpy as np

from autograd.gradcheck.legs.directions import Directions
from autograd.gradcheck.legs.halves import irregular
from autograd.gradcheck.legs.locate import locate
from autograd.gradcheck.numeric.cells import Outcome, columns, nothing
from autograd.gradcheck.numeric.decisions import FAILS, KINK
from autograd.gradcheck.numeric.function import Function
from autograd.gradcheck.numeric.judge import Judge
from autograd.gradcheck.numeric.slopes import Analytic

__all__ = ["compare"]

_FULL = 500  # inputs up to which every element is compared
_CELLS = 4_000_000  # elements of the Jacobian, likewise
_EACH = 2000  # and up to which each is looked at, where no search finds what is to blame


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
        few = function.size <= _FULL and function.size * judge.start.size <= _CELLS
        every = full or few
        analytic = Analytic(function, judge.x, rng, every)
        if analytic.mix is not None:
            judge.mixed(analytic.mix)
        judge.rounds = analytic.rounding
        if every:
            outputs = np.arange(judge.start.size)
            return columns(judge, analytic, outputs, np.arange(function.size), 0)
        return _by_probes(judge, analytic, probes, rng, quick)


def _by_probes(
    judge: Judge, analytic: Analytic, probes: int, rng: np.random.Generator, quick: bool
) -> Outcome:
    """Probes of all coordinates; where some of these are at a kink, those alone, and the others.

    A probe across many kinks would only say that the gradient lies between the sum of all slopes
    from the left and that of all from the right; and one kink, below noise, looks like an error
    that no element is to blame for.
    """
    mixed = judge.mix is not None
    everywhere = np.ones(judge.x.size, bool)
    if not quick:
        likely = Directions(judge, analytic, everywhere, probes, rng, screen=True)
        if likely.wrong:
            found = locate(likely, probes, rng)
            if any(cell.coordinate >= 0 and cell.status == FAILS for cell in found.cells):
                return found
    first = (
        Directions(judge, analytic, everywhere, probes, rng, confirm=quick)
        if quick or likely.wrong
        else likely
    )
    found = nothing(first.failing or first.unsure, probes, mixed)
    if first.wrong and not quick:
        found = locate(first, probes, rng)
    blamed = any(cell.coordinate >= 0 for cell in found.cells)
    if not found.cells or blamed or (quick and first.wrong):
        return found
    outputs = np.unique([cell.output for cell in found.cells])
    sharp = all(cell.status == KINK for cell in found.cells)
    coordinates, complete = irregular(judge, analytic, outputs, sharp, rng)
    if not coordinates.size and judge.x.size <= _EACH:
        every = columns(judge, analytic, np.arange(judge.start.size), np.arange(judge.x.size), 1)
        coordinates = np.unique([c.coordinate for c in every.cells if c.status == KINK]).astype(int)
    if not coordinates.size:
        return found
    alone = columns(judge, analytic, np.arange(judge.start.size), coordinates, probes)
    alone = alone._replace(complete=complete)
    if any(cell.status == FAILS for cell in alone.cells):
        return alone._replace(agreement=first.agreement)
    others = np.ones(judge.x.size, bool)
    others[coordinates] = False
    second = Directions(judge, analytic, others, probes, rng, screen=True)
    if second.wrong:
        return locate(second, probes, rng)
    return alone._replace(cells=alone.cells + second.unsure)
