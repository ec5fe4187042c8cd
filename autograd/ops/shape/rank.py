"""Rank: axes of length 1, axes joined into one, and one axis split into several."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.engine.arguments import checked
from autograd.engine.dtypes import from_python
from autograd.engine.op import form_of
from autograd.engine.views import refuse_writes
from autograd.errors import ArgumentError, ShapeError
from autograd.extend import Array, composite, draw, op, raw, sample, samples
from autograd.ops.shape.axes import transpose
from autograd.ops.shape.shape import copy as duplicate
from autograd.ops.shape.shape import normal_axis, reshape


@op(
    "expand x",
    x=lambda g, x_shape: np.reshape(g, x_shape),
    linear=True,
    views=True,
    samples=samples(
        lambda: sample(draw(2, 3), axis=1),
        lambda: sample(draw(2), axis=(0, -1)),
        lambda: sample(draw(), axis=0),
        lambda: sample(draw(0), axis=-1),
    ),
)
def expand_dims(x: Array, /, axis: int | tuple[int, ...]) -> Array:
    """x with new axes of length 1 at the given places of the result.

    Shape: any -> the same with 1 at each place of `axis`.

    >>> import autograd as ag
    >>> ag.expand_dims(ag.Tensor([1.0, 2.0]), 0).shape
    (1, 2)
    """
    if type(x) is np.ndarray and type(axis) is int and 0 <= axis <= x.ndim:
        return x[(*(slice(None),) * axis, None)]  # a fifth of what np.expand_dims takes
    return np.expand_dims(x, axis)


unsqueeze = expand_dims


@op(
    "squeeze x",
    x=lambda g, x_shape: np.reshape(g, x_shape),
    linear=True,
    views=True,
    samples=samples(
        lambda: sample(draw(1, 3, 1)),
        lambda: sample(draw(1, 3, 1), axis=-1),
        lambda: sample(draw(1, 3, 1), axis=(0, 2)),
        lambda: sample(draw(1, 1)),
        lambda: sample(draw()),
        lambda: sample(draw(1, 0), axis=0),
    ),
)
def squeeze(x: Array, /, axis: int | tuple[int, ...] | None = None) -> Array:
    """x without axes of length 1: all of them, or those given.

    Shape: any -> without lengths of 1. An `axis` that is longer raises ShapeError.

    >>> import autograd as ag
    >>> ag.squeeze(ag.Tensor([[1.0, 2.0]]), axis=0)
    Tensor([1., 2.], dtype=float32)
    """
    return x.squeeze(axis) if type(x) is np.ndarray else np.squeeze(x, axis)


@composite(
    "flatten x",
    samples=samples(
        lambda: sample(draw(2, 3, 4)),
        lambda: sample(draw(2, 3, 4), start_dim=1),
        lambda: sample(draw(2, 3, 4), start_dim=0, end_dim=-2),
        lambda: sample(draw(2, 3), start_dim=1, end_dim=1),
        lambda: sample(draw()),
        lambda: sample(draw(2, 0, 3), start_dim=1),
    ),
    reference=lambda x, start_dim=0, end_dim=-1: (
        x.reshape(*x.shape[:start_dim], -1 if x.size else 0, *x.shape[x.ndim + end_dim + 1 :])
        if end_dim < 0
        else x
    ),
)
def flatten(x: Array, /, start_dim: int = 0, end_dim: int = -1) -> Array:
    """x with the axes from start_dim to end_dim (inclusive) joined into one; 0-d becomes 1-d.

    For NumPy the result is a copy and for PyTorch a view, so it refuses to be written to:
    `x.reshape(-1)[i] = v` changes x, and `x.flatten().copy()` is a copy.

    Shape: (A, M, N, B) -> (A, M·N, B). An end before the start raises ShapeError.

    >>> import autograd as ag
    >>> ag.flatten(ag.Tensor([[[1.0, 2.0], [3.0, 4.0]]]), start_dim=1).shape
    (1, 4)
    """
    shape = np.shape(x) or (1,)
    start = normal_axis(start_dim, len(shape), "start_dim")
    stop = normal_axis(end_dim, len(shape), "end_dim") + 1
    if start >= stop:
        raise ShapeError(
            f"flatten: start_dim {start_dim} comes after end_dim {end_dim}: x is {shape}"
        )
    joined = reshape(x, (*shape[:start], math.prod(shape[start:stop]), *shape[stop:]))
    return refuse_writes(joined, "flatten")


@composite(
    "ravel x",
    samples=samples(
        lambda: sample(draw(2, 3)),
        lambda: sample(draw(2, 3).T, label="transposed"),
        lambda: sample(draw()),
        lambda: sample(draw(0, 3)),
        lambda: sample(draw(2, 3, 4), order="F"),
    ),
)
def ravel(x: Array, /, order: str = "C") -> Array:
    """All elements of x on one axis, the last axis changing fastest (with order="F" the first).

    Shape: any -> (x.size,).

    >>> import autograd as ag
    >>> ag.ravel(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([1., 2., 3., 4.], dtype=float32)
    """
    return in_order(x, -1, order)


def in_order(x: Array, shape: int | tuple[int, ...], order: Any) -> Array:
    """`reshape` with the elements read and placed row by row ("C"), or column by column ("F")."""
    if order == "C":
        return reshape(x, shape)
    if order != "F":
        raise ArgumentError(f"order is 'C' or 'F', not {order!r}: a Tensor's memory has none")
    backwards = (shape,) if isinstance(shape, int) else tuple(shape)[::-1]
    return transpose(reshape(transpose(x), backwards))


def _reshaped(x: Array, shape: Any, *, order: Any = "C", copy: bool | None = None) -> Array:
    """`np.reshape`, whose order of the elements may be that of columns.

    With copy=True in memory of its own; with copy=False what would be copied raises.
    """
    result = in_order(x, shape, "C" if order in ("A", "K", None) else order)
    if copy:
        return duplicate(result)
    if copy is False and not (np.size(x) < 2 or np.may_share_memory(raw(x), raw(result))):
        raise ArgumentError(f"reshape: {np.shape(x)} to {shape} needs a copy here, and copy=False")
    return result


form_of(reshape)(_reshaped)


@checked
@composite(
    "unflatten x",
    samples=samples(
        lambda: sample(draw(2, 6), axis=1, sizes=(2, -1)),
        lambda: sample(draw(4, 3), axis=-2, sizes=(2, 2)),
        lambda: sample(draw(0, 3), axis=0, sizes=(2, 0)),
    ),
    reference=lambda x, axis, sizes: np.stack(np.split(x, sizes[0], axis), axis % x.ndim),
)
def unflatten(x: Array, /, axis: int, sizes: Sequence[int]) -> Array:
    """x with one axis split into several, the opposite of `flatten`; one of the sizes may be -1.

    `sizes` are the lengths of the new axes; a product other than the old length raises ShapeError.

    Shape: (A, M·N, B) -> (A, M, N, B) at `axis`.

    >>> import autograd as ag
    >>> ag.unflatten(ag.Tensor([1.0, 2.0, 3.0, 4.0]), 0, (2, 2)).shape
    (2, 2)
    """
    shape = np.shape(x)
    axis = normal_axis(axis, len(shape))
    sizes, length, known = tuple(sizes), shape[axis], math.prod(n for n in sizes if n != -1)
    if sizes.count(-1) == 1 and known:
        sizes = tuple(length // known if n == -1 else n for n in sizes)
    if math.prod(sizes) != length or min(sizes, default=0) < 0:
        raise ShapeError(
            f"unflatten: axis {axis} of x has {length} elements, not {sizes}: x is {shape}"
        )
    return reshape(x, (*shape[:axis], *sizes, *shape[axis + 1 :]))


def _each(raise_one: Callable[[Array], Array], xs: tuple[Array, ...]) -> Any:
    xs = tuple(x if hasattr(x, "dtype") else from_python(x) for x in xs)
    return raise_one(xs[0]) if len(xs) == 1 else tuple(map(raise_one, xs))


def _to_3d(x: Array) -> Array:
    shape = np.shape(x)
    wider = {0: (1, 1, 1), 1: (1, *shape, 1), 2: (*shape, 1)}
    return reshape(x, wider.get(len(shape), shape))


_RANKS = samples(
    lambda: sample(draw()),
    lambda: sample(draw(3)),
    lambda: sample(draw(2, 3), draw(0, seed=1)),
    lambda: sample(draw(1, 2, 3, 1)),
)


@composite("x to 1-d", samples=_RANKS)
def atleast_1d(*xs: Array) -> Any:
    """x with at least one axis; of several xs a tuple.

    Shape: () -> (1,); others -> the same.

    >>> import autograd as ag
    >>> ag.atleast_1d(ag.Tensor(1.0))
    Tensor([1.], dtype=float32)
    """
    return _each(lambda x: x if np.ndim(x) >= 1 else reshape(x, (1,)), xs)


@composite("x to 2-d", samples=_RANKS)
def atleast_2d(*xs: Array) -> Any:
    """x with at least two axes, new ones in front; of several xs a tuple.

    Shape: () -> (1, 1); (N,) -> (1, N); others -> the same.

    >>> import autograd as ag
    >>> ag.atleast_2d(ag.Tensor([1.0, 2.0])).shape
    (1, 2)
    """
    return _each(lambda x: x if np.ndim(x) >= 2 else reshape(x, (1, -1)), xs)


@composite("x to 3-d", samples=_RANKS)
def atleast_3d(*xs: Array) -> Any:
    """x with at least three axes, (N,) as (1, N, 1) and (M, N) as (M, N, 1); of several a tuple.

    Shape: () -> (1, 1, 1); (N,) -> (1, N, 1); (M, N) -> (M, N, 1); others -> the same.

    >>> import autograd as ag
    >>> ag.atleast_3d(ag.Tensor([1.0, 2.0])).shape
    (1, 2, 1)
    """
    return _each(_to_3d, xs)
