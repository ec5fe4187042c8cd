"""Attention in single precision, a head at a time, in blocks of queries.

Scores stand turned, (keys, queries), so that softmax goes down columns and all products but one are
of rows that lie in one piece. NumPy's BLAS makes them, each so small that it stays on its thread;
copies of queries, keys and values make them contiguous.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled.matrix import matrices
from autograd.kernels.compiled.matrix.matrices import Place, deliver, fetch
from autograd.kernels.compiled.parallel.blas import multiply_at, turn_and_multiply_at
from autograd.kernels.compiled.parallel.loops import constant, rounded, share_rows
from autograd.kernels.matrix.products import multiply_address

__all__ = ["attention", "attention_pull"]

Array = Any

QUERIES = constant(32)  # of a block: with `causal` a triangle of them is computed in vain
PIECE = 1 << 16  # scores that a thread is woken for
SMALL = constant(1 << 18)  # multiplications up to which OpenBLAS leaves a product on one thread

_ONE, _ZERO = np.float32(1), np.float32(0)
_START, _NEXT = constant(0), constant(1)


def attention(
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
    _over_heads(_attention, [*arrays, out], scale, causal)
    return out


def attention_pull(
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
    _over_heads(_attention_pull, [*arrays, *out, None][:10], scale, causal)
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


def _over_heads(loop: Any, arrays: list[Any], scale: float, causal: bool) -> None:
    """Call a loop on parts of all heads of arrays (..., L, E), given as places."""
    heads: Any = [
        None if x is None else x[None] if x.ndim == 3 else x.reshape(-1, *x.shape[-3:])
        for x in arrays
    ]
    query, _, value = heads[:3] if loop is _attention else heads[1:4]
    (outer, inner, length, features), (count, parts) = query.shape, value.shape[2:]
    places = [(0,) * 5 if x is None else _place(x) for x in heads]
    size = 2 * QUERIES + (count + QUERIES) * (2 * features + 2 * parts + 3 * QUERIES)

    def work(at: slice) -> None:
        room, total = np.empty(size, np.float32), np.empty(QUERIES)
        numbers = (inner, length, features, count, parts, room.ctypes.data, multiply_address())
        loop(*places, numbers, np.float32(scale), causal, total, at.start, at.stop)

    share_rows(work, outer * inner, length * count, PIECE)


def _place(x: Array) -> tuple[int, ...]:
    return (x.ctypes.data, *(stride // 4 for stride in x.strides))


@rounded
def _attention(
    query: Place, key: Place, value: Place, mask: Place, drop: Place, out: Place, numbers: Any,
    factor: np.float32, causal: bool, total: Array, first: int, last: int,
) -> None:  # fmt: skip
    heads, length, features, count, parts, sums, address = numbers
    most, keys = sums + 4 * QUERIES, sums + 8 * QUERIES
    values = keys + 4 * count * features
    queries = values + 4 * count * parts
    found = queries + 4 * QUERIES * features
    scores = found + 4 * QUERIES * parts
    more = scores + 4 * QUERIES * count
    for head in range(first, last):
        n, h = head // heads, head % heads
        fetch(key, n, h, _START, count, features, keys, features, _NEXT, _ONE)
        fetch(value, n, h, _START, count, parts, values, parts, _NEXT, _ONE)
        for start in range(0, length, QUERIES):
            width = min(QUERIES, length - start)
            seen = min(count, start + width) if causal else count
            fetch(query, n, h, start, width, features, queries, _NEXT, width, factor)
            multiply_at(address, keys, queries, scores, seen, width, features, _ZERO, SMALL)
            added = more if mask[0] else _START
            if mask[0]:
                fetch(mask, n, h, start, width, seen, more, _NEXT, width, _ONE)
            matrices.exponentials(scores, width, seen, start, causal, added, most, total, sums)
            if drop[0]:
                fetch(drop, n, h, start, width, seen, more, _NEXT, width, _ONE)
                matrices.scale(more, scores, seen * width)
            turn_and_multiply_at(address, scores, values, found, width, parts, seen, SMALL)
            matrices.divide_rows(sums, found, width, parts)
            deliver(found, parts, _NEXT, _ONE, out, n, h, start, width, parts)


@rounded
def _attention_pull(
    g: Place, query: Place, key: Place, value: Place, mask: Place, drop: Place, of_query: Place,
    of_key: Place, of_value: Place, of_mask: Place, numbers: Any, factor: np.float32,
    causal: bool, total: Array, first: int, last: int,
) -> None:  # fmt: skip
    heads, length, features, count, parts, sums, address = numbers
    most, keys = sums + 4 * QUERIES, sums + 8 * QUERIES
    values, from_keys = keys + 4 * count * features, keys + 4 * count * (features + parts)
    from_values = from_keys + 4 * count * features
    queries = from_values + 4 * count * parts
    turned, gs = queries + 4 * QUERIES * features, queries + 8 * QUERIES * features
    turned_gs = gs + 4 * QUERIES * parts
    scores = turned_gs + 4 * QUERIES * parts
    slopes, more = scores + 4 * QUERIES * count, scores + 8 * QUERIES * count
    for head in range(first, last):
        n, h = head // heads, head % heads
        fetch(key, n, h, _START, count, features, keys, features, _NEXT, _ONE)
        fetch(value, n, h, _START, count, parts, values, parts, _NEXT, _ONE)
        matrices.fill(from_keys, count * (features + parts), _ZERO)
        for start in range(0, length, QUERIES):
            width = min(QUERIES, length - start)
            seen = min(count, start + width) if causal else count
            fetch(query, n, h, start, width, features, queries, features, _NEXT, factor)
            matrices.turn(queries, turned, width, features)
            multiply_at(address, keys, turned, scores, seen, width, features, _ZERO, SMALL)
            added = more if mask[0] else _START
            if mask[0]:
                fetch(mask, n, h, start, width, seen, more, _NEXT, width, _ONE)
            matrices.exponentials(scores, width, seen, start, causal, added, most, total, sums)
            fetch(g, n, h, start, width, parts, gs, parts, _NEXT, _ONE)
            matrices.divide_rows(sums, gs, width, parts)
            matrices.turn(gs, turned_gs, width, parts)
            multiply_at(address, values, turned_gs, slopes, seen, width, parts, _ZERO, SMALL)
            if drop[0]:
                fetch(drop, n, h, start, width, seen, more, _NEXT, width, _ONE)
                matrices.scale(more, slopes, seen * width)
            matrices.slopes(slopes, scores, sums, width, seen, most)
            if drop[0]:
                matrices.scale(more, scores, seen * width)
            multiply_at(address, scores, gs, from_values, seen, parts, width, _ONE, SMALL)
            multiply_at(address, slopes, queries, from_keys, seen, features, width, _ONE, SMALL)
            turn_and_multiply_at(address, slopes, keys, turned, width, features, seen, SMALL)
            deliver(turned, features, _NEXT, factor, of_query, n, h, start, width, features)
            if of_mask[0]:
                deliver(slopes, _NEXT, width, _ONE, of_mask, n, h, start, width, seen)
        deliver(from_keys, features, _NEXT, _ONE, of_key, n, h, _START, count, features)
        deliver(from_values, parts, _NEXT, _ONE, of_value, n, h, _START, count, parts)
