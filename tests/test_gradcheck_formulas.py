"""Random formulas and calls of the library's ops: none is blamed, each broken one is caught."""

from __future__ import annotations

import pytest

from autograd.engine.row import OPS
from tests.broken_rules import broken
from tests.random_formulas import formula, judged, library_call, table


@pytest.mark.parametrize("make", [formula, library_call])
@pytest.mark.parametrize("number", range(16))
def test_a_formula_is_right_and_broken_it_is_caught_and_the_op_named(
    number: int, make: object
) -> None:
    right, wrong, _ = judged(23 * number, make)
    assert right is None, right
    assert wrong is None, wrong


def test_a_number_stands_for_one_formula() -> None:
    for make in (formula, library_call):
        made, again = make(3), make(3)
        assert made is not None
        assert again is not None
        assert made.steps == again.steps
        assert made.inputs[0].tolist() == again.inputs[0].tolist()


def test_nearly_every_op_of_the_table_is_called() -> None:
    silent = [op.name for n, op in enumerate(table()) if library_call(n) is None]
    assert len(silent) < len(table()) / 10, silent


def test_a_broken_rule_is_mended_afterwards() -> None:
    op = OPS["sin"]
    before = op.pulls
    with broken(op, 0, "sign"):
        assert op.pulls is not before
    assert op.pulls is before
