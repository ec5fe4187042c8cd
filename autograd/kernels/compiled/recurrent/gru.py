"""GRUs in single precision: all steps of some sequences in one call, or the numbers of one step.

Loops are as for the LSTM.
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

__all__ = ["gru", "gru_cell", "gru_cell_pull", "gru_pull"]

Array = Any

Places = Any

_HALF, _ONE = np.float32(0.5), np.float32(1)


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
    of_input, of_state = map(np.ascontiguousarray, biases)
    places = places_of(of_input, of_state, weight, gates, candidates, states, state, more)
    scan_batch(lambda *part: _scan(places, weight.shape, size, *part), weight, batch, steps)
    return states, state[:batch, :size].copy(), gates, candidates


@fused
def _scan(
    places: Places, shape: Any, size: int, starts: Array, counts: Array, first: int, end: int
) -> None:
    of_input, of_state, weight, gates, candidates, states, state, more = places
    line, broad = row_lengths(shape)
    for step in range(starts.size):
        last = min(end, counts[step])
        if first < last:
            rows = (last - first + 3) // 4 * 4
            product(state + first * line, rows, weight, shape, more + first * broad)
        for n in range(first, last):
            at, added, now = 4 * (starts[step] + n) * size, more + n * broad, state + n * line
            add(of_input, gates + 3 * at, 3 * size)
            add(of_state, added, 3 * size)
            _next(gates + 3 * at, added, _HALF, candidates + at, now, size)
            copy(now, states + at, size)


@called
def _next(gates: int, more: int, scale: Any, candidate: int, state: int, size: int) -> None:
    """How far the gates open, the state's part of the candidate, and the next state.

    σ(x) is ½ tanh(½x) + ½; the first ½ is the scale, or 1 where gates come with it.
    """
    update, new = gates + 4 * size, gates + 8 * size
    for j in range(2 * size):
        put(gates, j, _HALF * formulas.tanh(scale * (get(gates, j) + get(more, j))) + _HALF)
    copy(more + 8 * size, candidate, size)
    for j in range(size):
        put(more, j, get(gates, j) * get(candidate, j))
    for j in range(size):
        put(new, j, formulas.tanh(get(new, j) + get(more, j)))
    for j in range(size):
        put(state, j, (get(state, j) - get(new, j)) * get(update, j) + get(new, j))


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
    none, past = np.zeros(gates.shape[1], np.float32), np.empty_like(d_state)
    places = places_of(g, states, gates, candidates, first, none, weight, of_inputs, of_added,
                       d_state, d, back, past)  # fmt: skip
    size, batch = first.shape[1], len(first)
    scan_batch(lambda *part: _scan_back(places, weight.shape, size, *part), weight, batch, steps)
    return of_inputs, of_added, d_state


@fused
def _scan_back(
    places: Places, shape: Any, size: int, starts: Array, counts: Array, first: int, end: int
) -> None:
    g, states, gates, candidates, before, none, weight = places[:7]
    of_inputs, of_added, d_state, d, back, past = places[7:]
    line, broad = row_lengths(shape)
    for step in range(starts.size - 1, -1, -1):
        last, earlier = min(end, counts[step]), counts[step - 1] if step else 0
        for n in range(first, last):
            at, here = 4 * (starts[step] + n) * size, 4 * n * size
            add(g + at, d_state + here, size)
            old = states + 4 * (starts[step - 1] + n) * size if n < earlier else before + here
            _row_pull(
                d_state + here, gates + 3 * at, candidates + at, old, none,
                of_inputs + 3 * at, of_added + 3 * at, past + here, size,
            )  # fmt: skip
            copy(of_added + 3 * at, d + n * line, 3 * size)
        if first < last:
            rows = (last - first + 3) // 4 * 4
            product(d + first * line, rows, weight, shape, back + first * broad)
        for n in range(first, last):
            here = 4 * n * size
            copy(past + here, d_state + here, size)
            add(back + n * broad, d_state + here, size)


def gru_cell(gate: Array, added: Array, candidate: Array, state: Array) -> Any:
    if not single(gate, added, candidate, state):
        return NotImplemented
    _cell(gate, added, candidate, state)
    return None


@fused
def _cell(gate: Array, added: Array, candidate: Array, state: Array) -> None:
    rows, size = state.shape
    for n in range(rows):
        at = 4 * n * size
        gates, more = address_of(gate) + 3 * at, address_of(added) + 3 * at
        _next(gates, more, _ONE, address_of(candidate) + at, address_of(state) + at, size)


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
    rows, size = g.shape
    for n in range(rows):
        at = 4 * n * size
        _row_pull(
            address_of(g) + at, address_of(gate) + 3 * at, address_of(candidate) + at,
            address_of(before) + at, address_of(g_gate) + 3 * at, address_of(d) + 3 * at,
            address_of(added) + 3 * at, address_of(past) + at, size,
        )  # fmt: skip


@called
def _row_pull(
    v: int, gates: int, candidate: int, before: int, extra: int, out: int, more: int, left: int,
    size: int,
) -> None:  # fmt: skip
    update, new = gates + 4 * size, gates + 8 * size
    for_update, for_new = extra + 4 * size, extra + 8 * size
    of_update, of_new = out + 4 * size, out + 8 * size
    for j in range(size):
        put(left, j, get(v, j) * get(update, j))
    for j in range(size):
        slope = 1 - get(new, j) * get(new, j)
        put(of_new, j, (get(v, j) - get(left, j) + get(for_new, j)) * slope)
    for j in range(size):
        slope = get(update, j) - get(update, j) * get(update, j)
        reached = (get(before, j) - get(new, j)) * get(v, j) + get(for_update, j)
        put(of_update, j, reached * slope)
    for j in range(size):
        slope = get(gates, j) - get(gates, j) * get(gates, j)
        put(out, j, (get(of_new, j) * get(candidate, j) + get(extra, j)) * slope)
    for j in range(size):
        put(more + 8 * size, j, get(of_new, j) * get(gates, j))
    copy(out, more, 2 * size)
