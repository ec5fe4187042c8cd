"""Rows for losses, attention, recurrent layers and pooling."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd.kernels import cross_entropy, gru, lstm, pooling, softmax
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


# ---- recurrent ---------------------------------------------------------------------------------

_CELLS = st.tuples(st.integers(0, 6), st.integers(1, 40))


def _lstm_cell(case: Case, count: int, size: int) -> tuple[Any, ...]:
    gate, cell = case.array(count, 4 * size), case.array(count, size)
    scale, shift = np.full((2, 4 * size), 0.5, case.dtype)
    scale[2 * size : 3 * size], shift[2 * size : 3 * size] = 1, 0
    return gate, scale, shift, cell, np.empty_like(cell)


def _of_lstm_cell(
    gate: Array, scale: Array, shift: Array, cell: Array, hidden: Array
) -> tuple[Any, ...]:
    largest = 1 + np.abs(cell)
    return np.ones(gate.shape), scale, shift, largest, largest


def _lstm_cell_pull(case: Case, count: int, size: int) -> tuple[Any, ...]:
    d_hidden, d_cell, cell, before = (case.array(count, size) for _ in range(4))
    gate = case.rng.random((count, 4 * size)).astype(case.dtype)
    return d_hidden, d_cell, gate, cell, before, np.empty_like(gate)


def _of_lstm_cell_pull(
    d_hidden: Array, d_cell: Array, gate: Array, cell: Array, before: Array, d: Array
) -> tuple[Any, ...]:
    of_cell = np.abs(d_cell.astype(np.float64)) + np.abs(d_hidden)
    of_gates = [of_cell, of_cell * np.abs(before), of_cell, np.abs(d_hidden)]
    return d_hidden, of_cell, gate, cell, before, np.concatenate(of_gates, axis=1)


def _gru_cell(case: Case, count: int, size: int) -> tuple[Any, ...]:
    gate, added = case.array(count, 3 * size), case.array(count, 3 * size)
    return gate, added, np.empty((count, size), case.dtype), case.array(count, size)


def _of_gru_cell(gate: Array, added: Array, candidate: Array, state: Array) -> tuple[Any, ...]:
    size = state.shape[1]
    # an absolute error of the sums before tanh, whose slope is at most 1
    sums = np.maximum(np.abs(gate), np.abs(added)).reshape(len(gate), 3, size).max(1)
    terms = 1 + 3 * sums + np.abs(state)
    of_added = np.abs(np.concatenate([added[:, 2 * size :], added[:, size:]], axis=1))
    return np.tile(terms, 3), of_added, of_added[:, :size], terms


def _gru_cell_pull(case: Case, count: int, size: int) -> tuple[Any, ...]:
    g, candidate, before = (case.array(count, size) for _ in range(3))
    gate = case.rng.random((count, 3 * size)).astype(case.dtype)
    g_gate, d = case.array(count, 3 * size), np.empty_like(gate)
    return g, gate, candidate, before, g_gate, d, np.empty_like(d), np.empty_like(g)


def _of_gru_cell_pull(
    g: Array, gate: Array, candidate: Array, before: Array, g_gate: Array, d: Array, *_: Array
) -> tuple[Any, ...]:
    given = np.abs(g_gate.astype(np.float64)).reshape(len(g), 3, g.shape[1])
    of_new = given[:, 2] + np.abs(g)
    of_reset = given[:, 0] + of_new * np.abs(candidate)
    of_update = given[:, 1] + np.abs(g) * (1 + np.abs(before))
    terms = np.concatenate([of_reset, of_update, of_new], axis=1)
    return g, gate, candidate, before, g_gate, terms, terms, np.abs(g)


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
        count = (length + 2 * padding - (size - 1) * dilation - 1) // stride + 1
        options.append((size, stride, padding, dilation, count))
    windows = pooling.Windows(*zip(*options, strict=True))
    if windows.disjoint and not turned:  # which is left to NumPy
        return _pooled(case, n, c, *lengths)
    maximum = numpy_kernel(pooling.max_pool)(x, windows)
    v = np.empty_like(maximum)
    v[...] = np.round(case.array(*maximum.shape) / case.scale)  # whose sums are exact
    return v, x, maximum, windows


TABLE = [
    Row(cross_entropy.losses, _CLASSES, (3000, 500), _losses, _of_losses, 4),
    Row(cross_entropy.pull, _CLASSES, (3000, 500), _pull_losses, _of_pull_losses, 8),
    Row(softmax.exponentials, _SCORES, (64, 128, 128), _scores, _of_scores, 4),
    Row(softmax.softmax_slopes, _SCORES, (64, 128, 128), _slopes, _of_slopes, 8),
    Row(lstm.lstm_cell, _CELLS, (64, 700), _lstm_cell, _of_lstm_cell, 8),
    Row(lstm.lstm_cell_pull, _CELLS, (64, 700), _lstm_cell_pull, _of_lstm_cell_pull, 8),
    Row(gru.gru_cell, _CELLS, (64, 700), _gru_cell, _of_gru_cell, 4),
    Row(gru.gru_cell_pull, _CELLS, (64, 700), _gru_cell_pull, _of_gru_cell_pull, 4),
    Row(pooling.max_pool_pull, _IMAGES, (33, 20, 60, 61), _pooled, single=False),
]
