"""The bad node by one walk along what fails: it names what is wrong, and nothing that is right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.engine.row import OPS
from autograd.gradcheck.naming.along import off_along
from autograd.gradcheck.numeric.function import Function
from autograd.graph.graph import Graph
from tests.twins import one, two

X = np.array([[0.5, -1.0, 2.0], [1.5, 0.3, -0.7]])
Z = np.array([[1 + 2j, 0.3 - 1j], [0.5j, 2.0 + 0j]])


@pytest.fixture(autouse=True)
def _table_as_before() -> Iterator[None]:
    before = dict(OPS)
    yield
    OPS.clear()
    OPS.update(before)


def named(f: Callable[..., Any], *values: Any) -> str | None:
    """The op that is named where every element moves."""
    names = [f"x{n}" for n in range(len(values))]
    function = Function(f, values, range(len(values)), names)
    here = function.record()
    graph = Graph(*(y for y in here.outputs if y.requires_grad))
    d = np.random.default_rng(0).normal(size=function.x.size)
    place = off_along(function, function.x, graph, here, d)
    return place and place.split(", ")[1]


RIGHT: dict[str, tuple[Callable[..., Any], Any]] = {
    "elementwise": (lambda x: ag.exp(ag.sin(x)) * x, X),
    "reduced": (lambda x: ag.logsumexp(x, axis=0) / x.sum(), X),
    "a kink": (lambda x: ag.relu(x - X) * x - ag.relu(X - x), X),
    "several outputs": (lambda x: ag.linalg.svd(x)[1].sum(), X),
    "complex": (lambda z: ag.conj(z) * ag.abs(z) + ag.square(z), Z),
    "transforms": (lambda z: ag.real(ag.fft.ifft(ag.linalg.inv(z) @ ag.fft.fft(z))), Z),
    "from real to complex": (lambda x: ag.fft.rfft(x) ** 2, X),
    "in few digits": (lambda x: ag.exp(x.astype("float32")) * x, X),
}


@pytest.mark.parametrize("case", RIGHT)
def test_nothing_right_is_named(case: str) -> None:
    assert named(*RIGHT[case]) is None


def test_the_wrong_one_of_a_chain_is_named() -> None:
    planted = one(lambda g, x: g * np.cos(x) * 1.01)
    assert named(lambda x: ag.exp(planted(ag.tanh(x))).sum(), X) == "planted"


def test_one_with_two_inputs_is_named() -> None:
    planted = two(lambda x, y: x * y, lambda g, y: g * y, lambda g, x: -g * x)
    assert named(lambda x, y: ag.exp(planted(x, ag.sin(y))), X, X + 1) == "planted"


@pytest.mark.parametrize(
    "rule", [lambda g, x: g * 2 * np.conj(x), lambda g, x: g * 2.1 * x], ids=["conjugate", "factor"]
)
def test_one_of_complex_numbers_is_named(rule: Any) -> None:
    planted = one(rule, np.square)
    assert named(lambda z: ag.exp(planted(ag.sin(z))), Z) == "planted"


def test_a_graph_that_is_not_the_function_names_nothing() -> None:
    assert named(lambda x: x * ag.Tensor(np.sin(x.numpy())), X) is None
