"""Functions with a bend, in one pass."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled.parallel import formulas
from autograd.kernels.compiled.parallel.loops import elementwise, exact, fused

__all__ = [
    "abs_pull",
    "elu",
    "elu_pull",
    "hardsigmoid",
    "hardswish",
    "hardswish_pull",
    "hardtanh_pull",
    "huber",
    "huber_pull",
    "leaky_relu",
    "leaky_relu_pull",
    "shrink_pull",
    "softshrink",
]

Array = Any

_F = np.float32
_ZERO, _ONE, _HALF, _THREE, _SIX = map(_F, (0, 1, 0.5, 3, 6))


def leaky_relu(x: Array, slope: float) -> Any:
    return elementwise(_leaky_relu, x, numbers=(slope,))


@exact
def _leaky_relu(x: Array, out: Array, slope: Any) -> None:
    for i in range(x.size):
        out[i] = x[i] if x[i] > _ZERO else slope * x[i]


def leaky_relu_pull(g: Array, x: Array, slope: float) -> Any:
    return elementwise(_leaky_relu_pull, g, x, numbers=(slope,))


@exact
def _leaky_relu_pull(g: Array, x: Array, out: Array, slope: Any) -> None:
    for i in range(x.size):
        out[i] = g[i] if x[i] > _ZERO else slope * g[i]


def elu(x: Array, scale: float, below: float, alpha: float) -> Any:
    numbers = (scale, below, alpha)
    return elementwise(_elu, x, numbers=numbers)


@fused
def _elu(x: Array, out: Array, scale: Any, below: Any, alpha: Any) -> None:
    for i in range(x.size):
        least = below * formulas.decay_less_one(min(x[i], _ZERO) / alpha)
        out[i] = scale * x[i] if x[i] > _ZERO else (least if x[i] == x[i] else x[i])


def elu_pull(g: Array, x: Array, scale: float, below: float, alpha: float) -> Any:
    numbers = (scale, below / alpha, alpha)
    return elementwise(_elu_pull, g, x, numbers=numbers)


@fused
def _elu_pull(g: Array, x: Array, out: Array, scale: Any, slope: Any, alpha: Any) -> None:
    for i in range(x.size):
        least = slope * formulas.decay(min(x[i], _ZERO) / alpha)
        out[i] = g[i] * (scale if x[i] > _ZERO else (least if x[i] == x[i] else x[i]))


def hardtanh_pull(g: Array, out: Array, low: float, high: float) -> Any:
    return elementwise(_hardtanh_pull, g, out, numbers=(low, high))


@exact
def _hardtanh_pull(g: Array, out: Array, found: Array, low: Any, high: Any) -> None:
    for i in range(g.size):
        found[i] = g[i] * (_ONE if (out[i] > low) & (out[i] < high) else _ZERO)


def hardsigmoid(x: Array) -> Any:
    return elementwise(_hardsigmoid, x)


@exact
def _hardsigmoid(x: Array, out: Array) -> None:
    for i in range(x.size):
        out[i] = formulas.cut(x[i] / _SIX + _HALF, _ZERO, _ONE)


def hardswish(x: Array) -> Any:
    return elementwise(_hardswish, x)


@exact
def _hardswish(x: Array, out: Array) -> None:
    for i in range(x.size):
        out[i] = x[i] * formulas.cut(x[i] / _SIX + _HALF, _ZERO, _ONE)


def hardswish_pull(g: Array, x: Array) -> Any:
    return elementwise(_hardswish_pull, g, x)


@exact
def _hardswish_pull(g: Array, x: Array, out: Array) -> None:
    for i in range(x.size):
        slope = (_ONE if x[i] > -_THREE else _ZERO) * (x[i] / _THREE + _HALF)
        out[i] = g[i] * (slope if x[i] < _THREE else _ONE)


def huber(x: Array, delta: float) -> Any:
    return elementwise(_huber, x, numbers=(delta,))


@exact
def _huber(x: Array, out: Array, delta: Any) -> None:
    for i in range(x.size):
        clipped = formulas.cut(x[i], -delta, delta)
        out[i] = clipped * (x[i] - clipped * _HALF)


def huber_pull(g: Array, x: Array, delta: float) -> Any:
    return elementwise(_huber_pull, g, x, numbers=(delta,))


@exact
def _huber_pull(g: Array, x: Array, out: Array, delta: Any) -> None:
    for i in range(x.size):
        out[i] = g[i] * formulas.cut(x[i], -delta, delta)


def softshrink(x: Array, most: float) -> Any:
    return elementwise(_softshrink, x, numbers=(most,))


@exact
def _softshrink(x: Array, out: Array, most: Any) -> None:
    for i in range(x.size):
        out[i] = x[i] - formulas.cut(x[i], -most, most)


def shrink_pull(g: Array, out: Array) -> Any:
    return elementwise(_shrink_pull, g, out)


@exact
def _shrink_pull(g: Array, out: Array, found: Array) -> None:
    for i in range(g.size):
        found[i] = g[i] * (_ONE if out[i] != _ZERO else _ZERO)


def abs_pull(g: Array, x: Array) -> Any:
    return elementwise(_abs_pull, g, x)


@exact
def _abs_pull(g: Array, x: Array, out: Array) -> None:
    for i in range(x.size):
        sign = _ONE if x[i] > _ZERO else (-_ONE if x[i] < _ZERO else x[i])
        out[i] = g[i] * (_ZERO if x[i] == _ZERO else sign)
