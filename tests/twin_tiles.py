"""The rows of compiled kernels for the tiles of Winograd's convolution."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd.kernels import winograd
from tests.twin_cases import Array, Case, Row

__all__ = ["TABLE"]

_TILES = st.tuples(*(st.integers(1, 10),) * 3, st.sampled_from([1, 5, 31, 32, 33, 70]))
_LARGE = (9, 20, 33, 40)
# NumPy sums 36 products, in any order; the loops make 2 sums of 6; in halves of eps
_ROUNDINGS = (36 + 2 * 6) / 2


def _inputs(case: Case, *shape: int) -> tuple[Any, ...]:
    row, column = (int(case.rng.integers(-6, 8)) for _ in range(2))
    return case.array(*shape), row, column, int(case.rng.integers(1, 5))


def _of_inputs(x: Array, row: int, column: int, count: int) -> tuple[Any, ...]:
    return (winograd._tiles(np.abs(x), row, column, count, np.abs(winograd.INPUT2)),)


def _outputs(case: Case, *shape: int) -> tuple[Any, ...]:
    return case.array(*shape), 4 * int(case.rng.integers(0, 3)), -(-shape[2] // 4)


def _of_outputs(g: Array, row: int, count: int) -> tuple[Any, ...]:
    return (winograd._tiles(np.abs(g), row, 0, count, np.abs(winograd.OUTPUT2.T)),)


def _written(case: Case, *shape: int) -> tuple[Any, ...]:
    """Products beside the array to write to, with or without a bias."""
    row, column = (4 * int(case.rng.integers(0, -(-shape[axis] // 4))) for axis in (0, 2))
    count = -(-(shape[2] - column) // 4)
    products = case.array(36, shape[1], count * shape[3])
    bias = case.array(shape[1]) if case.flag() else None
    return np.zeros(shape, case.dtype), products, bias, row, column


def _of_written(
    out: Array, products: Array, bias: Array | None, row: int, column: int
) -> tuple[Any, ...]:
    """The array comes back, changed."""
    bound, whole = np.zeros(out.shape), winograd.OUTPUT2
    terms = np.tensordot(np.abs(whole).astype(np.float64), np.abs(products), 1)
    terms = terms.reshape(4, 4, out.shape[1], -1, out.shape[3])
    for i in range(min(4, out.shape[0] - row)):
        for j in range(4):
            goal = bound[row + i, :, column + j :: 4]
            goal[...] = terms[i, j, :, : goal.shape[1]]
    return (bound + (0 if bias is None else np.abs(bias)[:, None, None]),)


TABLE = [
    Row(winograd.input_tiles, _TILES, _LARGE, _inputs, _of_inputs, _ROUNDINGS, finite=True),
    Row(winograd.output_tiles, _TILES, _LARGE, _outputs, _of_outputs, _ROUNDINGS, finite=True),
    Row(winograd.write_tiles, _TILES, _LARGE, _written, _of_written, _ROUNDINGS, finite=True),
]
