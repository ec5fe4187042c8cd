"""Kernels of generated loops: one text for many, compiled together, in parts that threads share."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.codegen import kernel as kernels
from autograd.codegen import sharing
from autograd.codegen.kernel import can_stage, kernel
from autograd.codegen.loop import loop
from autograd.codegen.native import machine
from autograd.codegen.values import argument
from autograd.errors import ArgumentError, ShapeError, UnsupportedError
from tests.test_codegen_stages import needs_llvm, numbers, size_of, softmax, way

__all__ = ["way"]  # the fixture

# ---- what is refused -----------------------------------------------------------------------------


def test_stages_over_different_axes_are_refused_and_told_before() -> None:
    x = argument(0, "d")
    two = np.sum(x, axis=0, keepdims=True) * np.sum(x, axis=1, keepdims=True)
    assert not can_stage([two], (4, 5))
    assert can_stage([softmax(x, 0), np.sum(x, axis=1)], (4, 5))
    assert not can_stage([softmax(x, None)], (1000, 1000))  # which threads could not share
    with pytest.raises(UnsupportedError, match=r"over one set of axes, not \(.*\) and \("):
        kernel([two], [np.zeros((4, 5))], [np.zeros((4, 5))])
    with pytest.raises(ArgumentError, match=r"np\.max of no numbers, in the shape \(0, 5\)"):
        kernel([np.max(x, axis=0)], [np.zeros((0, 5))], [np.zeros(5)])
    with pytest.raises(ShapeError, match=r"out= has the shape \(4,\) where the output has \(5,\)"):
        kernel([np.sum(x, axis=0)], [np.zeros((4, 5))], [np.zeros(4)])


# ---- kernels -------------------------------------------------------------------------------------


@needs_llvm
def test_loops_of_one_kind_have_one_text_and_are_compiled_together(monkeypatch: Any) -> None:
    x = argument(0, "float32")
    made, code = [], machine.Code
    monkeypatch.setattr(machine, "Code", lambda text: made.append(text) or code(text))
    outputs = [softmax(x, -1) * 1.625]
    lying = [np.zeros(shape, np.float32) for shape in ((4, 9), (31, 200), (2, 5, 64))]
    several = [kernel(outputs, [v], [v]) for v in lying]
    several.append(kernel([x * 1.625], [lying[0]], [lying[0]]))
    kernels.compile_kernels(several)
    assert len(made) == 1
    assert len({k.address for k in several}) == 2
    assert several[0].text == several[1].text
    assert several[0].numbers != several[1].numbers


@pytest.mark.parametrize("shape", [(70, 33), (33, 70), (5, 6, 70)], ids=str)
def test_parts_and_what_joins_them_give_the_whole(shape: tuple[int, ...], monkeypatch: Any) -> None:
    monkeypatch.setattr("autograd.codegen.prepared.LARGE", 1)
    x, g = numbers(*shape, dtype=np.float32), numbers(*shape, dtype=np.float32)

    def formula(x: Any, g: Any) -> Any:
        return (
            softmax(x, -1), np.sum(x * g, axis=0), np.mean(g, axis=0), np.mean(x, axis=-1),
            np.any(x > 1.9, axis=0), np.max(g, axis=0, keepdims=True),
            np.sum(x * g, axis=-1, keepdims=True) * 2, np.sum(x * g), np.max(x, axis=(0, -1)),
        )  # fmt: skip

    def whole(x: Any, g: Any) -> Any:
        return (np.sum(x), np.mean(x * g), np.prod(1 + x / 64), np.max(x), np.all(x < 2), -x,
                np.mean(g, axis=0), np.sum(g > 0, axis=-1))  # fmt: skip

    before = ag.get_num_threads()
    try:
        for f in (formula, whole):
            for threads in (1, 2, 3):
                ag.set_num_threads(threads)
                found = loop(f, "float32", "float32")(x, g)
                for y, e in zip(found, f(x.astype(float), g.astype(float)), strict=True):
                    assert np.shape(y) == np.shape(e)
                    np.testing.assert_allclose(y, e, rtol=2e-6, atol=2e-6 * size_of(e))
    finally:
        ag.set_num_threads(before)


def test_a_loop_is_parted_along_an_axis_that_no_sum_goes_over() -> None:
    x, a = argument(0, "d"), np.zeros((50, 40))
    rows = sharing.share(kernel([softmax(x, -1)], [a], [a]), 2)
    assert [p.shape for p in rows.parts] == [(25, 40), (25, 40)]
    assert not rows.joins
    columns = sharing.share(kernel([np.sum(x, axis=0), x], [a], [a[0], a]), 2)
    assert [p.shape for p in columns.parts] == [(50, 20), (50, 20)]
    assert not columns.joins
    total = sharing.share(kernel([np.mean(x)], [a], [a[0, 0]]), 2)
    assert [p.shape for p in total.parts] == [(25, 40), (25, 40)]
    assert len(total.joins) == 1
    alone = sharing.share(kernel([softmax(x, None)], [a], [a]), 2)
    assert [p.shape for p in alone.parts] == [(50, 40)]


def test_loops_that_differ_in_numbers_or_in_the_order_of_arguments_have_one_text() -> None:
    x, y = argument(0, "float32"), argument(1, "float32")
    a = np.zeros((4, 9), np.float32)
    first = kernel([0.9 * x + 0.1 * y - 3.0], [a, a], [a])
    second = kernel([0.75 * y + 0.25 * x - 7.0], [a[:3], a[:3]], [a[:3]])
    assert first.text == second.text
    third = kernel([0.75 * y + 1.0 * x - 7.0], [a, a], [a])
    assert first.text != third.text


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_numbers_that_are_read_are_those_of_the_formula(dtype: str, way: str) -> None:
    x = numbers(5, 33, dtype=dtype)
    for a, b in ((0.1, 3.0), (-7.25, 1e-30), (math.inf, math.nan), (64.0, 0.3), (0.0, -0.0)):

        def formula(x: Any, a: Any = a, b: Any = b) -> Any:
            return x * a + b, x / a, (x - b) * np.max(x - a, axis=1, keepdims=True)

        with np.errstate(all="ignore"):
            for y, e in zip(loop(formula, dtype)(x), formula(x), strict=True):
                np.testing.assert_array_equal(y, e)


@needs_llvm
def test_what_is_long_unused_is_forgotten_but_not_while_it_is_held(monkeypatch: Any) -> None:
    monkeypatch.setattr(machine, "_KEPT", 1)
    x, a = argument(0, "d"), np.ones(40)
    held = kernel([x * x + np.sin(x)], [a], [a])
    address = held.address
    for n in range(3):
        assert kernel([np.power(x, 2.5 + n)], [a], [a]).address != address
    again = kernel([x * x + np.sin(x)], [a], [a])
    assert again.address == address


@needs_llvm
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "bool"])
def test_memory_is_asked_for_ahead_where_no_cache_has_it(dtype: str, monkeypatch: Any) -> None:
    a = np.arange(33 * 517).reshape(33, 517).astype(dtype)
    x = argument(0, dtype)
    found = []
    for far in (1, 1 << 40):  # also behind the ends of small arrays
        monkeypatch.setattr(kernels, "FAR", far)
        here = loop(lambda x: (x * x, np.max(x, axis=1)), dtype)(a)
        text = kernel([x * x], [a], [a]).text
        assert ("llvm.prefetch" in text) == (far == 1)
        found.append(here)
    for y, other in zip(*found, strict=True):
        np.testing.assert_array_equal(y, other)
