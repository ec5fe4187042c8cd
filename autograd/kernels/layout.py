"""The order of the axes in memory: kernels go through an array as it lies, and keep it so.

A convolution's output is (N, C, H, W) that lies in memory as (H, C, W, N). Its channels are between
other axes, which is all that a kernel over channels needs: nothing has to be copied.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.kernels.twins import twin

__all__ = ["by_channel", "memory_order", "rows_of_images", "turned_back"]

Array = Any
Order = tuple[int, ...]


def memory_order(x: Array) -> Order:
    """The axes as they lie in memory, the outermost first; as they are counted, if x has gaps."""
    order = tuple(sorted(range(x.ndim), key=lambda axis: -x.strides[axis]))
    return order if x.transpose(order).flags.c_contiguous else tuple(range(x.ndim))


def by_channel(x: Array, order: Order) -> Array:
    """x as (N, C, L): N stands for the axes before axis 1 in that order, L for those behind it."""
    before = order.index(1)
    turned = np.ascontiguousarray(x.transpose(order))
    shape = turned.shape
    return turned.reshape(math.prod(shape[:before]), shape[before], math.prod(shape[before + 1 :]))


def turned_back(y: Array, shape: tuple[int, ...], order: Order) -> Array:
    """The way back from `by_channel`, to an array of a shape."""
    back = sorted(range(len(order)), key=order.__getitem__)
    return y.reshape([shape[axis] for axis in order]).transpose(back)


@twin(1 << 12)
def rows_of_images(x: Array) -> Array:
    """Images (N, C, H, W) as (H, C, W, N): a view of those that lie so already."""
    return np.ascontiguousarray(x.transpose(2, 1, 3, 0))
