"""Lowered programs: every layer, optimizer and random program as instructions.

What is made of NumPy's own operations in the same order gives the same bits; the rest is within
what roundings of the inputs do. What stays a call is pinned.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
import nn
import optim
from autograd.compiler.instruction import Lowered
from autograd.compiler.lower.evaluate import Reference, evaluate
from autograd.compiler.lower.lazy import Lazy
from autograd.compiler.lower.lower import lower
from autograd.compiler.lower.writer import Writer
from autograd.errors import TraceError, UnsupportedError
from autograd.kernels.parallel.twins import numpy_only
from autograd.tensors.inplace import write
from tests.layers import CASES
from tests.layers.case import Case
from tests.lowered import (
    LAYER_CALLS,
    assert_close,
    assert_lowered,
    called,
    rounding,
)  # fmt: skip
from tests.optim_table import ROWS, Row
from tests.programs import Step, assert_same_as_eager, draw, trained
from tests.test_program import SCHEDULES, loss_of, mlp, mse, pairs
from tests.test_program_random import ONE, TWO, endings, made_of, moves

pytestmark = pytest.mark.filterwarnings(
    "ignore::autograd.errors.GradientLostWarning", "ignore::RuntimeWarning"
)


@pytest.fixture(autouse=True)
def _in_numpy() -> Iterator[None]:
    with numpy_only():
        yield


# ---- every layer, optimizer and schedule ---------------------------------------------------------


def from_the_same_state(layer: Any, run: Any) -> Any:
    """The run of a program from the buffers that there are now, and the same draws."""
    at_first = [np.array(b._value) for b in layer.buffers()]

    def again(*xs: Any) -> Any:
        for b, value in zip(layer.buffers(), at_first, strict=True):
            write(b, value)
        with ag.random.drawing_from(np.random.default_rng(0)):
            return run(*xs), [np.array(b._value) for b in layer.buffers()]

    return again


@pytest.mark.parametrize("case", CASES, ids=str)
def test_any_layer_and_its_gradients_are_instructions(case: Case) -> None:
    layer = case.make(dtype=np.float32).train()
    where, position = set(case.differentiated()), iter(range(10_000))

    def leaf(x: Any) -> Any:
        if isinstance(x, (tuple, list)):
            return tuple(map(leaf, x))
        number = next(position)
        if not isinstance(x, (np.ndarray, np.generic)):
            return x
        return ag.Tensor(x, requires_grad=number in where and x.dtype.kind == "f")

    def call(*inputs: Any) -> Any:
        result = layer(*inputs)
        wanted = [x for x in inputs if isinstance(x, ag.Tensor) and x.requires_grad]
        wanted += [p for p in layer.parameters() if p.requires_grad]
        loss = loss_of(result)
        if not isinstance(loss, ag.Tensor) or loss._node is None or not wanted:
            return result
        return result, ag.grad(loss, wanted, allow_unused=True)

    args = [leaf(x) for x in case.arrays(np.float32)]
    with np.errstate(all="ignore"):
        if "max_norm" in case.kwargs:
            with pytest.raises(TraceError, match="max_norm"):
                ag.trace(call, *args)
            return
        program = ag.trace(call, *args)
        calls = called(lower(program))
        run, lowered = (from_the_same_state(layer, r) for r in (program, Reference(program)))
        right = run(*args)
        assert_close(lowered(*args), right, rounding(run, args, right))
    assert set(calls) <= LAYER_CALLS, calls


def steps_on(params: list[Any], optimizer: Any) -> Step:
    def step(*targets: Any) -> Any:
        optimizer.zero_grad()
        total: Any = 0.0
        for p, target in zip(params, targets, strict=True):
            total = total + ((p - target) * p).sum()
        total.backward()
        optimizer.step()
        return total

    return Step(step, params, optimizer)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_any_optimizer_takes_the_same_steps(row: Row, dtype: Any) -> None:
    """From no state at all, to the bit; all but two are read as formulas."""

    def make() -> Step:
        params = [
            ag.Tensor(draw(*shape, seed=n, dtype=dtype), requires_grad=True)
            for n, shape in enumerate(row.shapes)
        ]
        return steps_on(params, row.make(params))

    batches = [
        tuple(ag.Tensor(draw(*shape, seed=10 * s + 1, dtype=dtype)) for shape in row.shapes)
        for s in range(7)  # RAdam has another formula after a few
    ]
    program = assert_same_as_eager(make, batches, Reference)
    assert bool(called(lower(program))) == (row.name in ("Adafactor", "Muon"))


@pytest.mark.parametrize("inside", [True, False], ids=["in the step", "outside"])
@pytest.mark.parametrize("name", SCHEDULES)
def test_rates_of_schedules_are_read_at_every_run(name: str, inside: bool) -> None:
    def make() -> Step:
        model = mlp()
        optimizer = optim.AdamW(model.parameters(), lr=0.1)
        schedule = SCHEDULES[name](optimizer)

        def step(x: Any, y: Any) -> Any:
            optimizer.zero_grad()
            loss = mse(model, x, y)
            loss.backward()
            optimizer.step()
            if inside:
                schedule.step()
            return loss

        return Step(step, model, optimizer, schedule)

    if inside:
        assert_same_as_eager(make, pairs(4), Reference)
        return
    traced, eager = make(), make()
    run = Reference(ag.trace(traced.call, *pairs(1)[0]))
    for batch in pairs(4):
        assert run(*batch).item() == eager.call(*batch).item()
        traced.holders[2].step()
        eager.holders[2].step()


def test_a_rate_that_is_set_in_the_step_before_the_optimizer_steps_is_the_one_it_takes() -> None:
    def make() -> Step:
        model = mlp()
        optimizer = optim.SGD(model.parameters(), lr=0.1)
        schedule = optim.lr_scheduler.ExponentialLR(optimizer, 0.5)

        def step(x: Any, y: Any) -> Any:
            optimizer.zero_grad()
            loss = mse(model, x, y)
            loss.backward()
            schedule.step()
            optimizer.step()
            return loss

        return Step(step, model, optimizer, schedule)

    assert_same_as_eager(make, pairs(3), Reference)


@pytest.mark.parametrize("clip", [
    lambda ps: nn.utils.clip_grad_norm_(ps, 0.1),
    lambda ps: nn.utils.clip_grad_norm_(ps, 1e9),
    lambda ps: nn.utils.clip_grad_norm_(ps, 0.1, norm_type=float("inf")),
    lambda ps: nn.utils.clip_grad_norm_(ps, 0.1, norm_type=3.0),
    lambda ps: nn.utils.clip_grad_value_(ps, 0.01),
])  # fmt: skip
def test_gradients_are_cut_in_the_same_way_and_no_call_is_left(clip: Any) -> None:
    model = mlp()
    optimizer = optim.SGD(model.parameters(), lr=0.1)

    def step(x: Any, y: Any) -> Any:
        loss = mse(model, x, y)
        grads = ag.grad(loss, [*model.parameters()])
        for p, g in zip(model.parameters(), grads, strict=True):
            p.grad = g
        clip([*model.parameters()])
        return [p.grad for p in model.parameters()]

    optimizer.zero_grad()
    program = ag.trace(step, *pairs(1)[0])
    assert not assert_lowered(program, pairs(1)[0], exact=False)


# ---- whole steps, and random programs ------------------------------------------------------------


def test_a_step_of_an_mlp_calls_nothing_but_the_check_of_its_labels() -> None:
    def make() -> Any:
        model = nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 3))
        optimizer = optim.Adam(model.parameters(), lr=1e-2)
        loss = nn.CrossEntropyLoss()
        return trained(model, optimizer, lambda m, x, y: loss(m(x), y))

    step = make()
    program = ag.trace(step.call, draw(6, 5), np.arange(6) % 3)
    assert called(lower(program)) == {"checked_labels": 1}


def test_gradients_that_add_up_are_there_or_not() -> None:
    def make() -> Step:
        w = ag.Tensor([1.0, 2.0], requires_grad=True)

        def step(x: Any) -> Any:
            loss = (w * w * x).sum()
            loss.backward()
            return loss

        return Step(step, w)

    batches = [(ag.Tensor([float(n), 2.0]),) for n in range(3)]
    assert_same_as_eager(make, batches, Reference)


@settings(max_examples=60, deadline=None)
@given(path=moves, ending=endings, dtype=st.sampled_from([np.float32, np.float64]))
def test_a_random_program_does_what_the_call_does(path: Any, ending: str, dtype: Any) -> None:
    batches = [(ag.Tensor(draw(3, 4, seed=s, dtype=dtype)),) for s in range(2)]
    with np.errstate(all="ignore"):
        assert_same_as_eager(made_of(path, ending, dtype), batches, Reference)


@pytest.mark.parametrize("name", [*ONE, *TWO])
def test_each_move_alone_does_what_the_call_does(name: str) -> None:
    batches = [(ag.Tensor(draw(3, 4, seed=s)),) for s in range(2)]
    assert_same_as_eager(made_of([(name, 2, 1)], "Adam", np.float32), batches, Reference)


# ---- slices and joined arrays --------------------------------------------------------------------


def test_gradients_of_parts_are_joined_and_parts_of_joined_arrays_are_themselves() -> None:
    x = ag.Tensor(draw(2, 6), requires_grad=True)

    def call(x: Any) -> Any:
        a, b, c = x[:, :2], x[:, 2:5], x[:, 5]
        return ag.grad((a * a).sum() + (b * 3 * b).sum() + ag.exp(c).sum(), [x])

    assert assert_lowered(ag.trace(call, x), [x], exact=True) == {"concatenate": 1}

    def back(x: Any) -> Any:
        joined = ag.concatenate([x * 2, x + 1, x], axis=1)
        return joined[:, 6:12], joined.T[:6], joined[1], joined[:, 5:7]

    assert assert_lowered(ag.trace(back, x), [x], exact=True) == {"concatenate": 1}


@pytest.mark.parametrize("index", [
    (slice(1, 3),), (0,), (-1,), (slice(None), 1), (slice(None), slice(1, None)), (None, 1),
    (slice(None, None, 2),), (slice(2, 0, -1),), (..., 0), (slice(0, 3),), (slice(5, 1),),
    (1, slice(1, 2)), (slice(None), None, 0),
])  # fmt: skip
@pytest.mark.parametrize("shape", [(3, 4), (3, 1), (3, 2, 2)], ids=str)
def test_any_slice_and_what_it_gives_back(shape: Any, index: Any) -> None:
    x = ag.Tensor(draw(*shape), requires_grad=True)

    def call(x: Any) -> Any:
        try:
            part = x[index]
        except IndexError:
            part = x[1:2]
        return part * 1, ag.grad((part * part).sum() + (x[2:] * 3).sum(), [x])

    assert_lowered(ag.trace(call, x), [x], exact=True)


# ---- values that are changed in place ------------------------------------------------------------


def lowered_of(formula: Any, *xs: Any) -> Any:
    """What instructions make of arrays, for a formula on lazy values."""
    writer = Writer()
    values = [Lazy(writer, writer.add("source", "x", (), (), x.shape, x.dtype)) for x in xs]
    sources = dict(zip(writer.instructions, xs, strict=True))
    result = formula(*values).instruction
    return evaluate(Lowered(None, writer.instructions, {}), sources)[result]


def written_through(x: Any) -> Any:
    y = np.empty_like(x)
    z = np.multiply(x, 2, out=y)
    y += 1
    z[...] = z * z
    np.copyto(y, 0, where=x > 1)
    y[:] = y - x
    y[x < 0] = 7
    return y


def test_writing_into_values_means_what_it_means_for_arrays() -> None:
    x = np.array([-1.0, 0.5, 2.0])
    np.testing.assert_array_equal(lowered_of(written_through, x), written_through(x))


@pytest.mark.parametrize("formula", [
    lambda x: float(x[0]),
    lambda x: x if x.sum() > 0 else -x,
    lambda x: np.multiply(x, 2, out=np.empty(3)),
    lambda x: np.unique(x),
    lambda x: np.add(x, 1, out=x[1:]),
    lambda x: x.__setitem__(slice(1), 0),
    lambda x: np.empty_like(x) + 1,
    lambda x: np.frexp(x),
    lambda x: [row.__iadd__(1) for row in (x * 2).reshape(3, 1)],
    lambda x: np.concatenate([x, x])[:3].__iadd__(1),
])  # fmt: skip
def test_what_cannot_be_read_is_refused(formula: Any) -> None:
    with pytest.raises((UnsupportedError, ValueError)):
        lowered_of(formula, np.ones(3))


@pytest.mark.parametrize("bias", [False, True])
def test_products_of_many_rows_are_read_as_formulas(bias: bool) -> None:
    """Which eager calls share among threads, tile by tile."""
    layer, x = nn.Linear(256, 128, bias=bias, rng=0), draw(1024, 256)

    def slopes(x: Any) -> Any:
        layer.zero_grad()
        layer(x).sum().backward()
        return layer.weight.grad

    for function in (layer, slopes):
        summary = lower(ag.trace(function, x)).summary()
        assert summary["product"] > 0
        assert "call" not in summary
