"""What the click panel says of an op's cost: one count for each kind of op."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.engine.row import OPS
from autograd.viz import draw
from autograd.viz.model.about import about
from autograd.viz.model.flops import COUNTS, MOVES, flops
from tests.graphs import leaf


def a(*shape: int) -> ag.Tensor:
    return leaf(np.random.default_rng(sum(shape)).normal(size=shape))


def spd(n: int) -> ag.Tensor:
    return leaf(np.eye(n) * n + 1)


COUNTED: list[tuple[str, Any, int]] = [
    ("matmul", lambda: a(3, 4) @ a(4, 5), 2 * 3 * 4 * 5),
    ("matmul", lambda: a(4) @ a(4), 2 * 4),
    ("matmul", lambda: a(2, 3, 4) @ a(4, 5), 2 * 2 * 3 * 4 * 5),
    ("linear", lambda: nn.functional.linear(a(3, 4), a(5, 4), a(5)), 2 * 3 * 4 * 5 + 15),
    ("linear", lambda: nn.functional.linear(a(3, 4), a(5, 4)), 2 * 3 * 4 * 5),
    ("convolution", lambda: nn.functional.conv2d(a(2, 3, 6, 6), a(4, 3, 3, 3)),
     2 * (2 * 4 * 4 * 4) * 27),
    ("convolution", lambda: nn.functional.conv2d(a(1, 4, 5, 5), a(4, 2, 3, 3), a(4), groups=2),
     2 * (4 * 3 * 3) * 18 + 36),
    ("convolution_transposed", lambda: nn.functional.conv_transpose2d(a(1, 4, 3, 3), a(4, 2, 2, 2)),
     2 * (4 * 9) * 8),
    ("einsum", lambda: ag.einsum("ij,jk->ik", a(3, 4), a(4, 5)), 2 * 60),
    ("einsum", lambda: ag.einsum("...ij,...jk->...ik", a(2, 3, 4), a(2, 4, 5)), 2 * 120),
    ("einsum", lambda: ag.einsum("ij,ij->ij", a(3, 4), a(3, 4)), 12),
    ("tensordot", lambda: ag.tensordot(a(3, 4, 2), a(4, 2, 5), axes=2), 2 * 3 * 8 * 5),
    ("exp", lambda: ag.exp(a(3, 4)), 12), ("add", lambda: a(3, 1) + a(4), 12),
    ("sum", lambda: a(3, 4).sum(), 12), ("softmax", lambda: ag.softmax(a(3, 4)), 60),
    ("reshape", lambda: ag.reshape(a(3, 4), (12,)), 0), ("getitem", lambda: a(3, 4)[1], 0),
    ("max_pool", lambda: nn.functional.max_pool2d(a(1, 2, 4, 4), 2), 2 * 4 * 4),
    ("inv", lambda: ag.linalg.inv(spd(6)), 2 * 216),
    ("cholesky", lambda: ag.linalg.cholesky(spd(6)), 72),
    ("sort", lambda: ag.sort(a(8)), 24), ("tanh", lambda: ag.tanh(leaf(0.5)), 1),
]  # fmt: skip


@pytest.mark.parametrize(("op", "make", "expected"), COUNTED)
def test_an_op_is_counted_by_its_kind(op: str, make: Any, expected: int) -> None:
    made = make()
    made = made[0] if isinstance(made, tuple) else made
    steps = draw(made.sum(), names={}).model.steps
    (found,) = {flops(step) for step in steps if step.op.name == op and step.order == len(steps)}
    assert found == expected


def test_a_product_and_loops_are_counted_as_the_tables_of_plans_count_them() -> None:
    x, w = ag.Tensor(np.ones((8, 16))), np.ones((16, 16))

    def forward(x: Any, w: Any) -> Any:
        return ag.tanh(x @ w) * 2 + 1

    plan = ag.compile(forward)
    plan(x, ag.Tensor(w))
    ours = sum(map(flops, draw(forward(x, leaf(w)), names={}).model.steps))
    assert ours == 2 * 8 * 16 * 16 + 3 * 8 * 16
    assert str(plan.plan).endswith(f" {ours / 1000:.3g} k flops")


def test_every_op_of_a_picture_tells_flops_and_bytes() -> None:
    loss = nn.CrossEntropyLoss()(nn.LSTM(3, 4, rng=0)(a(5, 2, 3))[0].sum(axis=0), ag.Tensor([1, 2]))
    picture = draw(loss, names={}, detail="full")
    facts = about(picture.model, [step.key for step in picture.model.steps])["facts"]
    for step in picture.model.steps:
        told = dict(map(tuple, facts[step.key]))
        assert told["FLOPs"].endswith("forward")
        assert "read" in told["bytes"]


def test_what_is_counted_by_name_is_in_the_table() -> None:
    known = set(OPS) | {"gather_planes", "border"}
    assert {*COUNTS, *MOVES} - known <= set(dir(nn.functional)) | {
        "attention", "standardize", "standardize_by", "masked_softmax", "convolution",
        "convolution_transposed", "convolution_weight", "window_sum", "weighted_sum", "max_pool",
        "lstm_cell", "rnn", "lstm", "gru", "unfold", "cross_entropy",
    }  # fmt: skip
