"""Tensors of numbers in order: stepped, on a diagonal, the coordinates of a grid."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.create import DType, made, number, or_default
from autograd.engine.kinds import Device
from autograd.engine.operands import joined, raw
from autograd.engine.ranges import Length
from autograd.errors import ArgumentError, ShapeError
from autograd.ops.shape.axes import moveaxis
from autograd.ops.shape.shape import broadcast_to, reshape
from autograd.tensors.tensor import Tensor, asarray

__all__ = ["arange", "eye", "geomspace", "identity", "linspace", "logspace", "meshgrid"]


def arange(
    start: Any,
    stop: Any = None,
    step: Any = 1,
    dtype: DType = None,
    requires_grad: bool = False,
    *,
    device: Device = None,
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


def _recorded(*ends: Any) -> bool:
    return any(isinstance(end, Tensor) for end in ends)


def _steps(ends: tuple[Any, ...], num: int, endpoint: bool) -> Any:
    """From 0 to 1 along a first axis, in the precision of the ends."""
    dtype = np.result_type(*ends, np.float16)
    ndim = max(np.ndim(raw(end)) for end in ends)
    steps = np.linspace(0.0, 1.0, num, endpoint, dtype=np.abs(np.empty((), dtype)).dtype)
    return steps.reshape((-1,) + (1,) * ndim)


def linspace(
    start: Any,
    stop: Any,
    num: Length = 50,
    endpoint: bool = True,
    dtype: DType = None,
    requires_grad: bool = False,
    *,
    retstep: bool = False,
    axis: int = 0,
    device: Device = None,
) -> Any:
    """`num` equally spaced numbers from start to stop (which is left out without `endpoint`).

    The gradient flows back to a `start` and a `stop` that are Tensors. With axes of their own they
    broadcast, and the numbers lie along `axis`. With `retstep` the step comes too, as a pair.

    Shape: (num,), or (num, ...) where start and stop have axes.

    >>> import autograd as ag
    >>> ag.linspace(0, 1, 3)
    Tensor([0. , 0.5, 1. ], dtype=float32)
    """
    parts = num - 1 if endpoint else num
    start, stop = joined(start), joined(stop)
    if _recorded(start, stop):
        start, stop = (x * 1.0 if isinstance(x, Tensor) else x for x in (start, stop))
        steps = _steps((start, stop), num, endpoint)
        values = moveaxis(start * (1 - steps) + stop * steps, 0, axis)
        result = values if dtype is None else values.to(dtype)
        step = (stop - start) / parts if parts > 0 else (stop - start) * np.nan
        return (result, step) if retstep else result
    values, step = np.linspace(start, stop, num, endpoint, retstep=True, axis=axis)
    result = made(values, or_default(dtype, values), requires_grad)
    return (result, step) if retstep else result


def logspace(
    start: Any,
    stop: Any,
    num: Length = 50,
    endpoint: bool = True,
    base: Any = 10.0,
    dtype: DType = None,
    requires_grad: bool = False,
    *,
    axis: int = 0,
) -> Tensor:
    """`num` numbers from base**start to base**stop with equal quotients.

    Without `endpoint` the last is left out. The gradient flows back to a `start`, `stop` and `base`
    that are Tensors; with axes of their own they broadcast, and the numbers lie along `axis`.

    Shape: (num,), or (num, ...) where start and stop have axes.

    >>> import autograd as ag
    >>> ag.logspace(0, 2, 3)
    Tensor([  1.,  10., 100.], dtype=float32)
    """
    start, stop, base = joined(start), joined(stop), joined(base)
    if _recorded(start, stop, base):
        exponents = start + (stop - start) * _steps((start, stop, base), num, endpoint)
        values: Any = moveaxis(base**exponents, 0, axis)
        return values if dtype is None else values.to(dtype)
    values = np.logspace(start, stop, num, endpoint, base, axis=axis)
    return made(values, or_default(dtype, values), requires_grad)


def geomspace(
    start: Any,
    stop: Any,
    num: Length = 50,
    endpoint: bool = True,
    dtype: DType = None,
    requires_grad: bool = False,
    *,
    axis: int = 0,
) -> Tensor:
    """`num` numbers from start to stop with equal quotients (without stop, if not `endpoint`).

    The gradient flows back to a `start` and a `stop` that are Tensors; with axes of their own they
    broadcast, and the numbers lie along `axis`. One that is 0 is an error.

    Shape: (num,), or (num, ...) where start and stop have axes.

    >>> import autograd as ag
    >>> ag.geomspace(1, 100, 3)
    Tensor([  1.,  10., 100.], dtype=float32)
    """
    start, stop = joined(start), joined(stop)
    if any(np.any(np.equal(raw(end), 0)) for end in (start, stop)):
        raise ArgumentError("geomspace: start and stop have a quotient, so neither is 0")
    if _recorded(start, stop):
        quotient = stop / start
        values: Any = moveaxis(start * quotient ** _steps((start, stop), num, endpoint), 0, axis)
        return values if dtype is None else values.to(dtype)
    values = np.geomspace(start, stop, num, endpoint, axis=axis)
    return made(values, or_default(dtype, values), requires_grad)


def eye(
    n: Length,
    m: int | None = None,
    k: int = 0,
    dtype: DType = None,
    requires_grad: bool = False,
    *,
    device: Device = None,
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


def meshgrid(*xs: Any, indexing: str = "xy", sparse: bool = False) -> tuple[Tensor, ...]:
    """Coordinate grids from 1-D coordinates; gradients flow back to them.

    With "ij" the i-th grid varies along axis i; "xy" swaps the first two axes. `sparse` grids have
    length 1 along all other axes, and broadcast to the whole ones.

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
    lines = [
        reshape(x, tuple(-1 if a == axis else 1 for a in range(len(axes))))
        for axis, x in zip(axes, tensors, strict=True)
    ]
    return tuple(lines if sparse else [broadcast_to(line, tuple(lengths)) for line in lines])
