"""Whether a failure stands: on ladders with other steps, in the size of what moves, above noise."""

from __future__ import annotations

from copy import copy

import numpy as np

from autograd.engine.op import Array
from autograd.gradcheck.numeric.decisions import AGREES, FAILS, SLACK, UNKNOWN, clear
from autograd.gradcheck.numeric.function import Function
from autograd.gradcheck.numeric.gross import Gross
from autograd.gradcheck.numeric.ladder import (
    COARSE,
    DEEPEST,
    FINE,
    FINEST,
    FIRST,
    Ladder,
    no_remainder,
    noise_of,
)
from autograd.gradcheck.numeric.rounding import rounding_of_values

__all__ = ["Confirming"]

_OTHERS = (2.0, 2.0**-5)  # where other ladders begin: on halves of the steps of the first
_WIDE = 2.0**16  # roundings, of which a wave is moved no further than by few
_SATURATED = 0.01  # of what so many would move what is straight by


class Confirming(Gross):
    """The part of a judge that doubts what it found."""

    function: Function
    mix: Array | None
    moved: list[Array]  # by the rounding on the way
    waves: list[Array]  # whether that is through with their range

    def confirmed(
        self, status: Array, d: Array, a: Array, first: Ladder, size: Array, numeric: Array
    ) -> Array:
        """Failures that ladders with other steps, and the Taylor remainder, bear out."""
        failing = status == FAILS
        for base in _OTHERS:
            ladder = Ladder(lambda t: self.at(t, d), self.start, self.noise, self.precision, base)
            ladder.least, ladder.drowned = first.least, first.drowned
            slopes = ladder.climb(FIRST + FINE).slopes()
            other = self.status_of(a, slopes, size)
            # the first ladder has been down to the finest steps; this one goes there where it must
            if not np.all(clear(other, slopes)[failing]):
                slopes = ladder.climb(COARSE + FINEST + DEEPEST).slopes()
                other = self.status_of(a, slopes, size)
            failing &= (other == FAILS) | (other == UNKNOWN)
        failing &= ~no_remainder(first, a, numeric)
        status = np.where((status == FAILS) & ~failing, UNKNOWN, status)
        if np.any(failing):
            own, (value, error) = self.in_own_size(d, a, size)
            contradicted = ~(np.abs(value - numeric) <= SLACK * error)  # or else it tells nothing
            status = np.where(failing & (own == AGREES) & contradicted, AGREES, status)
        if np.any(status == FAILS):
            status = np.where(failing & self._too_noisy(a, first, size), UNKNOWN, status)
        return status

    def in_own_size(self, d: Array, a: Array, size: Array) -> tuple[Array, tuple[Array, Array]]:
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

        noise = np.fmax(noise_of(at, self.precision), self.rounding_on_the_way())
        ladder = Ladder(at, self.start, noise, self.precision)
        ladder.climb(FIRST + COARSE + FINE + FINEST)
        slopes = ladder.slopes()
        status = self.status_of(a * scale, slopes, size * scale)
        return status, (slopes.value / scale, slopes.error / scale)

    def _too_noisy(self, a: Array, first: Ladder, size: Array) -> Array:
        """Whether the rounding of what is computed on the way leaves the slope undecided.

        A few close points may all round alike, so that `noise_of` sees none.
        """
        found = self.rounding_on_the_way()
        ladder = copy(first)
        ladder.noise = np.fmax(self.noise, found)
        ladder.calm = None if first.calm is None else np.fmax(first.calm, found)
        return np.asarray(self.status_of(a, ladder.slopes(), size) == UNKNOWN)

    def rounding_on_the_way(self) -> Array:
        """By how much the rounding of each operation moves the outputs; measured once."""
        if not self.moved:
            recording = self.function.record(self.x)
            self.moved.append(rounding_of_values(recording, np.random.default_rng(0)))
        found = self.moved[0]
        return self._chosen(found if self.mix is None else np.abs(self.mix) @ found)

    def drowned(self) -> Array:
        """Which outputs are waves that rounding on the way moves through all of their range."""
        if not self.waves:
            recording = self.function.record(self.x)
            wide = rounding_of_values(recording, np.random.default_rng(0), _WIDE)
            near = rounding_of_values(recording, np.random.default_rng(0))
            weights = None if self.mix is None else np.abs(self.mix)
            wide, near = (m if weights is None else weights @ m for m in (wide, near))
            self.waves.append(wide < _SATURATED * near)
        return self._chosen(self.waves[0])
