"""Rows of the table of twins for attention."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd.kernels.activation import attention
from tests.twin_cases import Array, Case, Row

__all__ = ["TABLE"]

_ATTENTION = st.tuples(
    st.integers(1, 2), st.integers(1, 3), st.integers(1, 70), st.integers(1, 70),
    st.integers(1, 9), st.integers(1, 9),
)  # fmt: skip
_LARGE = (2, 8, 150, 130, 40, 24)


def _attention(
    case: Case, outer: int, heads: int, length: int, count: int, features: int, parts: int
) -> tuple[Any, ...]:
    """Queries and keys of scale 1, since a softmax of large scores is of one key alone."""

    def unit(*shape: int) -> Array:
        with np.errstate(all="ignore"):
            return case.array(*shape) / case.dtype(case.scale)

    query = unit(outer, length, heads, features).swapaxes(1, 2)
    key = unit(outer, heads, count, features)
    value = case.array(outer, count, heads, parts).swapaxes(1, 2)
    mask = drop = None
    if case.flag():
        mask = unit(outer, heads, length, count)
        mask[case.rng.random(mask.shape) < 0.3] = -np.inf
    if case.flag():
        drop = (2 * case.rng.integers(0, 2, (outer, heads, length, count))).astype(case.dtype)
    return query, key, value, mask, drop, case.flag(), 0.3


def _pull_attention(case: Case, *shape: int) -> tuple[Any, ...]:
    arguments = _attention(case, *shape)
    g = case.array(*arguments[0].shape[:-1], shape[-1]) / case.dtype(case.scale)
    return (g, *arguments, arguments[3] is not None and case.flag())


def _weights(
    query: Array, key: Array, mask: Any, drop: Any, causal: bool, scale: float
) -> tuple[Array, Array, Any]:
    """Weights in double precision, by how much a rounding of the scores changes them, and drop."""
    query, key = query.astype(np.float64), key.astype(np.float64)
    scores = scale * (query @ key.mT) + (0 if mask is None else mask)
    if causal:
        scores[..., np.triu(np.ones(scores.shape[-2:], bool), 1)] = -np.inf
    most = scores.max(-1, keepdims=True)
    weights = np.exp(scores - np.where(most == -np.inf, 0, most))
    sums = weights.sum(-1, keepdims=True)
    sizes = scale * np.abs(query) @ np.abs(key).mT
    sizes = sizes + (0 if mask is None else np.where(np.isinf(mask), 0, np.abs(mask)))
    error = 1 + sizes.max(-1, keepdims=True)
    return weights / np.where(sums == 0, 1, sums), error, 1 if drop is None else drop


def _of_attention(
    query: Array, key: Array, value: Array, mask: Any, drop: Any, causal: bool, scale: float
) -> tuple[Any, ...]:
    weights, error, factor = _weights(query, key, mask, drop, causal, scale)
    return (error * ((weights * factor) @ np.abs(value).astype(np.float64)),)


def _of_pull_attention(
    g: Array, query: Array, key: Array, value: Array, mask: Any, drop: Any,
    causal: bool, scale: float, of_mask: bool,
) -> tuple[Any, ...]:  # fmt: skip
    weights, error, factor = _weights(query, key, mask, drop, causal, scale)
    g, value = np.abs(g).astype(np.float64), np.abs(value).astype(np.float64)
    through = factor * (g @ value.mT)
    mean = (weights * through).sum(-1, keepdims=True)
    slopes = error * weights * (through + mean)
    found = (
        scale * slopes @ np.abs(key),
        scale * slopes.mT @ np.abs(query),
        (error * weights * factor).mT @ g,
    )
    return (*found, slopes) if of_mask else found


TABLE = [
    Row(attention.attention, _ATTENTION, _LARGE, _attention, _of_attention, 16),
    Row(attention.attention_pull, _ATTENTION, _LARGE, _pull_attention, _of_pull_attention, 16),
]
