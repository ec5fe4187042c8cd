"""Triangles, and systems with a triangular matrix."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from autograd.kernels.activation.choice import choose

__all__ = ["solve_triangular", "triangle"]

Array = Any
WIDE = 512  # columns from where on a row at a time is faster
KEPT = 1 << 16  # places of a mask that is kept
BLOCK = 32  # rows that LAPACK solves at once


def solve_triangular(a: Array, b: Array, lower: bool) -> Array:
    """The x with a @ x = b for lower or upper triangular a (..., n, n) and b (..., n, k).

    By blocks: most of the work is products, and nothing is factorized.
    """
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


def triangle(x: Array, k: int, lower: bool) -> Array:
    """np.tril, or np.triu: by a mask that is kept, or by a copy and zeros row by row."""
    if type(x) is not np.ndarray or x.ndim < 2:
        return np.tril(x, k) if lower else np.triu(x, k)
    rows, columns = x.shape[-2:]
    if columns < WIDE:
        zero = np.zeros((), x.dtype)
        below = _below if rows * columns <= KEPT else _below.__wrapped__
        mask = below(rows, columns, k if lower else k - 1)
        return choose(mask, x, zero) if lower else choose(mask, zero, x)
    out = np.array(x, order="C")
    for i in range(rows):
        edge = max(i + k + 1, 0) if lower else max(i + k, 0)
        out[(..., i, slice(edge, None) if lower else slice(edge))] = 0
    return out


@lru_cache(maxsize=64)
def _below(rows: int, columns: int, k: int) -> Array:
    """Which places lie on the k-th diagonal or below it."""
    return np.tri(rows, columns, k, dtype=bool)
