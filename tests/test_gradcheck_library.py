"""Every op of the table passes gradcheck, to second order, and so do networks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.engine.row import OPS, Op
from autograd.engine.samples import Sample, draw
from autograd.errors import GradcheckError
from autograd.gradcheck import gradcheck
from autograd.gradcheck.legs.audit import audit
from autograd.gradcheck.module import gradcheck_module
from autograd.gradcheck.numeric.function import Recording


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


# Some of their numbers are equal, and as many come out: test_numpy_calls has them.
CHOSEN_BY_NUMBERS = {"intersect1d", "setdiff1d", "setxor1d", "trim_zeros", "union1d"}


LOW = {"f": np.float32, "c": np.complex64}


def test_no_rule_gives_more_digits_than_it_is_given() -> None:
    found = []
    for op in OPS.values():
        for sample in op.samples() if op.differentiable and op.samples is not None else ():
            inputs = [*sample.inputs]
            places = differentiated(op, sample)
            for n, value in enumerate(inputs):
                if is_inexact(value):
                    low = np.asarray(value).astype(LOW[np.asarray(value).dtype.kind])
                    inputs[n] = ag.Tensor(low, requires_grad=n in places)
            with np.errstate(all="ignore"):
                made = op.record(*inputs, **sample.params)
                outs = made if isinstance(made, (tuple, list)) else [made]
                outs = [y for y in outs if getattr(y, "requires_grad", False)]
                recording = Recording([inputs[n] for n in places], outs)
                found += [
                    (op.name, *what)
                    for what in audit(recording, np.random.default_rng(0))
                    if "dtype" in what[0]
                ]
    assert not found


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(
    "op", [pytest.param(op, id=name) for name, op in sorted(OPS.items()) if op.differentiable]
)
def test_every_op_passes(op: Op, order: int) -> None:
    sample = plain(op)
    if op.name in CHOSEN_BY_NUMBERS:
        with pytest.raises(GradcheckError, match="changes with the input's values"):
            gradcheck(op.record, *next(iter(op.samples())).inputs)
        return
    assert sample is not None, f"{op.name} has no smooth sample"
    report = gradcheck(
        lambda *inputs: op.record(*inputs, **sample.params),
        *sample.inputs,
        wrt=differentiated(op, sample),
        order=order,
        raise_exception=False,
    )
    assert report, str(report)


# Layers and losses meet gradcheck in test_layers.py, row by row.


def passes(module: Any, order: int, *inputs: Any) -> None:
    """Check all parameters and floating inputs, in train and in eval mode."""
    report = gradcheck_module(module, *inputs, order=order, raise_exception=False)
    assert report, str(report)


def test_cross_entropy_with_probabilities_passes() -> None:
    """They are no input here: with one of them moved they would not sum to 1."""
    criterion, target = nn.CrossEntropyLoss(), draw(4, 3, low=0.0, high=1.0)
    target /= target.sum(axis=1, keepdims=True)
    x = ag.Tensor(draw(4, 3))
    assert gradcheck_module(nn.Identity(), x, loss=lambda y: criterion(y, target), order=2)


def test_a_network_passes_to_second_order_at_once() -> None:
    nn.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.GELU(), nn.Linear(4, 3), nn.LogSoftmax(dim=-1))
    passes(model, 2, ag.Tensor(draw(2, 3)))
