"""Softmax attention and its gradients, in blocks of heads and rows whose scores stay in cache.

Queries are (..., L, E), keys (..., S, E), values (..., S, V), and the mask that is added to the
scores is (..., L, S) or None; what stands for the dots is the same for all. `drop` is a factor for
each weight, of the mask's shape, or None. With `causal` a row sees only the keys up to its own
number, and the others are not computed, but for a triangle in each block.

Threads share the heads. Keys and values are turned once for all blocks of rows: BLAS takes twice as
long over the small products a bᵀ as over a b.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd.kernels.activation.softmax import exponentials, softmax_slopes
from autograd.kernels.parallel.threads import get_num_threads, serial_blas, share
from autograd.kernels.parallel.twins import twin

__all__ = ["attention", "attention_pull"]

BLOCK = 1 << 16  # scores of a block: they and their cotangents share the second-level cache
ROWS = 32  # rows of a block at least, or exactly with `causal`: a triangle of 32 wastes little
SHARED = 1 << 19  # scores that several threads take less time for than one

Array = np.ndarray[Any, Any]
Heads = tuple[Any, ...]  # an index of leading axes: one of each, but several of the last


class Block(NamedTuple):
    """Rows of a block of scores, and how many keys they see."""

    rows: slice
    seen: int
    ahead: Array | None  # which scores of the last columns are of keys ahead of their row


def _blocks(length: int, count: int, causal: bool) -> Iterator[Block]:
    """Blocks of about BLOCK scores of a head: all keys of some rows; the last rows first."""
    step = ROWS if causal else max(1, min(length, max(ROWS, BLOCK // max(count, 1))))
    for start in reversed(range(0, length, step)):
        stop = min(start + step, length)
        seen = min(stop, count) if causal else count
        columns = np.arange(start, seen) if causal else None
        ahead = None if columns is None else columns > np.arange(start, stop)[:, None]
        yield Block(slice(start, stop), seen, ahead)


def _over_heads(work: Callable[[Heads], None], query: Array, key: Array, causal: bool) -> None:
    """Call work on groups of heads: on threads if there are enough, else BLAS may use them."""
    *lead, length, _ = query.shape
    count, threads = key.shape[-2], get_num_threads()
    rows = min(length, ROWS) if causal else length
    heads = math.prod(lead)
    large = heads * length * count >= SHARED and heads >= threads > 1
    together = max(1, BLOCK // max(rows * count, 1))
    groups = list(_groups(lead, min(together, heads // threads) if large else together))
    if not large:
        for group in groups:
            work(group)
        return
    with serial_blas():
        share(work, groups)


def _groups(lead: list[int], together: int) -> Iterator[Heads]:
    """The last axes whole, as many as fit, and parts of the one before them."""
    axis, whole = len(lead), 1
    while axis and whole * lead[axis - 1] <= together:
        axis -= 1
        whole *= lead[axis]
    if not axis:
        yield ()
        return
    step = max(1, together // whole)
    for outer in np.ndindex(*lead[: axis - 1]):
        for start in range(0, lead[axis - 1], step):
            yield (*outer, slice(start, start + step))


def _turned(x: Array, scale: float = 1.0) -> Array:
    """scale · xᵀ, with its rows in one piece."""
    out: Array = np.empty((*x.shape[:-2], x.shape[-1], x.shape[-2]), x.dtype)
    np.multiply(x.mT, x.dtype.type(scale), out=out)
    return out


def _exponentials(
    query: Array, turned: Array, mask: Array | None, block: Block
) -> tuple[Array, Array]:
    """exp(scores less their largest), and the sums over the keys; 1 where nothing is seen."""
    scores = np.matmul(query[..., block.rows, :], turned[..., : block.seen])
    if mask is not None:
        scores += mask[..., block.rows, : block.seen]
    if block.ahead is not None and block.ahead.size:
        np.copyto(scores[..., -block.ahead.shape[1] :], -np.inf, where=block.ahead)
    return scores, exponentials(scores, mask is not None or not scores.shape[-1])


@twin(1 << 12)
def attention(
    query: Array,
    key: Array,
    value: Array,
    mask: Array | None,
    drop: Array | None,
    causal: bool,
    scale: float,
) -> Array:
    """softmax(scale · q kᵀ + mask) v; zeros for a row that sees no key."""
    out = np.empty_like(query, shape=(*query.shape[:-1], value.shape[-1]))

    def work(heads: Heads) -> None:
        q, v, y = query[heads], value[heads], out[heads]
        m, factor = (None if x is None else x[heads] for x in (mask, drop))
        turned = _turned(key[heads], scale)
        for block in _blocks(q.shape[-2], v.shape[-2], causal):
            weights, sums = _exponentials(q, turned, m, block)
            if factor is not None:
                weights *= factor[..., block.rows, : block.seen]
            part = y[..., block.rows, :]
            np.matmul(weights, v[..., : block.seen, :], out=part)
            part /= sums

    _over_heads(work, query, key, causal)
    return out


@twin(1 << 12)
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
) -> tuple[Array, ...]:
    """The gradients by query, key, value, and the mask if asked, where that of the output is g."""
    of_query, of_key, of_value = np.empty_like(query), np.zeros_like(key), np.zeros_like(value)
    shape = (*query.shape[:-1], key.shape[-2])
    of_scores = np.zeros_like(query, shape=shape, order="C") if of_mask else None

    def work(heads: Heads) -> None:
        arrays = (g, query, key, of_query, of_key, of_value, mask, drop, of_scores)
        mine: list[Any] = [None if x is None else x[heads] for x in arrays]
        g_, q, k, of_q, of_k, of_v, m, d, of_s = mine
        turned, turned_value = _turned(key[heads], scale), _turned(value[heads])
        for block in _blocks(q.shape[-2], k.shape[-2], causal):
            rows, seen = block.rows, block.seen
            weights, sums = _exponentials(q, turned, m, block)
            part = g_[..., rows, :] / sums
            slopes = np.matmul(part, turned_value[..., :seen])
            if d is None:
                of_v[..., :seen, :] += np.matmul(weights.mT, part)
            else:
                f = d[..., rows, :seen]
                of_v[..., :seen, :] += np.matmul((weights * f).mT, part)
                slopes *= f
            softmax_slopes(slopes, weights, sums, 1.0 if of_mask else scale)
            if of_s is not None:
                of_s[..., rows, :seen] = slopes
                slopes *= q.dtype.type(scale)
            np.matmul(slopes, k[..., :seen, :], out=of_q[..., rows, :])
            of_k[..., :seen, :] += np.matmul(slopes.mT, q[..., rows, :])

    _over_heads(work, query, key, causal)
    found = (of_query, of_key, of_value)
    return found if of_scores is None else (*found, of_scores)
