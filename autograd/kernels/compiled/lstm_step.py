"""One step of an LSTM in single precision: the loops are those of `lstm`, on one long row."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled.addresses import get, places_of, put
from autograd.kernels.compiled.loops import fused, single
from autograd.kernels.compiled.lstm import lstm_cell_pull, next_state

__all__ = ["lstm_gates", "lstm_gates_pull"]

Array = Any


def lstm_gates(
    gates: Array, more: Array, bias: Array, before: Array, cell: Array, hidden: Array
) -> Any:
    if not single(gates, more, bias, before, cell, hidden):
        return NotImplemented
    _gates(places_of(gates, more, bias, before, cell, hidden), cell.size, *gates.shape)
    return None


@fused
def _gates(places: Any, size: int, rows: int, columns: int) -> None:
    gates, more, bias, before, cell, hidden = places
    for i in range(rows):
        b = get(bias, i)
        for j in range(i * columns, (i + 1) * columns):
            put(gates, j, get(gates, j) + get(more, j) + b)
    next_state(gates, before, cell, hidden, size)


def lstm_gates_pull(
    g_state: Array,
    g_cell: Array,
    gates: Array,
    cell: Array,
    before: Array,
    pulled: Array,
    d_before: Array,
) -> Any:
    if not single(g_state, g_cell, gates, cell, before, pulled, d_before):
        return NotImplemented
    np.copyto(d_before, g_cell)  # and all of the batch is one row
    rows = (a.reshape(1, -1) for a in (g_state, d_before, gates, cell, before, pulled))
    return lstm_cell_pull(*rows)
