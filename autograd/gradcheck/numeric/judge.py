"""The verdict on one direction: analytic against numeric slope, for every output at once."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import NamedTuple

import numpy as np

from autograd.engine.op import Array
from autograd.errors import GradcheckError
from autograd.gradcheck.numeric.function import FAILURES, Function
from autograd.gradcheck.numeric.kinks import at_kink, bracketed
from autograd.gradcheck.numeric.ladder import (
    COARSE,
    DEEPEST,
    FINE,
    FINEST,
    FIRST,
    Ladder,
    no_remainder,
    noise_of,
    unit_steps,
)
from autograd.gradcheck.numeric.rounding import rounding_of_values
from autograd.gradcheck.numeric.sides import Slopes

__all__ = ["AGREES", "FAILS", "KINK", "UNDERFLOW", "UNKNOWN", "Judge", "Verdict"]

AGREES, FAILS, UNKNOWN, KINK = range(4)
SLACK = 10.0  # how many times the errors explain a difference
VAGUE = 0.01  # a numeric slope with a larger relative error decides nothing
_ROUNDING = 64.0  # of the analytic slope, in machine epsilons
_CLOSE = 1e-5  # of a slope: what cancellation may change it by, without a question
_NEGLIGIBLE = 1e-9  # of what cancels: a slope that is smaller counts as zero
UNDERFLOW = float(np.finfo(np.float64).eps) ** 2  # of values of size 1
_SINGLE = (2.0**-25, 2.0**-22)  # of f: what it moves by if it is rounded to float32
_NOTHING = np.zeros(1)
_OTHERS = (2.0, 2.0**-5)  # where other ladders begin: on halves of the steps of the first
_REPEAT = 100.0  # rounding errors that two runs of the same f may differ by


class Verdict(NamedTuple):
    """One direction: for every output a status, both slopes, the error, the kind of point."""

    status: Array
    analytic: Array
    numeric: Array
    error: Array
    gap_ratio: Array
    left: Array
    right: Array


class Judge:
    """A function at one point: what it takes to judge slopes there."""

    def __init__(
        self, function: Function, x: Array, kinks: str, rng: np.random.Generator, what: str = "f"
    ) -> None:
        self.function = function
        self.x = x
        self.kinks = kinks
        self.unit = unit_steps(x)
        self.mix: Array | None = None
        self.kept: Array | None = None
        self.reference = 0.0  # the largest slope of the outputs that are settled already
        self.extra = 0.0  # measured nondeterminism of the gradient, relative
        self.rounds: Callable[[Array], Array] | None = None  # what cancels in an analytic slope
        self.raised: list[Exception] = []  # the last, for all copies
        self.moved: list[Array] = []  # by the rounding on the way, for all copies too
        self.evaluations = 0
        with np.errstate(all="ignore"):
            recording = function.record(x)
            self.start = recording.value
            self.outputs = self.start.size
            self.scale = _finite_max(self.start)
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
        self.scale = _finite_max(self.start)
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
        """The verdict by a ladder: outputs that agree on its first rungs need no others."""
        slopes = ladder.climb(FIRST).slopes()
        status = self._status(a, slopes)
        settled = self.settled(status, a, slopes)
        if screen:
            settled |= _clear(status, slopes)
            if looking:
                settled |= status == KINK
        if np.all(settled):
            return _verdict(status, a, slopes)
        reference = self.reference_of(slopes)

        def further(few: Judge, rest: Array) -> Verdict:
            few.reference = max(reference, few.reference)
            return few._finer(few._restricted(ladder, rest, d), d, a[rest], confirm)

        return self._without(settled, status, a, slopes, further)

    def settled(self, status: Array, a: Array, slopes: Slopes) -> Array:
        """Which outputs the first rungs of a ladder suffice for: they agree, to many digits."""
        sharp = slopes.error <= 1e-4 * np.fmax(np.abs(slopes.value), np.abs(a))
        still = (a == 0) & (slopes.value == 0) & ~self._single()
        return np.asarray((status == AGREES) & ((sharp & ~np.isinf(a)) | still))

    def closed(self, status: Array, a: Array, ladder: Ladder) -> Array:
        """Which outputs finer rungs suffice for, but the finest.

        What wide steps do not move either stands still, and was not rounded to a plateau.
        """
        return np.asarray((status == AGREES) & ~((a == 0) & self._single() & ~ladder.stands()))

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
        known = _verdict(status, a, slopes)
        for part, new in zip(known, found, strict=True):
            part[rest] = new
        return known

    def _restricted(self, ladder: Ladder, rest: Array, d: Array) -> Ladder:
        """A ladder of this function of few outputs, with what another one has of them."""
        return ladder.only(rest, lambda t: self.at(t, d))

    def _finer(self, ladder: Ladder, d: Array, a: Array, confirm: bool) -> Verdict:
        slopes = ladder.climb(COARSE + FIRST + FINE).slopes()
        status = self._status(a, slopes)
        agreeing = self.closed(status, a, ladder)
        if np.all(agreeing):
            return _verdict(status, a, slopes)

        def further(few: Judge, rest: Array) -> Verdict:
            return few._finest(few._restricted(ladder, rest, d), d, a[rest], confirm)

        return self._without(agreeing, status, a, slopes, further)

    def _finest(self, ladder: Ladder, d: Array, a: Array, confirm: bool) -> Verdict:
        ladder.least = self._rounding_on_the_way()
        slopes = ladder.climb(FINEST).slopes()
        status = self._status(a, slopes)
        if np.all(self.settled(status, a, slopes)):
            return _verdict(status, a, slopes)
        slopes = ladder.climb(DEEPEST).slopes()
        status = self._status(a, slopes)
        size = np.zeros(1)
        if self.rounds is not None and np.any(status != AGREES):
            size = self._chosen(self.rounds(d))
            status = self._status(a, slopes, size)
        if confirm and np.any(status == FAILS):
            smooth = np.where(at_kink(slopes), np.nan, slopes.value)
            status = self._confirm(status, d, a, ladder, size, smooth)
        if confirm and np.any(status == UNKNOWN):
            own, nearer = self._in_own_size(d, a, size)
            sharp = nearer[1] <= VAGUE * np.abs(nearer[0])  # what stays still tells nothing
            told = (status == UNKNOWN) & ((own == AGREES) | ((own == FAILS) & sharp))
            status = np.where(told, own, status)
            slopes = slopes._replace(
                value=np.where(told, nearer[0], slopes.value),
                error=np.where(told, nearer[1], slopes.error),
                gap_ratio=np.where(told, 0.0, slopes.gap_ratio),
            )
        return _verdict(status, a, slopes)

    @staticmethod
    def reference_of(slopes: Slopes) -> float:
        """The largest slope along a direction that is known; at a jump there is no slope."""
        n, error = slopes.value, slopes.error
        error = np.where((n == 0) & (error == 0), UNDERFLOW, error)
        return _finite_max(np.where(error <= np.abs(n), n, 0.0))

    def _single(self) -> Array:
        """Which outputs may have been rounded to float32, and stand still for that."""
        return np.asarray((self.start != 0) & (self.start.astype(np.float32) == self.start))

    def _status(
        self,
        a: Array,
        slopes: Slopes,
        size: Array = _NOTHING,
        reference: float | None = None,
    ) -> Array:
        """The verdict for each output; `size` is that of what cancels in its analytic slope."""
        n, error = slopes.value, slopes.error
        # that nothing moved at any step says only that the slope is below double rounding
        error = np.where((n == 0) & (error == 0), UNDERFLOW, error)
        largest = np.fmax(np.abs(a), np.abs(n))
        # of this direction alone, as no verdict depends on another
        if reference is None:
            reference = max(self.reference, self.reference_of(slopes))
        rounding = _ROUNDING * self.precision * np.nan_to_num(np.abs(a))
        rounding = rounding + self.extra * (np.nan_to_num(np.abs(a)) + reference)
        terms = np.fmax(rounding, _ROUNDING * self.precision * size)
        near = np.abs(a - n) <= SLACK * (error + terms)
        # what only the rounding of its terms explains is known if it is little
        close = np.abs(a - n) <= np.fmax(SLACK * (error + rounding), _CLOSE * largest)
        cancelled = self._cancelled(a, slopes, size, reference)
        near |= cancelled
        zero = ((a == 0) & (np.abs(n) <= 2 * error)) | cancelled
        known = ((error <= VAGUE * largest) & close) | zero
        status = np.where(near, np.where(known, AGREES, UNKNOWN), FAILS)
        status = np.where(np.isfinite(error), status, UNKNOWN)
        if slopes.coarse is not None:  # f is still within the finest steps
            value, wide, least = slopes.coarse
            single = (_SINGLE[0] * np.abs(self.start) <= least) & (
                least <= _SINGLE[1] * np.abs(self.start)
            )
            apart = np.abs(a - value)
            status = np.where((status == FAILS) & (apart <= SLACK * wide), UNKNOWN, status)
            status = np.where((status == AGREES) & (apart > 2 * wide) & single, UNKNOWN, status)
        status = np.where(np.isnan(a), FAILS, status)  # whatever the slope is, it is none
        kink = at_kink(slopes) & ~cancelled
        if slopes.steepest is not None:
            # f is rough at the finest steps, and what is steeper than they show may be true below
            rough = np.abs(a) > slopes.steepest
            status, kink = np.where(rough & (status == FAILS), UNKNOWN, status), kink & ~rough
        if self.kinks == "skip":
            return np.where(kink, KINK, status)
        if self.kinks == "error":
            return np.where(kink, FAILS, status)
        return np.where(kink, np.where(bracketed(a, slopes), KINK, FAILS), status)

    def _cancelled(self, a: Array, slopes: Slopes, size: Array, reference: float) -> Array:
        """Where both slopes are what rounding leaves of sums that are zero.

        So is the gradient by the bias of the keys of an attention: shifting all scores by the same
        number changes nothing, and its terms cancel but for their last digit. What cancels inside
        of one operation is not in `size`; there the output has to be nothing but rounding, too.
        """
        rest = _ROUNDING * self.precision
        steepest = np.fmax(np.abs(slopes.left), np.abs(slopes.right))
        steepest = np.fmax(steepest, np.abs(slopes.value))
        seen = (np.abs(a) <= SLACK * rest * size) & (steepest <= _NEGLIGIBLE * size) & (size > 0)
        inside = (np.abs(a) <= rest * reference) & (steepest <= _NEGLIGIBLE * reference)
        inside &= np.abs(self.start) <= rest * self.scale
        return np.asarray(seen | inside)

    def _confirm(
        self, status: Array, d: Array, a: Array, first: Ladder, size: Array, numeric: Array
    ) -> Array:
        """Failures that ladders with other steps, and the Taylor remainder, bear out."""
        failing = status == FAILS
        for base in _OTHERS:
            ladder = Ladder(lambda t: self.at(t, d), self.start, self.noise, self.precision, base)
            ladder.least = first.least
            slopes = ladder.climb(FIRST + FINE).slopes()
            other = self._status(a, slopes, size)
            # the first ladder has been down to the finest steps; this one goes there where it must
            if not np.all(_clear(other, slopes)[failing]):
                slopes = ladder.climb(COARSE + FINEST + DEEPEST).slopes()
                other = self._status(a, slopes, size)
            failing &= (other == FAILS) | (other == UNKNOWN)
        failing &= ~no_remainder(first, a, numeric)
        status = np.where((status == FAILS) & ~failing, UNKNOWN, status)
        if np.any(failing):
            own, (value, error) = self._in_own_size(d, a, size)
            contradicted = ~(np.abs(value - numeric) <= SLACK * error)  # or else it tells nothing
            status = np.where(failing & (own == AGREES) & contradicted, AGREES, status)
        if np.any(status == FAILS):
            status = np.where(failing & self._too_noisy(a, first, size), UNKNOWN, status)
        return status

    def _in_own_size(self, d: Array, a: Array, size: Array) -> tuple[Array, tuple[Array, Array]]:
        """The verdict, slope and error by steps in the size of the one small coordinate that moves.

        Undecided where it is not small, or there are several: by this nothing is known.
        """
        moving = np.flatnonzero(d)
        own = np.abs(self.x[moving] / d[moving]) if moving.size == 1 else np.ones(1)
        if own.size != 1 or not 0 < own[0] < 1:
            return np.full(a.shape, UNKNOWN), (a, a)
        scale = float(np.exp2(np.floor(np.log2(own[0]))))

        def at(t: float) -> Array:
            return self.at(t * scale, d)

        noise = np.fmax(noise_of(at, self.precision), self._rounding_on_the_way())
        ladder = Ladder(at, self.start, noise, self.precision)
        ladder.climb(FIRST + COARSE + FINE + FINEST)
        slopes = ladder.slopes()
        status = self._status(a * scale, slopes, size * scale)
        return status, (slopes.value / scale, slopes.error / scale)

    def _too_noisy(self, a: Array, first: Ladder, size: Array) -> Array:
        """Whether the rounding of what is computed on the way leaves the slope undecided.

        A few close points may all round alike, so that `noise_of` sees none.
        """
        found = self._rounding_on_the_way()
        ladder = copy(first)
        ladder.noise = np.fmax(self.noise, found)
        ladder.calm = None if first.calm is None else np.fmax(first.calm, found)
        return np.asarray(self._status(a, ladder.slopes(), size) == UNKNOWN)

    def _rounding_on_the_way(self) -> Array:
        """By how much the rounding of each operation moves the outputs; measured once."""
        if not self.moved:
            recording = self.function.record(self.x)
            self.moved.append(rounding_of_values(recording, np.random.default_rng(0)))
        found = self.moved[0]
        return self._chosen(found if self.mix is None else np.abs(self.mix) @ found)


def _clear(status: Array, slopes: Slopes) -> Array:
    """Where a slope is wrong, and the numeric one known to many digits: no kink, no noise."""
    sharp = slopes.error <= 1e-4 * np.abs(slopes.value)
    return np.asarray((status == FAILS) & sharp & ~at_kink(slopes))


def _verdict(status: Array, a: Array, slopes: Slopes) -> Verdict:
    ratio = np.where(at_kink(slopes), slopes.gap_ratio, 0.0)
    value, error = slopes.value, slopes.error
    if slopes.coarse is not None:  # f is still at short steps, and wide ones say more
        told = (status == FAILS) & np.isfinite(slopes.coarse[1]) & (np.abs(value) <= 2 * error)
        value = np.where(told, slopes.coarse[0], value)
        error = np.where(told, slopes.coarse[1], error)
    return Verdict(status, np.array(a, float), value, error, ratio, slopes.left, slopes.right)


def _finite_max(values: Array) -> float:
    found = np.abs(values[np.isfinite(values)])
    return float(found.max()) if found.size else 0.0
