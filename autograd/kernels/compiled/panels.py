"""Products of few rows with a matrix that stays the same, as recurrent layers make at every step.

The matrix is laid out once, in panels of 64 columns that stay in a core's cache; zeros fill them
up. OpenBLAS copies its arguments for each product, which few rows do not earn back: 16 rows by 128
by 512 take it 26 µs on one core, and 20 µs here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.kernels.compiled.loops import fused
from autograd.kernels.recurrent import LARGE
from autograd.kernels.threads import share_range

__all__ = ["ROWS", "all_single", "in_panels", "product", "room", "scan_batch", "worth_while"]

Array = Any

ROWS = 4  # that are multiplied together
_FEW = 4  # steps: with fewer laying out panels takes longer than it saves
_LARGEST = 1 << 21  # numbers of a matrix: one of 16 MiB leaves the caches at every step
_WIDE = 64  # columns of a panel
_DEEP = 128  # rows of a panel: 32 KiB


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


@fused
def product(a: Array, panels: Array, out: Array) -> None:
    """out ← a @ the matrix of the panels.

    There are a multiple of ROWS rows, and as many columns as the panels have with their zeros. The
    innermost loop adds four rows of a panel to four rows of the result: so much is done for each
    number that is loaded that arithmetic takes the time.
    """
    deep = panels.shape[2] // _WIDE
    s = np.empty(4 * _WIDE, np.float32)
    for above in range(panels.shape[0]):
        for left in range(panels.shape[1]):
            panel, at = panels[above, left], left * _WIDE
            for m in range(0, a.shape[0], 4):
                for j in range(4 * _WIDE):
                    s[j] = np.float32(0)
                for k in range(0, deep, 4):
                    l = above * deep + k  # noqa: E741
                    a0, a1, a2, a3 = a[m, l], a[m, l + 1], a[m, l + 2], a[m, l + 3]
                    b0, b1, b2, b3 = a[m + 1, l], a[m + 1, l + 1], a[m + 1, l + 2], a[m + 1, l + 3]
                    c0, c1, c2, c3 = a[m + 2, l], a[m + 2, l + 1], a[m + 2, l + 2], a[m + 2, l + 3]
                    d0, d1, d2, d3 = a[m + 3, l], a[m + 3, l + 1], a[m + 3, l + 2], a[m + 3, l + 3]
                    p = panel[k * _WIDE : (k + 4) * _WIDE]
                    for j in range(_WIDE):
                        p0, p1 = p[j], p[_WIDE + j]
                        p2, p3 = p[2 * _WIDE + j], p[3 * _WIDE + j]
                        s[j] += a0 * p0 + a1 * p1 + a2 * p2 + a3 * p3
                        s[_WIDE + j] += b0 * p0 + b1 * p1 + b2 * p2 + b3 * p3
                        s[2 * _WIDE + j] += c0 * p0 + c1 * p1 + c2 * p2 + c3 * p3
                        s[3 * _WIDE + j] += d0 * p0 + d1 * p1 + d2 * p2 + d3 * p3
                for r in range(4):
                    row = out[m + r, at : at + _WIDE]
                    for j in range(_WIDE):
                        row[j] = s[r * _WIDE + j] + (row[j] if above else np.float32(0))
