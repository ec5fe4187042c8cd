"""Runs of numbers as values in compiled loops, and numbers behind an address."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled.parallel.addresses import add, address_of, copy, get, places_of, put
from autograd.kernels.compiled.parallel.lanes import (
    LANES,
    load1,
    load2,
    load4,
    load6,
    run_of,
    store,
)
from autograd.kernels.compiled.parallel.loops import exact


@exact
def operate(x: Any, address: Any, out: Any) -> None:
    """Sums, differences and products of runs in the order of their definition."""
    a, b = load2(x, 0, LANES)
    store(out, 0, LANES, (a + b, a - b, a * b, np.float32(3) * a, run_of(np.float32(2)) + b))
    (c,) = load1(address, 1, 0)
    store(address_of(out), 5 * LANES, 0, (c,))


@exact
def move(x: Any, out: Any) -> None:
    """Every second run of the first twelve, by fours and by sixes."""
    store(out, 0, LANES, load4(x, 0, 2 * LANES))
    store(out, 4 * LANES, LANES, load6(x, 0, 2 * LANES))


@exact
def shift(x: Any, out: Any, size: int) -> None:
    copy(x, out, size)
    add(x, out, size)
    put(out, 0, get(x, 1))


def numbers(count: int) -> Any:
    return np.random.default_rng(0).standard_normal(count).astype(np.float32)


def test_runs_are_added_subtracted_and_multiplied_number_by_number() -> None:
    x, out = numbers(3 * LANES), np.zeros(6 * LANES, np.float32)
    operate(x, *places_of(x), out)
    a, b = x[:LANES], x[LANES : 2 * LANES]
    expected = [a + b, a - b, a * b, 3 * a, 2 + b, x[1 : LANES + 1]]
    np.testing.assert_array_equal(out, np.concatenate(expected))


def test_runs_are_loaded_and_stored_some_distance_apart() -> None:
    x, out = numbers(12 * LANES), np.zeros(10 * LANES, np.float32)
    move(x, out)
    runs = x.reshape(6, 2, LANES)[:, 0]
    np.testing.assert_array_equal(out, np.concatenate([runs[:4], runs]).reshape(-1))


def test_numbers_behind_addresses_are_copied_added_and_written() -> None:
    x, out = numbers(21), np.zeros(22, np.float32)
    shift(*places_of(x, out), 21)
    np.testing.assert_array_equal(out, [x[1], *2 * x[1:], 0])
