"""PyTorch's statistics of order, each with the index where it is found."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.engine.arguments import checked
from autograd.engine.operands import joined
from autograd.engine.typed import Tensor
from autograd.errors import ArgumentError, ShapeError
from autograd.extend import Array, here
from autograd.ops.indexing.take import take, take_along_axis
from autograd.ops.reduction.recurrence import linear_recurrence
from autograd.ops.reduction.reduce import Axis, amax, amin, sum
from autograd.ops.reduction.search import argmax
from autograd.ops.reduction.sort import argsort
from autograd.ops.shape.axes import roll
from autograd.ops.shape.rank import squeeze
from autograd.ops.shape.shape import normal_axis, reshape


class KthValue(NamedTuple):
    """What `kthvalue` returns."""

    values: Tensor
    indices: Tensor


class Mode(NamedTuple):
    """What `mode` returns."""

    values: Tensor
    indices: Tensor


class MinMax(NamedTuple):
    """What `aminmax` returns."""

    min: Tensor
    max: Tensor


def _line(name: str, x: Array, axis: int) -> tuple[Array, int]:
    """x with an axis at least, and which one it is."""
    x = x if hasattr(x, "dtype") else np.asarray(x)
    x = x if np.ndim(x) else reshape(x, (1,))
    at = normal_axis(axis, np.ndim(x))
    if not np.shape(x)[at]:
        raise ShapeError(f"{name}: no elements along axis {axis}: x is {np.shape(x)}{here()}")
    return x, at


def _found(x: Array, places: Array, at: int, keepdims: bool, ndim: int) -> tuple[Array, Array]:
    values = take_along_axis(x, places, at)
    if keepdims and ndim:
        return values, places
    return squeeze(values, at), squeeze(places, at)


@checked
def kthvalue(x: Array, k: int, axis: int = -1, keepdims: bool = False) -> KthValue:
    """The k-th smallest element along an axis, counted from 1, and its index; NaN is the largest.

    The gradient goes to the element at the index.

    Shape: (..., N, ...) -> without the axis, or with length 1 there if `keepdims`; both.

    >>> import autograd as ag
    >>> ag.kthvalue(ag.Tensor([3.0, 1.0, 2.0]), 2)
    KthValue(values=Tensor(2., dtype=float32), indices=Tensor(2, dtype=int64))
    """
    x = joined(x)
    ndim = np.ndim(x)
    x, at = _line("kthvalue", x, axis)
    if not 1 <= k <= np.shape(x)[at]:
        raise ArgumentError(
            f"kthvalue: k must be from 1 to {np.shape(x)[at]}, the elements along axis {axis}, "
            f"got {k}{here()}"
        )
    places = take(argsort(x, axis=at), np.array([k - 1]), at)
    return KthValue(*_found(x, places, at, keepdims, ndim))


@checked
def mode(x: Array, axis: int = -1, keepdims: bool = False) -> Mode:
    """The element found most often along an axis, the smallest of several, and its last index.

    The gradient goes to the element at the index.

    Shape: (..., N, ...) -> without the axis, or with length 1 there if `keepdims`; both.

    >>> import autograd as ag
    >>> ag.mode(ag.Tensor([3.0, 1.0, 3.0, 2.0]))
    Mode(values=Tensor(3., dtype=float32), indices=Tensor(2, dtype=int64))
    """
    x = joined(x)
    ndim = np.ndim(x)
    x, at = _line("mode", x, axis)
    order = argsort(x, axis=at)
    rows = take_along_axis(x, order, at)
    steps = np.reshape(
        np.arange(np.shape(x)[at]), [-1 if a == at else 1 for a in range(np.ndim(x))]
    )
    repeats = np.logical_and(np.equal(rows, roll(rows, 1, at)), steps > 0).astype(np.float64)
    runs = linear_recurrence(
        repeats, np.ones_like(repeats), axis=at
    )  # how often it was there so far
    places = take_along_axis(order, argmax(runs, axis=at, keepdims=True), at)
    return Mode(*_found(x, places, at, keepdims, ndim))


@checked
def aminmax(x: Array, *, axis: Axis = None, keepdims: bool = False) -> MinMax:
    """The smallest and the largest element, over an axis or all; equal ones share the gradient.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`; both. No elements
    are an error, and complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.aminmax(ag.Tensor([3.0, 1.0, 2.0]))
    MinMax(min=Tensor(1., dtype=float32), max=Tensor(3., dtype=float32))
    """
    x = joined(x)
    return MinMax(amin(x, axis, keepdims), amax(x, axis, keepdims))


@checked
def sum_to_size(x: Array, *shape: Any) -> Tensor:
    """x summed to a shape that broadcasts to its own: what a broadcast does to a cotangent.

    Small integers and booleans are added in int64.

    Shape: any -> `shape`, as `x.sum_to_size(2, 1)` or `x.sum_to_size((2, 1))`. One that does not
    broadcast to that of x raises ShapeError.

    >>> import autograd as ag
    >>> ag.ones(3, 2).sum_to_size(1, 2)
    Tensor([[3., 3.]], dtype=float32)
    """
    x = joined(x)
    wanted = tuple(shape[0]) if len(shape) == 1 and not isinstance(shape[0], int) else shape
    own = np.shape(x)
    before = len(own) - len(wanted)
    pairs = zip(own[max(before, 0) :], wanted, strict=False)
    if before < 0 or any(n not in (m, 1) for m, n in pairs):
        raise ShapeError(f"sum_to_size: {wanted} does not broadcast to {own}{here()}")
    ones = [before + i for i, n in enumerate(wanted) if n == 1 and own[before + i] != 1]
    total = sum(x, axis=(*range(before), *ones), keepdims=True)
    return reshape(total, wanted)
