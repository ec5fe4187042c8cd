"""What would make a wrong gradient right: common mistakes undone, and held against the numbers.

Each hypothesis is one gradient, for one random weighting u of the outputs; a few random directions
say whether it is the true one. So a mistake is named at any size, for the price of a few slopes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd.engine.op import Array
from autograd.gradcheck.naming.case import Case
from autograd.gradcheck.naming.structure import are_known, in_words
from autograd.gradcheck.numeric.cells import Cell
from autograd.gradcheck.numeric.decisions import VAGUE
from autograd.gradcheck.numeric.function import FAILURES, flat
from autograd.gradcheck.numeric.judge import Judge

__all__ = ["hypothesis", "of_a_part", "slopes_of"]

_SAME = 1e-5  # of the size of a sum of ± terms: more than rounding, less than any mistake
_DIRECTIONS = 3
_LINE = 6  # elements of a line that are looked at
_WHOLE = 2000  # elements up to which all slopes of one weighting are computed
_ROUGH_STEP = 2.0**-14  # of the one difference
_MOST = 0.9  # of them that must be known again: the others may be at a kink
_NONE = 1e-8  # of the largest slope: what is smaller is none


def hypothesis(case: Case, number: int) -> str | None:
    """The first mistake that, undone, makes the gradient of an input agree with the slopes."""
    for candidates in (_undone, _shifted, _conjugated):
        test = _Test(case, number, candidates is _shifted, candidates is _conjugated)
        if test.known and not test.holds(test.pull(test.u)):
            for name, gradient in candidates(case, number, test):
                if test.holds(gradient):
                    return name
    return None


def slopes_of(case: Case, x: Array, u: Array, directions: Array) -> tuple[Array, Array]:
    """The numeric slopes of u · f along some directions, and their errors."""
    judge = Judge(case.function, x, "skip", np.random.default_rng(0))
    judge.mixed(u[None])
    found = [judge.judge(d, np.zeros(1), confirm=False) for d in directions]
    numeric = np.array([float(f.numeric[0]) for f in found])
    error = np.array([float(f.error[0]) for f in found])
    return numeric, error


def of_a_part(case: Case, number: int, cells: list[Cell]) -> str | None:
    """What lines of elements through one wrong output show, where the whole is too large."""
    like, outputs = case.function.checked[number], case.recording.outputs
    single = len(outputs) == 1 and outputs[0].dtype.kind != "c" and like.dtype.kind != "c"
    start = int(case.function.stops[number])
    # first what is undone by its numbers
    if 1 < like.size <= _WHOLE and like.dtype.kind != "c":
        u = np.random.default_rng(3).uniform(0.5, 1.5, case.recording.value.size)
        span = slice(start, start + like.size)
        mine, theirs = case.recording.vjp(u)[span], _roughly(case, u, span)
        if np.all(np.isfinite(theirs)) and are_known(mine, theirs) >= _MOST <= are_known(
            theirs, mine
        ):
            return "permuted: the right numbers, at other elements"
    if single and outputs[0].shape == like.shape and like.ndim:
        output = cells[0].output
        u = np.zeros(case.recording.value.size)
        u[output] = 1.0
        have, need = set(), set()
        for axis, coordinates in enumerate(_lines(like.shape, output)):
            mine, theirs = _slopes_at(case, u, start + coordinates)
            size = _NONE * max(np.max(np.abs(mine), initial=0.0), np.max(np.abs(theirs), initial=0))
            have |= {axis} if np.any(np.abs(mine) > size) else set()
            need |= {axis} if np.any(np.abs(theirs) > size) else set()
        if what := in_words(have, need):
            return what
    return None


def _lines(shape: tuple[int, ...], element: int) -> Iterator[Array]:
    """For each axis some other elements that differ from one in their index along it alone."""
    index = np.unravel_index(element, shape)
    for axis, length in enumerate(shape):
        others = [k for k in range(length) if k != index[axis]][:_LINE]
        grid = [np.full(len(others), i) for i in index]
        grid[axis] = np.array(others, int)
        yield np.asarray(np.ravel_multi_index(grid, shape))


def _slopes_at(case: Case, u: Array, coordinates: Array) -> tuple[Array, Array]:
    """Analytic and numeric slopes of u · f by some elements; 0 for what is below its error."""
    directions = np.zeros((len(coordinates), case.x.size))
    directions[np.arange(len(coordinates)), coordinates] = 1.0
    numeric, error = slopes_of(case, case.x, u, directions)
    return case.recording.vjp(u)[coordinates], np.where(np.abs(numeric) > 2 * error, numeric, 0.0)


def _roughly(case: Case, u: Array, span: slice) -> Array:
    """All slopes of u · f by one input, from one difference each: enough to know them again."""
    found = np.full(span.stop - span.start, np.nan)
    for k in range(found.size):
        h = _ROUGH_STEP * max(abs(case.x[span.start + k]), 0.01)
        ends = []
        for step in (h, -h):
            moved = case.x.copy()
            moved[span.start + k] += step
            try:
                ends.append(float(u @ case.function(moved)))
            except FAILURES:
                return found
        found[k] = (ends[0] - ends[1]) / (2 * h)
    return found


class _Test:
    """One weighting of the outputs, directions for one input, and the slopes along them."""

    def __init__(self, case: Case, number: int, inner: bool, both: bool) -> None:
        rng = np.random.default_rng(2)
        self.case = case
        self.number = number
        function, recording = case.function, case.recording
        self.like = function.checked[number]
        size = recording.value.size
        self.u = rng.uniform(0.5, 1.5, size) * rng.choice([-1.0, 1.0], size)
        self.real = _is_real(recording.outputs)
        if not both:  # real, so that the conjugates of other things show
            self.u = np.where(self.real, self.u, 0.0)
        signs = rng.choice([-1.0, 1.0], (_DIRECTIONS, case.x.size))
        start, stop = (int(s) for s in function.stops[number : number + 2])
        self.span = slice(start, stop)
        outside = np.ones(case.x.size, bool)
        outside[self.span] = False
        if inner:  # what a shift loses at the ends shall not count
            outside[self.span] |= ~_inside(self.like)
            whole = [_inside(y.numpy()) for y in recording.outputs]
            self.u = np.where(np.concatenate(whole), self.u, 0.0)
        signs[:, outside] = 0.0
        self.directions = signs * np.maximum(np.abs(case.x), 0.01)
        self.numeric, self.error = slopes_of(case, case.x, self.u, self.directions)

    @property
    def known(self) -> bool:
        return bool(np.all(self.error <= VAGUE * np.max(np.abs(self.numeric), initial=0.0)))

    def holds(self, gradient: Array) -> bool:
        terms = flat(gradient) * self.directions[:, self.span]
        size = np.sqrt(np.sum(terms**2, axis=1)) + np.abs(self.numeric)
        apart = np.abs(np.sum(terms, axis=1) - self.numeric)
        return bool(np.all(apart <= _SAME * size + 10 * self.error) and np.any(size > 0))

    def pull(self, u: Array, number: int | None = None) -> Array:
        """The gradient of u · f by this input (or another)."""
        which = self.number if number is None else number
        return self.case.function.part(which, self.case.recording.vjp(u))

    def pull_changed(self, change: Callable[..., Array], *how: Any) -> Array:
        """The gradient for a changed cotangent (of a single output)."""
        (u,) = self.case.recording.unflat(self.u)
        return self.pull(flat(change(u, *how)))


def _is_real(outputs: Sequence[Any]) -> Array:
    """Which of the flat output elements are no imaginary parts."""
    parts = [
        np.tile([True, False], y.size) if y.dtype.kind == "c" else np.ones(y.size, bool)
        for y in outputs
    ]
    return np.concatenate(parts)


def _inside(like: Array) -> Array:
    """All but the first and the last of every axis, flat, complex elements as pairs."""
    inside = np.ones(np.shape(like), bool)
    for axis, length in enumerate(np.shape(like)):
        if length > 2:
            edge = np.isin(np.arange(length), (0, length - 1))
            inside &= ~np.expand_dims(edge, tuple(i for i in range(inside.ndim) if i != axis))
    width = 2 if np.asarray(like).dtype.kind == "c" else 1
    return np.repeat(inside.ravel(), width)


def _undone(case: Case, number: int, test: _Test) -> Iterator[tuple[str, Array]]:
    shape = test.like.shape
    for other, name in enumerate(case.function.names):
        if other != number and case.function.checked[other].shape == shape:
            yield f"swapped with the gradient of {name}", test.pull(test.u, other)
    a = test.pull(test.u)
    if a.dtype.kind == "c":
        yield "conjugate missing, or one too many", np.conj(a)
    if a.ndim > 1 and a.shape[-1] == a.shape[-2] > 1:
        yield "transposed", a.mT
    for axis, word in _axes(shape):
        yield f"reversed{word}", np.flip(a, axis)
    outputs = case.recording.outputs
    if len(outputs) != 1:
        return
    y = outputs[0]
    if y.ndim > 1 and y.shape[-1] == y.shape[-2] > 1:
        yield "transposed cotangent", test.pull_changed(np.swapaxes, -1, -2)
    for axis, word in _axes(y.shape):
        yield f"reversed cotangent{word}", test.pull_changed(np.flip, axis)
        if y.ndim == a.ndim:
            turned = test.pull_changed(np.flip, axis)
            yield f"reversed{word}: a kernel is not flipped", np.flip(turned, axis)
        for end, of in ((0, "first"), (-1, "last")):
            summed = test.pull_changed(_gathered, axis, end)
            yield f"missing broadcast sum: only the {of} of output axis {axis} comes back", summed


def _shifted(case: Case, number: int, test: _Test) -> Iterator[tuple[str, Array]]:
    shape = test.like.shape
    a = test.pull(test.u)
    outputs = case.recording.outputs
    single = len(outputs) == 1
    for by in (1, -1):
        for axis, word in _axes(shape):
            if shape[axis] > 2:
                yield f"shifted by one{word}", np.roll(a, by, axis)
        for axis, word in _axes(outputs[0].shape if single else ()):
            if outputs[0].shape[axis] > 2:
                moved = test.pull_changed(np.roll, by, axis)
                yield f"shifted by one{word}", moved


def _conjugated(case: Case, number: int, test: _Test) -> Iterator[tuple[str, Array]]:
    if not np.all(test.real):
        conjugate = test.pull(np.where(test.real, test.u, -test.u))
        yield "conjugate of the cotangent missing, or one too many", conjugate


def _axes(shape: tuple[int, ...]) -> list[tuple[int, str]]:
    several = len(shape) > 1
    return [(k, f" along axis {k}" if several else "") for k, n in enumerate(shape) if n > 1]


def _gathered(u: Array, axis: int, end: int) -> Any:
    """The sum over an axis at one end of it, and 0 elsewhere."""
    out = np.zeros_like(u)
    place = (slice(None),) * axis + (end,)
    out[place] = np.sum(u, axis=axis)
    return out
