"""Attention in single precision, a head at a time, in blocks of queries.

Scores stand turned, (keys, queries), so that softmax goes down columns and all products but one are
of rows that lie in one piece. Numba hands them to SciPy's BLAS, each so small that it stays on its
thread; copies of queries, keys and values make them contiguous.
"""

from __future__ import annotations

import importlib.util
import math
from functools import cache
from typing import Any

import numpy as np

from autograd.kernels.compiled import formulas
from autograd.kernels.compiled.loops import fused, rounded, share_rows

__all__ = ["attend", "pull"]

Array = Any

QUERIES = 32  # of a block: with `causal` a triangle of them is computed in vain
SMALL = 1 << 18  # multiplications up to which OpenBLAS leaves a product on one thread
PIECE = 1 << 16  # scores that a thread is woken for

_ZERO, _ONE, _LOW = np.float32(0), np.float32(1), np.float32(-np.inf)


def attend(
    query: Array,
    key: Array,
    value: Array,
    mask: Array | None,
    drop: Array | None,
    causal: bool,
    scale: float,
) -> Any:
    arrays = query, key, value, mask, drop
    if not _fits(arrays):
        return NotImplemented
    out = _like(query, value.shape[-1])
    given, found = _heads(arrays), _heads([out])[0]
    numbers = np.float32(scale), causal
    _over_heads(lambda first, last: _attend(*given, found, *numbers, first, last), query, key)
    return out


def pull(
    g: Array,
    query: Array,
    key: Array,
    value: Array,
    mask: Array | None,
    drop: Array | None,
    causal: bool,
    scale: float,
    of_mask: bool,
) -> Any:
    arrays = g, query, key, value, mask, drop
    if not _fits(arrays):
        return NotImplemented
    out = [_like(x, x.shape[-1]) for x in (query, key, value)]
    if of_mask:
        out.append(np.zeros((*query.shape[:-1], key.shape[-2]), np.float32))
    given, found = _heads(arrays), _heads([*out, None][:4])
    numbers = np.float32(scale), causal
    _over_heads(lambda first, last: _pull(*given, *found, *numbers, first, last), query, key)
    return tuple(out)


def _fits(arrays: Any) -> bool:
    return _has_products() and all(
        x is None or (type(x) is np.ndarray and x.dtype == np.float32 and x.size and x.flags.aligned)
        for x in arrays
    )


@cache
def _has_products() -> bool:
    return importlib.util.find_spec("scipy") is not None  # which Numba has them from


def _like(x: Array, width: int) -> Array:
    """Room for (..., L, width), which lies in memory as x does if heads can be counted there."""
    order: Any = "K" if x.ndim < 5 else "C"
    return np.empty_like(x, shape=(*x.shape[:-1], width), order=order)


def _heads(arrays: Any) -> list[Array]:
    """(..., L, E) as (A, B, L, E)."""
    return [
        None if x is None else x[None] if x.ndim == 3 else x.reshape(-1, *x.shape[-3:])
        for x in arrays
    ]


def _over_heads(work: Any, query: Array, key: Array) -> None:
    heads, scores = math.prod(query.shape[:-2]), query.shape[-2] * key.shape[-2]
    share_rows(lambda at: work(at.start, at.stop), heads, scores, PIECE)


@rounded
def _attend(
    query: Array, key: Array, value: Array, mask: Array | None, drop: Array | None, out: Array,
    scale: np.float32, causal: bool, first: int, last: int,
) -> None:  # fmt: skip
    (_, heads, length, features), count, parts = query.shape, key.shape[2], value.shape[3]
    most = min(QUERIES, length)
    keys, values = np.empty((count, features), key.dtype), np.empty((count, parts), key.dtype)
    room, scores_room = np.empty(features * most, key.dtype), np.empty(count * most, key.dtype)
    found_room, more_room = np.empty(parts * most, key.dtype), np.empty(parts * most, key.dtype)
    for head in range(first, last):
        n, h = head // heads, head % heads
        _copy(key[n, h], keys, _ONE)
        _copy(value[n, h], values, _ONE)
        for start in range(0, length, QUERIES):
            rows = slice(start, min(start + QUERIES, length))
            width = rows.stop - start
            seen = min(count, rows.stop) if causal else count
            queries, scores = _shaped(room, features, width), _shaped(scores_room, count, width)
            _turn(query[n, h, rows], queries, scale)
            _multiply(keys, queries, scores, seen)
            if mask is not None:
                _add_mask(scores, mask[n, h, rows], seen)
            sums = _exponentials(scores, start, seen, causal, mask is not None)
            if drop is not None:
                _drop(scores, drop[n, h, rows], seen)
            found, more = _shaped(found_room, width, parts), _shaped(more_room, width, parts)
            _multiply_turned(scores, values, found, more, seen)
            _divide(found, sums, out[n, h, rows])


@rounded
def _pull(
    g: Array, query: Array, key: Array, value: Array, mask: Array | None, drop: Array | None,
    of_query: Array, of_key: Array, of_value: Array, of_mask: Array | None,
    scale: np.float32, causal: bool, first: int, last: int,
) -> None:  # fmt: skip
    (_, heads, length, features), count, parts = query.shape, key.shape[2], value.shape[3]
    most, dtype = min(QUERIES, length), key.dtype
    keys, values = np.empty((count, features), dtype), np.empty((count, parts), dtype)
    from_keys, from_values = np.empty_like(keys), np.empty_like(values)
    query_room, turned_room = np.empty(features * most, dtype), np.empty(features * most, dtype)
    found_room, more_room = np.empty(features * most, dtype), np.empty(features * most, dtype)
    g_room, turned_g_room = np.empty(parts * most, dtype), np.empty(parts * most, dtype)
    scores_room, slopes_room = np.empty(count * most, dtype), np.empty(count * most, dtype)
    for head in range(first, last):
        n, h = head // heads, head % heads
        _copy(key[n, h], keys, _ONE)
        _copy(value[n, h], values, _ONE)
        from_keys[:] = _ZERO
        from_values[:] = _ZERO
        for start in range(0, length, QUERIES):
            rows = slice(start, min(start + QUERIES, length))
            width = rows.stop - start
            seen = min(count, rows.stop) if causal else count
            queries = _shaped(query_room, width, features)
            turned = _shaped(turned_room, features, width)
            scores, slopes = _shaped(scores_room, count, width), _shaped(slopes_room, count, width)
            _copy(query[n, h, rows], queries, scale)
            _turn(queries, turned, _ONE)
            _multiply(keys, turned, scores, seen)
            if mask is not None:
                _add_mask(scores, mask[n, h, rows], seen)
            sums = _exponentials(scores, start, seen, causal, mask is not None)
            gs, turned_gs = _shaped(g_room, width, parts), _shaped(turned_g_room, parts, width)
            _divide(g[n, h, rows], sums, gs)
            _turn(gs, turned_gs, _ONE)
            _multiply(values, turned_gs, slopes, seen)
            if drop is not None:
                _drop(slopes, drop[n, h, rows], seen)
            _slopes(slopes, scores, sums, seen)
            if drop is not None:
                _drop(scores, drop[n, h, rows], seen)
            _add_product(scores, gs, from_values, seen)
            _add_product(slopes, queries, from_keys, seen)
            found, more = _shaped(found_room, width, features), _shaped(more_room, width, features)
            _multiply_turned(slopes, keys, found, more, seen)
            _copy(found, of_query[n, h, rows], scale)
            if of_mask is not None:
                _turn_back(slopes, of_mask[n, h, rows], seen)
        _copy(from_keys, of_key[n, h], _ONE)
        _copy(from_values, of_value[n, h], _ONE)


@fused
def _shaped(room: Array, rows: int, columns: int) -> Array:
    """The front of a flat array as a matrix."""
    return room[: rows * columns].reshape(rows, columns)


# ---- products in steps that BLAS makes on one thread ---------------------------------------------


@fused
def _step(a: Array, b: Array) -> int:
    return max(1, SMALL // (a.shape[1] * b.shape[1]))


@fused
def _multiply(a: Array, b: Array, out: Array, count: int) -> None:
    """out ← a b, in the first rows."""
    step = _step(a, b)
    for k in range(0, count, step):
        at = slice(k, min(count, k + step))
        np.dot(a[at], b, out[at])


@fused
def _add_product(a: Array, b: Array, total: Array, count: int) -> None:
    """total += a b, in the first rows."""
    step = _step(a, b)
    for k in range(0, count, step):
        at = slice(k, min(count, k + step))
        _add(total[at], np.dot(a[at], b))


@fused
def _multiply_turned(a: Array, b: Array, out: Array, more: Array, count: int) -> None:
    """out ← aᵀ b, over the first rows."""
    step = _step(a, b)
    np.dot(a[: min(count, step)].T, b[: min(count, step)], out)
    for k in range(step, count, step):
        at = slice(k, min(count, k + step))
        np.dot(a[at].T, b[at], more)
        _add(out, more)


@fused
def _add(total: Array, part: Array) -> None:
    for i in range(len(part)):
        for j in range(part.shape[1]):
            total[i, j] += part[i, j]


# ---- copies --------------------------------------------------------------------------------------


@fused
def _copy(source: Array, target: Array, factor: np.float32) -> None:
    for i in range(len(source)):
        for j in range(source.shape[1]):
            target[i, j] = source[i, j] * factor


@fused
def _turn(source: Array, target: Array, factor: np.float32) -> None:
    """target ← factor · sourceᵀ."""
    for j in range(len(target)):
        for i in range(len(source)):
            target[j, i] = source[i, j] * factor


@fused
def _turn_back(source: Array, target: Array, count: int) -> None:
    for i in range(len(target)):
        for j in range(count):
            target[i, j] = source[j, i]


@fused
def _divide(source: Array, divisors: Array, target: Array) -> None:
    for i in range(len(target)):
        factor = _ONE / divisors[i]
        for j in range(target.shape[1]):
            target[i, j] = source[i, j] * factor


# ---- softmax down the columns --------------------------------------------------------------------


@fused
def _add_mask(scores: Array, mask: Array, count: int) -> None:
    for j in range(count):
        for i in range(len(mask)):
            scores[j, i] += mask[i, j]


@fused
def _drop(scores: Array, factors: Array, count: int) -> None:
    for j in range(count):
        for i in range(len(factors)):
            scores[j, i] *= factors[i, j]


@rounded
def _exponentials(scores: Array, start: int, count: int, causal: bool, masked: bool) -> Array:
    """scores ← exp(scores less their largest) down each column; the sums.

    Column i is of the query start + i, which with `causal` sees no keys ahead of it.
    """
    width = scores.shape[1]
    most, total = np.full(width, _LOW), np.zeros(width)
    if causal:
        for j in range(start, count):
            for i in range(min(width, j - start)):
                scores[j, i] = _LOW
    for j in range(count):
        for i in range(width):
            most[i] = scores[j, i] if scores[j, i] > most[i] else most[i]
    if masked:
        for i in range(width):
            most[i] = _ZERO if most[i] == _LOW else most[i]
    for j in range(count):
        for i in range(width):
            scores[j, i] = formulas.decay(scores[j, i] - most[i])
            total[i] += scores[j, i]
    sums = np.empty(width, scores.dtype)
    for i in range(width):
        sums[i] = _ONE if masked and total[i] == 0 else total[i]
    return sums


@rounded
def _slopes(slopes: Array, weights: Array, sums: Array, count: int) -> None:
    """The cotangent before the softmax of weights / sums, from that of the weights."""
    width = slopes.shape[1]
    mean = np.zeros(width, slopes.dtype)
    for j in range(count):
        for i in range(width):
            mean[i] += slopes[j, i] * weights[j, i]
    for i in range(width):
        mean[i] /= sums[i]
    for j in range(count):
        for i in range(width):
            slopes[j, i] = (slopes[j, i] - mean[i]) * weights[j, i]
