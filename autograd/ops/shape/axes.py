"""Axes: their order, and the order of the elements along them."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.arguments import spelled
from autograd.errors import ArgumentError
from autograd.extend import Array, composite, draw, op, sample, samples


def d_permute_dims(g: Array, axes: tuple[int, ...] | None) -> Array:
    if axes is None:
        return np.transpose(g)
    return np.transpose(g, np.argsort([axis % len(axes) for axis in axes]).tolist())


@op(
    "permute x",
    x=d_permute_dims,
    linear=True,
    views=True,
    samples=samples(
        lambda: sample(draw(2, 3)),
        lambda: sample(draw(2, 3, 4)),
        lambda: sample(draw(2, 3, 4), axes=(2, 0, 1)),
        lambda: sample(draw(2, 3, 4), axes=(-2, -1, 0)),
        lambda: sample(draw()),
        lambda: sample(draw(0, 3), axes=(1, 0)),
    ),
    reference="numpy.transpose",
)
def permute_dims(x: Array, /, axes: tuple[int, ...] | None = None) -> Array:
    """x with its axes in another order; without `axes`, in reverse.

    Shape: any -> its lengths in that order. An order that is no permutation raises ShapeError.

    >>> import autograd as ag
    >>> ag.permute_dims(ag.Tensor([[1.0, 2.0, 3.0]]), (1, 0)).shape
    (3, 1)
    """
    return x.transpose(axes) if type(x) is np.ndarray else np.transpose(x, axes)


permute = permute_dims


@op(
    "xᵀ",
    x=lambda g: np.matrix_transpose(g),
    linear=True,
    views=True,
    samples=samples(
        lambda: sample(draw(2, 3)),
        lambda: sample(draw(4, 2, 3)),
        lambda: sample(draw(0, 3)),
    ),
    reference=lambda x: np.swapaxes(x, -1, -2),
)
def matrix_transpose(x: Array, /) -> Array:
    """x with its last two axes exchanged.

    Shape: (..., M, N) -> (..., N, M). Fewer than two axes raise ShapeError.

    >>> import autograd as ag
    >>> ag.matrix_transpose(ag.Tensor([[1.0, 2.0, 3.0]])).shape
    (3, 1)
    """
    return np.matrix_transpose(x)


@op(
    "swap axes of x",
    x=lambda g, axis1, axis2: np.swapaxes(g, axis1, axis2),
    linear=True,
    views=True,
    samples=samples(
        lambda: sample(draw(2, 3, 4), axis1=0, axis2=-1),
        lambda: sample(draw(2, 3), axis1=1, axis2=1),
        lambda: sample(draw(0, 3), axis1=0, axis2=1),
    ),
)
def swapaxes(x: Array, /, axis1: int, axis2: int) -> Array:
    """x with two axes exchanged.

    Shape: any -> the same, but with the lengths of `axis1` and `axis2` exchanged.

    >>> import autograd as ag
    >>> ag.swapaxes(ag.Tensor([[1.0, 2.0, 3.0]]), 0, 1).shape
    (3, 1)
    """
    if type(x) is np.ndarray:
        return x.swapaxes(axis1, axis2)
    return np.swapaxes(x, axis1, axis2)


@spelled
def transpose(
    x: Array, /, axes: int | tuple[int, ...] | None = None, axis2: int | None = None
) -> Array:
    """x with its axes in another order; without `axes`, in reverse: `permute_dims`.

    Two numbers, `axes` and `axis2`, are exchanged, as in PyTorch. Of a matrix `transpose(x, 0, 1)`
    is an error: PyTorch would exchange them, and NumPy's method keep them in this order.

    Shape: any -> its lengths in that order. An order that is no permutation raises ShapeError.

    >>> import autograd as ag
    >>> ag.transpose(ag.Tensor([[1.0, 2.0, 3.0]])).shape
    (3, 1)
    >>> ag.transpose(ag.zeros(2, 3, 4), 1, 2).shape
    (2, 4, 3)
    """
    if axis2 is None:
        order: Any = (axes,) if isinstance(axes, int) else axes
        return permute_dims(x, order)
    first: Any = axes
    if getattr(x, "ndim", None) != 2 or not isinstance(axes, int) or not isinstance(axis2, int):
        return swapaxes(x, first, axis2)
    if (axes, axis2) in _AS_THEY_ARE:
        raise ArgumentError(
            f"transpose({axes}, {axis2}) of a matrix keeps it in NumPy and turns it in PyTorch; "
            "write x.T or x.swapaxes(0, 1) to turn it, x.permute(0, 1) to keep it"
        )
    return permute_dims(x, (axes, axis2)) if (axes - axis2) % 2 else swapaxes(x, axes, axis2)


transpose.op = permute_dims.op  # type: ignore[attr-defined]  # which checks its arguments
TURNED = {(1, 0), (1, -2), (-1, 0), (-1, -2)}  # the axes of a matrix, for NumPy and PyTorch alike
_AS_THEY_ARE = {(0, 1), (0, -1), (-2, 1), (-2, -1)}


@op(
    "move axes of x",
    x=lambda g, source, destination: np.moveaxis(g, destination, source),
    linear=True,
    views=True,
    samples=samples(
        lambda: sample(draw(2, 3, 4), source=0, destination=-1),
        lambda: sample(draw(2, 3, 4), source=(0, 1), destination=(-1, 0)),
        lambda: sample(draw(0, 3), source=1, destination=0),
    ),
)
def moveaxis(
    x: Array, /, source: int | tuple[int, ...], destination: int | tuple[int, ...]
) -> Array:
    """x with one or more axes moved to other places; the others keep their order.

    `source` names the axes, `destination` as many places.

    Shape: any -> its lengths in the new order.

    >>> import autograd as ag
    >>> ag.moveaxis(ag.Tensor([[[1.0, 2.0]]]), -1, 0).shape
    (2, 1, 1)
    """
    return np.moveaxis(x, source, destination)


@op(
    "flip x",
    x=lambda g, axis: np.flip(g, axis),
    linear=True,
    views=True,
    samples=samples(
        lambda: sample(draw(2, 3)),
        lambda: sample(draw(2, 3), axis=-1),
        lambda: sample(draw(2, 3, 2), axis=(0, 2)),
        lambda: sample(draw()),
        lambda: sample(draw(0, 3), axis=0),
    ),
)
def flip(x: Array, /, axis: int | tuple[int, ...] | None = None) -> Array:
    """x with the elements along some axes (all if None) in reverse order.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> ag.flip(ag.Tensor([1.0, 2.0, 3.0]))
    Tensor([3., 2., 1.], dtype=float32)
    """
    return np.flip(x, axis)


@composite("flip x", samples=samples(lambda: sample(draw(2, 3)), lambda: sample(draw(2, 0))))
def fliplr(x: Array, /) -> Array:
    """x (M, N, ...) with its columns in reverse order.

    Shape: (M, N, ...) -> the same. One axis alone raises AxisError.

    >>> import autograd as ag
    >>> ag.fliplr(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([[2., 1.],
            [4., 3.]], dtype=float32)
    """
    return flip(x, axis=1)


@composite("flip x", samples=samples(lambda: sample(draw(2, 3)), lambda: sample(draw(3))))
def flipud(x: Array, /) -> Array:
    """x (M, ...) with its rows in reverse order.

    Shape: (M, ...) -> the same. A number without axes raises AxisError.

    >>> import autograd as ag
    >>> ag.flipud(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([[3., 4.],
            [1., 2.]], dtype=float32)
    """
    return flip(x, axis=0)


def _opposite(shift: int | tuple[int, ...]) -> Any:
    return tuple(-s for s in shift) if isinstance(shift, tuple) else -shift


@op(
    "roll x",
    x=lambda g, shift, axis: np.roll(g, _opposite(shift), axis),
    linear=True,
    samples=samples(
        lambda: sample(draw(2, 3), shift=2),
        lambda: sample(draw(2, 3), shift=-4, axis=1),
        lambda: sample(draw(2, 3), shift=(1, 2), axis=(0, -1)),
        lambda: sample(draw(2, 3), shift=1, axis=(0, 1)),
        lambda: sample(draw(2, 3), shift=(1, 1), axis=1),
        lambda: sample(draw(0, 3), shift=1, axis=0),
    ),
)
def roll(
    x: Array, /, shift: int | tuple[int, ...], axis: int | tuple[int, ...] | None = None
) -> Array:
    """x with its elements shifted along axes, those that leave one end entering at the other.

    Without an axis x is shifted as if it were flat, and keeps its shape.

    `shift` and `axis` are numbers, or tuples that pair up.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> ag.roll(ag.Tensor([1.0, 2.0, 3.0]), 1)
    Tensor([3., 1., 2.], dtype=float32)
    """
    return np.roll(x, shift, axis)


@op(
    "turn x",
    x=lambda g, k, axes: np.rot90(g, -k, axes),
    linear=True,
    views=True,
    samples=samples(
        lambda: sample(draw(2, 3)),
        lambda: sample(draw(2, 3), k=2),
        lambda: sample(draw(2, 3, 2), k=-1, axes=(2, 0)),
        lambda: sample(draw(0, 3)),
    ),
)
def rot90(x: Array, /, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Array:
    """x turned k times by 90 degrees in the plane of two axes, from the first towards the second.

    Shape: any -> the same, or with the two `axes` exchanged for odd k. Fewer than two axes raise
    ShapeError.

    >>> import autograd as ag
    >>> ag.rot90(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([[2., 4.],
            [1., 3.]], dtype=float32)
    """
    return np.rot90(x, k, axes)
