"""What happens to the numbers of one step of an LSTM, in single precision.

Each loop reads and writes few arrays, so that checking whether they overlap does not keep it from
being vector code.
"""

from __future__ import annotations

from typing import Any

from autograd.kernels.compiled import formulas
from autograd.kernels.compiled.loops import fused, single

__all__ = ["lstm_cell", "lstm_cell_pull"]

Array = Any


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
    size = cell.shape[1]
    for n in range(cell.shape[0]):
        g, c, b, dh, dc, row = gate[n], cell[n], before[n], d_hidden[n], d_cell[n], d[n]
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
