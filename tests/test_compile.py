"""ag.compile: plans by signature and surroundings, in the graph of who calls, and what raises."""

from __future__ import annotations

import copy
import functools
import pickle
import threading
import warnings
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd.errors import (
    ArgumentError,
    ArgumentTypeError,
    FreedGraphError,
    MutationError,
    NaNError,
    ShapeError,
    StateError,
    TraceError,
)
from tests.programs import assert_same, draw, state_of

F = nn.functional


def t(*shape: int, seed: int = 0, grad: bool = False, dtype: Any = np.float32) -> Any:
    return ag.Tensor(draw(*shape, seed=seed, dtype=dtype), requires_grad=grad)


def mlp(seed: int = 0) -> Any:
    return nn.Sequential(nn.Linear(3, 4, rng=seed), nn.Dropout(0.5), nn.Linear(4, 2, rng=seed + 1))


# ---- which calls share a plan --------------------------------------------------------------------


def test_each_kind_of_call_has_its_plan() -> None:
    @ag.compile
    def f(x: Any, y: Any = 1.0, *more: Any, key: Any = None) -> Any:
        total = x["a"] * y if isinstance(x, dict) else x * y
        return sum((total, *more)) if key is None else total[key]

    x = t(2, 3)
    calls: list[Any] = [
        (x,), (t(3, 3),), (t(2, 3, dtype=np.float64),), (t(2, 3, grad=True),), (x, 2.0), (x, 2),
        (x, -0.0), (x, 0.0), (x, float("nan")), ({"a": x},), (x, 1.0, x), (x, 1.0, t(2, 3)),
        (np.ones((2, 3)),), (x, np.float32(2.0)),
    ]  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for round in range(2):
            for number, args in enumerate(calls):
                assert_same(f(*args), f.function(*args))
                assert isinstance(f(*args), ag.Tensor)
                assert len(f.plans) == (number + 1 if not round else len(calls))
        for key in (0, slice(0, 1), (0, 1), (slice(None), 2)):
            assert_same(f(x, key=key), f.function(x, key=key))
            assert_same(f(x, key=key), f.function(x, key=key))
    assert len(f.plans) == len(calls) + 4
    with ag.no_grad():
        f(x)
    assert len(f.plans) == len(calls) + 5


def test_many_plans_are_told_once_with_what_changed() -> None:
    f = ag.compile(lambda x, scale: x * scale)
    for number in range(8):
        f(t(3), float(number))
    with pytest.warns(UserWarning, match=r"more than 8 plans.*scale: 7.0 -> 8.0"):
        f(t(3), 8.0)
    f(t(3), 9.0)
    assert repr(f) == "<compiled lambda>, 10 plans, check='first'>".replace("lambda>", "<lambda>")


RATE = 0.5
TABLE = np.ones(3, "float32")
WEIGHT = ag.Tensor(np.ones(3, "float32"))


class Options:
    power = 2

    def __init__(self) -> None:
        self.scale = 3.0
        self.inner = {"shift": 1.0, "list": [1.0, 2.0]}
        self.unread = 0

    def shifted(self, x: Any) -> Any:
        return x + self.inner["shift"] + self.inner["list"][1]


def helper(x: Any) -> Any:
    return x * RATE


@pytest.mark.filterwarnings("ignore:compile")
def test_what_a_call_reads_may_change_between_calls(monkeypatch: Any) -> None:
    """Names, attributes, items, defaults; by another value or in place."""
    options, closed = Options(), 1.0
    weights = [t(3, seed=1), t(3, seed=2)]

    def f(x: Any) -> Any:
        y = options.shifted(helper(x) * options.scale) ** options.power
        return y * closed + TABLE * WEIGHT + sum(weights)

    compiled = ag.compile(f)
    here = globals()
    changes: list[Any] = [
        lambda: None,
        lambda: monkeypatch.setitem(here, "RATE", 0.25),
        lambda: monkeypatch.setattr(options, "scale", 4.0),
        lambda: options.inner.update(shift=5.0),
        lambda: options.inner["list"].__setitem__(1, 7.0),
        lambda: monkeypatch.setattr(Options, "power", 3),
        lambda: TABLE.__setitem__(0, 9.0),
        lambda: monkeypatch.setitem(here, "TABLE", np.zeros(3, "float32")),
        lambda: monkeypatch.setitem(here, "WEIGHT", t(3, seed=5)),
        lambda: weights.__setitem__(0, t(3, seed=7)),
        lambda: weights.append(t(3, seed=8)),
        lambda: monkeypatch.setitem(here, "helper", lambda x: x - RATE),
    ]
    for change in changes:
        change()
        for seed in range(2):
            assert_same(compiled(t(3, seed=seed)), f(t(3, seed=seed)))
    plans = len(compiled.plans)
    options.unread = 1
    options.scale = float("4")  # another object of the same value
    compiled(t(3))
    assert len(compiled.plans) == plans
    closed = 2.0
    assert_same(compiled(t(3)), f(t(3)))
    TABLE[0] = 1.0


def steps(seed: int = 0, **options: Any) -> tuple[Any, Any, Any]:
    model = mlp(seed)
    optimizer = optim.SGD(model.parameters(), lr=0.1, **options)

    def step(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        loss = F.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return step, model, optimizer


def replaced(model: Any, optimizer: Any) -> None:
    model[2].weight = nn.Parameter(draw(2, 4, seed=9))


def reloaded(model: Any, optimizer: Any) -> None:
    optimizer.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    model.load_state_dict({n: p * 0.5 for n, p in model.state_dict().items()})


CHANGES: dict[str, Any] = {
    "evaluation": lambda m, o: m.eval(),
    "training": lambda m, o: m.train(),
    "half in evaluation": lambda m, o: m[1].eval(),
    "frozen": lambda m, o: m[0].requires_grad_(False),
    "thawed": lambda m, o: m.requires_grad_(),
    "another rate": lambda m, o: o.param_groups[0].update(lr=0.3),
    "momentum": lambda m, o: o.param_groups[0].update(momentum=0.9),
    "no momentum": lambda m, o: o.param_groups[0].update(momentum=0.0),
    "decay": lambda m, o: o.param_groups[0].update(weight_decay=0.1),
    "no decay": lambda m, o: o.param_groups[0].update(weight_decay=0.0),
    "another p": lambda m, o: setattr(m[1], "p", 0.25),
    "another parameter": replaced,
    "a group": lambda m, o: o.add_param_group({"params": [ag.Tensor([1.0], requires_grad=True)]}),
    "loaded": reloaded,
    "one more layer": lambda m, o: m.append(nn.Tanh()),
    "gradients set": lambda m, o: [setattr(p, "grad", p.detach() * 1.0) for p in m.parameters()],
    "a hook": lambda m, o: (
        m[2].bias.register_hook(lambda g: g * 0.5) if m[2].bias.requires_grad else None
    ),
    "numbers written": lambda m, o: setattr(m[0].bias, "data", np.ones(4, "float32")),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_step_goes_on_after_a_change(name: str) -> None:
    sequences([name])


def sequences(names: list[str], **options: Any) -> None:
    """The same changes to a compiled and an eager training, with a step after each."""
    mine, theirs = steps(**options), steps(**options)
    compiled = ag.compile(mine[0])
    one, two = np.random.default_rng(3), np.random.default_rng(3)
    for number, name in enumerate([None, None, *names, None]):
        if name is not None:
            for _, model, optimizer in (mine, theirs):
                CHANGES[name](model, optimizer)
        batch = t(4, 3, seed=number), t(4, 2, seed=number + 50)
        with ag.random.drawing_from(two):
            right = theirs[0](*batch)
        with ag.random.drawing_from(one):
            found = compiled(*batch)
        np.testing.assert_allclose(found._value, right._value, 1e-5)
        for a, b in zip(state_of(mine[1:]), state_of(theirs[1:]), strict=True):
            if isinstance(b, (np.ndarray, ag.Tensor)):
                np.testing.assert_allclose(np.asarray(a.detach() if isinstance(a, ag.Tensor) else a),
                                           np.asarray(b.detach() if isinstance(b, ag.Tensor) else b),
                                           1e-4, 1e-6)  # fmt: skip
        assert one.bit_generator.state == two.bit_generator.state
