"""Convolution over any number of axes as matrix products, with hardly a copy.

An array (N, C, H, W) is taken as (H, C, W, N) in memory, and results come in that order too, which
elementwise functions keep: a network turns its input once, and then no more. In this order all
that an output row reads lies in a few input rows, one after the other: a matrix with a row for
each (kernel row, channel) and a column for each (place in the output row, image). Only the other
axes of the kernel have to be unrolled by copies, shifted ones that are runs of W·N elements; what
overlaps along H is a view of the same copy (Cho and Brand, MEC: memory-efficient convolution for
deep neural network, 2017). Where rows are short all axes are unrolled, in memory (C, H, W, N).

Along two axes there are faster ways: with as many channels as outputs nothing is unrolled, and
products are added up instead; 3x3 taps in single precision go by Winograd's algorithm. Where there
is compiled code, it goes tap by tap through what Winograd's algorithm does not take.

Three functions are the three partial derivatives of the sum of g[n, o, q]·w[o, c, k]·x[n, c, p],
where p = start + stride·q + dilation·k along every axis: by g the convolution, by x its transpose,
by w the product of x and g.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from autograd.kernels.convolution.im2col import unrolled_columns
from autograd.kernels.convolution.shifted import (
    WORTH,
    convolve_shifted,
    correlate_shifted,
    is_faster,
)
from autograd.kernels.convolution.taps import (
    LARGEST,
    convolve_taps,
    correlate_taps,
    is_direct,
    spread_taps,
)
from autograd.kernels.convolution.windows import Along
from autograd.kernels.convolution.winograd import (
    convolve_winograd,
    correlate_winograd,
    is_winograd,
)
from autograd.kernels.matrix.products import multiply, multiply_transposed
from autograd.kernels.parallel.layout import aligned
from autograd.kernels.parallel.threads import share_range

__all__ = ["Along", "convolve", "convolve_transposed", "correlate_weight"]

Array = Any

SHORT = 128  # columns of a matrix; below that it is not worth a product of its own


def convolve(
    x: Array, weight: Array, bias: Array | None, axes: Sequence[Along], groups: int
) -> Array:
    """x (N, C, ...) with weight (O, C/groups, ...) -> (N, O, places)."""
    dtype = np.result_type(x, weight)
    direct = is_direct(dtype, axes, groups, x, len(weight))
    turn = _Turn(len(x), axes, direct)
    out = aligned(turn.shape(len(weight), [a.places for a in axes]), dtype)
    source, weight = turn(x.astype(dtype, copy=False)), weight.astype(dtype, copy=False)
    if not turn.flat:
        shape = (len(x), x.shape[1], len(weight))
        if is_winograd(dtype, axes, groups, shape) and convolve_winograd(
            source, weight, bias, out, axes
        ):
            return turn.back(out)
        if not direct and is_faster(axes, groups, *shape[1:]):
            convolve_shifted(source, weight, bias, out, axes)
            return turn.back(out)
    if direct:
        convolve_taps(source, turn.kernel(weight), bias, out, turn.axes)
        return turn.back(out)
    rows = _grouped(out, groups)
    matrix = _matrix(weight, groups)
    added = None if bias is None else bias.reshape(groups, 1, -1, 1)

    def work(begin: int, end: int) -> None:
        for block, columns in unrolled_columns(source, turn.axes, groups, begin, end):
            part = rows[:, block]
            multiply(matrix, columns, part)
            if added is not None:
                np.add(part, added, out=part, casting="same_kind")

    share_range(work, turn.axes[0].places, out.size * matrix.shape[-1] >= WORTH)
    return turn.back(out)


def correlate_weight(g: Array, x: Array, axes: Sequence[Along], groups: int) -> Array:
    """The gradient by the weight, (O, C/groups, sizes), from g (N, O, places) and x."""
    dtype = np.result_type(g, x)
    direct = x.shape[1] * g.shape[1] <= LARGEST and is_direct(dtype, axes, groups, x, g.shape[1])
    turn = _Turn(len(x), axes, direct)
    values, source = (turn(a.astype(dtype, copy=False)) for a in (g, x))
    if not turn.flat:
        shape = (len(x), x.shape[1], g.shape[1])
        if is_winograd(dtype, axes, groups, shape):
            found = correlate_winograd(values, source, axes)
            if found is not None:
                return found
        if not direct and is_faster(axes, groups, *shape[1:]):
            return correlate_shifted(values, source, axes)
    if direct:
        found = correlate_taps(values, source, turn.axes)
        return found.reshape(*found.shape[:2], *(a.size for a in axes))
    rows = _grouped(values, groups)
    channels, sizes = x.shape[1] // groups, [a.size for a in axes]
    terms = math.prod(sizes) * channels

    def work(begin: int, end: int) -> Array:
        total = np.zeros((groups, rows.shape[2], terms), dtype)
        for block, columns in unrolled_columns(source, turn.axes, groups, begin, end):
            total += np.add.reduce(multiply_transposed(rows[:, block], columns), axis=1)
        return total

    total = sum(share_range(work, turn.axes[0].places, rows.size * terms >= WORTH))
    found = total.reshape(g.shape[1], *sizes, channels)
    return np.ascontiguousarray(found.transpose(0, -1, *range(1, x.ndim - 1)))


def convolve_transposed(
    g: Array, weight: Array, lengths: Sequence[int], axes: Sequence[Along], groups: int
) -> Array:
    """The gradient by x, (N, C, lengths), from g (N, O, places) and weight (O, C/groups, sizes).

    What an element of x receives comes through every stride-th tap only, so that the elements fall
    into classes, one for each remainder; each is a convolution of g with some of the taps.
    """
    outputs, channels, *sizes = weight.shape
    # (O, C/G, ...) -> (C, O/G, ...)
    turned = weight.reshape(groups, outputs // groups, channels, *sizes).swapaxes(1, 2)
    turned = turned.reshape(groups * channels, outputs // groups, *sizes)
    classes = [_classes(n, along) for n, along in zip(lengths, axes, strict=True)]
    if all(len(along) == 1 for along in classes) and all(taps for ((_, taps, _),) in classes):
        return _class(g, turned, [along[0] for along in classes], groups)
    dtype = np.result_type(g, weight)
    if is_direct(dtype, axes, groups, g, channels):
        turn = _Turn(len(g), axes, True)
        out = aligned(turn.shape(channels, lengths), dtype)
        taps = turn.kernel(weight.astype(dtype, copy=False))
        spread_taps(turn(g.astype(dtype, copy=False)), taps, out, turn.axes)
        return turn.back(out)
    turn = _Turn(len(g), axes)
    out = turn.back(np.zeros(turn.shape(len(turned), lengths), dtype))
    for combination in itertools.product(*classes):
        if all(taps is not None for _, taps, _ in combination):
            places = tuple(place for place, _, _ in combination)
            out[:, :, *places] = _class(g, turned, combination, groups)
    return out


def _class(g: Array, weight: Array, along: Sequence[Any], groups: int) -> Array:
    taps = tuple(taps for _, taps, _ in along)
    return convolve(g, weight[:, :, *taps], None, [reads for _, _, reads in along], groups)


@lru_cache(maxsize=1024)
def _classes(length: int, along: Along) -> tuple[tuple[slice, slice | None, Along], ...]:
    """The elements of an axis by their remainder: which, their taps, and what they read of g."""
    start, stride, dilation, size, _ = along
    common = math.gcd(stride, dilation)
    step = stride // common  # from one tap of a class to the next
    classes: list[tuple[slice, slice | None, Along]] = []
    for first in range(min(stride, length)):
        places = slice(first, None, stride)
        number = len(range(length)[places])
        taps = [k for k in range(min(step, size)) if (first - start - k * dilation) % stride == 0]
        if not taps:
            classes.append((places, None, Along(0, 1, 1, 0, number)))
            continue
        chosen = range(taps[0], size, step)
        begin = (first - start - chosen[-1] * dilation) // stride
        backwards = slice(chosen[-1], taps[0] - 1 if taps[0] else None, -step)
        reads = Along(begin, 1, dilation // common, len(chosen), number)
        classes.append((places, backwards, reads))
    return tuple(classes)


# ---- the order in memory -------------------------------------------------------------------------


class _Turn:
    """The order in memory in which a convolution runs: (H, C, W, N), or (1, C, H, W, N).

    Short rows are none of their own but where a convolution goes tap by tap.
    """

    def __init__(self, batch: int, axes: Sequence[Along], direct: bool = False) -> None:
        self.batch = batch
        self.rank = len(axes)
        width = batch * math.prod(a.places for a in axes[1:])
        self.flat = self.rank == 1 or (width < SHORT and not direct)
        self.axes = [Along(0, 1, 1, 1, 1), *axes] if self.flat else list(axes)

    def __call__(self, x: Array) -> Array:
        spatial = range(2, x.ndim)
        if self.flat:
            return _in_order(x.transpose(1, *spatial, 0))[None]
        return _in_order(x.transpose(2, 1, *spatial[1:], 0))

    def shape(self, channels: int, lengths: Sequence[int]) -> tuple[int, ...]:
        if self.flat:
            return (1, channels, *lengths, self.batch)
        return (lengths[0], channels, *lengths[1:], self.batch)

    def kernel(self, weight: Array) -> Array:
        """A weight over as many axes."""
        return weight[:, :, None] if self.rank == 1 else weight

    def back(self, turned: Array) -> Array:
        last = turned.ndim - 1
        if self.flat:
            return turned[0].transpose(last - 1, *range(last - 1))
        return turned.transpose(last, 1, 0, *range(2, last))


def _in_order(x: Array) -> Array:
    """x, or a copy of it, with its axes in their order in memory."""
    if type(x) is not np.ndarray or x.flags.c_contiguous:  # another array's order is its own
        return np.ascontiguousarray(x)
    copy = aligned(x.shape, x.dtype)
    copy[...] = x
    return copy


def _grouped(turned: Array, groups: int) -> Array:
    """(H, O, W, N) as (groups, H, O/groups, W·N)."""
    height, channels, *rest = turned.shape
    shape = (height, groups, channels // groups, math.prod(rest))
    return turned.reshape(shape).swapaxes(0, 1)


def _matrix(weight: Array, groups: int) -> Array:
    """The weight (O, C/groups, ...) as (groups, 1, O/groups, taps·C/groups)."""
    outputs = len(weight) // groups
    turned = weight.transpose(0, *range(2, weight.ndim), 1)
    return turned.reshape(groups, 1, outputs, math.prod(weight.shape[1:]))
