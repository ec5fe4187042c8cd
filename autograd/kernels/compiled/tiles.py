"""The transforms of tiles of Winograd's convolution, for LANES images at a time.

A tile is transformed along its columns into a buffer, `room`, and from there along its rows: vector
code with fixed distances. Arrays are flat, and places in them are numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled.lanes import LANES, load, run_of, store
from autograd.kernels.compiled.loops import called, inlined

__all__ = ["ROOM", "SUMS", "read_tiles", "write_tiles"]

Array = Any
Run = Any
Shape = Any

EDGE = 36 * LANES  # where in `room` a tile stands that does not lie within the array
SUMS = 2 * EDGE
ROOM = SUMS + LANES

_ZERO, _TWO, _FOUR, _FIVE, _EIGHT = map(np.float32, (0, 2, 4, 5, 8))


@called
def read_tiles(
    x: Array, shape: Shape, row: int, column: int, count: int, size: int,
    out: Array, step: int, room: Array,
) -> None:  # fmt: skip
    """A row of tiles of x (H, C, W, N) as (36, C, count·N), with planes `step` numbers apart.

    Tiles of 6x6 places are input (Bᵀ x B), those of 4x4 a cotangent (A x Aᵀ).
    """
    height, channels, width, batch = shape
    inside = 0 <= row <= height - size and batch >= LANES
    for c in range(channels):
        for t in range(count):
            w = column + 4 * t
            for i in range(0, batch, LANES):
                n = max(0, min(i, batch - LANES))  # the last images may be taken twice
                to = (c * count + t) * batch + n
                source, down, right = x, channels * width * batch, batch
                at = ((row * channels + c) * width + w) * batch + n
                if not (inside and 0 <= w <= width - size):
                    _fetch(x, shape, row, c, w, n, size, room)
                    source, at, down, right = room, EDGE, size * LANES, LANES
                if size == 6:
                    _input_lines(source, at, down, right, room, 0, 6 * LANES, LANES)
                    _input_lines(room, 0, LANES, 6 * LANES, out, to, step, 6 * step)
                else:
                    _output_lines(source, at, down, right, room, 0, 6 * LANES, LANES, 4)
                    _output_lines(room, 0, LANES, 6 * LANES, out, to, step, 6 * step, 6)


@called
def write_tiles(
    products: Array, step: int, bias: Array, row: int, column: int, count: int,
    out: Array, shape: Shape, room: Array,
) -> None:  # fmt: skip
    """Aᵀ m A of products m (36, O, count·N) to a row of tiles of (H, O, W, N), with the bias."""
    height, outputs, width, batch = shape
    inside = row <= height - 4 and batch >= LANES
    for o in range(outputs):
        for t in range(count):
            w, added = column + 4 * t, run_of(bias[o])
            for i in range(0, batch, LANES):
                n = max(0, min(i, batch - LANES))
                at = (o * count + t) * batch + n
                _product_lines(
                    products, at, 6 * step, step, run_of(_ZERO), room, 0, 6 * LANES, LANES, 6
                )
                target, below, beside = out, batch, outputs * width * batch
                to = ((row * outputs + o) * width + w) * batch + n
                within = inside and w <= width - 4
                if not within:
                    target, to, below, beside = room, EDGE, LANES, 4 * LANES
                sums = _product_lines(
                    room, 0, LANES, 6 * LANES, added, target, to, below, beside, 4
                )
                store(room, SUMS, load(room, SUMS) + sums)
                if not within:
                    _deliver(room, out, shape, row, o, w, n)


# ---- tiles that do not lie within the array, and fewer images than LANES -------------------------


@called
def _fetch(
    x: Array, shape: Shape, h: int, c: int, w: int, n: int, size: int, room: Array
) -> None:
    """A tile of some images, with 0 outside."""
    height, channels, width, batch = shape
    for i in range(size):
        for j in range(size):
            to = EDGE + (size * i + j) * LANES
            store(room, to, run_of(_ZERO))
            if 0 <= h + i < height and 0 <= w + j < width:
                _copy(x, (((h + i) * channels + c) * width + w + j) * batch + n, room, to, batch)


@called
def _deliver(room: Array, out: Array, shape: Shape, h: int, o: int, w: int, n: int) -> None:
    """The part of 4x4 places that is inside."""
    height, outputs, width, batch = shape
    for i in range(min(4, height - h)):
        for j in range(min(4, width - w)):
            to = (((h + i) * outputs + o) * width + w + j) * batch + n
            _copy(room, EDGE + (4 * i + j) * LANES, out, to, batch)


@called
def _copy(x: Array, at: int, out: Array, to: int, number: int) -> None:
    """As many of LANES images as there are."""
    if number >= LANES:
        store(out, to, load(x, at))
    else:
        for k in range(number):
            out[to + k] = x[at + k]


# ---- transforms along one axis -------------------------------------------------------------------


@called
def _input_lines(
    x: Array, at: int, down: int, right: int, out: Array, to: int, below: int, beside: int
) -> None:
    """Bᵀ d for six lines d: six runs that lie `down` apart, and the lines `right`."""
    for j in range(6):
        p, q = at + j * right, to + j * beside
        d0, d1, d2 = load(x, p), load(x, p + down), load(x, p + 2 * down)
        d3, d4, d5 = load(x, p + 3 * down), load(x, p + 4 * down), load(x, p + 5 * down)
        a, b, c, d = d4 - _FOUR * d2, d3 - _FOUR * d1, d4 - d2, _TWO * (d3 - d1)
        _store6(
            out, q, below, _FOUR * d0 - _FIVE * d2 + d4, a + b, a - b, c + d, c - d,
            _FOUR * d1 - _FIVE * d3 + d5,
        )  # fmt: skip


@called
def _output_lines(
    x: Array, at: int, down: int, right: int, out: Array, to: int, below: int, beside: int,
    number: int,
) -> None:  # fmt: skip
    """A g for some lines g of four runs."""
    for j in range(number):
        p, q = at + j * right, to + j * beside
        g0, g1, g2, g3 = load(x, p), load(x, p + down), load(x, p + 2 * down), load(x, p + 3 * down)
        a, b, c, d = g0 + g2, g1 + g3, g0 + _FOUR * g2, _TWO * (g1 + _FOUR * g3)
        _store6(out, q, below, g0, a + b, a - b, c + d, c - d, g3)


@called
def _product_lines(
    x: Array, at: int, down: int, right: int, added: Run, out: Array, to: int, below: int,
    beside: int, number: int,
) -> Run:  # fmt: skip
    """Aᵀ m, and what is added, for some lines m of six runs; the sum of the results."""
    sums = run_of(_ZERO)
    for j in range(number):
        p, q = at + j * right, to + j * beside
        m1, m2, m3 = load(x, p + down), load(x, p + 2 * down), load(x, p + 3 * down)
        m4, m5 = load(x, p + 4 * down), load(x, p + 5 * down)
        a, b, c, d = m1 + m2, m3 + m4, m1 - m2, m3 - m4
        first, second = load(x, p) + a + b + added, c + _TWO * d + added
        third, fourth = a + _FOUR * b + added, c + _EIGHT * d + m5 + added
        store(out, q, first)
        store(out, q + below, second)
        store(out, q + 2 * below, third)
        store(out, q + 3 * below, fourth)
        sums = sums + ((first + second) + (third + fourth))
    return sums


@inlined
def _store6(
    out: Array, to: int, below: int, a: Run, b: Run, c: Run, d: Run, e: Run, f: Run
) -> None:
    store(out, to, a)
    store(out, to + below, b)
    store(out, to + 2 * below, c)
    store(out, to + 3 * below, d)
    store(out, to + 4 * below, e)
    store(out, to + 5 * below, f)
