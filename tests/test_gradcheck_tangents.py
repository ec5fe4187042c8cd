"""At a vertical tangent a rule chooses: what a chain makes of its choice is no fault."""

# ruff: noqa: B008 - a function made anew by each call holds ops planted by that call

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.engine.op import op
from autograd.engine.row import OPS
from autograd.gradcheck import gradcheck
from tests.twins import Rule, tensor, verdicts


@pytest.fixture(autouse=True)
def _table_as_before() -> Iterator[None]:
    before = dict(OPS)
    yield
    OPS.clear()
    OPS.update(before)


def planted(name: str, forward: Rule, rule: Rule) -> Any:
    def node(x: Any, /) -> Any:
        return forward(x)

    node.__name__ = name
    return op(name, x=rule)(node)


def root(n: int, off: Rule = np.ones_like, at_0: float = 0.0, close: float = 0.0) -> Any:
    """The root of 2 or 3, with a number for a slope at 0; a rule that is `off` by a factor."""

    def rule(g: Any, x: Any) -> Any:
        there = np.abs(x) <= close
        away = np.where(there, 1.0, np.abs(x))
        return g * np.where(there, at_0, off(x) * away ** (1 / n - 1) / n)

    return planted("planted_root", {2: np.sqrt, 3: np.cbrt}[n], rule)


def cube(off: float) -> Any:
    """The cube, with a rule that is wrong at 0 alone."""
    return planted(
        "planted_cube", lambda x: x**3, lambda g, x: g * np.where(x == 0, x + off, 3 * x * x)
    )


ZERO = (tensor(0.0), tensor(0.0, 0.0, 3.0), tensor(0.0, 1.0, dtype="float32"))
RIGHT: dict[str, Callable[[], Any]] = {
    "squared": lambda: lambda x, r=root(2): r(x) ** 2,
    "times itself": lambda: lambda x, r=root(2): r(x) * r(x),
    "squared, where the choice is 7": lambda: lambda x, r=root(2, at_0=7.0): r(x) ** 2,
    "to the third": lambda: lambda x, r=root(3): r(x) ** 3,
    "to the third by an op": lambda: lambda x, r=root(3), c=cube(0.0): c(r(x)),
    "of a cube": lambda: lambda x, r=root(3): r(x**3),
    "in a sum": lambda: lambda x, r=root(3): (ag.sin(r(x) ** 3) + x).sum(),
}
SLIGHTLY = lambda x: np.where(x > 0.5, 1.01, 1.0)  # noqa: E731
WRONG: dict[str, tuple[Callable[[], Any], ag.Tensor]] = {
    "elsewhere": (lambda: lambda x, r=root(2, SLIGHTLY): r(x) ** 2, tensor(0.0, 1.0)),
    "elsewhere, of three": (lambda: lambda x, r=root(3, SLIGHTLY): r(x) ** 3, tensor(0.0, 1.0, -2)),
    "just beside it": (lambda: lambda x, r=root(2, close=1e-12): r(x) ** 2, tensor(1e-17, 1.0)),
    "near it": (lambda: lambda x, r=root(3, close=1e-6): r(x) ** 3, tensor(-1e-9, 1.0)),
    "NaN there": (lambda: lambda x, r=root(2, at_0=np.nan): r(x) ** 2, tensor(0.0, 1.0)),
    "the next rule, there": (
        lambda: lambda x, r=root(3, at_0=2.0), c=cube(1.0): c(r(x)), tensor(0.0, 1.0),
    ),
    "another rule, at the same point": (
        lambda: lambda x, r=root(3), w=planted("planted_wave", np.sin, lambda g, x: -g * np.cos(x)):
            r(x) ** 3 + w(x),
        tensor(0.0, 1.0),
    ),
    "a path that is lost": (
        lambda: lambda x, r=root(3): r(x) ** 3 + 2 * x.detach(), tensor(0.0, 1.0),
    ),
}  # fmt: skip


@pytest.mark.parametrize("x", ZERO, ids=[str(x.numpy()) for x in ZERO])
@pytest.mark.parametrize("name", RIGHT)
def test_a_right_rule_is_blamed_at_no_seed(name: str, x: ag.Tensor) -> None:
    for passes, text in verdicts(RIGHT[name](), (x,), {}):
        assert passes, text


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_rule_is_caught_at_every_seed(name: str) -> None:
    make, x = WRONG[name]
    for passes, text in verdicts(make(), (x,), {}):
        assert not passes, text


def test_the_report_says_that_there_is_a_choice() -> None:
    report = gradcheck(RIGHT["squared"](), tensor(0.0, 1.0))
    (found,) = report.kinks
    assert found.wrong == 1
    assert "cusp" in (found.pattern or "")


@pytest.mark.parametrize("seed", range(3))
def test_singular_values_at_zero_are_blamed_at_no_seed(seed: int) -> None:
    """The slopes of the lesser ones show only where the greater keep their order."""
    for shape in ((3, 2), (2, 2)):
        x = ag.Tensor(np.zeros(shape))
        for f in (ag.linalg.svdvals, lambda x: ag.linalg.svdvals(x)[-1]):
            report = gradcheck(f, x, rng=seed, raise_exception=False)
            assert report, str(report)


@pytest.mark.parametrize("seed", range(3))
def test_a_wrong_rule_of_singular_values_at_zero_is_caught(seed: int) -> None:
    def rule(g: Any, x: Any) -> Any:
        u, _, vh = np.linalg.svd(x, full_matrices=False)
        return 1.5 * (u * g) @ vh

    values = planted("planted_values", lambda x: np.linalg.svd(x, compute_uv=False), rule)
    assert not gradcheck(values, ag.Tensor(np.zeros((3, 2))), rng=seed, raise_exception=False)
