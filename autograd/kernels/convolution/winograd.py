"""Convolution with 3x3 taps by the algorithm of Winograd F(4x4, 3x3): a quarter of the products.

An output tile of 4x4 places reads an input tile of 6x6 and is Aᵀ[(G w Gᵀ) ⊙ (Bᵀ x B)]A, 36 products
instead of 144 (Lavin and Gray, Fast algorithms for convolutional neural networks, 2016). Summed
over channels the products are 36 matrix products, (O, C) @ (C, tiles); each transform is one too,
by a Kronecker product: Bᵀ ⊗ Bᵀ times tiles that are gathered as (36, C · tiles).

The gradient by the weight is the transpose of the same formula: Gᵀ[(A g Aᵀ) ⊙ (Bᵀ x B)]G, summed
over tiles. Arrays are (H, C, W, N), of which rows of tiles are shared between threads. The values
in between are larger than the result, so the error is about ten times that of the plain sum; it is
meant for single precision.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from autograd.kernels.convolution.windows import inside
from autograd.kernels.matrix.products import multiply, multiply_transposed
from autograd.kernels.parallel.threads import share_range
from autograd.kernels.parallel.twins import twin, twins_run

__all__ = [
    "convolve_rows",
    "convolve_winograd",
    "correlate_rows",
    "correlate_winograd",
    "finish_weight",
    "is_winograd",
    "transform_weight",
]

Array = Any

CHANNELS = 64  # at least, on both sides; below, the transforms cost what the products save
COMPILED = 16  # the same for compiled transforms
COLUMNS = 64  # of the matrix products at least: tiles in a row times images
FILLED = 0.6  # of the places in the tiles at least: the rest is computed for nothing
CACHE = 300_000  # elements of transformed tiles and of products at a time, where it can be
LARGE = 1 << 16  # elements of a weight from where on threads share its transform
LEAST = 1 << 15  # elements of an array from where on its tiles are transformed by compiled loops
FEW = 1 << 11  # elements of a weight from where on it is
BLOCK = 1 << 17  # elements of gathered tiles at a time
PANEL = 8  # rows of a matrix that compiled products take together

INPUT = np.array([
    [4, 0, -5, 0, 1, 0],
    [0, -4, -4, 1, 1, 0],
    [0, 4, -4, -1, 1, 0],
    [0, -2, -1, 2, 1, 0],
    [0, 2, -1, -2, 1, 0],
    [0, 4, 0, -5, 0, 1],
])  # fmt: skip
WEIGHT = np.array([
    [1 / 4, 0, 0],
    [-1 / 6, -1 / 6, -1 / 6],
    [-1 / 6, 1 / 6, -1 / 6],
    [1 / 24, 1 / 12, 1 / 6],
    [1 / 24, -1 / 12, 1 / 6],
    [0, 0, 1],
])  # fmt: skip
OUTPUT = np.array([
    [1, 1, 1, 1, 1, 0],
    [0, 1, -1, 2, -2, 0],
    [0, 1, 1, 4, 4, 0],
    [0, 1, -1, 8, -8, 1],
])  # fmt: skip


def _squared(matrix: Array) -> Array:
    """The transform of both axes of a tile at once."""
    return np.kron(matrix, matrix).astype(np.float32)


INPUT2, WEIGHT2, OUTPUT2 = map(_squared, (INPUT, WEIGHT, OUTPUT))


def is_winograd(dtype: Any, axes: Any, groups: int, shape: tuple[int, int, int]) -> bool:
    """Whether to take it for an axis of images, of channels and of outputs of these lengths."""
    batch, channels, outputs = shape
    if dtype != np.float32 or groups != 1 or len(axes) != 2:
        return False
    tall, wide = (-(-a.places // 4) for a in axes)
    return (
        all((a.stride, a.dilation, a.size) == (1, 1, 3) for a in axes)
        and min(channels, outputs) >= (COMPILED if twins_run() else CHANNELS)
        and wide * batch >= max(1, COLUMNS)
        and axes[0].places * axes[1].places >= max(1, FILLED * 16 * tall * wide)
    )


def convolve_winograd(x: Array, weight: Array, bias: Array | None, out: Array, axes: Any) -> bool:
    """out (H', O, W', N) = x (H, C, W, N) with weight (O, C, 3, 3) and bias (O,) or None.

    False if a sum of the results is not finite: then one of them may be so by overflow in between,
    or because it shares a tile with another.
    """
    panels, first = transform_weight(weight), (axes[0].start, axes[1].start)
    return convolve_rows(x, panels, bias, out, first, 0, -(-axes[0].places // 4))


def correlate_winograd(g: Array, x: Array, axes: Any) -> Array:
    """The gradient by the weight (O, C, 3, 3), from g (H', O, W', N) and x (H, C, W, N).

    None if it is not finite.
    """
    outputs, channels = g.shape[1], x.shape[1]
    first = (axes[0].start, axes[1].start)

    def finish(begin: int, end: int) -> bool:
        total, *others = (part[:, begin:end] for part in parts)
        with np.errstate(all="ignore"):
            return finish_weight(total, others, out[begin:end])

    parts = correlate_rows(g, x, first, 0, -(-axes[0].places // 4))
    out = np.empty((outputs, channels, 3, 3), g.dtype)
    if out.size < LARGE:
        return out if finish(0, outputs) else None
    return out if all(share_range(finish, outputs, True)) else None


@twin(FEW)
def transform_weight(weight: Array) -> Array:
    """G w Gᵀ for a weight (O, C, 3, 3), in panels of 8 rows: (36, O/8, C, 8)."""
    return _panels(_matrices(weight))


@twin(FEW)
def finish_weight(total: Array, others: Sequence[Array], out: Array) -> bool:
    """out (O, C, 3, 3) = Gᵀ m G, of sums m of several (36, O, C). Whether its sum is finite."""
    part = np.empty((9, out.shape[0] * out.shape[1]), out.dtype)
    multiply(WEIGHT2.T, _sum((total.copy(), *others)).reshape(36, -1), part)
    out[...] = part.reshape(3, 3, *out.shape[:2]).transpose(2, 3, 0, 1)
    return bool(np.isfinite(np.add.reduce(part, axis=None)))


@twin(LEAST)
def convolve_rows(
    x: Array, panels: Array, bias: Array | None, out: Array, first: Any, begin: int, end: int
) -> bool:
    """Some rows of tiles of out (H', O, W', N), by x (H, C, W, N) and the transformed weight.

    `first` is the place of x, a row and a column, that the first of all tiles reads first. Whether
    the sum of the results is finite.
    """
    outputs, channels = out.shape[1], x.shape[1]
    matrices = panels.swapaxes(2, 3).reshape(36, -1, channels)[:, :outputs]
    wide, batch = -(-out.shape[2] // 4), x.shape[3]
    number = max(1, CACHE // (36 * (outputs + channels) * max(1, batch)))

    def work(start: int, stop: int) -> bool:
        finite = True
        for row in range(4 * (begin + start), 4 * (begin + stop), 4):
            for tile in range(0, wide, number):
                count, column = min(number, wide - tile), 4 * tile
                tiles = _tiles(x, row + first[0], column + first[1], count, INPUT2)
                products = np.empty((36, outputs, tiles.shape[2]), x.dtype)
                multiply(matrices, tiles, products)
                _write_tiles(out, products, bias, row, column)
            finite = finite and bool(np.isfinite(np.add.reduce(out[row : row + 4], axis=None)))
        return finite

    with np.errstate(all="ignore"):
        return all(share_range(work, end - begin, True))


@twin(LEAST)
def correlate_rows(g: Array, x: Array, first: Any, begin: int, end: int) -> tuple[Array, ...]:
    """(A g Aᵀ)(Bᵀ x B), summed over some rows of tiles: (36, O, C) for each thread's part."""
    wide = -(-g.shape[2] // 4)

    def product(row: int) -> Array:
        tiles = _tiles(x, row + first[0], first[1], wide, INPUT2)
        return multiply_transposed(_tiles(g, row, 0, wide, OUTPUT2.T), tiles)

    def work(start: int, stop: int) -> Array:
        with np.errstate(all="ignore"):
            return _sum(product(4 * row) for row in range(begin + start, begin + stop))

    return tuple(share_range(work, end - begin, True))


def _matrices(weight: Array) -> Array:
    """G w Gᵀ for a weight (O, C, 3, 3): (36, O, C)."""
    outputs, channels = weight.shape[:2]
    out = np.empty((36, outputs, channels), weight.dtype)

    def work(begin: int, end: int) -> None:
        taps = np.ascontiguousarray(weight[begin:end].transpose(2, 3, 0, 1)).reshape(9, -1)
        multiply(WEIGHT2, taps, out[:, begin:end].reshape(36, -1))

    share_range(work, outputs, weight.size >= LARGE)
    return out


def _panels(matrices: Array) -> Array:
    """Matrices (36, O, C) in panels of 8 rows, filled up with zeros: (36, O/8, C, 8)."""
    number, outputs, channels = matrices.shape
    if outputs % PANEL:
        full = np.zeros((number, -(-outputs // PANEL) * PANEL, channels), matrices.dtype)
        full[:, :outputs] = matrices
        matrices = full
    return np.ascontiguousarray(matrices.reshape(number, -1, PANEL, channels).swapaxes(2, 3))


def _tiles(x: Array, row: int, column: int, count: int, transform: Array) -> Array:
    """A row of tiles of x (H, C, W, N), which begin there, transformed: (36, C, count · N).

    Tiles of x are 6x6 places (Bᵀ x B), those of a cotangent 4x4 (A g Aᵀ); 4 from one to the next.
    """
    size = 6 if transform.shape[1] == 36 else 4
    _, channels, width, batch = x.shape
    reach = 4 * (count - 1) + size
    within, where = inside(len(x), row, 1, size)
    places, source = inside(width, column, 1, reach)
    out = np.empty((36, channels, count * batch), x.dtype)
    for block in _blocks(channels, size * size * count * batch):
        number = block.stop - block.start
        rows = np.zeros((size, number, reach, batch), x.dtype)
        rows[within, :, places] = x[where, block, source]
        of_row, of_channel, of_place, of_image = rows.strides
        shape = (size, size, number, count, batch)
        strides = (of_row, of_place, of_channel, 4 * of_place, of_image)
        gathered = as_strided(rows, shape, strides, writeable=False).reshape(size * size, -1)
        multiply(transform, gathered, out[:, block].reshape(36, -1))
    return out


def _write_tiles(out: Array, products: Array, bias: Array | None, row: int, column: int) -> None:
    """The products (36, O, tiles · N) transformed into out (H', O, W', N), from a place on."""
    batch = out.shape[3]
    rows = out[row : row + 4, :, column : column + 4 * (products.shape[2] // max(1, batch))]
    for block in _blocks(out.shape[1], 16 * products.shape[2]):
        tiles = np.empty((16, (block.stop - block.start) * products.shape[2]), rows.dtype)
        multiply(OUTPUT2, products[:, block].reshape(36, -1), tiles)
        tiles = tiles.reshape(4, 4, block.stop - block.start, -(-rows.shape[2] // 4), batch)
        added = 0 if bias is None else bias[block].reshape(-1, 1, 1)
        for place in range(4):
            goal = rows[:, block, place::4]
            part = tiles[: len(rows), place, :, : goal.shape[2]]
            np.add(part, added, out=goal, casting="same_kind")


def _sum(arrays: Iterable[Array]) -> Array:
    """Their sum, in the first of them."""
    return functools.reduce(operator.iadd, arrays)


def _blocks(channels: int, each: int) -> Iterator[slice]:
    """Runs of channels that have so many elements each, and fit into cache together."""
    number = max(1, BLOCK // max(1, each))
    return (slice(i, min(i + number, channels)) for i in range(0, channels, number))
