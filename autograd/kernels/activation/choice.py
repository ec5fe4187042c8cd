"""Choosing between numbers by a mask, without a branch for each."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["choose"]

Array = Any
LEAST = 1 << 12  # elements
_BITS = {np.dtype(np.float32): np.int32, np.dtype(np.float64): np.int64}


def choose(mask: Array, x: Array, y: Array) -> Array:
    """np.where(mask, x, y), by the bits of floating numbers.

    NumPy's takes ten times as long where a processor cannot guess what the mask says next.
    """
    if type(mask) is not np.ndarray or mask.size < LEAST or mask.dtype != np.bool_:
        return np.where(mask, x, y)
    plain = all(type(v) is np.ndarray or isinstance(v, (np.generic, int, float)) for v in (x, y))
    dtype = np.result_type(x, y) if plain else None
    if dtype not in _BITS:
        return np.where(mask, x, y)
    of_x, of_y = (np.asarray(v, dtype).view(_BITS[dtype]) for v in (x, y))
    chosen = (of_x ^ of_y) & np.negative(mask, dtype=_BITS[dtype])
    chosen = np.bitwise_xor(chosen, of_y, out=chosen if chosen.shape == mask.shape else None)
    return chosen.view(dtype)
