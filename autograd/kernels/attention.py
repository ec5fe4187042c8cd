"""Softmax attention and its gradients, in blocks of heads and rows whose scores stay in cache.

Queries are (..., L, E), keys (..., S, E), values (..., S, V), and the mask that is added to the
scores is (..., L, S) or None; what stands for the dots is the same for all. `drop` is a factor for
each weight, of the mask's shape, or None. With `causal` a row sees only the keys up to its own
number, and the others are not computed, but for a triangle in each block.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd.kernels.softmax import exponentials, softmax_slopes

__all__ = ["attend", "pull"]

BLOCK = 1 << 16  # scores of a block: they and their cotangents share the second-level cache
ROWS = 32  # rows of a block at least, or exactly with `causal`: a triangle of 32 wastes little

Array = np.ndarray[Any, Any]


class Block(NamedTuple):
    """Where a block of scores lies: the index of its rows, of its keys, of its scores."""

    rows: tuple[Any, ...]
    keys: tuple[Any, ...]
    scores: tuple[Any, ...]
    ahead: Array | None  # which scores of the last columns are of keys ahead of their row


def _blocks(query: Array, key: Array, causal: bool) -> Iterator[Block]:
    """Blocks of about BLOCK scores: all keys of some rows, and some heads if there are few rows."""
    *lead, length, _ = query.shape
    count = key.shape[-2]
    step = ROWS if causal else max(1, min(length, max(ROWS, BLOCK // max(count, 1))))
    for *outer, heads in _heads(tuple(lead), max(1, BLOCK // max(step * count, 1))):
        for start in range(0, length, step):
            stop = min(start + step, length)
            seen = min(stop, count) if causal else count
            at = (*outer, heads)
            rows, keys = slice(start, stop), slice(0, seen)
            columns = np.arange(start, seen) if causal else None
            ahead = None if columns is None else columns > np.arange(start, stop)[:, None]
            yield Block((*at, rows), (*at, keys), (*at, rows, keys), ahead)


def _heads(lead: tuple[int, ...], together: int) -> Iterator[tuple[Any, ...]]:
    """Indices of the leading axes: one of each, but several neighbours of the last."""
    for outer in np.ndindex(lead[:-1]):
        for start in range(0, lead[-1], together):
            yield (*outer, slice(start, start + together))


def _exponentials(
    query: Array, key: Array, mask: Array | None, scale: float, block: Block
) -> tuple[Array, Array]:
    """exp(scores less their largest), and the sums over the keys; 1 where nothing is seen."""
    scores = np.matmul(query[block.rows] * query.dtype.type(scale), key[block.keys].mT)
    if mask is not None:
        scores += mask[block.scores]
    if block.ahead is not None and block.ahead.size:
        np.copyto(scores[..., -block.ahead.shape[1] :], -np.inf, where=block.ahead)
    return scores, exponentials(scores, mask is not None or not scores.shape[-1])


def attend(
    query: Array,
    key: Array,
    value: Array,
    mask: Array | None,
    drop: Array | None,
    *,
    causal: bool,
    scale: float,
) -> Array:
    """softmax(scale · q kᵀ + mask) v; zeros for a row that sees no key."""
    out = np.empty_like(query, shape=(*query.shape[:-1], value.shape[-1]))
    for block in _blocks(query, key, causal):
        weights, sums = _exponentials(query, key, mask, scale, block)
        if drop is not None:
            weights *= drop[block.scores]
        part = out[block.rows]
        np.matmul(weights, value[block.keys], out=part)
        part /= sums
    return out


def pull(
    g: Array,
    query: Array,
    key: Array,
    value: Array,
    mask: Array | None,
    drop: Array | None,
    *,
    causal: bool,
    scale: float,
    of_mask: bool,
) -> tuple[Array, ...]:
    """The gradients by query, key, value, and the mask if asked, where that of the output is g."""
    of_query, of_key, of_value = np.empty_like(query), np.zeros_like(key), np.zeros_like(value)
    shape = (*query.shape[:-1], key.shape[-2])
    of_scores = np.zeros_like(query, shape=shape, order="C") if of_mask else None
    for block in _blocks(query, key, causal):
        weights, sums = _exponentials(query, key, mask, scale, block)
        weights /= sums
        factor = None if drop is None else drop[block.scores]
        part = g[block.rows]
        slopes = np.matmul(part, value[block.keys].mT)
        if factor is None:
            of_value[block.keys] += np.matmul(weights.mT, part)
        else:
            of_value[block.keys] += np.matmul((weights * factor).mT, part)
            slopes *= factor
        softmax_slopes(slopes, weights, 1.0 if of_mask else scale)
        if of_scores is not None:
            of_scores[block.scores] = slopes
            slopes *= query.dtype.type(scale)
        np.matmul(slopes, key[block.keys], out=of_query[block.rows])
        of_key[block.keys] += np.matmul(slopes.mT, query[block.rows])
    found = (of_query, of_key, of_value)
    return found if of_scores is None else (*found, of_scores)
