"""Pooling over windows."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

import autograd as ag
import nn.functional as F
from autograd.extend import raw
from nn.onnx.budget import products, sized
from nn.onnx.operators.convolutions import padding
from nn.onnx.table import Call, ints, row

_MAX = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
_AVERAGE = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}


class _Windows:
    """Where the windows of a pooling lie."""

    def __init__(self, call: Call, shape: tuple[int, ...]) -> None:
        lengths = shape[2:]
        self.kernel = call("kernel_shape")
        n = len(self.kernel)
        self.strides = call("strides", [1] * n)
        self.dilations = call("dilations", [1] * n)
        self.frame = padding(call, lengths, self.kernel, self.strides, self.dilations)
        ceil = call("ceil_mode", 0)
        self.counts, self.extra = [], []
        parts = (lengths, self.kernel, self.strides, self.dilations, self.frame)
        for length, k, s, d, (a, z) in zip(*parts, strict=True):
            free = length + a + z - (d * (k - 1) + 1)
            count = (-(-free // s) if ceil else free // s) + 1
            if ceil and (count - 1) * s >= length + a:
                count -= 1  # a window must begin inside
            self.counts.append(count)
            self.extra.append(max(0, (count - 1) * s + d * (k - 1) + 1 - length - a - z))
        frame = zip(lengths, self.frame, self.extra, strict=True)
        sized((*shape[:2], *(length + a + z + e for length, (a, z), e in frame)))
        products((*shape[:2], *self.counts), math.prod(self.kernel))
        self.plain = all(a == z for a, z in self.frame) and not ceil

    def taken(self, x: Any, fill: Any) -> list[Any]:
        """For each place of the kernel, what all windows have there."""
        frame = [(a, z + e) for (a, z), e in zip(self.frame, self.extra, strict=True)]
        widths = [(0, 0), (0, 0), *frame]
        if isinstance(x, np.ndarray):
            x = np.pad(x, widths, constant_values=fill)
        else:
            x = ag.pad(x, widths, constant_values=raw(x).dtype.type(fill))
        sized((*x.shape[:2], *self.counts), copies=math.prod(self.kernel))
        found = []
        for offset in itertools.product(*map(range, self.kernel)):
            parts = (offset, self.dilations, self.strides, self.counts)
            index = tuple(
                slice(o * d, o * d + s * (c - 1) + 1, s) for o, d, s, c in zip(*parts, strict=True)
            )
            found.append(x[(slice(None), slice(None), *index)])
        return found


@row("MaxPool", since=1)
def max_pool(call: Call, x: Any) -> Any:
    """The largest number of each window, and where it is."""
    w = _Windows(call, x.shape)
    dtype = raw(x).dtype
    small = all(2 * a <= k for (a, _), k in zip(w.frame, w.kernel, strict=True))
    if w.plain and small and call.outputs < 2 and len(w.kernel) in _MAX and dtype.kind == "f":
        pads = tuple(a for a, _ in w.frame)
        kernel, strides, dilations = map(tuple, (w.kernel, w.strides, w.dilations))
        return _MAX[len(kernel)](x, kernel, strides, pads, dilations)
    low = -np.inf if dtype.kind == "f" else np.iinfo(dtype).min
    stacked = ag.stack(w.taken(x, low), axis=0)
    best = raw(stacked).argmax(0)[None]
    found = ag.squeeze(ag.take_along_axis(stacked, ag.Tensor(best), axis=0), 0)
    if call.outputs < 2:
        return found
    inner = np.arange(math.prod(x.shape[2:]))
    if call("storage_order", 0):
        inner = inner.reshape(x.shape[:1:-1]).T
    inner = inner.reshape(x.shape[2:])
    heads = np.arange(math.prod(x.shape[:2])).reshape(*x.shape[:2], *[1] * inner.ndim)
    places = np.stack(w.taken(heads * inner.size + inner, -1))
    return found, ag.Tensor(np.take_along_axis(places, best, 0)[0].astype(np.int64))


@row("AveragePool", since=1)
def average_pool(call: Call, x: Any) -> Any:
    """The mean of each window, with or without the frame."""
    w = _Windows(call, x.shape)
    included = bool(call("count_include_pad", 0))
    small = all(2 * a <= k for (a, _), k in zip(w.frame, w.kernel, strict=True))
    if w.plain and small and set(w.dilations) == {1} and len(w.kernel) in _AVERAGE:
        pads = tuple(a for a, _ in w.frame)
        pool = _AVERAGE[len(w.kernel)]
        return pool(x, tuple(w.kernel), tuple(w.strides), pads, False, included)
    total = ag.sum(ag.stack(w.taken(x, 0), axis=0), axis=0)
    ones = np.ones((1, 1, *x.shape[2:]), raw(x).dtype)
    if included:  # the frame counts, but not what windows have beyond it
        ones = np.pad(ones, [(0, 0), (0, 0), *w.frame], constant_values=1)
        w.frame = [(0, 0)] * len(w.frame)
    counts = np.sum(w.taken(ones, 0), axis=0).astype(raw(x).dtype)
    return total / ag.Tensor(counts)


@row("LpPool", since=2)
def lp_pool(call: Call, x: Any) -> Any:
    """The norm of each window."""
    p = call("p", 2)
    taken = _Windows(call, x.shape).taken(ag.abs(x), 0)
    return ag.sum(ag.stack(taken, axis=0) ** p, axis=0) ** (1.0 / p)


def _axes(x: Any) -> tuple[int, ...]:
    return tuple(range(2, x.ndim))


@row("GlobalAveragePool", since=1)
def global_average_pool(call: Call, x: Any) -> Any:
    """The mean of each channel."""
    return ag.mean(x, axis=_axes(x), keepdims=True)


@row("GlobalMaxPool", since=1)
def global_max_pool(call: Call, x: Any) -> Any:
    """The largest number of each channel."""
    return ag.max(x, axis=_axes(x), keepdims=True)


@row("GlobalLpPool", since=2)
def global_lp_pool(call: Call, x: Any) -> Any:
    """The norm of each channel."""
    p = call("p", 2)
    return ag.sum(ag.abs(x) ** p, axis=_axes(x), keepdims=True) ** (1.0 / p)


@row("MaxUnpool")
def max_unpool(call: Call, x: Any, places: Any, wanted: Any = None) -> Any:
    """Numbers back at the places that a pooling took them from, the rest 0."""
    kernel = call("kernel_shape")
    n = len(kernel)
    strides, pads = call("strides", [1] * n), call("pads", [0] * 2 * n)
    lengths = [
        (length - 1) * s - pads[i] - pads[n + i] + k
        for i, (length, s, k) in enumerate(zip(x.shape[2:], strides, kernel, strict=True))
    ]
    inferred = (*x.shape[:2], *lengths)
    shape = inferred if wanted is None else tuple(ints(wanted))
    sized(shape)
    at = np.unravel_index(raw(places).reshape(-1), inferred)
    flat = np.ravel_multi_index(at, shape)
    empty = ag.zeros(math.prod(shape), dtype=raw(x).dtype)
    return ag.setitem(empty, x.reshape(-1), flat).reshape(shape)
