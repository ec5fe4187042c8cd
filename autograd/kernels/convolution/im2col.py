"""im2col: what the rows of a convolution read, as a matrix with a column for each place.

Rows (H, C, W, N) are copied once for each tap along W, shifted; what the taps along H read is a
view of these copies, since rows share what they both read.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from autograd.kernels.convolution.windows import Along, inside

__all__ = ["unrolled_columns"]

Array = Any
Numbers = tuple[int, ...]

BLOCK = 1 << 20  # elements of the copies for a block of rows
ROWS = 4  # of a block at least: neighbouring blocks share what their kernels overlap


class _View(NamedTuple):
    """An array seen in another way: a shape, strides in bytes, and where it begins."""

    shape: Numbers
    strides: Numbers
    offset: int = 0

    def __call__(self, x: Array) -> Array:
        return np.ndarray(self.shape, x.dtype, x, self.offset, self.strides)


class _Block(NamedTuple):
    """Rows of the output, and of the padded rows that they read those inside of the input."""

    places: slice
    within: slice
    sources: slice
    taps: _View  # of the padded rows, for every tap along all axes but the first
    columns: _View  # of the copies: a matrix for each row of the output


class _Plan(NamedTuple):
    """How to unroll an array; it depends on shapes alone, and is made once for them."""

    blocks: list[_Block]
    grouped: Numbers  # the shape of the input with groups of channels
    sources: tuple[slice, ...]  # along all axes but the first: what is read
    interior: tuple[slice, ...]  # and where it is among zeros
    padded: Numbers  # the shape of the rows with zeros around, of a block
    copies: Numbers
    matrix: Numbers  # the last axes of the columns


def unrolled_columns(
    x: Array, axes: Sequence[Along], groups: int, start: int, end: int
) -> Iterator[tuple[slice, Array]]:
    """Blocks of output rows, each with what they read: (groups, rows, taps·C/groups, W·N).

    Rows share the memory of what they both read. x is contiguous.
    """
    plan = _plan(x.shape, x.itemsize, tuple(axes), groups, start, end)
    if not plan.copies:
        for block in plan.blocks:
            views = block.columns(x)
            yield block.places, views.reshape(*views.shape[:2], *plan.matrix)
        return
    source = x.reshape(plan.grouped).swapaxes(0, 1)[:, :, :, *plan.sources]
    rows, copies = np.zeros(plan.padded, x.dtype), np.empty(plan.copies, x.dtype)
    for block in plan.blocks:
        within, number = block.within, block.taps.shape[1]
        rows[:, : within.start] = 0
        rows[:, within.stop : number] = 0
        rows[:, within, :, *plan.interior] = source[:, block.sources]
        np.copyto(copies[:, :number], block.taps(rows))
        views = block.columns(copies)
        yield block.places, views.reshape(*views.shape[:2], *plan.matrix)


@lru_cache(maxsize=1024)
def _plan(
    shape: Numbers, size: int, axes: tuple[Along, ...], groups: int, start: int, end: int
) -> _Plan:
    """For numbers of so many bytes, and some rows of the output."""
    first, *others = axes
    grouped = (shape[0], groups, shape[1] // groups, *shape[2:])
    depth = grouped[2] * math.prod(a.size for a in others)
    width = math.prod(a.places for a in others) * shape[-1]
    matrix = (first.size * depth, width)
    step = first.stride if first.size == 1 else math.gcd(first.stride, first.dilation)
    stride, dilation = first.stride // step, first.dilation // step

    def columns(number: int, of_group: int, of_row: int, offset: int = 0) -> _View:
        strides = (of_group, stride * of_row, dilation * of_row, width, 1)
        return _View((groups, number, first.size, depth, width), _bytes(strides, size), offset)

    if _is_unrolled(shape, axes, groups):
        row = math.prod(shape[1:])
        offset = (first.start + start * first.stride) * row * size
        view = columns(end - start, row // groups, step * row, offset)
        block = _Block(slice(start, end), slice(0), slice(0), view, view)
        return _Plan([block], grouped, (), (), (), (), matrix)

    def span(number: int) -> int:
        return (number - 1) * stride + (first.size - 1) * dilation + 1

    most = max(ROWS, BLOCK // max(1, groups * depth * width * stride))
    most = max(1, min(end - start, most))
    around = _around(grouped, span(most), others)
    found = []
    for place in range(start, end, most):
        number = min(most, end - place)
        rows = inside(shape[0], first.start + place * first.stride, step, span(number))
        taps = _View((groups, span(number), *around.copies[2:]), _bytes(around.strides, size))
        unrolled = columns(number, span(most) * depth * width, depth * width)
        found.append(_Block(slice(place, place + number), *rows, taps, unrolled))
    return _Plan(found, grouped, *around[:4], matrix)


class _Around(NamedTuple):
    """Four fields of a plan, and the strides of the copies' elements among the padded rows."""

    sources: tuple[slice, ...]
    interior: tuple[slice, ...]
    padded: Numbers
    copies: Numbers
    strides: Numbers


def _around(grouped: Numbers, span: int, others: Sequence[Along]) -> _Around:
    """For blocks of rows with zeros around, so many of them."""
    _, groups, channels, *lengths, batch = grouped
    reach = [(a.places - 1) * a.stride + (a.size - 1) * a.dilation + 1 for a in others]
    met = [inside(n, a.start, 1, r) for n, a, r in zip(lengths, others, reach, strict=True)]
    sizes, places = [a.size for a in others], [a.places for a in others]
    padded = (groups, span, channels, *reach, batch)
    of_group, of_row, of_channel, *steps, _ = _contiguous(padded)
    along = list(zip(others, steps, strict=True))
    taps, strides = [a.dilation * n for a, n in along], [a.stride * n for a, n in along]
    return _Around(
        tuple(where for _, where in met),
        tuple(place for place, _ in met),
        padded,
        (groups, span, *sizes, channels, *places, batch),
        (of_group, of_row, *taps, of_channel, *strides, 1),
    )


def _is_unrolled(shape: Numbers, axes: Sequence[Along], groups: int) -> bool:
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


def _contiguous(shape: Numbers) -> list[int]:
    """The strides, in elements, of an array in C order."""
    return [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]


def _bytes(strides: Numbers, size: int) -> Numbers:
    return tuple(size * stride for stride in strides)
