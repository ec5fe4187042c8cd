"""Taking along an axis with integer arrays, and putting back.

`take` and `take_along_axis` have their indices as an input and not as a static parameter, so that a
graph can be run again with other indices: token numbers, labels.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.engine.arguments import checked
from autograd.engine.diagnose import check_choice
from autograd.engine.dispatch import as_array
from autograd.errors import DTypeError, ShapeError
from autograd.extend import Array, composite, draw, here, op, sample, samples
from autograd.kernels.matrix.gathering import added_along, moved_rows, taken_along
from autograd.kernels.parallel.layout import in_three
from autograd.ops.indexing.index import Shape, put_at, setitem
from autograd.ops.indexing.index_hints import explain
from autograd.ops.shape.rank import ravel
from autograd.ops.shape.shape import normal_axis, reshape


def check_whole(name: str, what: str, indices: Array) -> None:
    """Refuse indices that are no whole numbers; what is empty has no numbers to refuse."""
    array = indices if hasattr(indices, "dtype") else np.asarray(indices)
    if array.dtype.kind not in "iu" and np.size(array):
        raise DTypeError(f"{name}: {what} must be whole numbers, got {indices!r:.80}{here()}")


MODES = ("raise", "wrap", "clip")


def _along(indices: Array, ndim: int, axis: int) -> tuple[Any, ...]:
    """The index that reads whole slices at the given places of one axis."""
    return (*(slice(None),) * normal_axis(axis, ndim), indices)


@op(
    "x[i]",
    # NumPy takes a number as an array of one
    x=lambda g, indices, x_shape, axis, mode: np.reshape(
        add_at(g, indices, x_shape or (1,), axis, mode), x_shape
    ),
    linear=True,
    samples=samples(
        lambda: sample(draw(4, 3), np.array([0, 2, 0]), axis=0),
        lambda: sample(draw(4, 3), np.array([[0, -1], [1, 1]]), axis=-1),
        lambda: sample(draw(4, 3), np.array([5, 11, 0, 5])),
        lambda: sample(draw(4), np.array([5, -1]), axis=0, mode="wrap"),
        lambda: sample(draw(4), np.array([5, -1]), axis=0, mode="clip"),
        lambda: sample(draw(4, 2), np.array(1), axis=0),
        lambda: sample(draw(), np.array([0, 0])),
        lambda: sample(draw(), np.array([0, 0]), axis=-1),
        lambda: sample(draw(4, 3), np.array([], int), axis=1),
    ),
    hint=lambda x, indices, axis, mode: explain(
        ravel(x) if axis is None else x, _along(indices, max(np.ndim(x), 1), axis or 0)
    ),
)
def take(x: Array, indices: Array, /, axis: int | None = None, mode: str = "raise") -> Array:
    """The elements of flat x, or its slices along an axis, at integer places of any shape.

    `mode` says what becomes of an index out of range: "raise", "wrap" or "clip". Floats as
    `indices` raise DTypeError.

    Shape: (..., N, ...) and indices (K, ...) -> (..., K, ..., ...) at `axis`; without it (K, ...).

    >>> import autograd as ag
    >>> ag.take(ag.Tensor([1.0, 2.0, 3.0]), [0, 0, 2])
    Tensor([1., 1., 3.], dtype=float32)
    """
    check_whole("take", "indices", indices)
    check_choice("mode", mode, MODES)
    taken: Array = np.take(x, indices, axis, mode=mode)  # type: ignore[call-overload]
    return taken


def _added_at(
    v: Array, indices: Array, shape: Shape, axis: int | None = None, mode: str = "raise"
) -> Array:
    numbers = np.take(np.arange(math.prod(shape)).reshape(shape), indices, axis, mode=mode)  # type: ignore[call-overload]
    return np.bincount(numbers.ravel(), v.ravel(), minlength=math.prod(shape)).reshape(shape)


@op(
    "0[i] + v",
    wide=True,
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
    reference=_added_at,
)
def add_at(
    v: Array, indices: Array, /, shape: Shape, axis: int | None = None, mode: str = "raise"
) -> Array:
    """Zeros of a shape with v added at places of an axis: what `take` does to a cotangent.

    `indices` and `mode` are those of `take`; what is named twice is added twice.

    Shape: v, of the shape that `take` would give -> `shape`.

    >>> import autograd as ag
    >>> ag.add_at(ag.Tensor([1.0, 2.0, 3.0]), [0, 0, 2], (4,), axis=0)
    Tensor([3., 0., 3., 0.], dtype=float32)
    """
    check_choice("mode", mode, MODES)
    length = math.prod(shape) if axis is None else shape[axis]
    if mode == "wrap":
        indices = np.remainder(indices, length)
    elif mode == "clip":
        indices = np.clip(indices, 0, length - 1)
    at = 0 if axis is None else normal_axis(axis, len(shape))
    before, inner = (1, 1) if axis is None else (math.prod(shape[:at]), math.prod(shape[at + 1 :]))
    numbers = np.arange(length)[indices]  # from the front; it also says what is out of range
    if before != 1:
        numbers = np.arange(before)[:, None] * length + numbers.reshape(-1)
    whole = (*shape[:at], *np.shape(indices), *shape[at + 1 :]) if axis is not None else v.shape
    rows = (v if v.shape == whole else np.broadcast_to(v, whole)).reshape(numbers.size, inner)
    return moved_rows(rows, None, numbers.reshape(-1), before * length).reshape(shape)


@op(
    "Σ x[i]",
    x=lambda g, source, target, x_shape: move_rows(g, target, source, x_shape[0]),
    linear=True,
    samples=samples(
        lambda: sample(draw(4, 3), np.array([0, 3, 3, 1]), np.array([0, 0, 1, 4]), count=5),
        lambda: sample(draw(2, 0), np.array([1]), np.array([0]), count=1),
        lambda: sample(draw(2, 3), np.array([], int), np.array([], int), count=2),
    ),
    reference=lambda x, source, target, count: np.eye(count)[:, target] @ x[source],
)
def move_rows(x: Array, source: Array, target: Array, /, count: int) -> Array:
    """`count` rows of zeros with row source[k] of x (N, D) added to row target[k], for every k.

    `take` and `add_at` in one step: the rows that are taken are never there together.

    >>> import autograd as ag
    >>> from autograd.ops.indexing.take import move_rows
    >>> move_rows(ag.Tensor([[1.0], [2.0]]), [0, 1, 1], [0, 0, 1], 2)
    Tensor([[3.],
            [2.]], dtype=float32)
    """
    return moved_rows(x, np.asarray(source), np.asarray(target), count)


def _meeting(shape: Shape, indices: Shape, axis: int) -> tuple[Shape, Shape]:
    """The shapes of x and of the indices when they are broadcast to each other along all but one
    axis.
    """
    if len(indices) != len(shape):
        raise ShapeError(
            f"the indices must have as many axes as x: x is {shape}, they are {indices}.\n"
            "  Add axes of length 1, indices[:, None], or use take."
        )
    before, after = (slice(axis), slice(axis + 1, None))
    if shape[before] == indices[before] and shape[after] == indices[after]:
        return shape, indices
    both = np.broadcast_shapes(shape[before] + (1,) + shape[after],
                               indices[before] + (1,) + indices[after])  # fmt: skip
    return tuple((*both[before], n[axis], *both[after]) for n in (shape, indices))  # type: ignore[return-value]


def open_grid(shape: Shape, indices: Array, axis: int) -> tuple[Any, ...]:
    """The index that reads x[..., indices[..., i, ...], ...] along one axis."""
    _meeting(shape, np.shape(indices), normal_axis(axis, len(shape)))
    grid = list(np.ogrid[tuple(slice(length) for length in shape)])
    grid[normal_axis(axis, len(shape))] = as_array(indices)
    return tuple(grid)


_ALONG = (
    lambda: sample(draw(2, 3), np.array([[0], [2]])),
    lambda: sample(draw(2, 3), np.array([[0, 1, 1], [1, 1, -1]]), axis=0),
    lambda: sample(draw(2, 3), np.array([[1, 1]]), axis=1),
    lambda: sample(draw(1, 3), np.array([[0, 1, 1], [1, 1, -1]]), label="x is repeated"),
    lambda: sample(draw(2, 1, 3), np.array([[[0], [0]], [[0], [-1]]]), axis=1, label="3-d"),
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

    Shape: x and indices (..., K, ...) broadcast but for `axis` -> (..., K, ...); other numbers of
    axes raise ShapeError. An index out of range is an error.

    >>> import autograd as ag
    >>> ag.take_along_axis(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), [[1], [0]])
    Tensor([[2.],
            [3.]], dtype=float32)
    """
    indices = np.asarray(indices)
    if type(x) is not np.ndarray or axis is None or indices.dtype.kind not in "iu":
        return np.take_along_axis(x, indices, axis)
    at = normal_axis(axis, x.ndim)
    wide, taken = _meeting(x.shape, indices.shape, at)
    return taken_along(in_three(x, wide, at), in_three(indices, taken, at)).reshape(taken)


def _added_along(v: Array, indices: Array, shape: Shape, axis: int | None = -1) -> Array:
    numbers = np.arange(math.prod(shape)).reshape(shape)
    taken = np.take_along_axis(numbers, indices, axis)
    return np.bincount(taken.ravel(), v.ravel(), minlength=numbers.size).reshape(shape)


@op(
    "0[i] + v",
    wide=True,
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

    Shape: v and `indices` broadcast but for `axis` -> `shape`. An index out of range is an error.

    >>> import autograd as ag
    >>> ag.add_along_axis(ag.Tensor([[1.0, 2.0]]), [[0, 0]], (1, 3))
    Tensor([[3., 0., 0.]], dtype=float32)
    """
    shape, indices = tuple(shape), np.asarray(indices)
    if axis is None:
        return add_at(v, indices, shape)
    at = normal_axis(axis, len(shape))
    wide, taken = _meeting(shape, indices.shape, at)
    if wide != shape:  # x is repeated along an axis of length 1
        return put_at(v, shape, open_grid(shape, indices, axis))
    v, indices = in_three(v, taken, at), in_three(indices, taken, at)
    return added_along(v, indices, shape[at]).reshape(shape)


def _put_along(x: Array, indices: Array, values: Array, axis: int | None = -1) -> Array:
    out = np.array(x)
    np.put_along_axis(out, indices, values, axis)
    return out


@checked
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

    What was replaced gets the gradient 0.

    Shape: that of x; `values` broadcasts with `indices`. An index out of range is an error.

    >>> import autograd as ag
    >>> ag.put_along_axis(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), [[1], [0]], 0.0, axis=1)
    Tensor([[1., 0.],
            [0., 4.]], dtype=float32)
    """
    if axis is None:
        return reshape(setitem(ravel(x), values, as_array(indices)), np.shape(x))
    return setitem(x, values, open_grid(np.shape(x), indices, axis))
