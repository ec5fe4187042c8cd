"""Convolution and pooling of images, channels last, as matrix products of their windows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.errors import ArgumentError, ShapeError
from autograd.static.functions import concat, matmul, reshape, stack
from autograd.static.padding import padded
from autograd.static.symbol import Symbol, apply

__all__ = ["avg_pool", "conv2d", "max_pool"]

Pair = tuple[int, int]


def _pair(given: Any, what: str) -> Pair:
    """Height and width of [1, height, width, 1], of a pair or of one number."""
    values = [given] if isinstance(given, int) else [int(n) for n in given]
    if len(values) == 4 and (values[0], values[3]) == (1, 1):
        values = values[1:3]
    if len(values) not in (1, 2):
        raise ArgumentError(f"{what}: [1, height, width, 1] is wanted, not {given!r}")
    return values[0], values[-1]


def _edges(length: int, size: int, step: int, padding: str) -> Pair:
    """What is padded before and after, so that the length is divided by the step, rounded up."""
    if padding.upper() == "VALID":
        return 0, 0
    total = max((math.ceil(length / step) - 1) * step + size - length, 0)
    return total // 2, total - total // 2


def _windows(
    x: Symbol, size: Pair, step: Pair, padding: Any, fill: float, what: str
) -> list[Symbol]:
    """For each place in a window, what lies there in all of them: (N, height, width, C)."""
    if not isinstance(padding, str) or padding.upper() not in ("SAME", "VALID"):
        raise ArgumentError(f'{what}: padding is "SAME" or "VALID", not {padding!r}')
    if x.ndim != 4 or None in x.shape[1:3]:
        raise ShapeError(
            f"{what}: images (N, height, width, C) of known size are wanted, not {x!r}"
        )
    edges = [_edges(n, k, s, padding) for n, k, s in zip(x.shape[1:3], size, step, strict=True)]
    counts = [
        (n + sum(e) - k) // s + 1
        for n, k, s, e in zip(x.shape[1:3], size, step, edges, strict=True)
    ]
    if min(counts) < 1:
        raise ShapeError(f"{what}: a window of {size} does not fit into {x!r}")
    if any(map(any, edges)):
        widths = ((0, 0), *edges, (0, 0))
        x = padded(x, widths, constant_values=fill)
    return [
        apply("getitem", x, index=(
            slice(None), *(slice(a, a + (n - 1) * s + 1, s)
                           for a, n, s in zip((i, j), counts, step, strict=True)),
        ))
        for i in range(size[0]) for j in range(size[1])
    ]  # fmt: skip


def _check_format(data_format: str, what: str) -> None:
    if data_format.upper() not in ("NHWC", "CHANNELS_LAST"):
        raise ArgumentError(f"{what}: images are NHWC; transpose(x, [0, 2, 3, 1]) makes them so")


def conv2d(
    input: Any, filter: Any = None, strides: Any = 1, padding: Any = "VALID",
    use_cudnn_on_gpu: bool = True, data_format: str = "NHWC", name: str = "Conv2D",
    filters: Any = None,
) -> Symbol:  # fmt: skip
    """Images (N, height, width, C) with filters (height, width, C, features).

    >>> import autograd.static as tf
    >>> with tf.Graph().as_default():
    ...     x = tf.placeholder(tf.float32, [None, 28, 28, 1])
    ...     tf.nn.conv2d(x, tf.ones([5, 5, 1, 32]), strides=[1, 2, 2, 1], padding="SAME").shape
    (None, 14, 14, 32)
    """
    _check_format(data_format, name)
    kernel = filters if filter is None else filter
    high, wide, channels, features = kernel.shape
    windows = _windows(input, (high, wide), _pair(strides, name), padding, 0.0, name)
    columns = windows[0] if len(windows) == 1 else concat(windows, axis=-1)
    return matmul(columns, reshape(kernel, (high * wide * channels, features)), name=name)


def max_pool(
    value: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NHWC",
    name: str = "MaxPool",
) -> Symbol:  # fmt: skip
    """The largest number of each window; equal ones share the gradient."""
    _check_format(data_format, name)
    windows = _windows(value, _pair(ksize, name), _pair(strides, name), padding, -np.inf, name)
    return apply("max", stack(windows), axis=0, label=name)


def avg_pool(
    value: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NHWC",
    name: str = "AvgPool",
) -> Symbol:  # fmt: skip
    """The mean of each window; what is padded does not count."""
    _check_format(data_format, name)
    size, step = _pair(ksize, name), _pair(strides, name)
    total = apply("sum", stack(_windows(value, size, step, padding, 0.0, name)), axis=0)
    high, wide = (int(n) for n in value.shape[1:3])
    counts = 1
    for axis, (n, k, s) in enumerate(zip((high, wide), size, step, strict=True)):
        before, after = _edges(n, k, s, padding)
        there = np.pad(np.ones(n), (before, after))
        of_axis = np.lib.stride_tricks.sliding_window_view(there, k)[::s].sum(1)
        counts = counts * of_axis.reshape((-1, 1, 1) if axis == 0 else (-1, 1))
    return apply("divide", total, np.asarray(counts, value.dtype), label=name)
