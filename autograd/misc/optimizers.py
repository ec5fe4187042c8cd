"""Optimizers of functions of nested values: `adam(grad(loss), params, callback, num_iters=100)`.

Each is called with `gradient(params, iteration)`, and gives the last parameters. For models of `nn`
there is `optim`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.misc.flatten import flatten

__all__ = ["adam", "rmsprop", "sgd", "unflatten_optimizer"]

Gradient = Callable[[Any, int], Any]
Callback = Callable[[Any, int, Any], Any] | None


def unflatten_optimizer(optimize: Callable[..., Any]) -> Callable[..., Any]:
    """An optimizer of vectors, `optimize`, as one of nested lists, tuples and dicts of arrays.

    >>> @unflatten_optimizer
    ... def step(grad, x, callback=None):
    ...     return x - grad(x, 0)
    >>> step(lambda p, i: {"w": p["w"] / 2}, {"w": np.array([4.0])})["w"]
    array([2.])
    """

    @functools.wraps(optimize)
    def optimized(
        grad: Gradient, x0: Any, callback: Callback = None, *args: Any, **kwargs: Any
    ) -> Any:
        vector, unflatten = flatten(x0)

        def gradient(x: Any, i: int) -> Any:
            return flatten(grad(unflatten(x), i))[0]

        def told(x: Any, i: int, g: Any) -> Any:
            return callback(unflatten(x), i, unflatten(g)) if callback else None

        call = told if callback else None
        return unflatten(optimize(gradient, vector, call, *args, **kwargs))

    return optimized


@unflatten_optimizer
def sgd(
    grad: Gradient,
    x: Any,
    callback: Callback = None,
    num_iters: int = 200,
    step_size: float = 0.1,
    mass: float = 0.9,
) -> Any:
    """Gradient descent with momentum, from `x` along `grad(x, i)`.

    The velocity keeps the part `mass` of itself, and `step_size` of it is taken in each of
    `num_iters` steps; `callback(x, i, gradient)` is called before each.

    >>> bool(abs(sgd(lambda x, i: 2 * x, 1.0, num_iters=300)) < 1e-6)
    True
    """
    velocity = np.zeros(len(x))
    for i in range(num_iters):
        g = grad(x, i)
        if callback:
            callback(x, i, g)
        velocity = mass * velocity - (1.0 - mass) * g
        x = x + step_size * velocity
    return x


@unflatten_optimizer
def rmsprop(
    grad: Gradient,
    x: Any,
    callback: Callback = None,
    num_iters: int = 100,
    step_size: float = 0.1,
    gamma: float = 0.9,
    eps: float = 10**-8,
) -> Any:
    """Steps divided by the root of an average of squared gradients, from `x` along `grad(x, i)`.

    The average keeps the part `gamma` of itself; `eps` is added to its root, and `step_size` scales
    each of `num_iters` steps; `callback(x, i, gradient)` is called before each.

    >>> bool(abs(rmsprop(lambda x, i: 2 * x, 1.0, step_size=0.01, num_iters=200)) < 0.05)
    True
    """
    average = np.ones(len(x))
    for i in range(num_iters):
        g = grad(x, i)
        if callback:
            callback(x, i, g)
        average = average * gamma + g**2 * (1 - gamma)
        x = x - step_size * g / (np.sqrt(average) + eps)
    return x


@unflatten_optimizer
def adam(
    grad: Gradient,
    x: Any,
    callback: Callback = None,
    num_iters: int = 100,
    step_size: float = 0.001,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 10**-8,
) -> Any:
    """Adam, from `x` along `grad(x, i)`.

    `b1` and `b2` are the parts that the averages of gradients and of their squares keep, `eps` is
    added to the root of the second, and `step_size` scales each of `num_iters` steps;
    `callback(x, i, gradient)` is called before each. Source: Kingma and Ba (2015), "Adam: a method
    for stochastic optimization".

    >>> bool(abs(adam(lambda x, i: 2 * x, 1.0, step_size=0.1, num_iters=400)) < 1e-3)
    True
    """
    mean, square = np.zeros(len(x)), np.zeros(len(x))
    for i in range(num_iters):
        g = grad(x, i)
        if callback:
            callback(x, i, g)
        mean = (1 - b1) * g + b1 * mean
        square = (1 - b2) * g**2 + b2 * square
        unbiased = mean / (1 - b1 ** (i + 1)), square / (1 - b2 ** (i + 1))
        x = x - step_size * unbiased[0] / (np.sqrt(unbiased[1]) + eps)
    return x
