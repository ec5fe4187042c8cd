"""LSTMs in single precision: all steps of some sequences in one call, or the numbers of one step.

Rows are addresses. Each loop reads and writes few of them, so that checking whether they overlap
does not keep it from being vector code.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled.matrix.panels import (
    all_single,
    in_panels,
    product,
    room,
    row_lengths,
    scan_batch,
    worth_while,
)
from autograd.kernels.compiled.parallel import formulas
from autograd.kernels.compiled.parallel.addresses import add, address_of, copy, get, places_of, put
from autograd.kernels.compiled.parallel.loops import called, fused, single
from autograd.kernels.recurrent.recurrent import absent, by_parts

__all__ = ["lstm", "lstm_cell", "lstm_cell_pull", "lstm_pull"]

Array = Any

Places = Any

_HALF, _ONE = np.float32(0.5), np.float32(1)


def lstm(
    x: Array,
    h: Array,
    c: Array,
    w_ih: Array,
    w_hh: Array,
    bias: Array | None,
    w_hr: Array | None,
    steps: list[slice],
) -> Any:
    batch, size = c.shape
    bias = np.zeros(4 * size, np.float32) if bias is None else bias
    if (
        w_hr is not None
        or not worth_while(w_hh, steps)
        or not all_single(x, h, c, w_ih, w_hh, bias)
    ):
        return NotImplemented
    weight, cell = in_panels(w_hh.T), np.array(c, order="C")
    state, more = room(weight, batch)
    state[:batch, :size] = h
    gates = by_parts(x, w_ih.T)
    outputs, cells = np.empty((2, len(x), size), np.float32)
    bias = np.ascontiguousarray(bias)
    places = places_of(bias, weight, gates, outputs, cells, state, cell, more)
    scan_batch(lambda *part: _scan(places, weight.shape, size, *part), weight, batch, steps)
    return outputs, state[:batch, :size].copy(), cell, gates, cells


@fused
def _scan(
    places: Places, shape: Any, size: int, starts: Array, counts: Array, first: int, end: int
) -> None:
    bias, weight, gates, outputs, cells, state, cell, more = places
    line, broad = row_lengths(shape)
    for step in range(starts.size):
        last = min(end, counts[step])
        if first < last:
            rows = (last - first + 3) // 4 * 4
            product(state + first * line, rows, weight, shape, more + first * broad)
        for n in range(first, last):
            at, now = 4 * (starts[step] + n) * size, cell + 4 * n * size
            add(more + n * broad, gates + 4 * at, 4 * size)
            add(bias, gates + 4 * at, 4 * size)
            next_state(gates + 4 * at, now, cells + at, outputs + at, size)
            copy(cells + at, now, size)
            copy(outputs + at, state + n * line, size)


@called
def next_state(gates: int, before: int, cell: int, hidden: int, size: int) -> None:
    """gates ← how far they open, cell ← f·before + i·u, hidden ← o·tanh(cell)."""
    for j in range(4 * size):
        scale = _ONE if 2 * size <= j < 3 * size else _HALF  # σ(x) is ½ tanh(½x) + ½
        put(gates, j, formulas.tanh(get(gates, j) * scale) * scale + (_ONE - scale))
    f, u, o = gates + 4 * size, gates + 8 * size, gates + 12 * size
    for j in range(size):
        put(cell, j, get(f, j) * get(before, j) + get(gates, j) * get(u, j))
    for j in range(size):
        put(hidden, j, get(o, j) * formulas.tanh(get(cell, j)))


def lstm_pull(
    g: Array,
    g_state: Array,
    g_cell: Array,
    g_gates: Array,
    g_cells: Array,
    gates: Array,
    cells: Array,
    first: Array,
    w_hh: Array,
    w_hr: Array | None,
    steps: list[slice],
) -> Any:
    if (
        w_hr is not None
        or not worth_while(w_hh, steps)
        or not all_single(g_state, g_cell, first, w_hh)
    ):
        return NotImplemented
    if not (single(g, gates, cells) and absent(g_gates) and absent(g_cells)):
        return NotImplemented
    weight, (d_state, d_cell, first) = in_panels(w_hh), np.array([g_state, g_cell, first])
    d, back = room(weight, len(first))
    out = np.empty(gates.shape, np.float32)
    size = first.shape[1]
    places = places_of(g, gates, cells, first, weight, out, d_state, d_cell, d, back)
    scan_batch(
        lambda *part: _scan_back(places, weight.shape, size, *part), weight, len(first), steps
    )
    return out, d_state, d_cell


@fused
def _scan_back(
    places: Places, shape: Any, size: int, starts: Array, counts: Array, first: int, end: int
) -> None:
    g, gates, cells, before, weight, out, d_state, d_cell, d, back = places
    line, broad = row_lengths(shape)
    for step in range(starts.size - 1, -1, -1):
        last, earlier = min(end, counts[step]), counts[step - 1] if step else 0
        for n in range(first, last):
            at, here = 4 * (starts[step] + n) * size, 4 * n * size
            add(g + at, d_state + here, size)
            old = cells + 4 * (starts[step - 1] + n) * size if n < earlier else before + here
            _row_pull(
                d_state + here, d_cell + here, gates + 4 * at, cells + at, old, out + 4 * at, size
            )
            copy(out + 4 * at, d + n * line, 4 * size)
        if first < last:
            rows = (last - first + 3) // 4 * 4
            product(d + first * line, rows, weight, shape, back + first * broad)
        for n in range(first, last):
            copy(back + n * broad, d_state + 4 * n * size, size)


def lstm_cell(gate: Array, scale: Array, shift: Array, cell: Array, hidden: Array) -> Any:
    if not single(gate, scale, shift, cell, hidden):
        return NotImplemented
    _cell(gate, scale, shift, cell, hidden)
    return None


@fused
def _cell(gate: Array, scale: Array, shift: Array, cell: Array, hidden: Array) -> None:
    size = cell.shape[1]
    for n in range(cell.shape[0]):
        row, c, h = gate[n], cell[n], hidden[n]
        for j in range(row.size):
            row[j] = formulas.tanh(row[j]) * scale[j] + shift[j]
        i, f, u, o = row[:size], row[size : 2 * size], row[2 * size : 3 * size], row[3 * size :]
        for j in range(size):
            c[j] = f[j] * c[j] + i[j] * u[j]
        for j in range(size):
            h[j] = o[j] * formulas.tanh(c[j])


def lstm_cell_pull(
    d_hidden: Array, d_cell: Array, gate: Array, cell: Array, before: Array, d: Array
) -> Any:
    if not single(d_hidden, d_cell, gate, cell, before, d):
        return NotImplemented
    _cell_pull(d_hidden, d_cell, gate, cell, before, d)
    return None


@fused
def _cell_pull(
    d_hidden: Array, d_cell: Array, gate: Array, cell: Array, before: Array, d: Array
) -> None:
    rows, size = cell.shape
    for n in range(rows):
        at = 4 * n * size
        _row_pull(
            address_of(d_hidden) + at,
            address_of(d_cell) + at,
            address_of(gate) + 4 * at,
            address_of(cell) + at,
            address_of(before) + at,
            address_of(d) + 4 * at,
            size,
        )


@called
def _row_pull(dh: int, dc: int, gates: int, cell: int, before: int, d: int, size: int) -> None:
    i, f, u, o = gates, gates + 4 * size, gates + 8 * size, gates + 12 * size
    for j in range(size):
        t = formulas.tanh(get(cell, j))
        put(d + 12 * size, j, get(dh, j) * t * (get(o, j) - get(o, j) * get(o, j)))
        put(dc, j, get(dc, j) + get(dh, j) * get(o, j) * (1 - t * t))
    for j in range(size):
        put(d, j, get(dc, j) * get(u, j) * (get(i, j) - get(i, j) * get(i, j)))
    for j in range(size):
        put(d + 8 * size, j, get(dc, j) * get(i, j) * (1 - get(u, j) * get(u, j)))
    for j in range(size):
        slope = get(f, j) - get(f, j) * get(f, j)
        put(d + 4 * size, j, get(dc, j) * get(before, j) * slope)
        put(dc, j, get(dc, j) * get(f, j))
