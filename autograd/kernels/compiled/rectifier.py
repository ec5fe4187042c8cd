"""A rectifier and its pull-back, each in one pass."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled.loops import elementwise, exact, share_rows, single

__all__ = ["rectifier", "rectifier_pull"]

Array = Any


def rectifier(x: Array) -> Any:
    return elementwise(_rectifier, x)


@exact
def _rectifier(x: Array, out: Array) -> None:
    zero = np.float32(0)
    for i in range(x.size):
        out[i] = x[i] if x[i] > zero or x[i] != x[i] else zero


def rectifier_pull(g: Array, out: Array) -> Any:
    """The result lies in memory as `out` does, whatever the order of g."""
    if type(out) is not np.ndarray or g.shape != out.shape or g.dtype != out.dtype:
        return NotImplemented
    sign = out.ravel("K")
    if (out.size and not np.may_share_memory(sign, out)) or not single(sign):  # out has gaps
        return NotImplemented
    found = np.empty_like(out)
    if g.strides != out.strides:
        np.copyto(found, g)
        g = found
    given, target = g.ravel("K"), found.ravel("K")
    if not single(given):
        given = given.copy()
    share_rows(lambda at: _pull(given[at], sign[at], target[at]), found.size, 1)
    return found


@exact
def _pull(g: Array, out: Array, found: Array) -> None:
    one, zero = np.float32(1), np.float32(0)
    for i in range(g.size):
        found[i] = g[i] * (one if out[i] > zero else zero)
