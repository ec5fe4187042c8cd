"""Rows for recurrent layers: single steps, and whole sequences."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd.kernels.recurrent import gru, lstm, lstm_step
from autograd.kernels.recurrent.recurrent import spans
from tests.twin_cases import Array, Case, Row

__all__ = ["TABLE"]

_CELLS_TURNED = st.tuples(st.integers(1, 40), st.integers(0, 6))
_CELLS = st.tuples(st.integers(0, 6), st.integers(1, 40))


def _lstm_cell(case: Case, count: int, size: int) -> tuple[Any, ...]:
    gate, cell = case.array(count, 4 * size), case.array(count, size)
    scale, shift = np.full((2, 4 * size), 0.5, case.dtype)
    scale[2 * size : 3 * size], shift[2 * size : 3 * size] = 1, 0
    return gate, scale, shift, cell, np.empty_like(cell)


def _of_lstm_cell(
    gate: Array, scale: Array, shift: Array, cell: Array, hidden: Array
) -> tuple[Any, ...]:
    largest = 1 + np.abs(cell)
    return np.ones(gate.shape), scale, shift, largest, largest


def _lstm_cell_pull(case: Case, count: int, size: int) -> tuple[Any, ...]:
    d_hidden, d_cell, cell, before = (case.array(count, size) for _ in range(4))
    gate = case.rng.random((count, 4 * size)).astype(case.dtype)
    return d_hidden, d_cell, gate, cell, before, np.empty_like(gate)


def _of_lstm_cell_pull(
    d_hidden: Array, d_cell: Array, gate: Array, cell: Array, before: Array, d: Array
) -> tuple[Any, ...]:
    of_cell = np.abs(d_cell.astype(np.float64)) + np.abs(d_hidden)
    of_gates = [of_cell, of_cell * np.abs(before), of_cell, np.abs(d_hidden)]
    return d_hidden, of_cell, gate, cell, before, np.concatenate(of_gates, axis=1)


def _gru_cell(case: Case, count: int, size: int) -> tuple[Any, ...]:
    gate, added = case.array(count, 3 * size), case.array(count, 3 * size)
    return gate, added, np.empty((count, size), case.dtype), case.array(count, size)


def _of_gru_cell(gate: Array, added: Array, candidate: Array, state: Array) -> tuple[Any, ...]:
    size = state.shape[1]
    # an absolute error of the sums before tanh, whose slope is at most 1
    sums = np.maximum(np.abs(gate), np.abs(added)).reshape(len(gate), 3, size).max(1)
    terms = 1 + 3 * sums + np.abs(state)
    of_added = np.abs(np.concatenate([added[:, 2 * size :], added[:, size:]], axis=1))
    return np.tile(terms, 3), of_added, of_added[:, :size], terms


def _gru_cell_pull(case: Case, count: int, size: int) -> tuple[Any, ...]:
    g, candidate, before = (case.array(count, size) for _ in range(3))
    gate = case.rng.random((count, 3 * size)).astype(case.dtype)
    g_gate, d = case.array(count, 3 * size), np.empty_like(gate)
    return g, gate, candidate, before, g_gate, d, np.empty_like(d), np.empty_like(g)


def _of_gru_cell_pull(
    g: Array, gate: Array, candidate: Array, before: Array, g_gate: Array, d: Array, *_: Array
) -> tuple[Any, ...]:
    given = np.abs(g_gate.astype(np.float64)).reshape(len(g), 3, g.shape[1])
    of_new = given[:, 2] + np.abs(g)
    of_reset = given[:, 0] + of_new * np.abs(candidate)
    of_update = given[:, 1] + np.abs(g) * (1 + np.abs(before))
    terms = np.concatenate([of_reset, of_update, of_new], axis=1)
    return g, gate, candidate, before, g_gate, terms, terms, np.abs(g)


# ---- whole sequences ---------------------------------------------------------------------------

_SEQUENCES = st.tuples(st.integers(4, 7), st.integers(1, 9), st.integers(1, 9), st.integers(1, 70))


def _steps(case: Case, length: int, batch: int) -> list[slice]:
    """All sequences as long as another, or each as long as it happens to be."""
    if case.flag():
        return spans(length * batch, batch, None, case.flag())
    ends = np.sort(case.rng.integers(0, batch + 1, length))[::-1]
    sizes = (batch, *(int(end) for end in ends[1:]))
    return spans(sum(sizes), batch, sizes, case.flag())


def _small(case: Case, *shape: int) -> Array:
    """Numbers that keep gates open whatever the scale: errors of closed ones do not add up."""
    return np.asarray(case.array(*shape) / case.scale / np.sqrt(shape[-1]), case.dtype)


def _lstm(case: Case, length: int, batch: int, inputs: int, size: int) -> tuple[Any, ...]:
    steps = _steps(case, length, batch)
    rows = sum(step.stop - step.start for step in steps)
    states = (_small(case, batch, size) for _ in range(2))
    weights = (_small(case, 4 * size, inputs), _small(case, 4 * size, size))
    bias = _small(case, 4 * size) if case.flag() else None
    return (_small(case, rows, inputs), *states, *weights, bias, None, steps)


def _sums(x: Array, h: Array, of_x: Array, of_h: Array) -> Any:
    """How large the sums of a gate are: |x||w| at most, and |w| times states."""
    of_inputs = np.max(np.abs(x) @ np.abs(of_x).T, initial=0.0)
    return of_inputs + np.max(np.abs(of_h).sum(1)) * np.max(np.abs(h), initial=1.0)


def _of_lstm(x: Array, h: Array, c: Array, of_x: Array, of_h: Array, *_: Any) -> tuple[Any, ...]:
    # a sum of a few terms, whose errors each step adds to those of the steps before
    return (4.0 + np.max(np.abs(c), initial=0.0) + _sums(x, h, of_x, of_h),) * 5


def _lstm_pull(case: Case, length: int, batch: int, inputs: int, size: int) -> tuple[Any, ...]:
    steps = _steps(case, length, batch)
    rows = sum(step.stop - step.start for step in steps)
    g, of_state, of_cell = (_small(case, n, size) for n in (rows, batch, batch))
    nothing = [np.broadcast_to(case.dtype(0), (rows, k * size)) for k in (4, 1)]
    gates = case.rng.random((rows, 4 * size)).astype(case.dtype)
    cells, first = _small(case, rows, size), _small(case, batch, size)
    weight = _small(case, 4 * size, size)
    return g, of_state, of_cell, *nothing, gates, cells, first, weight, None, steps


def _of_lstm_pull(*args: Any) -> tuple[Any, ...]:
    g, of_state, of_cell, _, _, _, cells, first = args[:8]
    largest = [1.0 + np.max(np.abs(a), initial=0.0) for a in (g, of_state, of_cell, cells, first)]
    return (10.0 * np.prod(largest),) * 3


def _gru(case: Case, length: int, batch: int, inputs: int, size: int) -> tuple[Any, ...]:
    steps = _steps(case, length, batch)
    rows = sum(step.stop - step.start for step in steps)
    x, h = _small(case, rows, inputs), _small(case, batch, size)
    weights = (_small(case, 3 * size, inputs), _small(case, 3 * size, size))
    biases = (_small(case, 3 * size), _small(case, 3 * size)) if case.flag() else (None, None)
    return (x, h, *weights, *biases, steps)


def _of_gru(x: Array, h: Array, of_x: Array, of_h: Array, *_: Any) -> tuple[Any, ...]:
    return (4.0 + np.max(np.abs(h), initial=0.0) + _sums(x, h, of_x, of_h),) * 4


def _gru_pull(case: Case, length: int, batch: int, inputs: int, size: int) -> tuple[Any, ...]:
    steps = _steps(case, length, batch)
    rows = sum(step.stop - step.start for step in steps)
    nothing = [np.broadcast_to(case.dtype(0), (rows, k * size)) for k in (3, 1)]
    gates = case.rng.random((rows, 3 * size)).astype(case.dtype)
    arrays = [_small(case, n, size) for n in (rows, batch, rows, rows, batch)]
    g, of_state, states, candidates, first = arrays
    weight = _small(case, 3 * size, size)
    return g, of_state, *nothing, states, gates, candidates, first, weight, steps


def _of_gru_pull(*args: Any) -> tuple[Any, ...]:
    arrays = [args[k] for k in (0, 1, 4, 6, 7)]
    return (10.0 * np.prod([1.0 + np.max(np.abs(a), initial=0.0) for a in arrays]),) * 3


# ---- single steps of an LSTM, transposed -------------------------------------------------------


def _gates(case: Case, size: int, batch: int) -> tuple[Any, ...]:
    gates, more = case.array(4 * size, batch), case.array(4 * size, batch)
    before = case.array(size, batch)
    return gates, more, case.array(4 * size), before, np.empty_like(before), np.empty_like(before)


def _of_gates(
    gates: Array, more: Array, bias: Array, before: Array, cell: Array, hidden: Array
) -> tuple[Any, ...]:
    # an absolute error of the sums before tanh, whose slope is at most 1
    sums = np.abs(gates.astype(np.float64)) + np.abs(more) + np.abs(bias)[:, None]
    largest = 1 + sums.reshape(4, len(cell), -1).max(0)
    terms = largest * (1 + np.abs(before))
    return np.tile(largest, (4, 1)), more, bias, before, terms, terms


def _gates_pull(case: Case, size: int, batch: int) -> tuple[Any, ...]:
    g_state, g_cell, cell, before = (case.array(size, batch) for _ in range(4))
    gates = case.rng.random((4 * size, batch)).astype(case.dtype)
    return g_state, g_cell, gates, cell, before, np.empty_like(gates), np.empty_like(cell)


def _of_gates_pull(
    g_state: Array, g_cell: Array, gates: Array, cell: Array, before: Array, *_: Array
) -> tuple[Any, ...]:
    of_cell = np.abs(g_cell.astype(np.float64)) + np.abs(g_state)
    pulled = np.concatenate([of_cell, of_cell * np.abs(before), of_cell, np.abs(g_state)])
    return g_state, g_cell, gates, cell, before, pulled, of_cell


TABLE = [
    Row(lstm.lstm_cell, _CELLS, (64, 700), _lstm_cell, _of_lstm_cell, 8),
    Row(lstm.lstm_cell_pull, _CELLS, (64, 700), _lstm_cell_pull, _of_lstm_cell_pull, 8),
    Row(gru.gru_cell, _CELLS, (64, 700), _gru_cell, _of_gru_cell, 4),
    Row(gru.gru_cell_pull, _CELLS, (64, 700), _gru_cell_pull, _of_gru_cell_pull, 4),
    Row(lstm.lstm, _SEQUENCES, (30, 33, 64, 128), _lstm, _of_lstm, 16),
    Row(lstm.lstm_pull, _SEQUENCES, (30, 33, 64, 128), _lstm_pull, _of_lstm_pull, 16),
    Row(gru.gru, _SEQUENCES, (30, 33, 64, 128), _gru, _of_gru, 16),
    Row(gru.gru_pull, _SEQUENCES, (30, 33, 64, 128), _gru_pull, _of_gru_pull, 16),
    Row(lstm_step.lstm_gates, _CELLS_TURNED, (700, 64), _gates, _of_gates, 8),
    Row(lstm_step.lstm_gates_pull, _CELLS_TURNED, (700, 64), _gates_pull, _of_gates_pull, 8),
]
