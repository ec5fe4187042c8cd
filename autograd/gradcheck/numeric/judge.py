"""The verdict on one direction: analytic against numeric slope, for every output at once."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy

import numpy as np

from autograd.engine.op import Array
from autograd.errors import GradcheckError
from autograd.gradcheck.numeric.confirming import Confirming
from autograd.gradcheck.numeric.decisions import (
    AGREES,
    FAILS,
    KINK,
    SLACK,
    UNKNOWN,
    VAGUE,
    Verdict,
    clear,
    finite_max,
    verdict_at_rest,
    verdict_of,
)
from autograd.gradcheck.numeric.function import FAILURES, Function
from autograd.gradcheck.numeric.kinks import at_kink
from autograd.gradcheck.numeric.ladder import (
    BELOW,
    COARSE,
    DEEPEST,
    FINE,
    FINEST,
    FIRST,
    Ladder,
    noise_of,
    unit_steps,
)
from autograd.gradcheck.numeric.sides import Slopes

__all__ = ["Judge"]

_REPEAT = 100.0  # rounding errors that two runs of the same f may differ by


class Judge(Confirming):
    """A function at one point: what it takes to judge slopes there."""

    def __init__(
        self, function: Function, x: Array, kinks: str, rng: np.random.Generator, what: str = "f"
    ) -> None:
        self.function = function
        self.x = x
        self.kinks = kinks
        self.unit = unit_steps(x)
        self.size = finite_max(x)
        self.mix: Array | None = None
        self.kept: Array | None = None
        self.reference = 0.0  # the largest slope of the outputs that are settled already
        self.extra = 0.0  # measured nondeterminism of the gradient, relative
        self.rounds: Callable[..., Array] | None = None  # what cancels in an analytic slope
        self.raised: list[Exception] = []  # the last, for all copies
        self.moved: list[Array] = []  # by the rounding on the way, for all copies too
        self.waves: list[Array] = []  # whether that is through with their range, likewise
        self.terms: list[Array] = []  # what cancels in the slopes along all coordinates, likewise
        self.evaluations = 0
        self.many: Callable[[float], Array] | None = None  # outputs at many points, for f's
        with np.errstate(all="ignore"):
            recording = function.record(x)
            self.start = recording.value
            self.outputs = self.start.size
            self.scale = finite_max(self.start)
            self.precision = recording.precision
            self._check_start(what)
            # a few close points may round alike where a value passed through a lower precision
            coarse = np.where(recording.coarsest > self.precision, recording.coarsest, 0.0)
            self.noise = np.fmax(self._measure_noise(what, rng), coarse * np.abs(self.start))

    def _check_start(self, what: str) -> None:
        if not self.start.size:
            raise GradcheckError(f"gradcheck: nothing to check: the result of {what} is empty")
        if np.all(np.isfinite(self.start)):
            return
        number, y = next(
            (n, y)
            for n, y in enumerate(self.function.record(self.x).outputs)
            if not np.all(np.isfinite(y.numpy()))
        )
        index = tuple(int(i) for i in np.argwhere(~np.isfinite(y.numpy()))[0])
        several = len(self.function.record(self.x).outputs) > 1
        place = f"output {number}" if several else "the output"
        raise GradcheckError(
            f"gradcheck: {what} is not finite at these inputs "
            f"({place}{list(index) if index else ''} is {y.numpy()[index]}); "
            "differences need finite values"
        )

    def _measure_noise(self, what: str, rng: np.random.Generator) -> Array:
        again = self.function(self.x)
        apart = np.abs(again - self.start) if again.shape == self.start.shape else np.inf
        if np.any(apart > _REPEAT * self.precision * np.abs(self.start)):
            raise GradcheckError(
                f"gradcheck: {what} gave two values for the same inputs; fix its random "
                "numbers (a seed, or eval mode)"
            )
        d = self.unit * rng.choice([-1.0, 1.0], self.x.size)
        return noise_of(lambda t: self.at(t, d), self.precision) + apart

    def at(self, t: float, d: Array) -> Array:
        """f(x + t d), NaN where f raises."""
        self.evaluations += 1
        if self.many is not None:
            return self._chosen(self.many(t).ravel())
        try:
            y = self.function(self.x + t * d)
        except FAILURES as error:
            self.raised[:] = [error]
            return np.full(self.start.shape, np.nan)
        if y.size != self.outputs:
            raise GradcheckError(
                "gradcheck: the shape of the result changes with the input's values; only "
                "functions of one shape can be checked"
            )
        return self._chosen(y if self.mix is None else self.mix @ y)

    def _chosen(self, y: Array) -> Array:
        return y if self.kept is None else y[self.kept]

    def mixed(self, mix: Array) -> None:
        """Judge a few weightings of the outputs in place of the outputs."""
        self.start, self.noise = mix @ self.start, np.abs(mix) @ self.noise
        self.scale = finite_max(self.start)
        self.precision = np.full(len(mix), self.precision.max())
        self.mix = mix

    def only(self, outputs: Array) -> Judge:
        """The same for a few of the outputs."""
        other = copy(self)
        other.start, other.noise = self.start[outputs], self.noise[outputs]
        other.precision = self.precision[outputs]
        other.kept = outputs if self.kept is None else self.kept[outputs]
        return other

    def without_rounding(self) -> Judge:
        """The same, which does not ask what cancels in the gradient: it takes long."""
        other = copy(self)
        other.rounds = None
        return other

    def judge(self, d: Array, analytic: Array, confirm: bool = True) -> Verdict:
        """Compare the slopes of all outputs along d with analytic ones."""
        with np.errstate(all="ignore"):
            ladder = Ladder(lambda t: self.at(t, d), self.start, self.noise, self.precision)
            return self.climbed(ladder, d, analytic, confirm)

    def screened(self, d: Array, analytic: Array, looking: bool = False) -> Verdict:
        """The same where a failure need only be likely: the first rungs suffice for a clear one.

        And for a kink, where some are looked for.
        """
        with np.errstate(all="ignore"):
            ladder = Ladder(lambda t: self.at(t, d), self.start, self.noise, self.precision)
            return self.climbed(ladder, d, analytic, False, True, looking)

    def climbed(
        self,
        ladder: Ladder,
        d: Array,
        a: Array,
        confirm: bool = True,
        screen: bool = False,
        looking: bool = False,
    ) -> Verdict:
        """The verdict by a ladder: outputs that agree on its first rungs need no others.

        And those that stand still there, as they should, need not even a slope.
        """
        still = self._still(self._begun(ladder, d), d, a)
        if not np.any(still):
            return self._judged(ladder, d, a, confirm, screen, looking)
        found = verdict_at_rest(a)
        rest = np.flatnonzero(~still)
        if rest.size:
            few = self.only(rest)
            moving = few._restricted(ladder, rest, d)
            _enter(found, rest, few._judged(moving, d, a[rest], confirm, screen, looking))
        return found

    def _begun(self, ladder: Ladder, d: Array) -> Ladder:
        """A ladder on its first rungs; of many coordinates in few outputs, among kinks, below them.

        As far as wider ones agree with these, they know the slope better; else kinks are near.
        """
        many = np.count_nonzero(d) > len(self.start)
        if not (many and ladder.climb(FIRST[1:]).bends(FIRST[1])):
            return ladder.climb(FIRST)
        slopes = ladder.climb(BELOW).slopes()
        if _is_rounding(slopes):
            for rung in range(BELOW[0] - 1, FIRST[-1], -1):
                if not ladder.climb((rung,)).goes_on(rung, slopes):
                    break
            return ladder
        for rung in FINEST[2:4]:
            if _is_rounding(ladder.climb((rung,)).slopes()):
                break
        return ladder

    def _still(self, ladder: Ladder, d: Array, a: Array) -> Array:
        """Which outputs do not move, and have no slope to: most do not depend on one coordinate.

        What is rounded to float32 may stand still at short steps, and moves at wide ones.
        """
        found = np.asarray((a == 0) & ladder.at_rest())
        rounded = found & self.single()
        if np.any(rounded):
            wide = Ladder(lambda t: self.at(t, d), self.start, self.noise, self.precision)
            found &= ~rounded | wide.climb(COARSE).at_rest()
        return found

    def _judged(
        self, ladder: Ladder, d: Array, a: Array, confirm: bool, screen: bool, looking: bool
    ) -> Verdict:
        """What holds of the outputs that move; the ladder is on its first rungs."""
        slopes = ladder.slopes()
        status = self.status_of(a, slopes)
        settled = self.settled(status, a, slopes)
        if screen:
            settled |= clear(status, slopes)
            if looking:
                settled |= status == KINK
        elif confirm:
            settled |= self.stands(clear(status, slopes) & ~settled, d, a, slopes.value)
        if np.all(settled):
            return verdict_of(status, a, slopes)
        reference = self.reference_of(slopes)

        def further(few: Judge, rest: Array) -> Verdict:
            few.reference = max(reference, few.reference)
            wide = bool(np.any(slopes.spread[rest] <= SLACK * slopes.roundoff[rest]))
            return few.finer(few._restricted(ladder, rest, d), d, a[rest], confirm, wide)

        return self._without(settled, status, a, slopes, further)

    def _without(
        self,
        settled: Array,
        status: Array,
        a: Array,
        slopes: Slopes,
        further: Callable[[Judge, Array], Verdict],
    ) -> Verdict:
        """What holds of the settled outputs, and of the others what `further` says."""
        rest = np.flatnonzero(~settled)
        found = further(self.only(rest), rest)
        if rest.size == settled.size:
            return found
        known = verdict_of(status, a, slopes)
        _enter(known, rest, found)
        return known

    def _restricted(self, ladder: Ladder, rest: Array, d: Array) -> Ladder:
        """A ladder of this function of few outputs, with what another one has of them."""
        return ladder.only(rest, lambda t: self.at(t, d))

    def finer(
        self, ladder: Ladder, d: Array, a: Array, confirm: bool = False, wide: bool = True
    ) -> Verdict:
        """By finer steps; wide ones tell nothing where f bends within the first, as at kinks.

        Of many coordinates in few outputs one that is wrong hides in an error that is large.
        """
        slopes = ladder.climb((COARSE if wide else ()) + FIRST + FINE).slopes()
        status = self.status_of(a, slopes)
        agreeing = closed = self.closed(status, a)
        if np.count_nonzero(d) > len(self.start):
            agreeing = closed & self.settled(status, a, slopes)
        if np.all(agreeing):
            return verdict_of(status, a, slopes)

        def further(few: Judge, rest: Array) -> Verdict:
            return few._finest(few._restricted(ladder, rest, d), d, a[rest], confirm, closed[rest])

        return self._without(agreeing, status, a, slopes, further)

    def _finest(self, ladder: Ladder, d: Array, a: Array, confirm: bool, closed: Array) -> Verdict:
        """By the finest steps; those that were `closed` need but agree there, too."""
        ladder.least, ladder.drowned = self.rounding_on_the_way(), self.drowned
        slopes = ladder.climb(FINEST).slopes()
        status = self.status_of(a, slopes)
        settled = self.settled(status, a, slopes)
        if np.all(settled | (closed & (status == AGREES))):
            return verdict_of(status, a, slopes)
        slopes = ladder.climb(COARSE + DEEPEST).slopes()
        status = self.status_of(a, slopes)
        size = np.zeros(a.shape)
        for least in (True, False):
            rest = np.flatnonzero(status != AGREES)
            if rest.size and self.rounds is not None:
                size[rest] = self.rounds(d, rest if self.kept is None else self.kept[rest], least)
                status = self.status_of(a, slopes, size)
        if confirm and np.any(status == FAILS):
            smooth = np.where(at_kink(slopes), np.nan, slopes.value)
            status = self.confirmed(status, d, a, ladder, size, smooth)
        if confirm and np.any((status == UNKNOWN) | (status == KINK)):
            own, nearer = self.in_own_size(d, a, size)
            sharp = nearer[1] <= VAGUE * np.abs(nearer[0])  # what stays still tells nothing
            told = (status == UNKNOWN) & ((own == AGREES) | ((own == FAILS) & sharp))
            told |= (status == KINK) & ((own == FAILS) | (own == AGREES)) & sharp  # it is near
            status = np.where(told, own, status)
            slopes = slopes._replace(
                value=np.where(told, nearer[0], slopes.value),
                error=np.where(told, nearer[1], slopes.error),
                gap_ratio=np.where(told, 0.0, slopes.gap_ratio),
            )
        return verdict_of(status, a, slopes)


def _is_rounding(slopes: Slopes) -> bool:
    """Whether all that neighbouring rungs differ by is rounding: no kink lies between them."""
    return bool(np.all(slopes.spread <= SLACK * slopes.roundoff))


def _enter(known: Verdict, rest: Array, found: Verdict) -> None:
    """Put what was found of some outputs in its place."""
    for part, new in zip(known, found, strict=True):
        part[rest] = new
