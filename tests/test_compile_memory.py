"""A compiled step takes no more memory than an eager one, and first calls let go of what they took.

Arrays are counted as NumPy asks for them, with what a plan holds between calls.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd.compiler.face.backend import KINDS
from autograd.compiler.planning.arena import Life, most_at_once
from autograd.compiler.planning.lending import LEAST, Room, lent, widened
from autograd.errors import AutogradError
from autograd.graph.cells import Gradient
from autograd.graph.held import Known

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


def wide(activation: Any = nn.Tanh, kind: Any = optim.SGD) -> Step:
    """Activations that are larger than any one gradient."""
    layers = [layer for _ in range(6) for layer in (nn.Linear(128, 128, rng=0), activation())]
    model, x = nn.Sequential(*layers), normal(512, 128)
    return training(model, kind(model.parameters(), lr=0.01), lambda: model(x).sum())


def block(**options: Any) -> Step:
    """A block of a transformer; what is dropped is drawn for the whole step at its begin."""
    options = {"dropout": 0.0, "batch_first": True, **options}
    model = nn.TransformerEncoderLayer(64, 4, dim_feedforward=256, **options)
    x = normal(8, 64, 64)
    optimizer = optim.SGD(model.parameters(), lr=0.01)
    return training(model, optimizer, lambda: (model(x) ** 2).mean())


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
    "wide": wide,
    "wide, ReLU": lambda: wide(nn.ReLU),
    "wide, Adam": lambda: wide(kind=optim.Adam),
    "block": block,
    "block, GELU": lambda: block(activation="gelu"),
    "block, norm first": lambda: block(norm_first=True),
    "block, norm first, GELU": lambda: block(norm_first=True, activation="gelu"),
    "block, GELU, dropout": lambda: block(norm_first=True, activation="gelu", dropout=0.1),
    "dropout": with_dropout,
    "convolution": convolutional,
    "residual": residual,
    "cells": cells,
    "recurrent": recurrent,
    "elementwise": elementwise,
    "inference": inference,
}


def taken_eagerly(make: Callable[[], Step]) -> int:
    """The most bytes that a later step takes: the least of two steps, as of another thread of the
    process what it makes meanwhile is counted too."""
    step = make()
    step()
    return min(_peak(step, []) for _ in range(2))


def taken(make: Callable[[], Step], enough: int) -> int:
    """The same of a compiled one, with what is held for it; gradients are new.

    The least of three steps, or the first that takes no more than is enough.
    """
    step: Any = ag.compile(make())
    for _ in range(3):
        step()
    executors = [run.executor for _, run in step._last.runs()]
    held = sum(frame.memory.nbytes for e in executors for frame in e._free)
    gradients = [node.params[0].tensor for node in step.program.writes if is_gradient(node)]
    found = [held + _peak(step, gradients)]
    while len(found) < 3 and min(found) > enough:
        found.append(held + _peak(step, gradients))
    return min(found)


def _peak(step: Any, gradients: list[Any]) -> int:
    for x in gradients:
        x.grad = None
    gc.collect()
    tracemalloc.start()
    try:
        step()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def is_gradient(node: Any) -> bool:
    return isinstance(node.params[0], Gradient)


@pytest.mark.parametrize("name", MODELS)
def test_a_compiled_step_takes_no_more_than_the_eager_one(name: str) -> None:
    pytest.importorskip("llvmlite")
    eager = taken_eagerly(MODELS[name])
    slack = MIB // 16  # of Python's objects, which are no arrays
    compiled = taken(MODELS[name], eager + slack)
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


FAILS: dict[str, tuple[Callable[[Any, Any], Any], Any, Any]] = {  # of outputs and what is given
    "labels": (nn.functional.cross_entropy, ag.Tensor(np.arange(256) % 2), ag.Tensor([7] * 256)),
    "a matrix": (
        lambda h, m: (h * ag.linalg.inv(m).sum()).mean(),
        ag.Tensor(np.eye(2, dtype="float32")), ag.Tensor(np.zeros((2, 2), "float32")),
    ),
    "places": (lambda h, at: h[at].mean(), ag.Tensor([1, 2]), ag.Tensor([1, 300])),
}  # fmt: skip


@pytest.mark.parametrize("drops", ["first", "after the loss", "by hand"])
@pytest.mark.parametrize("width", [8, 64, 300])  # gradients are small, have room, lend their own
@pytest.mark.parametrize("name", FAILS)
def test_a_call_that_fails_leaves_the_gradients_that_the_eager_call_leaves(
    name: str, width: int, drops: str
) -> None:
    loss_of, good, bad = FAILS[name]
    x = normal(256, width)

    def make() -> tuple[nn.Module, Callable[[Any], Any]]:
        layers = [layer for _ in range(2) for layer in (nn.Linear(width, width, rng=0), nn.Tanh())]
        model = nn.Sequential(*layers, nn.Linear(width, 2, rng=0))
        optimizer = optim.SGD(model.parameters(), lr=0.01)

        def step(given: Any) -> Any:
            if drops == "first":
                optimizer.zero_grad()
            loss = loss_of(model(x), given)
            if drops == "after the loss":
                optimizer.zero_grad()
            elif drops == "by hand":
                for p in model.parameters():
                    p.grad = None
            loss.backward()
            optimizer.step()
            return loss

        return model, step

    (model, step), (twin, eager) = make(), make()
    compiled = ag.compile(step)
    for given in (good, good, good, bad, good, bad):
        for call in (compiled, eager):
            with pytest.raises(AutogradError) if given is bad else nullcontext():
                call(given)
        for p, q in zip(model.parameters(), twin.parameters(), strict=True):
            assert (p.grad is None) == (q.grad is None)
            if p.grad is not None and q.grad is not None:
                np.testing.assert_allclose(p.grad._value, q.grad._value, rtol=1e-3, atol=1e-6)


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


@pytest.mark.parametrize("kind", ["native", "numpy"])
def test_gradients_in_larger_arrays_are_those_of_eager_steps_and_keep_what_is_theirs(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "native":
        pytest.importorskip("llvmlite")
    monkeypatch.setattr("autograd.compiler.face.backend.kind", lambda: kind)
    layers = [layer for _ in range(4) for layer in (nn.Linear(128, 128, rng=0), nn.Tanh())]
    model, x = nn.Sequential(*layers), normal(512, 128)
    optimizer = optim.SGD(model.parameters(), lr=0.01)
    step = ag.compile(training(model, optimizer, lambda: model(x).mean()), check="always")
    step()
    step.check = "never"
    kept: list[Any] = []
    for _ in range(3):
        step()
        values = [p.grad._value for p in model.parameters() if p.grad is not None]
        assert all(value.base is None and value.flags.owndata for value in values)
        for value, copy in kept:
            np.testing.assert_array_equal(value, copy)
        kept += [(value, value.copy()) for value in values[::2]]
    run = step._last.run  # type: ignore[union-attr]
    planned = run.executor.schedule if kind == "native" else run.ways[-1].schedule
    assert any(b.room > b.nbytes for b in planned.buffers)
    step.check = "always"
    step()


def test_lives_share_no_bytes_at_the_same_time() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        begins = rng.integers(0, 30, 40)
        lives = [Life(int(rng.integers(1, 9)) * LEAST // 2, int(b), int(b + rng.integers(0, 9)))
                 for b in begins]  # fmt: skip
        rooms = [
            Room(int(rng.integers(1, 9)) * LEAST, int(rng.integers(0, 40)), is_wider)
            for is_wider in [False, True] * 5
        ]
        found = lent(lives, rooms)
        assert any(place is not None for place in found)
        before = list(found)
        sizes = widened(lives, rooms, found)
        assert all(place == old for place, old in zip(found, before, strict=True) if old)
        for room, size in zip(rooms, sizes, strict=True):
            assert size == room.size or (size > room.size and room.is_wider)
        rest = [
            [k for k, place in zip(lives, at, strict=True) if not place] for at in (before, found)
        ]
        growth = sum(sizes) - sum(room.size for room in rooms)
        assert growth <= most_at_once(rest[0]) - most_at_once(rest[1])
        for k, (life, place) in enumerate(zip(lives, found, strict=True)):
            if place is None:
                continue
            room, offset = place
            assert offset >= 0
            assert offset + life.size <= sizes[room]
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


@pytest.mark.parametrize("kind", ["native", "numpy"])
def test_a_result_that_is_turned_over_takes_its_memory_once(kind: str) -> None:
    """It is the memory that a loop wrote, seen so, and no other call writes there."""
    x, y = ag.Tensor(draw(64, 300, 1)), ag.Tensor(draw(64, 1, 40))
    run = KINDS[kind](ag.trace(lambda x, y: ((x * y).transpose(0, 2, 1), (x - 1)[0]), x, y))
    first = run(x, y)[0]
    kept = first.numpy().copy()
    second = run(x * 2, y)[0]
    schedule = run.executor.schedule if kind == "native" else run.ways[-1].schedule
    assert schedule.arena_bytes < first.nbytes
    np.testing.assert_array_equal(first, kept)
    np.testing.assert_allclose(second, kept * 2, 1e-6)
    assert not np.shares_memory(first.numpy(), second.numpy())


def draw(*shape: int) -> Any:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)
