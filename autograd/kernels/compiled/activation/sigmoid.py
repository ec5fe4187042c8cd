"""The logistic function and its kin, each in one pass."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled.parallel import formulas
from autograd.kernels.compiled.parallel.loops import elementwise, fused

__all__ = ["sigmoid", "silu", "silu_pull", "soft_part", "softplus", "softplus_pull"]

Array = Any

_F = np.float32
_ONE, _ZERO = _F(1), _F(0)


def sigmoid(x: Array) -> Any:
    return elementwise(_sigmoid, x)


@fused
def _sigmoid(x: Array, out: Array) -> None:
    for i in range(x.size):
        out[i] = formulas.sigmoid(x[i])


def soft_part(x: Array) -> Any:
    return elementwise(_soft_part, x)


@fused
def _soft_part(x: Array, out: Array) -> None:
    for i in range(x.size):
        out[i] = formulas.soft_part(x[i])


def softplus(x: Array, beta: float, threshold: float) -> Any:
    return elementwise(_softplus, x, numbers=(beta, threshold))


@fused
def _softplus(x: Array, out: Array, beta: Any, threshold: Any) -> None:
    for i in range(x.size):
        y = x[i] * beta
        soft = (max(y, _ZERO) + formulas.soft_part(y)) / beta
        out[i] = x[i] if (y > threshold) | (y != y) else soft


def softplus_pull(g: Array, x: Array, beta: float, threshold: float, sigmoid: Any) -> Any:
    return elementwise(_softplus_pull, g, x, numbers=(beta, threshold))


@fused
def _softplus_pull(g: Array, x: Array, out: Array, beta: Any, threshold: Any) -> None:
    for i in range(x.size):
        y = x[i] * beta
        out[i] = g[i] * (_ONE if y > threshold else formulas.sigmoid(y))


def silu(x: Array) -> Any:
    return elementwise(_silu, x)


@fused
def _silu(x: Array, out: Array) -> None:
    for i in range(x.size):
        out[i] = x[i] * formulas.sigmoid(x[i])


def silu_pull(g: Array, x: Array, sigmoid: Any) -> Any:
    return elementwise(_silu_pull, g, x)


@fused
def _silu_pull(g: Array, x: Array, out: Array) -> None:
    for i in range(x.size):
        slope = _ONE + x[i] * formulas.sigmoid(-x[i])
        out[i] = g[i] * (formulas.sigmoid(x[i]) * slope)
