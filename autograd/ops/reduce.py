"""Reductions: one value, or one per slice, from many."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.op import Array, op
from autograd.samples import draw, sample, samples

__all__ = ["sum"]

Axis = int | tuple[int, ...] | None

_SHAPES = samples(
    lambda: sample(draw(2, 3)),
    lambda: sample(draw(2, 3), axis=0),
    lambda: sample(draw(2, 3, 4), axis=(0, -1), keepdims=True),
    lambda: sample(draw()),
    lambda: sample(draw(0, 3), axis=0),
)


def spread(g: Array, axis: Axis, keepdims: bool) -> Array:
    """The cotangent of a reduction with its axes put back as length 1; it broadcasts over x."""
    return g if axis is None or keepdims else np.expand_dims(g, axis)


@op("Σ x", x=spread, linear=True, samples=_SHAPES, reference="numpy.sum")
def sum(x: Array, /, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Array:
    """The sum of the elements over an axis, several, or all.

    >>> import autograd as ag
    >>> ag.sum(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=0)
    Tensor([4., 6.], dtype=float32)
    """
    return np.sum(x, axis=axis, dtype=dtype, keepdims=keepdims)
