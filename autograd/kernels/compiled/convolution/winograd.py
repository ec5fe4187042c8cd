"""Winograd's convolution: transforms and products of a few tiles at a time, in one compiled loop.

What is transformed stays in the second-level cache until it is multiplied, and threads do not meet
at the interpreter's lock. Tiles that lie within the array are read and written where they lie, the
others through a buffer with zeros around.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled.matrix.blocks import (
    COLUMNS,
    ROWS,
    multiply_panels,
    multiply_turned,
    turn,
)
from autograd.kernels.compiled.matrix.tiles import (
    SUMS,
    read_cotangent,
    read_input,
    room_of,
    write_tiles,
)
from autograd.kernels.compiled.matrix.transforms import turn_taps, turn_taps_back
from autograd.kernels.compiled.parallel.addresses import four_words, get, places_of, put, word
from autograd.kernels.compiled.parallel.lanes import LANES, load1, run_of, store
from autograd.kernels.compiled.parallel.loops import fused, single
from autograd.kernels.compiled.parallel.parts import Parts, cut
from autograd.kernels.convolution.winograd import LARGE
from autograd.kernels.parallel.threads import get_num_threads, share_range
from autograd.system.addresses import address_of

__all__ = ["convolve_rows", "correlate_rows", "finish_weight", "transform_weight"]

Array = Any

APART = 16 * 5  # numbers between planes
LINE = 16  # numbers of a line of a cache
CACHE = 150_000  # elements of transformed tiles and of products at a time, where it can be


def convolve_rows(
    x: Array, panels: Array, bias: Array | None, out: Array, first: Any, begin: int, end: int
) -> Any:
    outputs, channels, batch = out.shape[1], x.shape[1], x.shape[3]
    added = np.zeros(outputs, out.dtype) if bias is None else bias
    if not single(x, panels[0], added, out) or panels.strides[0] % 4:
        return NotImplemented
    count = _tiles_at_a_time(-(-out.shape[2] // 4), outputs, channels, batch)
    rooms, parts = [], []
    for start, stop in cut(begin, end, get_num_threads()):
        tiles, products = (_planes(n, count * batch) for n in (channels, ROWS * panels.shape[1]))
        room = _room(batch)
        rooms.append((room, tiles, products))
        apart = (panels.strides[0] // 4, tiles.shape[1], products.shape[1])
        places = places_of(x, panels, added, out, tiles, products, room)
        parts.append((places, (*x.shape, *out.shape, *first, start, stop, count, *apart)))
    _convolve(parts)
    return all(np.isfinite(room[SUMS : SUMS + LANES].sum()) for room, _, _ in rooms)


def correlate_rows(g: Array, x: Array, first: Any, begin: int, end: int) -> Any:
    outputs, channels, batch = g.shape[1], x.shape[1], x.shape[3]
    if not single(g, x):
        return NotImplemented
    count = _tiles_at_a_time(-(-g.shape[2] // 4), outputs, channels, batch)
    stride, below = _padded(count * batch, COLUMNS), _padded(channels, LANES)
    rooms, totals, parts = [], [], []
    for start, stop in cut(begin, end, get_num_threads()):
        tiles = _planes(max(channels, LANES), count * batch)
        others, turned = _planes(outputs, count * batch), _aligned(stride * below)
        total, room = _apart(_padded(outputs, ROWS) * below), _room(batch)
        if start == stop:
            total[:] = 0
        rooms.append((room, tiles, others, turned))
        totals.append(total.reshape(36, -1, below)[:, :outputs, :channels])
        apart = (tiles.shape[1], others.shape[1], total.strides[0] // 4, stride, below)
        places = places_of(g, x, tiles, others, turned, total, room)
        parts.append((places, (*g.shape, *x.shape, *first, start, stop, count, *apart)))
    _correlate(parts)
    return tuple(totals)


def transform_weight(weight: Array) -> Any:
    outputs, channels = weight.shape[:2]
    if not _is_single(weight) or channels < 2:
        return NotImplemented
    blocks, steps = _padded(outputs, ROWS) // ROWS, tuple(n // 4 for n in weight.strides)
    panels = _apart(blocks * channels * ROWS)

    def work(begin: int, end: int) -> None:
        room = _aligned(9 * channels * ROWS)
        places = places_of(weight, panels, room)
        _transform(places, (outputs, channels), steps, panels.strides[0] // 4, begin, end)

    if weight.size >= LARGE:
        share_range(work, blocks, True)
    else:
        work(0, blocks)
    return panels.reshape(36, blocks, channels, ROWS)


def finish_weight(total: Array, others: Any, out: Array) -> Any:
    channels = total.shape[2]
    if (
        not single(out)
        or channels < LANES
        or any(
            not _is_single(part) or part.strides != total.strides or part.strides[2] != 4
            for part in (total, *others)
        )
    ):
        return NotImplemented
    for part in others[1:]:
        np.add(others[0], part, out=others[0])
    room = _aligned(int(54 * LANES))
    places = places_of(total, *(others[:1] or (total,)), out, room)
    step, down = (n // 4 for n in total.strides[:2])
    return bool(_finish(places, total.shape[1:], step, down, len(others) > 0))


def _is_single(x: Array) -> bool:
    """Whether it is of single precision, with strides of whole numbers."""
    return bool(x.dtype == np.float32 and x.flags.aligned and not any(n % 4 for n in x.strides))


def _tiles_at_a_time(wide: int, outputs: int, channels: int, batch: int) -> int:
    """So many that they stay in the cache, or take as much of it as the weights."""
    room = max(CACHE, 2 * 36 * outputs * channels)
    return max(1, min(wide, room // (36 * (outputs + channels) * max(1, batch))))


def _padded(number: int, unit: int) -> int:
    return -(-number // int(unit)) * int(unit)


def _room(batch: int) -> Array:
    room = _aligned(room_of(batch))
    room[:] = 0
    return room


def _aligned(size: int) -> Array:
    """Room that begins with a line of a cache: vectors across two of them take twice as long."""
    room = np.empty(size + LINE, np.float32)
    begin = -address_of(room) // 4 % LINE
    return room[begin : begin + size]


def _apart(size: int) -> Array:
    """Room for the 36 places of what is transformed, not all at the same place of the cache."""
    return _aligned(36 * (size + APART)).reshape(36, size + APART)[:, :size]


def _planes(rows: int, columns: int) -> Array:
    """The same for rows of tiles, of which a little more is read."""
    size = rows * _padded(columns, COLUMNS)
    planes = _aligned(36 * (size + APART)).reshape(36, size + APART)
    if columns % COLUMNS:
        planes[:] = 0  # some of it is read, and nothing made of it
    return planes


@Parts
def _convolve(addresses: int, numbers: int) -> None:
    x, panels, bias, out = four_words(addresses, 0)
    tiles, products, room, _ = four_words(addresses, 4)
    shape, goal, first = four_words(numbers, 0), four_words(numbers, 4), four_words(numbers, 8)
    begin, end, count = word(numbers, 10), word(numbers, 11), word(numbers, 12)
    size, step, jump = word(numbers, 13), word(numbers, 14), word(numbers, 15)
    outputs, channels, batch, wide = goal[1], shape[1], shape[3], -(-goal[2] // 4)
    for row in range(4 * begin, 4 * end, 4):
        for tile in range(0, wide, count):
            column, number = 4 * tile, min(count, wide - tile)
            columns = number * batch
            stride = (columns + COLUMNS - 1) // COLUMNS * COLUMNS
            read_input(
                x, shape, row + first[0], column + first[1], number, tiles, step, stride, room
            )
            for f in range(36):
                multiply_panels(
                    panels + 4 * f * size, tiles + 4 * f * step, products + 4 * f * jump,
                    outputs, columns, channels, stride,
                )  # fmt: skip
            write_tiles(products, jump, stride, bias, row, column, number, out, goal, room)


@Parts
def _correlate(addresses: int, numbers: int) -> None:
    g, x, tiles, others = four_words(addresses, 0)
    turned, total, room, _ = four_words(addresses, 4)
    goal, shape, first = four_words(numbers, 0), four_words(numbers, 4), four_words(numbers, 8)
    begin, end, count = word(numbers, 10), word(numbers, 11), word(numbers, 12)
    step, jump, size = word(numbers, 13), word(numbers, 14), word(numbers, 15)
    stride, below = word(numbers, 16), word(numbers, 17)
    outputs, channels, batch = goal[1], shape[1], shape[3]
    wide = -(-goal[2] // 4)
    for row in range(4 * begin, 4 * end, 4):
        for tile in range(0, wide, count):
            column, number = 4 * tile, min(count, wide - tile)
            read_input(
                x, shape, row + first[0], column + first[1], number, tiles, step, stride, room
            )
            read_cotangent(g, goal, row, column, number, others, jump, stride, room)
            for f in range(36):
                turn(tiles + 4 * f * step, stride, turned, below, channels, number * batch)
                multiply_turned(
                    others + 4 * f * jump, turned, total + 4 * f * size, outputs, channels,
                    number * batch, stride, below, row > 4 * begin or tile > 0,
                )  # fmt: skip


@fused
def _transform(places: Any, shape: Any, steps: Any, step: int, begin: int, end: int) -> None:
    """G w Gᵀ of some blocks of outputs."""
    weight, panels, room = places
    outputs, channels = shape
    size = channels * ROWS
    for block in range(begin, end):
        rows = min(ROWS, outputs - block * ROWS)
        if rows < ROWS:
            for i in range(9 * size):
                put(room, i, np.float32(0))
        for c in range(channels):
            for r in range(rows):
                at, to = (block * ROWS + r) * steps[0] + c * steps[1], c * ROWS + r
                for i in range(3):
                    for j in range(3):
                        tap = get(weight, at + i * steps[2] + j * steps[3])
                        put(room, (3 * i + j) * size + to, tap)
        for i in range(0, size, LANES):
            place = min(i, size - LANES)  # some may be taken twice
            turn_taps(room + 4 * place, size, panels, block * size + place, step)


@fused
def _finish(places: Any, shape: Any, step: int, down: int, more: bool) -> bool:
    """out (O, C, 3, 3) ← Gᵀ m G, of one or two (36, O, C); whether their sum is finite."""
    total, other, out, room = places
    outputs, channels = shape
    sums, taps = room, room + 4 * 36 * LANES
    found = run_of(np.float32(0))
    for o in range(outputs):
        for i in range(0, channels, LANES):
            c = min(i, channels - LANES)
            for f in range(36):
                (number,) = load1(total, o * down + c + f * step, 0)
                if more:
                    number = number + load1(other, o * down + c + f * step, 0)[0]
                store(sums, f * LANES, 0, (number,))
            turn_taps_back(sums, 0, LANES, taps)
            to = (o * channels + c) * 9
            for tap in range(9):
                found = found + load1(taps, tap * LANES, 0)[0]
                for k in range(LANES):
                    put(out, to + k * 9 + tap, get(taps, tap * LANES + k))
    store(sums, 0, 0, (found,))
    result = np.float32(0)
    for k in range(LANES):
        result += get(sums, k)
    return bool(np.isfinite(result))
