"""Quantiles of elements with weights: the first whose share of all weights, in order, is q."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.operands import joined
from autograd.errors import ArgumentError, ShapeError, UnsupportedError
from autograd.extend import Array, raw
from autograd.ops.reduction.reduce import Axis, axes_of, count

__all__ = ["by_weights", "in_a_row"]


def in_a_row(x: Array, axis: Axis) -> Array:
    """x with the axes of a reduction joined into the last one."""
    ndim = np.ndim(x)
    axes = axes_of(ndim, axis)
    others = tuple(a for a in range(ndim) if a not in axes)
    shape = np.shape(x)
    kept = tuple(shape[a] for a in others)
    if len(axes) == 1 and axes[0] == ndim - 1:
        return x
    turned = x if others + axes == tuple(range(ndim)) else np.transpose(x, others + axes)
    return np.reshape(turned, (*kept, count(shape, axis)))


def by_weights(
    name: str, x: Array, q: Array, axis: Axis, weights: Any, method: str, skips: bool = False
) -> Array:
    """The quantiles of rows, along a new last axis: which element it is jumps with the weights.

    NaN is the last in order, and a row that holds one is NaN; where it `skips` them, they count
    nothing.
    """
    if method != "inverted_cdf":
        raise ArgumentError(f'{name}: weights go with method="inverted_cdf" alone, not {method!r}')
    given = joined(weights)
    if getattr(given, "requires_grad", False):
        raise UnsupportedError(
            f"{name}: it jumps with the weights, which have no gradient; give weights.detach()"
        )
    row, shares = in_a_row(x, axis), in_a_row(_spread(name, x, given, axis), axis)
    fixed = row.detach() if hasattr(row, "_node") else row
    lost = np.isnan(fixed)
    shares = np.where(lost, 0.0, shares) if skips else shares
    order = np.argsort(fixed, axis=-1, kind="stable")
    total = np.cumsum(np.take_along_axis(shares, order, axis=-1), axis=-1)
    part = total / np.where(np.equal(total[..., -1:], 0), 1.0, total[..., -1:])
    part = np.where(np.equal(part, 0), -1.0, part)  # an element without weight is none of them
    before = np.sum(np.less(part[..., None, :], np.reshape(q, (-1, 1))), axis=-1)
    place = np.take_along_axis(order, np.minimum(before, np.shape(row)[-1] - 1), axis=-1)
    found = np.take_along_axis(row, place, axis=-1)
    none = np.all(lost, axis=-1, keepdims=True) if skips else np.any(lost, axis=-1, keepdims=True)
    return np.where(none, np.nan, found)


def _spread(name: str, x: Array, weights: Any, axis: Axis) -> Any:
    """The weights in the shape of x: one for each element, or for each place along one axis."""
    found = weights if hasattr(weights, "dtype") else np.asarray(weights)
    found = found + 0.0 if found.dtype.kind in "biu" else found
    if np.any(np.less(raw(found), 0)):
        raise ArgumentError(f"{name}: weights are not negative")
    if np.shape(found) == np.shape(x):
        return found
    if not isinstance(axis, int) or np.shape(found) != (np.shape(x)[axis],):
        raise ShapeError(
            f"{name}: weights are {np.shape(found)} for x of {np.shape(x)}: there is one for each "
            "element, or for each place along an axis"
        )
    ndim = np.ndim(x)
    line = tuple(-1 if a == axis % ndim else 1 for a in range(ndim))
    return np.broadcast_to(np.reshape(found, line), np.shape(x))
