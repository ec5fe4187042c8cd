"""Winograd's convolution: transforms and products of a few tiles at a time, in one compiled loop.

What is transformed stays in the second-level cache until it is multiplied, and threads do not meet
at the interpreter's lock. Tiles that lie within the array are read and written where they lie, the
others through a buffer with zeros around.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled.blas import multiply_at, multiply_turned_at
from autograd.kernels.compiled.loops import fused, single
from autograd.kernels.compiled.tiles import (
    LANES,
    columns_of_input,
    columns_of_output,
    columns_of_product,
    gather,
    read,
    rows_of_input,
    rows_of_output,
    rows_of_product,
    spill,
    write,
)
from autograd.kernels.products import multiply_address

__all__ = ["convolve_rows", "correlate_rows"]

Array = Any

APART = 16 * 5  # numbers between planes
CACHE = 150_000  # elements of transformed tiles and of products at a time, where it can be


def convolve_rows(
    x: Array, matrices: Array, bias: Array | None, out: Array, first: Any, begin: int, end: int
) -> Any:
    outputs, channels, batch = out.shape[1], x.shape[1], x.shape[3]
    added = np.zeros(outputs, out.dtype) if bias is None else bias
    address = multiply_address()
    if not address or not single(x, matrices, added, out):
        return NotImplemented
    wide = -(-out.shape[2] // 4)
    count = max(1, min(wide, CACHE // (36 * (outputs + channels) * max(1, batch))))
    tiles, products = _planes(channels * count * batch), _planes(outputs * count * batch)
    return _convolve(
        x, matrices, added, out, first, begin, end, count, tiles, products, address
    )  # fmt: skip


def correlate_rows(g: Array, x: Array, first: Any, begin: int, end: int) -> Any:
    outputs, channels, batch = g.shape[1], x.shape[1], x.shape[3]
    address = multiply_address()
    if not address or not single(g, x):
        return NotImplemented
    wide = -(-g.shape[2] // 4)
    tiles, others = _planes(channels * wide * batch), _planes(outputs * wide * batch)
    total = np.zeros((36, outputs, channels), x.dtype)
    _correlate(g, x, first, begin, end, wide, tiles, others, total, address)
    return total


def _planes(size: int) -> Array:
    """Room for the 36 places of transformed tiles, not all at the same place of the cache."""
    return np.empty((36, size + APART), np.float32)


@fused
def _convolve(
    x: Array, matrices: Array, bias: Array, out: Array, first: Any, begin: int, end: int,
    count: int, tiles: Array, products: Array, address: int,
) -> bool:  # fmt: skip
    outputs, channels, batch = out.shape[1], x.shape[1], x.shape[3]
    a, b, c = matrices.ctypes.data, tiles.ctypes.data, products.ctypes.data
    wide, sums = -(-out.shape[2] // 4), np.zeros(LANES, np.float32)
    for row in range(begin, end):
        for tile in range(0, wide, count):
            number = min(count, wide - tile)
            columns = number * batch
            _input_tiles(x, 4 * row + first[0], 4 * tile + first[1], number, tiles)
            for f in range(36):
                multiply_at(
                    address,
                    a + 4 * f * outputs * channels,
                    b + 4 * f * tiles.shape[1],
                    c + 4 * f * products.shape[1],
                    outputs, columns, channels,
                )  # fmt: skip
            _write_tiles(out, products, bias, 4 * row, 4 * tile, number, sums)
    return bool(np.isfinite(sums.sum()))


@fused
def _correlate(
    g: Array, x: Array, first: Any, begin: int, end: int,
    count: int, tiles: Array, others: Array, total: Array, address: int,
) -> None:  # fmt: skip
    outputs, channels, columns = g.shape[1], x.shape[1], count * x.shape[3]
    a, b, c = others.ctypes.data, tiles.ctypes.data, total.ctypes.data
    for row in range(begin, end):
        _input_tiles(x, 4 * row + first[0], first[1], count, tiles)
        _output_tiles(g, 4 * row, count, others)
        for f in range(36):
            multiply_turned_at(
                address,
                a + 4 * f * others.shape[1],
                b + 4 * f * tiles.shape[1],
                c + 4 * f * outputs * channels,
                outputs, channels, columns,
            )  # fmt: skip


# ---- the transforms of all tiles in a row --------------------------------------------------------


@fused
def _input_tiles(x: Array, row: int, column: int, count: int, out: Array) -> None:
    """As (36, C, count·N), from the first place of `out` on."""
    _, channels, width, batch = x.shape
    inside = 0 <= row <= x.shape[0] - 6
    middle, edge = np.empty((6, 6, LANES), np.float32), np.empty(36 * LANES, np.float32)
    source, target, step = x.reshape(-1), out.reshape(-1), out.shape[1]
    for c in range(channels):
        for t in range(count):
            w = column + 4 * t
            for n in range(0, batch, LANES):
                to = (c * count + t) * batch + n
                if inside and 0 <= w <= width - 6 and n + LANES <= batch:
                    at = ((row * channels + c) * width + w) * batch + n
                    down = channels * width * batch
                    columns_of_input(source, at, down, batch, middle)
                else:
                    read(x, row, c, w, n, 6, edge)
                    columns_of_input(edge, 0, 6 * LANES, LANES, middle)
                if n + LANES <= batch:
                    rows_of_input(middle, target, to, step)
                else:
                    rows_of_input(middle, edge, 0, LANES)
                    spill(edge, batch - n, target, to, step)


@fused
def _output_tiles(g: Array, row: int, count: int, out: Array) -> None:
    """As (36, O, count·N)."""
    _, channels, width, batch = g.shape
    inside = row <= g.shape[0] - 4
    middle, edge = np.empty((6, 6, LANES), np.float32), np.empty(36 * LANES, np.float32)
    source, target, step = g.reshape(-1), out.reshape(-1), out.shape[1]
    for c in range(channels):
        for t in range(count):
            w = 4 * t
            for n in range(0, batch, LANES):
                to = (c * count + t) * batch + n
                if inside and w <= width - 4 and n + LANES <= batch:
                    at = ((row * channels + c) * width + w) * batch + n
                    down = channels * width * batch
                    columns_of_output(source, at, down, batch, middle)
                else:
                    read(g, row, c, w, n, 4, edge)
                    columns_of_output(edge, 0, 4 * LANES, LANES, middle)
                if n + LANES <= batch:
                    rows_of_output(middle, target, to, step)
                else:
                    rows_of_output(middle, edge, 0, LANES)
                    spill(edge, batch - n, target, to, step)


@fused
def _write_tiles(
    out: Array, products: Array, bias: Array, row: int, column: int, count: int, sums: Array
) -> None:
    height, outputs, width, batch = out.shape
    inside = row <= height - 4
    middle, edge = np.empty((6, 6, LANES), np.float32), np.zeros(36 * LANES, np.float32)
    source, target, step = products.reshape(-1), out.reshape(-1), products.shape[1]
    for o in range(outputs):
        for t in range(count):
            w = column + 4 * t
            for n in range(0, batch, LANES):
                at = (o * count + t) * batch + n
                if n + LANES <= batch:
                    columns_of_product(source, at, step, middle)
                else:
                    gather(source, at, step, batch - n, edge)
                    columns_of_product(edge, 0, LANES, middle)
                if inside and w <= width - 4 and n + LANES <= batch:
                    to = ((row * outputs + o) * width + w) * batch + n
                    down = outputs * width * batch
                    rows_of_product(middle, bias[o], target, to, down, batch, sums)
                else:
                    rows_of_product(middle, bias[o], edge, 0, 4 * LANES, LANES, sums)
                    write(edge, out, row, o, w, n)
