"""Products of tensors over any axes: tensordot, inner, and over none: kron."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.extend import Array, composite, draw, op, sample, samples
from autograd.ops.product.product_hints import tensordot_hint


def contracted(axes: Any, x_ndim: int, y_ndim: int) -> tuple[list[int], list[int]]:
    """The axes of x and y that a tensordot sums over, counted from the front."""
    if isinstance(axes, (int, np.integer)):
        pairs: tuple[Any, Any] = range(-int(axes), 0), range(int(axes))
    else:
        pairs = axes[0], axes[1]
    found = []
    for of, ndim in zip(pairs, (x_ndim, y_ndim), strict=True):
        of = [of] if isinstance(of, (int, np.integer)) else of
        found.append([int(axis) % ndim for axis in of])
    return found[0], found[1]


def put_back(product: Array, free: list[int], summed: list[int]) -> Array:
    """A cotangent with the free axes first, then the summed ones, in the order of its input."""
    return np.transpose(product, tuple(int(i) for i in np.argsort([*free, *summed])))


def free_axes(ndim: int, summed: Sequence[int]) -> list[int]:
    return [axis for axis in range(ndim) if axis not in summed]


def d_tensordot_x(g: Array, y: Array, x_shape: tuple[int, ...], axes: Any) -> Array:
    of_x, of_y = contracted(axes, len(x_shape), y.ndim)
    free_x, free_y = free_axes(len(x_shape), of_x), free_axes(y.ndim, of_y)
    product = tensordot(g, y, (list(range(len(free_x), g.ndim)), free_y))
    return put_back(product, free_x, [of_x[i] for i in np.argsort(of_y)])


def d_tensordot_y(g: Array, x: Array, y_shape: tuple[int, ...], axes: Any) -> Array:
    of_x, of_y = contracted(axes, x.ndim, len(y_shape))
    free_x, free_y = free_axes(x.ndim, of_x), free_axes(len(y_shape), of_y)
    product = tensordot(g, x, (list(range(len(free_x))), free_x))
    return put_back(product, free_y, [of_y[i] for i in np.argsort(of_x)])


@op(
    "x · y over axes",
    x=d_tensordot_x,
    y=d_tensordot_y,
    multilinear=True,
    hint=tensordot_hint,
    samples=samples(
        lambda: sample(draw(2, 3, 4), draw(3, 4, 2, seed=1)),
        lambda: sample(draw(2, 3, 4), draw(4, 5, 2, seed=1), axes=((0, 2), (-1, 0))),
        lambda: sample(draw(2, 3), draw(3, 2, seed=1), axes=(-1, 0)),
        lambda: sample(draw(2), draw(3, seed=1), axes=0),
        lambda: sample(draw(2, 0), draw(0, 3), axes=1),
        lambda: sample(
            draw(2, 3, complex_=True), draw(3, 2, complex_=True), axes=1, label="complex"
        ),
    ),
)
def tensordot(x: Array, y: Array, /, axes: Any = 2) -> Array:
    """Sum products over axes of x and y: the last `axes` of x with the first of y, or two lists.

    Shape: the other axes of x, then those of y. Lengths that differ raise ShapeError.

    >>> import autograd as ag
    >>> ag.tensordot(ag.Tensor([[1.0, 2.0]]), ag.Tensor([3.0, 4.0]), axes=1)
    Tensor([11.], dtype=float32)
    """
    product: Array = np.tensordot(x, y, axes)
    return product[()]


@composite(
    "⟨x, y⟩",
    samples=samples(
        lambda: sample(draw(2, 3), draw(4, 3, seed=1)),
        lambda: sample(draw(3), draw(3, seed=1)),
        lambda: sample(draw(), draw(2, seed=1), label="scalar"),
        lambda: sample(draw(2, 0), draw(3, 0), label="empty"),
    ),
)
def inner(x: Array, y: Array, /) -> Array:
    """The inner products over the last axes.

    Shape: (M, N), (K, N) -> (M, K), with any number of axes M and K. Lengths that differ raise
    ShapeError.

    >>> import autograd as ag
    >>> ag.inner(ag.Tensor([1.0, 2.0]), ag.Tensor([3.0, 4.0]))
    Tensor(11., dtype=float32)
    """
    return np.multiply(x, y) if 0 in (np.ndim(x), np.ndim(y)) else tensordot(x, y, (-1, -1))


@composite(
    "x ⊗ y",
    samples=samples(
        lambda: sample(draw(2, 3), draw(3, 2, seed=1)),
        lambda: sample(draw(2), draw(3, 2, seed=1), label="ranks differ"),
        lambda: sample(draw(), draw(3, seed=1), label="scalar"),
        lambda: sample(draw(0, 2), draw(3, 2, seed=1), label="empty"),
    ),
)
def kron(x: Array, y: Array, /) -> Array:
    """The Kronecker product: y once for each element of x, times that element.

    Shape: (M, N), (K, L) -> (M·K, N·L); missing axes count as 1.

    >>> import autograd as ag
    >>> ag.kron(ag.Tensor([1.0, 10.0]), ag.Tensor([1.0, 2.0]))
    Tensor([ 1.,  2., 10., 20.], dtype=float32)
    """
    ndim = max(np.ndim(x), np.ndim(y))
    outer_shape = (1,) * (ndim - np.ndim(x)) + np.shape(x)
    inner_shape = (1,) * (ndim - np.ndim(y)) + np.shape(y)
    left = np.reshape(x, tuple(n for length in outer_shape for n in (length, 1)))
    right = np.reshape(y, tuple(n for length in inner_shape for n in (1, length)))
    lengths = zip(outer_shape, inner_shape, strict=True)
    return np.reshape(left * right, tuple(a * b for a, b in lengths))


@composite(
    "x @ y",
    samples=samples(
        lambda: sample(draw(2, 3), draw(3)),
        lambda: sample(draw(2, 2, 3), draw(2, 3)),
        lambda: sample(draw(2, 3, complex_=True), draw(3, complex_=True), label="complex"),
    ),
    reference=lambda x, y: np.einsum("...ij,...j", x, y),
)
def matvec(x: Array, y: Array, /) -> Array:
    """Matrices times vectors; leading axes broadcast.

    Shape: x (..., M, N) and y (..., N) -> (..., M). Lengths that differ raise ShapeError.

    >>> import autograd as ag
    >>> ag.matvec(ag.Tensor([[1.0, 2.0]]), ag.Tensor([3.0, 4.0]))
    Tensor([11.], dtype=float32)
    """
    return np.squeeze(np.matmul(x, np.expand_dims(y, -1)), -1)


@composite(
    "xᴴ @ y",
    samples=samples(
        lambda: sample(draw(3), draw(3, 2)),
        lambda: sample(draw(2, 3), draw(2, 3, 2)),
        lambda: sample(draw(3, complex_=True), draw(3, 2, complex_=True), label="complex"),
    ),
    reference=lambda x, y: np.einsum("...i,...ij", np.conj(x), y),
)
def vecmat(x: Array, y: Array, /) -> Array:
    """The adjoints of vectors times matrices: complex numbers of x are conjugated.

    Leading axes broadcast.

    Shape: x (..., M) and y (..., M, N) -> (..., N). Lengths that differ raise ShapeError.

    >>> import autograd as ag
    >>> ag.vecmat(ag.Tensor([3.0, 4.0]), ag.Tensor([[1.0], [2.0]]))
    Tensor([11.], dtype=float32)
    """
    x = np.conj(x) if np.iscomplexobj(x) else x
    return np.squeeze(np.matmul(np.expand_dims(x, -2), y), -2)
