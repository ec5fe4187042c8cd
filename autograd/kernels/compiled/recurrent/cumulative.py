"""What runs along an axis, rounded step by step as NumPy does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.kernels.compiled.parallel.loops import exact, plain, share_rows

__all__ = ["cumulative_extremum", "cumulative_product", "cumulative_sum", "recurrence"]

Array = Any

_PIECE = 1 << 17  # elements for a thread


def cumulative_sum(x: Array, reverse: bool) -> Any:
    return _along(_sums, reverse, x)


def cumulative_product(x: Array, reverse: bool) -> Any:
    return _along(_products, reverse, x)


def cumulative_extremum(x: Array, largest: bool) -> Any:
    return _along(_largest if largest else _smallest, False, x)


def recurrence(a: Array, b: Array, reverse: bool) -> Any:
    return _along(_recurrence, reverse, a, b)


def _along(loop: Callable[..., None], reverse: bool, *arrays: Array) -> Any:
    """A loop over arrays (O, L, I), from the end if in reverse; threads share O, or else I."""
    if not plain(*arrays):
        return NotImplemented
    out = np.empty(arrays[0].shape, arrays[0].dtype)
    views = [v[:, ::-1] if reverse else v for v in (*arrays, out)]
    outer, length, inner = out.shape
    if outer > 1:
        share_rows(lambda at: loop(*[v[at] for v in views]), outer, length * inner, _PIECE)
    else:
        share_rows(lambda at: loop(*[v[..., at] for v in views]), inner, length, _PIECE)
    return out


@exact
def _sums(x: Array, out: Array) -> None:
    for o in range(x.shape[0]):
        if x.shape[2] == 1:
            total = x.dtype.type(0)
            for t in range(x.shape[1]):
                total = x[o, t, 0] if t == 0 else total + x[o, t, 0]
                out[o, t, 0] = total
            continue
        for t in range(x.shape[1]):
            for i in range(x.shape[2]):
                out[o, t, i] = x[o, t, i] if t == 0 else out[o, t - 1, i] + x[o, t, i]


@exact
def _products(x: Array, out: Array) -> None:
    for o in range(x.shape[0]):
        if x.shape[2] == 1:
            total = x.dtype.type(1)
            for t in range(x.shape[1]):
                total = x[o, t, 0] if t == 0 else total * x[o, t, 0]
                out[o, t, 0] = total
            continue
        for t in range(x.shape[1]):
            for i in range(x.shape[2]):
                out[o, t, i] = x[o, t, i] if t == 0 else out[o, t - 1, i] * x[o, t, i]


@exact
def _largest(x: Array, out: Array) -> None:
    for o in range(x.shape[0]):
        for i in range(x.shape[2]):
            most = -np.inf
            for t in range(x.shape[1]):
                value = x[o, t, i]
                most = most if most >= value or most != most else value
                out[o, t, i] = most


@exact
def _smallest(x: Array, out: Array) -> None:
    for o in range(x.shape[0]):
        for i in range(x.shape[2]):
            least = np.inf
            for t in range(x.shape[1]):
                value = x[o, t, i]
                least = least if least <= value or least != least else value
                out[o, t, i] = least


@exact
def _recurrence(a: Array, b: Array, out: Array) -> None:
    for o in range(b.shape[0]):
        if b.shape[2] == 1:
            h = b.dtype.type(0)
            for t in range(b.shape[1]):
                h = b[o, t, 0] if t == 0 else a[o, t, 0] * h + b[o, t, 0]
                out[o, t, 0] = h
            continue
        for t in range(b.shape[1]):
            for i in range(b.shape[2]):
                first = b[o, t, i]
                out[o, t, i] = first if t == 0 else a[o, t, i] * out[o, t - 1, i] + first
