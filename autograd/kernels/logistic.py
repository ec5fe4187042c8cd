"""The logistic function, and the logarithm in softplus and logistic losses."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.twins import twin

__all__ = ["logistic", "soft_part"]

BLOCK = 1 << 14  # elements: the block and its two temporaries share the first-level cache

Array = Any  # an ndarray, or a NumPy scalar


@twin(1 << 12)
def logistic(x: Array) -> Array:
    """1 / (1 + exp(-x)) from exp(-|x|) alone, which cannot overflow; accurate in both tails."""
    if x.dtype.kind in "biu":  # whose negatives wrap around
        x = x + 0.0
    z = np.exp(-np.abs(x))
    return np.maximum(x >= 0, z) / (1 + z)  # z is at most 1


def soft_part(x: Array) -> Array:
    """log(1 + exp(-|x|)): what softplus has above max(x, 0).

    NumPy's float32 log has vector code and its log1p has none. log(1 + e) forgets what 1 + e rounds
    away; put back as that rest times the derivative 1/(1 + e) it is right to two units in the last
    place, in a third of the time.
    """
    if np.ndim(x) == 0 or x.dtype != np.float32:
        return np.log1p(np.exp(-np.fabs(x)))  # fabs gives floats, whose negatives do not wrap
    out = np.empty(x.shape, x.dtype)
    source, target = np.reshape(x, -1), out.reshape(-1)
    for start in range(0, source.size, BLOCK):
        found = target[start : start + BLOCK]
        e = np.abs(source[start : start + BLOCK])
        np.negative(e, out=e)
        np.exp(e, out=e)
        u = 1 + e
        np.log(u, out=found)
        e -= u - 1
        e /= u
        found += e
    return out
