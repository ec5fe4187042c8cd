"""Reductions of what is scattered to one place: sums, means, products, extrema."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np

from autograd.engine.arguments import checked
from autograd.engine.diagnose import check_choice
from autograd.engine.operands import joined
from autograd.engine.typed import Tensor
from autograd.errors import ShapeError
from autograd.extend import Array, here
from autograd.ops.indexing.extremes import extreme_at
from autograd.ops.indexing.index import getitem, setitem
from autograd.ops.indexing.scatter import front_of, part_of_source
from autograd.ops.indexing.take import (
    add_along_axis,
    check_whole,
    take_along_axis,
)
from autograd.ops.reduction.cumulative import cumsum
from autograd.ops.shape.axes import roll
from autograd.ops.shape.join import concat
from autograd.ops.shape.shape import astype, broadcast_to, copy, normal_axis, reshape

Reduction: TypeAlias = Literal["sum", "prod", "mean", "amax", "amin"]
REDUCTIONS = ("sum", "prod", "mean", "amax", "amin")


# ---- products ------------------------------------------------------------------------------------


def _product_at(x: Array, index: Array, src: Array, axis: int) -> Array:
    """x times all elements of src that go to its places.

    In the order of their places, each factor is multiplied with that 1, 2, 4, ... before it, but
    for those of other places. There are products alone: the derivatives of all orders are exact
    where factors are zero, and a place that overflows leaves the others alone.
    """
    length, ndim = np.shape(x)[axis], np.ndim(x)
    own = np.broadcast_to(_steps(length, axis, ndim), np.shape(x))
    places = concat((own, index), axis=axis)
    order = np.argsort(places, axis=axis, kind="stable")
    products = take_along_axis(concat((x, src), axis=axis), order, axis)
    places = take_along_axis(places, order, axis)
    steps, distance = _steps(np.shape(places)[axis], axis, ndim), 1
    while distance < np.shape(places)[axis]:
        same = np.equal(places, roll(places, distance, axis))
        before = np.logical_and(same, steps >= distance)
        products = products * np.where(before, roll(products, distance, axis), 1)
        distance *= 2
    ends = cumsum(_count(index, np.shape(x), axis) + 1, axis) - 1
    return take_along_axis(products, ends, axis)


def _steps(length: int, axis: int, ndim: int) -> Array:
    return np.arange(length).reshape([-1 if a == axis else 1 for a in range(ndim)])


def _count(index: Array, shape: tuple[int, ...], axis: int) -> Array:
    """How many elements go to each place."""
    return add_along_axis(np.ones(np.shape(index), np.int64), index, shape, axis)


# ---- all of them ---------------------------------------------------------------------------------


def _unit(reduce: str, dtype: Any) -> Any:
    """What changes no reduction: the smallest number for the largest, and so on."""
    if reduce in ("sum", "mean", "prod"):
        return dtype.type(reduce == "prod")
    if dtype.kind == "b":
        return reduce == "amin"
    if dtype.kind == "f":
        return dtype.type(-np.inf if reduce == "amax" else np.inf)
    limits = np.iinfo(dtype)
    return dtype.type(limits.min if reduce == "amax" else limits.max)


def _reduced(x: Array, at: int, index: Array, src: Array, reduce: str, include_self: bool) -> Array:
    """The reduction where index is no shorter than x but along the axis."""
    shape, dtype = np.shape(x), x.dtype
    count = None if include_self and reduce != "mean" else _count(index, shape, at)
    if not include_self:
        x = np.where(count > 0, _unit(reduce, dtype), x)  # type: ignore[operator]
    if reduce in ("amax", "amin"):
        return extreme_at(x, index, src, axis=at, largest=reduce == "amax")
    if reduce == "prod":
        return astype(_product_at(x, index, src, at), dtype)
    total = x + add_along_axis(src, index, shape, at)
    if count is None or reduce == "sum":
        return total
    count = np.maximum(count + 1 if include_self else count, 1)
    return total // count if dtype.kind in "iu" else total / astype(count, dtype)


@checked
def scatter_reduce(
    x: Array, axis: int, index: Array, src: Array, reduce: Reduction, *, include_self: bool = True
) -> Tensor:
    """x with the elements of src that go to one place reduced there: to a sum, a mean, ...

    `src` goes where `gather(x, axis, index)` reads. `reduce` is "sum", "prod", "mean", "amax" or
    "amin"; means of whole numbers are rounded down. Without `include_self` what x held at places
    that are reached does not count. Elements that tie for an extremum share the gradient evenly;
    products are exact where factors are zero.

    Shape: that of x; `src` is no shorter than `index`. An index out of range is an error.

    >>> import autograd as ag
    >>> x, src = ag.Tensor([1.0, 2.0, 3.0]), ag.Tensor([4.0, 5.0, 6.0])
    >>> ag.scatter_reduce(x, 0, [0, 0, 2], src, "prod")
    Tensor([20.,  2., 18.], dtype=float32)
    >>> ag.scatter_reduce(x, 0, [0, 0, 2], src, "mean", include_self=False)
    Tensor([4.5, 2. , 6. ], dtype=float32)
    """
    x, src = joined(x), joined(src)
    check_choice("reduce", reduce, REDUCTIONS)
    check_whole("scatter_reduce", "index", index)
    x, index, src = (v if hasattr(v, "dtype") else np.asarray(v) for v in (x, index, src))
    shape, taken = np.shape(x), np.shape(index)
    front, at = front_of(shape, axis, taken), normal_axis(axis, len(shape))
    if np.ndim(src) != len(taken) or any(n > m for n, m in zip(taken, np.shape(src), strict=True)):
        raise ShapeError(
            f"scatter_reduce: src must be no shorter than index: src is {np.shape(src)}, "
            f"index is {taken}{here()}"
        )
    src = part_of_source(src, taken)
    if not np.prod(taken, dtype=int):
        return copy(x)
    if front is None:
        return _reduced(x, at, index, src, reduce, include_self)
    part = _reduced(getitem(x, front), at, index, src, reduce, include_self)
    return setitem(x, part, front)


@checked
def index_reduce(
    x: Array, axis: int, index: Array, src: Array, reduce: Reduction, *, include_self: bool = True
) -> Tensor:
    """x with the slices of src that go to one place of an axis reduced there.

    `reduce` and `include_self` are those of `scatter_reduce`.

    Shape: x (..., N, ...), `index` (K,), `src` (..., K, ...) -> that of x. An index out of range is
    an error.

    >>> import autograd as ag
    >>> ag.index_reduce(ag.Tensor([1.0, 2.0]), 0, [1, 1], ag.Tensor([3.0, 4.0]), "amax")
    Tensor([1., 4.], dtype=float32)
    """
    x, src = joined(x), joined(src)
    index, shape = index if hasattr(index, "dtype") else np.asarray(index), np.shape(x)
    at = normal_axis(axis, len(shape))
    wanted = (*shape[:at], np.size(index), *shape[at + 1 :])
    if np.ndim(index) > 1 or np.shape(src) != wanted:
        raise ShapeError(
            f"index_reduce: index must be 1-D and src {wanted}, got {np.shape(index)} and "
            f"{np.shape(src)}{here()}"
        )
    along = reshape(index, tuple(-1 if a == at else 1 for a in range(len(shape))))
    return scatter_reduce(
        x, at, broadcast_to(along, wanted), src, reduce, include_self=include_self
    )
