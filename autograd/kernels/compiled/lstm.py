"""LSTMs in single precision: all steps of some sequences in one call, or the numbers of one step.

Each loop reads and writes few arrays, so that checking whether they overlap does not keep it from
being vector code.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled import formulas
from autograd.kernels.compiled.loops import fused, single
from autograd.kernels.compiled.panels import (
    all_single,
    in_panels,
    product,
    room,
    scan_batch,
    worth_while,
)
from autograd.kernels.recurrent import absent, by_parts

__all__ = ["lstm", "lstm_cell", "lstm_cell_pull", "lstm_pull"]

Array = Any

_HALF = np.float32(0.5)


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
    arrays = (np.ascontiguousarray(bias), weight, gates, outputs, cells, state, cell, more)
    scan_batch(lambda *part: _scan(*arrays, *part), weight, batch, steps)
    return outputs, state[:batch, :size].copy(), cell, gates, cells


@fused
def _scan(
    bias: Array, weight: Array, gates: Array, outputs: Array, cells: Array, state: Array,
    cell: Array, more: Array, starts: Array, counts: Array, first: int, end: int,
) -> None:  # fmt: skip
    for step in range(starts.size):
        last = min(end, counts[step])
        if first < last:
            rows = slice(first, first + (last - first + 3) // 4 * 4)
            product(state[rows], weight, more[rows])
        for n in range(first, last):
            at = starts[step] + n
            _next(gates[at], more[n], bias, cell[n], cells[at], outputs[at], state[n])


@fused
def _next(
    row: Array, more: Array, bias: Array, c: Array, kept: Array, out: Array, h: Array
) -> None:
    size = c.size
    for j in range(4 * size):
        row[j] += more[j] + bias[j]
    i, f, u, o = row[:size], row[size : 2 * size], row[2 * size : 3 * size], row[3 * size :]
    for j in range(size):
        i[j] = _HALF * formulas.tanh(_HALF * i[j]) + _HALF
    for j in range(size):
        f[j] = _HALF * formulas.tanh(_HALF * f[j]) + _HALF
    for j in range(size):
        u[j] = formulas.tanh(u[j])
    for j in range(size):
        o[j] = _HALF * formulas.tanh(_HALF * o[j]) + _HALF
    for j in range(size):
        c[j] = f[j] * c[j] + i[j] * u[j]
        kept[j] = c[j]
    for j in range(size):
        out[j] = o[j] * formulas.tanh(c[j])
        h[j] = out[j]


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
    arrays = (g, gates, cells, first, weight, out, d_state, d_cell, d, back)
    scan_batch(lambda *part: _scan_back(*arrays, *part), weight, len(first), steps)
    return out, d_state, d_cell


@fused
def _scan_back(
    g: Array, gates: Array, cells: Array, before: Array, weight: Array, out: Array, d_state: Array,
    d_cell: Array, d: Array, back: Array, starts: Array, counts: Array, first: int, end: int,
) -> None:  # fmt: skip
    for step in range(starts.size - 1, -1, -1):
        last, earlier = min(end, counts[step]), counts[step - 1] if step else 0
        for n in range(first, last):
            at, dh = starts[step] + n, d_state[n]
            for j in range(dh.size):
                dh[j] += g[at, j]
            old = cells[starts[step - 1] + n] if n < earlier else before[n]
            _row_pull(dh, d_cell[n], gates[at], cells[at], old, d[n])
            for j in range(4 * dh.size):
                out[at, j] = d[n, j]
        if first < last:
            rows = slice(first, first + (last - first + 3) // 4 * 4)
            product(d[rows], weight, back[rows])
        for n in range(first, last):
            for j in range(d_state.shape[1]):
                d_state[n, j] = back[n, j]


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
    for n in range(cell.shape[0]):
        _row_pull(d_hidden[n], d_cell[n], gate[n], cell[n], before[n], d[n])


@fused
def _row_pull(dh: Array, dc: Array, g: Array, c: Array, b: Array, row: Array) -> None:
    size = c.size
    i, f, u, o = g[:size], g[size : 2 * size], g[2 * size : 3 * size], g[3 * size :]
    di, df = row[:size], row[size : 2 * size]
    du, do = row[2 * size : 3 * size], row[3 * size :]
    for j in range(size):
        t = formulas.tanh(c[j])
        do[j] = dh[j] * t * (o[j] - o[j] * o[j])
        dc[j] += dh[j] * o[j] * (1 - t * t)
    for j in range(size):
        di[j] = dc[j] * u[j] * (i[j] - i[j] * i[j])
    for j in range(size):
        du[j] = dc[j] * i[j] * (1 - u[j] * u[j])
    for j in range(size):
        df[j] = dc[j] * b[j] * (f[j] - f[j] * f[j])
        dc[j] *= f[j]
