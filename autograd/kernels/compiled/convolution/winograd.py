"""Winograd's convolution: transforms and products of a few tiles at a time, in one compiled loop.

What is transformed stays in the second-level cache until it is multiplied, and threads do not meet
at the interpreter's lock. Tiles that lie within the array are read and written where they lie, the
others through a buffer with zeros around.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled.matrix.tiles import (
    ROOM,
    SUMS,
    read_cotangent,
    read_input,
    write_tiles,
)
from autograd.kernels.compiled.parallel.addresses import places_of
from autograd.kernels.compiled.parallel.blas import SMALL, multiply_at, multiply_turned_at
from autograd.kernels.compiled.parallel.loops import fused, single
from autograd.kernels.matrix.products import multiply_address

__all__ = ["convolve_rows", "correlate_rows"]

Array = Any

APART = 16 * 5  # numbers between planes
_ZERO = np.float32(0)
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
    room, apart = np.zeros(ROOM, np.float32), (tiles.shape[1], products.shape[1])
    places = places_of(x, matrices, added, out, tiles, products, room)
    _convolve(places, x.shape, out.shape, first, begin, end, count, apart, address)
    return bool(np.isfinite(room[SUMS:].sum()))


def correlate_rows(g: Array, x: Array, first: Any, begin: int, end: int) -> Any:
    outputs, channels, batch = g.shape[1], x.shape[1], x.shape[3]
    address = multiply_address()
    if not address or not single(g, x):
        return NotImplemented
    wide = -(-g.shape[2] // 4)
    tiles, others = _planes(channels * wide * batch), _planes(outputs * wide * batch)
    total, room = np.zeros((36, outputs, channels), x.dtype), np.zeros(ROOM, np.float32)
    places, apart = places_of(g, x, tiles, others, total, room), (tiles.shape[1], others.shape[1])
    _correlate(places, g.shape, x.shape, first, begin, end, wide, apart, address)
    return total


def _planes(size: int) -> Array:
    """Room for the 36 places of transformed tiles, not all at the same place of the cache."""
    planes = np.empty((36, size + APART), np.float32)
    planes[:, size:] = 0  # read with a last tile of few images
    return planes


@fused
def _convolve(
    places: Any, shape: Any, goal: Any, first: Any, begin: int, end: int, count: int, apart: Any,
    address: int,
) -> None:  # fmt: skip
    x, matrices, bias, out, tiles, products, room = places
    outputs, channels, batch, wide = goal[1], shape[1], shape[3], -(-goal[2] // 4)
    step, jump = apart
    for row in range(4 * begin, 4 * end, 4):
        for tile in range(0, wide, count):
            column, number = 4 * tile, min(count, wide - tile)
            read_input(x, shape, row + first[0], column + first[1], number, tiles, step, room)
            for f in range(36):
                multiply_at(
                    address,
                    matrices + 4 * f * outputs * channels,
                    tiles + 4 * f * step,
                    products + 4 * f * jump,
                    outputs, number * batch, channels, _ZERO, SMALL,
                )  # fmt: skip
            write_tiles(products, jump, bias, row, column, number, out, goal, room)


@fused
def _correlate(
    places: Any, goal: Any, shape: Any, first: Any, begin: int, end: int, count: int, apart: Any,
    address: int,
) -> None:  # fmt: skip
    g, x, tiles, others, total, room = places
    outputs, channels, batch = goal[1], shape[1], shape[3]
    step, jump = apart
    for row in range(4 * begin, 4 * end, 4):
        read_input(x, shape, row + first[0], first[1], count, tiles, step, room)
        read_cotangent(g, goal, row, 0, count, others, jump, room)
        for f in range(36):
            multiply_turned_at(
                address,
                others + 4 * f * jump,
                tiles + 4 * f * step,
                total + 4 * f * outputs * channels,
                outputs, channels, count * batch,
            )  # fmt: skip
