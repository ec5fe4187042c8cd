"""The rows of compiled kernels for the tiles of Winograd's convolution."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd.kernels.convolution import winograd
from autograd.kernels.parallel.threads import get_num_threads
from tests.twin_cases import Array, Case, Row

__all__ = ["TABLE"]

_SHAPES = st.tuples(*(st.integers(1, 10),) * 3, st.sampled_from([1, 5, 31, 32, 33, 70]))
_LARGE = (9, 20, 33, 40)
# For each of C terms NumPy sums 36 products, in any order, where the loops make 2 sums of 6; and
# the same for the result; in halves of eps.
_ROUNDINGS = 2 * (36 + 2 * 6) / 2


def _places(case: Case, shape: tuple[int, ...]) -> tuple[tuple[int, int], int, int]:
    """Where the first tile reads first, and how many places there are in a column and a row."""
    first, after = (tuple(int(n) for n in case.rng.integers(-2, 3, 2)) for _ in range(2))
    tall, wide = (max(1, shape[axis] + after[axis // 2]) for axis in (0, 2))
    return first, tall, wide


def _rows(case: Case, tall: int) -> tuple[int, int]:
    begin, end = sorted(int(n) for n in case.rng.integers(0, -(-tall // 4) + 1, 2))
    return (begin, end) if begin < end else (0, 1)


def _convolved(case: Case, *shape: int) -> tuple[Any, ...]:
    """With or without a bias, into an array of zeros."""
    first, tall, wide = _places(case, shape)
    outputs = int(case.rng.integers(1, 9))
    weight = Case(int(case.rng.integers(2**32)), case.dtype).array(outputs, shape[1], 3, 3)
    bias = case.array(outputs) if case.flag() else None
    out = np.zeros((tall, outputs, wide, shape[3]), case.dtype)
    panels = winograd._panels(winograd._matrices(weight))
    return case.array(*shape), panels, bias, out, first, *_rows(case, tall)


def _of_convolved(
    x: Array, panels: Array, bias: Array | None, out: Array, first: Any, begin: int, end: int
) -> tuple[Any, ...]:
    """Nothing is computed for x and the weight; the array comes back, changed."""
    matrices = panels.swapaxes(2, 3).reshape(36, -1, x.shape[1])[:, : out.shape[1]]
    bound = np.zeros(out.shape)
    for row in range(begin, end):
        tiles = winograd._tiles(
            np.abs(x), 4 * row + first[0], first[1], -(-out.shape[2] // 4), np.abs(winograd.INPUT2)
        )
        products = np.matmul(np.abs(matrices).astype(np.float64), tiles)
        terms = np.tensordot(np.abs(winograd.OUTPUT2).astype(np.float64), products, 1)
        terms = terms.reshape(4, 4, out.shape[1], -1, out.shape[3])
        for i in range(min(4, len(out) - 4 * row)):
            for j in range(4):
                goal = bound[4 * row + i, :, j::4]
                goal[...] = terms[i, j, :, : goal.shape[1]]
    none = (np.zeros(x.shape), np.zeros(panels.shape))
    sums = (1 + x.shape[1] / 36) * (bound + (0 if bias is None else np.abs(bias)[:, None, None]))
    return (*none, sums) if bias is None else (*none, np.zeros(bias.shape), sums)


def _correlated(case: Case, *shape: int) -> tuple[Any, ...]:
    first, tall, wide = _places(case, shape)
    g = case.array(tall, int(case.rng.integers(1, 9)), wide, shape[3])
    return g, case.array(*shape), first, *_rows(case, tall)


def _of_correlated(g: Array, x: Array, first: Any, begin: int, end: int) -> tuple[Any, ...]:
    wide = -(-g.shape[2] // 4)
    count = max(1, min(end - begin, get_num_threads()))
    bounds = [begin + (end - begin) * i // count for i in range(count + 1)]
    found = []
    for start, stop in itertools.pairwise(bounds):
        total = np.zeros((36, g.shape[1], x.shape[1]))
        for row in range(start, stop):
            tiles = winograd._tiles(
                np.abs(x), 4 * row + first[0], first[1], wide, np.abs(winograd.INPUT2)
            )
            others = winograd._tiles(np.abs(g), 4 * row, 0, wide, np.abs(winograd.OUTPUT2.T))
            total += np.matmul(others.astype(np.float64), tiles.astype(np.float64).swapaxes(1, 2))
        terms = (stop - start) * wide * x.shape[3]  # to be summed, besides
        found.append((1 + terms / 36) * total)
    return tuple(found)


def _transformed(case: Case, outputs: int, channels: int) -> tuple[Any, ...]:
    return (case.array(outputs, channels, 3, 3),)


def _of_transformed(weight: Array) -> tuple[Any, ...]:
    terms = np.abs(winograd.WEIGHT2).astype(np.float64) @ np.abs(weight).reshape(-1, 9).T
    return (winograd._panels(terms.reshape(36, *weight.shape[:2])),)


def _finished(case: Case, outputs: int, channels: int, more: int) -> tuple[Any, ...]:
    """Of one to four sums."""
    total, *others = (case.array(36, outputs, channels) for _ in range(1 + more % 4))
    return total, others, np.zeros((outputs, channels, 3, 3), case.dtype)


def _of_finished(total: Array, others: Any, out: Array) -> tuple[Any, ...]:
    sums = sum(np.abs(part).astype(np.float64) for part in (total, *others))
    terms = np.abs(winograd.WEIGHT2.T).astype(np.float64) @ sums.reshape(36, -1)
    return np.zeros(total.shape), terms.T.reshape(out.shape)


_WEIGHTS = st.tuples(st.integers(1, 20), st.integers(2, 40))
_SUMS = st.tuples(st.integers(1, 20), st.integers(16, 40), st.integers(0, 3))

TABLE = [
    Row(winograd.convolve_rows, _SHAPES, _LARGE, _convolved, _of_convolved, _ROUNDINGS,
        finite=True),
    Row(winograd.correlate_rows, _SHAPES, _LARGE, _correlated, _of_correlated, _ROUNDINGS,
        finite=True),
    Row(winograd.transform_weight, _WEIGHTS, (130, 70), _transformed, _of_transformed,
        _ROUNDINGS, finite=True),
    Row(winograd.finish_weight, _SUMS, (40, 70, 3), _finished, _of_finished, _ROUNDINGS,
        finite=True),
]  # fmt: skip
