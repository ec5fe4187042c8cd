"""Diagonals and triangles of matrices."""

from __future__ import annotations

import numpy as np

from autograd.engine.arguments import checked
from autograd.engine.operands import joined
from autograd.engine.typed import Tensor
from autograd.errors import ArgumentError, ShapeError
from autograd.extend import Array, composite, draw, here, op, sample, samples
from autograd.kernels.matrix.triangular import triangle
from autograd.ops.shape.shape import normal_axis

_MATRICES = samples(
    lambda: sample(draw(3, 4)),
    lambda: sample(draw(3, 4), offset=-1),
    lambda: sample(draw(2, 3, 4), offset=1, axis1=-1, axis2=0),
    lambda: sample(draw(3, 2), offset=5, label="beyond the corner"),
    lambda: sample(draw(2, 2, 0), axis1=1, axis2=2, label="empty"),
)
_TRIANGLES = samples(
    lambda: sample(draw(3, 4)),
    lambda: sample(draw(2, 3, 3), k=1),
    lambda: sample(draw(3, 2), k=-1),
    lambda: sample(draw(3), label="vector"),
    lambda: sample(draw(0, 3), label="empty"),
)


def _reference(
    v: Array, shape: tuple[int, ...], offset: int = 0, axis1: int = 0, axis2: int = 1
) -> Array:
    x = np.zeros(shape, v.dtype)
    diagonal = np.diagonal(x, offset, axis1, axis2)
    diagonal.flags.writeable = True
    diagonal[...] = v
    return x


@op(
    "diagonal ← v",
    v=lambda g, offset, axis1, axis2: diagonal(g, offset, axis1, axis2),
    linear=True,
    samples=samples(
        lambda: sample(draw(3), shape=(3, 4)),
        lambda: sample(draw(2, 1), shape=(3, 2, 4), offset=1, axis1=0, axis2=2, label="spread"),
        lambda: sample(draw(0), shape=(0, 2)),
    ),
    reference=_reference,
)
def put_diagonal(
    v: Array, /, shape: tuple[int, ...], offset: int = 0, axis1: int = 0, axis2: int = 1
) -> Array:
    """Zeros of a shape with v on a diagonal: what `diagonal` does to a cotangent."""
    x = np.zeros_like(v, shape=shape)
    stack = np.moveaxis(x, (axis1, axis2), (-2, -1))
    down, right = max(-offset, 0), max(offset, 0)
    i = np.arange(max(min(stack.shape[-2] - down, stack.shape[-1] - right), 0))
    stack[..., i + down, i + right] = v
    return x


@op(
    "diagonal x",
    x=lambda g, x_shape, offset, axis1, axis2: put_diagonal(g, x_shape, offset, axis1, axis2),
    linear=True,
    views=True,
    samples=_MATRICES,
)
def diagonal(x: Array, /, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """The diagonal of the matrices in two axes of x, as the last axis of the result.

    `offset` counts from the main diagonal upwards.

    Shape: any -> without `axis1` and `axis2`, then the length of the diagonal. Fewer than two axes,
    or one twice, raise ShapeError.

    >>> import autograd as ag
    >>> ag.diagonal(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([1., 4.], dtype=float32)
    """
    return np.diagonal(x, offset, axis1, axis2)


@op(
    "tr x",
    wide=True,
    x=lambda g, x_shape, offset, axis1, axis2: put_diagonal(
        np.expand_dims(g, -1), x_shape, offset, axis1, axis2
    ),
    linear=True,
    samples=_MATRICES,
)
def trace(x: Array, /, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """The sum of the diagonal of the matrices in two axes of x.

    `offset` counts from the main diagonal upwards.

    Shape: any -> without `axis1` and `axis2`. Small integers and booleans are added in int64. Fewer
    than two axes raise ShapeError.

    >>> import autograd as ag
    >>> ag.trace(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor(5., dtype=float32)
    """
    return np.trace(x, offset, axis1, axis2)


@composite(
    "diag x",
    samples=samples(
        lambda: sample(draw(3)),
        lambda: sample(draw(2), k=-1),
        lambda: sample(draw(3, 4), k=1),
        lambda: sample(draw(0), label="empty"),
    ),
)
def diag(x: Array, /, k: int = 0) -> Array:
    """The k-th diagonal of a matrix; or, of a vector, the matrix with that diagonal.

    `k` counts from the main diagonal upwards; below it is negative.

    Shape: (N,) -> (N + |k|, N + |k|), or (M, N) -> the length of the diagonal. More axes are an
    error.

    >>> import autograd as ag
    >>> ag.diag(ag.Tensor([1.0, 2.0]))
    Tensor([[1., 0.],
            [0., 2.]], dtype=float32)
    """
    if np.ndim(x) == 2:
        return diagonal(x, k)
    if np.ndim(x) != 1:
        raise ArgumentError(f"diag: expected a vector or a matrix, got shape {np.shape(x)}")
    length = np.shape(x)[0] + abs(k)
    return put_diagonal(x, (length, length), k)


@checked
def diag_embed(x: Array, offset: int = 0, axis1: int = -2, axis2: int = -1) -> Tensor:
    """Matrices, in two axes of the result, with the last axis of x on their diagonals.

    `offset` counts from the main diagonal upwards.

    Shape: (..., N) -> (..., N + |offset|, N + |offset|), the last two at `axis1` and `axis2`.
    Numbers without an axis, or one axis twice, raise ShapeError.

    >>> import autograd as ag
    >>> ag.diag_embed(ag.Tensor([[1.0, 2.0]])).tolist()
    [[[1.0, 0.0], [0.0, 2.0]]]
    """
    x = joined(x)
    _check_axes("diag_embed", x)
    *lead, length = np.shape(x)
    first, second = (normal_axis(axis, len(lead) + 2) for axis in (axis1, axis2))
    if first == second:
        raise ShapeError(f"diag_embed: axis1 and axis2 are both axis {first}{here()}")
    shape = lead
    for axis in sorted((first, second)):
        shape.insert(axis, length + abs(offset))
    return put_diagonal(x, tuple(shape), offset, first, second)


def _check_axes(name: str, x: Array) -> None:
    if not np.ndim(x):
        raise ShapeError(f"{name}: x has no axes; it must be a vector, a matrix or a stack of them")


@op(
    "tril x",
    x=lambda g, k: tril(g, k),
    linear=True,
    samples=_TRIANGLES,
)
def tril(x: Array, /, k: int = 0) -> Array:
    """The lower triangle of each matrix, zeros above its k-th diagonal.

    Shape: (..., M, N) -> the same; of (N,) the triangle of N such rows, (N, N).

    >>> import autograd as ag
    >>> ag.tril(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([[1., 0.],
            [3., 4.]], dtype=float32)
    """
    _check_axes("tril", x)
    return triangle(x, k, lower=True)


@op(
    "triu x",
    x=lambda g, k: triu(g, k),
    linear=True,
    samples=_TRIANGLES,
)
def triu(x: Array, /, k: int = 0) -> Array:
    """The upper triangle of each matrix, zeros below its k-th diagonal.

    Shape: (..., M, N) -> the same; of (N,) the triangle of N such rows, (N, N).

    >>> import autograd as ag
    >>> ag.triu(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([[1., 2.],
            [0., 4.]], dtype=float32)
    """
    _check_axes("triu", x)
    return triangle(x, k, lower=False)
