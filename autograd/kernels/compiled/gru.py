"""GRUs in single precision: all steps of some sequences in one call, or the numbers of one step.

Loops are as for the LSTM.
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

__all__ = ["gru", "gru_cell", "gru_cell_pull", "gru_pull"]

Array = Any

_HALF = np.float32(0.5)


def gru(
    x: Array,
    h: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None,
    b_hh: Array | None,
    steps: list[slice],
) -> Any:
    batch, size = h.shape
    biases = [np.zeros(3 * size, np.float32) if b is None else b for b in (b_ih, b_hh)]
    if not worth_while(w_hh, steps) or not all_single(x, h, w_ih, w_hh, *biases):
        return NotImplemented
    weight = in_panels(w_hh.T)
    state, more = room(weight, batch)
    state[:batch, :size] = h
    gates = by_parts(x, w_ih.T)
    states, candidates = np.empty((2, len(x), size), np.float32)
    arrays = (*map(np.ascontiguousarray, biases), weight, gates, candidates, states, state, more)
    scan_batch(lambda *part: _scan(*arrays, *part), weight, batch, steps)
    return states, state[:batch, :size].copy(), gates, candidates


@fused
def _scan(
    of_input: Array, of_state: Array, weight: Array, gates: Array, candidates: Array,
    states: Array, state: Array, more: Array, starts: Array, counts: Array, first: int, end: int,
) -> None:  # fmt: skip
    for step in range(starts.size):
        last = min(end, counts[step])
        if first < last:
            rows = slice(first, first + (last - first + 3) // 4 * 4)
            product(state[rows], weight, more[rows])
        for n in range(first, last):
            at = starts[step] + n
            row, added = gates[at], more[n]
            for j in range(row.size):
                row[j] += of_input[j]
            for j in range(row.size):
                added[j] += of_state[j]
            _next(row, added, candidates[at], state[n], states[at])


@fused
def _next(row: Array, more: Array, middle: Array, now: Array, out: Array) -> None:
    size = middle.size
    squashed, rest = row[: 2 * size], more[2 * size : 3 * size]
    for j in range(2 * size):
        squashed[j] = _HALF * formulas.tanh(_HALF * (squashed[j] + more[j])) + _HALF
    reset, update, new = row[:size], row[size : 2 * size], row[2 * size :]
    for j in range(size):
        middle[j] = rest[j]
    for j in range(size):
        new[j] = formulas.tanh(new[j] + reset[j] * rest[j])
    for j in range(size):
        now[j] = (now[j] - new[j]) * update[j] + new[j]
        out[j] = now[j]


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
) -> Any:
    if not worth_while(w_hh, steps) or not all_single(g_state, first, w_hh):
        return NotImplemented
    if not (single(g, states, gates, candidates) and absent(g_gates) and absent(g_candidates)):
        return NotImplemented
    weight, (d_state, first) = in_panels(w_hh), np.array([g_state, first])
    d, back = room(weight, len(first))
    of_inputs, of_added = np.empty((2, *gates.shape), np.float32)
    none = np.zeros(gates.shape[1], np.float32)
    arrays = (
        g,
        states,
        gates,
        candidates,
        first,
        none,
        weight,
        of_inputs,
        of_added,
        d_state,
        d,
        back,
    )
    scan_batch(lambda *part: _scan_back(*arrays, *part), weight, len(first), steps)
    return of_inputs, of_added, d_state


@fused
def _scan_back(
    g: Array, states: Array, gates: Array, candidates: Array, before: Array, none: Array,
    weight: Array, of_inputs: Array, of_added: Array, d_state: Array, d: Array, back: Array,
    starts: Array, counts: Array, first: int, end: int,
) -> None:  # fmt: skip
    past = np.empty(d_state.shape[1], np.float32)
    for step in range(starts.size - 1, -1, -1):
        last, earlier = min(end, counts[step]), counts[step - 1] if step else 0
        for n in range(first, last):
            at, v = starts[step] + n, d_state[n]
            for j in range(v.size):
                v[j] += g[at, j]
            old = states[starts[step - 1] + n] if n < earlier else before[n]
            _row_pull(v, gates[at], candidates[at], old, none, of_inputs[at], of_added[at], past)
            for j in range(3 * v.size):
                d[n, j] = of_added[at, j]
            for j in range(v.size):
                v[j] = past[j]
        if first < last:
            rows = slice(first, first + (last - first + 3) // 4 * 4)
            product(d[rows], weight, back[rows])
        for n in range(first, last):
            for j in range(d_state.shape[1]):
                d_state[n, j] += back[n, j]


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
    for n in range(g.shape[0]):
        _row_pull(
            g[n], gate[n], candidate[n], before[n], g_gate[n], d[n], added[n], past[n]
        )  # fmt: skip


@fused
def _row_pull(
    v: Array, row: Array, k: Array, b: Array, extra: Array, out: Array, more: Array, left: Array
) -> None:
    size = v.size
    reset, update, new = row[:size], row[size : 2 * size], row[2 * size :]
    of_reset, of_update, of_new = out[:size], out[size : 2 * size], out[2 * size :]
    of_candidate, for_update, for_new = more[2 * size :], extra[size : 2 * size], extra[2 * size :]
    for j in range(size):
        left[j] = v[j] * update[j]
    for j in range(size):
        slope = 1 - new[j] * new[j]
        of_new[j] = (v[j] - left[j] + for_new[j]) * slope
    for j in range(size):
        slope = update[j] - update[j] * update[j]
        of_update[j] = ((b[j] - new[j]) * v[j] + for_update[j]) * slope
    for j in range(size):
        slope = reset[j] - reset[j] * reset[j]
        of_reset[j] = (of_new[j] * k[j] + extra[j]) * slope
    for j in range(size):
        of_candidate[j] = of_new[j] * reset[j]
    for j in range(2 * size):
        more[j] = out[j]
