"""Joining, and what undoes it. Each is the other's rule: concat and split, stack and unstack."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate
from typing import Any

import numpy as np

from autograd.engine.arguments import checked
from autograd.engine.typed import Tensor
from autograd.errors import ShapeError
from autograd.extend import Array, composite, draw, op, sample, samples
from autograd.kernels.parallel.copies import LARGE, concatenated
from autograd.ops.shape.rank import atleast_1d, atleast_2d, atleast_3d, ravel
from autograd.ops.shape.shape import reshape


def d_concat(g: Array, xs_shape: tuple[tuple[int, ...], ...], axis: int) -> tuple[Array, ...]:
    ends = tuple(accumulate(shape[axis] for shape in xs_shape))
    parts: tuple[Array, ...] = _split(g, ends[:-1], axis)
    return parts


@op(
    "join xs",
    joint=d_concat,
    linear=True,
    samples=samples(
        lambda: sample(draw(2, 3), draw(1, 3, seed=1)),
        lambda: sample(draw(2, 3), draw(2, 0), draw(2, 2, seed=1), axis=-1),
        lambda: sample(draw(3)),
        lambda: sample(draw(0, 2), draw(0, 2), axis=1),
    ),
    reference=lambda *xs, axis=0: np.concatenate(xs, axis),
)
def _concat(*xs: Array, axis: int = 0) -> Array:
    if xs and type(xs[0]) is np.ndarray and xs[0].size >= LARGE:
        return concatenated(xs, axis)
    return np.concatenate(xs, axis)


@checked
def concat(xs: Iterable[Array], axis: int | None = 0) -> Tensor:
    """xs, all of one shape but for an axis, joined along it; flattened first if axis is None.

    Shape: (..., N, ...), (..., M, ...) -> (..., N + M, ...). Other lengths that differ raise
    ShapeError; no xs at all is an error.

    >>> import autograd as ag
    >>> ag.concat([ag.Tensor([1.0, 2.0]), ag.Tensor([3.0])])
    Tensor([1., 2., 3.], dtype=float32)
    """
    if axis is None:
        return _concat(*(ravel(x) for x in xs))
    return _concat(*xs, axis=axis)


concatenate = concat
cat = concat


@op(
    "stack xs",
    joint=lambda g, axis: unstack(g, axis),
    linear=True,
    samples=samples(
        lambda: sample(draw(2, 3), draw(2, 3, seed=1)),
        lambda: sample(draw(3), draw(3, seed=1), draw(3, seed=2), axis=-1),
        lambda: sample(draw(), draw(seed=1)),
        lambda: sample(draw(0, 3), draw(0, 3), axis=1),
    ),
    reference=lambda *xs, axis=0: np.concatenate([np.expand_dims(x, axis) for x in xs], axis),
)
def _stack(*xs: Array, axis: int = 0) -> Array:
    if xs and type(xs[0]) is np.ndarray and xs[0].size >= LARGE and len({*map(np.shape, xs)}) == 1:
        return concatenated([np.expand_dims(x, axis) for x in xs], axis)
    alike = xs and axis == 0 and {*map(type, xs)} == {np.ndarray} and xs[0].ndim
    if alike and len({x.shape for x in xs}) == 1:
        return np.concatenate(xs).reshape(len(xs), *xs[0].shape)  # half of what np.stack takes
    return np.stack(xs, axis, dtype=np.result_type(*xs) if xs else None)  # Python scalars are weak


@checked
def stack(xs: Iterable[Array], axis: int = 0) -> Tensor:
    """xs, all of one shape, joined along a new axis.

    Shape: n times (M, N, ...) -> the same with n at `axis`. Shapes that differ raise ShapeError; no
    xs at all is an error.

    >>> import autograd as ag
    >>> ag.stack([ag.Tensor(1.0), ag.Tensor(2.0)])
    Tensor([1., 2.], dtype=float32)
    """
    return _stack(*xs, axis=axis)


_ROWS = samples(
    lambda: sample(draw(3), draw(3, seed=1)),
    lambda: sample(draw(2, 3), draw(2, 3, seed=1)),
    lambda: sample(draw(1, 2, 3)),
    lambda: sample(draw(0), draw(0)),
)


@composite("join rows", samples=_ROWS, reference=lambda *xs: np.vstack(xs))
def _vstack(*xs: Array) -> Array:
    return concat([atleast_2d(x) for x in xs], 0)


def vstack(xs: Iterable[Array]) -> Tensor:
    """xs joined along the first axis; (N,) counts as a row (1, N).

    Shape: (N,), (M, N) -> (1 + M, N). Lengths that differ raise ShapeError.

    >>> import autograd as ag
    >>> ag.vstack([ag.Tensor([1.0, 2.0]), ag.Tensor([3.0, 4.0])]).shape
    (2, 2)
    """
    return _vstack(*xs)


@composite("join columns", samples=_ROWS, reference=lambda *xs: np.hstack(xs))
def _hstack(*xs: Array) -> Array:
    wide = [atleast_1d(x) for x in xs]
    return concat(wide, 0 if wide and wide[0].ndim == 1 else 1)


def hstack(xs: Iterable[Array]) -> Tensor:
    """xs joined along the second axis; along the only one if they are 1-d.

    Shape: (M, N), (M, K) -> (M, N + K); (N,), (K,) -> (N + K,). Others that differ raise
    ShapeError.

    >>> import autograd as ag
    >>> ag.hstack([ag.Tensor([1.0, 2.0]), ag.Tensor([3.0])])
    Tensor([1., 2., 3.], dtype=float32)
    """
    return _hstack(*xs)


@composite("join in depth", samples=_ROWS, reference=lambda *xs: np.dstack(xs))
def _dstack(*xs: Array) -> Array:
    return concat([atleast_3d(x) for x in xs], 2)


def dstack(xs: Iterable[Array]) -> Tensor:
    """xs joined along the third axis; (N,) counts as (1, N, 1) and (M, N) as (M, N, 1).

    Shape: (M, N), (M, N, K) -> (M, N, 1 + K). Lengths that differ raise ShapeError.

    >>> import autograd as ag
    >>> ag.dstack([ag.Tensor([1.0, 2.0]), ag.Tensor([3.0, 4.0])]).shape
    (1, 2, 2)
    """
    return _dstack(*xs)


@composite(
    "join columns",
    samples=samples(
        lambda: sample(draw(3), draw(3, 2, seed=1)),
        lambda: sample(draw(3), draw(3, seed=1)),
        lambda: sample(draw(0), draw(0, 2)),
    ),
    reference=lambda *xs: np.column_stack(xs),
)
def _column_stack(*xs: Array) -> Array:
    return concat([x if np.ndim(x) > 1 else reshape(x, (-1, 1)) for x in xs], 1)


def column_stack(xs: Iterable[Array]) -> Tensor:
    """xs joined as columns of a matrix: (N,) counts as (N, 1).

    Shape: (N,), (N, K) -> (N, 1 + K). Lengths that differ raise ShapeError.

    >>> import autograd as ag
    >>> ag.column_stack([ag.Tensor([1.0, 2.0]), ag.Tensor([3.0, 4.0])])
    Tensor([[1., 3.],
            [2., 4.]], dtype=float32)
    """
    return _column_stack(*xs)


@op(
    "split x",
    x=lambda g, axis: concat(g, axis),
    outputs=0,
    linear=True,
    views=True,
    samples=samples(
        lambda: sample(draw(4, 3), indices_or_sections=(1, 3)),
        lambda: sample(draw(2, 3), indices_or_sections=(-1,), axis=1),
        lambda: sample(draw(3), indices_or_sections=(2, 2, 5)),
        lambda: sample(draw(3), indices_or_sections=()),
        lambda: sample(draw(0, 2), indices_or_sections=(0,)),
    ),
)
def _split(x: Array, /, indices_or_sections: tuple[int, ...], axis: int = 0) -> tuple[Array, ...]:
    parts = tuple(np.split(x, indices_or_sections, axis))
    if sum(part.shape[axis] for part in parts) != x.shape[axis]:
        raise ShapeError(f"split: the points {indices_or_sections} must be in ascending order")
    return parts


split_at = _split  # what all ways to split come to (see splits.py)


@op(
    "unstack x",
    x=lambda g, axis: stack(g, axis),
    outputs=0,
    linear=True,
    views=True,
    samples=samples(
        lambda: sample(draw(2, 3)),
        lambda: sample(draw(2, 3, 2), axis=-2),
        lambda: sample(draw(3)),
        lambda: sample(draw(2, 0), axis=0),
    ),
    reference=lambda x, axis=0: tuple(np.take(x, i, axis) for i in range(x.shape[axis])),
)
def unstack(x: Array, /, axis: int = 0) -> tuple[Array, ...]:
    """The slices of x along an axis, as a tuple.

    Shape: (..., N, ...) -> N times the same without `axis`.

    >>> import autograd as ag
    >>> a, b = ag.unstack(ag.Tensor([1.0, 2.0]))
    >>> b
    Tensor(2., dtype=float32)
    """
    return tuple(np.moveaxis(x, axis, 0))


unbind: Any = unstack
