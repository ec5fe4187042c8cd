"""A compiled step that stops midway, by the values that it finds, does what the eager one does."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd.compiler.face import backend
from autograd.engine.generators import generator
from autograd.errors import InPlaceError

F = nn.functional
Loss = Callable[[Any, Any, Any], Any]


def rows(x: Any, y: Any) -> Any:
    return (x[:, 0] * 0 + y[0]).astype("int64")


# losses of (x, y, model), which fail for the y beside them; no check of a given value tells before
LOSSES: dict[str, tuple[Loss, float]] = {
    "inv": (lambda x, y, m: ag.linalg.inv(m(x) * y).sum(), 0.0),
    "solve": (lambda x, y, m: ag.linalg.solve(m(x) * y, x).sum(), 0.0),
    "cholesky": (lambda x, y, m: ag.linalg.cholesky(m(x) * 0 + y * ag.eye(3)).sum(), -1.0),
    "an index": (lambda x, y, m: m(x)[rows(x, y)].sum(), 50.0),
    "labels": (lambda x, y, m: F.cross_entropy(m(x), rows(x, y)), 50.0),
    "an embedding": (lambda x, y, m: F.embedding(rows(x, y), m.weight).sum(), 50.0),
    "a probability": (lambda x, y, m: F.binary_cross_entropy(m(x).sigmoid() * y, m(x) * 0), 9.0),
}


class Made:
    """Two models with optimizers and a schedule, the loss of the second after the first's step."""

    def __init__(self, loss: Loss, kind: Any) -> None:
        self.models = [nn.Linear(3, 3, rng=seed) for seed in (0, 1)]
        options = {"momentum": 0.9} if kind is optim.SGD else {}
        params = [[m.weight] if kind is optim.Muon else m.parameters() for m in self.models]
        self.optimizers = [kind(each, lr=0.01, **options) for each in params]
        self.schedule = optim.lr_scheduler.StepLR(self.optimizers[0], 1, 0.5)
        self.loss = loss

    def step(self, x: Any, y: Any) -> Any:
        (a, b), (first, second) = self.models, self.optimizers
        first.zero_grad()
        loss = (a(F.dropout(x, 0.2)) ** 2).mean()
        loss.backward()
        first.step()
        self.schedule.step()
        second.zero_grad(set_to_none=False)
        other = self.loss(a(x).detach(), y, b)
        other.backward()
        second.step()
        return loss, other

    def state(self) -> list[Any]:
        params = [p for m in self.models for p in m.parameters()]
        found: list[Any] = [p.detach().numpy().copy() for p in params]
        found += [None if p.grad is None else p.grad.numpy().copy() for p in params]
        entries = [entry for o in self.optimizers for entry in o.state.values()]
        found += [np.array(getattr(v, "_value", v)) for entry in entries for v in entry.values()]
        groups = [group["lr"] for o in self.optimizers for group in o.param_groups]
        return [*found, *groups, self.schedule.last_epoch]


def outcome(call: Any, *given: Any) -> Any:
    try:
        return [part.item() for part in call(*given)]
    except Exception as error:  # noqa: BLE001 - whatever it is: it is compared
        return type(error), str(error)


def same(mine: Any, right: Any) -> None:
    assert type(mine) is type(right)
    if isinstance(right, np.ndarray):
        np.testing.assert_allclose(mine, right, rtol=1e-3, atol=1e-4)
    elif isinstance(right, float):
        assert mine == pytest.approx(right, rel=1e-3, abs=1e-5)


@pytest.mark.parametrize(("way", "kind", "check"), [
    ("native", optim.SGD, "first"), ("native", optim.Adam, "never"), ("native", optim.Muon, 2),
    ("native", optim.SGD, "always"), ("numpy", optim.Adam, "first"), ("numpy", optim.SGD, "always"),
    ("kernels", optim.SGD, "first"), ("kernels", optim.Muon, "always"),
])  # fmt: skip
@pytest.mark.parametrize("name", LOSSES)
def test_a_second_loss_that_fails_leaves_what_the_eager_call_leaves(
    name: str, way: str, kind: Any, check: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if way == "native":
        pytest.importorskip("llvmlite")
    monkeypatch.setattr(backend, "kind", lambda: way)
    loss, bad = LOSSES[name]
    eager, made = Made(loss, kind), Made(loss, kind)
    compiled = ag.compile(made.step, check=check)
    x = ag.Tensor(np.random.default_rng(1).standard_normal((3, 3)).astype("float32"))
    for seed, value in enumerate((1.0, 1.0, bad, 1.0, bad)):
        y, found = ag.full((3,), value), []
        for call in (eager.step, compiled):
            nn.manual_seed(seed)
            found.append((outcome(call, x, y), generator().bit_generator.state))
        (right, drawn), (mine, drawn_too) = found
        assert str(drawn) == str(drawn_too)
        assert isinstance(right, tuple) == (value == bad)
        if value == bad:
            assert mine == right
        else:
            for a, b in zip(mine, right, strict=True):
                same(a, b)
        for a, b in zip(made.state(), eager.state(), strict=True):
            same(a, b)
    assert len(compiled.plans) == 1


def test_a_checked_call_whose_labels_are_of_another_kind_is_traced_again() -> None:
    models = [nn.Linear(3, 3, rng=0) for _ in range(2)]
    optimizers = [optim.SGD(m.parameters(), lr=0.1) for m in models]

    def step(x: Any, y: Any, at: int) -> Any:
        optimizers[at].zero_grad()
        loss = F.cross_entropy(models[at](x), y)
        loss.backward()
        optimizers[at].step()
        return loss

    compiled, x = ag.compile(step, check="always"), ag.Tensor(np.eye(3, dtype="float32"))
    for labels in ([0, 1, 2], [0, -100, 2], [2, 1, 0], [-100, 0, 0]):
        y = ag.Tensor(labels)
        same(compiled(x, y, 1).item(), step(x, y, 0).item())
        for p, q in zip(models[1].parameters(), models[0].parameters(), strict=True):
            same(p.detach().numpy(), q.detach().numpy())


# ---- views that are copies where arrays lie otherwise --------------------------------------------

RESHAPED: dict[str, Callable[[Any], Any]] = {
    "reshape": lambda x: x.reshape(-1),
    "ravel": lambda x: x.ravel(),
    "a part": lambda x: x.reshape(2, 6)[0],
    "on the way": lambda x: x.T[1:].reshape(-1),
}


@pytest.mark.parametrize("needs_grad", [False, True])
@pytest.mark.parametrize("name", RESHAPED)
def test_a_reshape_that_copies_refuses_to_be_written_to_in_a_plan_too(
    name: str, needs_grad: bool
) -> None:
    is_held = name == "a part"
    held = ag.Tensor(np.ones((3, 4), "float32"))

    def call(x: Any) -> Any:
        y = (held if is_held else x) * 1
        part = RESHAPED[name](y)
        part *= x.sum() if is_held else 2
        return y

    compiled = ag.compile(call)
    array = np.arange(12, dtype="float32").reshape(3, 4)
    for lying in (array, np.asfortranarray(array), array, array.T.copy().T, array):
        held.data = ag.Tensor(lying)
        x = ag.Tensor(lying, requires_grad=needs_grad)
        with suppress(InPlaceError):
            np.testing.assert_array_equal(compiled(x).numpy(), call(x).numpy())
            continue
        with pytest.raises(InPlaceError) as right:
            call(x)
        with pytest.raises(InPlaceError, match=re.escape(str(right.value))):
            compiled(x)
