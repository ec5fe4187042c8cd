"""A compiled step takes no more memory than an eager one, and first calls let go of what they took.

Arrays are counted as NumPy asks for them, with what a plan holds between calls.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd.compiler.face.backend import KINDS
from autograd.compiler.planning.arena import Life
from autograd.compiler.planning.lending import LEAST, Room, lent
from autograd.graph.capture import Known
from autograd.graph.cells import Gradient

F = nn.functional
Step = Callable[[], Any]
MIB = 1 << 20
DEPTH = 5


def normal(*shape: int) -> ag.Tensor:
    return ag.Tensor(np.random.default_rng(0).standard_normal(shape).astype(np.float32))


def training(model: nn.Module, optimizer: Any, loss_of: Step) -> Step:
    def step() -> Any:
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        optimizer.step()
        return loss

    return step


def deep(kind: Any, **options: Any) -> Step:
    layers = [layer for _ in range(DEPTH) for layer in (nn.Linear(256, 256, rng=0), nn.Tanh())]
    model, x = nn.Sequential(*layers), normal(256, 256)
    return training(model, kind(model.parameters(), lr=0.01, **options), lambda: model(x).sum())


def with_dropout() -> Step:
    model = nn.Sequential(
        nn.Linear(128, 512, rng=0), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(512, 512, rng=0), nn.ReLU(), nn.Linear(512, 10, rng=0),
    )  # fmt: skip
    x, labels = normal(128, 128), ag.Tensor(np.arange(128) % 10)
    optimizer = optim.SGD(model.parameters(), lr=0.01)
    return training(model, optimizer, lambda: F.cross_entropy(model(x), labels))


def convolutional() -> Step:
    model = nn.Sequential(
        *(layer for width in (3, 16, 16) for layer in (
            nn.Conv2d(width, 16, 3, padding=1, rng=0), nn.BatchNorm2d(16), nn.ReLU())),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(16 * 64, 10, rng=0),
    )  # fmt: skip
    x, labels = normal(64, 3, 16, 16), ag.Tensor(np.arange(64) % 10)
    optimizer = optim.SGD(model.parameters(), lr=0.01)
    return training(model, optimizer, lambda: F.cross_entropy(model(x), labels))


def residual() -> Step:
    layers = nn.ModuleList([nn.Linear(256, 256, rng=0) for _ in range(4)])
    x = normal(256, 256)

    def loss() -> Any:
        y = x
        for layer in layers:
            y = y + F.relu(layer(y))
        return y.mean()

    return training(layers, optim.SGD(layers.parameters(), lr=0.01), loss)


def cells() -> Step:
    """A cell that Python calls in a loop: its gradients are sums of many products."""
    cell, rows = nn.LSTMCell(32, 64, rng=0), [normal(32, 32) for _ in range(30)]

    def loss() -> Any:
        state = None
        for row in rows:
            state = cell(row, state)
        assert state is not None
        return (state[0] ** 2).mean()

    return training(cell, optim.SGD(cell.parameters(), lr=0.01), loss)


def recurrent() -> Step:
    model, x = nn.LSTM(32, 64, rng=0), normal(30, 32, 32)
    return training(
        model, optim.SGD(model.parameters(), lr=0.01), lambda: (model(x)[0] ** 2).mean()
    )


def elementwise() -> Step:
    x = normal(1 << 19).requires_grad_()

    def step() -> None:
        x.grad = None
        (ag.tanh(x * 2 + 1) * ag.sigmoid(x) + ag.exp(-x * x)).mean().backward()

    return step


def inference() -> Step:
    layers = [layer for _ in range(6) for layer in (nn.Linear(256, 256, rng=0), nn.ReLU())]
    model, x = nn.Sequential(*layers), normal(1024, 256)

    def step() -> Any:
        with ag.no_grad():
            return model(x)

    return step


MODELS: dict[str, Callable[[], Step]] = {
    "SGD": lambda: deep(optim.SGD),
    "momentum": lambda: deep(optim.SGD, momentum=0.9),
    "Adam": lambda: deep(optim.Adam),
    "dropout": with_dropout,
    "convolution": convolutional,
    "residual": residual,
    "cells": cells,
    "recurrent": recurrent,
    "elementwise": elementwise,
    "inference": inference,
}


def taken(make: Callable[[], Step], compiled: bool) -> int:
    """The most bytes that a later step takes, with what is held for it; gradients are new."""
    made = make()
    step: Any = ag.compile(made) if compiled else made
    for _ in range(3):
        step()
    held = 0
    if compiled:
        executors = [run.executor for _, run in step._last.runs()]
        held = sum(frame.memory.nbytes for e in executors for frame in e._free)
        for x in [node.params[0].tensor for node in step.program.writes if is_gradient(node)]:
            x.grad = None
    gc.collect()
    tracemalloc.start()
    try:
        step()
        return held + tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def is_gradient(node: Any) -> bool:
    return isinstance(node.params[0], Gradient)


@pytest.mark.parametrize("name", MODELS)
def test_a_compiled_step_takes_no_more_than_the_eager_one(name: str) -> None:
    pytest.importorskip("llvmlite")
    eager, compiled = (taken(MODELS[name], is_compiled) for is_compiled in (False, True))
    slack = MIB // 16  # of Python's objects, which are no arrays
    assert compiled <= eager + slack, (compiled / MIB, eager / MIB)


# ---- gradients lend their memory -----------------------------------------------------------------


def schedule_of(make: Callable[[], Step], kind: str = "native") -> Any:
    step = make()
    program = ag.trace(step)
    run = KINDS[kind](program)
    run()
    return run.executor.schedule if kind == "native" else run.ways[-1].schedule


def test_activations_lie_where_gradients_will() -> None:
    schedule = schedule_of(lambda: deep(optim.SGD))
    is_lent = [b for b in schedule.buffers if b.place == "lent"]
    activations = DEPTH * 4 * 256 * 256
    assert sum(b.nbytes for b in is_lent) >= activations - 4 * 256 * 256
    assert schedule.arena_bytes < activations / 2


@pytest.mark.parametrize("kind", ["native", "numpy"])
def test_nothing_is_lent_any_more_once_it_is_written(kind: str) -> None:
    if kind == "native":
        pytest.importorskip("llvmlite")
    schedule = schedule_of(lambda: deep(optim.Adam), kind)
    turns = {b.number: k for k, kernel in enumerate(schedule.kernels) for b in kernel.writes}
    for turn, kernel in enumerate(schedule.kernels):
        for buffer in (*kernel.reads, *kernel.writes):
            while getattr(buffer, "base", None) is not None:
                host = schedule.buffers[buffer.base]
                if buffer.place == "lent" and host.place == "result":
                    assert turn < turns[host.number]
                buffer = host


def test_numbers_are_those_of_memory_that_nobody_lends(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for least in (LEAST, 1 << 62):
        monkeypatch.setattr("autograd.compiler.planning.lending.LEAST", least)
        monkeypatch.setattr("autograd.compiler.planning.memory.LEAST", least)
        step = ag.compile(deep(optim.Adam))
        found.append([step().item() for _ in range(4)])
    assert found[0] == found[1]


def test_a_gradient_that_somebody_keeps_is_not_written_over() -> None:
    layers = [layer for _ in range(4) for layer in (nn.Linear(256, 256, rng=0), nn.Tanh())]
    model, x = nn.Sequential(*layers), normal(128, 256)
    optimizer = optim.SGD(model.parameters(), lr=0.01)
    step = ag.compile(training(model, optimizer, lambda: model(x).sum()))
    for _ in range(2):
        step()
    kept = [p.grad for p in model.parameters()]
    copies = [np.array(g._value) for g in kept if g is not None]
    step()
    for g, copy in zip(kept, copies, strict=True):
        assert g is not None
        np.testing.assert_array_equal(g._value, copy)


def test_a_gradient_that_numpy_gives_lends_its_memory_too() -> None:
    def make() -> Step:
        layers = [nn.Linear(256, 256, rng=0), nn.Tanh(), nn.Linear(256, 256, rng=0)]
        model, x = nn.Sequential(*layers), normal(256, 256)
        return training(model, optim.SGD(model.parameters(), lr=0.01), lambda: model(x).mean())

    schedule = schedule_of(make)  # the last weight's gradient is a product with a constant
    maker = {b.number: kernel for kernel in schedule.kernels for b in kernel.writes}
    hosts = {b.base for b in schedule.buffers if b.place == "lent"}
    assert any(r.place == "constant" for host in hosts if host in maker for r in maker[host].reads)
    eager, compiled = make(), ag.compile(make(), check="always")
    for _ in range(3):
        np.testing.assert_allclose(compiled().item(), eager().item(), rtol=1e-5)


def test_lives_share_no_bytes_at_the_same_time() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        begins = rng.integers(0, 30, 40)
        lives = [Life(int(rng.integers(1, 9)) * LEAST // 2, int(b), int(b + rng.integers(0, 9)))
                 for b in begins]  # fmt: skip
        rooms = [Room(int(rng.integers(1, 9)) * LEAST, int(rng.integers(0, 40))) for _ in range(9)]
        found = lent(lives, rooms)
        assert any(place is not None for place in found)
        for k, (life, place) in enumerate(zip(lives, found, strict=True)):
            if place is None:
                continue
            room, offset = place
            assert offset >= 0
            assert offset + life.size <= rooms[room].size
            assert life.end < rooms[room].until
            for other, there in zip(lives[:k], found[:k], strict=True):
                if there is None or there[0] != room:
                    continue
                if other.begin <= life.end and life.begin <= other.end:
                    assert there[1] + other.size <= offset or offset + life.size <= there[1]


# ---- what a first call takes ---------------------------------------------------------------------


def test_a_trace_lets_go_of_large_values() -> None:
    x = normal(1 << 19)

    def chain(x: Any) -> Any:
        for _ in range(30):
            x = ag.tanh(x)
        return x

    tracemalloc.start()
    try:
        ag.trace(chain, x)
        assert tracemalloc.get_traced_memory()[1] < 6 * 4 * (1 << 19)
    finally:
        tracemalloc.stop()


def test_a_value_is_known_as_long_as_it_lives() -> None:
    known, node = Known(), ag.Tensor([1.0], requires_grad=True)._node
    assert node is not None
    for size in (1, 1 << 16):
        value = np.zeros(size, np.float32)
        key = id(value)
        known.note(value, node)
        assert known[key][0] is node
        del value
        assert (key in known) == (size == 1)


def test_a_first_call_holds_what_is_written_twice_and_leaves_no_garbage() -> None:
    make = MODELS["SGD"]
    step = ag.compile(make())
    weights = DEPTH * 4 * 256 * 257
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        step()
        gc.enable()
        most = tracemalloc.get_traced_memory()[1]
        before = tracemalloc.get_traced_memory()[0]
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] > before - weights // 10
    finally:
        gc.enable()
        tracemalloc.stop()
    # new weights and gradients of both ways, the arena, and Python's own
    assert most < 4 * weights + 4 * MIB
