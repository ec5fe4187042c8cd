"""Reductions that leave NaN out; its elements get the gradient 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import DTypeError
from autograd.extend import Array, composite, draw, op, sample, samples
from autograd.ops.reduction.reduce import Axis, of_nothing, spread, sum

_SHAPES = samples(
    lambda: sample(draw(2, 3)),
    lambda: sample(np.array([[1.0, np.nan, 2], [3, 4, np.nan]]), axis=1, label="NaN", smooth=False),
    lambda: sample(np.array([np.nan, -np.inf, -np.inf]), label="infinite", smooth=False),
    lambda: sample(draw(2, 3, 2), axis=(0, -1), keepdims=True),
    lambda: sample(draw()),
    lambda: sample(draw(0, 2), axis=1, label="no slices"),
)


@composite("Σ x but NaN", wide=True, samples=_SHAPES)
def nansum(
    x: Array, /, axis: Axis = None, keepdims: bool = False, *, dtype: Any = None, **options: Any
) -> Array:
    """The sum of the elements that are not NaN.

    The gradient of what is NaN is 0. The `options` are NumPy's initial=, where= and out=.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`. Small integers and
    booleans are added in int64.

    >>> import autograd as ag
    >>> ag.nansum(ag.Tensor([1.0, float("nan"), 3.0]))
    Tensor(4., dtype=float32)
    """
    return sum(np.where(np.isnan(x), 0, x), axis, dtype, keepdims, **options)


def in_floating(x: Array, dtype: Any, name: str) -> Array:
    """x in the dtype that is asked for, one of floating or complex numbers."""
    if dtype is None:
        return x
    if np.dtype(dtype).kind not in "fc":
        raise DTypeError(f"{name}: dtype is {np.dtype(dtype)}, which holds no mean; take a float")
    return np.astype(x, np.dtype(dtype))


@composite("mean x but NaN", wide=True, samples=_SHAPES)
def nanmean(
    x: Array,
    /,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    dtype: Any = None,
    where: Any = None,
) -> Array:
    """The mean of the elements that are not NaN; NaN where there is none.

    The gradient of what is NaN is 0. Elements where `where` is False are left out too.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`. Integers give
    floats.

    >>> import autograd as ag
    >>> ag.nanmean(ag.Tensor([1.0, float("nan"), 3.0]))
    Tensor(2., dtype=float32)
    """
    x = in_floating(x, dtype, "nanmean")
    present = np.logical_not(np.isnan(x))
    if where is not None:
        present = np.logical_and(present, where)
    total = sum(np.where(present, x, 0), axis=axis, keepdims=keepdims)
    return total / sum(present, axis=axis, keepdims=keepdims, dtype=np.result_type(total))


def d_nan_extremum(g: Array, x: Array, out: Array, axis: Axis, keepdims: bool) -> Array:
    attains = x == spread(out, axis, keepdims)
    ties = np.sum(attains, axis=axis, keepdims=True, dtype="float32")
    return np.where(attains, spread(g, axis, keepdims) / np.maximum(ties, 1), 0)


@op(
    "max x but NaN",
    x=d_nan_extremum,
    real_only=True,
    samples=_SHAPES,
    hint=of_nothing,
)
def nanmax(x: Array, /, axis: Axis = None, keepdims: bool = False) -> Array:
    """The largest element that is not NaN; ties share the gradient evenly.

    NaN where there is no other; a ShapeError where there is no element.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`. Complex numbers
    raise DTypeError.

    >>> import autograd as ag
    >>> ag.nanmax(ag.Tensor([1.0, float("nan"), 3.0]))
    Tensor(3., dtype=float32)
    """
    return np.nanmax(x, axis=axis, keepdims=keepdims)


@op(
    "min x but NaN",
    x=d_nan_extremum,
    real_only=True,
    samples=_SHAPES,
    hint=of_nothing,
)
def nanmin(x: Array, /, axis: Axis = None, keepdims: bool = False) -> Array:
    """The smallest element that is not NaN; ties share the gradient evenly.

    NaN where there is no other; a ShapeError where there is no element.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`. Complex numbers
    raise DTypeError.

    >>> import autograd as ag
    >>> ag.nanmin(ag.Tensor([1.0, float("nan"), 3.0]))
    Tensor(1., dtype=float32)
    """
    return np.nanmin(x, axis=axis, keepdims=keepdims)
