"""One step of an LSTM. All arrays lie with the batch along their last axis: a state is (H, N).

So the products of a few rows with the weights are made the way that is faster, the four gates are
blocks of memory, and the next step finds its state as it needs it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.parallel.probe import is_symbol
from autograd.kernels.parallel.twins import twin

__all__ = ["lstm_gates", "lstm_gates_pull", "lstm_step", "lstm_step_pull"]

Array = Any


def lstm_step(
    x: Array, h: Array, c: Array, w_ih: Array, w_hh: Array, bias: Array | None
) -> tuple[Array, Array, Array]:
    """The next state and cell, and the gates (input, forget, candidate, output), one below another.

    `x` and the states are (N, ·), and so are the results, transposed in memory.
    """
    if not x.dtype is h.dtype is c.dtype is w_ih.dtype is w_hh.dtype:
        common = np.result_type(x, h, c, w_ih, w_hh)
        x, h, c, w_ih, w_hh = (a.astype(common, copy=False) for a in (x, h, c, w_ih, w_hh))
    if is_symbol(c):
        return _step_of_gates(np.dot(w_ih, x.T) + np.dot(w_hh, h.T), bias, c.T)
    dtype = c.dtype
    gates, more = np.dot(w_ih, x.T), np.dot(w_hh, h.T)
    before = np.ascontiguousarray(c.T)
    if bias is None:
        bias = np.zeros(len(gates), dtype)
    cell, hidden = np.empty(before.shape, dtype), np.empty(before.shape, dtype)
    lstm_gates(gates, more, bias.astype(dtype, copy=False), before, cell, hidden)
    return hidden.T, cell.T, gates.T


def _step_of_gates(z: Array, bias: Array | None, before: Array) -> tuple[Array, Array, Array]:
    """What `lstm_gates` computes where the gates lie, from sums of products, as a formula."""
    z = z if bias is None else z + bias[:, None]
    i, f, u, o = np.split(z, 4)
    i, f, o = (np.tanh(gate * 0.5) * 0.5 + 0.5 for gate in (i, f, o))
    u = np.tanh(u)
    cell = f * before + i * u
    return (np.tanh(cell) * o).T, cell.T, np.concatenate([i, f, u, o]).T


@twin(1 << 11)
def lstm_gates(
    gates: Array, more: Array, bias: Array, before: Array, cell: Array, hidden: Array
) -> None:
    """gates ← how far they open, cell ← f·before + i·u, hidden ← o·tanh(cell).

    Pre-activations are the sum of what `gates` (4 H, N) hold at first, `more` and the bias.
    """
    size = len(cell)
    i, f, u, o = (gates[k * size : (k + 1) * size] for k in range(4))
    gates += more
    gates += bias[:, None]
    squashed = gates[: 2 * size], o  # σ(x) is ½ tanh(½x) + ½
    for gate in squashed:
        gate *= 0.5
    np.tanh(gates, out=gates)
    for gate in squashed:
        gate *= 0.5
        gate += 0.5
    np.multiply(f, before, out=cell)
    cell += np.multiply(i, u, out=hidden)
    np.tanh(cell, out=hidden)
    hidden *= o


def lstm_step_pull(
    g_state: Array, g_cell: Array, gates: Array, cell: Array, before: Array
) -> tuple[Array, Array]:
    """The cotangents of the pre-activations and of the cell before, turned as in `lstm_step`."""
    dtype = np.result_type(g_state, g_cell, gates)
    g_state, g_cell, gates, cell, before = (
        np.ascontiguousarray(a.T, dtype) for a in (g_state, g_cell, gates, cell, before)
    )
    pulled, d_before = np.empty(gates.shape, dtype), np.empty(cell.shape, dtype)
    lstm_gates_pull(g_state, g_cell, gates, cell, before, pulled, d_before)
    return pulled.T, d_before.T


@twin(1 << 10)
def lstm_gates_pull(
    g_state: Array,
    g_cell: Array,
    gates: Array,
    cell: Array,
    before: Array,
    pulled: Array,
    d_before: Array,
) -> None:
    """pulled ← what reaches the pre-activations, d_before ← what reaches the cell `before`."""
    size = len(cell)
    i, f, u, o = (gates[k * size : (k + 1) * size] for k in range(4))
    d_i, d_f, d_u, d_o = (pulled[k * size : (k + 1) * size] for k in range(4))
    tanh = np.tanh(cell)
    slope = gates * gates  # σ' is σ − σ², tanh' is 1 − tanh²
    np.subtract(gates[: 2 * size], slope[: 2 * size], out=slope[: 2 * size])
    np.subtract(1, slope[2 * size : 3 * size], out=slope[2 * size : 3 * size])
    np.subtract(o, slope[3 * size :], out=slope[3 * size :])
    np.multiply(g_state, tanh, out=d_o)
    np.multiply(g_state, o, out=d_before)
    tanh *= tanh
    np.subtract(1, tanh, out=tanh)
    d_before *= tanh
    d_before += g_cell
    np.multiply(d_before, u, out=d_i)
    np.multiply(d_before, before, out=d_f)
    np.multiply(d_before, i, out=d_u)
    pulled *= slope
    d_before *= f
