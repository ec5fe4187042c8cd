"""Random numbers of the face, other ones at every run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engine.row import DRAW
from autograd.errors import ArgumentError
from autograd.static.functions import as_lengths
from autograd.static.graph import get_default_graph
from autograd.static.symbol import Symbol, apply, build
from autograd.static.types import dtype_of

Lengths = Any

__all__ = [
    "random_normal", "random_shuffle", "random_uniform", "set_random_seed", "truncated_normal",
]  # fmt: skip


def _random(
    label: str, shape: Lengths, dtype: Any, seed: int | None, drawn: Callable[..., Any], name: Any
) -> Symbol:
    kind = np.dtype(np.float32) if dtype is None else dtype_of(dtype)
    lengths = (shape,) if isinstance(shape, int) else shape
    if isinstance(lengths, Symbol) or any(isinstance(n, Symbol) for n in lengths):
        wanted, known = as_lengths(lengths)
        inputs: tuple[Symbol, ...] = (wanted,)
    else:
        known, inputs = tuple(int(n) for n in lengths), ()

    def draw(g: Any, *given: Any) -> Any:
        return np.asarray(drawn(g, tuple(map(int, given[0])) if given else known), kind)

    params = {"method": label, "drawn": draw, "seed": seed}
    return build(DRAW, inputs, params, name or label, (known, kind))


def _placed(drawn: Symbol, scale: Any, start: Any) -> Symbol:
    """Numbers that were drawn, times one and plus another, where these are symbols."""
    scaled = apply("multiply", drawn, scale) if isinstance(scale, Symbol) else drawn
    return apply("add", scaled, start) if isinstance(start, Symbol) else scaled


def _number(value: Any, stand_in: float) -> Any:
    return stand_in if isinstance(value, Symbol) else value


def random_normal(
    shape: Lengths,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = None,
    seed: int | None = None,
    name: str | None = None,
) -> Symbol:
    """Normal numbers, others at every run; the shape, `mean` and `stddev` may be symbols.

    >>> import autograd.static as tf
    >>> with tf.Graph().as_default():
    ...     x = tf.placeholder(tf.float32, [None, 3])
    ...     tf.random_normal(tf.shape(x), stddev=1 / tf.sqrt(2.0)).shape
    (None, 3)
    """
    start, scale = _number(mean, 0.0), _number(stddev, 1.0)
    drawn = _random(
        "random_normal", shape, dtype, seed, lambda g, n: g.normal(start, scale, n), name
    )
    return _placed(drawn, stddev, mean)


def random_uniform(
    shape: Lengths,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = None,
    seed: int | None = None,
    name: str | None = None,
) -> Symbol:
    """Numbers spread evenly from `minval` up to `maxval` (1 unless given), which integers need."""
    whole = dtype is not None and dtype_of(dtype).kind in "iu"
    if whole and maxval is None:
        raise ArgumentError("random_uniform: integers need maxval=")
    high = 1.0 if maxval is None else maxval
    if isinstance(minval, Symbol) or isinstance(high, Symbol):
        unit = _random("random_uniform", shape, dtype, seed, lambda g, n: g.random(n), name)
        width = apply("subtract", high, minval)
        return apply("add", apply("multiply", unit, width), minval)

    def drawn(g: Any, n: Any) -> Any:
        return g.integers(minval, high, n) if whole else g.uniform(minval, high, n)

    return _random("random_uniform", shape, dtype, seed, drawn, name)


def truncated_normal(
    shape: Lengths,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = None,
    seed: int | None = None,
    name: str | None = None,
) -> Symbol:
    """Normal numbers, those beyond two standard deviations drawn again."""
    start, scale = _number(mean, 0.0), _number(stddev, 1.0)

    def drawn(g: Any, n: Any) -> Any:
        found = g.standard_normal(n)
        while np.any(far := np.abs(found) > 2):
            found = np.where(far, g.standard_normal(n), found)
        return start + scale * found

    return _placed(_random("truncated_normal", shape, dtype, seed, drawn, name), stddev, mean)


def random_shuffle(value: Any, seed: int | None = None, name: str | None = None) -> Symbol:
    """The rows in another order at every run."""
    rows = build(
        DRAW, (value,), {
            "method": "random_shuffle", "drawn": lambda g, x: g.permutation(len(x)), "seed": seed,
        }, "order", ((value.node.shape[0],), np.dtype(np.int64)),
    )  # fmt: skip
    return apply("take", value, rows, axis=0, label=name or "random_shuffle")


def set_random_seed(seed: int) -> None:
    """Let the random nodes of the default graph draw the same in every session."""
    get_default_graph().seed = seed
