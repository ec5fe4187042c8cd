"""Steps of optimizers in one pass, to the last bit as in NumPy.

They are as fast as memory is, and no faster on two threads.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled.parallel.loops import exact, plain

__all__ = ["adam_update", "descend", "sgd_update"]

Array = Any


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
) -> Any:
    if not plain(p, g, m, v, largest):
        return NotImplemented
    real, (beta1, beta2) = p.dtype.type, betas
    numbers = tuple(map(real, (beta1, 1 - beta1, beta2, 1 - beta2, eps, rate, kept, decay)))
    _adam(p, g, m, v, largest, numbers, maximize)
    return None


@exact
def _adam(
    p: Array, g: Array, m: Array, v: Array, largest: Array | None, numbers: Any, maximize: bool
) -> None:
    beta1, rest1, beta2, rest2, eps, rate, kept, decay = numbers
    for i in range(p.size):
        value = p[i] * kept
        gradient = -g[i] if maximize else g[i]
        if decay != 0:
            gradient += decay * value
        first = m[i] * beta1 + gradient * rest1
        second = v[i] * beta2 + gradient * gradient * rest2
        m[i] = first
        v[i] = second
        if largest is not None:
            if not largest[i] >= second and largest[i] == largest[i]:
                largest[i] = second
            second = largest[i]
        p[i] = value - rate * (first / (np.sqrt(second) + eps))


def descend(p: Array, g: Array, rate: float) -> Any:
    if not plain(p, g):
        return NotImplemented
    _descend(p, g, p.dtype.type(rate))
    return None


@exact
def _descend(p: Array, g: Array, rate: Any) -> None:
    for i in range(p.size):
        p[i] -= rate * g[i]


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
) -> Any:
    if not plain(p, g, b):
        return NotImplemented
    numbers = tuple(map(p.dtype.type, (lr, momentum, undamped, decay)))
    _sgd(p, g, b, numbers, nesterov, maximize)
    return None


@exact
def _sgd(p: Array, g: Array, b: Array | None, numbers: Any, nesterov: bool, maximize: bool) -> None:
    lr, momentum, undamped, decay = numbers
    for i in range(p.size):
        value = p[i]
        gradient = -g[i] if maximize else g[i]
        if decay != 0:
            gradient += decay * value
        if b is not None:
            velocity = momentum * b[i] + undamped * gradient
            b[i] = velocity
            gradient = gradient + momentum * velocity if nesterov else velocity
        p[i] = value - lr * gradient
