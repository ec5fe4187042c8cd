"""Tensors of numbers in order: stepped, on a diagonal, the coordinates of a grid."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.create import DType, made, number, or_default
from autograd.engine.ranges import Length
from autograd.errors import ArgumentError, ShapeError
from autograd.ops.shape.shape import broadcast_to, reshape
from autograd.tensors.tensor import Tensor, asarray

__all__ = ["arange", "eye", "identity", "linspace", "logspace", "meshgrid"]


def arange(
    start: Any, stop: Any = None, step: Any = 1, dtype: DType = None, requires_grad: bool = False
) -> Tensor:
    """start, start + step, … before stop; `arange(n)` is 0 … n − 1.

    Shape: (⌈(stop − start) / step⌉,). Integers stay integers. Numbers with axes raise ShapeError; a
    step of 0 is an error.

    >>> import autograd as ag
    >>> ag.arange(3), ag.arange(0, 1, 0.5)
    (Tensor([0, 1, 2], dtype=int64), Tensor([0. , 0.5], dtype=float32))
    """
    start, stop, step = (number(v, "arange") for v in (start, stop, step))
    if any(np.ndim(v) for v in (start, stop, step)):
        raise ShapeError("arange: start, stop and step must be numbers, without axes")
    if stop is None:
        start, stop = 0, start
    if not step or not all(map(np.isfinite, (start, stop, step))):
        raise ArgumentError(
            f"arange: start, stop and step must be finite numbers, step not 0; got {start!r:.40}, "
            f"{stop!r:.40}, {step!r:.40}"
        )
    values = np.arange(start, stop, step)
    return made(values, or_default(dtype, values), requires_grad)


def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    dtype: DType = None,
    requires_grad: bool = False,
) -> Tensor:
    """`num` equally spaced numbers from start to stop (which is left out without `endpoint`).

    Shape: (num,). A `start` or `stop` that requires grad raises DTypeError.

    >>> import autograd as ag
    >>> ag.linspace(0, 1, 3)
    Tensor([0. , 0.5, 1. ], dtype=float32)
    """
    start, stop = number(start, "linspace"), number(stop, "linspace")
    values = np.linspace(start, stop, num, endpoint)
    return made(values, or_default(dtype, values), requires_grad)


def logspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    base: float = 10.0,
    dtype: DType = None,
    requires_grad: bool = False,
) -> Tensor:
    """`num` numbers from base**start to base**stop with equal quotients.

    Shape: (num,). Without `endpoint` the last is left out. A `start`, `stop` or `base` that
    requires grad raises DTypeError.

    >>> import autograd as ag
    >>> ag.logspace(0, 2, 3)
    Tensor([  1.,  10., 100.], dtype=float32)
    """
    start, stop = number(start, "logspace"), number(stop, "logspace")
    values = np.logspace(start, stop, num, endpoint, number(base, "logspace"))
    return made(values, or_default(dtype, values), requires_grad)


def eye(
    n: Length, m: int | None = None, k: int = 0, dtype: DType = None, requires_grad: bool = False
) -> Tensor:
    """An n × m matrix (n × n) with ones on the diagonal, or on the k-th above it.

    Shape: (n, m).

    >>> import autograd as ag
    >>> ag.eye(2)
    Tensor([[1., 0.],
            [0., 1.]], dtype=float32)
    """
    return made(np.eye(n, m, k, or_default(dtype)), None, requires_grad)


def identity(n: Length, dtype: DType = None, requires_grad: bool = False) -> Tensor:
    """The n × n identity matrix.

    Shape: (n, n).

    >>> import autograd as ag
    >>> ag.identity(1)
    Tensor([[1.]], dtype=float32)
    """
    return eye(n, dtype=dtype, requires_grad=requires_grad)


def meshgrid(*xs: Any, indexing: str = "xy") -> tuple[Tensor, ...]:
    """Coordinate grids from 1-D coordinates; gradients flow back to them.

    With "ij" the i-th grid varies along axis i; "xy" swaps the first two axes.

    Other `indexing` is an error.

    Shape: (M,), (N,) -> (N, M), (N, M) with "xy", (M, N), (M, N) with "ij". More axes raise
    ShapeError.

    >>> import autograd as ag
    >>> x, y = ag.meshgrid([1.0, 2.0], [3.0, 4.0, 5.0])
    >>> x.shape, x[0].tolist()
    ((3, 2), [1.0, 2.0])
    """
    if indexing not in ("xy", "ij"):
        raise ArgumentError(f"meshgrid: indexing is 'xy' or 'ij', not {indexing!r}")
    tensors = [asarray(x) for x in xs]
    if wrong := [x.shape for x in tensors if x.ndim > 1]:
        raise ShapeError(f"meshgrid: coordinates are 1-D, not {wrong[0]}")
    axes = list(range(len(tensors)))
    if indexing == "xy" and len(axes) > 1:
        axes[:2] = [1, 0]
    lengths = [0] * len(axes)
    for axis, x in zip(axes, tensors, strict=True):
        lengths[axis] = x.size
    return tuple(
        broadcast_to(
            reshape(x, tuple(-1 if a == axis else 1 for a in range(len(axes)))), tuple(lengths)
        )
        for axis, x in zip(axes, tensors, strict=True)
    )
