"""Functions with a bend, in one pass."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled.parallel import formulas
from autograd.kernels.compiled.parallel.loops import elementwise, exact, fused

__all__ = [
    "cut_pull",
    "exponential_linear",
    "exponential_linear_pull",
    "hard_swish",
    "hard_swish_pull",
    "huber",
    "huber_pull",
    "leaky",
    "leaky_pull",
    "ramp",
    "shrunk_pull",
    "signed",
    "soft_shrink",
]

Array = Any

_F = np.float32
_ZERO, _ONE, _HALF, _THREE, _SIX = map(_F, (0, 1, 0.5, 3, 6))


def leaky(x: Array, slope: float) -> Any:
    return elementwise(_leaky, x, numbers=(slope,))


@exact
def _leaky(x: Array, out: Array, slope: Any) -> None:
    for i in range(x.size):
        out[i] = x[i] if x[i] > _ZERO else slope * x[i]


def leaky_pull(g: Array, x: Array, slope: float) -> Any:
    return elementwise(_leaky_pull, g, x, numbers=(slope,))


@exact
def _leaky_pull(g: Array, x: Array, out: Array, slope: Any) -> None:
    for i in range(x.size):
        out[i] = g[i] if x[i] > _ZERO else slope * g[i]


def exponential_linear(x: Array, scale: float, below: float, alpha: float) -> Any:
    numbers = (scale, below, alpha)
    return elementwise(_exponential_linear, x, numbers=numbers)


@fused
def _exponential_linear(x: Array, out: Array, scale: Any, below: Any, alpha: Any) -> None:
    for i in range(x.size):
        least = below * formulas.decay_less_one(min(x[i], _ZERO) / alpha)
        out[i] = scale * x[i] if x[i] > _ZERO else (least if x[i] == x[i] else x[i])


def exponential_linear_pull(g: Array, x: Array, scale: float, below: float, alpha: float) -> Any:
    numbers = (scale, below / alpha, alpha)
    return elementwise(_exponential_linear_pull, g, x, numbers=numbers)


@fused
def _exponential_linear_pull(
    g: Array, x: Array, out: Array, scale: Any, slope: Any, alpha: Any
) -> None:
    for i in range(x.size):
        least = slope * formulas.decay(min(x[i], _ZERO) / alpha)
        out[i] = g[i] * (scale if x[i] > _ZERO else (least if x[i] == x[i] else x[i]))


def cut_pull(g: Array, out: Array, low: float, high: float) -> Any:
    return elementwise(_cut_pull, g, out, numbers=(low, high))


@exact
def _cut_pull(g: Array, out: Array, found: Array, low: Any, high: Any) -> None:
    for i in range(g.size):
        found[i] = g[i] * (_ONE if (out[i] > low) & (out[i] < high) else _ZERO)


def ramp(x: Array) -> Any:
    return elementwise(_ramp, x)


@exact
def _ramp(x: Array, out: Array) -> None:
    for i in range(x.size):
        out[i] = formulas.cut(x[i] / _SIX + _HALF, _ZERO, _ONE)


def hard_swish(x: Array) -> Any:
    return elementwise(_hard_swish, x)


@exact
def _hard_swish(x: Array, out: Array) -> None:
    for i in range(x.size):
        out[i] = x[i] * formulas.cut(x[i] / _SIX + _HALF, _ZERO, _ONE)


def hard_swish_pull(g: Array, x: Array) -> Any:
    return elementwise(_hard_swish_pull, g, x)


@exact
def _hard_swish_pull(g: Array, x: Array, out: Array) -> None:
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


def soft_shrink(x: Array, most: float) -> Any:
    return elementwise(_soft_shrink, x, numbers=(most,))


@exact
def _soft_shrink(x: Array, out: Array, most: Any) -> None:
    for i in range(x.size):
        out[i] = x[i] - formulas.cut(x[i], -most, most)


def shrunk_pull(g: Array, out: Array) -> Any:
    return elementwise(_shrunk_pull, g, out)


@exact
def _shrunk_pull(g: Array, out: Array, found: Array) -> None:
    for i in range(g.size):
        found[i] = g[i] * (_ONE if out[i] != _ZERO else _ZERO)


def signed(g: Array, x: Array) -> Any:
    return elementwise(_signed, g, x)


@exact
def _signed(g: Array, x: Array, out: Array) -> None:
    for i in range(x.size):
        sign = _ONE if x[i] > _ZERO else (-_ONE if x[i] < _ZERO else x[i])
        out[i] = g[i] * (_ZERO if x[i] == _ZERO else sign)
