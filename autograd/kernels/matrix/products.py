"""Matrix products in tiles that BLAS multiplies without packing them first.

OpenBLAS copies both matrices of a product into panels, which a product with few rows does not earn
back: (16 x 144) @ (144 x 1024) ran at 47 GFLOP/s on a core that reaches 110. Up to a million
multiplications it can do without (its "small matrix optimization", on x86 with AVX-512, since
0.3.17); a product of two transposed rows then has to have few elements too. A BLAS that knows no
such products loses next to nothing by the tiles.
"""

from __future__ import annotations

import ctypes
from functools import lru_cache
from typing import Any

import numpy as np

from autograd.kernels.parallel.blas import blas_function

__all__ = ["multiply", "multiply_address", "multiply_transposed"]

Array = Any

SMALL = 800_000  # multiplications of a tile
NARROW = 16  # columns of a tile at least: a vector of single precision
TILE = 1100  # elements of a tile of a @ b.mT
DEEP = 512  # terms of a sum beyond which a tile leaves the cache before it is used again
LARGE = 1 << 16  # elements of a @ b.mT from where on it is fast by itself


def multiply(a: Array, b: Array, out: Array) -> None:
    """out = a @ b, of stacks (..., M, K) and (..., K, N) whose rows are contiguous."""
    rows, depth = a.shape[-2:]
    columns = b.shape[-1]
    if rows * depth * columns <= SMALL or columns < NARROW or depth > DEEP:
        np.matmul(a, b, out=out)
        return
    few = _divisor(rows, min(rows, SMALL // (depth * NARROW)))
    wide = _divisor(columns, max(NARROW, SMALL // (max(1, few) * depth)), NARROW)
    if wide < NARROW or few < min(rows, 8):
        np.matmul(a, b, out=out)
        return
    tiles = out.reshape(*out.shape[:-2], rows // few, few, columns // wide, wide)
    left = a.reshape(*a.shape[:-2], rows // few, 1, few, depth)
    right = b.reshape(*b.shape[:-2], 1, depth, columns // wide, wide).swapaxes(-2, -3)
    np.matmul(left, right, out=tiles.swapaxes(-2, -3))


def multiply_transposed(a: Array, b: Array) -> Array:
    """a @ b.mT, of stacks (..., M, K) and (..., N, K)."""
    rows, depth = a.shape[-2:]
    columns = b.shape[-2]
    small = rows * columns <= TILE and rows * columns * depth <= SMALL
    if small or rows * columns > LARGE or depth < DEEP // 4:
        return np.matmul(a, b.swapaxes(-1, -2))
    few = _divisor(rows, min(rows, 32))
    wide = _divisor(columns, min(columns, TILE // max(1, few)))
    deep = _divisor(depth, min(depth, SMALL // max(1, few * wide)))
    if min(few, wide) < 8 or deep < 64:
        return np.matmul(a, b.swapaxes(-1, -2))
    out = np.empty((*a.shape[:-2], rows, columns), np.result_type(a, b))
    tiles = out.reshape(*a.shape[:-2], rows // few, few, columns // wide, wide).swapaxes(-2, -3)
    left = a.reshape(*a.shape[:-2], rows // few, 1, few, depth)
    right = b.reshape(*b.shape[:-2], 1, columns // wide, wide, depth).swapaxes(-1, -2)
    np.matmul(left[..., :deep], right[..., :deep, :], out=tiles)
    for k in range(deep, depth, deep):
        tiles += np.matmul(left[..., k : k + deep], right[..., k : k + deep, :])
    return out


@lru_cache(maxsize=1024)
def _divisor(number: int, most: int, unit: int = 1) -> int:
    """The largest divisor up to a bound, a multiple of the unit; 0 if there is none."""
    return next((d for d in range(most - most % unit, 0, -unit) if number % d == 0), 0)


@lru_cache(maxsize=1)
def multiply_address() -> int:
    """Where OpenBLAS's `cblas_sgemm` is, for compiled loops; 0 if there is another BLAS."""
    function = blas_function("cblas_sgemm")
    return ctypes.cast(function, ctypes.c_void_p).value or 0 if function else 0
