"""Dropout's random masks."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.shares import share_here, uniform

__all__ = ["dropout_mask"]

_BLOCK = 1 << 14  # elements that are drawn, compared and scaled while they lie in the first cache


def dropout_mask(
    rng: np.random.Generator, shape: tuple[int, ...], p: float, dtype: np.dtype[Any]
) -> np.ndarray[Any, Any]:
    """1/(1 − p) with probability 1 − p, else 0.

    The draws are of single precision whatever the dtype, so that all dtypes get the same mask. Of
    a batch that several processes share, they are those that one process would draw.
    """
    keep = 1.0 - p
    if keep == 0.0:
        return np.zeros(shape, dtype)
    if share_here() is not None:
        kept = np.floor(uniform(rng, shape) + np.float32(keep))
        shared: np.ndarray[Any, Any] = kept.astype(dtype) * np.dtype(dtype).type(1 / keep)
        return shared
    mask = np.empty(shape, np.float32 if np.dtype(dtype).itemsize < 4 else dtype)
    flat = mask.reshape(-1)
    drawn = np.empty(min(_BLOCK, flat.size), np.float32)
    for start in range(0, flat.size, _BLOCK):
        part = flat[start : start + _BLOCK]
        draws = drawn[: part.size]
        rng.random(out=draws, dtype=np.float32)
        np.add(draws, np.float32(keep), out=draws)
        np.floor(draws, out=draws)  # 0 or 1: draw + keep >= 1
        np.multiply(draws, mask.dtype.type(1 / keep), out=part)
    return mask.astype(dtype, copy=False)
