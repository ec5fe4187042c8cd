"""Inverses and linear systems of tensors, whose axes are joined to those of a matrix."""

from __future__ import annotations

import math

import numpy as np

from autograd.errors import ArgumentError, MatrixError
from autograd.extend import Array, composite, draw, sample, samples
from autograd.ops.linalg._solve import inv, regular, solve


@composite(
    "x⁻¹",
    samples=samples(
        lambda: sample(regular(4, 4).reshape(2, 2, 4), ind=2),
        lambda: sample(regular(3, 3), ind=1),
    ),
    reference="numpy.linalg.tensorinv",
)
def tensorinv(x: Array, /, ind: int = 2) -> Array:
    """The inverse of x as a map from its last axes to the first `ind` of them.

    numpy.linalg.LinAlgError where there is none.

    Shape: (A, B) of several axes each, with as many elements -> (B, A); others raise MatrixError.
    Integers give floats. float16 raises DTypeError.

    >>> import autograd as ag
    >>> ag.linalg.tensorinv(ag.Tensor([[[2.0, 0.0], [0.0, 4.0]]]).reshape(1, 2, 2), ind=2).shape
    (2, 1, 2)
    """
    shape = np.shape(x)
    if ind < 1:
        raise ArgumentError(f"tensorinv: ind is {ind}; it counts axes, from 1 on")
    first, last = shape[:ind], shape[ind:]
    n, m = math.prod(first), math.prod(last)
    if n != m:
        raise MatrixError(
            f"tensorinv: the first axes {first} and the last {last} hold {n} and {m} elements"
        )
    return np.reshape(inv(np.reshape(x, (n, n))), last + first)


@composite(
    "x⁻¹ y",
    samples=samples(
        lambda: sample(regular(4, 4).reshape(2, 2, 4), draw(2, 2)),
        lambda: sample(regular(4, 4).reshape(2, 4, 2), draw(2, 2), axes=(1,)),
    ),
    reference="numpy.linalg.tensorsolve",
)
def tensorsolve(x: Array, y: Array, /, axes: tuple[int, ...] | None = None) -> Array:
    """The solution z of the tensor equation x z = y, which sums over all axes of z.

    The `axes` of x are moved to its end first. numpy.linalg.LinAlgError where x is singular.

    Shape: x with the axes of y and then others, of as many elements -> those others; else
    MatrixError. Integers give floats. float16 raises DTypeError.

    >>> import autograd as ag
    >>> ag.linalg.tensorsolve(ag.Tensor([[2.0, 0.0], [0.0, 4.0]]), ag.Tensor([2.0, 2.0]))
    Tensor([1. , 0.5], dtype=float32)
    """
    ndim = np.ndim(x)
    if axes is not None:
        named = [a % ndim for a in ((axes,) if isinstance(axes, int) else axes)]
        x = np.transpose(x, [a for a in range(ndim) if a not in named] + named)
    shape, count = np.shape(x), int(np.size(y))
    last = shape[np.ndim(y) :]
    if math.prod(last) != count or math.prod(shape) != count * count:
        raise MatrixError(f"tensorsolve: x is {shape} and y is {np.shape(y)}: they make no square")
    found = solve(np.reshape(x, (count, count)), np.reshape(y, (count,)))
    return np.reshape(found, last)
