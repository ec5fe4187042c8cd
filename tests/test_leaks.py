"""Graphs that are kept for nothing are told once, with line and remedy; what has a use is not."""

from __future__ import annotations

import gc
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd.errors import GraphKeptWarning
from autograd.sweep import leaks

STEPS = 70
MODEL = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
OPTIMIZER = optim.SGD(MODEL.parameters(), lr=0.01)
X = ag.Tensor(np.random.default_rng(0).normal(size=(5, 3)), dtype="float32")


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    leaks._told.clear()
    leaks._alive.clear()
    leaks._skipped = leaks._to_skip = 0
    yield
    leaks._alive.clear()


def measured() -> Any:
    return ((MODEL(X) - 1.0) ** 2).mean()


def step() -> Any:
    OPTIMIZER.zero_grad()
    loss = measured()
    loss.backward()
    OPTIMIZER.step()
    return loss


def told(f: Callable[[], Any]) -> list[warnings.WarningMessage]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        f()
    return [w for w in caught if issubclass(w.category, GraphKeptWarning)]


def running_sum() -> None:
    running_loss = 0.0
    for _ in range(STEPS):
        loss = step()
        running_loss += loss  # HERE


def sum_anew() -> None:
    total: Any = 0.0
    for _ in range(STEPS):
        loss = step()
        total = total + loss * 5  # HERE


def sum_the_other_way() -> None:
    total: Any = 0.0
    for _ in range(STEPS):
        loss = step()
        total = loss + total  # HERE


def collected() -> None:
    losses = []
    for _ in range(STEPS):
        losses.append(step())  # HERE


def by_key() -> None:
    logs: dict[str, list[Any]] = {"accuracy": [], "loss": []}
    for _ in range(STEPS):
        logs["loss"].append(step())  # HERE


def out_of_sight() -> None:
    logs: list[tuple[int, Any]] = []
    for i in range(STEPS):
        logs.append((i, step()))  # in tuples in a list: told where backward was called


def after_another() -> None:
    few, losses = [], []
    for _ in range(3 * leaks.EVERY):
        few.append(step())  # too few of them to be told
    for _ in range(STEPS):
        losses.append(step())  # HERE
    del few[:]


class Trainer:
    def __init__(self) -> None:
        self.outputs: list[Any] = []

    def step(self) -> None:
        OPTIMIZER.zero_grad()
        predicted = MODEL(X)
        (predicted**2).mean().backward()
        OPTIMIZER.step()
        self.outputs.append(predicted)  # HERE


def kept_by_an_object() -> None:
    trainer = Trainer()
    for _ in range(STEPS):
        trainer.step()


def by_grad() -> None:
    total = 0.0
    for _ in range(STEPS):
        loss = measured()
        ag.grad(loss, list(MODEL.parameters()))
        total += loss  # HERE


def not_differentiated() -> None:
    validation = 0.0
    for _ in range(200):
        validation += measured()  # HERE


def into_a_tensor() -> None:
    validation = ag.zeros(())
    for _ in range(200):
        validation += measured()  # HERE


LEAKS = {
    "running sum": (running_sum, "running_loss += loss.item()"),
    "sum anew": (sum_anew, "total += loss.item()"),
    "sum the other way": (sum_the_other_way, "total += loss.item()"),
    "collected": (collected, "losses.append(loss.item())"),
    "by key": (by_key, "logs['loss'].append(loss.item())"),
    "after another": (after_another, "losses.append(loss.item())"),
    "kept by an object": (kept_by_an_object, "self.outputs.append(loss.item())"),
    "by grad": (by_grad, "total += loss.item()"),
    "not differentiated": (not_differentiated, "+= loss.item(), or compute it inside of `with"),
    "into a Tensor": (into_a_tensor, "+= loss.item(), or compute it inside of `with"),
}


@pytest.mark.parametrize("name", LEAKS)
def test_a_leak_is_told_once_with_its_line_and_the_remedy(name: str) -> None:
    f, remedy = LEAKS[name]
    (warning,) = told(f)
    assert remedy in str(warning.message)
    assert Path(warning.filename) == Path(__file__)
    assert "# HERE" in Path(__file__).read_text().splitlines()[warning.lineno - 1]
    assert not told(f)


KEPT: list[Any] = []


def test_a_leak_into_a_global_name_is_told_where_it_is_added_to() -> None:
    def into_kept() -> None:
        for _ in range(STEPS):
            KEPT.append(step())  # KEPT is seen from step() as well

    try:
        (warning,) = told(into_kept)
    finally:
        KEPT.clear()
    assert "KEPT.append(step())" in Path(__file__).read_text().splitlines()[warning.lineno - 1]


def test_what_a_loop_before_has_kept_is_not_told_of_the_next() -> None:
    def into_kept() -> None:
        while not leaks._told or len(leaks._alive) < leaks._SAMPLES:  # all of which KEPT holds
            (loss := measured()).backward()
            KEPT.append(loss)

    def into_another() -> None:
        losses = []
        for _ in range(STEPS):
            (loss := measured()).backward()
            losses.append(loss)

    try:
        (first,), (second,) = told(into_kept), told(into_another)
    finally:
        KEPT.clear()
    assert "backward has passed: KEPT, which" in str(first.message)
    assert "backward has passed: losses, which" in str(second.message)


def test_what_keeps_graphs_out_of_sight_is_told_at_backward() -> None:
    (warning,) = told(out_of_sight)
    assert "loss.item() where it is kept" in str(warning.message)


def gradient_accumulation() -> None:
    for _ in range(10):
        for _ in range(8):
            (measured() / 8).backward()
        OPTIMIZER.step()


def summed_then_differentiated() -> None:
    total = 0.0
    for _ in range(300):
        total += measured()
    total.backward()


def many_epochs_of_sums() -> None:
    for _ in range(STEPS):
        total = 0.0
        for _ in range(3):
            total += measured()
        total.backward()


def recurrent() -> None:
    cell = nn.RNNCell(3, 3)
    h, total = ag.zeros((5, 3)), 0.0
    for _ in range(200):
        h = cell(X, h)
        total += (h**2).mean()
    total.backward()


def truncated() -> None:
    cell = nn.RNNCell(3, 3)
    h = ag.zeros((5, 3))
    for _ in range(STEPS):
        h = cell(X, h.detach())
        (h**2).mean().backward()


def state_that_nobody_differentiates() -> None:
    cell = nn.RNNCell(3, 3)
    h = cell(X)
    for _ in range(200):
        h += 0.1 * cell(X, h)


def numbers() -> None:
    total, losses = 0.0, []
    for _ in range(STEPS):
        loss = step()
        total += loss.item()
        losses.append(loss.detach())


def without_graph() -> None:
    total = 0.0
    with ag.no_grad():
        for _ in range(200):
            total += measured()


def recorded_first() -> None:
    for loss in [measured() for _ in range(STEPS)]:
        loss.backward()


def retained() -> None:
    losses = []
    for _ in range(STEPS):
        losses.append(measured())
        losses[-1].backward(retain_graph=True)


def short_window() -> None:
    kept: list[Any] = []
    for _ in range(STEPS):
        kept = [*kept[-5:], step()]


def formula() -> None:
    x, total = ag.ones(200, requires_grad=True), 0.0
    for i in range(200):
        total += x[i] ** 2


def traced() -> None:
    x = ag.ones(3, requires_grad=True)

    def steps(x: Any) -> Any:
        for _ in range(5 * leaks.EVERY):
            (g,) = ag.grad((x * x).sum(), x)
            x = x - 0.1 * g
        return x

    ag.trace(steps, x)


def cycles_that_nobody_has_collected() -> None:
    gc.disable()
    try:
        for _ in range(STEPS):
            holder: dict[str, Any] = {"loss": step()}
            holder["itself"] = holder
    finally:
        gc.enable()


def the_last_losses() -> None:
    recent: deque[Any] = deque(maxlen=40)
    for _ in range(STEPS):
        recent.append(step())


def the_last_losses_of_a_meter() -> None:
    meter = Meter()
    for _ in range(STEPS):
        meter.recent.append(step())


class Meter:
    """What shows the mean of the last losses, or keeps all."""

    def __init__(self) -> None:
        self.recent: deque[Any] = deque(maxlen=40)
        self.losses: list[Any] = []


def test_a_leak_into_an_object_is_named() -> None:
    meter = Meter()

    def kept() -> None:
        for _ in range(STEPS):
            meter.losses.append(step())

    (warning,) = told(kept)
    assert "meter.losses.append(loss.item())" in str(warning.message)


def test_cycles_do_not_hide_a_leak_that_comes_later() -> None:
    """Looks become rare where they find nothing, and go on."""

    def later() -> None:
        for _ in range(12):
            leaks._alive.clear()
            cycles_that_nobody_has_collected()
        losses = []
        while not leaks._told and len(losses) < 100 * STEPS:
            (loss := measured()).backward()
            losses.append(loss)

    (warning,) = told(later)
    assert "losses, which" in str(warning.message)


SOUND = [
    the_last_losses, the_last_losses_of_a_meter,
    gradient_accumulation, summed_then_differentiated, many_epochs_of_sums, recurrent, truncated,
    state_that_nobody_differentiates, numbers, without_graph, recorded_first, retained,
    short_window, formula, traced, cycles_that_nobody_has_collected,
]  # fmt: skip


@pytest.mark.parametrize("f", SOUND)
def test_what_has_a_use_is_not_told(f: Callable[[], None]) -> None:
    assert not told(f)


def test_a_long_sum_in_a_call_that_is_traced_is_not_looked_at() -> None:
    def total(w: ag.Tensor) -> ag.Tensor:
        found: Any = 0.0
        for k in range(200):
            found += (w * k).sum()
        return found

    w = ag.Tensor([1.0, 2.0], requires_grad=True)
    for run in (ag.compile(total), ag.compile(ag.functional.grad(total)), ag.vmap(total)):
        assert not told(lambda run=run: run(w))
    assert not told(lambda: ag.trace(total, w))
    ag.compile(total)(w).backward()
    np.testing.assert_array_equal(w.grad, [19900.0, 19900.0])
