"""Convolution tap by tap, with sums of a few outputs in registers and images in vectors.

Nothing is copied but the weight, and nothing is padded: each place of the output has a list of the
rows, and one of the columns, that it reads, with their taps. The list is turned round for the
transpose, so that strides cost nothing there either.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from autograd.kernels.compiled.parallel.addresses import four_words, places_of, word
from autograd.kernels.compiled.parallel.loops import fused, share_rows, single
from autograd.kernels.compiled.parallel.parts import Parts, cut
from autograd.kernels.compiled.parallel.registers import (
    LANES,
    OUTPUTS,
    ROWS,
    VECTORS,
    sum_of_pairs,
    sum_of_taps,
    sum_of_three_pairs,
)
from autograd.kernels.convolution.windows import Along, meetings
from autograd.kernels.parallel.threads import get_num_threads

__all__ = ["convolve_taps", "correlate_taps", "spread_taps"]

Array = Any

PIECE = 1 << 21  # multiplications that are worth waking a thread
TERMS = 1 << 12  # that a lane sums in single precision before it begins anew
CHUNK = 16  # places of g and x that stay in the first-level cache for all taps in a row


def convolve_taps(
    x: Array, weight: Array, bias: Array | None, out: Array, axes: Sequence[Along]
) -> Any:
    lists = [_reads(*pair, False) for pair in zip(axes, (len(x), x.shape[2]), strict=True)]
    return _share(x, weight, bias, out, lists)


def spread_taps(g: Array, weight: Array, out: Array, axes: Sequence[Along]) -> Any:
    lists = [_reads(*pair, True) for pair in zip(axes, (len(out), out.shape[2]), strict=True)]
    return _share(g, weight.swapaxes(0, 1), None, out, lists)


def _share(x: Array, weight: Array, bias: Array | None, out: Array, lists: Any) -> Any:
    outputs, channels, *sizes = weight.shape
    blocks = -(-outputs // OUTPUTS)
    added = np.zeros(blocks * OUTPUTS, np.float32)
    if bias is not None:
        added[:outputs] = bias
    if not single(x, out) or x.shape[3] < VECTORS * LANES or weight.dtype != np.float32:
        return NotImplemented
    if outputs % OUTPUTS:
        full = np.zeros((blocks * OUTPUTS, channels, *sizes), np.float32)
        full[:outputs] = weight
        weight = full
    turned = weight.reshape(blocks, OUTPUTS, channels, *sizes).transpose(0, 3, 4, 2, 1)
    panels = np.ascontiguousarray(turned)
    pieces = min(get_num_threads(), out[:1].size * len(out) * channels * math.prod(sizes) // PIECE)
    arrays = (x, panels, added, out, *lists[0], *lists[1])
    shape = (blocks, sizes[1], channels, *x.shape[2:], *out.shape[1:3], panels.size // blocks)
    places = places_of(*arrays)
    _convolve([(places, (*shape, *ends)) for ends in cut(0, len(out), pieces)])
    return None


@lru_cache(maxsize=1024)
def _reads(along: Along, length: int, turned: bool) -> tuple[Array, Array]:
    """For each place of the output what it reads, as (source, tap), and where its part begins.

    Turned round: for each place of the input, what reads it.
    """
    count = length if turned else along.places
    found: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for tap, places, sources in meetings(along, length):
        numbers = range(along.places)[places], range(length)[sources]
        for place, source in zip(*(reversed(numbers) if turned else numbers), strict=True):
            found[place].append((source, tap))
    starts = np.cumsum([0, *map(len, found)], dtype=np.int64)
    pairs = np.array([pair for pairs in found for pair in pairs], np.int64).reshape(-1, 2)
    return starts, pairs


@Parts
def _convolve(addresses: int, numbers: int) -> None:
    x, panels, bias, out = four_words(addresses, 0)
    row_starts, rows, column_starts, columns = four_words(addresses, 4)
    blocks, wide, channels, width = four_words(numbers, 0)
    batch, outputs, places, panel = four_words(numbers, 4)
    begin, end = word(numbers, 8), word(numbers, 9)
    arrays = (x, panels, bias, out, rows, columns)
    steps = (channels * width * batch, wide * channels * OUTPUTS, batch, channels * OUTPUTS,
             width * batch, places * batch)  # fmt: skip
    for h in range(begin, end):
        above, below = word(row_starts, h), word(row_starts, h + 1)
        for w in range(places):
            left, right = word(column_starts, w), word(column_starts, w + 1)
            for block in range(blocks):
                first = block * OUTPUTS
                counts = (below - above, right - left, channels, outputs - first)
                for image in range(0, batch, VECTORS * LANES):
                    n = min(image, batch - VECTORS * LANES)  # the last ones may be made twice
                    to = ((h * outputs + first) * places + w) * batch + n
                    at = (n, block * panel, first, to, 2 * above, 2 * left)
                    sum_of_taps(arrays, at, counts, steps)


# ---- the gradient by the weight ------------------------------------------------------------------


def correlate_taps(g: Array, x: Array, axes: Sequence[Along]) -> Any:
    if not single(g, x) or x.shape[3] < LANES:
        return NotImplemented
    if x.shape[3] % LANES:
        g, x = (np.pad(a, ((0, 0),) * 3 + ((0, -a.shape[3] % LANES),)) for a in (g, x))
    outputs, channels, sizes = g.shape[1], x.shape[1], [along.size for along in axes]
    spans = [_spans(*pair) for pair in zip(axes, (len(x), x.shape[2]), strict=True)]
    parts: dict[int, Array] = {}
    loop: Any = _correlate

    def work(at: slice) -> None:
        parts[at.start] = part = np.zeros((*sizes, outputs, channels), np.float32)
        loop(g, x, part, *spans, axes[0].stride, axes[1].stride, at.start, at.stop)

    share_rows(work, len(g), g[:1].size * channels * sizes[0] * sizes[1], PIECE)
    total = sum(parts[start] for start in sorted(parts))
    return np.ascontiguousarray(np.transpose(total, (2, 3, 0, 1)))


@lru_cache(maxsize=1024)
def _spans(along: Along, length: int) -> Array:
    """For each tap the first place of the output, the first behind the last, and what it reads."""
    spans = np.zeros((along.size, 3), np.int64)
    for tap, places, sources in meetings(along, length):
        spans[tap] = places.start, places.stop, sources.start
    return spans


@fused
def _correlate(
    g: Array, x: Array, out: Array, rows: Array, columns: Array, down: int, right: int,
    begin: int, end: int,
) -> None:  # fmt: skip
    """Some rows of g, a few at a time, and a tile of outputs and channels after the other."""
    tall, wide, outputs, channels = out.shape
    few = max(1, TERMS * LANES // max(1, g.shape[2] * g.shape[3]))
    across = 3 if channels > 1 else 1
    down_tiles, across_tiles = -(-outputs // ROWS), -(-channels // across)
    sums = np.empty((wide, ROWS * across, LANES), np.float32)
    for start in range(begin, end, few):
        for i in range(tall):
            first, last = max(start, rows[i, 0]), min(start + few, end, rows[i, 1])
            source = rows[i, 2] + (first - rows[i, 0]) * down
            for tile in range(down_tiles * across_tiles):
                if channels > outputs:  # what is gone through many times is the smaller one
                    o, c = tile % down_tiles * ROWS, tile // down_tiles * across
                else:
                    o, c = tile // across_tiles * ROWS, tile % across_tiles * across
                sums[:] = np.float32(0)
                for h in range(first, last):
                    row = source + (h - first) * down
                    _add_row(g, x, sums, h, row, o, c, columns, right)
                for j in range(wide):
                    for k in range(ROWS * across):
                        r, s = o + k // across, c + k % across
                        if r < outputs and s < channels:
                            out[i, j, r, s] += sums[j, k].sum()


@fused
def _add_row(
    g: Array, x: Array, sums: Array, h: int, row: int, o: int, c: int, columns: Array, right: int
) -> None:
    """What all taps in a row of the kernel join, of a row of g and the row of x that it reads."""
    (_, outputs, places, batch), (_, channels, width, _) = g.shape, x.shape
    arrays, tile = (g, x, sums), sums[0].size
    steps = (batch, right * batch, places * batch, width * batch)
    for chunk in range(0, places, CHUNK):
        for j in range(len(columns)):
            first, last = max(chunk, columns[j, 0]), min(chunk + CHUNK, columns[j, 1])
            source = columns[j, 2] + (first - columns[j, 0]) * right
            at = (
                ((h * outputs + o) * places + first) * batch,
                ((row * channels + c) * width + source) * batch,
                j * tile,
            )
            counts = (last - first, batch // LANES, outputs - o, channels - c)
            if channels > 1:
                sum_of_three_pairs(arrays, at, counts, steps)
            else:
                sum_of_pairs(arrays, at, counts, steps)
