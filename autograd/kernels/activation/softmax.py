"""Softmax, and the rows of exponentials, in place, that it is made of in attention."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.parallel.twins import twin

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


@twin(1 << 12)
def exponentials(x: Array, masked: bool) -> Array:
    """x ← exp(x less its largest), over the last axis; and the sums over it, with length 1.

    A row of −∞ alone, which is NaN else, is of zeros and has the sum 1 if it is `masked`.
    """
    most = x.max(axis=-1, keepdims=True, initial=-np.inf)
    if masked:
        most[most == -np.inf] = 0
    x -= most
    np.exp(x, out=x)
    sums = x.sum(axis=-1, keepdims=True)
    if masked:
        sums[sums == 0] = 1
    return sums


@twin(1 << 12)
def softmax_slopes(g: Array, weights: Array, sums: Array, scale: float) -> None:
    """g ← scale·(g − Σ g·w / s)·w, the cotangent before a softmax with the weights w/s.

    g is that of w: of the weights w/s, divided by s.
    """
    g -= np.vecdot(g, weights)[..., None] / sums
    g *= weights
    if scale != 1:
        g *= g.dtype.type(scale)


def _below_max(x: Array, axis: Axis) -> Array:
    """x less its largest value, so that no exponential overflows; integers would wrap around."""
    x = x + 0.0 if x.dtype.kind in "biu" else x
    return x - np.maximum.reduce(x, axis=axis, keepdims=True)


@twin(1 << 12)
def softmax(x: Array, axis: Axis) -> Array:
    """exp(x) divided by its sum over an axis; x is not empty."""
    e = np.exp(_below_max(x, axis))
    return e / np.add.reduce(e, axis=axis, keepdims=True)


@twin(1 << 12)
def softmax_pull(g: Array, out: Array, axis: Axis) -> Array:
    """The cotangent of x from that of softmax, and softmax; arrays or Tensors."""
    weighted = g * out
    return weighted - out * np.sum(weighted, axis=axis, keepdims=True)


@twin(1 << 12)
def log_softmax(x: Array, axis: Axis) -> Array:
    """The logarithm of softmax; x is not empty."""
    below = _below_max(x, axis)
    return below - np.log(np.add.reduce(np.exp(below), axis=axis, keepdims=True))


@twin(1 << 12)
def log_softmax_pull(g: Array, out: Array, axis: Axis) -> Array:
    """The cotangent of x from that of its log softmax, and that; arrays or Tensors."""
    return g - np.exp(out) * np.sum(g, axis=axis, keepdims=True)
