"""Softmax cross-entropy with labels, and its gradient, in blocks of images that stay in cache.

Logits are (N, C) with labels (N,), or (N, C, M) with labels (N, M): classes lie along axis 1.
`smoothing` takes that part of each label and spreads it evenly over the C classes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.kernels.parallel.twins import twin

__all__ = ["at_labels", "cross_entropy", "cross_entropy_pull"]

BLOCK = 1 << 16  # elements of a block: its few temporaries share the second-level cache

SHORT = 16  # rows of so few classes are turned first: NumPy reduces long runs twice as fast

Array = np.ndarray[Any, Any]


def _blocks(shape: tuple[int, ...]) -> Iterator[slice]:
    """Slices of the first axis that hold about BLOCK elements each."""
    step = max(1, BLOCK // max(1, math.prod(shape[1:])))
    return (slice(start, start + step) for start in range(0, shape[0], step))


def at_labels(labels: Array) -> tuple[Any, ...]:
    """The index that reads the class of each label."""
    if labels.ndim == 1:
        return np.arange(len(labels)), labels
    n, m = labels.shape
    return np.arange(n)[:, None], labels, np.arange(m)


def _turned(x: Array) -> Array:
    """(N, C) as (1, C, N), and back."""
    return np.ascontiguousarray(x.T)[None] if x.ndim == 2 else np.ascontiguousarray(x[0].T)


@twin(1 << 8)
def cross_entropy(x: Array, labels: Array, smoothing: float = 0.0) -> Array:
    """-Σ q log softmax(x) over the classes, with q the smoothed label: one for each label."""
    if x.ndim == 2 and x.shape[1] <= SHORT:
        turned: Array = cross_entropy(_turned(x), labels[None], smoothing)[0]
        return turned
    out = np.empty_like(x, shape=labels.shape)
    for block in _blocks(x.shape):
        part = x[block]
        below = part - np.maximum.reduce(part, axis=1, keepdims=True)
        chosen = below[at_labels(labels[block])]
        if smoothing:
            chosen = (1 - smoothing) * chosen + smoothing * below.mean(axis=1)
        np.exp(below, out=below)
        np.subtract(np.log(np.add.reduce(below, axis=1)), chosen, out=out[block])
    return out


@twin(1 << 5)
def cross_entropy_pull(g: Array, x: Array, labels: Array, smoothing: float = 0.0) -> Array:
    """The gradient by x where that of the losses is g: g·(softmax(x) - q)."""
    if x.ndim == 2 and x.shape[1] <= SHORT:
        return _turned(cross_entropy_pull(g[None], _turned(x), labels[None], smoothing))
    out = np.empty_like(x)
    for block in _blocks(x.shape):
        part, logits, scale = out[block], x[block], g[block]
        np.subtract(logits, np.maximum.reduce(logits, axis=1, keepdims=True), out=part)
        np.exp(part, out=part)
        part *= (scale / np.add.reduce(part, axis=1))[:, None]
        part[at_labels(labels[block])] -= (1 - smoothing) * scale
        if smoothing:
            part -= (smoothing / x.shape[1]) * scale[:, None]
    return out
