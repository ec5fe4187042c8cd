"""What happens to the numbers of one step of a GRU, in single precision; loops as for the LSTM."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled import formulas
from autograd.kernels.compiled.loops import fused, single

__all__ = ["gru_cell", "gru_cell_pull"]

Array = Any

_HALF = np.float32(0.5)


def gru_cell(gate: Array, added: Array, candidate: Array, state: Array) -> Any:
    if not single(gate, added, candidate, state):
        return NotImplemented
    _cell(gate, added, candidate, state)
    return None


@fused
def _cell(gate: Array, added: Array, candidate: Array, state: Array) -> None:
    size = state.shape[1]
    for n in range(state.shape[0]):
        row, more, middle, now = gate[n], added[n], candidate[n], state[n]
        squashed, rest = row[: 2 * size], more[2 * size :]
        for j in range(2 * size):
            squashed[j] = _HALF * formulas.tanh(squashed[j] + more[j]) + _HALF
        reset, update, new = row[:size], row[size : 2 * size], row[2 * size :]
        for j in range(size):
            middle[j] = rest[j]
        for j in range(size):
            more[j] = reset[j] * rest[j]
        for j in range(size):
            new[j] = formulas.tanh(new[j] + more[j])
        for j in range(size):
            now[j] = (now[j] - new[j]) * update[j] + new[j]


def gru_cell_pull(
    g: Array,
    gate: Array,
    candidate: Array,
    before: Array,
    g_gate: Array,
    d: Array,
    added: Array,
    past: Array,
) -> Any:
    if not single(g, gate, candidate, before, g_gate, d, added, past):
        return NotImplemented
    _cell_pull(g, gate, candidate, before, g_gate, d, added, past)
    return None


@fused
def _cell_pull(
    g: Array, gate: Array, candidate: Array, before: Array, g_gate: Array, d: Array,
    added: Array, past: Array,
) -> None:  # fmt: skip
    size = g.shape[1]
    for n in range(g.shape[0]):
        v, row, k, b, extra, out = g[n], gate[n], candidate[n], before[n], g_gate[n], d[n]
        reset, update, new = row[:size], row[size : 2 * size], row[2 * size :]
        of_reset, of_update, of_new = out[:size], out[size : 2 * size], out[2 * size :]
        left, of_candidate = past[n], added[n, 2 * size :]
        for j in range(size):
            left[j] = v[j] * update[j]
        for j in range(size):
            slope = 1 - new[j] * new[j]
            of_new[j] = (v[j] - left[j] + extra[2 * size + j]) * slope
        for j in range(size):
            slope = update[j] - update[j] * update[j]
            of_update[j] = ((b[j] - new[j]) * v[j] + extra[size + j]) * slope
        for j in range(size):
            slope = reset[j] - reset[j] * reset[j]
            of_reset[j] = (of_new[j] * k[j] + extra[j]) * slope
        for j in range(size):
            of_candidate[j] = of_new[j] * reset[j]
        for j in range(2 * size):
            added[n, j] = out[j]
