"""Random formulas: elementwise parts, reductions over any axes, views, softmax and kin, gradients.

A number stands for a formula; values are shared, and several are given out. Nothing is ill
conditioned on purpose, so that rounding alone explains little.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

import numpy as np

import autograd as ag
from autograd.errors import AutogradError

__all__ = ["Formula", "formula"]

UNARY: tuple[Callable[[Any], Any], ...] = (
    lambda x: ag.exp(-ag.abs(x)), ag.tanh, lambda x: -x, lambda x: x * 0.5 + 1, ag.relu, ag.sigmoid,
    lambda x: ag.sqrt(ag.abs(x) + 1), lambda x: x * x, lambda x: 1 / (1 + x * x), ag.sin,
    lambda x: x.astype("float64"), lambda x: x.astype("float32"), lambda x: x.detach(),
    lambda x: (x > 0).astype(x.dtype), lambda x: ag.clip(x, -1, 0.5), lambda x: ag.log1p(x * x),
)  # fmt: skip
BINARY: tuple[Callable[[Any, Any], Any], ...] = (
    ag.add, ag.multiply, ag.maximum, ag.minimum, ag.subtract,
    lambda x, y: ag.where(x > y, x, y * 0.5), lambda x, y: x / (1 + ag.abs(y)),
)  # fmt: skip
REDUCTIONS: tuple[Callable[..., Any], ...] = (
    ag.sum, ag.mean, ag.max, ag.min, ag.var, ag.logsumexp,
    lambda x, **how: ag.prod(ag.tanh(x) * 0.5 + 1, **how),
    lambda x, **how: ag.any(x > 0.5, **how).astype(x.dtype),
    lambda x, **how: ag.all(x > -2, **how).astype(x.dtype),
    lambda x, **how: (x > 0).sum(**how).astype(x.dtype),
)  # fmt: skip
STAGED: tuple[Callable[[Any, int], Any], ...] = (
    lambda x, axis: ag.softmax(x, axis=axis), lambda x, axis: ag.log_softmax(x, axis=axis),
    lambda x, axis: x - x.mean(axis, keepdims=True), lambda x, axis: ag.cumsum(x, axis=axis),
    lambda x, axis: (x - x.mean(axis, keepdims=True)) / ag.sqrt(x.var(axis, keepdims=True) + 1e-3),
    lambda x, axis: x / ag.sqrt((x * x).sum(axis, keepdims=True) + 1e-3),
    lambda x, axis: x.argmax(axis=axis, keepdims=True).astype(x.dtype) + x,
)  # fmt: skip
VIEWS: tuple[Callable[[Any], Any], ...] = (
    lambda x: x.T, lambda x: x.reshape(-1), lambda x: x[::-1], lambda x: x[None], lambda x: x[1:],
    lambda x: x[..., None], lambda x: x[..., ::2], lambda x: x[0], lambda x: ag.swapaxes(x, 0, -1),
)  # fmt: skip
PRODUCTS: tuple[Callable[[Any, Any], Any], ...] = (
    lambda x, y: x @ y.mT * 0.1, lambda x, y: x.mT @ y * 0.1,
)  # fmt: skip
LENGTHS = (1, 2, 3, 7, 8, 15, 16, 17, 33)
FEW_LENGTHS = (0, 1, 2, 5)
LARGE = ((300, 65), (64, 300), (20_000,), (9, 7, 200))
MOST = 6_000  # numbers of an argument

Step = tuple[Callable[..., Any], tuple[int, ...], dict[str, Any]]


class Formula(NamedTuple):
    """What a random formula does, and with which arguments."""

    shapes: tuple[tuple[int, ...], ...]
    dtype: str
    steps: list[Step]
    given: list[int]  # which values are results
    order: int  # of the gradients that are results too

    def __call__(self, *xs: Any) -> tuple[Any, ...]:
        values = [*xs]
        for function, places, how in self.steps:
            values.append(function(*(values[p] for p in places), **how))
        results = [values[k] for k in self.given]
        for order in range(1, self.order + 1):
            loss = sum(((v * v).sum() * 0.1 + v.sum() for v in results), 0.0)
            if not getattr(loss, "requires_grad", False):
                break
            found = ag.grad(loss, list(xs), create_graph=order < self.order, allow_unused=True)
            results += [g for g in found if g is not None]
        return tuple(results)

    def arguments(self, seed: int) -> list[Any]:
        """Numbers for it, which lie in another way for each seed."""
        numbers = np.random.default_rng(seed)
        found = [numbers.standard_normal(s).astype(self.dtype) for s in self.shapes]
        return [_lying(np.asarray(x), seed % 4) for x in found]


def _lying(x: Any, way: int) -> Any:
    if way == 1:
        return np.asfortranarray(x)
    if way == 2 and x.ndim:
        wide = np.zeros([n * 2 for n in x.shape], x.dtype)
        part = wide[(slice(None, None, 2),) * x.ndim]
        part[...] = x
        return part
    return x[::-1].copy()[::-1] if way == 3 and x.ndim else x


def formula(number: int) -> Formula:
    """The formula of a number: steps that eager mode can make, of finite values."""
    choose = Random(number)
    shape = _shape(choose)
    others = (shape, tuple(choose.choice((1, n)) for n in shape), shape[len(shape) // 2 :], ())
    shapes = (shape, choose.choice(others), choose.choice(others))
    found = Formula(shapes, choose.choice(("float32", "float64")), [], [], choose.choice((0, 1, 2)))
    values = [ag.Tensor(x) for x in found.arguments(0)]
    for _ in range(choose.randint(2, 18)):
        step = _step(choose, values)
        function, places, how = step
        try:
            value = function(*(values[p] for p in places), **how)
        except (AutogradError, ValueError, IndexError):
            continue
        if value.size <= 4 * MOST and value.dtype.kind == "f" and np.isfinite(value.numpy()).all():
            values.append(value)
            found.steps.append(step)
    found.given.append(len(values) - 1)
    found.given.extend(choose.randrange(len(values)) for _ in range(choose.randint(0, 2)))
    return found


def _shape(choose: Random) -> tuple[int, ...]:
    if choose.random() < 0.1:
        return choose.choice(LARGE)
    lengths = LENGTHS if choose.random() < 0.85 else FEW_LENGTHS
    shape = [choose.choice(lengths) for _ in range(choose.choice((1, 2, 2, 2, 3, 3, 4)))]
    while math.prod(shape) > MOST:
        shape[choose.randrange(len(shape))] = 2
    return tuple(shape)


def _step(choose: Random, values: list[Any]) -> Step:
    """A step on the values that there are, most often on the last."""
    k = len(values) - 1 if choose.random() < 0.5 else choose.randrange(len(values))
    x, other, kind = values[k], choose.randrange(len(values)), choose.random()
    if kind < 0.25:
        return choose.choice(UNARY), (k,), {}
    if kind < 0.5:
        return choose.choice(BINARY), (k, other), {}
    if kind < 0.72:
        how = {"axis": _axes(choose, x.ndim), "keepdims": choose.random() < 0.6}
        return choose.choice(REDUCTIONS), (k,), how
    if kind < 0.84 and x.ndim:
        return choose.choice(STAGED), (k,), {"axis": choose.randrange(-x.ndim, x.ndim)}
    if kind < 0.88:
        return choose.choice(PRODUCTS), (k, other), {}
    return choose.choice(VIEWS), (k,), {}


def _axes(choose: Random, ndim: int) -> Any:
    way = choose.random()
    if not ndim or way < 0.25:
        return None
    if way < 0.75:
        return choose.randrange(-ndim, ndim)
    return tuple(sorted(choose.sample(range(ndim), choose.randint(1, ndim))))
