"""NumPy's functions that move axes and change shapes, on lazy values: windows on them."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from autograd.compiler.lower.operands import lazy_in, refuse_others
from autograd.compiler.lower.writer import broadcast
from autograd.errors import UnsupportedError

__all__ = ["VIEWS"]


def _reshape(x: Any, shape: Any, order: str = "C", **others: Any) -> Any:
    refuse_others("reshape", others)
    if order != "C":
        raise UnsupportedError("np.reshape in another order")
    shape = (int(shape),) if isinstance(shape, (int, np.integer)) else tuple(map(int, shape))
    if -1 in shape:
        rest = -math.prod(shape)
        shape = tuple((x.size // rest if rest else 0) if n == -1 else n for n in shape)
    if math.prod(shape) != x.size:
        raise UnsupportedError(f"np.reshape of {x.shape} to {shape}")
    return x if shape == x.shape else x.view("reshape", (shape,), shape)


def _transpose(x: Any, axes: Any = None) -> Any:
    axes = range(x.ndim)[::-1] if axes is None else axes
    axes = tuple(normalize_axis_index(int(a), x.ndim) for a in axes)
    if axes == tuple(range(x.ndim)):
        return x
    return x.view("transpose", (axes,), tuple(x.shape[a] for a in axes))


def _swapaxes(x: Any, a: int, b: int) -> Any:
    axes = list(range(x.ndim))
    a, b = normalize_axis_index(a, x.ndim), normalize_axis_index(b, x.ndim)
    axes[a], axes[b] = axes[b], axes[a]
    return _transpose(x, axes)


def _moveaxis(x: Any, source: Any, destination: Any) -> Any:
    source = normalize_axis_tuple(source, x.ndim)
    destination = normalize_axis_tuple(destination, x.ndim)
    order = [n for n in range(x.ndim) if n not in source]
    for to, at in sorted(zip(destination, source, strict=True)):
        order.insert(to, at)
    return _transpose(x, order)


def _broadcast_to(x: Any, shape: Any, subok: bool = False) -> Any:
    shape = (shape,) if isinstance(shape, int) else tuple(map(int, shape))
    if np.broadcast_shapes(x.shape, shape) != shape:
        raise UnsupportedError(f"np.broadcast_to of {x.shape} to {shape}")
    return x if shape == x.shape else x.view("broadcast_to", (shape,), shape)


def _expand_dims(x: Any, axis: Any) -> Any:
    axis = axis if isinstance(axis, (tuple, list)) else (axis,)
    axes = normalize_axis_tuple(axis, x.ndim + len(axis))
    lengths = iter(x.shape)
    return _reshape(x, [1 if a in axes else next(lengths) for a in range(x.ndim + len(axes))])


def _squeeze(x: Any, axis: Any = None) -> Any:
    axes = [a for a, n in enumerate(x.shape) if n == 1] if axis is None else _all_axes(x, axis)
    return _reshape(x, [n for a, n in enumerate(x.shape) if a not in axes])


def _all_axes(x: Any, axis: Any) -> tuple[int, ...]:
    return tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim)


def _flip(x: Any, axis: Any = None) -> Any:
    axes = _all_axes(x, axis)
    return x[tuple(slice(None, None, -1 if a in axes else None) for a in range(x.ndim))]


def _broadcast_arrays(*xs: Any, **_: Any) -> tuple[Any, ...]:
    shape, some = broadcast(xs), lazy_in(*xs)
    return tuple(np.broadcast_to(some.lifted(x), shape) for x in xs)


def _split(x: Any, sections: Any, axis: int = 0) -> list[Any]:
    axis = normalize_axis_index(axis, x.ndim)
    length = x.shape[axis]
    if isinstance(sections, (int, np.integer)):
        if length % sections:
            raise UnsupportedError("np.split into unequal parts")
        sections = range(length // sections, length, length // sections) if length else [0]
    stops = [0, *map(int, sections), length]
    before = (slice(None),) * axis
    return [x[(*before, slice(a, b))] for a, b in pairwise(stops)]


def _rot90(x: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    first, second = normalize_axis_tuple(axes, x.ndim)
    if k % 4 == 0:
        return x[:]
    if k % 4 == 2:
        return _flip(_flip(x, first), second)
    if k % 4 == 1:
        return _swapaxes(_flip(x, second), first, second)
    return _flip(_swapaxes(x, first, second), second)


VIEWS: dict[str, Callable[..., Any]] = {
    "reshape": _reshape, "ravel": lambda x, order="C": _reshape(x, -1, order),
    "transpose": _transpose, "swapaxes": _swapaxes, "moveaxis": _moveaxis,
    "broadcast_to": _broadcast_to, "expand_dims": _expand_dims, "squeeze": _squeeze,
    "flip": _flip, "broadcast_arrays": _broadcast_arrays, "split": _split, "rot90": _rot90,
    "matrix_transpose": lambda x: _swapaxes(x, -1, -2),
}  # fmt: skip
