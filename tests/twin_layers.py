"""Rows for losses, attention and pooling."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd.kernels.activation import cross_entropy, softmax
from autograd.kernels.convolution import pooling
from tests.twin_cases import Array, Case, Row, numpy_kernel

__all__ = ["TABLE"]

# ---- cross-entropy -----------------------------------------------------------------------------

_CLASSES = st.tuples(st.integers(1, 20), st.integers(1, 70))


def _losses(case: Case, *shape: int) -> tuple[Any, ...]:
    x = np.clip(case.array(*shape), -1e4, 1e4) if case.scale != 1 else case.array(*shape)
    labels = case.rng.integers(0, shape[1], shape[0])
    return x, labels, 0.1 if case.flag() else 0.0


def _of_losses(x: Array, labels: Array, smoothing: float) -> tuple[Any, ...]:
    return (np.max(np.abs(x), axis=1) + np.log(x.shape[1]),)


def _pull_losses(case: Case, *shape: int) -> tuple[Any, ...]:
    x, labels, smoothing = _losses(case, *shape)
    return case.array(shape[0]), x, labels, smoothing


def _of_pull_losses(g: Array, x: Array, labels: Array, smoothing: float) -> tuple[Any, ...]:
    return (np.broadcast_to(np.abs(g)[:, None], x.shape),)


# ---- softmax -----------------------------------------------------------------------------------

_SCORES = st.tuples(st.integers(0, 3), st.integers(1, 9), st.integers(1, 70))


def _scores(case: Case, *shape: int) -> tuple[Any, ...]:
    x, masked = np.clip(case.array(*shape), -1e4, 1e4), case.flag()
    if masked:
        x[case.rng.random(shape[:-1]) < 0.2] = -np.inf
    return x, masked


def _of_scores(x: Array, masked: bool) -> tuple[Any, ...]:
    # the sum; exponents are differences, whose rounding is relative to the scores
    terms = 1 + np.max(np.abs(x), axis=-1, keepdims=True, initial=0.0, where=np.isfinite(x))
    return terms * x.shape[-1], np.broadcast_to(terms, x.shape)


def _slopes(case: Case, *shape: int) -> tuple[Any, ...]:
    weights = case.positive(*shape)
    with np.errstate(all="ignore"):
        weights /= weights.max(-1, keepdims=True)
    return case.array(*shape), weights, weights.sum(-1, keepdims=True), 0.3 if case.flag() else 1.0


def _of_slopes(g: Array, weights: Array, sums: Array, scale: float) -> tuple[Any, ...]:
    g, weights = np.abs(g).astype(np.float64), weights.astype(np.float64)
    return ((g + np.vecdot(g, weights)[..., None] / sums) * weights * scale,)


# ---- pooling -----------------------------------------------------------------------------------

_IMAGES = st.tuples(*(st.integers(2, most) for most in (4, 4, 12, 13)))


def _pooled(case: Case, n: int, c: int, *lengths: int) -> tuple[Any, ...]:
    rank = 1 + case.flag()
    shape = (n, c, *lengths[:rank])
    x = np.round(case.array(*shape) / case.scale)  # with ties
    x[np.isnan(x)] = 0  # which NumPy looks for
    turned = case.flag()
    if turned:  # as convolutions leave it: (H, C, W, N)
        order = (2, 1, *range(3, x.ndim), 0)
        x = np.ascontiguousarray(x.transpose(order)).transpose(np.argsort(order))
    options = []
    for length in lengths[:rank]:
        size, stride, dilation = (int(case.rng.integers(1, 4)) for _ in range(3))
        size = min(size, 1 + (length - 1) // dilation)
        padding = int(case.rng.integers(0, size // 2 + 1))
        count, left = divmod(length + 2 * padding - (size - 1) * dilation - 1, stride)
        count += 1
        if left and count * stride < length + padding and case.flag():  # ceil_mode
            count += 1
        options.append((size, stride, padding, dilation, count))
    windows = pooling.Windows(*zip(*options, strict=True))
    if windows.disjoint and not turned:  # which is left to NumPy
        return _pooled(case, n, c, *lengths)
    maximum = numpy_kernel(pooling.max_pool)(x, windows)
    v = np.empty_like(maximum)
    v[...] = np.round(case.array(*maximum.shape) / case.scale)  # whose sums are exact
    return v, x, maximum, windows


TABLE = [
    Row(cross_entropy.cross_entropy, _CLASSES, (3000, 500), _losses, _of_losses, 4),
    Row(cross_entropy.cross_entropy_pull, _CLASSES, (3000, 500), _pull_losses, _of_pull_losses, 8),
    Row(softmax.exponentials, _SCORES, (64, 128, 128), _scores, _of_scores, 4),
    Row(softmax.softmax_slopes, _SCORES, (64, 128, 128), _slopes, _of_slopes, 8),
    Row(pooling.max_pool_pull, _IMAGES, (33, 20, 60, 61), _pooled, single=False),
]
