"""The transforms of tiles for Winograd's convolution: along columns, then along rows.

A tile of LANES images is copied into a buffer, (rows, columns, LANES), so that both steps are
vector code with fixed distances; outside of the array it is 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled.loops import fused, single

__all__ = ["input_tiles", "output_tiles", "write_tiles"]

Array = Any
Run = Any  # a number, of each lane
Runs = tuple[Run, ...]

LANES = 32


def input_tiles(x: Array, row: int, column: int, count: int) -> Any:
    if not single(x):
        return NotImplemented
    out = np.empty((36, x.shape[1], count * x.shape[3]), x.dtype)
    _input_tiles(x, row, column, count, out)
    return out


def output_tiles(g: Array, row: int, count: int) -> Any:
    if not single(g):
        return NotImplemented
    out = np.empty((36, g.shape[1], count * g.shape[3]), g.dtype)
    _output_tiles(g, row, count, out)
    return out


def write_tiles(out: Array, products: Array, bias: Array | None, row: int, column: int) -> Any:
    added = np.zeros(out.shape[1], out.dtype) if bias is None else bias
    if not single(out, products, added):
        return NotImplemented
    _write_tiles(out, products, added, row, column)
    return None


@fused
def _input_tiles(x: Array, row: int, column: int, count: int, out: Array) -> None:
    _, channels, _, batch = x.shape
    a, b = np.zeros((6, 6, LANES), np.float32), np.zeros((6, 6, LANES), np.float32)
    source, target, flat = x.reshape(-1), out.reshape(-1), a.reshape(-1)
    for c in range(channels):
        for t in range(count):
            for first in range(0, batch, LANES):
                number = min(LANES, batch - first)
                for i in range(6):
                    _read(source, x.shape, row + i, c, column + 4 * t, 6, first, flat, 6 * i)
                for j in range(6):
                    for n in range(LANES):
                        v = a[0, j, n], a[1, j, n], a[2, j, n], a[3, j, n], a[4, j, n], a[5, j, n]
                        v = _input(v)
                        b[0, j, n], b[1, j, n], b[2, j, n] = v[0], v[1], v[2]
                        b[3, j, n], b[4, j, n], b[5, j, n] = v[3], v[4], v[5]
                for i in range(6):
                    for n in range(LANES):
                        v = b[i, 0, n], b[i, 1, n], b[i, 2, n], b[i, 3, n], b[i, 4, n], b[i, 5, n]
                        v = _input(v)
                        a[i, 0, n], a[i, 1, n], a[i, 2, n] = v[0], v[1], v[2]
                        a[i, 3, n], a[i, 4, n], a[i, 5, n] = v[3], v[4], v[5]
                for f in range(36):
                    to = ((f * channels + c) * count + t) * batch + first
                    _copy(flat, f * LANES, number, target, to)


@fused
def _output_tiles(g: Array, row: int, count: int, out: Array) -> None:
    _, channels, _, batch = g.shape
    a, b = np.zeros((6, 6, LANES), np.float32), np.zeros((6, 6, LANES), np.float32)
    source, target, flat = g.reshape(-1), out.reshape(-1), a.reshape(-1)
    for c in range(channels):
        for t in range(count):
            for first in range(0, batch, LANES):
                number = min(LANES, batch - first)
                for i in range(4):
                    _read(source, g.shape, row + i, c, 4 * t, 4, first, flat, 6 * i)
                for j in range(4):
                    for n in range(LANES):
                        v = _spread((a[0, j, n], a[1, j, n], a[2, j, n], a[3, j, n]))
                        b[0, j, n], b[1, j, n], b[2, j, n] = v[0], v[1], v[2]
                        b[3, j, n], b[4, j, n], b[5, j, n] = v[3], v[4], v[5]
                for i in range(6):
                    for n in range(LANES):
                        v = _spread((b[i, 0, n], b[i, 1, n], b[i, 2, n], b[i, 3, n]))
                        a[i, 0, n], a[i, 1, n], a[i, 2, n] = v[0], v[1], v[2]
                        a[i, 3, n], a[i, 4, n], a[i, 5, n] = v[3], v[4], v[5]
                for f in range(36):
                    to = ((f * channels + c) * count + t) * batch + first
                    _copy(flat, f * LANES, number, target, to)


@fused
def _write_tiles(out: Array, products: Array, bias: Array, row: int, column: int) -> None:
    height, outputs, width, batch = out.shape
    count = products.shape[2] // batch
    a, b = np.zeros((6, 6, LANES), np.float32), np.zeros((6, 6, LANES), np.float32)
    source, target, flat = products.reshape(-1), out.reshape(-1), a.reshape(-1)
    for o in range(outputs):
        added = bias[o]
        for t in range(count):
            for first in range(0, batch, LANES):
                number = min(LANES, batch - first)
                for f in range(36):
                    at = ((f * outputs + o) * count + t) * batch + first
                    _copy(source, at, number, flat, f * LANES)
                for j in range(6):
                    for n in range(LANES):
                        v = a[0, j, n], a[1, j, n], a[2, j, n], a[3, j, n], a[4, j, n], a[5, j, n]
                        u = _output(v)
                        b[0, j, n], b[1, j, n], b[2, j, n], b[3, j, n] = u[0], u[1], u[2], u[3]
                for i in range(4):
                    for n in range(LANES):
                        v = b[i, 0, n], b[i, 1, n], b[i, 2, n], b[i, 3, n], b[i, 4, n], b[i, 5, n]
                        u = _output(v)
                        a[i, 0, n], a[i, 1, n] = u[0] + added, u[1] + added
                        a[i, 2, n], a[i, 3, n] = u[2] + added, u[3] + added
                for i in range(min(4, height - row)):
                    w = column + 4 * t
                    to = (((row + i) * outputs + o) * width + w) * batch + first
                    if batch == LANES and w + 4 <= width:
                        _copy(flat, 6 * i * LANES, 4 * LANES, target, to)
                    else:
                        for j in range(min(4, width - w)):
                            _copy(flat, (6 * i + j) * LANES, number, target, to + j * batch)


@fused
def _read(
    source: Array, shape: Any, h: int, c: int, w: int, size: int, first: int, flat: Array, to: int
) -> None:
    """Places w, w + 1, ... of a row, some images of them, into the buffer; 0 outside."""
    height, channels, width, batch = shape
    number = min(LANES, batch - first)
    at = ((h * channels + c) * width + w) * batch + first
    if 0 <= h < height and 0 <= w <= width - size and batch == LANES:
        _copy(source, at, size * LANES, flat, to * LANES)
        return
    for j in range(size):
        begin = (to + j) * LANES
        if 0 <= h < height and 0 <= w + j < width:
            _copy(source, at + j * batch, number, flat, begin)
        else:
            flat[begin : begin + LANES] = 0


@fused
def _copy(source: Array, at: int, number: int, target: Array, to: int) -> None:
    """A run of numbers from one flat array into another; slices, so that it is vector code."""
    read, written = source[at : at + number], target[to : to + number]
    for n in range(number):
        written[n] = read[n]


@fused
def _input(d: Runs) -> Runs:
    """Bᵀ d."""
    two, four, five = np.float32(2), np.float32(4), np.float32(5)
    p, q = d[4] - four * d[2], d[3] - four * d[1]
    r, s = d[4] - d[2], two * (d[3] - d[1])
    first, last = four * d[0] - five * d[2] + d[4], four * d[1] - five * d[3] + d[5]
    return first, p + q, p - q, r + s, r - s, last


@fused
def _spread(g: Runs) -> Runs:
    """A g."""
    two, four = np.float32(2), np.float32(4)
    even, odd = g[0] + g[2], g[1] + g[3]
    more, less = g[0] + four * g[2], two * (g[1] + four * g[3])
    return g[0], even + odd, even - odd, more + less, more - less, g[3]


@fused
def _output(m: Runs) -> Runs:
    """Aᵀ m."""
    two, four, eight = np.float32(2), np.float32(4), np.float32(8)
    p, q, r, s = m[1] + m[2], m[3] + m[4], m[1] - m[2], m[3] - m[4]
    return m[0] + p + q, r + two * s, p + four * q, r + eight * s + m[5]
