"""One step of an LSTM in single precision: the loops are those of `lstm`, on one long row."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled.parallel.addresses import address_of, get, put
from autograd.kernels.compiled.parallel.loops import fused, single
from autograd.kernels.compiled.recurrent.lstm import lstm_cell_pull, next_state

__all__ = ["lstm_gates", "lstm_gates_pull"]

Array = Any


def lstm_gates(
    gates: Array, more: Array, bias: Array, before: Array, cell: Array, hidden: Array
) -> Any:
    if not single(gates, more, bias, before, cell, hidden):
        return NotImplemented
    _gates(gates, more, bias, before, cell, hidden)
    return None


@fused
def _gates(
    gates: Array, more: Array, bias: Array, before: Array, cell: Array, hidden: Array
) -> None:
    rows, columns = gates.shape
    z, added = address_of(gates), address_of(more)
    for i in range(rows):
        for j in range(i * columns, (i + 1) * columns):
            put(z, j, get(z, j) + get(added, j) + bias[i])
    next_state(z, address_of(before), address_of(cell), address_of(hidden), cell.size)


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
