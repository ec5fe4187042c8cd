"""Steps of optimizers, in place on flat real arrays: parameters p, gradients g, running means.

An update is some ten elementwise passes, which go over one block after the other, so that a block's
arrays stay in cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.kernels.parallel.probe import is_symbol
from autograd.kernels.parallel.twins import twin

__all__ = ["adam_update", "descend", "penalised", "sgd_update", "update_means"]

Array = Any

# Five arrays of this size (value, gradient, two states, scratch) lie in L2, or not far from it:
# Adam took 271, 257, 247 µs on 0.2M numbers in blocks of 128, 256, 512 KiB, with 1 MiB of L2, and
# 1600, 1480, 1400 on 1M.
BLOCK_BYTES = 1 << 18
LEAST = 1 << 11  # elements


def _blocks(p: Array) -> Iterator[tuple[Any, Array, Array]]:
    """Slices that cut p into blocks, with room for two results in between."""
    if is_symbol(p):  # it is one block
        yield ..., np.empty_like(p), np.empty_like(p)
        return
    step = BLOCK_BYTES // p.itemsize
    room = np.empty((2, min(step, p.size)), p.dtype)
    for start in range(0, p.size, step):
        stop = min(start + step, p.size)
        yield slice(start, stop), room[0, : stop - start], room[1, : stop - start]


def penalised(g: Array, p: Array, decay: float, maximize: bool, out: Array) -> Array:
    """The gradient to descend along: its sign turned to maximize, and the pull of weight decay.

    It is g itself if there is nothing to do, else it is written to `out`.
    """
    if decay:
        np.multiply(p, decay, out=out)
        return (np.subtract if maximize else np.add)(out, g, out=out)
    return np.negative(g, out=out) if maximize else g


def _cast(array: Array, *numbers: float) -> Iterator[Any]:
    """Numbers in the dtype of an array: NumPy takes 0.5 µs to cast one, in each call anew."""
    return map(array.dtype.type, numbers)


def update_means(m: Array, v: Array, g: Array, betas: tuple[float, float], s: Array) -> None:
    """Move the running means of the gradient and of its square on; s is for what is between."""
    beta1, beta2 = betas
    _move(m, v, g, tuple(_cast(m, beta1, 1 - beta1, beta2, 1 - beta2)), s)


def _move(m: Array, v: Array, g: Array, numbers: tuple[Any, ...], s: Array) -> None:
    beta1, rest1, beta2, rest2 = numbers
    m *= beta1
    m += np.multiply(g, rest1, out=s)
    v *= beta2
    v += np.multiply(np.multiply(g, g, out=s), rest2, out=s)


@twin(LEAST, double=True)
def adam_update(
    p: Array,
    g: Array,
    m: Array,
    v: Array,
    largest: Array | None,
    betas: tuple[float, float],
    eps: float,
    rate: float,
    kept: float,
    decay: float,
    maximize: bool,
) -> None:
    """p ← kept·p − rate·m/(√v + eps), when m and v have taken in g and g².

    With `largest`, which is the largest v so far, in the place of v. `decay` times p is added to g.
    """
    beta1, beta2 = betas
    means = tuple(_cast(p, beta1, 1 - beta1, beta2, 1 - beta2))
    eps, rate, shrink, decay = _cast(p, eps, rate, kept, decay)
    for at, s, regularised in _blocks(p):
        p_, m_, v_ = p[at], m[at], v[at]
        if kept != 1:
            p_ *= shrink
        _move(m_, v_, penalised(g[at], p_, decay, maximize, regularised), means, s)
        if largest is not None:
            v_ = np.maximum(largest[at], v_, out=largest[at])
        np.add(np.sqrt(v_, out=s), eps, out=s)
        np.divide(m_, s, out=s)
        p_ -= np.multiply(s, rate, out=s)


@twin(LEAST, double=True, repaid=1 << 31)  # it saves 0.2 ns an element
def descend(p: Array, g: Array, rate: float) -> None:
    """p ← p − rate·g."""
    (rate,) = _cast(p, rate)
    for at, s, _ in _blocks(p):
        p_ = p[at]
        p_ -= np.multiply(g[at], rate, out=s)


@twin(LEAST, double=True)
def sgd_update(
    p: Array,
    g: Array,
    b: Array | None,
    lr: float,
    momentum: float,
    undamped: float,
    nesterov: bool,
    decay: float,
    maximize: bool,
) -> None:
    """b ← momentum·b + undamped·g and p ← p − lr·b; `nesterov`: p − lr·(g + momentum·b).

    `decay` times p is added to g. Without b it is p − lr·g.
    """
    plain = undamped == 1.0
    lr, momentum, undamped, decay = _cast(p, lr, momentum, undamped, decay)
    for at, s, regularised in _blocks(p):
        p_, g_ = p[at], penalised(g[at], p[at], decay, maximize, regularised)
        if b is not None:
            b_ = b[at]
            b_ *= momentum
            b_ += g_ if plain else np.multiply(g_, undamped, out=s)
            g_ = np.add(np.multiply(b_, momentum, out=s), g_, out=s) if nesterov else b_
        p_ -= np.multiply(g_, lr, out=s)
