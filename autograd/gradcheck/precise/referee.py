"""The referee: what double precision could not decide, decided in many digits.

The numeric slope, from differences in many digits, is compared with the rules run on the same
numbers: that is the formula. Then the gradient in double precision is compared, whose rounding is
what the rules differ by when they are run in 53 bits, and in 45.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.engine.op import Array
from autograd.errors import AutogradError
from autograd.gradcheck.numeric.cells import Cell, Outcome
from autograd.gradcheck.numeric.decisions import AGREES, FAILS, KINK, SLACK, UNKNOWN, VAGUE
from autograd.gradcheck.numeric.function import Recording
from autograd.gradcheck.numeric.judge import Judge
from autograd.gradcheck.precise.digits import (
    Budget,
    TimeIsUp,
    bits,
    digits,
    is_installed,
    lifted,
    named_constants,
    spending,
)
from autograd.gradcheck.precise.rulings import (
    EPS,
    TAIL,
    Ruling,
    in_words,
    right_but_rounded,
    with_rulings,
)
from autograd.gradcheck.precise.slopes import slopes, values_of
from autograd.gradcheck.precise.tape import Tape, parts_of

__all__ = ["DIGITS", "decided"]

DIGITS = 50
_SECONDS = 3.0  # for what nobody asked for
_SHORT = 0.5  # where all fail plainly, and a note on rounding is all that could come of it
_PLAIN = 5e-3  # of a slope: what is off by more, at a slope that is known well
_NUMBERS = 60_000  # that are computed with: more take longer than that
_MANY = f"not decided in {DIGITS} digits: f computes with too many numbers; precision={DIGITS} does"
_CONSTANTS = 64.0  # a formula has constants, which double precision rounds
_COARSE = 45  # bits
_CHANGE = 2.0**-40  # of what each rule gives, which tells how its terms cancel
_DIRECTIONS = 4
_TRIED = 8  # failures that are looked at before they are believed
_SAME = 1e-5
_EACH = 500  # coordinates that are looked at one by one, and outputs
_FAULTS = (
    AutogradError, TypeError, ValueError, AttributeError, ArithmeticError, LookupError,
    AssertionError, NotImplementedError,
)  # fmt: skip


def decided(
    judge: Judge, outcome: Outcome, precision: int | None, rng: np.random.Generator
) -> tuple[Outcome, list[str]]:
    """An outcome with the referee's rulings in it, and what there is to say of them.

    With a `precision` every element is looked at; without one, those that are undecided. Of
    failures some are looked at, and the others where one of these turns out to be none.
    """
    seconds = _SHORT if all(map(_is_plain, outcome.cells)) else _SECONDS
    case = Case(judge, precision or DIGITS, Budget(None if precision else seconds))
    token = spending.set(case.budget)
    try:
        return _decided(case, outcome, precision, rng)
    finally:
        spending.reset(token)


def _decided(
    case: Case, outcome: Outcome, precision: int | None, rng: np.random.Generator
) -> tuple[Outcome, list[str]]:
    if precision is not None:
        return case.decide(outcome, _all(case.judge, outcome, rng), rng)
    failing = [cell for cell in outcome.cells if cell.status == FAILS]
    asked = [cell for cell in outcome.cells if cell.status == UNKNOWN]
    if not (failing or asked) or not is_installed():
        return outcome, []
    if case.numbers() > _NUMBERS:
        return outcome, [_MANY] if asked else []
    if failing:
        some = case.decide(outcome, failing[:_TRIED], rng, sure=True)[0]
        if len(some.cells) == len(outcome.cells) or not case.same_value():
            return outcome, case.rounding  # they stand, and so does the report
    after, said = case.decide(outcome, failing, rng, sure=True) if failing else (outcome, [])
    return (after, said) if not asked else _both(said, case.decide(after, asked, rng))


def _is_plain(cell: Cell) -> bool:
    """Whether an element fails by far more than what the referee could take back."""
    a, n = abs(cell.analytic), abs(cell.numeric)
    off = abs(cell.analytic - cell.numeric)
    known = cell.error <= 1e-4 * n and not cell.gap_ratio
    return cell.status == FAILS and known and off > _PLAIN * max(a, n)


def _both(said: list[str], more: tuple[Outcome, list[str]]) -> tuple[Outcome, list[str]]:
    return more[0], said + more[1]


class Case:
    """A function at a point: its values and its gradients in many digits."""

    def __init__(self, judge: Judge, count: int, budget: Budget) -> None:
        self.judge = judge
        self.function = judge.function
        self.x = judge.x
        self.count = count
        self.budget = budget
        self.f = values_of(self.function)
        self.starts: dict[int, Array] = {}
        self.recording: Recording | None = None
        self.tapes: list[Tape] = []
        self.twin: Case | None = None  # the same with constants that are exact
        self.rounding: list[str] = []  # what is to be said of failures that are only that
        self.rows: dict[int, tuple[Array, Array, list[Array]]] = {}

    def decide(
        self, outcome: Outcome, asked: Sequence[Cell], rng: np.random.Generator, sure: bool = False
    ) -> tuple[Outcome, list[str]]:
        """Rule on some cells. `sure` acquits only where the gradient itself is right to 1e-5."""
        rulings: dict[tuple[int, int], Ruling] = {}
        notes: list[str] = []
        try:
            self.prepare(sorted({cell.output for cell in asked}))
            for coordinate in sorted({cell.coordinate for cell in asked}):
                outputs = [cell.output for cell in asked if cell.coordinate == coordinate]
                self.rule(coordinate, outputs, rulings, rng)
        except TimeIsUp as error:
            notes.append(f"not all was decided in {self.count} digits: {error}")
        except _FAULTS as error:
            what = f"{type(error).__name__}: {error}".splitlines()[0]
            notes.append(f"not decided in {self.count} digits: {what}")
        if sure:
            far = any(r.formula and not r.close for r in rulings.values())
            self.rounding = [right_but_rounded(self.count)] if far else []
            rulings = {key: r for key, r in rulings.items() if r.close}
        elif self.budget.end is not None:  # unasked: what may be rounding stays undecided
            rulings = {k: r for k, r in rulings.items() if r.status != FAILS or not r.formula}
        return with_rulings(outcome, rulings), notes + in_words(rulings, self.count)

    def numbers(self) -> int:
        """How many numbers the function computes with: each takes microseconds."""
        if self.recording is None:
            self.recording = self.function.record(self.x)
        return int(self.x.size + self.recording.size)

    def same_value(self) -> bool:
        """Whether f is in many digits what it is in double precision."""
        try:
            with digits(self.count):
                found = np.array(self.f(lifted(self.x)), float)
        except _FAULTS:
            return False
        value = self.function(self.x)
        return bool(np.allclose(found, value, rtol=_SAME, atol=_SAME * np.max(np.abs(value))))

    def weights(self, outputs: Sequence[int]) -> Array:
        """What the outputs of the judge are of those of f."""
        mix = self.judge.mix
        size = self.function.record(self.x).value.size if mix is None else mix.shape[1]
        if mix is not None:
            return mix[list(outputs)]
        found = np.zeros((len(outputs), size))
        found[np.arange(len(outputs)), list(outputs)] = 1.0
        return found

    def prepare(self, outputs: Sequence[int]) -> None:
        """The gradients: in double precision, in many digits, and twice in few."""
        if self.recording is None:
            self.recording = self.function.record(self.x)
        recording, exact = self.recording, lifted(self.x)
        for context in (digits(self.count), bits(53), bits(_COARSE))[len(self.tapes) :]:
            self.budget.spend()
            with context:
                self.tapes.append(Tape(recording, parts_of(self.function, exact)))
        for output, u in zip(outputs, self.weights(outputs), strict=True):
            if output in self.rows:
                continue
            self.budget.spend()
            found = []
            for tape, context in zip(self.tapes, (digits(self.count), bits(53), bits(_COARSE)),
                                     strict=True):  # fmt: skip
                with context:
                    found.append(tape.vjp(u))
            with digits(self.count):
                found.append(self.tapes[0].vjp(u, _changed))
            self.rows[output] = recording.vjp(u), found[0], found[1:]

    def rule(
        self, coordinate: int, outputs: Sequence[int], rulings: dict[Any, Ruling],
        rng: np.random.Generator,
    ) -> None:  # fmt: skip
        """Rule on some outputs along one coordinate, or along random directions of all."""
        for _ in range(1 if coordinate >= 0 else _DIRECTIONS):
            d = np.zeros(self.x.size)
            scale = 1.0
            if coordinate >= 0:
                d[coordinate] = 1.0
                scale = abs(float(self.x[coordinate])) or float(self.judge.unit[coordinate])
            else:
                d = self.judge.unit * rng.choice([-1.0, 1.0], d.size)
            found = slopes(
                self.f, self.x, d, scale, self.weights(outputs), self.count, self.budget,
                self.starts,
            )  # fmt: skip
            for output, slope in zip(outputs, found, strict=True):
                ruling = None if slope is None else self._ruling(output, d, slope)
                if ruling is not None and ruling.named:
                    ruling = self._with_constants(output, d, scale) or ruling
                old = rulings.get((coordinate, output))
                if ruling is not None and (old is None or old.status == AGREES):
                    rulings[coordinate, output] = ruling
                elif ruling is None and coordinate < 0:
                    rulings.pop((coordinate, output), None)
                    return

    def _with_constants(self, output: int, d: Array, scale: float) -> Ruling | None:
        """The ruling where π is π: f may be so exact, and a rule has but the double of it."""
        token = named_constants.set(True)
        try:
            if self.twin is None:
                self.twin = Case(self.judge, self.count, self.budget)
            twin = self.twin
            twin.prepare([output])
            weights = twin.weights([output])
            (slope,) = slopes(
                twin.f, twin.x, d, scale, weights, twin.count, twin.budget, twin.starts
            )
            ruling = None if slope is None else twin._ruling(output, d, slope)
        finally:
            named_constants.reset(token)
        return ruling if ruling is not None and ruling.formula else None

    def _ruling(self, output: int, d: Array, slope: Any) -> Ruling | None:
        used = np.flatnonzero(d)
        double, exact, few = self.rows[output]
        with digits(self.count):
            along = lifted(d[used])
            a = along.dot(lifted(double[used])) if used.size else lifted(0.0)[()]
            rule, in_53, in_45, changed = (along.dot(row[used]) for row in (exact, *few))
            n = slope.value
            own = abs(in_53 - rule) + abs(in_45 - rule) / 2.0 ** (53 - _COARSE)
            constants = _CONSTANTS * EPS * (abs(rule) if rule == rule else 0)
            # inside of an operation larger slopes may cancel, as in the inverse of a matrix
            largest = max(map(abs, exact), default=0) * float(np.max(np.abs(d), initial=0.0))
            inside = _CONSTANTS * EPS * largest
            tight = SLACK * slope.error + constants + EPS**2 * largest
            coarser = max(1.0, self.recording.coarsest / EPS) if self.recording else 1.0
            wide = tight + (SLACK * own + inside + constants) * coarser  # float32 on the way
            if own != own:  # 0 · ∞ in the rules
                return None
            # the constants of rules are rounded, and their terms may cancel
            terms = SLACK * abs(changed - rule) * (EPS / _CHANGE)
            formula = bool(abs(rule - n) <= tight + terms)
            named = not formula and abs(rule - n) <= SLACK * own + tight
            if formula and abs(n) <= EPS:
                wide = max(wide, TAIL * abs(n))
            status = AGREES if formula and abs(a - n) <= wide else FAILS
            error = max(float(slope.error), EPS**2 * float(min(abs(n), 1) if slope.is_sharp else 1))
            rounding = float(abs(a - rule))
            vague = own > VAGUE * abs(rule) and not formula
            a = rule if vague else a  # what is wrong with the rule, not with its rounding
            return Ruling(status, float(a), float(n), error, rounding, formula, named)


def _changed(g: Any) -> Any:
    """A cotangent on its way, each number changed by a small part of itself."""
    signs = np.random.default_rng(np.size(g)).choice([-1.0, 1.0], np.shape(g))
    return g * (1 + _CHANGE * signs)[()]


def _all(judge: Judge, outcome: Outcome, rng: np.random.Generator) -> list[Cell]:
    """Every element as one that is to be judged; of many, directions through them all."""
    count = judge.start.size
    outputs = np.arange(count) if count <= _EACH else rng.choice(count, _EACH, replace=False)
    coordinates = range(judge.x.size) if judge.x.size <= _EACH else [-1]
    kinks = {(cell.coordinate, cell.output) for cell in outcome.cells if cell.status == KINK}
    return [
        Cell(j, int(i), 0.0, 0.0, 0.0, UNKNOWN, 0.0, 0.0, 0.0)
        for j in coordinates
        for i in outputs
        if (j, int(i)) not in kinks
    ]
