"""Small products, copies and a softmax down columns: what a block of attention is made of.

NumPy's BLAS makes the products, in steps so small that each stays on its thread.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled import blas, formulas
from autograd.kernels.compiled.loops import fused, rounded

__all__: list[str] = []

Array = Any

SMALL = 1 << 18  # multiplications up to which OpenBLAS leaves a product on one thread

_ZERO, _ONE, _LOW = np.float32(0), np.float32(1), np.float32(-np.inf)


@fused
def shaped(room: Array, rows: int, columns: int) -> Array:
    """The front of a flat array as a matrix."""
    return room[: rows * columns].reshape(rows, columns)


# ---- products in steps that BLAS makes on one thread ---------------------------------------------


@fused
def length_of_step(a: Array, b: Array) -> int:
    step: int = max(1, SMALL // (a.shape[1] * b.shape[1]))
    return step


@fused
def multiply(address: int, a: Array, b: Array, out: Array, count: int) -> None:
    """out ← a b, in the first rows."""
    step = length_of_step(a, b)
    for k in range(0, count, step):
        at = slice(k, min(count, k + step))
        blas.multiply(address, a[at], b, out[at], _ZERO)


@fused
def add_product(address: int, a: Array, b: Array, total: Array, count: int) -> None:
    """total += a b, in the first rows."""
    step = length_of_step(a, b)
    for k in range(0, count, step):
        at = slice(k, min(count, k + step))
        blas.multiply(address, a[at], b, total[at], _ONE)


@fused
def multiply_turned(address: int, a: Array, b: Array, out: Array, count: int) -> None:
    """out ← aᵀ b, over the first rows."""
    step = length_of_step(a, b)
    for k in range(0, count, step):
        at = slice(k, min(count, k + step))
        blas.turn_and_multiply(address, a[at], b[at], out, _ONE if k else _ZERO)


# ---- copies --------------------------------------------------------------------------------------


@fused
def copy(source: Array, target: Array, factor: np.float32) -> None:
    for i in range(len(source)):
        for j in range(source.shape[1]):
            target[i, j] = source[i, j] * factor


@fused
def turn(source: Array, target: Array, factor: np.float32) -> None:
    """target ← factor · sourceᵀ."""
    for j in range(len(target)):
        for i in range(len(source)):
            target[j, i] = source[i, j] * factor


@fused
def turn_back(source: Array, target: Array, count: int) -> None:
    for i in range(len(target)):
        for j in range(count):
            target[i, j] = source[j, i]


@fused
def divide(source: Array, divisors: Array, target: Array) -> None:
    for i in range(len(target)):
        factor = _ONE / divisors[i]
        for j in range(target.shape[1]):
            target[i, j] = source[i, j] * factor


# ---- softmax down the columns --------------------------------------------------------------------


@fused
def add_mask(scores: Array, mask: Array, count: int) -> None:
    for j in range(count):
        for i in range(len(mask)):
            scores[j, i] += mask[i, j]


@fused
def drop(scores: Array, factors: Array, count: int) -> None:
    for j in range(count):
        for i in range(len(factors)):
            scores[j, i] *= factors[i, j]


@rounded
def exponentials(scores: Array, start: int, count: int, causal: bool, masked: bool) -> Array:
    """scores ← exp(scores less their largest) down each column; the sums.

    Column i is of the query start + i, which with `causal` sees no keys ahead of it.
    """
    width = scores.shape[1]
    most, total = np.full(width, _LOW), np.zeros(width)
    if causal:
        for j in range(start, count):
            for i in range(min(width, j - start)):
                scores[j, i] = _LOW
    for j in range(count):
        for i in range(width):
            score = scores[j, i]
            if score > most[i]:  # a NaN makes its sum NaN
                most[i] = score
    if masked:
        for i in range(width):
            most[i] = _ZERO if most[i] == _LOW else most[i]
    for j in range(count):
        for i in range(width):
            scores[j, i] = formulas.decay(scores[j, i] - most[i])
            total[i] += scores[j, i]
    sums = np.empty(width, scores.dtype)
    for i in range(width):
        sums[i] = _ONE if masked and total[i] == 0 else total[i]
    return sums


@rounded
def slopes(slopes: Array, weights: Array, sums: Array, count: int) -> None:
    """The cotangent before the softmax of weights / sums, from that of the weights."""
    width = slopes.shape[1]
    mean = np.zeros(width, slopes.dtype)
    for j in range(count):
        for i in range(width):
            mean[i] += slopes[j, i] * weights[j, i]
    for i in range(width):
        mean[i] /= sums[i]
    for j in range(count):
        for i in range(width):
            slopes[j, i] = (slopes[j, i] - mean[i]) * weights[j, i]
