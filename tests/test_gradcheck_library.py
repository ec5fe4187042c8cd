"""Every op of the table, every layer and every loss passes gradcheck, to second order."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.gradcheck import gradcheck
from autograd.gradcheck.module import gradcheck_module
from autograd.op import OPS, Op
from autograd.samples import Sample, draw


def is_inexact(value: Any) -> bool:
    return value is not None and np.asarray(value).dtype.kind in "fc"


def differentiated(op: Op, sample: Sample) -> list[int]:
    """The positions of the inputs that have a rule, and something in them."""
    named = [op.inputs[0]] * len(sample.inputs) if op.variadic else op.inputs
    return [
        position
        for position, (name, value) in enumerate(zip(named, sample.inputs, strict=False))
        if is_inexact(value) and np.size(value) and (op.composite or op.joint or name in op.rules)
    ]


def plain(op: Op) -> Sample | None:
    """The first of an op's samples that is smooth and not empty."""
    for sample in op.samples():
        if sample.smooth and differentiated(op, sample):
            return sample
    return None


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(
    "op", [pytest.param(op, id=name) for name, op in sorted(OPS.items()) if op.differentiable]
)
def test_every_op_passes(op: Op, order: int) -> None:
    sample = plain(op)
    assert sample is not None, f"{op.name} has no smooth sample"
    report = gradcheck(
        lambda *inputs: op.record(*inputs, **sample.params),
        *sample.inputs,
        wrt=differentiated(op, sample),
        order=order,
        raise_exception=False,
    )
    assert report, str(report)


# ---- layers and losses ---------------------------------------------------------------------------

# What to construct, and the shape of its input, which lies away from kinks.
LAYERS: dict[str, tuple[Any, tuple[int, ...]]] = {
    "Flatten": (nn.Flatten, (2, 3, 2)),
    "GELU": (nn.GELU, (2, 3)),
    "Identity": (nn.Identity, (2, 3)),
    "LeakyReLU": (nn.LeakyReLU, (2, 3)),
    "Linear": (lambda: nn.Linear(3, 2), (2, 3)),
    "LogSoftmax": (lambda: nn.LogSoftmax(dim=-1), (2, 3)),
    "ReLU": (nn.ReLU, (2, 3)),
    "Sequential": (lambda: nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)), (2, 3)),
    "Sigmoid": (nn.Sigmoid, (2, 3)),
    "Softmax": (lambda: nn.Softmax(dim=-1), (2, 3)),
    "Tanh": (nn.Tanh, (2, 3)),
}
LABELS = np.array([2, 0, 1, 2])
LOSSES: dict[str, tuple[Any, Any]] = {
    "CrossEntropyLoss": (nn.CrossEntropyLoss, LABELS),
    "CrossEntropyLoss of sums": (lambda: nn.CrossEntropyLoss(reduction="sum"), LABELS),
    "CrossEntropyLoss, smoothed": (lambda: nn.CrossEntropyLoss(label_smoothing=0.1), LABELS),
    "CrossEntropyLoss, weighted": (
        lambda: nn.CrossEntropyLoss(weight=np.array([0.5, 1.0, 2.0])),
        LABELS,
    ),
    "MSELoss": (nn.MSELoss, draw(4, 3, seed="target")),
    "MSELoss, not reduced": (lambda: nn.MSELoss(reduction="none"), draw(4, 3, seed="target")),
    "MSELoss of sums": (lambda: nn.MSELoss(reduction="sum"), draw(4, 3, seed="target")),
}
CONTAINERS = {"Module", "ModuleDict", "ModuleList"}  # they compute nothing


def passes(module: Any, order: int, *inputs: Any) -> None:
    """Check all parameters and floating inputs, in train and in eval mode."""
    report = gradcheck_module(module, *inputs, order=order, raise_exception=False)
    assert report, str(report)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_passes(name: str, order: int) -> None:
    nn.manual_seed(0)
    make, shape = LAYERS[name]
    passes(make(), order, ag.Tensor(draw(*shape, away_from=(0.0,))))


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_passes(name: str, order: int) -> None:
    make, target = LOSSES[name]
    passes(make(), order, ag.Tensor(draw(4, 3)), ag.Tensor(target))


def test_cross_entropy_with_probabilities_passes() -> None:
    """They are no input here: with one of them moved they would not sum to 1."""
    criterion, target = nn.CrossEntropyLoss(), draw(4, 3, low=0.0, high=1.0)
    target /= target.sum(axis=1, keepdims=True)
    x = ag.Tensor(draw(4, 3))
    assert gradcheck_module(nn.Identity(), x, loss=lambda y: criterion(y, target), order=2)


def test_no_layer_or_loss_is_left_out() -> None:
    public = {
        name
        for name, value in vars(nn).items()
        if name in nn.__all__ and inspect.isclass(value) and issubclass(value, nn.Module)
    }
    covered = {*LAYERS, *(name.partition(" ")[0].rstrip(",") for name in LOSSES)}
    assert public - CONTAINERS == covered


def test_a_network_passes_to_second_order_at_once() -> None:
    nn.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.GELU(), nn.Linear(4, 3), nn.LogSoftmax(dim=-1))
    passes(model, 2, ag.Tensor(draw(2, 3)))
