"""Compiled kernels do what the NumPy kernels do that define them, and are never missed."""

from __future__ import annotations

import copy
import importlib
import inspect
import os
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import kernels
from autograd.kernels import compiled, optimizers, twins
from autograd.kernels.threads import get_num_threads, set_num_threads
from tests.twin_cases import Case, Row, numpy_kernel
from tests.twin_table import TABLE

ROOT = Path(__file__).parent.parent
PAIRS = pytest.mark.parametrize(
    ("row", "dtype"),
    [
        pytest.param(row, dtype, id=f"{row.name}-{np.dtype(dtype).name}")
        for row in TABLE
        for dtype in (np.float32, np.float64)
        if dtype is np.float32 or not row.single
    ],
)


def twin_of(kernel: Callable[..., Any]) -> Callable[..., Any]:
    found = twins.compiled_twin(kernel)
    assert found is not None, "Numba is needed here: pip install chaingrad[test]"
    return found


def outcome(function: Callable[..., Any], args: tuple[Any, ...]) -> list[Any]:
    """The arrays that a kernel gives, and those that it was given, as they are then."""
    args = copy.deepcopy(args)
    with np.errstate(all="ignore"):
        results = function(*args)
    assert results is not NotImplemented
    results = results if isinstance(results, tuple) else (results,)
    return [a for a in (*results, *args) if isinstance(a, np.ndarray)]


def compare(row: Row, case: Case, shape: tuple[int, ...]) -> None:
    """To the last bit; or within the roundings of the terms, and not finite at the same places."""
    with np.errstate(all="ignore"):
        args = row.arguments(case, *shape)
    ours, theirs = outcome(twin_of(row.kernel), args), outcome(numpy_kernel(row.kernel), args)
    assert [(a.dtype, a.shape) for a in ours] == [(b.dtype, b.shape) for b in theirs]
    bounds: tuple[Any, ...] = ()
    if row.terms is not None:
        with np.errstate(all="ignore"):
            bounds = row.terms(*args)
    for a, b, terms in zip(ours, theirs, bounds, strict=False):
        finite = np.isfinite(b)
        np.testing.assert_array_equal(np.isfinite(a), finite)
        tolerance = np.broadcast_to(row.roundings * np.finfo(np.float32).eps * terms, b.shape)
        tolerance = tolerance + np.finfo(np.float32).tiny
        with np.errstate(all="ignore"):
            excess = np.abs(a.astype(np.float64) - b) / tolerance
        assert np.max(excess, initial=0.0, where=finite & np.isfinite(tolerance)) <= 1
    for a, b in zip(ours[len(bounds) :], theirs[len(bounds) :], strict=True):
        np.testing.assert_array_equal(a, b)


# ---- the twins agree ---------------------------------------------------------------------------


@PAIRS
@given(data=st.data(), seed=st.integers(0, 2**32), power=st.integers(-12, 12))
@settings(max_examples=40, deadline=None)
def test_a_twin_agrees_with_numpy_on_any_shape_and_scale(
    row: Row, dtype: Any, data: Any, seed: int, power: int
) -> None:
    shape = data.draw(row.shapes)
    compare(row, Case(seed, dtype, 10.0**power), shape)


@PAIRS
@given(data=st.data(), seed=st.integers(0, 2**32))
@settings(max_examples=20, deadline=None)
def test_what_is_not_finite_spreads_as_in_numpy(row: Row, dtype: Any, data: Any, seed: int) -> None:
    compare(row, Case(seed, dtype, special=not row.finite), data.draw(row.shapes))


@PAIRS
def test_a_twin_agrees_on_large_arrays_that_threads_share(row: Row, dtype: Any) -> None:
    before = get_num_threads()
    set_num_threads(3)
    try:
        for seed in range(3):
            compare(row, Case(seed, dtype), row.large)
    finally:
        set_num_threads(before)


# ---- none is missed ----------------------------------------------------------------------------


def functions_of(package: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    for module in pkgutil.iter_modules(package.__path__):
        if not module.ispkg:
            loaded = importlib.import_module(f"{package.__name__}.{module.name}")
            for name in loaded.__all__:
                yield f"{module.name}.{name}", getattr(loaded, name)


HELPERS = (
    "loops.",
    "formulas.",
    "blas.",
    "tiles.",
    "panels.",
    "registers.",
