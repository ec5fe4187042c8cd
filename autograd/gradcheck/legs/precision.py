"""float32: the formula was verified in float64; is float32's the same, but for rounding?"""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

import numpy as np

from autograd.engine.op import Array
from autograd.gradcheck.legs.audit import audit
from autograd.gradcheck.numeric.function import Function, Recording
from autograd.gradcheck.numeric.rounding import rounded

__all__ = ["Low", "is_low", "low_precision"]

_ROUNDINGS = 64.0  # of an element, that are no finding
_OF_LARGEST = 8.0  # and of the largest one beside it
_SLACK = 30.0  # times what roundings on the way explain
_WRONG = 0.01  # relative change of a value or gradient by rounding: beyond, nothing is compared
_DRAWS, _MANY_DRAWS = 3, 12
_GROSS = 0.05  # of an element: what is wrong by more is looked at by itself
_NORMAL = 1e3  # times the least normal number: below, digits are lost


class Low(NamedTuple):
    """What float32 gives: a broken promise, wrong elements, or rounding that matters."""

    broken: list[tuple[str, str | None]]
    wrong: Array  # flat coordinates
    gradient: Array
    expected: Array
    error: Array
    rounding: str | None


def low_precision(function: Function, originals: list[Array], rng: np.random.Generator) -> Low:
    """Compare the gradient in the inputs' own dtypes with the one in double precision."""
    with np.errstate(all="ignore"):
        low = function.record(arrays=[a.copy() for a in originals])
        high = function.record()
        u = rng.uniform(0.5, 1.5, high.value.size)
        broken = audit(low, rng)
        found = low.vjp(u)
        seen = apart(function, high, u, low.value, found, low.coarsest, originals, rng)
        wrong, gap, usual = seen.wrong, seen.gap, seen.usual
        rounding = None
        if np.any((gap > usual) & ~wrong):
            worst = float(np.max((gap / np.fmax(seen.size, seen.moved))[(gap > usual) & ~wrong]))
            rounding = f"rounding in low precision changes the gradient by up to {worst:.1g}"
        return Low(broken, np.flatnonzero(wrong), found, seen.expected, seen.error, rounding)


class Apart(NamedTuple):
    """A gradient in few digits beside one in double precision, element by element."""

    wrong: Array  # a mask
    expected: Array
    gap: Array
    error: Array  # what roundings on the way explain
    usual: Array  # what those of the last operation do
    moved: Array
    size: Array  # the largest beside it


def apart(
    function: Function,
    high: Recording,
    u: Array,
    value: Array,
    found: Array,
    eps: float,
    originals: list[Array],
    rng: np.random.Generator,
) -> Apart:
    """Hold what a function gave in digits of `eps`, its `value` and the gradient `found` for the
    cotangent u, against what a recording in double precision gives. `originals` are the inputs.
    """
    expected = high.vjp(u)
    moved, spread = _moved(high, expected, u, eps, rng)
    size = np.zeros_like(expected)
    for start, stop in zip(function.stops[:-1], function.stops[1:], strict=True):
        part = slice(start, stop)
        size[part] = np.max(np.abs(expected[part]), initial=0, where=np.isfinite(expected[part]))
    terms = _OF_LARGEST * size + _ROUNDINGS * np.nan_to_num(np.abs(expected), posinf=0.0)
    # and what is nearly below the least number there is
    least = max(float(np.finfo(x.dtype).smallest_subnormal) for x in originals)
    usual = eps * terms + _ROUNDINGS * least
    error = usual + _SLACK * np.nan_to_num(moved)
    largest = min(float(np.finfo(x.dtype).max) for x in originals)
    known = np.isfinite(expected) & (np.abs(expected) < largest)
    lost = ~np.isfinite(found) & known & bool(np.all(np.isfinite(value)))
    gap = np.where(np.isfinite(found) & known, np.abs(found - expected), 0.0)
    if np.any(gap > error):
        error = np.fmax(error, _SLACK * _trembling(function, originals, u, eps, rng))
    scale = np.max(np.abs(high.value)) + np.max(spread)
    off = np.max(np.abs(value - high.value), initial=0.0) / (scale or 1.0)
    steady = np.max(moved, initial=0.0) < _WRONG * np.max(size, initial=0.0)
    wrong = ((gap > error) & (off < _WRONG) & steady) | lost
    # an element that is small beside others is judged alone, where it is wrong by much of itself
    tiny = _NORMAL * max(float(np.finfo(x.dtype).tiny) for x in originals)
    gross = (gap > _GROSS * np.abs(expected)) & (np.abs(expected) > tiny) & ~wrong
    gross &= gap > _SLACK * (eps * np.abs(expected) + np.nan_to_num(moved))
    if np.any(gross) and off < _WRONG and steady and _same_values(value, high.value):
        more = _moved(high, expected, u, eps, rng, _MANY_DRAWS)[0]
        more = more + _trembling(function, originals, u, eps, rng, _MANY_DRAWS, each=True)
        own = _SLACK * (eps * np.abs(expected) + np.nan_to_num(more))
        wrong |= gross & (gap > own)
        error = np.where(gross & (gap > own), own, error)
    return Apart(wrong, expected, gap, error, usual, moved, size)


def _same_values(value: Array, high: Array) -> bool:
    """Whether no output is off by much of itself: else the function is, and not its rule."""
    return bool(np.all(np.abs(value - high) <= _GROSS * np.abs(high)))


def _moved(
    high: Recording,
    still: Array,
    u: Array,
    eps: float,
    rng: np.random.Generator,
    draws: int = _DRAWS,
) -> tuple[Array, Array]:
    """By how much the gradient and the value move if every operation rounds as the low dtype."""
    moved, spread = np.zeros(still.size), np.zeros(high.value.size)
    for _ in range(draws):
        with suppress(Exception):  # a change may leave the domain of an operation
            other = rounded(high, eps, rng)
            moved = np.fmax(moved, np.abs(other.vjp(u) - still))
            spread = np.fmax(spread, np.abs(other.value - high.value))
    return moved, spread


def _trembling(
    function: Function,
    originals: list[Array],
    u: Array,
    eps: float,
    rng: np.random.Generator,
    draws: int = _DRAWS,
    each: bool = False,
) -> Array:
    """What inputs off by a last digit change in so many digits: the rounding inside of operations.

    Never less than is usual in the same input, as an element may stay where it is by chance; but
    for many draws, of `each` element alone.
    """
    still = function.record(arrays=[x.copy() for x in originals]).vjp(u)
    moved = np.zeros_like(still)
    for _ in range(draws):
        with suppress(Exception):
            near = [
                (x * (1 + eps * rng.choice([-1, 1], x.shape))).astype(x.dtype) for x in originals
            ]
            moved = np.fmax(moved, np.abs(function.record(arrays=near).vjp(u) - still))
    moved = np.nan_to_num(moved, posinf=0.0)
    if each:
        return moved
    for start, stop in zip(function.stops[:-1], function.stops[1:], strict=True):
        part = moved[start:stop]
        part[:] = np.fmax(part, np.sqrt(np.mean(part**2)) if part.size else 0.0)
    return moved


def is_low(value: object) -> bool:
    """Whether an input has fewer digits than a double."""
    dtype = getattr(value, "dtype", None)
    return dtype is not None and dtype in (np.float16, np.float32, np.complex64)
