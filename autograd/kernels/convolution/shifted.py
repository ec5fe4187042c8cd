"""Convolution of images without a copy: a product for each column of the kernel, shifted and added.

In memory (H, C, W, N) the rows of the input that an output row reads lie one after the other: a
matrix (kernel rows · C, W·N) as it is. The taps in one column of the kernel are one product with
it, (O, kernel rows · C) @ (kernel rows · C, W·N), in which places of the output are shifted by
whole runs of N: part of the columns of the same matrix. Zeros around the input are left out instead
of being multiplied. The kernel must have stride 1 along W, and no dilation along H.

Runs of rows are shared between threads; what is added up over rows is added for each run first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from autograd.kernels.convolution.windows import inside
from autograd.kernels.matrix.products import multiply, multiply_transposed
from autograd.kernels.parallel.threads import share_range

__all__ = ["convolve_shifted", "correlate_shifted", "is_faster"]

Array = Any

BLOCK = 1 << 18  # elements of the products at a time
EDGES = 2  # rows outside of the input from where on they are multiplied as zeros
WORTH = 1 << 25  # multiplications from where on threads share the work


def is_faster(axes: Any, groups: int, channels: int, outputs: int) -> bool:
    """Whether to go this way along (H, W): not where copies of x cost less than the sums."""
    return (
        len(axes) == 2
        and groups == 1
        and axes[1].stride == 1
        and (axes[0].dilation == 1 or axes[0].size == 1)
        and 2 * channels >= outputs
    )


def convolve_shifted(x: Array, weight: Array, bias: Array | None, out: Array, axes: Any) -> None:
    """out (H', O, W', N) = x (H, C, W, N) with weight (O, C, kernel) and bias (O,) or None."""
    outputs, depth = len(weight), x.shape[1] * axes[0].size
    # a matrix (O, kernel rows · C) for each column of the kernel
    taps = np.ascontiguousarray(weight.transpose(3, 0, 2, 1)).reshape(-1, outputs, depth)
    x, first = _padded(x, axes[0])
    columns = _columns(x, axes[1])
    # the column of the kernel that meets the input everywhere, if there is one, fills the output
    columns.sort(key=lambda column: column.places != slice(0, out.shape[2]))

    def work(begin: int, end: int) -> None:
        for run in _runs(x, first, begin, end, out[:1].size):
            rows = out[run.places]
            begun = False
            for column in columns if run.depth else ():
                _add(rows, taps[column.tap][:, run.taps], x, run, column, begun)
                begun = True
            if not begun:
                rows[...] = 0
            if bias is not None:
                np.add(rows, bias.reshape(-1, 1, 1), out=rows, casting="same_kind")

    share_range(work, first.places, out.size * depth * axes[1].size >= WORTH)


def _add(rows: Array, matrix: Array, x: Array, run: _Run, column: _Column, begun: bool) -> None:
    """Add what a column of the kernel gives to rows of the output, or begin with it."""
    source = _rows(x, run, column.source)
    if not begun and column.places == slice(0, rows.shape[2]):
        multiply(matrix, source, rows.reshape(*rows.shape[:2], -1))
        return
    if not begun:
        rows[...] = 0
    goal = rows[:, :, column.places]
    product = np.empty((*goal.shape[:2], source.shape[2]), rows.dtype)
    multiply(matrix, source, product)
    goal += product.reshape(goal.shape)


def correlate_shifted(g: Array, x: Array, axes: Any) -> Array:
    """The gradient by the weight (O, C, kernel), from g (H', O, W', N) and x (H, C, W, N)."""
    outputs, channels, second = g.shape[1], x.shape[1], axes[1]
    x, first = _padded(x, axes[0])
    columns = _columns(x, second)

    def work(begin: int, end: int) -> Array:
        total = np.zeros((second.size, outputs, first.size * channels), g.dtype)
        for run in _runs(x, first, begin, end, g[:1].size):
            rows = g[run.places]
            for column in columns if run.depth else ():
                part = rows[:, :, column.places]
                part = part.reshape(*part.shape[:2], -1)
                product = multiply_transposed(part, _rows(x, run, column.source))
                total[column.tap][:, run.taps] += np.add.reduce(product, axis=0)
        return total

    products = g.size * channels * first.size * second.size
    total = sum(share_range(work, first.places, products >= WORTH))
    found = total.reshape(second.size, outputs, first.size, channels)
    return np.ascontiguousarray(found.transpose(1, 3, 2, 0))


def _padded(x: Array, along: Any) -> tuple[Array, Any]:
    """x with rows of zeros around it if many rows of the output would read some of them.

    Then all rows are one run: a few large products instead of many small ones.
    """
    before = max(0, -along.start)
    reach = along.start + (along.places - 1) * along.stride + along.size
    after = max(0, reach - len(x))
    if max(before, after) < EDGES:
        return x, along
    padded = np.zeros((before + len(x) + after, *x.shape[1:]), x.dtype)
    padded[before : before + len(x)] = x
    return padded, along._replace(start=along.start + before)


class _Run(NamedTuple):
    """Rows of the output that the same rows of the kernel meet inside of the input."""

    places: slice  # of the output
    start: int  # the row of the input that the first of them reads first
    stride: int  # from there to what the next one reads
    depth: int  # rows of the input for each
    taps: slice  # of the matrix


class _Column(NamedTuple):
    """What a column of the kernel meets inside of the input."""

    tap: int
    places: slice  # of the output
    source: slice  # of the input


def _columns(x: Array, along: Any) -> list[_Column]:
    met = [
        _Column(k, *inside(x.shape[2], along.start + k * along.dilation, 1, along.places))
        for k in range(along.size)
    ]
    return [column for column in met if column.places.stop]


def _rows(x: Array, run: _Run, columns: slice) -> Array:
    """What each row of a run reads, (rows, depth·C, columns·N): a view."""
    _, channels, width, batch = x.shape
    part = x[run.start :, :, columns]
    count = run.places.stop - run.places.start
    shape = (count, run.depth * channels, part.shape[2] * batch)
    step = width * batch * x.itemsize  # strides of axes of length 1 say nothing
    strides = (run.stride * channels * step, step, x.itemsize)
    return as_strided(part, shape, strides, writeable=False)


def _runs(x: Array, along: Any, begin: int, end: int, row: int) -> Iterator[_Run]:
    """Runs of rows between two rows of the output, which have so many elements each."""
    start, stride, _, size, _ = along
    limit = max(1, BLOCK // max(1, row))
    place = begin
    while place < end:
        taps, source = inside(len(x), start + place * stride, 1, size)
        stop = place + 1
        while stop < min(end, place + limit) and (
            inside(len(x), start + stop * stride, 1, size)[0] == taps
        ):
            stop += 1
        rows = slice(taps.start * x.shape[1], taps.stop * x.shape[1])
        yield _Run(slice(place, stop), source.start, stride, taps.stop - taps.start, rows)
        place = stop
