"""Distances between the rows of two arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.engine.arguments import checked
from autograd.engine.diagnose import check_choice
from autograd.engine.operands import joined
from autograd.engine.typed import Tensor
from autograd.errors import ArgumentError, DTypeError, ShapeError
from autograd.extend import Array, here
from autograd.ops.linalg._norms import vector_norm
from autograd.ops.product.products import matmul
from autograd.ops.shape.axes import matrix_transpose
from autograd.ops.shape.rank import expand_dims

_MODES = ("use_mm_for_euclid_dist_if_necessary", "use_mm_for_euclid_dist",
          "donot_use_mm_for_euclid_dist")  # fmt: skip
_LARGE = 1 << 24  # differences that are not held at once


@checked
def cdist(x1: Array, x2: Array, p: float = 2.0, compute_mode: str = _MODES[0]) -> Tensor:
    """The distances ‖x1ᵢ - x2ⱼ‖ₚ of every row of x1 from every row of x2.

    `p` is the order of the norm: 0 counts what differs, `inf` takes the largest difference. Equal
    rows have the gradient 0. `compute_mode` is PyTorch's: with p = 2 distances may come from
    products, √(‖x‖² + ‖y‖² - 2 x·y), which takes less memory and loses digits where rows are near;
    "use_mm_for_euclid_dist" asks for it, "donot_use_mm_for_euclid_dist" forbids it, and else only
    very many are found so.

    Shape: (..., P, M) and (..., R, M), whose first axes broadcast -> (..., P, R). Integers give
    floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.cdist(ag.Tensor([[0.0, 0.0]]), ag.Tensor([[3.0, 4.0], [0.0, 1.0]]))
    Tensor([[5., 1.]], dtype=float32)
    """
    check_choice("compute_mode", compute_mode, _MODES)
    x, y = (_rows(v) for v in (x1, x2))
    if np.shape(x)[-1] != np.shape(y)[-1]:
        raise ShapeError(
            f"cdist: the rows have {np.shape(x)[-1]} and {np.shape(y)[-1]} elements{here()}"
        )
    if not p >= 0:
        raise ArgumentError(f"cdist: p must not be negative, got {p}{here()}")
    if p == 2 and _by_products(x, y, compute_mode):
        return _euclidean(x, y)
    return vector_norm(expand_dims(x, -2) - expand_dims(y, -3), axis=-1, ord=p)


def _rows(x: Any) -> Array:
    x = joined(x)
    x = x if hasattr(x, "dtype") else np.asarray(x)
    if np.ndim(x) < 2:
        raise ShapeError(f"cdist: expected rows, (..., P, M), got shape {np.shape(x)}{here()}")
    if x.dtype.kind == "c":
        raise DTypeError(f"cdist: complex rows are not ordered by distance here{here()}")
    return x + 0.0 if x.dtype.kind in "biu" else x


def _by_products(x: Array, y: Array, mode: str) -> bool:
    if mode != _MODES[0]:
        return mode == _MODES[1]
    first = np.broadcast_shapes(np.shape(x)[:-2], np.shape(y)[:-2])
    return math.prod((*first, np.shape(x)[-2], *np.shape(y)[-2:])) > _LARGE


def _euclidean(x: Array, y: Array) -> Array:
    squares = (
        np.sum(x * x, axis=-1, keepdims=True)
        + np.expand_dims(np.sum(y * y, axis=-1), -2)
        - 2 * matmul(x, matrix_transpose(y))
    )
    apart = np.greater(squares, 0)
    return np.where(apart, np.sqrt(np.where(apart, squares, 1)), 0)
