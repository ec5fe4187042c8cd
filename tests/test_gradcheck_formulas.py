"""Random formulas of the library's ops: none is blamed, and each with a broken rule is caught."""

from __future__ import annotations

import pytest

from autograd.engine.row import OPS
from tests.random_formulas import broken, formula, judged


@pytest.mark.parametrize("number", range(24))
def test_a_formula_is_right_and_broken_it_is_caught_and_the_op_named(number: int) -> None:
    right, wrong, _ = judged(number)
    assert right is None, right
    assert wrong is None, wrong


def test_a_number_stands_for_one_formula() -> None:
    made, again = formula(3), formula(3)
    assert made.steps == again.steps
    assert made.inputs[0].tolist() == again.inputs[0].tolist()


def test_a_broken_rule_is_mended_afterwards() -> None:
    op = OPS["sin"]
    before = op.pulls
    with broken(op, 0, "sign"):
        assert op.pulls is not before
    assert op.pulls is before
