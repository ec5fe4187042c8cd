"""What a check makes of points without a slope: kinks, vertical tangents, no derivative at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engine.op import Array
from autograd.gradcheck.numeric.decisions import FAILS, KINK, UNDEFINED, UNKNOWN
from autograd.gradcheck.numeric.function import FAILURES, Function
from autograd.gradcheck.numeric.judge import Judge
from autograd.gradcheck.report.finding import Finding
from autograd.gradcheck.report.report import Report

__all__ = ["AtKinks"]

_BESIDE = 0.05  # how far beside a kink to look, in steps of a coordinate


class AtKinks:
    """The part of a run that judges such points."""

    kinks: str
    probes: int
    full: bool
    rng: np.random.Generator
    quick: bool
    check: Callable[..., Report]
    failures: list[Finding]
    notes: list[str]
    extra: float
    bent: set[int]  # coordinates at a kink, whose next derivatives may be NaN
    wrong: bool
    without = ""  # a node that has no derivative

    def case(self, function: Function, x: Array, order: int) -> Any:
        """What findings share."""
        raise NotImplementedError

    def undefined_at(self, function: Function, judge: Judge, outcome: Any) -> Any:
        """Where the gradient is NaN, and so is the derivative, no rule is to blame."""
        nan = [c for c in outcome.cells if c.status == FAILS and np.isnan(c.analytic)]
        if self.kinks == "error" or self.wrong or not nan or judge.mix is not None:
            return outcome
        from autograd.gradcheck.legs.audit import place_of
        from autograd.gradcheck.legs.choices import choices
        from autograd.gradcheck.legs.undefined import undefined

        recording = function.record(judge.x)
        found = undefined(function, judge.x, recording, self.rng)
        if found is None:
            return outcome
        outputs, nodes = found
        others = choices(recording, self.rng)
        with np.errstate(all="ignore"):
            right = all(o.is_right() for o in others.others if o.node not in nodes)
        if others.wrong or not right:
            return outcome
        self.without = place_of(nodes[0])
        bare = {c.coordinate for c in nan if outputs[c.output]}  # 0 · inf at other outputs, too
        return outcome._replace(
            cells=[
                c._replace(status=UNDEFINED) if c in nan and c.coordinate in bare else c
                for c in outcome.cells
            ]
        )

    def without_slope(self, outcome: Any) -> Any:
        """A derivative of order two is none where the first is at a kink, and NaN says so."""
        return outcome._replace(
            cells=[
                c._replace(status=KINK, gap_ratio=c.gap_ratio or 1.0)
                if c.status == FAILS and np.isnan(c.analytic) and c.coordinate in self.bent
                else c
                for c in outcome.cells
            ]
        )

    def at_kinks(self, function: Function, judge: Judge, outcome: Any, order: int, leg: str) -> Any:
        """Where nodes are at a kink their choices are judged, each for itself.

        If they are gradients that there are, and beside the kink all agrees, then so is what the
        function makes of them, though it may lie outside of its one-sided slopes.
        """
        from autograd.gradcheck.legs.choices import choices

        cells = outcome.cells
        if self.kinks != "bracket" or all(cell.status == UNKNOWN for cell in cells):
            return outcome
        found = choices(function.record(judge.x), self.rng)
        if order > 1 and self.bent:  # there is no second derivative to choose
            found.wrong.clear()
        case = self.case(function, judge.x, order)
        for what, where in found.wrong:
            self.failures.append(case.finding(leg, pattern=what, where=where))
            self.wrong = True
        failing = [cell for cell in cells if cell.status == FAILS]
        if order == 1 and not found.wrong and not failing and found.suspect:
            self._blame_one(case, leg, function, judge)
            return outcome
        # a comparison may tie, too, and choose between two nodes that are smooth
        kinked = found.kinked or all(cell.gap_ratio for cell in failing)
        if found.wrong or not (kinked and failing and found.smooth):
            return outcome
        beside = self._compared_beside(function, judge)
        if beside is None or any(cell.status == FAILS for cell in beside[1].cells):
            return outcome
        return outcome._replace(
            cells=[
                c._replace(status=KINK, gap_ratio=c.gap_ratio or (2.0 if found.vertical else 1.0))
                if c.status == FAILS and not np.isnan(c.analytic)
                else c
                for c in cells
            ]
        )

    def _blame_one(self, case: Any, leg: str, function: Function, judge: Judge) -> None:
        """The node whose rule is wrong, though the gradient lies between the one-sided slopes."""
        from autograd.gradcheck.naming.blame import blamed

        found = blamed(function, judge.x, 1, self.check)
        if found.node is not None:
            what = found.pattern() or "a wrong rule, between the one-sided slopes of a kink"
            self.failures.append(case.finding(leg, pattern=what, where=found.node))
            self.wrong = True

    def beside(self, function: Function, judge: Judge, order: int, leg: str) -> None:
        """The same a little beside a kink, where there is a slope to compare with."""
        from autograd.gradcheck.naming.findings import findings

        found = self._compared_beside(function, judge)
        if found is None:
            self.notes.append("at a kink, and no value beside it")
            return
        x, outcome = found
        failures = findings(self.case(function, x, order), outcome, FAILS, f"{leg}, beside a kink")
        self.failures += failures
        self.wrong |= bool(failures)

    def _compared_beside(self, function: Function, judge: Judge) -> tuple[Array, Any] | None:
        from autograd.gradcheck.legs.probes import compare

        shift = self.rng.uniform(0.5, 1.5, judge.x.size) * self.rng.choice([-1, 1], judge.x.size)
        for away in (shift, -shift, np.abs(shift), -np.abs(shift)):  # some may leave the domain
            x = judge.x + _BESIDE * judge.unit * away
            try:
                other = Judge(function, x, "bracket", self.rng)
                other.extra = self.extra
                return x, compare(function, other, self.probes, self.full, self.rng, self.quick)
            except FAILURES:
                continue
        return None
