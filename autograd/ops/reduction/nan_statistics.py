"""Statistics and running sums that leave NaN out; its elements get the gradient 0."""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np

from autograd.errors import ArgumentError, AxisError
from autograd.extend import Array, composite, draw, op, sample, samples
from autograd.ops.reduction.cumulative import cumprod, cumsum
from autograd.ops.reduction.nan import in_floating, nanmean
from autograd.ops.reduction.quantile import between_in_rows, part_of, without_gradient
from autograd.ops.reduction.reduce import Axis, axes_of, count, prod, sum
from autograd.ops.reduction.weighted import by_weights, in_a_row

_GAPS = np.array([[1.0, np.nan, 2.5, -1], [3, 4, np.nan, 0.5]])
_SHAPES = samples(
    lambda: sample(draw(2, 3)),
    lambda: sample(_GAPS, axis=1, label="NaN", smooth=False),
    lambda: sample(draw(2, 3, 2), axis=(0, -1), keepdims=True),
    lambda: sample(draw()),
)
_RUNNING = samples(
    lambda: sample(draw(2, 3), axis=1),
    lambda: sample(_GAPS, label="NaN", smooth=False),
)


@composite("Π x but NaN", wide=True, samples=_SHAPES)
def nanprod(
    x: Array, /, axis: Axis = None, keepdims: bool = False, *, dtype: Any = None, **options: Any
) -> Array:
    """The product of the elements that are not NaN.

    The gradient of what is NaN is 0. The `options` are NumPy's initial=, where= and out=.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`. Small integers and
    booleans are multiplied in int64.

    >>> import autograd as ag
    >>> ag.nanprod(ag.Tensor([2.0, float("nan"), 3.0]))
    Tensor(6., dtype=float32)
    """
    return prod(np.where(np.isnan(x), 1, x), axis, dtype, keepdims, **options)


def _present(x: Array, where: Any) -> Array:
    present = np.logical_not(np.isnan(x))
    return present if where is None else np.logical_and(present, where)


@composite(
    "var x but NaN",
    wide=True,
    real_only=True,
    samples=lambda: chain(_SHAPES(), [sample(_GAPS, axis=1, ddof=1, label="ddof", smooth=False)]),
)
def nanvar(
    x: Array,
    /,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    correction: Any = 0,
    ddof: Any = None,
    dtype: Any = None,
    where: Any = None,
    mean: Any = None,
) -> Array:
    """The variance of the elements that are not NaN; NaN where there are too few.

    `correction` (or `ddof`), `where` and `mean` are those of `var`.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`. Integers give
    floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.nanvar(ag.Tensor([1.0, float("nan"), 3.0]))
    Tensor(1., dtype=float32)
    """
    x = x if hasattr(x, "dtype") else np.asarray(x)
    x = x + 0.0 if x.dtype.kind in "biu" else x
    x = in_floating(x, dtype, "nanvar")
    present = _present(x, where)
    if mean is None:
        mean = nanmean(x, axis=axis, keepdims=True, where=where)
    far = np.where(present, x - mean, 0)
    free = sum(present, axis=axis, keepdims=keepdims, dtype=x.dtype)
    free = free - (correction if ddof is None else ddof)
    total = sum(far * far, axis=axis, keepdims=keepdims)
    return total / np.where(np.greater(free, 0), free, np.nan)


@composite("std x but NaN", wide=True, real_only=True, samples=_SHAPES)
def nanstd(x: Array, /, axis: Axis = None, keepdims: bool = False, **options: Any) -> Array:
    """The standard deviation of the elements that are not NaN; its gradient is 0 where it is 0.

    The `options` are those of `nanvar`.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`. Integers give
    floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.nanstd(ag.Tensor([1.0, float("nan"), 3.0]))
    Tensor(1., dtype=float32)
    """
    squares = nanvar(x, axis, keepdims, **options)
    flat = np.equal(squares, 0)
    return np.where(flat, 0 * squares, np.sqrt(np.where(flat, 1, squares)))


@composite("Σ x up to t but NaN", wide=True, samples=_RUNNING)
def nancumsum(x: Array, /, axis: int | None = None, dtype: Any = None) -> Array:
    """The running sums along an axis, or of the flat array, in which NaN counts as 0.

    Shape: any -> the same, or 1-D if `axis` is None. Small integers and booleans are added in
    int64.

    >>> import autograd as ag
    >>> ag.nancumsum(ag.Tensor([1.0, float("nan"), 3.0]))
    Tensor([1., 1., 4.], dtype=float32)
    """
    return cumsum(np.where(np.isnan(x), 0, x), axis, dtype)


@composite("Π x up to t but NaN", wide=True, samples=_RUNNING)
def nancumprod(x: Array, /, axis: int | None = None, dtype: Any = None) -> Array:
    """The running products along an axis, or of the flat array, in which NaN counts as 1.

    Shape: any -> the same, or 1-D if `axis` is None. Small integers and booleans are multiplied in
    int64.

    >>> import autograd as ag
    >>> ag.nancumprod(ag.Tensor([2.0, float("nan"), 3.0]))
    Tensor([2., 2., 6.], dtype=float32)
    """
    return cumprod(np.where(np.isnan(x), 1, x), axis, dtype)


@composite(
    "quantile x but NaN",
    real_only=True,
    samples=samples(
        lambda: sample(draw(2, 3), q=0.3),
        lambda: sample(_GAPS, q=np.array([0.0, 0.4, 1.0]), axis=1, label="NaN", smooth=False),
        lambda: sample(_GAPS, q=0.5, axis=0, keepdims=True, label="columns", smooth=False),
    ),
)
def nanquantile(
    x: Array,
    /,
    q: Any,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    method: str = "linear",
    weights: Any = None,
) -> Array:
    """The quantile of the elements that are not NaN; NaN where there is none.

    `q`, `method` and `weights` are those of `quantile`.

    Shape: that of `quantile`. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.nanquantile(ag.Tensor([1.0, float("nan"), 3.0]), 0.5)
    Tensor(2., dtype=float32)
    """
    x = x if hasattr(x, "dtype") else np.asarray(x)
    x = x + 0.0 if x.dtype.kind in "biu" else x
    try:
        n = count(np.shape(x), axis)
    except np.exceptions.AxisError as error:
        raise AxisError(f"nanquantile: {error}; x is {np.shape(x)}") from None
    if not n:
        raise ArgumentError(f"nanquantile: no elements: x is {np.shape(x)}, axis is {axis}")
    shape, axes, numbers = np.shape(x), axes_of(np.ndim(x), axis), part_of("nanquantile", q)
    if weights is None:
        row = in_a_row(x, axis)
        missing = np.isnan(row)
        there = np.sum(np.logical_not(missing), axis=-1, keepdims=True)
        row = np.sort(np.where(missing, np.inf, row), axis=-1)
        values = between_in_rows(row, there, np.reshape(numbers, (-1,)), method)
        values = np.where(np.equal(there, 0), np.nan, values)
    else:
        fixed = without_gradient(numbers, method)
        values = by_weights("nanquantile", x, fixed, axis, weights, method, skips=True)
    values = np.moveaxis(values, -1, 0) if np.ndim(numbers) else values[..., 0]
    kept = tuple(1 if a in axes else m for a, m in enumerate(shape))
    return np.reshape(values, (*np.shape(numbers), *kept)) if keepdims else values


def nanpercentile(
    x: Array,
    q: Any,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    method: str = "linear",
    weights: Any = None,
) -> Array:
    """The percentile of the elements that are not NaN; NaN where there is none.

    `q`, `method` and `weights` are those of `percentile`.

    Shape: that of `quantile`. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.nanpercentile(ag.Tensor([1.0, float("nan"), 3.0]), 50)
    Tensor(2., dtype=float32)
    """
    return nanquantile(x, np.true_divide(q, 100), axis, keepdims, method=method, weights=weights)


@composite("median x but NaN", real_only=True, samples=_SHAPES)
def nanmedian(x: Array, /, axis: Axis = None, keepdims: bool = False) -> Array:
    """The median of the elements that are not NaN; NaN where there is none.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`. Integers give
    floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.nanmedian(ag.Tensor([1.0, float("nan"), 3.0]))
    Tensor(2., dtype=float32)
    """
    return nanquantile(x, 0.5, axis, keepdims)


_FOUND = samples(
    lambda: sample(draw(2, 3)),
    lambda: sample(_GAPS, axis=1),
    lambda: sample(_GAPS, axis=0, keepdims=True),
)


def _refuse_no_number(x: Array, axis: int | None) -> None:
    if np.any(np.all(np.isnan(np.asarray(x)), axis=axis)):
        raise ArgumentError("a slice holds nothing but NaN, of which none is the largest")


@op("place of max x but NaN", real_only=True, samples=_FOUND)
def nanargmax(x: Array, /, axis: int | None = None, keepdims: bool = False) -> Array:
    """The place of the largest element that is not NaN, along an axis or in the flat array.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`. Gives int64.
    Complex numbers raise DTypeError; a slice of NaN alone is an error.

    >>> import autograd as ag
    >>> ag.nanargmax(ag.Tensor([1.0, float("nan"), 3.0]))
    Tensor(2, dtype=int64)
    """
    _refuse_no_number(x, axis)
    return np.nanargmax(x, axis=axis, keepdims=keepdims)


@op("place of min x but NaN", real_only=True, samples=_FOUND)
def nanargmin(x: Array, /, axis: int | None = None, keepdims: bool = False) -> Array:
    """The place of the smallest element that is not NaN, along an axis or in the flat array.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`. Gives int64.
    Complex numbers raise DTypeError; a slice of NaN alone is an error.

    >>> import autograd as ag
    >>> ag.nanargmin(ag.Tensor([1.0, float("nan"), 3.0]))
    Tensor(0, dtype=int64)
    """
    _refuse_no_number(x, axis)
    return np.nanargmin(x, axis=axis, keepdims=keepdims)
