"""Which elements make a probe fail: by what outputs hang on, by digits, by halves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.engine.op import Array
from autograd.gradcheck.legs.directions import Directions, drawn
from autograd.gradcheck.legs.halves import FOUND, SAME, along, by_halves
from autograd.gradcheck.numeric.cells import Cell, Outcome, cells_of, columns
from autograd.gradcheck.numeric.decisions import AGREES, FAILS, UNKNOWN, Verdict
from autograd.gradcheck.numeric.judge import Judge
from autograd.gradcheck.numeric.slopes import Analytic

__all__ = ["locate"]

_OUTPUTS = 64  # failing outputs that are looked at
_SEVERAL = 8  # outputs with several wrong elements that are looked at
_SAMPLE = 8  # other elements that are looked at, to say how well these agree
_SUPPORTED = 8  # outputs that hang on one input alone, and are looked at for it
_BASES = (64, 1024)  # of the digits by which one wrong element among many is found,
_SHARP = 1e-7  # the greater one where what the outputs are off by is known so well
_NEAR = 0.05  # how far from a whole number such a digit may be
_OTHERS = 4  # probes, one of which must bear out a failing one that no element explains


def locate(probe: Directions, probes: int, rng: np.random.Generator) -> Outcome:
    """The wrong elements behind a probe that failed.

    Those that are found are held still, and the others probed again, until these agree: then the
    count is complete, but for a chance of 2^-probes. Or the search ends with "at least".
    """
    judge, analytic = probe.judge, probe.analytic
    gradient = analytic.recording.vjp(rng.uniform(0.5, 1.5, analytic.outputs))
    first = probe.failed(_OUTPUTS)
    found: list[int] = []
    seen: list[int] = []  # an output or more that shows each of them
    complete, agreement = False, 0.0
    while len(found) < FOUND:
        outputs = probe.failed(_OUTPUTS)
        rows = _rows(analytic, outputs)
        new, showing = _wrong(judge.only(outputs), rows, probe.moving, rng)
        if not new:
            break
        found += new
        seen += [int(i) for i in outputs[showing]]
        moving = probe.moving.copy()
        moving[found] = False
        probe = Directions(judge, analytic, moving, probes, rng, screen=True)
        if not probe.wrong:
            complete, agreement = not probe.unsure, probe.agreement
            break
    rest = np.flatnonzero(probe.moving)
    few = 0 if complete else min(_SAMPLE, rest.size)
    sample = rng.choice(rest, few, replace=False) if few else rest[:0]
    coordinates = _whole(judge.function.checked, np.union1d(found, sample).astype(int))
    seen += [_telling(analytic, int(j)) for j in sample]
    outputs = np.unique(seen or first)
    if analytic.mix is None:
        outputs = _whole(analytic.recording.outputs, outputs)
    result = columns(judge, analytic, outputs, coordinates, 1, _rows(analytic, outputs))
    result = result._replace(gradient=gradient, complete=complete, agreement=agreement)
    if complete or any(cell.status == FAILS for cell in result.cells):
        return result
    cells = _directions(judge, _rows(analytic, first), first, probe.d, rng)
    return result._replace(cells=result.cells + cells)


def _whole(arrays: Sequence[Any], places: Array) -> Array:
    """With the other parts of complex numbers."""
    sizes = [(2 if a.dtype.kind == "c" else 1) * a.size for a in arrays]
    stops = np.cumsum([0, *sizes])
    which = np.searchsorted(stops, places, side="right") - 1
    wide = np.array([a.dtype.kind == "c" for a in arrays])[which]
    others = stops[which] + (places - stops[which] ^ 1)
    return np.union1d(places, np.where(wide, others, places))


def _telling(analytic: Analytic, coordinate: int) -> int:
    """The output that a coordinate changes most, by what the gradient says."""
    d = np.zeros(analytic.x.size)
    d[coordinate] = 1.0
    return int(np.argmax(np.nan_to_num(np.abs(analytic.along(d)))))


def _rows(analytic: Analytic, outputs: Array) -> Array:
    return analytic.rows(outputs) if analytic.matrix is None else analytic.matrix[outputs]


def _directions(
    judge: Judge, rows: Array, outputs: Array, d: Array, rng: np.random.Generator
) -> list[Cell]:
    """The probe itself, where no single element is to blame: wrong, or not to be decided.

    It is wrong where ladders with other steps bear it out, and those of another probe too; a few
    are tried, since many small errors may cancel in one.
    """
    few = judge.only(outputs)
    found = few.judge(d, along(rows, d))
    wrong = np.zeros(len(outputs), int)
    for _ in range(_OTHERS):
        other = np.abs(d) * rng.choice([-1.0, 1.0], d.size)
        wrong += few.judge(other, along(rows, other)).status == FAILS
    status = np.where((found.status == FAILS) & (wrong > 0), FAILS, UNKNOWN)
    return cells_of(found._replace(status=status), -1, outputs)


def _wrong(
    few: Judge, rows: Array, moving: Array, rng: np.random.Generator
) -> tuple[list[int], Array]:
    """Some wrong coordinates among those that move, and the rows that show them."""
    candidates = np.flatnonzero(moving)
    few = few.without_rounding()  # what is found is judged again, by all there is
    off = _Off(few, rows, candidates, rng)
    found, showing = _by_support(off)
    if not found:
        found, showing = _by_digits(off, rng)
    if not found:
        several = showing[:_SEVERAL]
        found = by_halves(few.only(several), rows[several], candidates, rng)
        return found, several
    return found, showing


class _Off:
    """By how much some outputs are off along steps of the candidates, made longer or shorter."""

    def __init__(
        self, few: Judge, rows: Array, candidates: Array, rng: np.random.Generator
    ) -> None:
        self.few, self.rows, self.candidates = few, rows, candidates
        self.steps = drawn(few.unit[candidates], rng)
        found = self.few.screened(d := self.moved(1.0), along(rows, d))
        self.whole, self.sure = found.analytic - found.numeric, _known(found)
        vague = self.sure & ~(found.error <= _SHARP * np.abs(self.whole))
        self.base = _BASES[not np.any(vague)]

    def moved(self, scale: Array | float) -> Array:
        d = np.zeros(self.few.x.size)
        d[self.candidates] = self.steps * scale
        return d

    def at(self, scale: Array) -> tuple[Array, Array]:
        return self.along(self.few, self.rows, self.moved(scale))

    @staticmethod
    def along(few: Judge, rows: Array, d: Array) -> tuple[Array, Array]:
        found = few.screened(d, along(rows, d))
        return found.analytic - found.numeric, _known(found)


def _known(found: Verdict) -> Array:
    return np.isin(found.status, (AGREES, FAILS))


def _by_support(off: _Off) -> tuple[list[int], Array]:
    """The wrong coordinates of outputs whose gradients hang on one alone, that explains it all."""
    own = off.rows[:, off.candidates]
    showing = np.flatnonzero(off.sure & (np.count_nonzero(own, axis=1) == 1))[:_SUPPORTED]
    found, known = [], []
    for i in showing:
        place = int(np.flatnonzero(own[i])[0])
        d = np.zeros(off.few.x.size)
        d[off.candidates[place]] = off.steps[place]
        one = np.array([i])
        (part,), _ = off.along(off.few.only(one), off.rows[one], d)
        if abs(part - off.whole[i]) <= SAME * abs(off.whole[i]):
            found.append(int(off.candidates[place]))
            known.append(i)
    return found, np.array(known, int)


def _by_digits(off: _Off, rng: np.random.Generator) -> tuple[list[int], Array]:
    """The wrong coordinates of outputs that have one alone, and one such output for each.

    Where there is none, all outputs: each has several.

    For every digit of a coordinate's number one probe moves each by a step that the digit makes
    longer: the output is off there by so many times what it is off by in a probe of equal steps.
    """
    count, base = off.candidates.size, off.base
    number = np.arange(count)
    code, alone, place = np.zeros(len(off.rows), int), off.sure.copy(), 1
    while place < count:
        part, known = off.at(1 + (number // place % base) / base)
        digit = (part / off.whole - 1) * base
        near = np.rint(np.nan_to_num(digit, nan=-1.0, posinf=-1.0, neginf=-1.0))
        alone &= known & (np.abs(digit - near) < _NEAR) & (near >= 0) & (near < base)
        code += np.where(alone, near, 0).astype(int) * place
        place *= base
    alone &= code < count
    if np.any(alone):  # two errors may look like a third one, but not twice
        scale = rng.uniform(1, 2, count)
        part, known = off.at(scale)
        alone &= known & (np.abs(part / off.whole - scale[code % count]) <= SAME)
    if not np.any(alone):
        return [], np.arange(len(off.rows))
    codes, first = np.unique(code[alone], return_index=True)
    showing = np.flatnonzero(alone)[first]
    return [int(j) for j in off.candidates[codes][:FOUND]], showing[:FOUND]
