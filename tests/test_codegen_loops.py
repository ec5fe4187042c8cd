"""Generated loops: layouts, reductions, threads, memory that is given, what is refused."""

from __future__ import annotations

import math
import sys
import threading
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.codegen import addresses, prepared
from autograd.codegen.layout import layout_of
from autograd.codegen.loop import loop
from autograd.codegen.native import body, machine
from autograd.codegen.node import entry, in_order
from autograd.errors import (
    ArgumentError,
    ArgumentTypeError,
    AxisError,
    DTypeError,
    ShapeError,
    UnsupportedError,
)

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


@pytest.mark.parametrize("dtype", ["?", "b", "B", "h", "H", "i", "I", "q", "Q", "f", "d"])
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
    assert x.size >= prepared.LARGE
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


# ---- formulas ------------------------------------------------------------------------------------

REFUSED = {
    "a branch": (lambda x: x if x > 0 else -x, UnsupportedError, r"cannot branch on a number"),
    "an array": (lambda x: x + np.ones(3), UnsupportedError, r"array of shape \(3,\)"),
    "an index": (lambda x: x[0], UnsupportedError, r"\[0\] belongs outside"),
    "a function": (lambda x: np.cumsum(x), UnsupportedError, "np.cumsum has no loop"),
    "a ufunc": (lambda x: np.matmul(x, x), UnsupportedError, "np.matmul has no loop"),
    "after a sum": (lambda x: np.sum(x) + 1, UnsupportedError, r"np\.sum ends a loop"),
    "a function of a sum": (lambda x: np.sqrt(np.mean(x)), UnsupportedError, "np.mean ends a loop"),
    "an op of a sum": (lambda x: ag.erf(np.max(x)), UnsupportedError, "np.max ends a loop"),
    "a dtype of a sum": (lambda x: np.sum(x, dtype=int), UnsupportedError, "takes no dtype"),
    "a complex number": (lambda x: x * 1j, UnsupportedError, "complex128"),
    "no such dtype": (lambda x: -(x > 0), DTypeError, "np.negative is not defined for bool"),
    "bits of floats": (
        lambda x: x & 1,
        DTypeError,
        "np.bitwise_and is not defined for float64, int",
    ),
    "half precision": (lambda x: x.astype("float16"), DTypeError, "no half precision"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_formula_may_not_do_is_told(name: str) -> None:
    formula, error, message = REFUSED[name]
    with pytest.raises(error, match=message):
        loop(formula, "float64")


def test_whole_powers_of_integers_are_few() -> None:
    np.testing.assert_array_equal(loop(lambda x: x**3, "int64")(np.arange(5)), np.arange(5) ** 3)
    with pytest.raises(UnsupportedError, match="raises int64 to the powers 0 to 4 alone"):
        loop(lambda x: x**5, "int64")


def test_common_subexpressions_are_computed_once() -> None:
    f = loop(lambda x: (np.exp(-x) + 1.0) * (np.exp(-x) + 1.0), "float64")
    assert [n.op for n in in_order([o.node for o in f.outputs])].count("exp") == 1
    assert entry(0, "float64") is entry(0, "float64")


def test_python_numbers_take_the_dtype_of_the_array() -> None:
    assert loop(lambda x: 2 * x + 0.5, "float32")(np.ones(2, np.float32)).dtype == np.float32
    assert loop(lambda x: x / 2, "int64")(np.ones(2, int)).dtype == np.float64


def test_without_llvmlite_numpy_evaluates(monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    for cached in (machine._binding, machine.has_llvm):
        cached.cache_clear()
    try:
        f = loop(lambda x: (np.exp(x), ag.erf(x), np.mean(x)), "float32")
        x = numbers(40, dtype=np.float32)
        assert not machine.has_llvm()
        assert f.source(x) == f.source()
        found = f(x)
    finally:
        for cached in (machine._binding, machine.has_llvm):
            cached.cache_clear()
    np.testing.assert_array_equal(found[0], np.exp(x))
    np.testing.assert_allclose(found[1], [math.erf(v) for v in x.tolist()], rtol=1e-6)
    np.testing.assert_allclose(found[2], x.mean(dtype=float), rtol=1e-6)


# ---- native code ---------------------------------------------------------------------------------


@needs_llvm
def test_code_is_made_once_for_an_expression_and_a_layout() -> None:
    machine.compiled.cache_clear()
    for _ in range(2):
        f = loop(lambda x, y: x * y + 3.25, "float64", "float64")
        f(np.ones(4), np.ones(4))
        f(np.ones((5, 9)), np.ones((5, 9)))  # joined to one axis
    assert machine.compiled.cache_info().misses == 1
    f(np.ones(4), np.ones(()))
    assert machine.compiled.cache_info().misses == 2


@needs_llvm
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_width_of_registers_gives_the_same_bits(dtype: str, monkeypatch: Any) -> None:
    x = np.concatenate([numbers(50) * 40, numbers(50) / 64, [0.0, -1e-40, 1e5, np.inf, np.nan]])

    def formula(x: Any) -> Any:
        return [np.exp(x), np.expm1(x), np.log(x * x), np.tanh(x), np.sin(x), ag.erf(x),
                np.max(x), x > 1, np.exp(x * 16), np.sum(np.where(x < 100, x, 0.0))]  # fmt: skip

    found = []
    for width in (16, 32, 64):
        monkeypatch.setattr(prepared, "register_bytes", lambda width=width: width)
        found.append(loop(formula, dtype)(x.astype(dtype)))
    for other in found[:2]:
        for a, b in zip(other[:-1], found[2][:-1], strict=True):
            np.testing.assert_array_equal(a, b)
        assert abs(other[-1] - found[2][-1]) <= 8 * np.finfo(dtype).eps * np.abs(x[:-3]).sum()


@needs_llvm
def test_the_source_can_be_read() -> None:
    f = loop(lambda x: (np.tanh(x) * x, np.mean(x)), "float32")
    assert f.source() == (
        "for i:\n    x0 = in0[i]  # float32\n    t1 = tanh(x0)\n    t2 = t1 * x0\n"
        "    out0[i] = t2\n    out1 += x0  # a mean: divided by how many there are"
    )
    assert "define void @loop(" in f.source(np.ones(3, np.float32))


@needs_llvm
def test_a_long_expression_is_cut_into_functions(monkeypatch: Any) -> None:
    def formula(x: Any, a: Any) -> Any:
        for _ in range(600):
            x = np.where(x > 0, x * a, x - a) + 0.5
        return x, np.sum(x)

    f = loop(formula, "float64", "float64")
    x, a = numbers(37), np.float64(0.9)
    expected = x
    for _ in range(600):
        expected = np.where(expected > 0, expected * a, expected - a) + 0.5
    found = f(x, a)
    np.testing.assert_array_equal(found[0], expected)
    np.testing.assert_allclose(found[1], expected.sum(), rtol=1e-14)
    assert f.source(x, a).count("define internal void @part") == 5 * 600 // body.PART
    alone = f(x[0], a)  # one number, in one lane
    np.testing.assert_array_equal(alone[0], expected[0])
    monkeypatch.setattr(prepared, "ROOM", 1 << 15)  # so long that many lanes had no room
    narrow = loop(formula, "float64", "float64")
    for y, e in zip(narrow(x, a), found, strict=True):
        np.testing.assert_allclose(y, e, rtol=1e-14)
    assert "x double>" not in narrow.source(x, a)
    monkeypatch.setattr(prepared, "ROOM", 1 << 10)
    with pytest.raises(UnsupportedError, match="a formula of 3004 operations is too long"):
        loop(formula, "float64", "float64")(x, a)


def test_the_benchmark_measures_the_same_gradients(scripts: Any, monkeypatch: Any) -> None:
    """Its formulas are what the engine differentiates, and each of its rows is a number."""
    script = scripts("codegen")
    monkeypatch.setattr(script, "RUNS", 1)
    x = numbers(33)
    values = (x, np.array(1.3), np.array(0.2))
    mean, *slopes = loop(script.fused, *["float64"] * 4)(*values, np.array(1 / 33))
    tensors = [ag.Tensor(v, requires_grad=True) for v in values]
    t, a, b = tensors
    y = (ag.tanh(a * t + b) * ag.sigmoid(t) + ag.exp(-t * t)).mean()
    np.testing.assert_allclose(mean, y.item(), rtol=1e-13)
    for found, expected in zip(slopes, ag.grad(y, tensors), strict=True):
        np.testing.assert_allclose(found, expected.numpy(), rtol=1e-12, atol=1e-16)
    monkeypatch.setattr(script, "LINKS", 3)
    end, *slopes = loop(script.chain, *["float64"] * 3)(*(np.array(v) for v in (0.3, 0.9, 0.1)))
    tensors = [ag.Tensor(np.array(v), requires_grad=True) for v in (0.3, 0.9, 0.1)]
    y, a, b = tensors
    for _ in range(3):
        y = ag.tanh(y * a + b)
    np.testing.assert_allclose(end, y.item(), rtol=1e-13)
    for found, expected in zip(slopes, ag.grad(y, tensors), strict=True):
        np.testing.assert_allclose(found, expected.item(), rtol=1e-12)
    assert all(found > 0 for _, found in script.rows(4096))
