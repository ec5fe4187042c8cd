"""x wᵀ, the product of dense and recurrent layers."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["dense"]

Array = Any

_FEW = 48  # rows of x
_LARGE = 250_000  # multiplications


def dense(x: Array, weight: Array) -> Array:
    """x wᵀ of matrices (N, in) and (out, in), in rows.

    OpenBLAS takes long over few rows and many columns (32x784 by 256x784: 148 µs on two threads),
    and less over many rows and few columns, put back into rows then (88 µs).
    """
    if 1 < len(x) <= _FEW and len(x) * weight.size > _LARGE:
        return np.ascontiguousarray(np.dot(weight, x.T).T)
    return np.dot(x, weight.T)
