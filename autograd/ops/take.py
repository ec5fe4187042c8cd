"""Taking along an axis with integer arrays, putting back, and masks.

`take` and `take_along_axis` have their indices as an input and not as a static parameter, so that a
graph can be run again with other indices: token numbers, labels.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd.errors import ShapeError
from autograd.op import Array, composite, op
from autograd.ops.index import Shape, explain, getitem, put_at, setitem
from autograd.ops.shape import broadcast_to, ravel, reshape, takes_dim
from autograd.samples import draw, sample, samples

__all__ = [
    "add_along_axis",
    "add_at",
    "gather",
    "index_add",
    "index_select",
    "masked_fill",
    "masked_select",
    "put_along_axis",
    "scatter",
    "scatter_add",
    "take",
    "take_along_axis",
]

_scatter = put_at.op.forward  # type: ignore[attr-defined]


def _along(indices: Array, ndim: int, axis: int) -> tuple[Any, ...]:
    """The index that reads whole slices at the given places of one axis."""
    return (*(slice(None),) * normalize_axis_index(axis, ndim), indices)


@op(
    "x[i]",
    x=lambda g, indices, x_shape, axis, mode: add_at(g, indices, x_shape, axis, mode),
    linear=True,
    samples=samples(
        lambda: sample(draw(4, 3), np.array([0, 2, 0]), axis=0),
        lambda: sample(draw(4, 3), np.array([[0, -1], [1, 1]]), axis=-1),
        lambda: sample(draw(4, 3), np.array([5, 11, 0, 5])),
        lambda: sample(draw(4), np.array([5, -1]), axis=0, mode="wrap"),
        lambda: sample(draw(4), np.array([5, -1]), axis=0, mode="clip"),
        lambda: sample(draw(4, 2), np.array(1), axis=0),
        lambda: sample(draw(), np.array([0, 0])),
        lambda: sample(draw(4, 3), np.array([], int), axis=1),
    ),
    hint=lambda x, indices, axis, mode: explain(
        ravel(x) if axis is None else x, _along(indices, max(np.ndim(x), 1), axis or 0)
    ),
)
def take(x: Array, indices: Array, /, axis: int | None = None, mode: str = "raise") -> Array:
    """The elements of flat x, or its slices along an axis, at integer places of any shape.

    `mode` says what becomes of an index out of range: "raise", "wrap" or "clip".

    >>> import autograd as ag
    >>> ag.take(ag.Tensor([1.0, 2.0, 3.0]), [0, 0, 2])
    Tensor([1., 1., 3.], dtype=float32)
    """
    return np.take(x, indices, axis, mode=mode)


@op(
    "0[i] + v",
    v=lambda g, indices, axis, mode: take(g, indices, axis, mode),
    linear=True,
    samples=samples(
        lambda: sample(draw(3, 2), np.array([0, 2, 0]), shape=(4, 2), axis=0),
        lambda: sample(draw(2, 3), np.array([0, 2, 0]), shape=(2, 4), axis=-1),
        lambda: sample(draw(3), np.array([5, 1, 1]), shape=(2, 3)),
        lambda: sample(draw(3), np.array([5, -3, 1]), shape=(4,), axis=0, mode="clip"),
        lambda: sample(draw(), np.array(1), shape=(4,), axis=0),
        lambda: sample(draw(0), np.array([], int), shape=(4,), axis=0),
    ),
    reference=lambda v, indices, shape, axis=None, mode="raise": np.tensordot(
        v.ravel(),
        np.take(np.eye(math.prod(shape)).reshape(*shape, -1) if axis is not None
                else np.eye(math.prod(shape)), indices,
                (axis or 0) % len(shape) if axis is not None else 0, mode=mode)
        .reshape(v.size, -1), 1,
    ).reshape(shape),
)  # fmt: skip
def add_at(
    v: Array, indices: Array, /, shape: Shape, axis: int | None = None, mode: str = "raise"
) -> Array:
    """Zeros of a shape with v added at places of an axis: what `take` does to a cotangent.

    >>> import autograd as ag
    >>> ag.add_at(ag.Tensor([1.0, 2.0, 3.0]), [0, 0, 2], (4,), axis=0)
    Tensor([3., 0., 3., 0.], dtype=float32)
    """
    flat = (math.prod(shape),)
    length = flat[0] if axis is None else shape[axis]
    if mode == "wrap":
        indices = np.remainder(indices, length)
    elif mode == "clip":
        indices = np.clip(indices, 0, length - 1)
    if axis is None:
        return np.reshape(_scatter(v, flat, np.asarray(indices)), shape)
    return _scatter(v, shape, _along(np.asarray(indices), len(shape), axis))


def _grid(shape: Shape, indices: Array, axis: int) -> tuple[Any, ...]:
    """The index that reads x[..., indices[..., i, ...], ...] along one axis."""
    if np.ndim(indices) != len(shape):
        raise ShapeError(
            f"the indices must have as many axes as x: x is {shape}, they are {np.shape(indices)}.\n"
            "  Add axes of length 1, indices[:, None], or use take."
        )
    grid = list(np.ogrid[tuple(slice(length) for length in shape)])
    grid[normalize_axis_index(axis, len(shape))] = np.asarray(indices)
    return tuple(grid)


_ALONG = (
    lambda: sample(draw(2, 3), np.array([[0], [2]])),
    lambda: sample(draw(2, 3), np.array([[0, 1, 1], [1, 1, -1]]), axis=0),
    lambda: sample(draw(2, 3), np.array([[1, 1]]), axis=1),
    lambda: sample(draw(2, 3), np.array([5, 0, 5]), axis=None),
    lambda: sample(draw(0, 3), np.zeros((0, 1), int), axis=1),
)


@op(
    "x[i]",
    x=lambda g, indices, x_shape, axis: add_along_axis(g, indices, x_shape, axis),
    linear=True,
    samples=samples(*_ALONG),
)
def take_along_axis(x: Array, indices: Array, /, axis: int | None = -1) -> Array:
    """The elements of x at an own place of one axis for every place of the others.

    `indices` has as many axes as x and broadcasts with it elsewhere; `np.argsort(x, axis)` and
    `np.argmax(x, axis, keepdims=True)` give such. With axis=None x is read flat.

    >>> import autograd as ag
    >>> ag.take_along_axis(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), [[1], [0]])
    Tensor([[2.],
            [3.]], dtype=float32)
    """
    return np.take_along_axis(x, np.asarray(indices), axis)


def _added_along(v: Array, indices: Array, shape: Shape, axis: int | None = -1) -> Array:
    numbers = np.arange(math.prod(shape)).reshape(shape)
    taken = np.take_along_axis(numbers, indices, axis)
    return np.bincount(taken.ravel(), v.ravel(), minlength=numbers.size).reshape(shape)


@op(
    "0[i] + v",
    v=lambda g, indices, axis: take_along_axis(g, indices, axis),
    linear=True,
    samples=samples(
        lambda: sample(draw(2, 1), np.array([[0], [2]]), shape=(2, 3)),
        lambda: sample(draw(2, 3), np.array([[0, 1, 1], [1, 1, -1]]), shape=(2, 3), axis=0),
        lambda: sample(draw(2, 2), np.array([[1, 1]]), shape=(2, 3), axis=1),
        lambda: sample(draw(3), np.array([5, 0, 5]), shape=(2, 3), axis=None),
    ),
    reference=_added_along,
)
def add_along_axis(v: Array, indices: Array, /, shape: Shape, axis: int | None = -1) -> Array:
    """Zeros of a shape with v added where `take_along_axis` reads: what it does to a cotangent.

    >>> import autograd as ag
    >>> ag.add_along_axis(ag.Tensor([[1.0, 2.0]]), [[0, 0]], (1, 3))
    Tensor([[3., 0., 0.]], dtype=float32)
    """
    if axis is None:
        return np.reshape(_scatter(v, (math.prod(shape),), np.asarray(indices)), shape)
    return _scatter(v, shape, _grid(shape, indices, axis))


def _put_along(x: Array, indices: Array, values: Array, axis: int | None = -1) -> Array:
    out = np.array(x)
    np.put_along_axis(out, indices, values, axis)
    return out


@takes_dim
@composite(
    "x[i] ← v",
    samples=samples(
        lambda: sample(draw(2, 3), np.array([[0], [2]]), draw(2, 1, seed=1)),
        lambda: sample(draw(2, 3), np.array([[0, 1, 1]]), draw(1, 3, seed=1), axis=0),
        lambda: sample(draw(2, 3), np.array([[1, 1], [2, 0]]), draw(seed=1), axis=1),
        lambda: sample(draw(2, 3), np.array([5, 0]), draw(2, seed=1), axis=None),
    ),
    reference=_put_along,
)
def put_along_axis(x: Array, indices: Array, values: Array, /, axis: int | None = -1) -> Array:
    """A copy of x with values where `take_along_axis(x, indices, axis)` reads. x is not changed.

    >>> import autograd as ag
    >>> ag.put_along_axis(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), [[1], [0]], 0.0, axis=1)
    Tensor([[1., 0.],
            [0., 4.]], dtype=float32)
    """
    if axis is None:
        return reshape(setitem(ravel(x), values, np.asarray(indices)), np.shape(x))
    return setitem(x, values, _grid(np.shape(x), indices, axis))


# ---- PyTorch's spellings -------------------------------------------------------------------------


def _leading(shape: Shape, axis: int | None = None) -> tuple[slice, ...]:
    return tuple(slice(None) if a == axis else slice(n) for a, n in enumerate(shape))


@takes_dim
def gather(x: Array, axis: int, index: Array) -> Array:
    """`take_along_axis` without broadcasting: where index is shorter than x, x's front is read.

    >>> import autograd as ag
    >>> ag.gather(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), 1, [[0, 0]])
    Tensor([[1., 1.]], dtype=float32)
    """
    front = _front(np.shape(x), axis, np.shape(index))
    return take_along_axis(getitem(x, front), index, axis)


@takes_dim
def scatter(x: Array, axis: int, index: Array, src: Array) -> Array:
    """A copy of x with src where `gather(x, axis, index)` reads; the last of several stays.

    >>> import autograd as ag
    >>> ag.scatter(ag.Tensor([[1.0, 2.0, 3.0]]), 1, [[2, 0]], ag.Tensor([[8.0, 9.0]]))
    Tensor([[9., 2., 8.]], dtype=float32)
    """
    return setitem(x, *_scattered(np.shape(x), axis, index, src))


@takes_dim
def scatter_add(x: Array, axis: int, index: Array, src: Array) -> Array:
    """x with src added where `gather(x, axis, index)` reads.

    >>> import autograd as ag
    >>> ag.scatter_add(ag.Tensor([[1.0, 2.0, 3.0]]), 1, [[0, 0]], ag.Tensor([[8.0, 9.0]]))
    Tensor([[18.,  2.,  3.]], dtype=float32)
    """
    part, places = _scattered(np.shape(x), axis, index, src)
    return x + put_at(part, np.shape(x), places)


def _front(shape: Shape, axis: int, index: Shape) -> tuple[slice, ...]:
    """The part of x that an index of gather or scatter runs over: whole along the axis."""
    axis = normalize_axis_index(axis, len(shape))
    fits = len(index) == len(shape)
    if not fits or any(
        i > n for a, (i, n) in enumerate(zip(index, shape, strict=True)) if a != axis
    ):
        raise ShapeError(
            f"index must have as many axes as x and be no longer than x away from axis {axis}: "
            f"x is {shape}, index is {index}"
        )
    return tuple(slice(None) if a == axis else slice(n) for a, n in enumerate(index))


def _scattered(shape: Shape, axis: int, index: Array, src: Array) -> tuple[Array, Any]:
    """The part of src that is written, and the places in x."""
    taken = np.shape(index)
    _front(shape, axis, taken)
    if np.ndim(src):
        src = getitem(src, tuple(slice(n) for n in taken))
    return src, _grid(taken, index, axis)


@takes_dim
def index_select(x: Array, axis: int, index: Array) -> Array:
    """The slices of x at the given places of an axis: `take` in PyTorch's order.

    >>> import autograd as ag
    >>> ag.index_select(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), 1, [1])
    Tensor([[2.],
            [4.]], dtype=float32)
    """
    return take(x, index, axis)


@takes_dim
def index_add(x: Array, axis: int, index: Array, src: Array) -> Array:
    """x with the slices of src added at the given places of an axis.

    >>> import autograd as ag
    >>> ag.index_add(ag.Tensor([1.0, 2.0]), 0, [1, 1], ag.Tensor([3.0, 4.0]))
    Tensor([1., 9.], dtype=float32)
    """
    return x + add_at(src, index, np.shape(x), axis)


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

    >>> import autograd as ag
    >>> ag.masked_fill(ag.Tensor([1.0, 2.0]), [True, False], -1.0)
    Tensor([-1.,  2.], dtype=float32)
    """
    return np.where(mask, value, x)


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

    >>> import autograd as ag
    >>> ag.masked_select(ag.Tensor([1.0, 2.0, 3.0]), [True, False, True])
    Tensor([1., 3.], dtype=float32)
    """
    mask = np.asarray(mask)
    shape = np.broadcast_shapes(np.shape(x), mask.shape)
    return getitem(broadcast_to(x, shape), np.broadcast_to(mask, shape))
