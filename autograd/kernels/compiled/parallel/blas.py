"""NumPy's BLAS called by compiled loops: a product among other work, without the interpreter."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from autograd.kernels.compiled.parallel.loops import called, constant

__all__ = ["SMALL", "multiply_at", "multiply_turned_at", "turn_and_multiply_at"]

Array = Any

_BY_ROWS, _AS_IT_IS, _TURNED = 101, 111, 112  # cblas.h
SMALL = constant(800_000)  # multiplications that OpenBLAS does without packing, see `products.py`
_TILE, _LARGE = 32, 1 << 16  # the same for A Bᵀ: rows and columns of a tile; elements


_sgemm: Any


@intrinsic  # type: ignore[no-redef]
def _sgemm(typing: Any, address: Any, numbers: Any, pointers: Any, beta: Any) -> Any:
    """C = A B + beta C by `cblas_sgemm` at an address.

    `numbers` are (A as it is or transposed, B likewise, M, N, K, lda, ldb, ldc), `pointers` those
    of A, B and C as integers. All integers are passed in 64 bits, of which a BLAS of 32 reads the
    lower half.
    """
    signature = types.void(address, numbers, pointers, beta)
    unpacked: Any = cgutils.unpack_tuple

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        whole, real = ir.IntType(64), ir.FloatType()
        n, p = (unpacked(builder, a) for a in args[1:3])
        p = [builder.inttoptr(v, real.as_pointer()) for v in p]
        made = [whole(_BY_ROWS), n[0], n[1], n[2], n[3], n[4], real(1.0),
                p[0], n[5], p[1], n[6], args[3], p[2], n[7]]  # fmt: skip
        kind = ir.FunctionType(ir.VoidType(), [v.type for v in made])
        builder.call(builder.inttoptr(args[0], kind.as_pointer()), made)
        return context.get_dummy_value()

    return signature, generate


@called
def multiply_at(
    address: int, a: int, b: int, c: int, rows: int, columns: int, depth: int, beta: Any, most: int
) -> None:
    """C = A B + beta C of contiguous matrices (rows, depth) and (depth, columns).

    In pieces of rows, of at most so many multiplications.
    """
    few = max(1, min(rows, most // max(1, depth * columns)))
    for i in range(0, rows, few):
        numbers = (_AS_IT_IS, _AS_IT_IS, min(few, rows - i), columns, depth,
                   depth, columns, columns)  # fmt: skip
        _sgemm(address, numbers, (a + 4 * i * depth, b, c + 4 * i * columns), beta)


@called
def turn_and_multiply_at(
    address: int, a: int, b: int, c: int, rows: int, columns: int, depth: int, most: int
) -> None:
    """C = Aᵀ B of contiguous matrices (depth, rows) and (depth, columns), in pieces of terms."""
    few, beta = max(1, min(depth, most // max(1, rows * columns))), np.float32(0)
    for k in range(0, depth, few):
        numbers = (_TURNED, _AS_IT_IS, rows, columns, min(few, depth - k), rows, columns, columns)
        _sgemm(address, numbers, (a + 4 * k * rows, b + 4 * k * columns, c), beta)
        beta = np.float32(1)


@called
def multiply_turned_at(
    address: int, a: int, b: int, c: int, rows: int, columns: int, depth: int
) -> None:
    """C += A Bᵀ of contiguous matrices (rows, depth) and (columns, depth), in tiles."""
    few, wide = rows, columns
    if rows * columns < _LARGE:
        few = min(rows, _TILE)
        wide = min(columns, _TILE)
    deep = max(1, min(depth, SMALL // max(1, few * wide)))
    for k in range(0, depth, deep):
        for i in range(0, rows, few):
            for j in range(0, columns, wide):
                numbers = (_AS_IT_IS, _TURNED, min(few, rows - i), min(wide, columns - j),
                           min(deep, depth - k), depth, depth, columns)  # fmt: skip
                places = (
                    a + 4 * (i * depth + k),
                    b + 4 * (j * depth + k),
                    c + 4 * (i * columns + j),
                )
                _sgemm(address, numbers, places, np.float32(1))
