"""Long short-term memory over whole sequences; rows and steps are those of `recurrent`."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.matrix.dense import dense
from autograd.kernels.parallel.twins import twin
from autograd.kernels.recurrent.recurrent import Array, absent, earlier, projected

__all__ = ["lstm", "lstm_cell", "lstm_cell_pull", "lstm_pull"]


def _scale(size: int, dtype: Any) -> Array:
    """½ for the three gates with σ, 1 for the one with tanh: σ(x) is ½ tanh(½x) + ½."""
    scale = np.full(4 * size, 0.5, dtype)
    scale[2 * size : 3 * size] = 1
    return scale


@twin(1 << 11)
def lstm(
    x: Array,
    h: Array,
    c: Array,
    w_ih: Array,
    w_hh: Array,
    bias: Array | None,
    w_hr: Array | None,
    steps: list[slice],
) -> tuple[Array, ...]:
    """The outputs of all steps, the last output and cell, and the gates and cells of all steps.

    The gates lie side by side in a row: input, forget, candidate (tanh), output.
    """
    dtype, size = np.result_type(x, h, c, w_ih, w_hh), c.shape[1]
    scale = _scale(size, dtype)
    early = len(x) > w_hh.shape[1]  # many rows: the weights are scaled once, and not every gate
    if early:
        w_ih, w_hh = w_ih * scale[:, None], w_hh * scale[:, None]
        bias = None if bias is None else bias * scale
    gates = projected(x, w_ih, bias, dtype)
    weight = w_hh.astype(dtype, copy=False)
    state, cell = np.array(h, dtype, order="C"), np.array(c, dtype, order="C")
    cells = np.empty((len(x), size), dtype)
    outputs = np.empty((len(x), state.shape[1]), dtype)
    hidden = np.empty_like(cell)
    shift = 1 - scale
    shift[2 * size : 3 * size] = 0
    for rows in steps:
        n = rows.stop - rows.start
        gate, now, out = gates[rows], cell[:n], outputs[rows]
        gate += dense(state[:n], weight)
        if not early:
            gate *= scale
        lstm_cell(gate, scale, shift, now, out if w_hr is None else hidden[:n])
        cells[rows] = now
        if w_hr is not None:
            np.dot(hidden[:n], w_hr.T, out=out)
        state[:n] = out
    return outputs, state, cell, gates, cells


@twin(1 << 11)
def lstm_cell(gate: Array, scale: Array, shift: Array, cell: Array, hidden: Array) -> None:
    """gate ← tanh(gate)·scale + shift, cell ← f·cell + i·u, hidden ← o·tanh(cell)."""
    size = cell.shape[1]
    i, f, u, o = (gate[:, k * size : (k + 1) * size] for k in range(4))
    np.tanh(gate, out=gate)
    gate *= scale
    gate += shift
    cell *= f
    cell += np.multiply(i, u, out=hidden)
    np.tanh(cell, out=hidden)
    hidden *= o


@twin(1 << 11)
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
) -> tuple[Array, ...]:
    """The cotangents of the pre-activations, of the first state and cell, and of w_hr if given."""
    dtype, size = np.result_type(g, g_state, g_cell, gates, w_hh), first.shape[1]
    out = np.empty(gates.shape, dtype)
    state, cell = np.array(g_state, dtype, order="C"), np.array(g_cell, dtype, order="C")
    weight = w_hh.astype(dtype, copy=False)
    later = None if w_hr is None else np.empty(g.shape, dtype)  # all that reaches the outputs
    no_gates, no_cells = absent(g_gates), absent(g_cells)
    for rows, before in zip(reversed(steps), reversed(earlier(first, cells, steps)), strict=True):
        n = rows.stop - rows.start
        gate, d, d_cell = gates[rows], out[rows], cell[:n]
        d_hidden = state[:n]
        d_hidden += g[rows]
        if w_hr is not None and later is not None:
            later[rows] = d_hidden
            d_hidden = np.dot(d_hidden, w_hr)
        if not no_cells:
            d_cell += g_cells[rows]
        lstm_cell_pull(d_hidden, d_cell, gate, cells[rows], before, d)
        if not no_gates:
            d += g_gates[rows] * _slopes(gate)
        np.dot(d, weight, out=state[:n])
    if later is None:
        return out, state, cell
    hidden = gates[:, 3 * size :] * np.tanh(cells)
    return out, state, cell, later.T @ hidden


@twin(1 << 10)
def lstm_cell_pull(
    d_hidden: Array, d_cell: Array, gate: Array, cell: Array, before: Array, d: Array
) -> None:
    """d ← what reaches the pre-activations, d_cell ← what reaches the cell `before`."""
    size = cell.shape[1]
    i, f, u, o = (gate[:, k * size : (k + 1) * size] for k in range(4))
    tanh = np.tanh(cell)
    np.multiply(d_hidden, tanh, out=d[:, 3 * size :])
    d_hidden_o = d_hidden * o
    d_cell += d_hidden_o
    tanh *= tanh
    tanh *= d_hidden_o
    d_cell -= tanh
    np.multiply(d_cell, u, out=d[:, :size])
    np.multiply(d_cell, before, out=d[:, size : 2 * size])
    np.multiply(d_cell, i, out=d[:, 2 * size : 3 * size])
    d_cell *= f
    d *= _slopes(gate)


def _slopes(gate: Array) -> Array:
    """σ' is σ − σ², tanh' is 1 − tanh²."""
    size = gate.shape[1] // 4
    slopes = gate * gate
    np.subtract(gate[:, : 2 * size], slopes[:, : 2 * size], out=slopes[:, : 2 * size])
    np.subtract(1, slopes[:, 2 * size : 3 * size], out=slopes[:, 2 * size : 3 * size])
    np.subtract(gate[:, 3 * size :], slopes[:, 3 * size :], out=slopes[:, 3 * size :])
    return slopes
