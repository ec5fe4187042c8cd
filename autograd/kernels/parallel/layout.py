"""The order of the axes in memory: kernels go through an array as it lies, and keep it so.

A convolution's output is (N, C, H, W) that lies in memory as (H, C, W, N). Its channels are between
other axes, which is all that a kernel over channels needs: nothing has to be copied.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from autograd.system.addresses import address_of

__all__ = ["aligned", "as_run", "by_channel", "in_three", "memory_order", "turned_back"]

Array = Any
Order = tuple[int, ...]


_LINE = 64  # bytes of a line of a cache
_LARGE = 1 << 14  # bytes from where on it matters


def aligned(shape: Sequence[int], dtype: Any) -> Array:
    """A new array that begins with a line of a cache, if it is large.

    A vector across two lines takes as long as two: a third of the time of loops that load one for
    each multiplication.
    """
    dtype = np.dtype(dtype)
    size = math.prod(shape)
    if size * dtype.itemsize < _LARGE or _LINE % dtype.itemsize:
        return np.empty(shape, dtype)
    room = np.empty(size + _LINE // dtype.itemsize - 1, dtype)
    begin = -address_of(room) % _LINE // dtype.itemsize
    return room[begin : begin + size].reshape(shape)


def memory_order(x: Array) -> Order:
    """The axes as they lie in memory, the outermost first; as they are counted, if x has gaps."""
    return _order(x.shape, x.strides, x.itemsize)


@lru_cache(maxsize=1024)
def _order(shape: Order, strides: Order, itemsize: int) -> Order:
    order = tuple(sorted(range(len(shape)), key=lambda axis: -strides[axis]))
    step = itemsize
    for axis in reversed(order):
        if strides[axis] != step and shape[axis] != 1 and 0 not in shape:
            return tuple(range(len(shape)))
        step *= shape[axis]
    return order


def as_run(x: Array, order: Order | None) -> Array:
    """The elements of x one after the other in an order of its axes, None as they are counted.

    It is a view where x lies so, aligned and writable, and what is written to it is written to x;
    else a copy. With one order for several arrays their elements meet, however each of them lies.
    `ravel("K")` promises none of this: it goes through each array in an order of its own, which
    for axes that are repeated or overlap is not that of `empty_like` either.
    """
    run = (x if order is None else x.transpose(order)).reshape(-1)
    return run if run.flags.carray else run.copy()


def in_three(x: Array, shape: Order, axis: int) -> Array:
    """x, repeated to a shape, as (O, L, I) with the axis in the middle: a view if it lies so."""
    x = x if x.shape == shape else np.broadcast_to(x, shape)
    lengths = math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1 :])
    return np.ascontiguousarray(x.reshape(lengths))


def by_channel(x: Array, order: Order) -> Array:
    """x as (N, C, L): N stands for the axes before axis 1 in that order, L for those behind it."""
    return np.ascontiguousarray(x.transpose(order)).reshape(_lengths(x.shape, order))


@lru_cache(maxsize=1024)
def _lengths(shape: Order, order: Order) -> Order:
    before, turned = order.index(1), [shape[axis] for axis in order]
    return math.prod(turned[:before]), turned[before], math.prod(turned[before + 1 :])


def turned_back(y: Array, shape: tuple[int, ...], order: Order) -> Array:
    """The way back from `by_channel`, to an array of a shape."""
    turned, back = _way_back(shape, order)
    return y.reshape(turned).transpose(back)


@lru_cache(maxsize=1024)
def _way_back(shape: Order, order: Order) -> tuple[Order, Order]:
    back = sorted(range(len(order)), key=order.__getitem__)
    return tuple(shape[axis] for axis in order), tuple(back)
