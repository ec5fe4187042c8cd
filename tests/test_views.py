"""Whose numbers are these: a Tensor changes only by what is done to that Tensor itself.

A view keeps its numbers when what it was taken from is changed, over the whole table of ops, and
over all optimizers; what is written to a view is written to what it was taken from, or is refused.
"""

from __future__ import annotations

import copy
import operator
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd.engine.row import OPS, Op
from autograd.engine.samples import Sample
from autograd.errors import InPlaceError
from tests.optim_table import ROWS, run, start, tensors

# of ops that have no derivative
pytestmark = pytest.mark.filterwarnings("ignore::autograd.errors.GradientLostWarning")
WITH_SAMPLES = [pytest.param(op, id=name) for name, op in sorted(OPS.items()) if op.samples]
OPTIMIZERS = sorted({row.name for row in ROWS})
WRITES = {
    "item": lambda x: operator.setitem(x, ..., 5),
    "+=": lambda x: operator.iadd(x, 1),
    "*=": lambda x: operator.imul(x, 2),
    "data": lambda x: operator.setitem(x.data, ..., 5),
    "data +=": lambda x: operator.iadd(x.data, 1),
    "init": lambda x: nn.init.zeros_(x),
}


def given(sample: Sample, requires_grad: bool) -> list[Any]:
    """The inputs of a sample as Tensors."""
    return [
        x if x is None else ag.Tensor(x, requires_grad and np.asarray(x).dtype.kind in "fc")
        for x in sample.inputs
    ]


def results(op: Op, inputs: Sequence[Any], sample: Sample) -> list[Any]:
    found = op.record(*inputs, **sample.params)
    return [y for y in (found if isinstance(found, (tuple, list)) else [found])
            if isinstance(y, ag.Tensor) and not any(y is x for x in inputs)]  # fmt: skip


def shares(y: ag.Tensor, inputs: Sequence[Any]) -> bool:
    return any(x is not None and np.shares_memory(y.numpy(), x.numpy()) for x in inputs)


def cases(op: Op, requires_grad: bool) -> Iterator[tuple[list[Any], list[Any], Sample]]:
    """Inputs as Tensors, and what the op makes of them: recorded, and outside the graph."""
    for sample in op.samples():
        for recorded in (True, False) if requires_grad else (False,):
            inputs = given(sample, requires_grad)
            with ag.enable_grad() if recorded else ag.no_grad():
                yield inputs, results(op, inputs, sample), sample


# ---- reading -------------------------------------------------------------------------------------


@pytest.mark.parametrize("op", WITH_SAMPLES)
def test_a_result_keeps_its_numbers_when_a_leaf_is_changed_in_place(op: Op) -> None:
    for inputs, found, sample in cases(op, requires_grad=True):
        before = [copy.deepcopy(y.numpy()) for y in found]
        for number, x in enumerate(inputs):
            if x is None or not x.requires_grad:
                continue
            with ag.no_grad():
                if number % 2:
                    x[...] = 77.0
                else:
                    x += 77.0
        for y, old in zip(found, before, strict=True):
            np.testing.assert_array_equal(y.numpy(), old, err_msg=str(sample))


def numbers(held: Sequence[Any]) -> list[Any]:
    """Copies of what Tensors, arrays and lists of Tensors hold."""
    tensors = [x for h in held for x in (h if type(h) is list else [h])]
    return [np.array(x.numpy() if isinstance(x, ag.Tensor) else x) for x in tensors]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_views_and_twins_of_parameters_do_not_follow_the_optimizer(name: str) -> None:
    for row in [row for row in ROWS if row.name == name][:2]:
        params = tensors(start(row.shapes))
        optimizer = row.make(params)
        makers = [
            lambda p: p.reshape(-1), lambda p: p.detach(), lambda p: p.data, copy.copy,
            lambda p: p.numpy(), lambda p: p[:1] if p.ndim else p[None], list,
        ]  # fmt: skip
        for step in range(2):
            with ag.enable_grad() if step else ag.no_grad():
                held = [make(p) for p in params for make in makers if p.ndim or make is not list]
            before = numbers(held)
            run(optimizer, params, [step])
            for new, old in zip(numbers(held), before, strict=True):
                np.testing.assert_array_equal(new, old)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_parameter_that_nobody_else_looks_at_stays_where_it_lies(name: str) -> None:
    row = next(row for row in ROWS if row.name == name)
    params = tensors(start(row.shapes))
    optimizer = row.make(params)
    places = []
    for step in range(3):
        run(optimizer, params, [step])
        places.append([p._value.ctypes.data for p in params if p.ndim and p.size])
    assert places[0] == places[1] == places[2]


def test_lbfgs_leaves_views_alone_too_and_stays_in_place() -> None:
    p = ag.Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    optimizer = optim.LBFGS([p])

    def closure() -> ag.Tensor:
        p.zero_grad()
        loss: ag.Tensor = (p * p).sum()
        loss.backward()
        return loss

    row, place = p[0], p._value.ctypes.data
    optimizer.step(closure)
    assert row.tolist() == [1.0, 2.0]
    assert p._value.ctypes.data != place
    del row
    place = p._value.ctypes.data
    optimizer.step(closure)
    assert p._value.ctypes.data == place


def test_training_keeps_the_memory_of_the_parameters() -> None:
    model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3))
    optimizer, x = optim.Adam(model.parameters()), ag.Tensor(np.ones((5, 4), "float32"))
    places = [p._value.ctypes.data for p in model.parameters()]
    for _ in range(3):
        optimizer.zero_grad()
        loss = (model(x) ** 2).sum() + sum((p.T * p.T).sum() for p in model.parameters())
        loss.backward()
        optimizer.step()
    assert [p._value.ctypes.data for p in model.parameters()] == places


def test_earlier_slices_of_a_parameter_are_a_history() -> None:
    p, h = ag.Tensor([1.0, 0.0], requires_grad=True), []
    optimizer = optim.SGD([p], lr=1.0)
    for g in (2.0, -2.0, 2.0):
        with ag.no_grad():
            h.append(p[:1])
        p.grad = [g, 0.0]
        optimizer.step()
    assert [x.item() for x in h] == [1.0, -1.0, 1.0]


def test_a_leaf_that_shares_an_array_leaves_the_array_alone() -> None:
    array = np.array([1.0, 2.0])
    w = ag.asarray(array).requires_grad_()
    with ag.no_grad():
        w += 1.0
        w[0] = 9.0
    assert w.tolist() == [9.0, 3.0]
    assert array.tolist() == [1.0, 2.0]


# ---- writing -------------------------------------------------------------------------------------


def shown(op: Op, inputs: Sequence[Any], sample: Sample, place: int, result: int) -> Any:
    """Which numbers of one input a result of the op shows, found with numbers all apart."""
    base = inputs[place]
    numbers = np.arange(1, base.size + 1, dtype=base.dtype).reshape(base.shape)
    given = [*inputs[:place], ag.Tensor(numbers), *inputs[place + 1 :]]
    found = results(op, given, sample)[result]
    return np.isin(numbers, found.numpy())


# A border marks where a module ends, and hands its result on; zeros that are written are trimmed.
APART = {"border", "trim_zeros"}


@pytest.mark.parametrize("requires_grad", [True, False], ids=["leaf", "constant"])
@pytest.mark.parametrize("op", WITH_SAMPLES)
def test_what_is_written_to_a_view_reaches_its_base_or_is_refused(
    op: Op, requires_grad: bool
) -> None:
    for name in ("item", "+=", "data", "init"):
        for inputs, found, sample in cases(op, requires_grad):
            for number, y in enumerate(found):
                if op.name in APART or not (y.ndim and shares(y, inputs)):
                    continue
                before = [None if x is None else np.array(x.numpy()) for x in inputs]
                place = next(i for i, x in enumerate(inputs) if x is not None and shares(y, [x]))
                base = inputs[place]
                expected = (
                    y.numpy() + 1
                    if name == "+="
                    else np.full(y.shape, 0.0 if name == "init" else 5.0)
                )
                try:
                    with ag.no_grad():
                        WRITES[name](y)
                except InPlaceError:
                    for x, old in zip(inputs, before, strict=True):
                        assert x is None or np.array_equal(x.numpy(), old, equal_nan=True), sample
                    continue
                np.testing.assert_array_equal(y.numpy(), expected)
                if base.dtype == y.dtype and y.size:
                    others = ~shown(op, inputs, sample, place, number)
                    assert np.array_equal(base.numpy()[others], before[place][others]), sample
                    again = results(op, inputs, sample)[number]
                    np.testing.assert_array_equal(again.numpy(), expected, err_msg=str(sample))


@pytest.mark.parametrize("op", WITH_SAMPLES)
def test_a_result_that_is_no_view_may_be_written_to(op: Op) -> None:
    """But what an op declares as a view is refused also where it happens to be a copy."""
    for inputs, found, sample in cases(op, requires_grad=True):
        for y in found:
            if shares(y, inputs) or op.views or op.name in ("flatten", "ravel", "unflatten"):
                continue
            if isinstance(getattr(y, "_origin", None), str):  # made by a view of something new
                assert op.composite or not y.size, sample
                continue
            with ag.no_grad():
                y[...] = 1


@pytest.mark.parametrize("look", [lambda w: w.numpy(), lambda w: np.asarray(w.detach())])
def test_what_numpy_is_shown_is_read_only(look: Any) -> None:
    w = ag.Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    with pytest.raises(ValueError, match="read-only"):
        look(w)[0] = 3
    assert w.tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_an_element_is_a_number_and_may_be_added_to() -> None:
    x = ag.Tensor([1.0, 2.0])
    x[0] += 5.0
    assert x.tolist() == [6.0, 2.0]


def test_a_view_that_is_trained_is_a_leaf_of_its_own() -> None:
    x = ag.Tensor([1.0, 2.0, 3.0])
    w = x[:2].requires_grad_()
    (w * w).sum().backward()
    optim.SGD([w], lr=0.5).step()
    assert (w.tolist(), x.tolist()) == ([0.0, 0.0], [1.0, 2.0, 3.0])


def test_an_initializer_goes_through_data() -> None:
    w = ag.Tensor([1.0, 2.0], requires_grad=True)
    nn.init.zeros_(w.data)
    assert w.tolist() == [0.0, 0.0]
