"""The transforms of tiles of Winograd's convolution, for LANES images at a time.

A tile is transformed along its columns into a buffer, `room`, and from there along its rows: vector
code with fixed distances. Arrays are addresses, and places in them numbers. A tile that does not
lie within its array, or has fewer images than LANES, is copied to or from its edge, `EDGE`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled.parallel.addresses import get, put
from autograd.kernels.compiled.parallel.lanes import LANES, load1, load4, load6, run_of, store
from autograd.kernels.compiled.parallel.loops import called, constant

__all__ = ["ROOM", "SUMS", "read_cotangent", "read_input", "write_tiles"]

Run = Any
Shape = Any

EDGE = 36 * LANES  # where in the room that is
SUMS = 2 * EDGE
ROOM = SUMS + LANES

_ZERO, _TWO, _FOUR, _FIVE, _EIGHT = map(np.float32, (0, 2, 4, 5, 8))
_START, _SMALL, _LARGE = map(constant, (0, 4, 6))
_FETCH: Any = np.True_  # not Python's, for the reason of `constant`
_DELIVER: Any = np.False_


# ---- transforms of some lines, each of runs that lie `down` apart, and the lines `right` ---------


@called
def _input_lines(
    x: int, at: int, down: int, right: int, number: int, out: int, to: int, below: int,
    beside: int,
) -> None:  # fmt: skip
    """Bᵀ d."""
    for j in range(number):
        d0, d1, d2, d3, d4, d5 = load6(x, at + j * right, down)
        a, b, c, d = d4 - _FOUR * d2, d3 - _FOUR * d1, d4 - d2, _TWO * (d3 - d1)
        first, last = _FOUR * d0 - _FIVE * d2 + d4, _FOUR * d1 - _FIVE * d3 + d5
        store(out, to + j * beside, below, (first, a + b, a - b, c + d, c - d, last))


@called
def _cotangent_lines(
    x: int, at: int, down: int, right: int, number: int, out: int, to: int, below: int,
    beside: int,
) -> None:  # fmt: skip
    """A g."""
    for j in range(number):
        g0, g1, g2, g3 = load4(x, at + j * right, down)
        a, b, c, d = g0 + g2, g1 + g3, g0 + _FOUR * g2, _TWO * (g1 + _FOUR * g3)
        store(out, to + j * beside, below, (g0, a + b, a - b, c + d, c - d, g3))


@called
def _product_lines(
    x: int, at: int, down: int, right: int, number: int, out: int, to: int, below: int,
    beside: int, added: Run,
) -> Run:  # fmt: skip
    """Aᵀ m, and what is added; the sum of the results."""
    sums = run_of(_ZERO)
    for j in range(number):
        m0, m1, m2, m3, m4, m5 = load6(x, at + j * right, down)
        a, b, c, d = m1 + m2, m3 + m4, m1 - m2, m3 - m4
        first, second = m0 + a + b + added, c + _TWO * d + added
        third, fourth = a + _FOUR * b + added, c + _EIGHT * d + m5 + added
        store(out, to + j * beside, below, (first, second, third, fourth))
        sums = sums + ((first + second) + (third + fourth))
    return sums


# ---- a row of tiles ------------------------------------------------------------------------------


def _reading(transform: Any, size: Any) -> Any:
    @called
    def read_tiles(
        x: int, shape: Shape, row: int, column: int, count: int, out: int, step: int,
        room: int,
    ) -> None:  # fmt: skip
        """A row of tiles of x (H, C, W, N), transformed, as (36, C, count·N).

        Planes lie `step` numbers apart.
        """
        height, channels, width, batch = shape
        whole = 0 <= row <= height - size and batch >= LANES
        last = batch - LANES if batch > LANES else 0  # some images may be taken twice
        for c in range(channels):
            for t in range(count):
                w = column + 4 * t
                for i in range(0, batch, LANES):
                    n = i if i < last else last  # noqa: FURB136
                    source, down, right = x, channels * width * batch, batch
                    at = ((row * channels + c) * width + w) * batch + n
                    if not (whole and 0 <= w <= width - size):
                        _exchange(x, shape, row, c, w, n, room, size, _FETCH)
                        source, at, down, right = room, EDGE, size * LANES, LANES
                    transform(source, at, down, right, size, room, _START, 6 * LANES, LANES)
                    to = (c * count + t) * batch + n
                    transform(room, _START, LANES, 6 * LANES, _LARGE, out, to, step, 6 * step)

    return read_tiles


read_input = _reading(_input_lines, _LARGE)  # Bᵀ x B
read_cotangent = _reading(_cotangent_lines, _SMALL)  # A x Aᵀ


@called
def write_tiles(
    products: int, step: int, bias: int, row: int, column: int, count: int,
    out: int, shape: Shape, room: int,
) -> None:  # fmt: skip
    """Aᵀ m A of products m (36, O, count·N) to a row of tiles of (H, O, W, N), with the bias."""
    height, outputs, width, batch = shape
    whole = row <= height - 4 and batch >= LANES
    last, nothing = batch - LANES if batch > LANES else 0, run_of(_ZERO)
    for o in range(outputs):
        added = run_of(get(bias, o))
        for t in range(count):
            w = column + 4 * t
            for i in range(0, batch, LANES):
                n = i if i < last else last  # noqa: FURB136
                at = (o * count + t) * batch + n
                _product_lines(
                    products, at, 6 * step, step, _LARGE, room, _START, 6 * LANES, LANES, nothing
                )
                target, below, beside = out, batch, outputs * width * batch
                to = ((row * outputs + o) * width + w) * batch + n
                within = whole and w <= width - 4
                if not within:
                    target, to, below, beside = room, EDGE, LANES, 4 * LANES
                sums = _product_lines(
                    room, _START, LANES, 6 * LANES, _SMALL, target, to, below, beside, added
                )
                store(room, SUMS, 0, (load1(room, SUMS, 0)[0] + sums,))
                if not within:
                    _exchange(out, shape, row, o, w, n, room, _SMALL, _DELIVER)


@called
def _exchange(
    x: int, shape: Shape, row: int, c: int, column: int, n: int, room: int, size: int,
    fetch: bool,
) -> None:  # fmt: skip
    """Copy a tile of some images into the room, with 0 outside, or what is inside from there."""
    height, channels, width, batch = shape
    for i in range(size):
        for j in range(size):
            h, w, place = row + i, column + j, EDGE + (size * i + j) * LANES
            inside = 0 <= h < height and 0 <= w < width
            if fetch and not (inside and batch >= LANES):
                store(room, place, _START, (run_of(_ZERO),))
            if not inside:
                continue
            source, at, target, to = room, place, x, ((h * channels + c) * width + w) * batch + n
            if fetch:
                source, at, target, to = x, to, room, at
            if batch >= LANES:
                store(target, to, _START, load1(source, at, _START))
            else:
                for k in range(batch):
                    put(target, to + k, get(source, at + k))
