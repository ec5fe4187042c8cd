"""What the rows of a convolution read, unrolled: a matrix with a column for each place.

Rows (H, C, W, N) are copied once for each tap along W, shifted; what the taps along H read is a
view of these copies, since rows share what they both read.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from autograd.kernels.windows import inside

__all__ = ["unrolled_columns"]

Array = Any

BLOCK = 1 << 20  # elements of the copies for a block of rows
ROWS = 4  # of a block at least: neighbouring blocks share what their kernels overlap


def unrolled_columns(
    x: Array, axes: Sequence[Any], groups: int, start: int, end: int
) -> Iterator[tuple[slice, Array]]:
    """Blocks of output rows, each with what they read: (groups, rows, taps·C/groups, W·N).

    Rows share the memory of what they both read.
    """
    first, *others = axes
    first = first._replace(start=first.start + start * first.stride, places=end - start)
    step = first.stride if first.size == 1 else math.gcd(first.stride, first.dilation)
    stride, dilation = first.stride // step, first.dilation // step
    shape = (len(x), groups, x.shape[1] // groups, *x.shape[2:])
    source = x.reshape(shape).swapaxes(0, 1)
    if _is_unrolled(x.shape, axes, groups):
        rows = source[:, first.start :: step]
        yield slice(start, end), _overlapping(rows, first, stride, dilation, shape[2])
        return
    depth = shape[2] * math.prod(a.size for a in others)
    rest = (depth, *(a.places for a in others), shape[-1])
    row = max(1, groups * math.prod(rest))
    block = max(1, min(first.places, max(ROWS, BLOCK // (row * stride))))
    span = (block - 1) * stride + (first.size - 1) * dilation + 1
    taps = _Taps(source, span, others)
    copies = np.empty((groups, span, *taps.shape), x.dtype)
    for begin in range(0, first.places, block):
        number = min(block, first.places - begin)
        rows = copies[:, : (number - 1) * stride + (first.size - 1) * dilation + 1]
        np.copyto(rows, taps(first.start + begin * first.stride, step, rows.shape[1]))
        part = first._replace(places=number)
        yield (
            slice(start + begin, start + begin + number),
            _overlapping(rows, part, stride, dilation, depth),
        )


def _is_unrolled(shape: tuple[int, ...], axes: Sequence[Any], groups: int) -> bool:
    """Whether the array itself is what the copies would be."""
    first, *others = axes
    last = first.start + (first.places - 1) * first.stride + (first.size - 1) * first.dilation
    return (
        (groups == 1 or first.size == 1)
        and first.start >= 0
        and last < shape[0]
        and all(
            (a.start, a.stride, a.size, a.places) == (0, 1, 1, n)
            for a, n in zip(others, shape[2:], strict=False)
        )
    )


class _Taps:
    """Rows of an array with a view for every tap along all axes but the first.

    Where taps lie outside of the array the rows are copied into ones with zeros around them.
    """

    def __init__(self, source: Array, span: int, others: Sequence[Any]) -> None:
        groups, _, channels, *lengths, batch = source.shape
        reach = [(a.places - 1) * a.stride + (a.size - 1) * a.dilation + 1 for a in others]
        met = [inside(n, a.start, 1, r) for n, a, r in zip(lengths, others, reach, strict=True)]
        self.source = source[:, :, :, *(where for _, where in met)]
        self.interior = tuple(place for place, _ in met)
        self.rows = np.zeros((groups, span, channels, *reach, batch), source.dtype)
        of_group, of_row, of_channel, *steps, of_image = self.rows.strides
        self.shape = (*(a.size for a in others), channels, *(a.places for a in others), batch)
        self.strides = (
            of_group,
            of_row,
            *(a.dilation * step for a, step in zip(others, steps, strict=True)),
            of_channel,
            *(a.stride * step for a, step in zip(others, steps, strict=True)),
            of_image,
        )

    def __call__(self, start: int, step: int, number: int) -> Array:
        """Rows start, start + step, ... as (groups, rows, sizes, channels, places, N)."""
        within, where = inside(self.source.shape[1], start, step, number)
        rows = self.rows
        rows[:, : within.start] = 0
        rows[:, within.stop : number] = 0
        rows[:, within, :, *self.interior] = self.source[:, where]
        return as_strided(rows, (len(rows), number, *self.shape), self.strides, writeable=False)


def _overlapping(rows: Array, first: Any, stride: int, dilation: int, depth: int) -> Array:
    """Rows (groups, H, depth of them ...) as a matrix for each place: a view if dilation is 1."""
    groups, _, *rest = rows.shape
    width = math.prod(rest) // depth
    of_group, of_row = rows.strides[:2]
    shape = (groups, first.places, first.size, depth, width)
    size = rows.itemsize
    strides = (of_group, stride * of_row, dilation * of_row, width * size, size)
    views = as_strided(rows, shape, strides, writeable=False)
    return views.reshape(groups, first.places, first.size * depth, width)
