"""The transforms of a tile of Winograd's convolution, for LANES images at a time.

Along columns, into a buffer (6, 6, LANES), then along rows: vector code with fixed distances.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled.loops import fused

__all__ = [
    "LANES",
    "columns_of_input",
    "columns_of_output",
    "columns_of_product",
    "gather",
    "read",
    "rows_of_input",
    "rows_of_output",
    "rows_of_product",
    "spill",
    "write",
]

Array = Any
Run = Any  # a number, of each lane
Runs = tuple[Run, ...]

LANES = 32


@fused
def columns_of_input(x: Array, at: int, down: int, right: int, middle: Array) -> None:
    for j in range(6):
        p = at + j * right
        r0, r1, r2 = _run(x, p), _run(x, p + down), _run(x, p + 2 * down)
        r3, r4, r5 = _run(x, p + 3 * down), _run(x, p + 4 * down), _run(x, p + 5 * down)
        for n in range(LANES):
            v = _input((r0[n], r1[n], r2[n], r3[n], r4[n], r5[n]))
            middle[0, j, n], middle[1, j, n], middle[2, j, n] = v[0], v[1], v[2]
            middle[3, j, n], middle[4, j, n], middle[5, j, n] = v[3], v[4], v[5]


@fused
def columns_of_output(g: Array, at: int, down: int, right: int, middle: Array) -> None:
    for j in range(4):
        p = at + j * right
        r0, r1 = _run(g, p), _run(g, p + down)
        r2, r3 = _run(g, p + 2 * down), _run(g, p + 3 * down)
        for n in range(LANES):
            v = _spread((r0[n], r1[n], r2[n], r3[n]))
            middle[0, j, n], middle[1, j, n], middle[2, j, n] = v[0], v[1], v[2]
            middle[3, j, n], middle[4, j, n], middle[5, j, n] = v[3], v[4], v[5]


@fused
def rows_of_input(middle: Array, out: Array, to: int, step: int) -> None:
    for i in range(6):
        p = to + 6 * i * step
        r0, r1, r2 = _run(out, p), _run(out, p + step), _run(out, p + 2 * step)
        r3, r4, r5 = _run(out, p + 3 * step), _run(out, p + 4 * step), _run(out, p + 5 * step)
        m = middle[i]
        for n in range(LANES):
            v = _input((m[0, n], m[1, n], m[2, n], m[3, n], m[4, n], m[5, n]))
            r0[n], r1[n], r2[n], r3[n], r4[n], r5[n] = v


@fused
def rows_of_output(middle: Array, out: Array, to: int, step: int) -> None:
    for i in range(6):
        p = to + 6 * i * step
        r0, r1, r2 = _run(out, p), _run(out, p + step), _run(out, p + 2 * step)
        r3, r4, r5 = _run(out, p + 3 * step), _run(out, p + 4 * step), _run(out, p + 5 * step)
        m = middle[i]
        for n in range(LANES):
            r0[n], r1[n], r2[n], r3[n], r4[n], r5[n] = _spread((m[0, n], m[1, n], m[2, n], m[3, n]))


@fused
def columns_of_product(x: Array, at: int, step: int, middle: Array) -> None:
    for j in range(6):
        p, down = at + j * step, 6 * step
        r0, r1, r2 = _run(x, p), _run(x, p + down), _run(x, p + 2 * down)
        r3, r4, r5 = _run(x, p + 3 * down), _run(x, p + 4 * down), _run(x, p + 5 * down)
        for n in range(LANES):
            v = _output((r0[n], r1[n], r2[n], r3[n], r4[n], r5[n]))
            middle[0, j, n], middle[1, j, n], middle[2, j, n], middle[3, j, n] = v


@fused
def rows_of_product(
    middle: Array, added: Run, out: Array, to: int, down: int, right: int, sums: Array
) -> None:
    for i in range(4):
        p = to + i * down
        r0, r1 = _run(out, p), _run(out, p + right)
        r2, r3 = _run(out, p + 2 * right), _run(out, p + 3 * right)
        m = middle[i]
        for n in range(LANES):
            v = _output((m[0, n], m[1, n], m[2, n], m[3, n], m[4, n], m[5, n]))
            r0[n], r1[n], r2[n], r3[n] = v[0] + added, v[1] + added, v[2] + added, v[3] + added
            sums[n] += (v[0] + v[1]) + (v[2] + v[3])


@fused
def _run(x: Array, at: int) -> Array:
    return x[at : at + LANES]


@fused
def read(x: Array, h: int, c: int, w: int, n: int, size: int, edge: Array) -> None:
    """A tile and some images of it into the buffer; 0 outside."""
    height, channels, width, batch = x.shape
    source, number = x.reshape(-1), min(LANES, batch - n)
    for k in range(size * size * LANES):
        edge[k] = 0
    for i in range(max(0, -h), min(size, height - h)):
        for j in range(max(0, -w), min(size, width - w)):
            at = (((h + i) * channels + c) * width + w + j) * batch + n
            to = _run(edge, (size * i + j) * LANES)
            if number == LANES:
                run = _run(source, at)
                for k in range(LANES):
                    to[k] = run[k]
            else:
                for k in range(number):
                    to[k] = source[at + k]


@fused
def write(edge: Array, out: Array, h: int, o: int, w: int, n: int) -> None:
    """The part of 4x4 places in the buffer that is inside."""
    height, _, width, batch = out.shape
    for i in range(min(4, height - h)):
        for j in range(min(4, width - w)):
            for k in range(min(LANES, batch - n)):
                out[h + i, o, w + j, n + k] = edge[(4 * i + j) * LANES + k]


@fused
def spill(edge: Array, number: int, out: Array, to: int, step: int) -> None:
    for f in range(36):
        for k in range(number):
            out[to + f * step + k] = edge[f * LANES + k]


@fused
def gather(x: Array, at: int, step: int, number: int, edge: Array) -> None:
    for f in range(36):
        for k in range(number):
            edge[f * LANES + k] = x[at + f * step + k]
        for k in range(number, LANES):
            edge[f * LANES + k] = 0


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
