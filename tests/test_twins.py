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
from autograd.kernels import compiled, optimizers
from autograd.kernels.parallel import twins
from autograd.kernels.parallel.threads import get_num_threads, set_num_threads
from tests.layouts import LAYOUTS, NOT_TO_BE_WRITTEN, plain_copy
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
    with np.errstate(all="ignore"):
        args = row.arguments(case, *shape)
    ours, theirs = outcome(twin_of(row.kernel), args), outcome(numpy_kernel(row.kernel), args)
    agree(row, args, ours, theirs)


def agree(row: Row, args: tuple[Any, ...], ours: list[Any], theirs: list[Any]) -> None:
    """To the last bit; or within the roundings of the terms, and not finite at the same places."""
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


@PAIRS
@given(data=st.data(), seed=st.integers(0, 2**32))
@settings(max_examples=4, deadline=None)
def test_however_arrays_lie_in_memory_the_numbers_are_the_same(
    row: Row, dtype: Any, data: Any, seed: int
) -> None:
    shape, names = data.draw(row.shapes), list(LAYOUTS)
    with np.errstate(all="ignore"):
        args = row.arguments(Case(seed, dtype), *shape)
    arrays = [i for i, a in enumerate(args) if isinstance(a, np.ndarray) and a.ndim]
    written = [i for i in arrays if is_written(row.kernel, args, i)]
    for start in range(len(names)):
        for step in (0, 3):  # all of them in one way, or each in another
            ways = {i: names[(start + i * step) % len(names)] for i in arrays}
            for i in written:
                ways[i] = "offset" if ways[i] in NOT_TO_BE_WRITTEN else ways[i]
            check_layouts(row, args, ways)


def is_written(kernel: Callable[..., Any], args: tuple[Any, ...], position: int) -> bool:
    """Whether a kernel writes to an argument."""
    args = copy.deepcopy(args)
    args[position].flags.writeable = False
    try:
        with np.errstate(all="ignore"):
            numpy_kernel(kernel)(*args)
    except ValueError:  # it is read-only
        return True
    return False


def check_layouts(row: Row, args: tuple[Any, ...], ways: dict[int, str]) -> None:
    def laid() -> tuple[Any, ...]:
        given = copy.deepcopy(args)
        return tuple(LAYOUTS[ways[i]](a) if i in ways else a for i, a in enumerate(given))

    plain = tuple(plain_copy(a) if isinstance(a, np.ndarray) else a for a in laid())
    wanted = outcome(numpy_kernel(row.kernel), plain)
    for kernel in (twin_of(row.kernel), numpy_kernel(row.kernel)):
        given = laid()
        with np.errstate(all="ignore"):
            results = kernel(*given)
        if results is not NotImplemented:
            found = results if isinstance(results, tuple) else (results,)
            arrays = [a for a in (*found, *given) if isinstance(a, np.ndarray)]
            agree(row, plain, list(map(plain_copy, arrays)), wanted)


# ---- none is missed ----------------------------------------------------------------------------


def functions_of(package: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    """By the file's name and their own; no two rooms have files of one name."""
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not module.ispkg and (package is compiled or ".compiled." not in module.name):
            loaded = importlib.import_module(module.name)
            for name in loaded.__all__:
                yield f"{module.name.rpartition('.')[2]}.{name}", getattr(loaded, name)


HELPERS = (
    "loops.",
    "formulas.",
    "addresses.",
    "blas.",
    "kept.",
    "lanes.",
    "blocks.",
    "tiles.",
    "transforms.",
    "panels.",
    "parts.",
    "registers.",
    "workers.",  # these wait: test_workers.py
)  # which no kernel in NumPy is the twin of
COMPILED = {n: f for n, f in functions_of(compiled) if not n.startswith(HELPERS)}
DECORATED = {n: f for n, f in functions_of(kernels) if hasattr(f, "__wrapped__") and n in COMPILED}


def test_every_compiled_kernel_has_a_row_and_every_row_a_compiled_kernel() -> None:
    assert sorted(row.name for row in TABLE) == sorted(COMPILED)


@pytest.mark.skipif(os.environ.get("CHAINGRAD_FAST") == "0", reason="there are no twins then")
def test_every_compiled_kernel_is_the_twin_of_a_numpy_kernel() -> None:
    assert sorted(DECORATED) == sorted(COMPILED)


@pytest.mark.skipif(os.environ.get("CHAINGRAD_FAST") == "0", reason="there are no twins then")
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_a_twin_is_looked_for_where_the_dtype_of_its_loops_is_met(row: Row) -> None:
    dtypes = {np.dtype(np.float32)} | (set() if row.single else {np.dtype(np.float64)})
    assert inspect.getclosurevars(row.kernel).nonlocals["dtypes"] == dtypes


@pytest.mark.parametrize("name", COMPILED)
def test_twins_have_the_same_arguments(name: str) -> None:
    home = COMPILED[name].__module__.replace(".compiled.", ".")
    kernel = getattr(importlib.import_module(home), COMPILED[name].__name__)
    theirs = inspect.signature(numpy_kernel(kernel)).parameters.values()
    ours = inspect.signature(COMPILED[name]).parameters.values()
    assert [(p.name, p.default) for p in ours] == [(p.name, p.default) for p in theirs]


# ---- which one runs ----------------------------------------------------------------------------


def probe(least: int = 4) -> tuple[Callable[..., Any], list[str]]:
    """A kernel with a twin, and the list of those that ran."""
    ran: list[str] = []

    def kernel(x: Any, scale: float = 1.0) -> Any:
        ran.append("NumPy")
        return x * scale

    def compiled_kernel(x: Any, scale: float = 1.0) -> Any:
        if x.dtype == np.float16:
            return NotImplemented
        ran.append("twin")
        return x * scale

    kernel.__module__, kernel.__name__ = "autograd.kernels.probe", "kernel"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(twins, "_FAST", True)
        patch.setattr(twins, "compiled_twin", lambda kernel: compiled_kernel)
        decorated = twins.twin(least, double=True)(kernel)
        decorated(np.ones(least))
    ran.clear()
    return decorated, ran


def test_a_twin_runs_from_the_least_size_on() -> None:
    kernel, ran = probe(least=4)
    kernel(np.ones(3))
    kernel(np.ones(4), scale=2.0)
    kernel(np.float32(1))
    assert ran == ["NumPy", "twin", "NumPy"]


def test_what_a_twin_declines_goes_to_numpy() -> None:
    kernel, ran = probe()
    np.testing.assert_array_equal(kernel(np.ones(8, np.float16), 3.0), np.full(8, 3.0))
    assert ran == ["NumPy"]


def test_numpy_only_holds_while_it_is_open_and_can_be_nested() -> None:
    kernel, ran = probe()
    with twins.numpy_only():
        with twins.numpy_only():
            kernel(np.ones(8))
        kernel(np.ones(8))
    kernel(np.ones(8))
    assert ran == ["NumPy", "NumPy", "twin"]


ODD = {
    "half precision": lambda: np.ones(5000, np.float16),
    "complex": lambda: np.ones(5000, complex),
    "not contiguous": lambda: np.ones(10000, np.float32)[::2],
    "another byte order": lambda: np.ones(5000, np.dtype(np.float32).newbyteorder()),
    "not aligned": lambda: np.frombuffer(bytearray(20001), np.float32, offset=1),
}


@pytest.mark.parametrize("odd", ODD)
def test_arrays_that_no_twin_takes_are_updated_by_numpy(odd: str) -> None:
    p, q = ODD[odd](), ODD[odd]()
    g = np.ones(p.shape, p.dtype)
    optimizers.sgd_update(p, g, None, 0.25, 0.0, 1.0, False, 0.0, False)
    assert twin_of(optimizers.sgd_update)(p, g, None, 0.25, 0.0, 1.0, False, 0.0, False) is (
        NotImplemented
    )
    np.testing.assert_array_equal(p, q - 0.25 * g)
