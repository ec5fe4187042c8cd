"""Functions that `numpy.linalg` has with other arguments than `numpy`: the array API's."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.operands import joined
from autograd.engine.typed import Tensor
from autograd.errors import ShapeError
from autograd.extend import Array, here
from autograd.ops.product import products
from autograd.ops.shape import diagonals


def matrix_transpose(x: Array) -> Tensor:
    """Each matrix in the last two axes transposed.

    Shape: (..., M, N) -> (..., N, M). Fewer than two axes raise ShapeError.

    >>> import autograd as ag
    >>> ag.linalg.matrix_transpose(ag.Tensor([[1.0, 2.0]])).shape
    (2, 1)
    """
    x = joined(x)
    if np.ndim(x) < 2:
        raise ShapeError(f"matrix_transpose: x is {np.shape(x)}; it needs 2 axes at least{here()}")
    turned: Array = np.matrix_transpose(x)
    return turned


def cross(x: Array, y: Array, *, axis: int = -1) -> Tensor:
    """The cross product of vectors of 3 components along an axis; other axes broadcast.

    Shape: (..., 3), (..., 3) -> (..., 3). Other lengths raise ShapeError. Booleans raise
    DTypeError.

    >>> import autograd as ag
    >>> ag.linalg.cross(ag.Tensor([1.0, 0.0, 0.0]), ag.Tensor([0.0, 1.0, 0.0]))
    Tensor([0., 0., 1.], dtype=float32)
    """
    return products.cross(x, y, axis=axis)


def diagonal(x: Array, *, offset: int = 0) -> Tensor:
    """The diagonal of each matrix in the last two axes.

    `offset` counts from the main diagonal upwards.

    Shape: (..., M, N) -> (..., min(M, N)) for offset 0. Fewer axes raise ShapeError.

    >>> import autograd as ag
    >>> ag.linalg.diagonal(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([1., 4.], dtype=float32)
    """
    return diagonals.diagonal(x, offset, -2, -1)


def trace(x: Array, *, offset: int = 0, dtype: Any = None) -> Tensor:
    """The sum of the diagonal of each matrix in the last two axes.

    `offset` counts from the main diagonal upwards.

    Shape: (..., M, N) -> (...). Small integers and booleans are added in int64. Fewer axes raise
    ShapeError.

    >>> import autograd as ag
    >>> ag.linalg.trace(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor(5., dtype=float32)
    """
    if dtype is None:
        return diagonals.trace(x, offset, -2, -1)
    return diagonals.trace(x.astype(dtype), offset, -2, -1).astype(dtype)


def outer(x: Array, y: Array) -> Tensor:
    """All products of an element of the vector x with one of the vector y.

    Shape: (M,), (N,) -> (M, N); others raise ShapeError.

    >>> import autograd as ag
    >>> ag.linalg.outer(ag.Tensor([1.0, 2.0]), ag.Tensor([3.0]))
    Tensor([[3.],
            [6.]], dtype=float32)
    """
    if np.ndim(x) != 1 or np.ndim(y) != 1:
        raise ShapeError(f"outer: expected two vectors, got {np.shape(x)} and {np.shape(y)}")
    return products.outer(x, y)
