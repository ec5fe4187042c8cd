"""Attention in single precision, a head at a time, in blocks of queries.

Scores stand turned, (keys, queries), so that softmax goes down columns and all products but one are
of rows that lie in one piece. NumPy's BLAS makes them, each so small that it stays on its thread;
copies of queries, keys and values make them contiguous.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.kernels.compiled import matrices
from autograd.kernels.compiled.loops import rounded, share_rows
from autograd.kernels.products import multiply_address

__all__ = ["attend", "pull"]

Array = Any

QUERIES = 32  # of a block: with `causal` a triangle of them is computed in vain
PIECE = 1 << 16  # scores that a thread is woken for

_ONE, _ZERO = np.float32(1), np.float32(0)


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
    heads: list[Any] = [multiply_address(), *_heads([*arrays, out]), np.float32(scale), causal]
    _over_heads(lambda at: _attend(*[*heads, at.start, at.stop]), query, key)
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
    heads: list[Any] = [
        multiply_address(),
        *_heads([*arrays, *out, None][:10]),
        np.float32(scale),
        causal,
    ]
    _over_heads(lambda at: _pull(*[*heads, at.start, at.stop]), query, key)
    return tuple(out)


def _fits(arrays: Any) -> bool:
    return bool(multiply_address()) and all(
        x is None
        or (type(x) is np.ndarray and x.dtype == np.float32 and x.size and x.flags.aligned)
        for x in arrays
    )


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
    share_rows(work, heads, scores, PIECE)


@rounded
def _attend(
    address: int, query: Array, key: Array, value: Array, mask: Array | None,
    drop: Array | None, out: Array, scale: np.float32, causal: bool, first: int, last: int,
) -> None:  # fmt: skip
    (_, heads, length, features), count, parts = query.shape, key.shape[2], value.shape[3]
    most = min(QUERIES, length)
    keys, values = np.empty((count, features), key.dtype), np.empty((count, parts), key.dtype)
    room, scores_room = np.empty(features * most, key.dtype), np.empty(count * most, key.dtype)
    found_room = np.empty(parts * most, key.dtype)
    for head in range(first, last):
        n, h = head // heads, head % heads
        matrices.copy(key[n, h], keys, _ONE)
        matrices.copy(value[n, h], values, _ONE)
        for start in range(0, length, QUERIES):
            rows = slice(start, min(start + QUERIES, length))
            width = rows.stop - start
            seen = min(count, rows.stop) if causal else count
            queries, scores = (
                matrices.shaped(room, features, width),
                matrices.shaped(scores_room, count, width),
            )
            matrices.turn(query[n, h, rows], queries, scale)
            part = None if mask is None else mask[n, h, rows]
            sums = _weights(address, keys, queries, part, scores, start, seen, causal)
            if drop is not None:
                matrices.drop(scores, drop[n, h, rows], seen)
            found = matrices.shaped(found_room, width, parts)
            matrices.multiply_turned(address, scores, values, found, seen)
            matrices.divide(found, sums, out[n, h, rows])


@rounded
def _pull(
    address: int, g: Array, query: Array, key: Array, value: Array, mask: Array | None,
    drop: Array | None, of_query: Array, of_key: Array, of_value: Array, of_mask: Array | None,
    scale: np.float32, causal: bool, first: int, last: int,
) -> None:  # fmt: skip
    (_, heads, length, features), count, parts = query.shape, key.shape[2], value.shape[3]
    most, dtype = min(QUERIES, length), key.dtype
    keys, values = np.empty((count, features), dtype), np.empty((count, parts), dtype)
    from_keys, from_values = np.empty_like(keys), np.empty_like(values)
    query_room, turned_room = np.empty(features * most, dtype), np.empty(features * most, dtype)
    found_room = np.empty(features * most, dtype)
    g_room, turned_g_room = np.empty(parts * most, dtype), np.empty(parts * most, dtype)
    scores_room, slopes_room = np.empty(count * most, dtype), np.empty(count * most, dtype)
    for head in range(first, last):
        n, h = head // heads, head % heads
        matrices.copy(key[n, h], keys, _ONE)
        matrices.copy(value[n, h], values, _ONE)
        from_keys[:] = _ZERO
        from_values[:] = _ZERO
        for start in range(0, length, QUERIES):
            rows = slice(start, min(start + QUERIES, length))
            width = rows.stop - start
            seen = min(count, rows.stop) if causal else count
            queries = matrices.shaped(query_room, width, features)
            turned = matrices.shaped(turned_room, features, width)
            scores, slopes = (
                matrices.shaped(scores_room, count, width),
                matrices.shaped(slopes_room, count, width),
            )
            matrices.copy(query[n, h, rows], queries, scale)
            matrices.turn(queries, turned, _ONE)
            part = None if mask is None else mask[n, h, rows]
            sums = _weights(address, keys, turned, part, scores, start, seen, causal)
            gs, turned_gs = (
                matrices.shaped(g_room, width, parts),
                matrices.shaped(turned_g_room, parts, width),
            )
            matrices.divide(g[n, h, rows], sums, gs)
            matrices.turn(gs, turned_gs, _ONE)
            matrices.multiply(address, values, turned_gs, slopes, seen)
            if drop is not None:
                matrices.drop(slopes, drop[n, h, rows], seen)
            matrices.slopes(slopes, scores, sums, seen)
            if drop is not None:
                matrices.drop(scores, drop[n, h, rows], seen)
            matrices.add_product(address, scores, gs, from_values, seen)
            matrices.add_product(address, slopes, queries, from_keys, seen)
            found = matrices.shaped(found_room, width, features)
            matrices.multiply_turned(address, slopes, keys, found, seen)
            matrices.copy(found, of_query[n, h, rows], scale)
            if of_mask is not None:
                matrices.turn_back(slopes, of_mask[n, h, rows], seen)
        matrices.copy(from_keys, of_key[n, h], _ONE)
        matrices.copy(from_values, of_value[n, h], _ONE)


@rounded
def _weights(
    address: int, keys: Array, queries: Array, mask: Array | None, scores: Array, start: int,
    seen: int, causal: bool,
) -> Array:  # fmt: skip
    """scores ← exp(keys · queries + mask less the largest) down the columns; their sums."""
    matrices.multiply(address, keys, queries, scores, seen)
    if mask is not None:
        matrices.add_mask(scores, mask, seen)
    return matrices.exponentials(scores, start, seen, causal, mask is not None)
