"""Products of dense layers, shared by threads where they are large."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.threads import get_num_threads, serial_blas, share

__all__ = ["dense", "product"]

Array = Any

_FEW = 48  # rows of x
_LARGE = 250_000  # multiplications
SHARED = 1 << 24
SERIAL = 1 << 22


def dense(x: Array, weight: Array, bias: Array | None = None) -> Array:
    """x wᵀ of matrices (N, in) and (out, in), in rows.

    OpenBLAS takes long over few rows and many columns (32x784 by 256x784: 148 µs on two threads),
    and less over many rows and few columns, put back into rows then (88 µs).
    """
    if 1 < len(x) <= _FEW and len(x) * weight.size > _LARGE:
        out = np.ascontiguousarray(np.dot(weight, x.T).T)
        if bias is not None:
            out += bias
        return out
    return product(x, weight.T, bias)


def product(a: Array, b: Array, bias: Array | None = None) -> Array:
    size = len(a) * b.size
    if size < SHARED:
        if size < SERIAL:
            with serial_blas():
                out = np.dot(a, b)
        else:
            out = np.dot(a, b)
        if bias is not None:
            out += bias
        return out
    rows, columns = len(a), b.shape[1]
    out = np.empty((rows, columns), np.result_type(a, b))

    def work(at: tuple[slice, slice]) -> None:
        part = out[at]
        np.matmul(a[at[0]], b[:, at[1]], out=part)
        if bias is not None:
            part += bias[at[1]]

    with serial_blas():
        share(work, _tiles(rows, columns, get_num_threads()))
    return out


def _tiles(rows: int, columns: int, count: int) -> list[tuple[slice, slice]]:
    tall, wide = (count, 1) if rows >= columns else (1, count)
    return [
        (slice(rows * i // tall, rows * (i + 1) // tall), slice(columns * j // wide, columns * (j + 1) // wide))
        for i in range(tall)
        for j in range(wide)
    ]
