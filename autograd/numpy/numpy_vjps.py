"""Helpers for rules of primitives, by HIPS' names. The engine sums over broadcast axes itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engine.operands import raw
from autograd.sweep.cotangent import unbroadcast as _summed

__all__ = ["match_complex", "repeat_to_match_shape", "unbroadcast", "unbroadcast_f"]


def unbroadcast(x: Any, target_meta: Any, broadcast_idx: int = 0) -> Any:
    """A cotangent `x` summed over the axes along which its input was repeated.

    `target_meta` begins with the shape of the input; `broadcast_idx` does not matter here.

    >>> unbroadcast(np.ones((2, 3)), ((3,), 1, float, False))
    array([2., 2., 2.])
    """
    return _summed(x, target_meta[0])


def unbroadcast_f(target: Any, f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The rule `f`, with what it gives summed to the shape of the argument `target`.

    >>> unbroadcast_f(np.ones(3), lambda g: 2.0 * g)(np.ones((2, 3)))
    array([4., 4., 4.])
    """
    shape = np.shape(raw(target))
    return lambda g: _summed(f(g), shape)


def match_complex(target: Any, x: Any) -> Any:
    """The cotangent `x`, its real part if the argument `target` is real.

    >>> match_complex(1.0, np.array([1 + 1j]))
    array([1.])
    """
    if np.iscomplexobj(raw(target)):
        return x if np.iscomplexobj(raw(x)) else x + 0j
    return np.real(x) if np.iscomplexobj(raw(x)) else x


def repeat_to_match_shape(
    g: Any, shape: tuple[int, ...], dtype: Any, axis: Any, keepdims: bool
) -> tuple[Any, int]:
    """The cotangent `g` of a reduction repeated in the input's `shape`, and how often.

    `dtype` is that of the input; `axis` and `keepdims` are the reduction's.

    >>> repeat_to_match_shape(np.ones(2), (2, 3), float, 1, False)[1]
    3
    """
    if shape == ():
        return g, 1
    axes = range(len(shape)) if axis is None else [axis] if isinstance(axis, int) else axis
    axes = [k % len(shape) for k in axes]
    kept = tuple(1 if k in axes else n for k, n in enumerate(shape))
    repeats = int(np.prod([shape[k] for k in axes]))
    return np.broadcast_to(np.reshape(g, kept), shape), repeats
