"""Rows of exponentials, in place: what softmax is made of, where the scores are in cache."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.twins import twin

__all__ = ["exponentials", "softmax_slopes"]

Array = Any


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
