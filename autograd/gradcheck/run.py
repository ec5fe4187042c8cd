"""The legs of a check in their order, and what they found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.engine.op import Array
from autograd.errors import GradcheckError
from autograd.gradcheck.at_kinks import AtKinks
from autograd.gradcheck.numeric.decisions import FAILS, KINK, UNDEFINED, UNDERFLOW, UNKNOWN
from autograd.gradcheck.numeric.function import Function
from autograd.gradcheck.numeric.judge import Judge
from autograd.gradcheck.numeric.rounding import rounding_of_gradients
from autograd.gradcheck.report.finding import Finding
from autograd.gradcheck.report.report import Report

__all__ = ["Run"]

_SYMMETRIC = 1e-6


class Run(AtKinks):
    """One call of gradcheck: its settings, and what it has found so far."""

    def __init__(
        self,
        name: str,
        kinks: str,
        probes: int,
        full: bool,
        rng: np.random.Generator,
        seed: str,
        quick: bool,
        check: Callable[..., Report],
        precision: int | None = None,
    ) -> None:
        self.name = name
        self.kinks = kinks
        self.probes = probes
        self.full = full
        self.rng = rng
        self.seed = seed
        self.quick = quick
        self.check = check  # of a node alone, by all the legs
        self.precision = precision  # decimal digits in which all is decided again
        self.notes: list[str] = []
        self.failures: list[Finding] = []
        self.inconclusive: list[Finding] = []
        self.kinked: list[Finding] = []
        self.undefined: list[Finding] = []
        self.checked = 0
        self.probed = 0
        self.extra = 0.0
        self.own = 0  # how many inputs are the user's, not cotangents
        self.bent: set[int] = set()  # coordinates at a kink, whose next derivatives may be NaN
        self.wrong = False  # a derivative is: the next order would be, too
        self.cause: Exception | None = None  # what a leg raised
        self.of_f: Judge | None = None  # of the function itself

    def report(self) -> Report:
        return Report(
            self.failures,
            self.inconclusive,
            self.kinked,
            self.notes,
            self.checked,
            self.probed,
            self.cause,
            self.undefined,
        )

    def case(self, function: Function, x: Array, order: int) -> Any:
        from autograd.gradcheck.naming.blame import blamed
        from autograd.gradcheck.naming.case import Case

        case = Case(function, x, self.name, order, self.seed)
        options = f", order={order}" if order > 1 else ""
        case.repro = f"autograd.gradcheck({self.name}, *inputs{options}, rng={self.seed})"
        case.blame = lambda: blamed(function, x, order, self.check)
        case.quick = self.quick
        return case

    def first_order(self, function: Function, originals: Sequence[Any], layouts: bool) -> None:
        from autograd.gradcheck.legs.precision import is_low

        legs: list[tuple[str, Callable[[], None]]] = [
            ("contract", lambda: self.contract(function)),
            ("reverse", lambda: self.numeric(function, self.judge(function), 1)),
            ("forward", lambda: self.forward(function)),
        ]
        if layouts:
            legs.append(("layout", lambda: self.layouts(function)))
        low = [is_low(x) for x in originals]
        if any(low):
            legs.append(("float32", lambda: self.low_precision(function, originals, low)))
        for leg, run in legs:
            if not self.attempt(leg, function, 1, run):
                return

    def judge(self, function: Function) -> Judge:
        """One for all legs: measuring the noise takes a dozen evaluations."""
        if self.of_f is None:
            self.of_f = Judge(function, function.x, self.kinks, self.rng)
        return self.of_f

    def attempt(self, leg: str, function: Function, order: int, run: Callable[[], None]) -> bool:
        """Go one leg; what a rule or the function raises on it is a finding, and the end."""
        function.raised = None
        try:
            run()
            return True
        except GradcheckError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is
            who = (
                "f"
                if error is function.raised
                else "backward"
                if order == 1
                else "backward of the gradient"
            )
            what = f"{who} raised {type(error).__name__}: {error}"
            notes = "".join(f" ({note})" for note in getattr(error, "__notes__", ()))
            found = self.case(function, function.x, order)
            self.failures.append(found.finding(leg, pattern=what + notes))
            self.cause = self.cause or error
            self.wrong = True
            return False

    def contract(self, function: Function) -> None:
        """What every vector-Jacobian product must keep to."""
        from autograd.gradcheck.legs.contract import contract

        self.judge(function)  # says what cannot be checked at all
        broken, self.extra = contract(function, function.x, self.rng, self.notes)
        if self.extra:
            self.notes.append(
                f"the gradient changes by {self.extra:.1g} from run to run (nondeterministic); "
                "the tolerance allows for it"
            )
        for what, where in broken:
            found = self.case(function, function.x, 1)
            where = where or (None if self.quick else found.blamed.node)
            self.failures.append(found.finding("contract", pattern=what, where=where))

    def forward(self, function: Function) -> None:
        """Reverse against forward, node by node: which of the two is wrong the differences say."""
        from autograd.gradcheck.legs.forward import disagreeing

        for what, where in disagreeing(function.record(), self.rng):
            which = "the vjp" if self.wrong else "the jvp (its forward rule)"
            pattern = f"forward and reverse disagree, {which} is wrong: {what}"
            case = self.case(function, function.x, 1)
            self.failures.append(case.finding("forward", pattern=pattern, where=where))

    def numeric(self, function: Function, judge: Judge, order: int) -> None:
        """Compare with differences; and beside the point, where it is at a kink."""
        from autograd.gradcheck.legs.probes import compare

        judge.extra = self.extra
        leg = {1: "reverse", 2: "second order"}.get(order, f"order {order}")
        outcome = compare(function, judge, self.probes, self.full, self.rng, self.quick)
        outcome = self.without_slope(self._refereed(judge, outcome))
        own = len(function.checked) if order == 1 else self.own
        self.own = own
        self.checked += sum(a.size for a in function.checked[:own])
        self.probed = max(self.probed, outcome.probes)
        outcome = self.at_kinks(function, judge, outcome, order, leg)
        outcome = self.undefined_at(function, judge, outcome)
        self._sort(function, judge, outcome, order, leg)
        self.bent |= {cell.coordinate for cell in outcome.cells if cell.status == KINK}
        if outcome.mixed:
            self.notes.append(
                "the rules cannot be differentiated by their cotangents: random weightings of the "
                "outputs were compared, not each output"
            )
        if any(cell.status == KINK for cell in outcome.cells) and not self.wrong:
            self.beside(function, judge, order, leg)

    def _refereed(self, judge: Judge, outcome: Any) -> Any:
        """What differences in double precision leave undecided, in many digits."""
        from autograd.gradcheck.numeric.cells import on_plateaus

        outcome = outcome if self.quick else on_plateaus(judge, outcome)
        if self.quick or not (self.precision or outcome.cells):
            return outcome
        from autograd.gradcheck.precise.referee import decided  # late: most is decided before it

        outcome, said = decided(judge, outcome, self.precision, self.rng)
        self.notes += said
        return outcome

    def _sort(self, function: Function, judge: Judge, outcome: Any, order: int, leg: str) -> None:
        if not outcome.cells:
            return
        from autograd.gradcheck.naming.along import direction_of
        from autograd.gradcheck.naming.blame import blamed
        from autograd.gradcheck.naming.findings import findings

        case = self.case(function, judge.x, order)
        along = direction_of(outcome.cells, judge.x) if order == 1 else None
        case.blame = lambda: blamed(
            function, judge.x, order, self.check, whole=order == 1, along=along
        )
        case.raised = next(iter(judge.raised), None)
        failures = findings(case, outcome, FAILS, leg)
        self.failures += failures
        self.wrong |= bool(failures)
        self.inconclusive += findings(case, outcome, UNKNOWN, leg)
        self.kinked += findings(case, outcome, KINK, leg)
        case.without = self.without
        self.undefined += findings(case, outcome, UNDEFINED, leg)

    def layouts(self, function: Function) -> None:
        from autograd.gradcheck.legs.layouts import layouts

        if self.failures:
            return
        for name, why in layouts(function, function.x, self.rng, self.extra):
            found = self.case(function, function.x, 1)
            self.failures.append(found.finding("layout", pattern=f"{name}: {why}"))

    def low_precision(self, function: Function, originals: Sequence[Any], low: list[bool]) -> None:
        """Again in the inputs' own dtype, against double precision."""
        from autograd.gradcheck.legs.precision import low_precision
        from autograd.gradcheck.naming.blame import blamed
        from autograd.gradcheck.naming.low import low_finding

        arrays = [np.array(getattr(x, "_value", x)) for x in originals]
        dtype = str(next(a.dtype for a, is_low in zip(arrays, low, strict=True) if is_low))
        shown = [
            f"{name} ({a.dtype})"
            for name, a, is_low in zip(function.names, arrays, low, strict=True)
            if is_low
        ]
        self.notes.append(f"computed in double precision: {', '.join(shown)}")
        if self.wrong:
            return
        found = low_precision(function, arrays, self.rng)
        case = self.case(function, function.x, 1)
        case.blame = lambda: blamed(function, function.x, 1, self.check, arrays)
        for what, where in found.broken:
            self.failures.append(case.finding("float32", pattern=what, where=where, dtype=dtype))
        for number, (start, stop) in enumerate(
            zip(function.stops[:-1], function.stops[1:], strict=True)
        ):
            mine = [int(i) for i in found.wrong if start <= i < stop]
            if mine:
                self.failures.append(low_finding(case, found, mine, number, int(start), dtype))
        if found.rounding:
            self.notes.append(found.rounding)

    def higher_order(self, function: Function, level: int) -> Function:
        """The gradient as a function of inputs and cotangents, checked like any other."""
        recording = function.record()
        size = recording.value.size
        u = self.rng.uniform(0.5, 1.5, size) * self.rng.choice([-1.0, 1.0], size)
        u = np.ones(1) if size == 1 else u
        seeds = [
            c.astype(np.complex128 if c.dtype.kind == "c" else np.float64)
            for c in recording.unflat(u)
        ]
        derivative = function.gradient(seeds)
        what = f"the derivative of order {level - 1}"

        def run() -> None:
            if not np.all(np.isfinite(derivative(derivative.x))):
                self.notes.append(f"order {level} not checked: {what} is not finite everywhere")
                return
            judge = Judge(derivative, derivative.x, self.kinks, self.rng, what)
            self.numeric(derivative, judge, level)
            if level == 2 and not self.wrong and not self.kinked:
                self._symmetry(derivative, function.size)
                self._frozen(derivative)

        self.attempt("second order", derivative, level, run)
        return derivative

    def _frozen(self, derivative: Function) -> None:
        """Whether second derivatives are the same where some inputs, or cotangents, need none."""
        from autograd.gradcheck.legs.frozen import frozen_twice

        what = frozen_twice(derivative, self.rng)
        if what is not None:
            case = self.case(derivative, derivative.x, 2)
            self.failures.append(case.finding("second order", pattern=what))

    def _symmetry(self, derivative: Function, size: int) -> None:
        """<b, H a> = <a, H b>."""
        with np.errstate(all="ignore"):
            recording = derivative.record()
            a, b = self.rng.choice([-1.0, 1.0], (2, recording.value.size))
            ha, hb = recording.vjp(a)[:size], recording.vjp(b)[:size]
            apart = abs(float(b @ ha - a @ hb))
            scale = float(np.abs(ha).sum() + np.abs(hb).sum())
            allowed = (_SYMMETRIC + self.extra) * scale + UNDERFLOW
            if apart <= allowed:
                return
            terms = rounding_of_gradients(recording, np.stack([a, b]), self.rng)[:, :size].sum()
        if apart > allowed + recording.rounding * terms:
            case = self.case(derivative, derivative.x, 2)
            what = f"the Hessian is not symmetric: <b, Ha> and <a, Hb> are {apart:.2g} apart"
            self.failures.append(case.finding("second order", pattern=what))
