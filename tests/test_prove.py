"""Proofs: of all ops of the table formula and rule are the same in many digits, or it says why not.

Wrong rules, by little, on a branch, by a constant, are seen.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.engine.row import OPS
from autograd.engine.samples import elementwise
from autograd.errors import ArgumentError, GradcheckError
from autograd.extend import op
from autograd.gradcheck import prove
from tests import test_precise

POINTS = 6
# Those of nn are kernels, whose inputs hang together (a maximum and what it is the maximum of).
TABLE = sorted(
    name
    for name, row in OPS.items()
    if row.differentiable and row.samples and row.narrow.__module__.startswith("autograd.ops.")
)
# Of these there is no form in many digits, or of their rules (see test_precise).
NOT_PROVED = test_precise.DOUBLE_ONLY | test_precise.IN_PART | {"expm", "interp"}
RATIONAL = {
    "add", "subtract", "multiply", "divide", "negative", "positive", "square", "reciprocal", "lerp",
    "one_less_square",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _table_as_before() -> Iterator[None]:
    before = dict(OPS)
    yield
    OPS.clear()
    OPS.update(before)


@pytest.mark.parametrize("name", TABLE)
def test_the_rules_of_the_table_are_identities(name: str) -> None:
    proof = prove(name, points=POINTS, raise_exception=False)
    assert not proof.wrong, proof
    if not proof:
        assert name in NOT_PROVED, proof
    if OPS[name].elementwise and name not in NOT_PROVED:
        assert {claim.order for claim in proof.claims} == {1, 2}
    if name in RATIONAL:
        assert any(claim.bound is not None and claim.bound < 1e-30 for claim in proof.claims)
        assert "exact in fractions" in str(proof)


WIDE, POSITIVE = elementwise((-2.0, 2.0)), elementwise((0.3, 3.0))
# A formula, its samples, the right rule, and wrong ones.
RULES: dict[str, tuple[Any, Any, Any, dict[str, Any]]] = {
    "sine": (
        np.sin,
        WIDE,
        lambda g, x: g * np.cos(x),
        {
            "by 1e-12": lambda g, x: g * np.cos(x) * (1 + 1e-12),
            "in sign": lambda g, x: -g * np.cos(x),
            "not linear": lambda g, x: g * g * np.cos(x),
            "clipped": lambda g, x: np.clip(g * np.cos(x), -0.5, 0.5),
            "where x < 0": lambda g, x: g * np.where(x < 0, np.sin(x), np.cos(x)),
            "far out": lambda g, x: g * np.where(x < -20, 0, np.cos(x)),
            "in order two": lambda g, x: g * np.cos(x.detach() if hasattr(x, "detach") else x),
        },
    ),
    "square": (
        lambda x: x * x,
        WIDE,
        lambda g, x: g * 2 * x,
        {
            "by 1e-12": lambda g, x: g * 2 * x * (1 + 1e-12),
            "a factor": lambda g, x: g * x,
            "a term": lambda g, x: g * (2 * x + 1e-9),
        },
    ),
    "a quotient": (
        lambda x: (x * x + 1) / (x**3 + 8),
        POSITIVE,
        lambda g, x: g * (2 * x * (x**3 + 8) - 3 * x**2 * (x * x + 1)) / (x**3 + 8) ** 2,
        {"a power": lambda g, x: g * (2 * x * (x**3 + 8) - 3 * x**2 * (x * x + 1)) / (x**3 + 8)},
    ),
    "logarithm": (
        np.log10,
        POSITIVE,
        lambda g, x: g / (x * math.log(10)),
        {"a constant": lambda g, x: g / x * 0.4342944819},
    ),
    "error function": (
        ag.erf.op.narrow,  # type: ignore[attr-defined]
        WIDE,
        lambda g, x: g * np.exp(-x * x) * (2 / math.sqrt(math.pi)),
        {"a constant": lambda g, x: g * np.exp(-x * x) * 1.12837917},
    ),
    "a leaky branch": (
        lambda x: np.where(x > 0, x, 0.1 * x),
        WIDE,
        lambda g, x: g * np.where(x > 0, 1, 0.1),
        {"a branch": lambda g, x: g * np.where(x > 0, 1, 0.2)},
    ),
}


def planted(formula: Any, samples: Any, rule: Any) -> Any:
    OPS.pop("planted", None)

    @op("planted", x=rule, elementwise=True, samples=samples)
    def planted(x: Any, /) -> Any:
        return formula(x)

    return planted


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", RULES)
def test_a_right_rule_holds_and_wrong_ones_are_seen(name: str, seed: int) -> None:
    formula, samples, right, wrong = RULES[name]
    if name != "error function":  # whose forward in double precision is no formula
        proof = prove(planted(formula, samples, right), points=32, rng=seed)
        assert proof, proof
    for rule in wrong.values():
        with pytest.raises(GradcheckError, match="WRONG"):
            prove(planted(formula, samples, rule), points=32, rng=seed)


def test_a_proof_says_what_it_claims() -> None:
    exact = str(prove(ag.multiply, order=1, points=8))
    assert "a wrong rule passes with probability" in exact
    assert "degree" in exact
    numeric = str(prove(ag.tanh, points=8))
    assert "computed in 60 digits" in numeric
    assert "44 % of the points or more" in numeric


def test_what_cannot_be_proved_has_a_reason() -> None:
    for name, reason in {
        "svd": "double precision only",
        "greater": "no rule",
    }.items():
        proof = prove(name, raise_exception=False)
        assert not proof
        assert not proof.wrong
        assert reason in proof.reason
        assert reason in str(proof)
    bare = planted(np.sin, None, lambda g, x: g * np.cos(x))
    assert "no samples" in prove(bare).reason


@pytest.mark.parametrize("bad", [None, 3, "no such op", np.tanh, lambda x: x])
def test_only_an_op_can_be_proved(bad: Any) -> None:
    with pytest.raises((ArgumentError, TypeError), match=r"op|function"):
        prove(bad)


@pytest.mark.parametrize("options", [{"order": 0}, {"points": 0}, {"digits": 5}, {"order": True}])
def test_counts_are_whole_numbers(options: dict[str, Any]) -> None:
    with pytest.raises((ArgumentError, TypeError), match=next(iter(options))):
        prove(ag.tanh, **options)
