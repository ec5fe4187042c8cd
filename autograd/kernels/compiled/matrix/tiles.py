"""Rows of tiles of Winograd's convolution, transformed for LANES images at a time.

Arrays are addresses, and places in them numbers. What is read outside of an array is 0: a row there
is one of the zeros in the `room`, of a column or image no number is read. What is written to a tile
that does not lie within its array goes by way of the room.
"""

from __future__ import annotations

from typing import Any

from autograd.kernels.compiled.matrix.transforms import (
    even_rows,
    odd_rows,
    turn_cotangent,
    turn_input,
)
from autograd.kernels.compiled.parallel.addresses import get, put
from autograd.kernels.compiled.parallel.lanes import LANES, load1, run_of, store
from autograd.kernels.compiled.parallel.loops import called, constant

__all__ = [
    "SUMS", "read_cotangent", "read_input", "room_of", "write_tiles",
]  # fmt: skip

Shape = Any

EDGE = 0  # where in the room a tile is put together
SUMS = 16 * LANES
_NOTHING = SUMS + LANES  # zeros

_START, _SMALL = map(constant, (0, 4))


def room_of(batch: int) -> int:
    """The numbers of a room, for so many images."""
    return int(_NOTHING + LANES) + 5 * batch


# ---- a row of tiles ------------------------------------------------------------------------------


@called
def _row_at(x: int, shape: Shape, row: int, room: int) -> Any:
    """Where a row begins, and whether it is one; a row of zeros, if not."""
    height, channels, width, batch = shape
    if 0 <= row < height:
        return x + 4 * row * channels * width * batch, 1
    return room + 4 * _NOTHING, 0


@called
def _images(column: int, width: int, number: int) -> int:
    return number if 0 <= column < width else 0


def _reading(transform: Any) -> Any:
    @called
    def read_tiles(
        x: int, shape: Shape, row: int, column: int, count: int, out: int, step: int, stride: int,
        room: int,
    ) -> None:  # fmt: skip
        """A row of tiles of x (H, C, W, N), transformed, as (36, C, count·N).

        Planes lie `step` numbers apart, and channels `stride`.
        """
        _, channels, width, batch = shape
        last, number = batch - LANES, min(batch, LANES)
        r0, m0 = _row_at(x, shape, row, room)
        r1, m1 = _row_at(x, shape, row + 1, room)
        r2, m2 = _row_at(x, shape, row + 2, room)
        r3, m3 = _row_at(x, shape, row + 3, room)
        r4, m4 = _row_at(x, shape, row + 4, room)
        r5, m5 = _row_at(x, shape, row + 5, room)
        for c in range(channels):
            for t in range(count):
                w = column + 4 * t
                there = (
                    _images(w, width, number), _images(w + 1, width, number),
                    _images(w + 2, width, number), _images(w + 3, width, number),
                    _images(w + 4, width, number), _images(w + 5, width, number),
                )  # fmt: skip
                for i in range(0, batch, LANES):
                    n = min(i, max(last, 0))  # some images may be taken twice
                    at = 4 * ((c * width + w) * batch + n)
                    rows = (r0 + m0 * at, r1 + m1 * at, r2 + m2 * at, r3 + m3 * at, r4 + m4 * at,
                            r5 + m5 * at)  # fmt: skip
                    transform(rows, batch, there, out, c * stride + t * batch + n, step)

    return read_tiles


read_input = _reading(turn_input)  # Bᵀ x B
read_cotangent = _reading(turn_cotangent)  # A x Aᵀ


@called
def write_tiles(
    products: int, step: int, stride: int, bias: int, row: int, column: int, count: int, out: int,
    shape: Shape, room: int,
) -> None:  # fmt: skip
    """Aᵀ m A of products m (36, O, count·N) to a row of tiles of (H, O, W, N), with the bias."""
    height, outputs, width, batch = shape
    whole, last = row <= height - 4 and batch >= LANES, batch - LANES
    for o in range(outputs):
        added = run_of(get(bias, o))
        for t in range(count):
            w = column + 4 * t
            for i in range(0, batch, LANES):
                n = min(i, max(last, 0))
                at = o * stride + t * batch + n
                target, down, right = out, outputs * width * batch, batch
                to = ((row * outputs + o) * width + w) * batch + n
                within = whole and w <= width - 4
                if not within:
                    target, to, down, right = room, EDGE, 4 * LANES, LANES
                sums = even_rows(products, at, step, added, target, to, down, right)
                sums = sums + odd_rows(products, at, step, added, target, to + down, down, right)
                store(room, SUMS, _START, (load1(room, SUMS, _START)[0] + sums,))
                if not within:
                    _deliver(out, shape, row, o, w, n, room)


@called
def _deliver(out: int, shape: Shape, row: int, o: int, column: int, n: int, room: int) -> None:
    """Copy what is inside of a tile of some images from the room."""
    height, outputs, width, batch = shape
    for i in range(min(_SMALL, height - row)):
        for j in range(min(_SMALL, width - column)):
            place = EDGE + (4 * i + j) * LANES
            to = (((row + i) * outputs + o) * width + column + j) * batch + n
            if batch >= LANES:
                store(out, to, _START, load1(room, place, _START))
            else:
                for k in range(batch):
                    put(out, to + k, get(room, place + k))
