"""One step of an LSTM in single precision; each loop reads and writes few arrays, as in `lstm`."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled import formulas
from autograd.kernels.compiled.loops import fused, single

__all__ = ["lstm_gates", "lstm_gates_pull"]

Array = Any

_HALF = np.float32(0.5)


def lstm_gates(
    gates: Array, more: Array, bias: Array, before: Array, cell: Array, hidden: Array
) -> Any:
    if not single(gates, more, bias, before, cell, hidden):
        return NotImplemented
    _gates(gates, more, bias, before.ravel(), cell.ravel(), hidden.ravel())
    return None


@fused
def _gates(
    gates: Array, more: Array, bias: Array, before: Array, cell: Array, hidden: Array
) -> None:
    for row in range(gates.shape[0]):
        b = bias[row]
        for n in range(gates.shape[1]):
            gates[row, n] += more[row, n] + b
    size, z = cell.size, gates.reshape(-1)
    i, f, u, o = z[:size], z[size : 2 * size], z[2 * size : 3 * size], z[3 * size :]
    for j in range(size):
        i[j] = _HALF * formulas.tanh(_HALF * i[j]) + _HALF
    for j in range(size):
        f[j] = _HALF * formulas.tanh(_HALF * f[j]) + _HALF
    for j in range(size):
        u[j] = formulas.tanh(u[j])
    for j in range(size):
        o[j] = _HALF * formulas.tanh(_HALF * o[j]) + _HALF
    for j in range(size):
        cell[j] = f[j] * before[j] + i[j] * u[j]
    for j in range(size):
        hidden[j] = o[j] * formulas.tanh(cell[j])


def lstm_gates_pull(
    g_state: Array,
    g_cell: Array,
    gates: Array,
    cell: Array,
    before: Array,
    pulled: Array,
    d_before: Array,
) -> Any:
    arrays = (g_state, g_cell, gates, cell, before, pulled, d_before)
    if not single(*arrays):
        return NotImplemented
    _gates_pull(*(a.ravel() for a in arrays))
    return None


@fused
def _gates_pull(
    dh: Array, dc: Array, z: Array, c: Array, b: Array, d: Array, d_before: Array
) -> None:
    size = c.size
    i, f, u, o = z[:size], z[size : 2 * size], z[2 * size : 3 * size], z[3 * size :]
    di, df = d[:size], d[size : 2 * size]
    du, do = d[2 * size : 3 * size], d[3 * size :]
    for j in range(size):
        t = formulas.tanh(c[j])
        do[j] = dh[j] * t * (o[j] - o[j] * o[j])
        d_before[j] = dh[j] * o[j] * (1 - t * t)
    for j in range(size):
        d_before[j] += dc[j]
    for j in range(size):
        di[j] = d_before[j] * u[j] * (i[j] - i[j] * i[j])
    for j in range(size):
        du[j] = d_before[j] * i[j] * (1 - u[j] * u[j])
    for j in range(size):
        df[j] = d_before[j] * b[j] * (f[j] - f[j] * f[j])
        d_before[j] *= f[j]
