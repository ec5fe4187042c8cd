"""PyTorch's ways to put into a copy of an array: at places of an axis, a slice, a diagonal, a mask.

Each is `setitem` at some index. What was replaced gets the gradient 0, and of several values that
go to one place the last stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.engine.arguments import checked
from autograd.engine.dispatch import as_array
from autograd.engine.operands import joined
from autograd.engine.typed import Tensor
from autograd.errors import DTypeError, IndexRangeError, ShapeError
from autograd.extend import Array, here
from autograd.ops.elementwise.exponential import where
from autograd.ops.indexing.extremes import is_run_again
from autograd.ops.indexing.index import put_at, setitem
from autograd.ops.indexing.scatter import masked_fill, scatter
from autograd.ops.indexing.take import add_at, check_whole, take
from autograd.ops.shape.axes import moveaxis
from autograd.ops.shape.rank import ravel
from autograd.ops.shape.shape import astype, broadcast_to, copy, normal_axis, reshape


def _of_rows(name: str, x: Array, axis: int, index: Array) -> tuple[Any, ...]:
    """The index of whole slices at the given places of an axis."""
    check_whole(name, "index", index)
    if np.ndim(index) > 1:
        raise ShapeError(f"{name}: index must be 1-D, got shape {np.shape(index)}{here()}")
    at = normal_axis(axis, np.ndim(x))
    return (*(slice(None),) * at, reshape(index, (-1,)))


def _along(axis: int, ndim: int) -> tuple[int, ...]:
    """The shape in which a vector lies along one axis of several."""
    return tuple(-1 if a == axis else 1 for a in range(ndim))


def _fits(name: str, src: Array, wanted: tuple[int, ...]) -> Array:
    if np.shape(src) != wanted:
        raise ShapeError(
            f"{name}: src must have the shape {wanted} of what it replaces, "
            f"got {np.shape(src)}{here()}"
        )
    return src


@checked
def index_fill(x: Array, axis: int, index: Array, value: Any) -> Tensor:
    """A copy of x with one number in the slices at the given places of an axis.

    `value` is a number, or a Tensor without axes, which gets the sum of the cotangents there.

    Shape: x (..., N, ...) and `index` (K,) -> that of x. An index out of range is an error.

    >>> import autograd as ag
    >>> ag.index_fill(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), 1, [0], -1.0)
    Tensor([[-1.,  2.],
            [-1.,  4.]], dtype=float32)
    """
    x = joined(x)
    if np.ndim(value):
        raise ShapeError(f"index_fill: value must be one number, got shape {np.shape(value)}")
    check_whole("index_fill", "index", index)
    at, shape = normal_axis(axis, np.ndim(x)), np.shape(x)
    hit = np.greater(add_at(np.ones(np.shape(index)), index, (shape[at],), 0), 0)
    return masked_fill(x, reshape(hit, _along(at, len(shape))), _number_beside(x, value))


def _number_beside(x: Array, value: Any) -> Any:
    """A number that is an array or a Tensor does not widen x, as Python's numbers do not."""
    if not hasattr(value, "dtype"):
        return value
    kinds: dict[str, Any] = {"b": False, "i": 0, "u": 0, "f": 0.0, "c": 0j}
    dtype = x.dtype if hasattr(x, "dtype") else np.asarray(x).dtype
    return astype(value, np.result_type(dtype, kinds[value.dtype.kind]))


@checked
def index_copy(x: Array, axis: int, index: Array, src: Array) -> Tensor:
    """A copy of x with the slices of src at the given places of an axis.

    Shape: x (..., N, ...), `index` (K,), `src` (..., K, ...) -> that of x. An index out of range is
    an error.

    >>> import autograd as ag
    >>> ag.index_copy(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), 0, [1], ag.Tensor([[8.0, 9.0]]))
    Tensor([[1., 2.],
            [8., 9.]], dtype=float32)
    """
    x, src = joined(x), joined(src)
    place = _of_rows("index_copy", x, axis, index)
    at = len(place) - 1
    shape = np.shape(x)
    wanted = (*shape[:at], np.size(index), *shape[at + 1 :])
    src = _fits("index_copy", src, wanted)
    if not is_run_again(index) or not np.size(index):
        return setitem(x, src, (*place[:-1], as_array(place[-1])))
    along = reshape(index, _along(at, len(shape)))
    return scatter(x, at, broadcast_to(along, wanted), src)


@checked
def index_put(x: Array, indices: Sequence[Any], values: Array, accumulate: bool = False) -> Tensor:
    """A copy of x with values at `x[indices]`, or with them added there if `accumulate`.

    `indices` are one array of whole numbers or booleans for each axis, from the first; None stands
    for all of an axis.

    Shape: that of x; `values` broadcasts to `x[indices]`. An index out of range is an error.

    >>> import autograd as ag
    >>> ag.index_put(ag.zeros(3), ([1, 1],), ag.Tensor([2.0, 3.0]), accumulate=True)
    Tensor([0., 5., 0.], dtype=float32)
    """
    x, values = joined(x), joined(values)
    if not isinstance(indices, (tuple, list)):
        indices = (indices,)
    key = tuple(slice(None) if i is None else _index(i) for i in indices)
    if not accumulate:
        return setitem(x, values, key)
    return x + put_at(values, np.shape(x), key)


def _index(index: Any) -> Any:
    """A Tensor stays one: a call that is being traced goes by those of each call."""
    return index if hasattr(index, "_node") else as_array(index)


@checked
def masked_scatter(x: Array, mask: Array, source: Array) -> Tensor:
    """x with the elements of `source`, one after the other, where the mask is true.

    They are read in C order, as many as are needed; too few raise IndexRangeError.

    Shape: x and `mask` broadcast -> their common shape. A mask must hold booleans, or DTypeError is
    raised.

    >>> import autograd as ag
    >>> ag.masked_scatter(ag.zeros(3), [True, False, True], ag.Tensor([5.0, 6.0, 7.0]))
    Tensor([5., 0., 6.], dtype=float32)
    """
    x, source = joined(x), joined(source)
    mask = mask if hasattr(mask, "dtype") else np.asarray(mask)
    if mask.dtype != bool:
        raise DTypeError(f"masked_scatter: mask must hold booleans, not {mask.dtype}{here()}")
    shape = np.broadcast_shapes(np.shape(x), np.shape(mask))
    mask, flat = broadcast_to(mask, shape), ravel(source)
    length = np.shape(flat)[0]
    if not length and not np.size(mask):
        return copy(broadcast_to(x, shape))
    due = np.maximum(reshape(np.cumsum(mask), shape) - 1, 0)  # which element: as many go before
    try:
        taken = take(flat, due) if length else np.zeros_like(x, shape=shape)
    except IndexRangeError:
        raise IndexRangeError(
            f"masked_scatter: the mask is true at more places than source has elements, "
            f"which are {length}{here()}"
        ) from None
    return where(mask, taken, x)


# ---- slices --------------------------------------------------------------------------------------


@checked
def select_scatter(x: Array, src: Array, axis: int, index: int) -> Tensor:
    """A copy of x with src as the slice at one place of an axis.

    Shape: x (..., N, ...) and `src` (..., ...) without the axis -> that of x. An index out of range
    is an error.

    >>> import autograd as ag
    >>> ag.select_scatter(ag.zeros(2, 2), ag.Tensor([1.0, 2.0]), 0, -1)
    Tensor([[0., 0.],
            [1., 2.]], dtype=float32)
    """
    x, src = joined(x), joined(src)
    at, shape = normal_axis(axis, np.ndim(x)), np.shape(x)
    if not -shape[at] <= index < shape[at]:
        raise IndexRangeError(
            f"select_scatter: index {index} along an axis of {shape[at]}: x is {shape}{here()}"
        )
    _fits("select_scatter", src, (*shape[:at], *shape[at + 1 :]))
    return setitem(x, src, (*(slice(None),) * at, index))


@checked
def slice_scatter(
    x: Array,
    src: Array,
    axis: int = 0,
    start: int | None = None,
    end: int | None = None,
    step: int = 1,
) -> Tensor:
    """A copy of x with src in the slice start:end:step of an axis.

    Shape: x (..., N, ...) and `src` (..., K, ...) as long as the slice -> that of x.

    >>> import autograd as ag
    >>> ag.slice_scatter(ag.zeros(5), ag.Tensor([1.0, 2.0]), start=1, end=5, step=2)
    Tensor([0., 1., 0., 2., 0.], dtype=float32)
    """
    x, src = joined(x), joined(src)
    at, shape = normal_axis(axis, np.ndim(x)), np.shape(x)
    if step < 1:
        raise ShapeError(f"slice_scatter: step must be at least 1, got {step}{here()}")
    part = slice(start, end, step)
    length = len(range(shape[at])[part])
    _fits("slice_scatter", src, (*shape[:at], length, *shape[at + 1 :]))
    return setitem(x, src, (*(slice(None),) * at, part))


@checked
def diagonal_scatter(
    x: Array, src: Array, offset: int = 0, axis1: int = 0, axis2: int = 1
) -> Tensor:
    """A copy of x with src on the diagonal of two axes: where `diagonal` reads.

    `offset` counts from the main diagonal upwards.

    Shape: x (..., M, N, ...) and `src` as `diagonal(x, offset, axis1, axis2)` -> that of x.

    >>> import autograd as ag
    >>> ag.diagonal_scatter(ag.zeros(2, 2), ag.Tensor([1.0, 2.0]))
    Tensor([[1., 0.],
            [0., 2.]], dtype=float32)
    """
    x, src = joined(x), joined(src)
    shape, ndim = np.shape(x), np.ndim(x)
    first, second = normal_axis(axis1, ndim), normal_axis(axis2, ndim)
    if first == second:
        raise ShapeError(f"diagonal_scatter: axis1 and axis2 are both {axis1}{here()}")
    down, right = max(-offset, 0), max(offset, 0)
    i = np.arange(max(min(shape[first] - down, shape[second] - right), 0))
    rest = tuple(n for a, n in enumerate(shape) if a not in (first, second))
    _fits("diagonal_scatter", src, (*rest, len(i)))
    stack = setitem(moveaxis(x, (first, second), (-2, -1)), src, (..., i + down, i + right))
    return moveaxis(stack, (-2, -1), (first, second))
