"""The pull-back of maxima of windows over one or two axes, in one pass.

An array is seen as (P, H, M, W, I), as it lies in memory: windows slide over H and W. Of images
(N, C, H, W) P is N·C; of those that lie as (H, C, W, N), as convolutions leave them, M is C and I
is N. Threads share P or M.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.kernels.compiled.parallel.loops import exact, plain, share_rows
from autograd.kernels.parallel.layout import memory_order

__all__ = ["max_pool_pull"]

Array = Any


def max_pool_pull(v: Array, x: Array, maximum: Array, windows: Any) -> Any:
    rank, order = len(windows.size), memory_order(x)
    axes = [order.index(axis) for axis in range(x.ndim - rank, x.ndim)]
    if rank > 2 or axes != sorted(axes):
        return NotImplemented
    seen, best, given = (_seen(a, order, axes) for a in (x, maximum, v))
    alone = seen.shape[4] == 1 and windows.disjoint  # NumPy is as fast
    if alone or not plain(seen, best, given) or _has_nan(best.reshape(-1)):
        return NotImplemented
    pairs = zip(windows.size, windows.stride, windows.counts, x.shape[-rank:], strict=True)
    tiled = windows.disjoint and all(
        size == stride and size * count == n for size, stride, count, n in pairs
    )
    out = (np.empty if tiled and not any(windows.padding) else np.zeros)(seen.shape, x.dtype)
    _share(seen, best, given, out, windows.disjoint, _numbers(windows))
    return out.reshape([x.shape[axis] for axis in order]).transpose(np.argsort(order))


def _seen(x: Array, order: tuple[int, ...], axes: list[int]) -> Array:
    """x as (P, H, M, W, I), where the axes of windows are at these places of the order."""
    x, first, last = np.ascontiguousarray(x.transpose(order)), axes[0], axes[-1]
    outer, inner = math.prod(x.shape[:first]), math.prod(x.shape[last + 1 :])
    height, middle = (x.shape[first], math.prod(x.shape[first + 1 : last])) if axes[1:] else (1, 1)
    return x.reshape(outer, height, middle, x.shape[last], inner)


def _numbers(windows: Any) -> tuple[int, ...]:
    """Size, stride, padding and dilation, each for both axes."""
    pairs = zip((1, 1, 0, 1), windows[:4], strict=True)
    return tuple(n for alone, own in pairs for n in (own if len(own) == 2 else (alone, *own)))


def _share(x: Array, *args: Any) -> None:
    outer, middle = x.shape[0], x.shape[2]
    loop: Any = _pull_planes if x.shape[4] == 1 else _pull
    if outer >= middle:
        each = x.size // max(1, outer)
        share_rows(lambda at: loop(x, *args, at.start, at.stop, 0, middle), outer, each)
    else:
        each = x.size // middle
        share_rows(lambda at: loop(x, *args, 0, outer, at.start, at.stop), middle, each)


@exact
def _has_nan(x: Array) -> bool:
    found = False
    for i in range(x.size):
        found |= x[i] != x[i]
    return found


@exact
def _pull(
    x: Array, maximum: Array, v: Array, out: Array, disjoint: bool, numbers: Any,
    p0: int, p1: int, m0: int, m1: int,
) -> None:  # fmt: skip
    """Each position of a window in vector code over I."""
    kh, kw, sh, sw, ph, pw, dh, dw = numbers
    height, width, inner = x.shape[1], x.shape[3], x.shape[4]
    zero = x.dtype.type(0)
    left = np.empty(inner, x.dtype)  # what has not met its maximum so far
    for p in range(p0, p1):
        for h in range(v.shape[1]):
            for m in range(m0, m1):
                for w in range(v.shape[3]):
                    given, best = v[p, h, m, w], maximum[p, h, m, w]
                    for n in range(inner):
                        left[n] = given[n]
                    for i in range(kh):
                        row = h * sh - ph + i * dh
                        if row < 0 or row >= height:
                            continue
                        for j in range(kw):
                            column = w * sw - pw + j * dw
                            if column < 0 or column >= width:
                                continue
                            values, target = x[p, row, m, column], out[p, row, m, column]
                            for n in range(inner):
                                met = values[n] == best[n]
                                part = left[n] if met else zero
                                left[n] = zero if met else left[n]
                                target[n] = part if disjoint else target[n] + part


@exact
def _pull_planes(
    x: Array, maximum: Array, v: Array, out: Array, disjoint: bool, numbers: Any,
    p0: int, p1: int, m0: int, m1: int,
) -> None:  # fmt: skip
    """One window after the other, where I is 1 and windows overlap."""
    kh, kw, sh, sw, ph, pw, dh, dw = numbers
    height, width = x.shape[1], x.shape[3]
    zero = x.dtype.type(0)
    for p in range(p0, p1):
        for h in range(v.shape[1]):
            for m in range(m0, m1):
                for w in range(v.shape[3]):
                    best, left = maximum[p, h, m, w, 0], v[p, h, m, w, 0]
                    for i in range(kh):
                        row = h * sh - ph + i * dh
                        if row < 0 or row >= height:
                            continue
                        for j in range(kw):
                            column = w * sw - pw + j * dw
                            if column < 0 or column >= width:
                                continue
                            met = x[p, row, m, column, 0] == best
                            given = left if met else zero
                            left = zero if met else left
                            out[p, row, m, column, 0] += given
