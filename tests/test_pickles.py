"""Pickles name what is public by its public name, so that they load when a file has moved."""

from __future__ import annotations

import inspect
import pickle
import pickletools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd.engine.pickles import public
from nn.module.module import Module
from tests.layers import CASES
from tests.layers.case import Case
from tests.optim_table import ROWS, Row, tensors

OURS = ("autograd", "nn", "optim")
SCHEDULES: dict[str, Callable[[Any], Any]] = {
    "StepLR": lambda o: optim.lr_scheduler.StepLR(o, 3),
    "OneCycleLR": lambda o: optim.lr_scheduler.OneCycleLR(o, 0.1, 10),
    "SequentialLR": lambda o: optim.lr_scheduler.SequentialLR(
        o, [optim.lr_scheduler.ConstantLR(o), optim.lr_scheduler.ExponentialLR(o, 0.9)], [2]
    ),
}


class Own(nn.Module):
    """A user's module, which has no public name here."""


def named(value: Any) -> set[str]:
    """The files of ours that a pickle names: functions are pickled by theirs."""
    found = [arg.split() for op, arg, _ in pickletools.genops(pickle.dumps(value, 2))
             if op.name == "GLOBAL"]  # fmt: skip
    ours = {(module, name) for module, name in found if module.partition(".")[0] in OURS}
    return {module for module, name in ours if not _is_function(module, name)} - {*OURS}


def _is_function(module: str, name: str) -> bool:
    return inspect.isfunction(getattr(__import__(module, fromlist=[name]), name))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_layer_is_pickled_by_its_public_name(case: Case) -> None:
    layer = case.make()
    assert not named(layer)
    twin = pickle.loads(pickle.dumps(layer))
    assert type(twin) is type(layer)
    assert str(twin) == str(layer)
    assert type(layer).__module__ != "nn"  # and inspect finds its source
    assert inspect.getsource(type(layer)).startswith("class ")


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_an_optimizer_is_pickled_by_its_public_name(row: Row) -> None:
    params = tensors([np.ones(shape, np.float32) for shape in row.shapes])
    for p in params:
        p.grad = ag.ones(p.shape)
    optimizer = row.make(params)
    if row.name != "LBFGS":
        optimizer.step()
    assert not named(optimizer)
    twin = pickle.loads(pickle.dumps(optimizer))
    assert repr(twin.state_dict()) == repr(optimizer.state_dict())


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_is_pickled_by_its_public_name(name: str) -> None:
    optimizer = optim.SGD([nn.Parameter([1.0])], lr=0.1)
    schedule = SCHEDULES[name](optimizer)
    assert not named(schedule)
    twin = pickle.loads(pickle.dumps(schedule))
    assert (type(twin), repr(twin.state_dict())) == (type(schedule), repr(schedule.state_dict()))


TENSORS = {
    "Tensor": ag.Tensor([1.0, 2.0], requires_grad=True),
    "Parameter": nn.Parameter([1.0]),
    "Buffer": nn.Buffer(1.0),
    "UninitializedParameter": nn.UninitializedParameter(shape=(None, 2)),
    "UninitializedBuffer": nn.UninitializedBuffer(shape=(3, None)),
    "metric": nn.metrics.Accuracy(),
    "callback": nn.callbacks.EarlyStopping(),
}


@pytest.mark.parametrize("name", TENSORS)
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_tensors_metrics_and_callbacks_are_pickled_by_public_names(
    name: str, protocol: int
) -> None:
    value = TENSORS[name]
    assert not named(value)
    twin = pickle.loads(pickle.dumps(value, protocol))
    assert type(twin) is type(value)
    assert not isinstance(value, ag.Tensor) or repr(twin) == repr(value)


def test_what_is_not_public_is_pickled_by_its_file() -> None:
    assert public(Own) is Own
    assert type(pickle.loads(pickle.dumps(Own()))) is Own
    assert public(Module) == ("nn", "Module")
    assert public(ag.Tensor) == ("autograd", "Tensor")
