"""Softmax cross-entropy with labels in single precision, where classes are the last axis.

Loops return False for a label that is no class, which NumPy's indexing knows how to take.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled.parallel import formulas
from autograd.kernels.compiled.parallel.loops import rounded, share_rows, single

__all__ = ["cross_entropy", "cross_entropy_pull"]

Array = Any


def cross_entropy(x: Array, labels: Array, smoothing: float = 0.0) -> Any:
    if x.ndim != 2 or not x.size or not single(x):
        return NotImplemented
    labels, out, fine = np.array(labels, np.int64), np.empty_like(x, shape=len(x)), []

    def run(at: slice) -> None:
        fine.append(_cross_entropy(x[at], labels[at], smoothing, out[at]))

    share_rows(run, *x.shape)
    return out if all(fine) else NotImplemented


@rounded
def _cross_entropy(x: Array, labels: Array, smoothing: float, out: Array) -> bool:
    classes = x.shape[1]
    for n in range(x.shape[0]):
        row, label = x[n], labels[n]
        if label < 0 or label >= classes:
            return False
        most = formulas.largest(row)
        total, below = 0.0, 0.0
        for i in range(classes):
            total += np.float64(formulas.decay(row[i] - most))
        chosen = np.float64(row[label] - most)
        if smoothing != 0:
            for i in range(classes):
                below += np.float64(row[i] - most)
            chosen = (1 - smoothing) * chosen + smoothing * (below / classes)
        out[n] = np.log(total) - chosen
    return True


def cross_entropy_pull(g: Array, x: Array, labels: Array, smoothing: float = 0.0) -> Any:
    if x.ndim != 2 or not x.size or not single(x):
        return NotImplemented
    g, labels, out = np.array(g, x.dtype), np.array(labels, np.int64), np.empty_like(x)
    fine = []

    def run(at: slice) -> None:
        fine.append(_cross_entropy_pull(g[at], x[at], labels[at], smoothing, out[at]))

    share_rows(run, *x.shape)
    return out if all(fine) else NotImplemented


@rounded
def _cross_entropy_pull(g: Array, x: Array, labels: Array, smoothing: float, out: Array) -> bool:
    classes = x.shape[1]
    for n in range(x.shape[0]):
        row, y, scale, label = x[n], out[n], np.float64(g[n]), labels[n]
        if label < 0 or label >= classes:
            return False
        most = formulas.largest(row)
        total = 0.0
        for i in range(classes):
            y[i] = formulas.decay(row[i] - most)
            total += np.float64(y[i])
        factor, even = np.float32(scale / total), np.float32(scale * smoothing / classes)
        for i in range(classes):
            y[i] = y[i] * factor - even
        y[label] -= np.float32((1 - smoothing) * scale)
    return True
