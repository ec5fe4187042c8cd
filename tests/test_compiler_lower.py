"""Lowered programs: run instruction by instruction, they give what the program gives."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
import nn
import optim
from autograd.compiler.lower.evaluate import Reference
from autograd.compiler.lower.lower import lower
from tests.programs import assert_same_as_eager, draw, trained


def reference(program: Any) -> Reference:
    return Reference(program)


def test_a_step_of_an_mlp_is_the_same_to_the_bit() -> None:
    def make() -> Any:
        model = nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 3))
        optimizer = optim.Adam(model.parameters(), lr=1e-2)
        loss = nn.CrossEntropyLoss()
        return trained(model, optimizer, lambda m, x, y: loss(m(x), y))

    batches = [(draw(6, 5, seed=n), np.arange(6) % 3) for n in range(3)]
    assert_same_as_eager(make, batches, reference)


def test_a_formula_is_instructions() -> None:
    lowered = lower(ag.trace(lambda x: (x.T @ x).sum(axis=0) * 2, ag.ones((3, 2))))
    assert [i.kind for i in lowered.instructions] == [
        "source", "view", "product", "reduce", "elementwise",
    ]  # fmt: skip
