"""The first call of a large step: what waits to be compared lies elsewhere, and is compared."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd.compiler.face import backend, compare, planned
from autograd.engine.row import COMPUTED
from autograd.errors import AutogradError, CompileMismatchError
from autograd.program.plan import Plan
from autograd.system import aside
from optim.base.update import Update
from tests.optim_table import ROWS, Row, run, start, tensors

F = nn.functional
Step = Callable[[], Any]
MIB = 1 << 20


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all steps be large ones."""
    monkeypatch.setattr(planned, "LARGE", 1)
    monkeypatch.setattr(planned._traced, "__defaults__", (1,))
    monkeypatch.setattr(aside, "LEAST", 1)


# ---- what is put aside ---------------------------------------------------------------------------

ARRAYS: dict[str, Callable[[], np.ndarray[Any, Any]]] = {
    "rows": lambda: np.arange(12.0).reshape(3, 4),
    "columns": lambda: np.arange(12.0, dtype="float32").reshape(3, 4).T,
    "channels last": lambda: np.arange(24).reshape(1, 2, 3, 4).transpose(0, 3, 1, 2),
    "an axis of 1": lambda: np.arange(3.0)[:, None, None],
    "complex": lambda: np.arange(3) + 1j,
    "half": lambda: np.arange(7, dtype="float16"),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_what_was_put_aside_comes_back_as_it_was_and_as_it_lay(large: None, name: str) -> None:
    array, room = ARRAYS[name](), aside.Aside()
    waiting = [room.put(array), room.put(array * 2)]
    for factor, each in zip((1, 2), waiting, strict=True):
        assert type(each) is aside.Waiting
        found = aside.back(each)
        np.testing.assert_array_equal(found, array * factor)
        assert found.dtype == array.dtype
        assert found.flags.owndata
    assert aside.back(waiting[0]).strides == array.strides
    assert waiting[0].lies_like(array)
    array[...] = 0
    waiting[0].fill(array)
    np.testing.assert_array_equal(array, ARRAYS[name]())


@pytest.mark.parametrize("value", [
    None, 3.0, np.float32(2), np.arange(8.0)[::2], np.broadcast_to(1.0, (3,)),
    np.array([None]), np.empty(0),
])  # fmt: skip
def test_what_has_gaps_or_no_numbers_stays(large: None, value: Any) -> None:
    assert aside.Aside().put(value) is value


def test_without_room_arrays_stay(large: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    array = np.arange(3.0)
    assert aside.Aside().put(array) is array


# ---- what a first call takes ---------------------------------------------------------------------


def deep(kind: Any = optim.SGD, **options: Any) -> tuple[nn.Module, Any, Step]:
    layers = [layer for k in range(6) for layer in (nn.Linear(256, 256, rng=k), nn.Tanh())]
    model = nn.Sequential(*layers)
    optimizer = kind(model.parameters(), lr=0.01, **options)
    x = ag.Tensor(np.random.default_rng(0).standard_normal((64, 256)).astype("float32"))

    def step() -> Any:
        optimizer.zero_grad()
        loss = model(x).mean()
        loss.backward()
        optimizer.step()
        return loss

    return model, optimizer, step


def most(step: Step) -> int:
    tracemalloc.start()
    try:
        step()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_first_call_takes_hardly_more_than_an_eager_step(
    large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weights and gradients, and no second set of either; the rest is Python's own."""
    monkeypatch.setattr(aside, "LEAST", 1 << 16)
    eager, step = deep()[-1], deep()[-1]
    compiled = ag.compile(step)
    ag.compile(deep()[-1])()  # what all plans need is there
    assert most(compiled) < most(eager) + 2 * MIB


# ---- and it compares and leaves what it did ------------------------------------------------------


def same(model: nn.Module, twin: nn.Module) -> None:
    for p, q in zip(model.parameters(), twin.parameters(), strict=True):
        np.testing.assert_allclose(p._value, q._value, rtol=1e-5, atol=1e-6)
        assert p.grad is not None
        assert q.grad is not None
        np.testing.assert_allclose(p.grad._value, q.grad._value, rtol=1e-4, atol=1e-5)


OPTIMIZERS: dict[str, tuple[Any, dict[str, Any]]] = {
    "SGD": (optim.SGD, {}),
    "momentum": (optim.SGD, {"momentum": 0.9}),
    "Adam": (optim.Adam, {}),
    "AMSGrad": (optim.Adam, {"amsgrad": True}),
    "Muon": (optim.Muon, {}),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_steps_are_those_of_eager_ones(large: None, name: str) -> None:
    kind, options = OPTIMIZERS[name]

    def made() -> tuple[nn.Module, Step]:
        model = nn.Sequential(nn.Linear(5, 7, bias=False, rng=0), nn.Tanh(),
                              nn.Linear(7, 3, bias=False, rng=1))  # fmt: skip
        optimizer = kind(model.parameters(), lr=0.01, **options)
        x = ag.Tensor(np.random.default_rng(0).standard_normal((4, 5)).astype("float32"))

        def step() -> Any:
            optimizer.zero_grad()
            loss = (model(x) ** 2).sum()
            loss.backward()
            optimizer.step()
            return loss

        return model, step

    (model, eager), (twin, step) = made(), made()
    compiled = ag.compile(step, check="always")
    for _ in range(3):
        np.testing.assert_allclose(compiled().item(), eager().item(), rtol=1e-5)
        same(model, twin)


class Broken(Plan):
    """A plan in which a gradient is a little wrong."""

    name, factor, more = "tanh", 1.01, 0.0

    def _steps(self) -> list[Any]:
        return [step._replace(run=self._spoiled(step)) for step in super()._steps()]

    def _spoiled(self, step: Any) -> Any:
        is_rule = step.node.op.name == "pull" and step.node.params[0].name == self.name
        return (lambda *g: step.run(*g) * self.factor + self.more) if is_rule else step.run


class Rounded(Broken):
    """One in which gradients are rounded otherwise."""

    name, factor, more = "linear", 1 + 1e-6, np.float32(1e-8)


def test_a_mistake_is_found_and_the_state_is_that_of_the_eager_call(
    large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(backend.KINDS, "broken", Broken)
    monkeypatch.setattr(backend, "kind", lambda: "broken")
    (model, _, eager), (twin, _, step) = deep(), deep()
    eager()
    with pytest.raises(CompileMismatchError, match="the rule of tanh"):
        ag.compile(step)()
    same(model, twin)


@pytest.mark.parametrize("kind", [optim.Adam, optim.RMSprop, optim.Adagrad, optim.Rprop])
def test_a_step_along_a_gradient_of_nearly_0_is_looked_at_by_itself(
    kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tiny gradient makes a whole step: what rounding does to it needs no other run."""
    monkeypatch.setitem(backend.KINDS, "rounded", Rounded)
    monkeypatch.setattr(backend, "kind", lambda: "rounded")
    monkeypatch.setattr(compare, "Whole", None)
    model = nn.Linear(4, 3, bias=False, rng=0)
    optimizer = kind(model.parameters(), lr=0.1)
    x = np.random.default_rng(0).standard_normal((5, 4)).astype("float32")
    x[:, 1] = 0  # the gradient of a column is 0

    def step() -> Any:
        optimizer.zero_grad()
        loss = (model(ag.Tensor(x)) ** 2).sum()
        loss.backward()
        optimizer.step()
        return loss

    compiled = ag.compile(step, check="always")
    for _ in range(3):
        compiled()
    monkeypatch.setattr(Rounded, "factor", 1.01)
    with pytest.raises(TypeError):  # now it is needed
        compiled()


def test_a_call_that_fails_leaves_what_it_found(large: None) -> None:
    model = nn.Linear(3, 2, rng=0)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    x = ag.Tensor(np.ones((2, 3), "float32"))
    kept = [p.numpy().copy() for p in model.parameters()]

    def step(labels: Any) -> Any:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), labels)
        loss.backward()
        optimizer.step()
        return loss

    with pytest.raises(AutogradError, match="7"):
        ag.compile(step)(ag.Tensor([0, 7]))
    for p, value in zip(model.parameters(), kept, strict=True):
        np.testing.assert_array_equal(p._value, value)


# ---- a trace without the numbers of its last step ------------------------------------------------


def reads_after(what: str) -> tuple[nn.Module, Step]:
    model, _, step = deep()
    average = nn.Linear(256, 256, rng=9)

    def longer() -> Any:
        loss = step()
        if what == "a second step":
            return loss, step()
        if what == "another loss":
            return loss, model(ag.ones((1, 256))).mean()
        if what == "an average":
            with ag.no_grad():
                for p, q in zip(average.parameters(), model.parameters(), strict=False):
                    p[...] = 0.9 * p + 0.1 * q
            return loss, average.weight.sum()
        if what == "a norm":
            return loss, sum((p * p).sum() for p in model.parameters())
        return loss, next(model.parameters()).detach()

    return model, longer


@pytest.mark.parametrize(
    "what", ["a second step", "another loss", "an average", "a norm", "a weight"]
)
def test_what_a_step_leaves_may_be_read_in_the_same_call(large: None, what: str) -> None:
    (model, eager), (twin, step) = reads_after(what), reads_after(what)
    compiled = ag.compile(step)
    for _ in range(2):
        for a, b in zip(compiled(), eager(), strict=True):
            np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-4, atol=1e-5)
    same(model, twin)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_step_says_what_it_will_leave(row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all optimizers: the names, kinds and shapes of what a traced step leaves."""
    found: list[tuple[Any, Any]] = []
    real = Update.__call__

    def both(self: Update, *numbers: Any) -> Any:
        found.append((self.unmade(*numbers), real(self, *numbers)))
        return found[-1][1]

    monkeypatch.setattr(Update, "__call__", both)
    params = tensors(start(row.shapes))
    optimizer = row.make(params)
    for number in range(2):
        program = ag.trace(lambda number=number: run(optimizer, params, [number]))
        run(optimizer, params, [number])
        nodes = [node for node in program.nodes if node.op is COMPUTED]
        names = [each for node in nodes for each in node.params[0].names]
        assert names == [tuple(optimizer.state[p]) for p in params]
    assert len(found) == 4
    for left_out, made in found:
        if left_out is None:
            assert not optimizer._is_plain
            continue
        for a, b in zip(left_out, made, strict=True):
            assert np.shape(a) == np.shape(b)
            assert getattr(a, "dtype", type(a)) == getattr(b, "dtype", type(b))
