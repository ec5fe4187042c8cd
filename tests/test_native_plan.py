"""Native plans give what the call gives, but for rounding: results, and all that is written."""

from __future__ import annotations

import gc
import os
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
import nn
import optim
from autograd.codegen.native.machine import has_llvm
from autograd.compiler.in_numpy import NumpyPlan
from autograd.compiler.native import results, steps, waiting
from autograd.compiler.native.plan import NativePlan
from autograd.compiler.native.steps import Call
from autograd.program.plan import Plan
from tests.programs import (
    Step,
    assert_near,
    assert_same,
    assert_same_as_eager,
    draw,
    state_of,
    trained,
)
from tests.test_program import (
    DRAWS,
    PROGRAMS,
    STEPS,
    cross_entropy,
    loss_of,
    pairs,
    tensors,
)
from tests.test_program_random import ONE, TWO, endings, made_of, moves

pytestmark = [
    pytest.mark.filterwarnings("ignore::autograd.errors.GradientLostWarning"),
    pytest.mark.skipif(not has_llvm(), reason="there is no llvmlite"),
]


def assert_native(make: Any, batches: Any, least: Any = np.float64) -> None:
    assert_same_as_eager(make, batches, NativePlan, partial(assert_near, least=least))


@pytest.mark.parametrize("name", STEPS)
def test_a_step_does_what_the_call_does(name: str) -> None:
    assert_native(STEPS[name], pairs(3))


@pytest.mark.parametrize("name", DRAWS)
def test_draws_are_made_anew(name: str) -> None:
    batches = [(ag.Tensor(draw(3, 6, 4, seed=s), requires_grad=True),) for s in range(3)]

    def call(x: Any) -> Any:
        result = DRAWS[name](x)
        loss = loss_of(result)
        if isinstance(loss, ag.Tensor):
            loss.backward()
        return result

    assert_native(lambda: Step(call), batches)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_does_what_the_call_does(name: str) -> None:
    make, arguments = PROGRAMS[name]

    def step() -> Step:
        f = make()
        return Step(lambda args, kwargs: f(*args, **kwargs), f)

    assert_native(step, [tensors(arguments(4, seed)) for seed in (0, 1)], np.float32)


@settings(max_examples=40, deadline=None)
@given(path=moves, ending=endings, dtype=st.sampled_from([np.float32, np.float64]))
def test_a_random_program_does_what_the_call_does(path: Any, ending: str, dtype: Any) -> None:
    batches = [(ag.Tensor(draw(3, 4, seed=s, dtype=dtype)),) for s in range(3)]
    with np.errstate(all="ignore"):
        assert_native(made_of(path, ending, dtype), batches)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", [*ONE, *TWO])
def test_each_move_alone_does_what_the_call_does(name: str, dtype: Any) -> None:
    batches = [(ag.Tensor(draw(3, 4, seed=s, dtype=dtype)),) for s in range(2)]
    assert_native(made_of([(name, 2, 1)], "Adam", dtype), batches)


# ---- sources that change from run to run ---------------------------------------------------------


def matrix_step() -> Any:
    w = ag.Tensor(draw(6, 5), requires_grad=True, name="w")
    optimizer = optim.Adam([w], lr=0.05)

    def step(x: Any) -> Any:
        optimizer.zero_grad()
        loss = (ag.tanh(x @ w) ** 2).mean()
        loss.backward()
        optimizer.step()
        return loss

    return Step(step, w, optimizer)


LYING: dict[str, Any] = {
    "new": lambda s: draw(4, 6, seed=s),
    "turned": lambda s: draw(6, 4, seed=s).T,
    "every other": lambda s: draw(8, 12, seed=s)[::2, ::2],
    "backwards": lambda s: draw(4, 6, seed=s)[::-1, ::-1],
    "one row": lambda s: np.broadcast_to(draw(1, 6, seed=s), (4, 6)),
    "not aligned": lambda s: unaligned(draw(4, 6, seed=s)),
    "read-only": lambda s: read_only(draw(4, 6, seed=s)),
}


def unaligned(x: Any) -> Any:
    memory = np.empty(x.nbytes + 1, np.uint8)
    found = memory[1:].view(x.dtype).reshape(x.shape)
    found[...] = x
    return found


def read_only(x: Any) -> Any:
    x.flags.writeable = False
    return x


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(LYING)), st.integers(0, 3)), max_size=8))
def test_inputs_may_lie_anyhow_and_come_again(order: Any) -> None:
    """From one run to the next the same array, another, or one that lies in another way."""
    known = {(name, seed): LYING[name](seed) for name, seed in order}
    eager, traced = matrix_step(), matrix_step()
    plan = NativePlan(ag.trace(traced.call, ag.Tensor(draw(4, 6))))
    for key in order:
        assert_near(plan(known[key]), eager.call(ag.Tensor(known[key])))
        assert_near(state_of(traced.holders), state_of(eager.holders))


def test_parameters_may_be_replaced_between_runs() -> None:
    eager, traced = matrix_step(), matrix_step()
    plan = NativePlan(ag.trace(traced.call, ag.Tensor(draw(4, 6))))
    for seed in range(4):
        for step in (eager, traced):
            with ag.no_grad():
                step.holders[0][...] = ag.Tensor(draw(5, 6, seed=seed).T)
        x = ag.Tensor(draw(4, 6, seed=seed))
        assert_near(plan(x), eager.call(x))
        assert_near(state_of(traced.holders), state_of(eager.holders))


def test_an_input_in_the_memory_of_a_parameter_is_read_before_that_is_written() -> None:
    def make() -> Step:
        w = ag.Tensor(draw(4, 6), requires_grad=True, name="w")
        optimizer = optim.Adam([w], lr=0.5)

        def step(x: Any) -> Any:
            optimizer.zero_grad()
            loss = (w * w).sum()
            loss.backward()
            optimizer.step()
            return loss, ag.exp(x[::-1]) * 2

        return Step(step, w, optimizer)

    eager, traced = make(), make()
    plan = NativePlan(ag.trace(traced.call, ag.Tensor(draw(4, 6))))
    for _ in range(3):
        right = ag.Tensor(eager.holders[0].numpy().copy())
        assert_near(plan(traced.holders[0].detach()), eager.call(right))


def test_results_belong_to_whoever_called() -> None:
    """Another run leaves them as they are, and changing them changes no other run."""
    plan = NativePlan(ag.trace(lambda x: (x * 2, x.T, x * 2 + 1), ag.ones(2, 3)))
    x = ag.Tensor(draw(2, 3))
    first = plan(x)
    before = [y.numpy().copy() for y in first]
    second = plan(x + 1)
    for y in second:
        y[...] = 0
    assert_same([y.numpy() for y in first], before)
    assert_same([y.numpy() for y in plan(x)], before)


LARGE: dict[str, Any] = {
    "a stack of products": lambda x: (x.reshape(6, 50, 60) @ x.reshape(6, 60, 50)).sum(axis=1),
    "a loop": lambda x: ag.exp(ag.tanh(x) * 2) + x,
    "sums over the axis that is shared": lambda x: (ag.exp(x).sum(axis=0), ag.exp(x).max()),
    "softmax": lambda x: ag.softmax(x, axis=1),
    "a copy": lambda x: x.T.reshape(300, 60),
    "none of a stack": lambda x: (x[:0].reshape(0, 3, 5) @ x[:5, :2] * 2, x @ x.T),
}


@pytest.mark.parametrize("name", LARGE)
def test_threads_share_what_is_large(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "LARGE", 100)
    monkeypatch.setattr(steps, "get_num_threads", lambda: 3)
    shape = (60, 300) if name != "none of a stack" else (60, 40)
    batches = [(ag.Tensor(draw(*shape, seed=s), requires_grad=True),) for s in range(3)]

    def call(x: Any) -> Any:
        result = LARGE[name](x)
        loss_of(result).backward()
        return result

    assert_native(lambda: Step(call), batches)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("is_turned", [False, True])
def test_joined_arrays_are_copied_in_native_code(axis: int, is_turned: bool) -> None:
    def call(x: Any, y: Any) -> Any:
        x, y = (x.T * 2, y.T * 2) if is_turned else (x, y)
        return ag.concat([x, y[1:] if axis == 0 else y[:, 1:], x], axis) * 3

    inputs = [ag.Tensor(draw(6, 6, seed=s)) for s in range(2)]
    plan = NativePlan(ag.trace(call, *inputs))
    assert_near(plan(*inputs), call(*inputs))
    assert plan.executor is not None
    assert not any(isinstance(step, Call) for step in plan.executor.tape.steps)


def test_a_step_of_a_loop_of_cells_never_returns_to_python() -> None:
    cell = nn.LSTMCell(3, 4)

    def call(x: Any) -> Any:
        h = c = ag.zeros(2, 4)
        for _ in range(6):
            h, c = cell(x, (h, c))
        return ag.grad((h * h).sum(), [*cell.parameters()])

    x = ag.Tensor(draw(2, 3))
    plan = NativePlan(ag.trace(call, x))
    assert_near(plan(x), call(x))
    assert plan.executor is not None
    assert len(plan.executor.tape.steps) == 1


# ---- several at once -----------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_whoever_helps_and_whoever_does_not_parts_are_run_once(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many short steps, of parts that several threads take or take back."""
    monkeypatch.setattr(steps, "LARGE", 1)
    monkeypatch.setattr(steps, "get_num_threads", lambda: 3)
    monkeypatch.setattr(waiting, "get_num_threads", lambda: threads)

    def call(x: Any) -> Any:
        for _ in range(20):
            x = ag.tanh(x @ x.T) @ x / 8
        return x

    plan = NativePlan(ag.trace(call, ag.zeros(64, 48)))
    inputs = [ag.Tensor(draw(64, 48, seed=s)) for s in range(4)]
    right = [call(x) for x in inputs]
    with ThreadPoolExecutor(2) as pool:
        for found in pool.map(lambda _: [plan(x) for x in inputs], range(20)):
            assert_near(found, right)


def test_threads_run_one_plan_at_once() -> None:
    def call(x: Any) -> Any:
        return ag.sort(ag.tanh(x @ x.mT), axis=1) @ x  # with a call of Python in between

    plan = NativePlan(ag.trace(call, ag.zeros(8, 8)))
    inputs = [ag.Tensor(draw(8, 8, seed=s)) for s in range(8)]
    right = [call(x) for x in inputs]
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: [plan(x) for x in inputs], range(24)):
            assert_near(found, right)


def test_a_plan_may_run_inside_itself() -> None:
    """A function that a plan calls may call the plan."""
    depth = []

    def again(x: Any) -> Any:
        depth.append(1)
        return plan(ag.Tensor(x * 0.5)).numpy() if len(depth) < 4 else x

    program = ag.trace(lambda x: ag.sort(x * 2, axis=0) + 1, ag.zeros(3))
    plan = NativePlan(program)
    plan(ag.zeros(3))  # makes the schedule
    executor = plan.executor
    assert executor is not None
    (step,) = [s for s in executor.tape.steps if isinstance(s, Call)]
    first = step.kernel.instructions[0]
    old, first.function = first.function, lambda x: (again(x),)
    executor._free.clear()
    x = np.array([3.0, 1.0, 2.0], np.float32)
    found = plan(ag.Tensor(x)).numpy()
    first.function = old
    assert len(depth) == 4
    assert_near(found, x * 2 + 1 + 1 + 1 + 1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_child_process_goes_on_with_a_plan() -> None:
    step = matrix_step()
    plan = NativePlan(ag.trace(step.call, ag.Tensor(draw(4, 6))))
    x = ag.Tensor(draw(4, 6))
    plan(x), plan(x)
    value = float(plan.program(x).numpy())  # what a run would give now, and takes the step
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.write(write, repr(float(plan(x).numpy()) < value).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 100) == b"True"
    assert float(plan(x).numpy()) < value


def test_runs_hold_no_memory() -> None:
    step = matrix_step()
    plan = NativePlan(ag.trace(step.call, ag.Tensor(draw(4, 6))))
    batches = [ag.Tensor(draw(4, 6, seed=s)) for s in range(5)]
    held = []
    for _ in range(3):
        for batch in batches * 40:
            plan(batch)
        gc.collect()
        tracemalloc.start()
        for batch in batches * 40:
            plan(batch)
        gc.collect()
        held.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
    assert held[2] < 6_000  # 200 runs


def test_an_error_in_a_run_leaves_the_plan_as_it_was() -> None:
    plan = NativePlan(ag.trace(lambda x: ag.linalg.inv(x * 1) + 1, ag.eye(2)))
    right = plan(ag.eye(2) * 2)
    with pytest.raises(np.linalg.LinAlgError):
        plan(ag.zeros(2, 2))
    assert_same(plan(ag.eye(2) * 2), right)


def test_what_calls_give_stays_as_it_lies() -> None:
    """A convolution gives channels first in memory; from the second run on nothing is turned."""
    model = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1))
    x = ag.Tensor(draw(8, 3, 16, 16))
    plan = NativePlan(ag.trace(model, x))
    for _ in range(3):
        assert_near(plan(x), model(x))
    executor = plan.executor
    assert executor is not None
    assert not executor.found()


# ---- looking at it -------------------------------------------------------------------------------


def test_a_timed_run_is_a_run_and_tells_what_each_kernel_took() -> None:
    eager, traced = matrix_step(), matrix_step()
    plan = NativePlan(ag.trace(traced.call, ag.Tensor(draw(4, 6))))
    for seed in range(3):
        x = ag.Tensor(draw(4, 6, seed=seed))
        found, times = plan.timed(x)
        assert_near(found, eager.call(x))
        assert plan.executor is not None
        assert len(times) == len(plan.executor.schedule.kernels)
        assert min(times) >= 0
        assert max(times) > 0


# ---- what others hold, and how much memory there is ----------------------------------------------

HOLDING: dict[str, Any] = {
    "an array": lambda w: w.numpy(),
    "its data": lambda w: w.data,
    "a detached Tensor": lambda w: w.detach(),
    "a row": lambda w: w.detach()[1],
    "a turned view": lambda w: w.T,
    "its gradient": lambda w: w.grad,
    "the numbers of its gradient": lambda w: w.grad.numpy(),
    "a row of its gradient": lambda w: w.grad[0],
}


@pytest.mark.parametrize("way", [Plan, NumpyPlan, NativePlan])
@pytest.mark.parametrize("name", HOLDING)
def test_a_step_changes_nothing_that_others_hold(name: str, way: Any) -> None:
    """Parameters and gradients are written where they lie only if nobody else has the memory."""
    eager, traced = matrix_step(), matrix_step()
    plan = way(ag.trace(traced.call, ag.Tensor(draw(4, 6))))
    for seed in range(4):
        x = ag.Tensor(draw(4, 6, seed=seed))
        assert_near(plan(x), eager.call(x))
        held = HOLDING[name](traced.holders[0])
        before = np.array(getattr(held, "_value", held))
        assert_near(plan(x), eager.call(x))
        assert_same(np.asarray(getattr(held, "_value", held)), before)
        assert_near(state_of(traced.holders), state_of(eager.holders))


def test_gradients_come_where_the_last_ones_were(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless they are small, and copied out of a frame faster."""
    monkeypatch.setattr(results, "SMALL", 0)
    step = matrix_step()
    plan = NativePlan(ag.trace(step.call, ag.Tensor(draw(4, 6))))
    w, places = step.holders[0], set()
    for seed in range(5):
        plan(ag.Tensor(draw(4, 6, seed=seed)))
        places.add(w.grad._value.__array_interface__["data"][0])
        if seed == 1:
            places.clear()
    assert len(places) == 1


@pytest.mark.parametrize("activation", [nn.ReLU, nn.Tanh])
def test_a_step_takes_no_more_memory_than_the_call(activation: Any) -> None:
    """The plan's arena counts, the gradients that it writes over do not: those of a call are new.

    Layers give arrays of their own, which must go in time.
    """
    peaks = []
    for way in (lambda step, *_: step, lambda step, *batch: NativePlan(ag.trace(step, *batch))):
        layers = [f() for _ in range(12) for f in (partial(nn.Linear, 128, 128), activation)]
        model = nn.Sequential(*layers)
        made = trained(model, optim.SGD(model.parameters(), lr=0.01), cross_entropy)
        batch = (ag.Tensor(draw(256, 128)), ag.Tensor(np.arange(256) % 128))
        run = way(made.call, *batch)
        run(*batch), run(*batch), run(*batch)
        gc.collect()
        tracemalloc.start()
        run(*batch)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        if isinstance(run, NativePlan):
            assert run.executor is not None
            peak += run.executor.schedule.arena_bytes
        peaks.append(peak)
    assert peaks[1] <= peaks[0]
