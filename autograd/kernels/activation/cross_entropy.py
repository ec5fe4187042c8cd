"""Softmax cross-entropy with labels, and its gradient, in blocks of images that stay in cache.

Logits are (N, C) with labels (N,), or (N, C, M) with labels (N, M): classes lie along axis 1.
`smoothing` takes that part of each label and spreads it evenly over the C classes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.kernels.parallel.probe import is_symbol
from autograd.kernels.parallel.twins import twin

__all__ = ["chosen", "cross_entropy", "cross_entropy_pull", "lessen"]

BLOCK = 1 << 16  # elements of a block: its few temporaries share the second-level cache

SHORT = 16  # rows of so few classes are turned first: NumPy reduces long runs twice as fast

Array = np.ndarray[Any, Any]


def _blocks(x: Array) -> Iterator[slice]:
    """Slices of the first axis that hold about BLOCK elements each; a symbol is one block."""
    step = max(1, BLOCK // max(1, math.prod(x.shape[1:])))
    if is_symbol(x):
        return iter((slice(None),))
    return (slice(start, start + step) for start in range(0, x.shape[0], step))


def _at_labels(labels: Array) -> tuple[Any, ...]:
    """The index that reads the class of each label."""
    if labels.ndim == 1:
        return np.arange(len(labels)), labels
    n, m = labels.shape
    return np.arange(n)[:, None], labels, np.arange(m)


def chosen(x: Array, labels: Array) -> Array:
    """The numbers at the labels."""
    found: Array = _hot(x, labels, x).sum(axis=1) if is_symbol(x) else x[_at_labels(labels)]
    return found


def lessen(x: Array, labels: Array, by: Array) -> None:
    """Take something off at the labels."""
    if is_symbol(x):
        x -= _hot(x, labels, np.expand_dims(by, 1))
    else:
        x[_at_labels(labels)] -= by


def _hot(x: Array, labels: Array, values: Array) -> Array:
    """Values of the shape of x at the labels, and 0 elsewhere."""
    classes = np.arange(x.shape[1]).reshape(-1, *(1,) * (x.ndim - 2))
    return np.where(np.expand_dims(labels, 1) == classes, values, 0)


def _is_short(x: Array) -> bool:
    return x.ndim == 2 and x.shape[1] <= SHORT and not is_symbol(x)


def _turned(x: Array) -> Array:
    """(N, C) as (1, C, N), and back."""
    return np.ascontiguousarray(x.T)[None] if x.ndim == 2 else np.ascontiguousarray(x[0].T)


@twin(1 << 8)
def cross_entropy(x: Array, labels: Array, smoothing: float = 0.0) -> Array:
    """-Σ q log softmax(x) over the classes, with q the smoothed label: one for each label."""
    if _is_short(x):
        turned: Array = cross_entropy(_turned(x), labels[None], smoothing)[0]
        return turned
    out = np.empty_like(x, shape=labels.shape)
    for block in _blocks(x):
        part = x[block]
        below = part - np.maximum.reduce(part, axis=1, keepdims=True)
        of_label = chosen(below, labels[block])
        if smoothing:
            of_label = (1 - smoothing) * of_label + smoothing * below.mean(axis=1)
        np.exp(below, out=below)
        np.subtract(np.log(np.add.reduce(below, axis=1)), of_label, out=out[block])
    return out


@twin(1 << 5)
def cross_entropy_pull(g: Array, x: Array, labels: Array, smoothing: float = 0.0) -> Array:
    """The gradient by x where that of the losses is g: g·(softmax(x) - q)."""
    if _is_short(x):
        return _turned(cross_entropy_pull(g[None], _turned(x), labels[None], smoothing))
    out = np.empty_like(x)
    for block in _blocks(x):
        part, logits, scale = out[block], x[block], g[block]
        np.subtract(logits, np.maximum.reduce(logits, axis=1, keepdims=True), out=part)
        np.exp(part, out=part)
        part *= (scale / np.add.reduce(part, axis=1))[:, None]
        lessen(part, labels[block], (1 - smoothing) * scale)
        if smoothing:
            part -= (smoothing / x.shape[1]) * scale[:, None]
    return out
