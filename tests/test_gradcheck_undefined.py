"""A gradient of NaN: a fault where there is a slope, a verdict of its own where there is none."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.engine.op import op
from autograd.engine.row import OPS
from autograd.gradcheck import gradcheck
from tests.twins import tensor

SEEDS = range(3)
EQUAL = np.full((3, 3), 1.75)


@pytest.fixture(autouse=True)
def _table_as_before() -> Iterator[None]:
    before = dict(OPS)
    yield
    OPS.clear()
    OPS.update(before)


def planted(rule: Any, forward: Any) -> Any:
    def node(x: Any, /) -> Any:
        return forward(x)

    return op("planted", x=rule)(node)


WITHOUT: dict[str, tuple[Callable[[Any], Any], Any, str]] = {
    "0 times an infinite slope": (lambda x: ag.cbrt(x) ** 2, 0.0, "cbrt"),
    "one of three": (lambda x: ag.cbrt(x) ** 2, [0.0, 1.0, -2.0], "cbrt"),
    "of two factors": (lambda x: ag.cbrt(x[0]) * ag.cbrt(x[1]), [0.0, 0.0], "cbrt"),
    "a root of a root": (lambda x: ag.sqrt(ag.sqrt(abs(x))), [0.0, 1.0], "sqrt"),
    "vectors of equal singular values": (lambda x: ag.linalg.svd(x)[0], EQUAL, "svd"),
    "their sum": (lambda x: [v.sum() for v in ag.linalg.svd(x)], EQUAL, "svd"),
    "vectors of equal eigenvalues": (lambda x: ag.linalg.eigh(x @ x.T)[1], np.eye(3), "eigh"),
}
WITH: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "0 times an infinite slope, of a line": (lambda x: ag.cbrt(x) ** 3, [0.0, 1.0]),
    "the same at an edge": (lambda x: ag.sqrt(x) ** 2, [0.0, 1.0]),
}
RULES: dict[str, tuple[Any, Any]] = {
    "a root's": (lambda g, x, out: g * out / x / 2, np.sqrt),
    "a cubic root's": (lambda g, x, out: g * out / x / 3, np.cbrt),
    "an absolute value's": (lambda g, x, out: g * out / x, np.abs),
    "a norm's": (lambda g, x, out: g * x / out, lambda x: np.sqrt(np.sum(x * x))),
    "a cusp's": (lambda g, x: g * x / np.sqrt(np.abs(x)) ** 3 / 2, lambda x: np.sqrt(np.abs(x))),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", WITHOUT)
def test_a_gradient_without_a_derivative_is_no_failure_and_is_said(name: str) -> None:
    f, x, where = WITHOUT[name]
    for seed in SEEDS:
        report = gradcheck(f, ag.Tensor(np.array(x)), rng=seed)
        assert report.undefined
        assert "without a derivative" in report.summary()
        assert all(where in str(found.pattern) for found in report.undefined)
        assert all("UNDEFINED" in text for text in (str(report), report.to_html()))
        assert json.loads(report.to_json())["undefined"]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", WITH)
def test_nan_where_there_is_a_slope_fails(name: str) -> None:
    f, x = WITH[name]
    for seed in SEEDS:
        report = gradcheck(f, ag.Tensor(np.array(x)), rng=seed, raise_exception=False)
        assert report.failures
        assert not report.undefined


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", RULES)
def test_a_rule_that_gives_nan_for_a_finite_cotangent_is_wrong(name: str) -> None:
    node = planted(*RULES[name])
    x = tensor(2) * 0 + np.array([0.0, 0.0 if name == "a norm's" else 1.0])
    for seed in SEEDS:
        report = gradcheck(node, x, rng=seed, raise_exception=False)
        assert report.failures
        assert "node" in str(report.failures[0].where)


@pytest.mark.filterwarnings("ignore")
def test_a_wrong_rule_beside_equal_singular_values_is_found() -> None:
    other = planted(lambda g: -g, lambda x: 1.0 * x)
    report = gradcheck(
        lambda x: other(ag.linalg.svd(x)[0]), ag.Tensor(EQUAL), raise_exception=False
    )
    assert not report


def test_with_kinks_as_errors_it_fails() -> None:
    with np.errstate(all="ignore"):
        f = WITHOUT["0 times an infinite slope"][0]
        x = ag.Tensor(np.array(0.0))
        assert not gradcheck(f, x, kinks="error", raise_exception=False)
