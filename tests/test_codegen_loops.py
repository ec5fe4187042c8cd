"""Generated loops: layouts, reductions, threads, memory that is given, what is refused."""

from __future__ import annotations

import math
import threading
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.codegen import kernel
from autograd.codegen.layout import layout_of
from autograd.codegen.loop import loop
from autograd.codegen.native import machine
from autograd.errors import (
    ArgumentError,
    ArgumentTypeError,
    AxisError,
    ShapeError,
)
from autograd.system import addresses

needs_llvm = pytest.mark.skipif(not machine.has_llvm(), reason="native code is looked at")
RNG = np.random.default_rng(0)


def numbers(*shape: int, dtype: Any = np.float64) -> Any:
    return RNG.uniform(-2, 2, shape).astype(dtype)


@pytest.fixture(params=["native", "numpy"])
def way(request: Any, monkeypatch: Any) -> str:
    """In native code, and by NumPy as where llvmlite is not."""
    if request.param == "native" and not machine.has_llvm():
        pytest.skip("llvmlite is not here")
    monkeypatch.setattr("autograd.codegen.loop.has_llvm", lambda: request.param == "native")
    return str(request.param)


# ---- layouts -------------------------------------------------------------------------------------

LAYOUTS = {
    "contiguous": lambda: (numbers(5, 7), numbers(5, 7)),
    "one number": lambda: (numbers(), numbers()),
    "one element": lambda: (numbers(1, 1), numbers(1)),
    "long": lambda: (numbers(1001), numbers(1001)),
    "a scalar beside": lambda: (numbers(33), numbers()),
    "a row": lambda: (numbers(6, 37), numbers(37)),
    "a column": lambda: (numbers(6, 37), numbers(6, 1)),
    "a column and a row": lambda: (numbers(19, 1), numbers(1, 23)),
    "transposed": lambda: (numbers(9, 4).T, numbers(4, 9)),
    "both transposed": lambda: (numbers(9, 40).T, numbers(9, 40).T),
    "strides": lambda: (numbers(11, 90)[::2, ::3], numbers(6, 30)),
    "backwards": lambda: (numbers(50)[::-1], numbers(50)),
    "every other of both": lambda: (numbers(100)[::2], numbers(150)[::3]),
    "four axes": lambda: (numbers(2, 3, 4, 5), numbers(3, 1, 5)),
    "other axes first": lambda: (numbers(2, 3, 4, 5).transpose(2, 0, 3, 1), numbers(4, 2, 5, 1)),
    "empty": lambda: (numbers(0, 3), numbers(3)),
    "repeated by strides": lambda: (np.broadcast_to(numbers(4, 1), (4, 9)), numbers(9)),
}  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", LAYOUTS)
def test_any_layout_gives_the_same_numbers(name: str, dtype: str, way: str) -> None:
    x, y = (v.astype(dtype, order="K", copy=False) for v in LAYOUTS[name]())
    axis = -1 if np.ndim(x) else None
    found, total = loop(lambda x, y: (x * y - x, np.sum(x + y, axis=axis)), dtype, dtype)(x, y)
    expected = x * y - x
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == dtype
    assert np.shape(found) == expected.shape
    exact = np.sum(x.astype(float) + y, axis=axis)
    room = 4 * np.finfo(dtype).eps * np.sum(np.abs(x) + np.abs(y), axis=axis)
    assert np.shape(total) == np.shape(exact)
    assert (np.abs(total - exact) <= room).all()


def test_an_unaligned_array_is_read_right(way: str) -> None:
    x = np.frombuffer(b"\0" + np.arange(5.0).tobytes(), np.uint8)[1:].view("float64")
    np.testing.assert_array_equal(loop(lambda x: x + 1.0, "float64")(x), np.arange(1.0, 6.0))


@pytest.mark.parametrize("dtype", ["?", "b", "B", "h", "H", "i", "I", "q", "Q", "e", "f", "d"])
def test_every_dtype_is_read_and_written(dtype: str, way: str) -> None:
    x = (np.arange(70) % 5).astype(dtype)
    y = loop(lambda x: (x, np.where(x == 3, x, 0) != x, np.sum(x), np.max(x), np.min(x)), dtype)(x)
    np.testing.assert_array_equal(y[0], x)
    np.testing.assert_array_equal(y[1], np.where(x == 3, x, 0) != x)
    assert y[2] == x.sum()
    assert y[2].dtype == np.sum(x).dtype
    assert y[3] == x.max()
    assert y[3].dtype == x.dtype
    assert y[4] == x.min()


def test_addresses_are_those_that_numpy_tells() -> None:
    x = numbers(4, 6)
    for v in (
        x,
        x.T,
        x[1:, ::-2],
        x[0],
        np.zeros(()),
        np.zeros((0, 3)),
        np.broadcast_to(x, (2, 4, 6)),
    ):
        assert addresses.address_of(v) == addresses._told(v) == v.ctypes.data


def test_new_outputs_lie_as_the_inputs_do() -> None:
    f = loop(lambda x, y: (x * y, np.sum(x)), "float64", "float64")
    x = numbers(9, 7)
    assert f(x.T, x.T)[0].flags.f_contiguous
    assert f(x, x)[0].flags.c_contiguous
    assert f(x.T, x[:, 0])[0].flags.f_contiguous
    assert f(x.T, np.ascontiguousarray(x.T))[0].flags.c_contiguous


def test_axes_that_lie_together_are_joined() -> None:
    layout = layout_of((4, 5, 6), [(240, 48, 8), (0, 0, 8)], [8, 8])
    assert layout.shape == (20, 6)
    assert layout.strides == ((48, 8), (0, 8))


# ---- reductions ----------------------------------------------------------------------------------

AXES = [None, 0, 1, 2, -1, (0, 1), (0, 2), (1, 2), (0, 1, 2), ()]


@pytest.mark.parametrize("axis", AXES, ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "bool"])
def test_reductions_go_over_any_axes(axis: Any, dtype: str, way: str) -> None:
    x = numbers(3, 19, 35)
    if dtype[0] == "f":  # so that products stay in range
        x = np.sign(x) * (1 + x / 64)
    x = (x * 2 if dtype == "int32" else x).astype(dtype)
    kinds = (np.sum, np.mean, np.max, np.min, np.prod)
    small = x if dtype != "int32" else np.sign(x)

    def formula(x: Any) -> Any:
        return [f(x, axis=axis, keepdims=keep) for f in kinds for keep in (False, True)]

    found = loop(formula, dtype)(small)
    for y, (f, keep) in zip(found, ((f, k) for f in kinds for k in (False, True)), strict=True):
        wide = small.astype(np.longdouble) if small.dtype.kind == "f" else small
        expected = f(wide, axis=axis, keepdims=keep)
        assert np.shape(y) == np.shape(expected)
        assert y.dtype == f(small, axis=axis).dtype
        if y.dtype.kind == "f":
            room = 4 * np.finfo(y.dtype).eps * _room(f, wide, axis, keep)
            assert (np.abs(y - expected) <= room).all(), f.__name__
        else:
            np.testing.assert_array_equal(y, expected)


def _room(f: Any, x: Any, axis: Any, keep: bool) -> Any:
    """Of a sum the sum of sizes, of which rounding is a part; of a product one for each factor."""
    if f in (np.sum, np.mean):
        return f(np.abs(x), axis=axis, keepdims=keep)
    return np.abs(f(x, axis=axis, keepdims=keep)) * x.size


def test_sums_of_single_precision_are_as_exact_as_numpys(way: str) -> None:
    x = RNG.uniform(0, 1, 1_000_003).astype(np.float32)
    exact = math.fsum(x.tolist())
    found = loop(lambda x: (np.sum(x), np.mean(x)), "float32")(x)
    assert abs(float(found[0]) - exact) <= abs(float(np.sum(x)) - exact) + np.spacing(found[0])
    assert abs(float(found[1]) - exact / x.size) <= np.spacing(found[1])


def test_sums_of_what_is_not_finite_are_numpys(way: str) -> None:
    f = loop(lambda x: (np.sum(x), np.max(x), np.min(x)), "float64")
    for odd in ([math.inf], [math.nan], [math.inf, -math.inf], [-math.inf, 1e308], [1e308, 1e308]):
        x = np.ones(300)
        x[7 : 7 + len(odd)] = odd
        with np.errstate(all="ignore"):
            np.testing.assert_array_equal(f(x), [np.sum(x), np.max(x), np.min(x)])


def test_reductions_of_nothing(way: str) -> None:
    x = np.zeros((0, 3))
    np.testing.assert_array_equal(loop(lambda x: np.sum(x, axis=0), "float64")(x), np.zeros(3))
    assert np.isnan(loop(lambda x: np.mean(x), "float64")(x))
    with pytest.raises(ArgumentError, match=r"np\.max of no numbers, in the shape \(0, 3\)"):
        loop(lambda x: np.max(x), "float64")(x)


def test_an_axis_that_is_not_there_is_named(way: str) -> None:
    with pytest.raises(AxisError, match=r"np\.sum: axis 2 of 2 axes"):
        loop(lambda x: np.sum(x, axis=2), "float64")(np.ones((2, 2)))


def test_ops_of_ours_that_reduce_end_a_loop_too(way: str) -> None:
    x = numbers(4, 5)
    f = loop(lambda x: (ag.sum(x, axis=0), ag.mean(x), ag.max(x, axis=1, keepdims=True)), "float64")
    total, mean, most = f(x)
    np.testing.assert_allclose(total, x.sum(0), rtol=1e-14)
    np.testing.assert_allclose(mean, x.mean(), rtol=1e-14)
    np.testing.assert_array_equal(most, x.max(1, keepdims=True))


# ---- threads -------------------------------------------------------------------------------------

SHARED = [(70_001,), (3, 40_000), (40_000, 3), (200, 300), (7, 91, 101)]


@pytest.mark.parametrize("shape", SHARED, ids=str)
def test_threads_share_a_loop_and_give_the_same(shape: tuple[int, ...]) -> None:
    x = numbers(*shape, dtype=np.float32)
    assert x.size >= kernel.LARGE
    f = loop(lambda x: (np.exp(x), np.sum(x), np.max(x, axis=0), np.mean(x, axis=-1)), "float32")
    before = ag.get_num_threads()
    try:
        ag.set_num_threads(1)
        alone = f(x)
        ag.set_num_threads(3)
        together = f(x)
    finally:
        ag.set_num_threads(before)
    np.testing.assert_array_equal(alone[0], together[0])
    np.testing.assert_array_equal(alone[2], together[2])
    for a, b in ((alone[1], together[1]), (alone[3], together[3])):
        assert (np.abs(a - b) <= 2 * np.finfo(np.float32).eps * np.abs(x).sum()).all()


def test_two_threads_may_run_a_loop_at_once() -> None:
    f = loop(lambda x: np.tanh(x) * 2.0, "float64")
    inputs = [numbers(1000) + i for i in range(8)]
    found: dict[int, Any] = {}

    def run(i: int) -> None:
        found[i] = f(inputs[i])

    threads = [threading.Thread(target=run, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for i, x in enumerate(inputs):
        np.testing.assert_allclose(found[i], np.tanh(x) * 2, rtol=1e-14)


# ---- memory that is given ------------------------------------------------------------------------


def test_out_is_written_and_given_back(way: str) -> None:
    x, out = numbers(4, 9), np.empty((9, 4)).T
    total = np.empty(())
    found = loop(lambda x: (x + 1.0, np.sum(x)), "float64")(x, out=(out, total))
    assert found[0] is out
    assert found[1] is total
    np.testing.assert_array_equal(out, x + 1)
    np.testing.assert_allclose(total, x.sum(), rtol=1e-14)


def test_out_may_be_an_input_in_place_or_overlapping(way: str) -> None:
    f = loop(lambda x, y: x * y + x, "float64", "float64")
    x, y = numbers(400), numbers(400)
    expected = x * y + x
    f(x, y, out=x)
    np.testing.assert_array_equal(x, expected)
    z = numbers(401)
    expected = z[:-1] * y + z[:-1]
    f(z[:-1], y, out=z[1:])
    np.testing.assert_array_equal(z[1:], expected)


def test_what_does_not_fit_is_told(way: str) -> None:
    f = loop(lambda x: x + 1.0, "float64")
    with pytest.raises(ArgumentTypeError, match="takes 1 arrays, and got 2"):
        f(np.ones(2), np.ones(2))
    with pytest.raises(ArgumentTypeError, match="made for float64, and got complex128"):
        f(np.ones(2, complex))
    with pytest.raises(ShapeError, match=r"out= has the shape \(3,\) where the output has \(2,\)"):
        f(np.ones(2), out=np.ones(3))
    with pytest.raises(ArgumentTypeError, match="out= has float32 where the output is float64"):
        f(np.ones(2), out=np.ones(2, np.float32))
    with pytest.raises(ArgumentTypeError, match="out= takes arrays, and got a float64"):
        f(np.ones(2), out=np.float64(1))
    with pytest.raises(ArgumentError, match="out= has 2 arrays for 1 outputs"):
        f(np.ones(2), out=(np.ones(2), np.ones(2)))
    frozen = np.ones(2)
    frozen.flags.writeable = False
    with pytest.raises(ArgumentError, match="read-only"):
        f(np.ones(2), out=frozen)
