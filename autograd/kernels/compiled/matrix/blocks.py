"""Products of matrices whose blocks of 8 rows and two vectors are summed in registers.

As fast as BLAS where that packs nothing, and faster where one factor has been laid out before:
in panels of ROWS rows, number after number of one place in all of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled.parallel.addresses import get
from autograd.kernels.compiled.parallel.lanes import LANES, load1, load2, run_of, store, turn_block
from autograd.kernels.compiled.parallel.loops import called, constant

__all__ = ["COLUMNS", "ROWS", "multiply_panels", "multiply_turned", "turn"]

ROWS = 8
COLUMNS = 2 * int(LANES)

_ZERO, _START = np.float32(0), constant(0)


@called
def multiply_panels(
    panels: int, b: int, c: int, rows: int, columns: int, depth: int, stride: int
) -> None:
    """C ← A B, A in panels; rows of B and C lie `stride` numbers apart.

    Rows up to a multiple of ROWS are written, and columns up to one of COLUMNS.
    """
    for i in range(0, rows, ROWS):
        for j in range(0, columns, COLUMNS):
            to = c + 4 * (i * stride + j)
            _panel_by_columns(panels + 4 * i * depth, b + 4 * j, to, depth, stride)


@called
def _panel_by_columns(panel: int, b: int, c: int, depth: int, stride: int) -> None:
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = run_of(_ZERO)
    t0 = t1 = t2 = t3 = t4 = t5 = t6 = t7 = run_of(_ZERO)
    for k in range(depth):
        p, q = load2(b, k * stride, LANES)
        at = k * ROWS
        a0, a1, a2, a3 = get(panel, at), get(panel, at + 1), get(panel, at + 2), get(panel, at + 3)
        s0, t0, s1, t1 = s0 + a0 * p, t0 + a0 * q, s1 + a1 * p, t1 + a1 * q
        s2, t2, s3, t3 = s2 + a2 * p, t2 + a2 * q, s3 + a3 * p, t3 + a3 * q
        at += 4
        a0, a1, a2, a3 = get(panel, at), get(panel, at + 1), get(panel, at + 2), get(panel, at + 3)
        s4, t4, s5, t5 = s4 + a0 * p, t4 + a0 * q, s5 + a1 * p, t5 + a1 * q
        s6, t6, s7, t7 = s6 + a2 * p, t6 + a2 * q, s7 + a3 * p, t7 + a3 * q
    store(c, _START, stride, (s0, s1, s2, s3, s4, s5, s6, s7))
    store(c, LANES, stride, (t0, t1, t2, t3, t4, t5, t6, t7))


# ---- A Bᵀ ----------------------------------------------------------------------------------------


@called
def turn(a: int, stride: int, out: int, below: int, rows: int, columns: int) -> None:
    """out ← Aᵀ, whose rows lie `below` numbers apart, those of A `stride`.

    Columns up to a multiple of LANES are taken, and LANES rows at least.
    """
    for i in range(0, rows, LANES):
        n = max(0, min(i, rows - LANES))
        for j in range(0, columns, LANES):
            turn_block(a, n * stride + j, stride, out, j * below + n, below)


@called
def multiply_turned(
    a: int, b: int, c: int, rows: int, columns: int, depth: int, stride: int, below: int, more: bool
) -> None:
    """C (rows, below) ← A B for A (rows, depth) and B (depth, below); added to C if there is more.

    Rows of A lie `stride` numbers apart. C has room for a multiple of ROWS rows; `below` is a
    multiple of LANES, and at least as much as there are columns.
    """
    for i in range(0, rows, ROWS):
        for j in range(0, columns, COLUMNS):
            places = (
                a + 4 * i * stride, a + 4 * min(i + 1, rows - 1) * stride,
                a + 4 * min(i + 2, rows - 1) * stride, a + 4 * min(i + 3, rows - 1) * stride,
            )  # fmt: skip
            others = (
                a + 4 * min(i + 4, rows - 1) * stride, a + 4 * min(i + 5, rows - 1) * stride,
                a + 4 * min(i + 6, rows - 1) * stride, a + 4 * min(i + 7, rows - 1) * stride,
            )  # fmt: skip
            to = c + 4 * (i * below + j)
            if j + LANES < columns:
                _rows_by_two(places, others, b + 4 * j, to, depth, below, more)
            else:
                _rows_by_one(places, others, b + 4 * j, to, depth, below, more)


@called
def _rows_by_two(
    a: Any, more_of_a: Any, b: int, c: int, depth: int, below: int, more: bool
) -> None:
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = run_of(_ZERO)
    t0 = t1 = t2 = t3 = t4 = t5 = t6 = t7 = run_of(_ZERO)
    for k in range(depth):
        p, q = load2(b, k * below, LANES)
        a0, a1, a2, a3 = get(a[0], k), get(a[1], k), get(a[2], k), get(a[3], k)
        s0, t0, s1, t1 = s0 + a0 * p, t0 + a0 * q, s1 + a1 * p, t1 + a1 * q
        s2, t2, s3, t3 = s2 + a2 * p, t2 + a2 * q, s3 + a3 * p, t3 + a3 * q
        a0, a1 = get(more_of_a[0], k), get(more_of_a[1], k)
        a2, a3 = get(more_of_a[2], k), get(more_of_a[3], k)
        s4, t4, s5, t5 = s4 + a0 * p, t4 + a0 * q, s5 + a1 * p, t5 + a1 * q
        s6, t6, s7, t7 = s6 + a2 * p, t6 + a2 * q, s7 + a3 * p, t7 + a3 * q
    _put(c, below, (s0, s1, s2, s3, s4, s5, s6, s7), more)
    _put(c + 4 * LANES, below, (t0, t1, t2, t3, t4, t5, t6, t7), more)


@called
def _rows_by_one(
    a: Any, more_of_a: Any, b: int, c: int, depth: int, below: int, more: bool
) -> None:
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = run_of(_ZERO)
    for k in range(depth):
        (p,) = load1(b, k * below, _START)
        s0, s1 = s0 + get(a[0], k) * p, s1 + get(a[1], k) * p
        s2, s3 = s2 + get(a[2], k) * p, s3 + get(a[3], k) * p
        s4, s5 = s4 + get(more_of_a[0], k) * p, s5 + get(more_of_a[1], k) * p
        s6, s7 = s6 + get(more_of_a[2], k) * p, s7 + get(more_of_a[3], k) * p
    _put(c, below, (s0, s1, s2, s3, s4, s5, s6, s7), more)


@called
def _put(c: int, below: int, sums: Any, more: bool) -> None:
    for i in range(ROWS):
        s = sums[i]
        if more:
            s = load1(c, i * below, _START)[0] + s
        store(c, i * below, _START, (s,))
