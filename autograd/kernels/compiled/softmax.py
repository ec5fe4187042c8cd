"""Rows of exponentials in single precision, in one pass over what is in cache."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled import formulas
from autograd.kernels.compiled.loops import rounded, single

__all__ = ["exponentials", "softmax_slopes"]

Array = Any


def exponentials(x: Array, masked: bool) -> Any:
    if not x.shape[-1] or not single(x):
        return NotImplemented
    sums = np.empty((*x.shape[:-1], 1), x.dtype)
    _exponentials(x.reshape(sums.size, x.shape[-1]), sums.reshape(-1), masked)
    return sums


@rounded
def _exponentials(x: Array, sums: Array, masked: bool) -> None:
    infinite, zero, one = np.float32(-np.inf), np.float32(0), np.float32(1)
    for n in range(x.shape[0]):
        row = x[n]
        most = formulas.largest(row)
        if masked and most == infinite:
            most = zero
        total = zero
        for i in range(row.size):
            row[i] = formulas.decay(row[i] - most)
            total += row[i]
        sums[n] = one if masked and total == zero else total


def softmax_slopes(g: Array, weights: Array, sums: Array, scale: float) -> Any:
    if not g.shape[-1] or not single(g, weights, sums) or g.shape != weights.shape:
        return NotImplemented
    shape = (g.size // g.shape[-1], g.shape[-1])
    _slopes(g.reshape(shape), weights.reshape(shape), sums.reshape(-1), np.float32(scale))
    return None


@rounded
def _slopes(g: Array, weights: Array, sums: Array, scale: np.float32) -> None:
    for n in range(g.shape[0]):
        row, weight = g[n], weights[n]
        total = np.float32(0)
        for i in range(row.size):
            total += row[i] * weight[i]
        mean = total / sums[n]
        for i in range(row.size):
            row[i] = (row[i] - mean) * weight[i] * scale
