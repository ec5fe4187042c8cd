"""Failures that are plain at once: by far too large for rounding, and the same at every step."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograd.engine.op import Array
from autograd.gradcheck.numeric.decisions import FAILS, NOTHING, ROUNDING, SLACK, Decisions
from autograd.gradcheck.numeric.ladder import FIRST, Ladder

__all__ = ["Gross"]

_GROSS = 1e-3  # of a slope: what is off by more is gross
_BELOW = 2.0**-21  # where the second ladder begins: its steps are 2^-27 to 2^-33
_LEAST = (2.0**-40, 2.0**-46)  # steps at which the slope must still be seen,
_SEEN = 0.25  # so well
_TINY = 2.0**-20  # of a unit


class Gross(Decisions):
    """What it takes to tell most wrong rules by a sixth of the steps of all the ladders."""

    x: Array
    unit: Array
    noise: Array
    rounds: Callable[..., Array] | None  # what cancels in an analytic slope
    terms: list[Array]  # the same along all coordinates at once

    def at(self, t: float, d: Array) -> Array:
        """f(x + t d)."""
        raise NotImplementedError

    def only(self, outputs: Array) -> Gross:
        """The same for a few of the outputs."""
        raise NotImplementedError

    def _chosen(self, y: Array) -> Array:
        raise NotImplementedError

    def stands(self, failing: Array, d: Array, a: Array, n: Array) -> Array:
        """Which of the outputs that fail clearly at the first steps need no others.

        What is close, rests or bends somewhere on the way down, or cancels is left to all there
        are; so is a coordinate that is smaller than most of the steps.
        """
        off = np.abs(a - n)
        failing = failing & (off > _GROSS * np.fmax(np.abs(a), np.abs(n))) & (n != 0)
        moving = np.flatnonzero(d)
        own = np.abs(self.x[moving] / d[moving])
        if not np.any(failing) or (own.size == 1 and 0 < own[0] < _TINY):
            return np.zeros(failing.shape, bool)
        failing &= off > SLACK * ROUNDING * self.precision * self._all_terms()
        rest = np.flatnonzero(failing)
        if rest.size:
            few = self.only(rest)
            failing[rest] = few._seen_below(d, a[rest], n[rest], off[rest])
        return failing

    def _seen_below(self, d: Array, a: Array, n: Array, off: Array) -> Array:
        """Whether the slope stays what it is, where steps are far shorter."""

        def at(t: float) -> Array:
            return self.at(t, d)

        found = Ladder(at, self.start, self.noise, self.precision, _BELOW).climb(FIRST).slopes()
        near = _SEEN * np.fmin(off, np.abs(n))
        apart = np.fmax(np.abs(found.value - n), SLACK * found.error)
        stands = (self.status_of(a, found) == FAILS) & (apart <= near)
        for h in _LEAST if np.any(stands) else ():
            apart = np.abs((at(h) - at(-h)) / (2 * h) - n)
            stands &= apart <= near + 2 * self.noise / h
        return np.asarray(stands)

    def _all_terms(self) -> Array:
        """What cancels in the analytic slopes along all coordinates at once; measured once."""
        if self.rounds is None:
            return NOTHING
        if not self.terms:
            self.terms.append(self.rounds(self.unit))
        return self._chosen(self.terms[0])
