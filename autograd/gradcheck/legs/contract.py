"""What every vector-Jacobian product must keep to, found without any difference quotient.

It is linear in its cotangent; it changes neither its inputs, nor the cotangent, nor what was saved;
it does not depend on other calls before or between; and the same call gives the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from autograd.engine.typed import Array
from autograd.gradcheck.legs.audit import audit
from autograd.gradcheck.legs.frozen import apart, frozen
from autograd.gradcheck.numeric.function import FAILURES, Function, Recording
from autograd.gradcheck.numeric.rounding import rounding_of_gradients
from autograd.tensors.tensor import Tensor

__all__ = ["contract"]

_SLACK = 10.0  # times that noise, for a sum of several gradients
_AWAY, _BENT = 2.0**-16, 1e-5  # steps to tell slopes that differ, and what these are known to
_SHARE = 1e-2  # of the largest terms, that any element may have
_NOISE = 1e-6  # relative change from run to run that is noise, not randomness


def contract(
    function: Function, x: Array, rng: np.random.Generator, notes: list[str]
) -> tuple[list[tuple[str, str | None]], float]:
    """The broken promises (each with the node that broke it), and the measured nondeterminism.

    What is worth knowing, and no broken promise, goes to the notes.
    """
    broken: list[tuple[str, str | None]] = []
    arrays = function.parts(x.copy())
    recording = function.record(arrays=arrays)
    before = np.concatenate([part.ravel().view(np.float64) for part in function.parts(x.copy())])
    if not _same_arrays(function, arrays, before):
        broken.append(("input mutated by the function", None))
    size = recording.value.size
    u, w = rng.uniform(0.5, 1.5, (2, size)) * rng.choice([-1.0, 1.0], (2, size))
    cotangents = recording.unflat(u)
    try:
        first = recording.flat_gradient(recording.pull(cotangents))
    except FAILURES:
        broken += audit(recording, rng)  # which may say more of it
        if not broken or "the rule raised" in broken[0][0]:
            raise
        return broken, 0.0
    if not _equal(np.concatenate([_flat(c) for c in cotangents]), _flat_all(recording.unflat(u))):
        broken.append(("cotangent mutated", None))
    if not _same_arrays(function, arrays, before) and not broken:
        broken.append(("saved input mutated", None))
    broken += audit(recording, rng)
    if broken:
        return broken, 0.0
    with np.errstate(all="ignore"):
        return _repeats(function, recording, x, first, u, w, rng, notes)


def _repeats(
    function: Function,
    recording: Recording,
    x: Array,
    first: Array,
    u: Array,
    w: Array,
    rng: np.random.Generator,
    notes: list[str],
) -> tuple[list[tuple[str, str | None]], float]:
    """Whether the rules are linear, and give the same at any other time."""

    @cache
    def size() -> Array:
        """Of what cancels in the gradients by u and w."""
        both = np.stack([u, w, 2 * u - 3 * w])  # one may cancel without a rest
        return rounding_of_gradients(recording, both, rng).sum(axis=0)

    second = recording.vjp(w)
    rounding = recording.rounding
    again = max(apart(recording.vjp(u), first, rounding, size) for _ in range(2))
    allowed = max(rounding, _NOISE) + _SLACK * again  # each rule alone was held to rounding
    both = recording.vjp(2 * u - 3 * w)
    if again <= _NOISE and not _close(both, 2 * first - 3 * second, allowed, size, first, second):
        return [("not linear in the cotangent", None)], again
    again = max(again, apart(function.record(x).vjp(u), first, rounding, size))
    if again > _NOISE:
        return [("nondeterministic: a second backward gives another gradient", None)], 0.0
    early = function.record(x)
    other = np.concatenate([_flat(part) for part in function.parts(x)]) * 1.03 + 0.01
    try:
        if _stays(function, x, other, first, function.record(other).vjp(u), u):
            return [("stale value: the gradient is the same at other inputs", None)], again
    except FAILURES:
        other = x
    if apart(early.vjp(u), first, rounding, size) > _NOISE + again:
        return [("stale value: the rule uses what a later call of the function left", None)], again
    leaves = recording.leaves
    joint = Recording(leaves, [*recording.outputs, *_rerun(function, leaves)])
    together = joint.vjp(np.concatenate([u, w]))
    if not _close(together, first + second, _NOISE + rounding + again, size, first, second):
        return [("gradient aliased: f(x) + f(x) has another gradient than twice f(x)", None)], again
    allowed = max(rounding, _NOISE) + again
    what = _recorded(recording, first, u, allowed, rounding, size, notes)
    what = what or frozen(function, x, recording, u, allowed, size, rng)
    return ([(what, None)] if what else []), again


def _stays(
    function: Function, x: Array, other: Array, first: Array, found: Array, u: Array
) -> bool:
    """Whether the gradient is the same at another point, to the last bit, and the slope is not."""
    if not np.any(first) or not np.array_equal(found, first):
        return False
    d = _AWAY * np.sign(first)  # along the gradient, where it is right

    def slope(point: Array) -> float:
        return float(u @ (function(point + d) - function(point - d))) / (2 * _AWAY)

    here, there = slope(x), slope(other)
    close = abs(here - np.sum(np.abs(first))) <= _BENT * abs(here)  # no kink is near
    return bool(close and abs(there - here) > 10 * _BENT * abs(here))


def _recorded(
    recording: Recording, first: Array, u: Array, allowed: float, rounding: float, size: Any,
    notes: list[str],
) -> str | None:  # fmt: skip
    """Whether a gradient that can be differentiated again is the same."""
    parts = recording.unflat(u)
    seeds = [parts, [Tensor(part, requires_grad=True) for part in parts]]
    try:
        found = [recording.flat_gradient(recording.pull(s, create_graph=True)) for s in seeds]
    except FAILURES as error:  # it matters where second derivatives are asked for, which check it
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        notes.append(f"the gradient cannot be differentiated again, where a rule raises {what}")
        return None
    if any(apart(one, first, rounding, size) > allowed for one in found):
        return "create_graph=True gives another gradient"
    return None


def _rerun(function: Function, leaves: Sequence[Any]) -> list[Any]:
    given, _ = function.arguments(function.parts(function.x.copy()))
    for position, leaf in zip(function.positions, leaves, strict=True):
        given[position] = leaf
    return function.outputs(given)


def _equal(a: Array, b: Array) -> bool:
    return bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"))


def _flat(part: Array) -> Array:
    array = np.ascontiguousarray(part).ravel()
    return array.view(np.float64) if array.dtype.kind == "c" else array


def _flat_all(parts: Sequence[Array]) -> Array:
    return np.concatenate([_flat(part) for part in parts])


def _same_arrays(function: Function, arrays: Sequence[Array], before: Array) -> bool:
    return _equal(_flat_all(arrays), before)


def _close(
    a: Array, b: Array, tolerance: float, size: Callable[[], Array], *gradients: Array
) -> bool:
    """Whether two gradients differ by no more than rounding: of themselves, or of their terms."""
    largest = sum(
        float(np.max(np.abs(np.nan_to_num(g, posinf=0, neginf=0)), initial=0)) for g in gradients
    )
    apart = np.where(np.isfinite(a) & np.isfinite(b), np.abs(a - b), 0.0)
    if np.all(apart <= tolerance * largest):
        return True
    terms = size()
    terms = terms + _SHARE * np.max(terms, initial=0.0)  # some cancel without a rest
    return bool(np.all(apart <= tolerance * (largest + _SLACK * terms)))
