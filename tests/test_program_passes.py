"""Passes that rewrite programs: they say less, keep less, and give the same bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd.program.algebra import simplification
from autograd.program.plan import Plan
from autograd.program.recompute import recomputation
from tests.programs import assert_same, assert_same_as_eager, draw, trained

SPECIAL = [0.0, -0.0, 1.0, -2.5, np.inf, -np.inf, np.nan, 1e-45, 3e38]


def names(program: Any) -> list[str]:
    return [node.op.name for node in program if node.op.name != "input"]


FORMULAS: dict[str, tuple[Callable[[Any, Any], Any], list[str]]] = {
    "-(-x)": (lambda x, y: ag.negative(-ag.exp(x)), ["exp"]),
    "x * 1": (lambda x, y: ag.exp(x) * 1, ["exp"]),
    "1 * x": (lambda x, y: 1.0 * ag.exp(x), ["exp"]),
    "x / 1": (lambda x, y: ag.exp(x) / 1, ["exp"]),
    "x - 0": (lambda x, y: ag.exp(x) - 0, ["exp"]),
    "x + -0.": (lambda x, y: ag.exp(x) + -0.0, ["exp"]),
    "x + 0 is another zero": (lambda x, y: ag.exp(x) + 0, ["exp", "add"]),
    "x * 0 may be NaN": (lambda x, y: ag.exp(x) * 0, ["exp", "multiply"]),
    "x - (-y) may be another NaN": (lambda x, y: x - (-y), ["negative", "subtract"]),
    "|-x|": (lambda x, y: ag.abs(-x), ["abs"]),
    "||x||": (lambda x, y: ag.abs(ag.abs(x)), ["abs"]),
    "max(x, x)": (lambda x, y: ag.maximum(z := ag.exp(x), z), ["exp"]),
    "an input keeps its memory": (lambda x, y: x * 1, ["multiply"]),
    "another dtype": (lambda x, y: ag.exp(x) * np.float64(1), ["exp", "multiply"]),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
@pytest.mark.parametrize("name", FORMULAS)
def test_what_is_exact_is_rewritten_and_gives_the_same_bits(name: str, dtype: Any) -> None:
    function, left = FORMULAS[name]
    with np.errstate(all="ignore"):
        x, y = np.array(np.meshgrid(SPECIAL, SPECIAL))
        if dtype is np.int64:
            x, y = np.nan_to_num(x, posinf=9, neginf=-9), np.nan_to_num(y, posinf=9, neginf=-9)
            x, y = np.clip(x, -9, 9), np.clip(y, -9, 9)
        x, y = ag.Tensor(x.astype(dtype)), ag.Tensor(y.astype(dtype))
        program = ag.trace(function, x, y)
        simple = simplification(program)
        if dtype is np.float32:
            assert names(simple) == left
        for run in (simple, Plan(simple)):
            assert_same(run(x, y), function(x, y))


def test_complex_products_are_left_as_they_are() -> None:
    x = ag.Tensor(np.array([1 + 2j, -3j]))
    program = simplification(ag.trace(lambda x: ag.exp(x) * 1, x))
    assert names(program) == ["exp", "multiply"]


def test_cheap_values_are_made_again_where_rules_need_them() -> None:
    w = ag.Tensor(draw(200, 100), requires_grad=True)

    def call(x: Any) -> None:
        ag.tanh(ag.sin(w * x)).sum().backward()

    program = ag.trace(call, ag.Tensor(draw(200, 100, seed=1)))
    again = recomputation(program)
    assert names(again).count("multiply") == names(program).count("multiply") + 1
    assert names(recomputation(program, cheap=frozenset())) == names(program)
    assert names(recomputation(program, smallest=1 << 30)) == names(program)


def test_a_model_with_values_made_again_is_trained_to_the_bit() -> None:
    def make() -> Any:
        layers = [nn.Linear(3, 8, rng=0), nn.ReLU(), nn.Linear(8, 8, rng=1), nn.GELU()]
        model = nn.Sequential(*layers, nn.Linear(8, 2, rng=2))
        optimizer = optim.Adam(model.parameters(), lr=0.1)
        return trained(model, optimizer, lambda m, x: (m(x) * x[:, :2]).square().mean())

    def change(program: Any) -> Any:
        return Plan(recomputation(simplification(program), smallest=1))

    batches = [(ag.Tensor(draw(5, 3, seed=s)),) for s in range(3)]
    assert_same_as_eager(make, batches, change)
