"""Products of few rows with a matrix that stays the same, as recurrent layers make at every step.

The matrix is laid out once, in panels of 32 columns that stay in a core's cache; zeros fill them
up. OpenBLAS copies its arguments for each product, which few rows do not earn back: 16 rows by 128
by 512 take it 26 µs on one core, and 20 µs here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.kernels.compiled.parallel.addresses import get
from autograd.kernels.compiled.parallel.lanes import LANES, load2, load4, run_of, store
from autograd.kernels.compiled.parallel.loops import called, constant
from autograd.kernels.parallel.threads import share_range
from autograd.kernels.recurrent.recurrent import LARGE

__all__ = [
    "ROWS",
    "all_single",
    "in_panels",
    "product",
    "room",
    "row_lengths",
    "scan_batch",
    "worth_while",
]

Array = Any

ROWS = 4  # that are multiplied together
_FEW = 4  # steps: with fewer laying out panels takes longer than it saves
_LARGEST = 1 << 21  # numbers of a matrix: one of 16 MiB leaves the caches at every step
_WIDE = 2 * int(LANES)  # columns of a panel
_DEEP = 128  # rows of a panel: 16 KiB

_ZERO, _START = np.float32(0), constant(0)


def all_single(*arrays: Array) -> bool:
    """Whether all are arrays of single precision, however they lie in memory."""
    return all(type(a) is np.ndarray and a.dtype == np.float32 for a in arrays)


def worth_while(matrix: Array, steps: list[slice]) -> bool:
    """Whether so many products with a matrix are faster by panels than by BLAS."""
    return len(steps) >= _FEW and matrix.size <= _LARGEST


def padded(number: int, unit: int) -> int:
    """The next multiple of the unit.

    >>> padded(5, 4)
    8
    """
    return -(-number // unit) * unit


def in_panels(matrix: Array) -> Array:
    """A matrix (K, N) of single precision as panels for `product`."""
    depth, width = matrix.shape
    blocks = max(1, -(-depth // _DEEP))
    deep = padded(-(-depth // blocks), ROWS)
    full = np.zeros((blocks * deep, padded(width, _WIDE)), np.float32)
    full[:depth, :width] = matrix
    cut = full.reshape(blocks, deep, -1, _WIDE).swapaxes(1, 2)
    return np.ascontiguousarray(cut).reshape(*cut.shape[:2], deep * _WIDE)


def room(panels: Array, batch: int) -> tuple[Array, Array]:
    """Zeros for the rows that are multiplied by panels, and room for their products."""
    blocks, across, size = panels.shape
    rows = padded(batch, ROWS)
    return (
        np.zeros((rows, blocks * size // _WIDE), np.float32),
        np.empty((rows, across * _WIDE), np.float32),
    )


@called
def row_lengths(shape: Any) -> tuple[int, int]:
    """Bytes of the rows that are multiplied by panels of this shape, and of their products."""
    blocks, across, size = shape
    return 4 * blocks * size // _WIDE, 4 * across * _WIDE


def scan_batch(
    scan: Callable[[Array, Array, int, int], object], panels: Array, batch: int, steps: list[slice]
) -> None:
    """Call scan(starts, counts, first, end) for parts of a batch, which threads share.

    Sequences know nothing of each other, so each thread runs through all steps by itself. The rows
    of a part begin at a multiple of `ROWS`; `starts` and `counts` are those of the steps' rows.
    """
    starts = np.array([rows.start for rows in steps], np.intp)
    counts = np.array([rows.stop - rows.start for rows in steps], np.intp)
    large = int(counts.sum()) * panels.size > LARGE
    share_range(
        lambda first, end: scan(starts, counts, first * ROWS, min(end * ROWS, batch)),
        padded(batch, ROWS) // ROWS,
        large,
    )


@called
def product(a: int, rows: int, panels: int, shape: Any, out: int) -> None:
    """out ← a @ the matrix of the panels, of this shape; all are addresses.

    There are a multiple of ROWS rows, and as many columns as the panels have with their zeros.
    """
    blocks, across, size = shape
    deep = size // _WIDE
    for above in range(blocks):
        for left in range(across):
            panel = panels + 4 * (above * across + left) * size
            for m in range(0, rows, 4):
                x, y = m * blocks * deep + above * deep, (m * across + left) * _WIDE
                _four_rows(
                    a + 4 * x, blocks * deep, panel, deep, out + 4 * y, across * _WIDE, above > 0
                )


@called
def _four_rows(a: int, down: int, panel: int, deep: int, out: int, below: int, more: bool) -> None:
    """A panel's part of four rows: so much is done for each number that is loaded that arithmetic
    takes the time.
    """
    s0 = s1 = s2 = s3 = t0 = t1 = t2 = t3 = run_of(_ZERO)
    if more:
        s0, s1, s2, s3 = load4(out, _START, below)
        t0, t1, t2, t3 = load4(out, LANES, below)
    for k in range(deep):
        p, q = load2(panel, k * _WIDE, LANES)
        a0, a1, a2, a3 = get(a, k), get(a, k + down), get(a, k + 2 * down), get(a, k + 3 * down)
        s0, t0, s1, t1 = s0 + a0 * p, t0 + a0 * q, s1 + a1 * p, t1 + a1 * q
        s2, t2, s3, t3 = s2 + a2 * p, t2 + a2 * q, s3 + a3 * p, t3 + a3 * q
    store(out, _START, below, (s0, s1, s2, s3))
    store(out, LANES, below, (t0, t1, t2, t3))
