"""The error function and gelu, in one pass."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.kernels.compiled.parallel import formulas
from autograd.kernels.compiled.parallel.loops import elementwise, fused

__all__ = ["erf", "gelu", "gelu_pull", "gelu_slope"]

Array = Any

_HALF, _ONE, _FAR = np.float32(0.5), np.float32(1), np.float32(40)
_ROOT, _DENSITY = np.float32(math.sqrt(0.5)), np.float32(1 / math.sqrt(math.pi))


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
        out[i] = _HALF * x[i] * (_ONE + formulas.erf(x[i] * _ROOT))


def gelu_slope(x: Array) -> Any:
    return elementwise(_gelu_slope, x)


@fused
def _gelu_slope(x: Array, out: Array) -> None:
    for i in range(x.size):
        y = min(max(x[i], -_FAR), _FAR) * _ROOT
        density = y * formulas.decay(-y * y) * _DENSITY
        value = _HALF * (_ONE + formulas.erf(y)) + density
        out[i] = value if x[i] == x[i] else x[i]


def gelu_pull(g: Array, x: Array, slope: Any) -> Any:
    return elementwise(_gelu_pull, g, x)


@fused
def _gelu_pull(g: Array, x: Array, out: Array) -> None:
    for i in range(x.size):  # (the slope as a function of its own becomes no vector code)
        y = min(max(x[i], -_FAR), _FAR) * _ROOT
        density = y * formulas.decay(-y * y) * _DENSITY
        value = _HALF * (_ONE + formulas.erf(y)) + density
        out[i] = g[i] * (value if x[i] == x[i] else x[i])
