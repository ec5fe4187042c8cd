"""Systems with a triangular matrix, by blocks: most of the work is products, which LU has not."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["solve_triangular"]

Array = Any
BLOCK = 32  # rows that LAPACK solves at once


def solve_triangular(a: Array, b: Array, lower: bool) -> Array:
    """The x with a @ x = b for lower or upper triangular a (..., n, n) and b (..., n, k)."""
    n = a.shape[-1]
    shape = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    out = np.empty((*shape, *b.shape[-2:]), np.result_type(a, b))
    starts = range(0, n, BLOCK)
    for start in starts if lower else reversed(starts):
        rows = slice(start, start + BLOCK)
        known = slice(start) if lower else slice(start + BLOCK, None)
        rest = b[..., rows, :] - a[..., rows, known] @ out[..., known, :]
        out[..., rows, :] = np.linalg.solve(a[..., rows, rows], rest)
    return out
