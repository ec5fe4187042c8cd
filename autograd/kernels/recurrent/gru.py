"""Gated recurrent units over whole sequences; rows and steps are those of `recurrent`."""

from __future__ import annotations

import numpy as np

from autograd.kernels.matrix.dense import dense
from autograd.kernels.parallel.twins import twin
from autograd.kernels.recurrent.recurrent import Array, absent, earlier, projected

__all__ = ["gru", "gru_cell", "gru_cell_pull", "gru_pull"]


@twin(1 << 11)
def gru(
    x: Array,
    h: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None,
    b_hh: Array | None,
    steps: list[slice],
) -> tuple[Array, ...]:
    """The states of all steps, the last state, and the gates and candidates of all steps.

    The gates lie side by side in a row: reset, update, and the new state (tanh). The candidates are
    what the state adds to the new one before the reset gate scales it.
    """
    dtype, size = np.result_type(x, h, w_ih, w_hh), h.shape[1]
    scale = np.full(3 * size, 0.5, dtype)  # σ(x) is ½ tanh(½x) + ½
    scale[2 * size :] = 1
    early = len(x) > size  # many rows: the weights are scaled once, and not every gate
    if early:
        w_ih, w_hh = w_ih * scale[:, None], w_hh * scale[:, None]
        b_ih, b_hh = (None if b is None else b * scale for b in (b_ih, b_hh))
    gates = projected(x, w_ih, b_ih, dtype)
    weight = w_hh.astype(dtype, copy=False)
    bias = None if b_hh is None else b_hh.astype(dtype, copy=False)
    state = np.array(h, dtype, order="C")
    states, candidates = np.empty((2, len(x), size), dtype)
    for rows in steps:
        n = rows.stop - rows.start
        gate, now, candidate = gates[rows], state[:n], candidates[rows]
        added = dense(now, weight)
        if bias is not None:
            added += bias
        if not early:
            gate[:, : 2 * size] *= 0.5
            added[:, : 2 * size] *= 0.5
        gru_cell(gate, added, candidate, now)
        states[rows] = now
    return states, state, gates, candidates


@twin(1 << 11)
def gru_cell(gate: Array, added: Array, candidate: Array, state: Array) -> None:
    """gate ← its pre-activations and what the state has added, squashed; state ← the next one.

    `added` is used up.
    """
    size = state.shape[1]
    candidate[...] = added[:, 2 * size :]
    reset_update, new = gate[:, : 2 * size], gate[:, 2 * size :]
    reset_update += added[:, : 2 * size]
    np.tanh(reset_update, out=reset_update)
    reset_update *= 0.5
    reset_update += 0.5
    new += np.multiply(gate[:, :size], candidate, out=added[:, :size])
    np.tanh(new, out=new)
    state -= new
    state *= gate[:, size : 2 * size]
    state += new


@twin(1 << 11)
def gru_pull(
    g: Array,
    g_state: Array,
    g_gates: Array,
    g_candidates: Array,
    states: Array,
    gates: Array,
    candidates: Array,
    first: Array,
    w_hh: Array,
    steps: list[slice],
) -> tuple[Array, ...]:
    """The cotangents of what the inputs add to the gates, of what the state adds, and of `first`.

    They differ in the new state, to which the state adds its candidate by way of the reset gate.
    """
    dtype, size = np.result_type(g, g_state, gates, w_hh), first.shape[1]
    of_inputs, of_added = np.empty((2, *gates.shape), dtype)
    state = np.array(g_state, dtype, order="C")
    weight, product = w_hh.astype(dtype, copy=False), np.empty_like(state)
    none = np.zeros((len(first), 3 * size), dtype) if absent(g_gates) else None
    no_candidates = absent(g_candidates)
    for rows, before in zip(reversed(steps), reversed(earlier(first, states, steps)), strict=True):
        n = rows.stop - rows.start
        gate, candidate, d, now = gates[rows], candidates[rows], of_inputs[rows], state[:n]
        now += g[rows]
        added, given = of_added[rows], g_gates[rows] if none is None else none[:n]
        gru_cell_pull(now, gate, candidate, before, given, d, added, product[:n])
        if not no_candidates:
            added[:, 2 * size :] += g_candidates[rows]
        np.dot(added, weight, out=now)
        now += product[:n]
    return of_inputs, of_added, state


@twin(1 << 10)
def gru_cell_pull(
    g: Array,
    gate: Array,
    candidate: Array,
    before: Array,
    g_gate: Array,
    d: Array,
    added: Array,
    past: Array,
) -> None:
    """d and `added` ← what reaches the inputs' part and the state's part of the pre-activations.

    `past` ← what reaches the state `before` past the gates.
    """
    size = g.shape[1]
    reset, update, new = (gate[:, k * size : (k + 1) * size] for k in range(3))
    d_reset, d_update, d_new = (d[:, k * size : (k + 1) * size] for k in range(3))
    # σ' is σ - σ², tanh' is 1 - tanh²
    squares = gate * gate
    np.subtract(gate[:, : 2 * size], squares[:, : 2 * size], out=squares[:, : 2 * size])
    np.subtract(1, squares[:, 2 * size :], out=squares[:, 2 * size :])
    np.subtract(before, new, out=d_update)
    d_update *= g
    np.multiply(g, update, out=past)
    np.subtract(g, past, out=d_new)
    d[:, size:] += g_gate[:, size:]
    d_new *= squares[:, 2 * size :]
    np.multiply(d_new, candidate, out=d_reset)
    d_reset += g_gate[:, :size]
    d[:, : 2 * size] *= squares[:, : 2 * size]
    added[:, : 2 * size] = d[:, : 2 * size]
    np.multiply(d_new, reset, out=added[:, 2 * size :])
