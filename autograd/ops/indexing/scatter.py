"""PyTorch's spellings of taking and putting, and masks."""

from __future__ import annotations

import numpy as np

from autograd.engine.arguments import checked
from autograd.engine.dispatch import as_array
from autograd.engine.operands import joined
from autograd.engine.typed import Tensor
from autograd.errors import DTypeError, ShapeError
from autograd.extend import Array, composite, draw, here, op, raw, sample, samples
from autograd.kernels.activation.choice import choose
from autograd.ops.indexing.extremes import is_run_again, last_at
from autograd.ops.indexing.index import Shape, getitem, setitem
from autograd.ops.indexing.take import (
    add_along_axis,
    add_at,
    check_whole,
    open_grid,
    take,
    take_along_axis,
)
from autograd.ops.shape.shape import astype, broadcast_to, normal_axis


@checked
def gather(x: Array, axis: int, index: Array) -> Tensor:
    """`take_along_axis` without broadcasting: where index is shorter than x, x's front is read.

    Shape: x and `index` with as many axes -> that of `index`. An index out of range is an error.

    >>> import autograd as ag
    >>> ag.gather(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), 1, [[0, 0]])
    Tensor([[1., 1.]], dtype=float32)
    """
    front = front_of(np.shape(raw(x)), axis, np.shape(raw(index)))
    return take_along_axis(x if front is None else getitem(x, front), index, axis)


@checked
def scatter(x: Array, axis: int, index: Array, src: Array) -> Tensor:
    """A copy of x with src where `gather(x, axis, index)` reads; the last of several stays.

    Shape: that of x; `src` has the shape of `index`, or is one number. An index out of range is an
    error.

    >>> import autograd as ag
    >>> ag.scatter(ag.Tensor([[1.0, 2.0, 3.0]]), 1, [[2, 0]], ag.Tensor([[8.0, 9.0]]))
    Tensor([[9., 2., 8.]], dtype=float32)
    """
    shape, taken = np.shape(x), np.shape(index)
    front, src = front_of(shape, axis, taken), part_of_source(src, taken)
    if not is_run_again(index) or not np.size(index):
        return setitem(x, src, open_grid(taken, index, axis))
    at, part = normal_axis(axis, len(shape)), x if front is None else getitem(x, front)
    last = last_at(index, np.shape(part), at)
    src = astype(src if hasattr(src, "dtype") else np.asarray(src), x.dtype)
    src = take_along_axis(src, np.maximum(last, 0), at) if np.ndim(src) else src
    part = masked_fill(part, np.greater_equal(last, 0), src)
    return part if front is None else setitem(x, part, front)


@checked
def scatter_add(x: Array, axis: int, index: Array, src: Array) -> Tensor:
    """x with src added where `gather(x, axis, index)` reads, as often as it is read.

    Shape: that of x; `src` has the shape of `index`, or is one number. An index out of range is an
    error.

    >>> import autograd as ag
    >>> ag.scatter_add(ag.Tensor([[1.0, 2.0, 3.0]]), 1, [[0, 0]], ag.Tensor([[8.0, 9.0]]))
    Tensor([[18.,  2.,  3.]], dtype=float32)
    """
    shape, taken = np.shape(x), np.shape(index)
    front, src = front_of(shape, axis, taken), part_of_source(src, taken)
    if front is None:
        return x + add_along_axis(src, index, shape, axis)
    part = getitem(x, front)
    return setitem(x, part + add_along_axis(src, index, np.shape(part), axis), front)


def front_of(shape: Shape, axis: int, index: Shape) -> tuple[slice, ...] | None:
    """The part of x that an index of gather or scatter runs over: whole along the axis.

    None where that is all of x.
    """
    axis = normal_axis(axis, len(shape))
    fits = len(index) == len(shape)
    if fits and index[:axis] == shape[:axis] and index[axis + 1 :] == shape[axis + 1 :]:
        return None
    if not fits or any(
        i > n for a, (i, n) in enumerate(zip(index, shape, strict=True)) if a != axis
    ):
        raise ShapeError(
            f"index must have as many axes as x and be no longer than x away from axis {axis}: "
            f"x is {shape}, index is {index}"
        )
    return tuple(slice(None) if a == axis else slice(n) for a, n in enumerate(index))


def part_of_source(src: Array, taken: Shape) -> Array:
    """The part of src that is written: its front, or one number."""
    if not np.ndim(src) or np.shape(src) == taken:
        return src
    return getitem(src, tuple(slice(n) for n in taken))


@checked
def index_select(x: Array, axis: int, index: Array) -> Tensor:
    """The slices of x at the given places of an axis: `take` in PyTorch's order.

    Shape: (..., N, ...) and `index` (K,) -> (..., K, ...). An index out of range is an error.

    >>> import autograd as ag
    >>> ag.index_select(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), 1, [1])
    Tensor([[2.],
            [4.]], dtype=float32)
    """
    check_whole("index_select", "index", index)
    return take(x, index, axis)


@checked
def index_add(x: Array, axis: int, index: Array, src: Array, *, alpha: float = 1) -> Tensor:
    """x with the slices of src, times `alpha`, added at the given places of an axis.

    Shape: x (..., N, ...), `index` (K,), `src` (..., K, ...) -> that of x. Others raise ShapeError.

    >>> import autograd as ag
    >>> ag.index_add(ag.Tensor([1.0, 2.0]), 0, [1, 1], ag.Tensor([3.0, 4.0]))
    Tensor([1., 9.], dtype=float32)
    """
    x, src = joined(x), joined(src)
    check_whole("index_add", "index", index)
    at, shape = normal_axis(axis, np.ndim(x)), np.shape(x)
    wanted = (*shape[:at], np.size(index), *shape[at + 1 :])
    if np.ndim(index) > 1 or np.shape(src) != wanted:
        raise ShapeError(
            f"index_add: index must be 1-D and src {wanted}, got {np.shape(index)} and "
            f"{np.shape(src)}{here()}"
        )
    added = add_at(src, index, np.shape(x), axis)
    return x + (added if type(alpha) is int and alpha == 1 else alpha * added)


# ---- masks ---------------------------------------------------------------------------------------


@op(
    "x[m] ← v",
    x=lambda g, mask: masked_fill(g, mask, 0),
    value=lambda g, mask: masked_fill(0, mask, g),
    linear=True,
    samples=samples(
        lambda: sample(draw(2, 3), np.array([[True, False, True]] * 2), draw(seed=1)),
        lambda: sample(draw(2, 3), np.array([[True], [False]]), draw(3, seed=1)),
        lambda: sample(draw(), np.array(True), draw(seed=1)),
        lambda: sample(draw(0, 3), np.array([True, False, True]), draw(seed=1)),
    ),
    reference=lambda x, mask, value: np.choose(mask, [x, value]),
)
def masked_fill(x: Array, mask: Array, value: Array, /) -> Array:
    """x, but `value` where the mask is true; all three broadcast.

    What was filled gets the gradient 0; `value` gets the sum over its places.

    Shape: x, mask and value broadcast -> their common shape.

    >>> import autograd as ag
    >>> ag.masked_fill(ag.Tensor([1.0, 2.0]), [True, False], -1.0)
    Tensor([-1.,  2.], dtype=float32)
    """
    return choose(mask, value, x)


@composite(
    "x[m]",
    samples=samples(
        lambda: sample(draw(2, 3), np.array([[True, False, True]] * 2)),
        lambda: sample(draw(2, 3), np.array([True, False, True])),
        lambda: sample(draw(3), np.array([False, False, False])),
        lambda: sample(draw(), np.array(True)),
    ),
    reference=lambda x, mask: np.extract(*np.broadcast_arrays(mask, x)),
)
def masked_select(x: Array, mask: Array, /) -> Array:
    """The elements of x where the mask is true, on one axis; x and the mask broadcast.

    Shape: any -> (count,). A mask must hold booleans, or DTypeError is raised.

    >>> import autograd as ag
    >>> ag.masked_select(ag.Tensor([1.0, 2.0, 3.0]), [True, False, True])
    Tensor([1., 3.], dtype=float32)
    """
    mask = as_array(mask)
    if mask.dtype != bool:
        raise DTypeError(f"masked_select: mask must hold booleans, not {mask.dtype}{here()}")
    shape = np.broadcast_shapes(np.shape(x), mask.shape)
    return getitem(broadcast_to(x, shape), np.broadcast_to(mask, shape))
