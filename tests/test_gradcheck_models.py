"""Models in training, below their losses: right they pass, decided; one wrong rule is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.engine.op import op as entered
from autograd.engine.row import OPS
from autograd.gradcheck.module import gradcheck_module
from nn.models.gpt import Block
from tests.broken_rules import broken


class Residual(nn.Module):
    """Two convolutions with batch norm, and what they are added to."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(2, 2, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(2)
        self.second = nn.Conv2d(2, 2, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(2)
        self.head = nn.Linear(2, 3)

    def forward(self, x: Any) -> Any:
        y = ag.relu(self.norm1(self.first(x)))
        return self.head(ag.relu(self.norm2(self.second(y)) + x).mean(axis=(2, 3)))


class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cells = nn.LSTM(3, 4, batch_first=True)
        self.drop = nn.Dropout(0.2)
        self.head = nn.Linear(4, 3)

    def forward(self, x: Any) -> Any:
        return self.head(self.drop(self.cells(x)[0][:, -1]))


class Attending(nn.Module):
    """A transformer block, and attention written out below it."""

    def __init__(self) -> None:
        super().__init__()
        self.block = Block(4, 2, 0.1)
        self.keys = nn.Linear(4, 4)
        self.head = nn.Linear(4, 3)

    def forward(self, x: Any) -> Any:
        x = self.block(x)
        scores = ag.softmax(x @ self.keys(x).swapaxes(-1, -2) / 2.0, axis=-1)
        return self.head((scores @ x)[:, -1])


def convolutional() -> Any:
    return nn.Sequential(
        nn.Conv2d(2, 3, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.2), nn.Flatten(),
        nn.Linear(12, 3),
    )  # fmt: skip


MODELS: dict[str, tuple[Callable[[], Any], tuple[int, ...]]] = {
    "convolutional": (convolutional, (2, 2, 4, 4)),
    "residual": (Residual, (3, 2, 4, 4)),
    "recurrent": (Recurrent, (3, 4, 3)),
    "attending": (Attending, (2, 3, 4)),
}
RULES = [  # the op, the input whose gradient is wrong, and how
    ("convolutional", "convolution", "weight", "one sign"),
    ("convolutional", "max_pool", "x", "twice"),
    ("residual", "convolution", "weight", "a thousandth"),
    ("residual", "standardize", "x", "a thousandth"),
    ("recurrent", "lstm", "w_ih", "one sign"),
    ("recurrent", "lstm", "w_hh", "a thousandth"),
    ("attending", "attention", "query", "half"),
    ("attending", "attention", "value", "one lost"),
    ("attending", "softmax", "x", "sign"),
    ("attending", "standardize", "x", "a thousandth"),
    ("attending", "gelu", "x", "a thousandth"),
]


@pytest.fixture(params=["float32", "float64"])
def dtype(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def made(name: str, dtype: str) -> tuple[Any, ag.Tensor, Callable[[Any], Any]]:
    make, shape = MODELS[name]
    nn.manual_seed(0)
    x = ag.Tensor(np.random.default_rng(0).normal(size=shape).astype(dtype))
    labels = ag.Tensor(np.arange(shape[0]) % 3)
    return make().to(dtype), x, lambda scores: nn.functional.cross_entropy(scores, labels)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_below_its_loss_passes_and_nothing_is_left_undecided(name: str, dtype: str) -> None:
    model, x, loss = made(name, dtype)
    for report in (gradcheck_module(model, x, loss=loss), ag.Graph(loss(model(x))).verify()):
        assert report, report
        assert not report.inconclusive, report


@pytest.mark.parametrize(
    ("name", "op", "which", "way", "dtype"),
    [(*rule, ("float32", "float64")[n % 2]) for n, rule in enumerate(RULES)],
)
def test_one_wrong_rule_fails_its_node_and_no_other(
    name: str, op: str, which: str, way: str, dtype: str
) -> None:
    model, x, loss = made(name, dtype)
    loss(model(x))  # ops are put in the table as they are used
    with broken(OPS[op], OPS[op].inputs.index(which), way):
        report = ag.Graph(loss(model(x))).verify()
    assert not report
    assert all(f", {op}" in str(failure.function) for failure in report.failures), report


@pytest.mark.parametrize(
    ("name", "op", "which"),
    [
        ("convolutional", "convolution", "weight"),
        ("residual", "standardize", "x"),
        ("recurrent", "lstm", "w_ih"),
    ],
)
def test_one_wrong_rule_fails_the_model_and_its_op_is_named(name: str, op: str, which: str) -> None:
    model, x, loss = made(name, "float64")
    loss(model(x))
    with broken(OPS[op], OPS[op].inputs.index(which), "one sign"):
        report = gradcheck_module(model, x, loss=loss, modes=("train",), raise_exception=False)
    assert report.failures
    assert all(str(failure.where).startswith(op) for failure in report.failures), report


@pytest.mark.parametrize("slope", [0.0, 1.0])
def test_what_stands_still_in_float32_is_looked_at_with_wide_steps(slope: float) -> None:
    """Most outputs do not depend on a coordinate; where one does, a zero is still a mistake."""
    before = dict(OPS)

    def rule(g: Any, x: Any) -> Any:
        return g * np.cos(x) * slope

    def far(x: Any, /) -> Any:
        return (np.sin(x).astype("float32") + np.float32(3e4)).astype("float64")

    f = entered("far", x=rule)(far)
    try:
        report = ag.gradcheck(f, ag.Tensor(np.array([0.3, 0.8, -0.2])), raise_exception=False)
    finally:
        OPS.clear()
        OPS.update(before)
    assert bool(report) == bool(slope), report
