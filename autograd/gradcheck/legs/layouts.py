"""The same numbers in other places of memory must have the same gradient."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from autograd.engine.op import Array
from autograd.gradcheck.numeric.function import FAILURES, Function, Recording
from autograd.gradcheck.numeric.rounding import rounding_of_gradients, rounding_of_values

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
        of_value = partial(_terms_of_values, base, rng)
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
            seed = np.ones(u.size) if ones else u
            of_gradient = partial(rounding_of_gradients, base, seed[None], rng)
            if apart := _differs(gradient, expected[ones], close, of_gradient):
                bad.append((name, f"another gradient, by up to {apart:.2g}"))
            elif apart := _differs(found.value, base.value, close, of_value):
                bad.append((name, f"another value, by up to {apart:.2g}"))
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


def _terms_of_values(base: Recording, rng: np.random.Generator) -> Array:
    """The size of what cancels in the outputs."""
    return rounding_of_values(base, rng) / float(np.finfo(np.float64).eps)


def _differs(a: Array, b: Array, close: float, size: Callable[[], Array]) -> float:
    """By how much they differ, where it is more than the rounding of them or of their terms."""
    largest = np.max(np.abs(b[np.isfinite(b)]), initial=0.0)
    apart = np.where(np.isfinite(a) & np.isfinite(b), np.abs(a - b), 0.0)
    if np.all(apart <= close * largest):
        return 0.0
    return float(np.max(np.where(apart <= close * (largest + np.ravel(size())), 0.0, apart)))
