"""Formulas of generated loops: what they may say, what is shared, the code that comes of them."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.codegen import kernel
from autograd.codegen.loop import loop
from autograd.codegen.native import body, machine
from autograd.codegen.node import entry, in_order
from autograd.errors import DTypeError, UnsupportedError

needs_llvm = pytest.mark.skipif(not machine.has_llvm(), reason="native code is looked at")
RNG = np.random.default_rng(0)


def numbers(*shape: int, dtype: Any = np.float64) -> Any:
    return RNG.uniform(-2, 2, shape).astype(dtype)


# ---- formulas ------------------------------------------------------------------------------------

REFUSED = {
    "a branch": (lambda x: x if x > 0 else -x, UnsupportedError, r"cannot branch on a number"),
    "an array": (lambda x: x + np.ones(3), UnsupportedError, r"array of shape \(3,\)"),
    "an index": (lambda x: x[0], UnsupportedError, r"\[0\] belongs outside"),
    "a function": (lambda x: np.cumsum(x), UnsupportedError, "np.cumsum has no loop"),
    "a ufunc": (lambda x: np.matmul(x, x), UnsupportedError, "np.matmul has no loop"),
    "after a sum": (lambda x: np.sum(x, axis=0) + 1, UnsupportedError, r"np\.sum without keepdims"),
    "an op of a maximum": (lambda x: ag.erf(np.max(x, 1)), UnsupportedError, "np.max without"),
    "a dtype of a sum": (
        lambda x: np.sum(x, dtype=int),
        UnsupportedError,
        "sums float64 to float64, not int64",
    ),
    "a complex number": (lambda x: x * 1j, UnsupportedError, "complex128"),
    "no such dtype": (lambda x: -(x > 0), DTypeError, "np.negative is not defined for bool"),
    "bits of floats": (
        lambda x: x & 1,
        DTypeError,
        "np.bitwise_and is not defined for float64, int",
    ),
    "extended precision": (
        lambda x: x.astype("longdouble"),
        DTypeError,
        "have no longdouble|float128",
    ),
    "neighbours of halves": (
        lambda x: np.spacing(x.astype("e")),
        UnsupportedError,
        "no neighbours",
    ),
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
    assert [n.op for n in in_order(f.outputs)].count("exp") == 1
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
def test_code_is_made_once_for_an_expression_and_a_layout(monkeypatch: Any) -> None:
    code = machine.Code
    made = []
    monkeypatch.setattr(machine, "Code", lambda text: made.append(text) or code(text))
    for _ in range(2):
        f = loop(lambda x, y: x * y + 3.25, "float64", "float64")
        f(np.ones(4), np.ones(4))
        f(np.ones((5, 9)), np.ones((5, 9)))  # joined to one axis
    assert len(made) == 1
    f(np.ones(4), np.ones(()))
    assert len(made) == 2


@needs_llvm
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_width_of_registers_gives_the_same_bits(dtype: str, monkeypatch: Any) -> None:
    x = np.concatenate([numbers(50) * 40, numbers(50) / 64, [0.0, -1e-40, 1e5, np.inf, np.nan]])

    def formula(x: Any) -> Any:
        return [np.exp(x), np.expm1(x), np.log(x * x), np.tanh(x), np.sin(x), ag.erf(x),
                np.max(x), x > 1, np.exp(x * 16), np.sum(np.where(x < 100, x, 0.0))]  # fmt: skip

    found = []
    for width in (16, 32, 64):
        monkeypatch.setattr(kernel, "register_bytes", lambda width=width: width)
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
    monkeypatch.setattr(kernel, "ROOM", 1 << 15)  # so long that many lanes had no room
    narrow = loop(formula, "float64", "float64")
    for y, e in zip(narrow(x, a), found, strict=True):
        np.testing.assert_allclose(y, e, rtol=1e-14)
    assert "x double>" not in narrow.source(x, a)
    monkeypatch.setattr(kernel, "ROOM", 1 << 10)
    with pytest.raises(UnsupportedError, match="a formula of 3005 operations is too long"):
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
