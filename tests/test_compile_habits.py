"""What people do around a compiled call leaves the same as around the call itself.

A habit is a program that gets `compile`, and yields numbers as it goes: it runs with a compiled
function and with the function as it is, and yields the same.
"""

from __future__ import annotations

import argparse
import collections
import copy
import dataclasses
import functools
import itertools
import random
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import nn.torch as torch
import optim
from autograd.errors import MissingAttributeError, TraceError
from tests.programs import draw

F = nn.functional
HABITS: dict[str, Callable[[Any], Iterator[Any]]] = {}


def habit(function: Callable[[Any], Iterator[Any]]) -> Callable[[Any], Iterator[Any]]:
    HABITS[function.__name__] = function
    return function


def t(*shape: int, seed: int = 0, grad: bool = False) -> Any:
    return ag.Tensor(draw(*shape, seed=seed, dtype=np.float64), requires_grad=grad)


def numbers(value: Any) -> list[Any]:
    if isinstance(value, nn.Module):
        value = list(value.state_dict().values())
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [x for part in value for x in numbers(part)]
    value = 0 if value is None else value
    return [np.array(value.detach().numpy() if isinstance(value, ag.Tensor) else value)]


def run(name: str, compile: Callable[[Any], Any]) -> list[list[Any]]:
    nn.manual_seed(0)
    return [numbers(each) for each in HABITS[name](compile)]


@pytest.fixture(params=["numpy", "native"])
def backend(request: Any, monkeypatch: Any) -> None:
    if request.param == "native":
        pytest.importorskip("llvmlite")
    monkeypatch.setattr("autograd.compiler.face.backend.kind", lambda: request.param)


def trained(seed: int = 0) -> tuple[Any, Any, Any]:
    model = nn.Sequential(nn.Linear(3, 4, rng=seed), nn.Tanh(), nn.Linear(4, 1, rng=seed + 1))
    optimizer = optim.Adam(model.parameters(), lr=0.05)

    def step(x: Any, fails: bool = False) -> Any:
        optimizer.zero_grad()
        loss = (model(x) ** 2).mean()
        loss.backward()
        if fails:
            raise KeyError(fails)
        optimizer.step()
        return loss

    return model, optimizer, step


# ---- what is kept, and what is written -----------------------------------------------------------


@habit
def what_was_taken_of_parameters_keeps_its_numbers(compile: Any) -> Iterator[Any]:
    model, optimizer, step = trained()
    call, kept = compile(step), []
    for seed in range(4):
        kept += [[p.detach() for p in model.parameters()], model.state_dict()]
        kept += [[p.numpy() for p in model.parameters()], model[0].weight.grad]
        kept.append(call(t(4, 3, seed=seed).astype("float32")))
        kept.append([list(s.values()) for s in optimizer.state_dict()["state"].values()])
    yield kept


@habit
def results_keep_their_numbers(compile: Any) -> Iterator[Any]:
    call = compile(lambda x: (ag.tanh(x), x.sum(), x @ x.T, ag.ones(2), (x * 2)[0]))
    kept = [call(t(3, 3, seed=seed)) for seed in range(5)]
    for result in kept[2]:
        result += 1
    call(t(3, 3))
    yield kept


@habit
def gradients_come_and_go(compile: Any) -> Iterator[Any]:
    w = t(3, grad=True)

    @compile
    def accumulate(x: Any) -> Any:
        loss = ((w * x) ** 2).sum()
        loss.backward()
        return loss

    for number in range(9):
        yield accumulate(t(3, seed=number)), w.grad
        if number % 3 == 2:
            w.grad = None


@habit
def results_are_what_was_given_or_a_view_of_it(compile: Any) -> Iterator[Any]:
    w = t(2, 3, seed=5, grad=True)

    def given(x: Any, y: Any) -> Any:
        z = x * 2
        return x, y, x.T, z, z, z.reshape(-1), w, w[0].detach(), y[:, 0]

    call = compile(given)
    for seed in range(3):
        x, y = t(2, 3, seed=seed), t(2, 3, seed=seed + 9, grad=True)
        result = call(x, y)
        yield [a is b for a in result for b in (x, y, w)], result[3] is result[4]
        result[2][0, 0] = 7.0
        yield x, result
        result[5][1] = 5.0
        yield result[3]
        yield ag.grad((result[8] * result[1][:, 1]).sum(), y)


@habit
def arguments_are_written_to(compile: Any) -> Iterator[Any]:
    def write(x: Any, rest: Any) -> Any:
        x[0] = 5.0
        return rest["y"] * 2

    call = compile(write)
    for number in range(6):
        base = t(4, seed=number)
        x = base[:3] if number > 3 else base
        y = x if number % 2 else base[1:] if number > 3 else t(4, seed=1)
        yield call(x, {"y": y}), base, x


@habit
def one_tensor_is_given_twice(compile: Any) -> Iterator[Any]:
    call = compile(lambda a, rest: (a * rest["b"][0] + rest["b"][1]).sum())
    x, y = t(3, grad=True), t(3, seed=1, grad=True)
    for a, b, c in ((x, x, y), (x, y, x), (y, y, y), (x, x, x), (y, x, x)):
        loss = call(a, {"b": [b, c]})
        yield loss, ag.grad(loss, [x, y], allow_unused=True)


@habit
def leaves_are_made_in_the_call(compile: Any) -> Iterator[Any]:
    @compile
    def update(w: Any, x: Any) -> Any:
        loss = (ag.tanh(w * x) ** 2).sum()
        (slope,) = ag.grad(loss, w)
        return (w - 0.1 * slope).detach().requires_grad_(), loss

    w = t(3, grad=True)
    for seed in range(4):
        w, loss = update(w, t(3, seed=seed))
        yield w, loss, w.requires_grad, w.is_leaf


@habit
def a_step_fails_and_goes_on(compile: Any) -> Iterator[Any]:
    model, _, step = trained()
    call = compile(step)
    for number in range(8):
        x = t(4, 3 if number % 4 else 5, seed=number).astype("float32")
        try:
            yield call(x, fails=number % 4 == 2)
        except (KeyError, ag.errors.AutogradError) as error:
            yield len(type(error).__name__)
        yield model, [p.grad for p in model.parameters()]


@dataclasses.dataclass
class Carried:
    w: Any
    count: Any


@habit
def states_are_carried_in_dataclasses(compile: Any) -> Iterator[Any]:
    call = compile(lambda s, x: dataclasses.replace(s, w=s.w * 0.9 + x, count=s.count + 1))
    state = Carried(t(3), ag.Tensor(0))
    for seed in range(4):
        state = call(state, t(3, seed=seed))
        yield state.w, state.count
    yield len(getattr(call, "plans", [0]))


@habit
def tensors_of_torch_live_on(compile: Any) -> Iterator[Any]:
    torch.manual_seed(0)
    model = torch.nn.Linear(3, 2)
    average, array = copy.deepcopy(model), np.ones(3, "float32")
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)

    @compile
    def step(x: Any, y: Any) -> Any:
        loss = (model(x).pow(2) + y.add_(1).sum()).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            for a, b in zip(average.parameters(), model.parameters(), strict=True):
                a.mul_(0.9).add_(b, alpha=0.1)
        return loss, x.view(-1)

    alive = [p.data for m in (model, average) for p in m.parameters()]
    for seed in range(3):
        x, y = torch.tensor(draw(4, 3, seed=seed)), torch.from_numpy(array)
        loss, view = step(x, y)
        x.mul_(2)
        yield loss, view, array, alive


# ---- what lies around ----------------------------------------------------------------------------


class Config:
    rate = 1.0


class Slotted:
    __slots__ = ("rate",)

    def __init__(self) -> None:
        self.rate = 1.0


class Known(dict[str, Any]):
    __getattr__ = dict.__getitem__


class Reading:
    rate = 1.0

    def __init__(self) -> None:
        self.held = {"rate": 1.0}

    def __getitem__(self, name: str) -> Any:
        return self.held[name]

    def __call__(self) -> Any:
        return self.rate

    @classmethod
    def of_all(cls) -> Any:
        return cls.rate


def optimizer() -> Any:
    return optim.SGD([ag.Tensor([1.0], requires_grad=True)], lr=0.5)


def set_rate(x: Any, value: float) -> None:
    x.rate = value


def set_item(x: Any, value: float) -> None:
    x["rate"] = value


def set_first(x: Any, value: float) -> None:
    x[0] = value


# what there is, how the call reads it, and how it is changed between calls
AROUND: dict[str, tuple[Any, Any, Any]] = {
    "a class": (lambda: type("C", (Config,), {}), lambda x: x.rate, set_rate),
    "its base": (lambda: type("C", (Config,), {}), lambda x: x().rate, set_rate),
    "slots": (Slotted, lambda x: x.rate, set_rate),
    "a namespace": (lambda: types.SimpleNamespace(rate=1.0), lambda x: x.rate, set_rate),
    "arguments of a program": (lambda: argparse.Namespace(rate=1.0), lambda x: x.rate, set_rate),
    "by name": (Config, lambda x: getattr(x, "rate"), set_rate),  # noqa: B009
    "in a dict": (Slotted, lambda x: {"a": x}["a"].rate, set_rate),
    "of items and names": (lambda: Known(rate=1.0), lambda x: x.rate, set_item),
    "of a class or an object": (Reading, lambda x: x.rate, set_rate),
    "x[i]": (Reading, lambda x: x["rate"], lambda x, v: set_item(x.held, v)),
    "x()": (Reading, lambda x: x(), set_rate),
    "a method of a class": (lambda: type("R", (Reading,), {}), lambda x: x.of_all(), set_rate),
    "deque": (lambda: collections.deque([1.0]), sum, lambda x, v: x.append(v)),
    "set": (lambda: {0.5}, sum, lambda x, v: x.add(v)),
    "mapping": (lambda: collections.UserDict(rate=1.0), lambda x: x["rate"], set_item),
    "many": (lambda: [1.0] * 2000, lambda x: x[0], set_first),
    "array": (lambda: np.ones(2), lambda x: float(x[0]), set_first),
    "array by NumPy": (lambda: [np.ones(2)], lambda x: np.sum(x[0]),
                       lambda x, v: set_first(x[0], v)),
    "rate": (optimizer, lambda x: x.param_groups[0]["lr"],
             lambda x, v: x.param_groups[0].update(lr=v)),
    "rate of a schedule": (lambda: optim.lr_scheduler.StepLR(optimizer(), 1),
                           lambda x: x.get_last_lr()[0], lambda x, v: x.step()),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:.*lr_scheduler.step")
@pytest.mark.parametrize("name", AROUND)
def test_numbers_around_a_call_may_change(name: str) -> None:
    make, read, change = AROUND[name]
    there = make()
    call = ag.compile(lambda x: x * read(there))
    for value in (None, 2.0, 3.0, 3.0):
        if value is not None:
            change(there, value)
        for _ in range(2):
            assert call(ag.ones(2)).tolist() == pytest.approx([float(read(there))] * 2)


def counted(x: Any) -> Any:
    x.rate += 1
    return x.rate


def added(x: Any) -> Any:
    x.new = 2.0
    return x.new


class Counted(optim.SGD):
    def step(self, closure: Any = None) -> Any:
        self.count = getattr(self, "count", 0) + 1
        return super().step(closure)


def stepped(x: Any) -> Any:
    x.step()
    return 2.0


def appended(x: Any) -> Any:
    x.append(1)
    return 2.0


class Storing(nn.Module):
    def forward(self, x: Any) -> Any:
        self.last = x * 2
        return self.last


# what the call does to what lies around it, which no plan would do again, and how it is called
CHANGING: dict[str, tuple[Any, Any, str]] = {
    "slots": (Slotted, counted, "rate is 2.0, and was 1.0"),
    "a namespace": (lambda: types.SimpleNamespace(rate=1.0), counted, "rate is 2.0, and was 1.0"),
    "a new attribute": (types.SimpleNamespace, added, "new is 2.0, and was not there"),
    "a Tensor kept": (Storing, lambda x: x(ag.ones(2)), "and was not there"),
    "an optimizer": (
        lambda: Counted([ag.Tensor([1.0], requires_grad=True)], 0.1),
        stepped,
        "count is 1, and was not there",
    ),
    "deque": (collections.deque, appended, r"len\(there\) is 1, and was 0"),
    "full deque": (lambda: collections.deque([0], maxlen=1), appended, "is 1, and was 0"),
    "set": (set, lambda x: x.add(1) or 2.0, r"len\(there\) is 1, and was 0"),
    "generator": (lambda: np.random.RandomState(0), lambda x: x.normal(), "drew numbers"),
    "Python's": (lambda: random.Random(0), lambda x: x.random(), "drew numbers"),
    "count": (itertools.count, next, "is an iterator, which a trace would use up"),
    "cycle": (lambda: itertools.cycle([1.0, 1.0, 2.0]), next, "is an iterator"),
}


@pytest.mark.parametrize("check", ["first", "never"])
@pytest.mark.parametrize("name", CHANGING)
def test_a_call_that_changes_what_lies_around_it_raises(name: str, check: Any) -> None:
    make, change, message = CHANGING[name]
    there = make()
    call = ag.compile(lambda x: x * change(there), check=check)
    with pytest.raises(TraceError, match=message):
        call(ag.ones(2))
    if isinstance(there, (collections.deque, set)):
        assert len(there) == len(make())


def test_a_change_in_place_that_lies_in_a_graph_raises() -> None:
    def write(x: Any) -> Any:
        x[0] = 0.0
        return x.sum()

    call = ag.compile(write)
    assert call(t(3)).item() == write(t(3)).item()
    with pytest.raises(TraceError, match="lies in a graph: return the new value"):
        call(t(3, grad=True) * 2)
    kept, w = t(3), t(3, grad=True)
    with pytest.raises(TraceError, match="lies in a graph"):
        ag.compile(lambda x: kept.__setitem__(0, (w * x)[0]))(t(3))
    assert not kept.requires_grad


@pytest.mark.parametrize("check", ["first", "never"])
def test_results_lie_in_no_array_that_was_given(check: Any) -> None:
    call = ag.compile(lambda x: (x, x[:2]), check=check)
    for _ in range(3):
        array = np.ones(3)
        whole, part = call(array)
        array[:] = 5
        assert whole.tolist() == [1, 1, 1]
        assert part.tolist() == [1, 1]


@pytest.mark.parametrize("check", ["first", "never"])
@pytest.mark.parametrize("name", HABITS)
def test_a_habit_leaves_the_same(name: str, check: Any, backend: None) -> None:
    right = run(name, lambda function: function)
    found = run(name, functools.partial(ag.compile, check=check))
    assert len(found) == len(right)
    for number, (mine, theirs) in enumerate(zip(found, right, strict=True)):
        for a, b in zip(mine, theirs, strict=True):
            np.testing.assert_allclose(a, b, 1e-5, 1e-7, err_msg=f"{name}, number {number}")


@pytest.mark.parametrize("name", ["parameters", "state_dict", "eval", "train", "zero_grad"])
def test_what_a_compiled_module_is_asked_for_its_module_has(name: str) -> None:
    compiled = ag.compile(nn.Linear(2, 3))
    with pytest.raises(MissingAttributeError, match=rf"'{name}': .* f\.function\.{name}$"):
        getattr(compiled, name)
    assert hasattr(compiled.function, name)
    assert not hasattr(compiled, name)


def test_a_plan_writes_through_a_reshape_however_an_array_lies() -> None:
    from autograd.errors import InPlaceError

    def f(x: Any) -> Any:
        y = x * 2.0
        y.reshape(-1)[1] = 5.0
        return y

    compiled = ag.compile(f)
    x = np.arange(6.0).reshape(2, 3)
    expected = [[0.0, 5.0, 4.0], [6.0, 8.0, 10.0]]
    assert compiled(x).tolist() == expected
    with pytest.raises(InPlaceError):
        f(ag.Tensor(np.asfortranarray(x)))
    assert compiled(np.asfortranarray(x)).tolist() == expected
