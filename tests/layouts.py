"""Ways in which an array can lie in memory, for tests that go through all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

__all__ = ["LAYOUTS", "NOT_TO_BE_WRITTEN", "plain_copy"]

Array = Any


def _turned(x: Array) -> Array:
    """The last axis outermost in memory."""
    order = (x.ndim - 1, *range(x.ndim - 1))
    return np.ascontiguousarray(x.transpose(order)).transpose(np.argsort(order))


def _backwards(axis: int | None) -> Callable[[Array], Array]:
    def lay(x: Array) -> Array:
        axes = None if axis is None else axis % x.ndim
        return np.flip(np.ascontiguousarray(np.flip(x, axes)), axes)

    return lay


def _sliced(axis: int) -> Callable[[Array], Array]:
    """Every second element of an axis, with others before and behind."""

    def lay(x: Array) -> Array:
        shape, index = list(x.shape), [slice(None)] * x.ndim
        shape[axis] = 2 * shape[axis] + 2
        index[axis] = slice(1, shape[axis] - 1, 2)
        room = np.full(shape, 99, x.dtype)
        room[tuple(index)] = x
        return room[tuple(index)]

    return lay


def _repeated(*axes: int) -> Callable[[Array], Array]:
    """The first elements of axes, again and again: strides of 0, and not the values of x."""

    def lay(x: Array) -> Array:
        for axis in axes:
            x = x[(slice(None),) * (axis % x.ndim) + (slice(0, 1),)]
        return x

    return lambda x: np.broadcast_to(lay(x), x.shape) if x.size else x


def _overlapping(*steps: int) -> Callable[[Array], Array]:
    """Windows that slide over some of the elements of x; steps of the first axes, then 1."""

    def lay(x: Array) -> Array:
        strides = (*steps, *(1,) * x.ndim)[: x.ndim]
        size = 1 + sum((n - 1) * s for n, s in zip(x.shape, strides, strict=True))
        row = np.resize(x, max(size, 1))
        return as_strided(row, x.shape, [s * x.itemsize for s in strides]) if x.size else x

    return lay


def _odd_strides(x: Array) -> Array:
    """Axes of length 1 with strides that mean nothing."""
    x = np.ascontiguousarray(x)
    strides = [3 * x.itemsize if n == 1 else s for n, s in zip(x.shape, x.strides, strict=True)]
    return as_strided(x, x.shape, strides)


def _offset(x: Array) -> Array:
    """At the end of other numbers."""
    room = np.concatenate([np.full(3, 99, x.dtype), x.reshape(-1)])
    return room[3:].reshape(x.shape)


def _read_only(x: Array) -> Array:
    x = x.copy()
    x.flags.writeable = False
    return x


def _unaligned(x: Array) -> Array:
    room = np.frombuffer(bytearray(x.nbytes + 1), x.dtype, x.size, 1).reshape(x.shape)
    room[...] = x
    return room


LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "Fortran": np.asfortranarray,
    "turned": _turned,
    "first axis backwards": _backwards(0),
    "last axis backwards": _backwards(-1),
    "backwards": _backwards(None),
    "first axis sliced": _sliced(0),
    "last axis sliced": _sliced(-1),
    "a turned slice": lambda x: _turned(_sliced(0)(x)),
    "first axis repeated": _repeated(0),
    "last axis repeated": _repeated(-1),
    "all axes repeated but the first": lambda x: _repeated(*range(1, x.ndim))(x),
    "repeated and turned": lambda x: _repeated(0)(_turned(x)),
    "a number repeated": lambda x: _repeated(*range(x.ndim))(x),
    "overlapping": _overlapping(),
    "overlapping windows": _overlapping(2, 3),
    "odd strides": _odd_strides,
    "offset": _offset,
    "read-only": _read_only,
    "byte-swapped": lambda x: x.astype(x.dtype.newbyteorder()),
    "unaligned": _unaligned,
}


# What cannot be written, or has elements that are one number in memory.
NOT_TO_BE_WRITTEN = frozenset(
    name for name in LAYOUTS if "repeated" in name or "overlapping" in name or name == "read-only"
)


def plain_copy(x: Array) -> Array:
    """The same numbers as C has them."""
    return np.array(x, x.dtype.newbyteorder("="), order="C")
