"""The same numbers in other places of memory must have the same gradient."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from autograd.gradcheck.function import FAILURES, Function
from autograd.op import Array

__all__ = ["layouts"]


def layouts(
    function: Function, x: Array, rng: np.random.Generator, extra: float = 0.0
) -> list[tuple[str, str]]:
    """Which layouts change the gradient, or make backward raise: pairs of name and reason.

    `extra` is by how much two runs of the same may differ.
    """
    with np.errstate(all="ignore"):
        base = function.record(x)
        u = rng.uniform(0.5, 1.5, base.value.size)
        expected = {False: base.vjp(u), True: base.vjp(np.ones(u.size))}
        bad = []
        close = base.rounding + 10 * extra
        for name, inputs, cotangents in _variants():
            ones = name.startswith("stride-0")
            try:
                found = function.record(arrays=[inputs(part) for part in function.parts(x.copy())])
                seeds = found.unflat(np.ones(u.size) if ones else u)
                gradient = found.flat_gradient(found.pull([cotangents(s) for s in seeds]))
            except FAILURES as error:
                bad.append((name, f"raised {type(error).__name__}: {error}".splitlines()[0]))
                continue
            if why := _differs(gradient, expected[ones], found.value, base.value, close):
                bad.append((name, why))
        return bad


def _variants() -> Iterator[tuple[str, Callable[[Array], Array], Callable[[Array], Array]]]:
    yield "Fortran order", _fortran, _fortran
    yield "negative strides", _negative, _negative
    yield "non-contiguous", _spread, _spread
    yield "stride-0 cotangent", _plain, _constant


def _plain(a: Array) -> Array:
    return a


def _fortran(a: Array) -> Array:
    return np.asfortranarray(a) if a.ndim else a


def _negative(a: Array) -> Array:
    back = (slice(None, None, -1),) * a.ndim
    return np.asarray(np.ascontiguousarray(a[back])[back]) if a.ndim else a


def _spread(a: Array) -> Array:
    if not a.ndim:
        return a
    wide = np.zeros((*a.shape[:-1], 2 * a.shape[-1]), a.dtype)
    wide[..., ::2] = a
    return wide[..., ::2]


def _constant(a: Array) -> Array:
    """The same ones, of one element in memory; complex ones are 1 + 1j."""
    one = a.reshape(-1)[:1].reshape((1,) * a.ndim) if a.size and a.ndim else a
    return np.broadcast_to(one, a.shape)


def _differs(
    gradient: Array, expected: Array, value: Array, base: Array, close: float
) -> str | None:
    for what, a, b in (("gradient", gradient, expected), ("value", value, base)):
        size = np.max(np.abs(b[np.isfinite(b)]), initial=0.0)
        apart = np.abs(a - b)[np.isfinite(a) & np.isfinite(b)]
        if np.any(apart > close * size):
            return f"another {what}, by up to {np.max(apart):.2g}"
    return None
