"""The logistic function, and the logarithm in softplus and logistic losses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.kernels.parallel.probe import is_symbol
from autograd.kernels.parallel.twins import twin

__all__ = ["logaddexp", "sigmoid", "silu", "silu_pull", "soft_part", "softplus", "softplus_pull"]

BLOCK = 1 << 14  # elements: the block and its two temporaries share the first-level cache

Array = Any  # an ndarray, or a NumPy scalar


@twin(1 << 12)
def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)) from exp(-|x|) alone, which cannot overflow; accurate in both tails."""
    if getattr(getattr(x, "dtype", None), "kind", "f") in "biu":  # whose negatives wrap around
        x = x + 0.0
    z = np.exp(-np.abs(x))
    return np.maximum(x >= 0, z) / (1 + z)  # z is at most 1


@twin(1 << 12)
def soft_part(x: Array) -> Array:
    """log(1 + exp(-|x|)): what softplus has above max(x, 0).

    NumPy's float32 log has vector code and its log1p has none. log(1 + e) forgets what 1 + e rounds
    away; put back as that rest times the derivative 1/(1 + e) it is right to two units in the last
    place, in a third of the time.
    """
    if np.ndim(x) == 0 or x.dtype != np.float32:
        return np.log1p(np.exp(-np.fabs(x)))  # fabs gives floats, whose negatives do not wrap
    out = np.empty_like(x, order="C")
    if is_symbol(x):  # it is one block
        _soft_part(x, out)
        return out
    source, target = np.reshape(x, -1), out.reshape(-1)
    for start in range(0, source.size, BLOCK):
        _soft_part(source[start : start + BLOCK], target[start : start + BLOCK])
    return out


def _soft_part(x: Array, out: Array) -> None:
    e = np.abs(x)
    np.negative(e, out=e)
    np.exp(e, out=e)
    u = 1 + e
    np.log(u, out=out)
    e -= u - 1
    e /= u
    out += e


def logaddexp(x: Array, y: Array) -> Array:
    """log(eˣ + eʸ), which NumPy's own function takes number by number."""
    if np.ndim(x) == 0 or np.ndim(y) == 0 or x.dtype != y.dtype or x.dtype.char not in "fd":
        return np.logaddexp(x, y)
    with np.errstate(invalid="ignore"):  # ∞ − ∞
        apart = np.where(x == y, 0, x - y)
    return np.maximum(x, y) + soft_part(apart)


@twin(1 << 12)
def softplus(x: Array, beta: float, threshold: float) -> Array:
    """log(1 + exp(beta · x)) / beta, and x itself where beta · x is above the threshold."""
    scaled = x * beta
    found = np.where(scaled > threshold, x, (np.maximum(scaled, 0) + soft_part(scaled)) / beta)
    return found if found.ndim else found[()]


@twin(1 << 12)
def softplus_pull(
    g: Array, x: Array, beta: float, threshold: float, sigmoid: Callable[[Array], Array]
) -> Array:
    """g · σ(beta · x), and g above the threshold; `sigmoid` is the kernel, or an op of it."""
    return np.where(x * beta > threshold, g, g * sigmoid(x * beta))


@twin(1 << 12)
def silu(x: Array) -> Array:
    """x σ(x)."""
    return x * sigmoid(x)


@twin(1 << 12)
def silu_pull(g: Array, x: Array, sigmoid: Callable[[Array], Array]) -> Array:
    """g times the slope of `silu`; g and x may be Tensors, and `sigmoid` an op."""
    return g * (sigmoid(x) * (1 + x * sigmoid(-x)))  # 1 − σ(x) loses the digits of small ones
