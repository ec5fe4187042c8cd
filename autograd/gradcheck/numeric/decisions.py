"""What slopes say of each output: agreed, wrong, undecided, or at a kink."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from autograd.engine.op import Array
from autograd.gradcheck.numeric.kinks import at_kink, bracketed
from autograd.gradcheck.numeric.sides import Slopes

__all__ = [
    "AGREES", "FAILS", "KINK", "NOTHING", "ROUNDING", "SLACK", "UNDEFINED", "UNDERFLOW", "UNKNOWN",
    "VAGUE", "Decisions", "Verdict", "clear", "finite_max", "verdict_at_rest", "verdict_of",
]  # fmt: skip

AGREES, FAILS, UNKNOWN, KINK, UNDEFINED = range(5)
SLACK = 10.0  # how many times the errors explain a difference
VAGUE = 0.01  # a numeric slope with a larger relative error decides nothing
ROUNDING = 64.0  # of the analytic slope, in machine epsilons
_CLOSE = 1e-5  # of a slope: what cancellation may change it by, without a question
_NEGLIGIBLE = 1e-9  # of what cancels: a slope that is smaller counts as zero
UNDERFLOW = float(np.finfo(np.float64).eps) ** 2  # of values of size 1
_SINGLE = (2.0**-25, 2.0**-22)  # of f: what it moves by if it is rounded to float32
NOTHING = np.zeros(1)


class Verdict(NamedTuple):
    """One direction: for every output a status, both slopes, the error, the kind of point."""

    status: Array
    analytic: Array
    numeric: Array
    error: Array
    gap_ratio: Array
    left: Array
    right: Array


class Decisions:
    """What is known of the outputs before any slope is: by this slopes are held to be equal."""

    start: Array  # the outputs at the point
    precision: Array  # the machine epsilon of each
    scale: float  # the largest of all
    kinks: str  # what a gradient may be there
    reference: float  # the largest slope of the outputs that are settled already
    size: float  # of the largest input
    extra: float  # measured nondeterminism of the gradient, relative

    def settled(self, status: Array, a: Array, slopes: Slopes) -> Array:
        """Which outputs the first rungs of a ladder suffice for: they agree, to many digits."""
        sharp = slopes.error <= 1e-4 * np.fmax(np.abs(slopes.value), np.abs(a))
        still = (a == 0) & (slopes.value == 0) & ~self.single()
        return np.asarray((status == AGREES) & ((sharp & ~np.isinf(a)) | still))

    def closed(self, status: Array, a: Array, rests: Array | bool = False) -> Array:
        """Which outputs finer rungs suffice for, but the finest.

        What wide steps do not move either `rests`, and was not rounded to a plateau.
        """
        return np.asarray((status == AGREES) & ~((a == 0) & self.single() & ~np.asarray(rests)))

    @staticmethod
    def reference_of(slopes: Slopes) -> float:
        """The largest slope along a direction that is known; at a jump there is no slope."""
        n, error = slopes.value, slopes.error
        error = np.where((n == 0) & (error == 0), UNDERFLOW, error)
        return finite_max(np.where(error <= np.abs(n), n, 0.0))

    def at_most(self) -> Array:
        """The slope that an output may have though it moved at no step.

        One below double rounding; of what is 0 also what is lost beside numbers of x's size, which
        may have cancelled, as in the cross-entropy of a prediction that is sure.
        """
        lost = 4 * float(np.finfo(np.float64).eps) * self.size
        return np.where(self.start == 0, np.fmax(lost, UNDERFLOW), UNDERFLOW)

    def single(self) -> Array:
        """Which outputs may have been rounded to float32, and stand still for that."""
        return np.asarray((self.start != 0) & (self.start.astype(np.float32) == self.start))

    def status_of(
        self,
        a: Array,
        slopes: Slopes,
        size: Array = NOTHING,
        reference: float | None = None,
    ) -> Array:
        """The verdict for each output; `size` is that of what cancels in its analytic slope."""
        n, error = slopes.value, slopes.error
        error = np.where((n == 0) & (error == 0), self.at_most(), error)
        largest = np.fmax(np.abs(a), np.abs(n))
        # of this direction alone, as no verdict depends on another
        if reference is None:
            reference = max(self.reference, self.reference_of(slopes))
        rounding = ROUNDING * self.precision * np.nan_to_num(np.abs(a))
        rounding = rounding + self.extra * (np.nan_to_num(np.abs(a)) + reference)
        terms = np.fmax(rounding, ROUNDING * self.precision * size)
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
        rest = ROUNDING * self.precision
        steepest = np.fmax(np.abs(slopes.left), np.abs(slopes.right))
        steepest = np.fmax(steepest, np.abs(slopes.value))
        seen = (np.abs(a) <= SLACK * rest * size) & (steepest <= _NEGLIGIBLE * size) & (size > 0)
        inside = (np.abs(a) <= rest * reference) & (steepest <= _NEGLIGIBLE * reference)
        inside &= np.abs(self.start) <= rest * self.scale
        return np.asarray(seen | inside)


def clear(status: Array, slopes: Slopes) -> Array:
    """Where a slope is wrong, and the numeric one known to many digits: no kink, no noise."""
    sharp = slopes.error <= 1e-4 * np.abs(slopes.value)
    return np.asarray((status == FAILS) & sharp & ~at_kink(slopes))


def verdict_of(status: Array, a: Array, slopes: Slopes) -> Verdict:
    ratio = np.where(at_kink(slopes), slopes.gap_ratio, 0.0)
    value, error = slopes.value, slopes.error
    if slopes.coarse is not None:  # f is still at short steps, and wide ones say more
        told = (status == FAILS) & np.isfinite(slopes.coarse[1]) & (np.abs(value) <= 2 * error)
        value = np.where(told, slopes.coarse[0], value)
        error = np.where(told, slopes.coarse[1], error)
    return Verdict(status, np.array(a, float), value, error, ratio, slopes.left, slopes.right)


def verdict_at_rest(a: Array) -> Verdict:
    """Of outputs that do not move, and should not."""
    zeros = [np.zeros(a.shape) for _ in range(6)]
    return Verdict(np.full(a.shape, AGREES), *zeros)


def finite_max(values: Array) -> float:
    found = np.abs(values[np.isfinite(values)])
    return float(found.max()) if found.size else 0.0
