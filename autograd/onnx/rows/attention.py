"""Attention, by products of matrices and a softmax: runtimes fuse these where they can."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.onnx.table import row
from autograd.onnx.values import Value

__all__: list[str] = []


def _softmax(b: Any, scores: Value, causal: bool, never: bool) -> Value:
    """Zeros for a row that sees nothing."""
    if causal:
        seen = b.triangle(scores.shape[-2:], 0, True)
        scores = b.where(seen, scores, np.array(-np.inf, scores.dtype))
    if not never:
        return b.unary("Softmax", scores, axis=scores.ndim - 1)
    blind = b.reduce("ReduceMax", scores, (-1,), True) <= -np.inf
    safe = b.where(blind, b.constant(0, scores.dtype), scores)
    weights = b.unary("Softmax", safe, axis=scores.ndim - 1)
    return b.where(blind, b.constant(0, scores.dtype), weights)


@row("masked_softmax")
def _masked_softmax(b: Any, node: Any, x: Any, mask: Any = None, causal: bool = False) -> Value:
    x = b.constant(x, node.dtype)
    scores = x if mask is None else x + b.constant(mask, node.dtype)
    return _softmax(b, scores, causal, mask is not None)


def _turned(b: Any, x: Value) -> Value:
    return b.transpose(x, (*range(x.ndim - 2), x.ndim - 1, x.ndim - 2))


def _weights(b: Any, q: Value, k: Value, mask: Any, causal: bool, scale: float) -> Value:
    scores = b.matmul(q, _turned(b, k)) * scale
    if mask is not None:
        scores = scores + b.constant(mask, q.dtype)
    return _softmax(b, scores, causal, mask is not None)


@row("attention")
def _attention(b: Any, node: Any, query: Any, key: Any, value: Any, mask: Any = None,
               drop: Any = None, causal: bool = False, scale: float = 1.0) -> Value:  # fmt: skip
    q, k, v = (b.constant(x, node.dtype) for x in (query, key, value))
    weights = _weights(b, q, k, mask, causal, scale)
    if drop is not None:
        weights = weights * b.constant(drop, node.dtype)
    found = b.matmul(weights, v)
    return Value(b, found.name, node.shape, node.dtype)


@row("attention_pull")
def _attention_pull(
    b: Any, node: Any, of_out: Any, query: Any, key: Any, value: Any, mask: Any = None,
    drop: Any = None, causal: bool = False, scale: float = 1.0, of_mask: bool = False,
) -> Any:  # fmt: skip
    dtype = node.spec[0][1] if node.spec else of_out.dtype
    g, q, k, v = (b.constant(x, dtype) for x in (of_out, query, key, value))
    weights = _weights(b, q, k, mask, causal, scale)
    dropped = weights if drop is None else weights * b.constant(drop, dtype)
    of_weights = b.matmul(g, _turned(b, v))
    if drop is not None:
        of_weights = of_weights * b.constant(drop, dtype)
    weighted = of_weights * weights
    of_scores = weighted - weights * b.reduce("ReduceSum", weighted, (-1,), True)
    found = [b.matmul(of_scores, k) * scale, b.matmul(_turned(b, of_scores), q) * scale,
             b.matmul(_turned(b, dropped), g)]  # fmt: skip
    if of_mask:
        found.append(of_scores)
    lead = g.shape[:-2]
    return tuple(b.expand(x, (*lead, *x.shape[-2:])) for x in found)
