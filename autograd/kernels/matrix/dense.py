"""x wᵀ, the product of dense and recurrent layers, and those of its gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.parallel.threads import get_num_threads, serial_blas, share

__all__ = ["MANY", "dense", "product"]

Array = Any

_FEW = 48  # rows of x
_LARGE = 250_000  # multiplications
MANY = 512  # rows of x from which on products are shared by our threads, and not by BLAS's
_SHARED = 1 << 23  # multiplications of such a product at least; below, it runs on one


def dense(x: Array, weight: Array) -> Array:
    """x wᵀ of matrices (N, in) and (out, in), in rows.

    OpenBLAS takes long over few rows and many columns (32x784 by 256x784: 148 µs on two threads),
    and less over many rows and few columns, put back into rows then (88 µs).
    """
    if 1 < len(x) <= _FEW and len(x) * weight.size > _LARGE:
        return weight.dot(x.T).T.copy()
    return x.dot(weight.T)


def product(a: Array, b: Array, bias: Array | None = None) -> Array:
    """a b + bias of matrices, in tiles that threads share, BLAS having one thread.

    It takes as long as on BLAS's own threads, but these would wait in a loop after each product
    (see `waiting.py`): whatever our threads do meanwhile, as in attention and activations, takes
    twice as long. In a network on many rows, such as tokens, all layers have many rows.
    """
    rows, columns = len(a), b.shape[1]
    is_large = type(a) is np.ndarray and rows * b.size >= _SHARED  # else it may be a formula
    count = get_num_threads() if is_large else 1
    with serial_blas():
        if count == 1 or a.shape[1] != len(b):
            out = np.dot(a, b)
            if bias is not None:
                out += bias
            return out
        out = np.empty((rows, columns), np.result_type(a, b))
        length = max(rows, columns)

        def work(number: int) -> None:
            part = slice(length * number // count, length * (number + 1) // count)
            down, along = (part, slice(None)) if rows >= columns else (slice(None), part)
            tile = np.matmul(a[down], b[:, along], out=out[down, along])
            if bias is not None:
                tile += bias[along]

        share(work, range(count))
    return out
