"""Softmax and rows of exponentials in single precision, row by row in cache."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.kernels.compiled.parallel import formulas
from autograd.kernels.compiled.parallel.loops import rounded, share_rows, single

__all__ = [
    "exponentials",
    "log_softmax",
    "log_softmax_pull",
    "softmax",
    "softmax_pull",
    "softmax_slopes",
]

Array = Any
Axis = int | tuple[int, ...]

_PIECE = 1 << 17  # elements for a thread


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


def softmax(x: Array, axis: Axis) -> Any:
    return _by_rows(_softmax, axis, x)


def softmax_pull(g: Array, out: Array, axis: Axis) -> Any:
    return _by_rows(_softmax_pull, axis, g, out)


def log_softmax(x: Array, axis: Axis) -> Any:
    return _by_rows(_log_softmax, axis, x)


def log_softmax_pull(g: Array, out: Array, axis: Axis) -> Any:
    return _by_rows(_log_softmax_pull, axis, g, out)


def _by_rows(loop: Callable[..., None], axis: Axis, *arrays: Array) -> Any:
    """A function of each row of arrays of one shape, along the last axis alone."""
    last = arrays[-1]
    if axis not in (-1, last.ndim - 1) or not last.size:
        return NotImplemented
    for x in arrays:
        if type(x) is not np.ndarray or x.dtype != np.float32 or x.shape != last.shape:
            return NotImplemented
    shape = (last.size // last.shape[-1], last.shape[-1])
    rows = [(x if single(x) else x.copy()).reshape(shape) for x in arrays]
    rows.append(np.empty(shape, np.float32))
    share_rows(lambda at: loop(*[x[at] for x in rows]), *shape, _PIECE)
    return rows[-1].reshape(last.shape)


@rounded
def _softmax(x: Array, out: Array) -> None:
    for n in range(x.shape[0]):
        row, found = x[n], out[n]
        most, total = formulas.largest(row), np.float32(0)
        for i in range(row.size):
            found[i] = formulas.decay(row[i] - most)
            total += found[i]
        for i in range(row.size):
            found[i] /= total


@rounded
def _softmax_pull(g: Array, out: Array, found: Array) -> None:
    for n in range(g.shape[0]):
        row, weight, goal = g[n], out[n], found[n]
        total = np.float32(0)
        for i in range(row.size):
            total += row[i] * weight[i]
        for i in range(row.size):
            goal[i] = (row[i] - total) * weight[i]


@rounded
def _log_softmax(x: Array, out: Array) -> None:
    for n in range(x.shape[0]):
        row, found = x[n], out[n]
        most, total = formulas.largest(row), np.float32(0)
        for i in range(row.size):
            found[i] = row[i] - most
            total += formulas.decay(found[i])
        total = np.float32(math.log(total))
        for i in range(row.size):
            found[i] -= total


@rounded
def _log_softmax_pull(g: Array, out: Array, found: Array) -> None:
    for n in range(g.shape[0]):
        row, logs, goal = g[n], out[n], found[n]
        total = np.float32(0)
        for i in range(row.size):
            total += row[i]
        for i in range(row.size):
            goal[i] = row[i] - formulas.decay(logs[i]) * total
