"""A gradient must be the same whichever of the other inputs need one: each is frozen in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

import numpy as np

from autograd.engine.op import Array
from autograd.gradcheck.numeric.function import FAILURES, Function, Recording
from autograd.gradcheck.numeric.rounding import rounding_of_gradients

__all__ = ["apart", "fewer", "frozen", "frozen_twice"]

_EVERY = 4  # inputs, of which every group is frozen
_EACH = 16  # of which each is, alone and with all others; of more halves
_HALVES = 4
_NOISE = 1e-6  # relative change that is none


def fewer(count: int, rng: np.random.Generator) -> Iterator[frozenset[int]]:
    """Groups of so many inputs: all; or each and all but each; or random halves, with the rest."""
    every = frozenset(range(count))
    if count <= _EVERY:
        for size in range(1, count):
            yield from map(frozenset, combinations(range(count), size))
    elif count <= _EACH:
        yield from (frozenset([n]) for n in range(count))
        yield from (every - {n} for n in range(count))
    else:
        for _ in range(_HALVES):
            half = frozenset(rng.permutation(count)[: count // 2].tolist())
            yield half
            yield every - half


def frozen(
    function: Function,
    x: Array,
    full: Recording,
    u: Array,
    allowed: float,
    size: Callable[[], Array],
    rng: np.random.Generator,
) -> str | None:
    """Where the gradient by an input is another one, because others need none.

    `size` is that of what cancels in the gradient for the cotangent u.
    """
    for still in fewer(len(function.positions), rng):
        others = _listed([function.names[n] for n in sorted(still)])
        mine = _of_the_others(function, full, u, still)
        first = full.vjp(mine)
        try:
            found = function.record(x, frozen=still).vjp(mine)
        except FAILURES as error:
            what = f"{type(error).__name__}: {error}".splitlines()[0]
            return f"raised {what}, where {others}"
        for number, name in enumerate(function.names):
            part = slice(function.stops[number], function.stops[number + 1])
            if number in still or np.array_equal(found[part], first[part], equal_nan=True):
                continue

            def terms(part: slice = part) -> Array:
                return np.asarray(size())[part]

            if apart(found[part], first[part], full.rounding, terms) > allowed:
                return f"another gradient for {name}, where {others}"
    return None


def frozen_twice(derivative: Function, rng: np.random.Generator) -> str | None:
    """The same of a gradient's own derivatives."""
    with np.errstate(all="ignore"):
        full = derivative.record()
        u = rng.uniform(0.5, 1.5, full.value.size) * rng.choice([-1.0, 1.0], full.value.size)

        def size() -> Array:
            return np.asarray(rounding_of_gradients(full, u[None], rng)[0])

        allowed = max(full.rounding, _NOISE)
        return frozen(derivative, derivative.x, full, u, allowed, size, rng)


def _of_the_others(
    function: Function, recording: Recording, u: Array, still: frozenset[int]
) -> Array:
    """Of a gradient: a cotangent for what the inputs get that need one."""
    if function.base is None:
        return u
    parts = recording.unflat(u)
    kept = [p * (n not in still) for n, p in enumerate(parts)]
    pieces = [p.view(np.float64) if p.dtype.kind == "c" else p for p in map(np.ravel, kept)]
    return np.concatenate(pieces)


def _listed(names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"{names[0]} needs none"
    if len(names) > _EVERY:
        return f"{len(names)} others need none, {names[0]} among them"
    return f"{', '.join(names[:-1])} and {names[-1]} need none"


def apart(a: Array, b: Array, rounding: float, size: Callable[[], Array]) -> float:
    """The largest difference, relative to the largest element; of what is no mere rounding."""
    gap = np.abs(a - b)
    gap = np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0.0, gap)
    if np.any(gap):
        gap = np.where(gap <= rounding * size(), 0.0, gap)
    largest = float(np.max(np.nan_to_num(np.abs(b), posinf=0.0), initial=0.0))
    worst = float(np.max(np.nan_to_num(gap, nan=np.inf), initial=0.0))
    return worst / largest if largest else (0.0 if worst == 0 else np.inf)
