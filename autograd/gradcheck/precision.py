"""float32: the formula was verified in float64; is float32's the same, but for rounding?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from autograd.gradcheck.contract import audit
from autograd.gradcheck.function import Function
from autograd.op import Array

__all__ = ["Low", "is_low", "low_precision"]

_ROUNDINGS = 1e3  # of float32, relative to the largest element, that are no finding
_WRONG = 0.01  # relative difference from which on it is wrong, where the value is right
_DRAWS = 3


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
        found, expected = low.vjp(u), high.vjp(u)
        eps = float(np.finfo(np.float32).eps)
        moved = np.zeros_like(expected)
        spread = np.zeros_like(high.value)
        for _ in range(_DRAWS):
            near = function.x * (1 + eps * rng.uniform(-1, 1, function.size))
            other = function.record(near)
            moved = np.fmax(moved, np.abs(other.vjp(u) - expected))
            spread = np.fmax(spread, np.abs(other.value - high.value))
        error = np.zeros_like(expected)
        for start, stop in zip(function.stops[:-1], function.stops[1:], strict=True):
            part = slice(start, stop)
            size = np.max(np.abs(expected[part]), initial=0.0, where=np.isfinite(expected[part]))
            error[part] = eps * _ROUNDINGS * size + 10 * np.nan_to_num(moved[part])
        apart = np.abs(found - expected)
        over = (apart > error) & np.isfinite(found) & np.isfinite(expected)
        scale = np.max(np.abs(high.value)) + np.max(spread)
        value_off = np.max(np.abs(low.value - high.value), initial=0.0) / (scale or 1.0)
        size = np.fmax(np.abs(expected), np.max(np.abs(expected[np.isfinite(expected)]), initial=0))
        wrong = over & (apart > _WRONG * size)
        if not value_off < _WRONG:
            wrong = np.zeros_like(over)
        rounding = None
        if np.any(over & ~wrong):
            worst = float(np.max((apart / size)[over & ~wrong]))
            rounding = f"rounding in low precision changes the gradient by up to {worst:.1g}"
        return Low(broken, np.flatnonzero(wrong), found, expected, error, rounding)


def is_low(value: object) -> bool:
    """Whether an input has fewer digits than a double."""
    dtype = getattr(value, "dtype", None)
    return dtype is not None and dtype in (np.float16, np.float32, np.complex64)
