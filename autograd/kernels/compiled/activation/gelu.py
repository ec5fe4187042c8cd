"""The error function and gelu, in one pass."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.kernels.compiled.parallel import formulas
from autograd.kernels.compiled.parallel.loops import elementwise, fused

__all__ = ["erf", "gelu", "gelu_pull", "gelu_slope"]

Array = Any

_HALF, _ONE, _ZERO, _FAR = np.float32(0.5), np.float32(1), np.float32(0), np.float32(40)
_DENSITY = np.float32(1 / math.sqrt(2 * math.pi))


def erf(x: Array) -> Any:
    return elementwise(_erf, x)


@fused
def _erf(x: Array, out: Array) -> None:
    for i in range(x.size):
        out[i] = formulas.erf(x[i])


def gelu(x: Array) -> Any:
    return elementwise(_gelu, x)


@fused
def _gelu(x: Array, out: Array) -> None:
    for i in range(x.size):
        t = min(abs(x[i]), _FAR)
        below = formulas.decay(-_HALF * (t * t)) * formulas.below(t)
        value = x[i] * (_ONE - below if x[i] > _ZERO else below)
        out[i] = value if x[i] == x[i] else x[i]


def gelu_slope(x: Array) -> Any:
    return elementwise(_gelu_slope, x)


@fused
def _gelu_slope(x: Array, out: Array) -> None:
    for i in range(x.size):
        t = min(abs(x[i]), _FAR)
        bent = formulas.decay(-_HALF * (t * t)) * (t * _DENSITY - formulas.below(t))
        value = _ONE + bent if x[i] > _ZERO else -bent
        out[i] = value if x[i] == x[i] else x[i]


def gelu_pull(g: Array, x: Array, slope: Any) -> Any:
    return elementwise(_gelu_pull, g, x)


@fused
def _gelu_pull(g: Array, x: Array, out: Array) -> None:
    for i in range(x.size):  # (the slope as a function of its own becomes no vector code)
        t = min(abs(x[i]), _FAR)
        bent = formulas.decay(-_HALF * (t * t)) * (t * _DENSITY - formulas.below(t))
        value = _ONE + bent if x[i] > _ZERO else -bent
        out[i] = g[i] * (value if x[i] == x[i] else x[i])
