"""Kinds of calls that people write: as programs they do the same to the bit, or say why not."""

from __future__ import annotations

import functools
import random
import types
from collections import OrderedDict, deque, namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd.errors import TraceError
from autograd.program.plan import Plan
from tests.programs import Step, assert_same_as_eager, draw, trained

F = nn.functional
Make = Callable[[], Step]


def tensor(*shape: int, seed: int = 0, **options: Any) -> Any:
    return ag.Tensor(draw(*shape, seed=seed), **options)


PAIRS = [(tensor(4, 3, seed=s), tensor(4, 2, seed=s + 50)) for s in range(3)]
ROWS = [(tensor(3, seed=s),) for s in range(3)]
X = tensor(3, seed=9)


def mlp() -> Any:
    return nn.Sequential(nn.Linear(3, 5, rng=0), nn.Tanh(), nn.Linear(5, 2, rng=1))


def mse(model: Any, x: Any, y: Any) -> Any:
    return F.mse_loss(model(x), y)


# ---- right to the bit ----------------------------------------------------------------------------

KINDS: dict[str, tuple[Make, list[Any]]] = {}


def kind(batches: list[Any]) -> Callable[[Make], Make]:
    def note(make: Make) -> Make:
        KINDS[make.__name__.replace("_", " ").strip()] = make, batches
        return make

    return note


@kind(PAIRS)
def two_networks_against_each_other() -> Step:
    made = nn.Linear(2, 3, rng=0)
    judge = nn.Sequential(nn.Linear(3, 4, rng=1), nn.LeakyReLU(0.2), nn.Linear(4, 1, rng=2))
    first, second = optim.Adam(made.parameters(), betas=(0.5, 0.9)), optim.Adam(judge.parameters())

    def step(x: Any, y: Any) -> Any:
        second.zero_grad()
        fake = made(ag.random.randn(len(x), 2))
        wrong = judge(fake.detach()).mean() - judge(x).mean()
        wrong.backward()
        second.step()
        first.zero_grad()
        judge.requires_grad_(False)
        loss = -judge(fake).mean()
        loss.backward()
        first.step()
        judge.requires_grad_(True)
        return {"judge": wrong, "made": loss}

    return Step(step, made, judge, first, second)


@kind([(tensor(2, 1, 4, 4, seed=s),) for s in range(2)])
def a_network_with_a_bridge() -> Step:
    down, deep = nn.Conv2d(1, 2, 3, padding=1, rng=0), nn.Conv2d(2, 4, 3, padding=1, rng=1)
    up, out = nn.ConvTranspose2d(4, 2, 2, stride=2, rng=2), nn.Conv2d(4, 1, 1, rng=3)
    norm = nn.BatchNorm2d(2, momentum=None)
    parts = [down, deep, up, out, norm]
    optimizer = optim.RMSprop([p for part in parts for p in part.parameters()])

    def step(x: Any) -> Any:
        optimizer.zero_grad()
        a = F.relu(norm(down(x)))
        b = up(F.relu(deep(F.max_pool2d(a, 2))))
        y = out(ag.concatenate([a, b], axis=1))
        loss = F.mse_loss(y, x)
        loss.backward()
        optimizer.step()
        return loss, y

    return Step(step, *parts, optimizer)


@kind([(tensor(5, 2, 3, seed=s), ag.Tensor([s % 2, 1])) for s in range(2)])
def a_recurrent_network() -> Step:
    layer = nn.LSTM(3, 4, num_layers=2, dropout=0.3, bidirectional=True, rng=0)
    head = nn.Linear(8, 2, rng=1)
    optimizer = optim.Adam([*layer.parameters(), *head.parameters()])

    def step(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        out, (h, _) = layer(x)
        loss = F.cross_entropy(head(out[-1]), y)
        loss.backward()
        nn.utils.clip_grad_norm_(layer.parameters(), 1.0)
        optimizer.step()
        return loss, h

    return Step(step, layer, head, optimizer)


@kind([(tensor(5, 2, 3, seed=s), tensor(2, 4, seed=s), tensor(2, 4, seed=s + 1)) for s in (0, 1)])
def state_that_is_handed_on() -> Step:
    cell = nn.LSTMCell(3, 4, rng=0)

    def step(xs: Any, h: Any, c: Any) -> Any:
        outs = []
        for x in xs:
            h, c = cell(x, (h, c))
            outs.append(h)
        cell.zero_grad()
        loss = ag.stack(outs).mean()
        loss.backward()
        return loss, h.detach(), c.detach()

    return Step(step, cell)


def averaged(**options: Any) -> Make:
    def make() -> Step:
        model = nn.Sequential(nn.Linear(3, 2, rng=0), nn.BatchNorm1d(2))
        average = optim.swa_utils.AveragedModel(model, **options)
        optimizer = optim.SGD(model.parameters(), lr=0.1)

        def step(x: Any, y: Any) -> Any:
            optimizer.zero_grad()
            loss = mse(model, x, y)
            loss.backward()
            optimizer.step()
            average.update_parameters(model)
            return loss

        return Step(step, model, optimizer, average)

    return make


utils = optim.swa_utils
KINDS["the mean of models"] = averaged(), PAIRS
KINDS["an average that forgets"] = averaged(avg_fn=utils.get_ema_avg_fn(0.9)), PAIRS
KINDS["averages together"] = (
    averaged(multi_avg_fn=utils.get_ema_multi_avg_fn(0.9), use_buffers=True), PAIRS,
)  # fmt: skip


@kind(PAIRS)
def the_mean_of_all_batches() -> Step:
    model = nn.Sequential(nn.Linear(3, 2, rng=0), nn.BatchNorm1d(2, momentum=None))
    return trained(model, optim.SGD(model.parameters(), lr=0.1), mse)


@kind(PAIRS)
def hooks_of_modules() -> Step:
    model = mlp()
    model[0].register_forward_hook(lambda module, inputs, out: out * 2)
    model[2].register_forward_pre_hook(lambda module, inputs: (inputs[0] + 1,))
    return trained(model, optim.SGD(model.parameters(), lr=0.1), mse)


@kind(PAIRS)
def a_scaled_loss() -> Step:
    model, scale = mlp(), 128.0
    optimizer = optim.SGD(model.parameters(), lr=0.1)

    def step(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        loss = mse(model, x, y)
        (loss * scale).backward()
        for p in model.parameters():
            p.grad.data = p.grad.data / scale
        optimizer.step()
        return loss

    return Step(step, model, optimizer)


@kind(PAIRS)
def modes_that_the_call_sets() -> Step:
    model = nn.Sequential(nn.Linear(3, 2, rng=0), nn.BatchNorm1d(2), nn.Dropout(0.5))

    def step(x: Any, y: Any) -> Any:
        model.train()
        first = model(x)
        model.eval()
        return first, model(x), y

    return Step(step, model, Mode(model))


class Mode:
    """The mode of a module, to be compared."""

    def __init__(self, module: Any) -> None:
        self.module = module

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mode) and self.module.training == other.module.training

    __hash__ = None  # type: ignore[assignment]


@kind(ROWS)
def data_that_is_swapped() -> Step:
    a, b = tensor(3), tensor(3, seed=1)

    def call(x: Any) -> Any:
        a.data, b.data = b.data, a.data
        return a * x + b * 2

    return Step(call, a, b)


@kind(PAIRS)
def writing_in_many_ways() -> Step:
    w = tensor(4, 3, requires_grad=True)

    def call(x: Any, y: Any) -> Any:
        z = x * w
        z = z * 1
        z[0] += 1
        z[:, 1] *= 2
        z[z > 0] = 0
        z[[1, 2]] -= x[[0, 1]]
        z[..., -1] = y[:, 0]
        part, turned = z.reshape(12), z.T
        turned[0] += part[:4]
        part = z.reshape(12)
        part[3:5] = 7
        x[1:] *= 2
        w.grad = None
        loss = (z * z).sum()
        loss.backward()
        return loss, z.detach(), turned.detach()

    return Step(call, w)


Pair = namedtuple("Pair", "x y")


@dataclass(frozen=True)
class Batch:
    x: Any
    y: Any
    n: int = 3


def of_a_record(batch: Batch) -> Batch:
    return Batch(batch.x * batch.n, batch.y + 1)


def of_a_pair(pair: Pair) -> Any:
    return OrderedDict(a=Pair(pair.x + 1, pair.y * 2), b=None, c="as it is")


BOTH = [(tensor(2, seed=s), tensor(2, seed=s + 3)) for s in (0, 1)]
KINDS["dataclasses"] = (lambda: Step(of_a_record)), [(Batch(x, y),) for x, y in BOTH]
KINDS["named tuples"] = (lambda: Step(of_a_pair)), [(Pair(x, y),) for x, y in BOTH]
KINDS["generators inside"] = (
    lambda: Step(lambda x: [y * 2 for y in (part + 1 for part in x)]), ROWS
)  # fmt: skip
KINDS["partial functions"] = (
    lambda: Step(functools.partial(lambda k, x, *, b=1.0: x * k + b, 3.0, b=2.0)), ROWS
)  # fmt: skip


class Holder:
    """An object with a Tensor and a method."""

    def __init__(self) -> None:
        self.w = tensor(3, requires_grad=True)
        self.rate = 0.5

    def call(self, x: Any) -> Any:
        self.w.grad = None
        loss = (self.w * x * self.rate).sum()
        loss.backward()
        return loss


@kind(ROWS)
def methods() -> Step:
    holder = Holder()
    return Step(holder.call, holder.w)


def derivative(of: Callable[[Any, Any], Any]) -> Make:
    def make() -> Step:
        w = tensor(3, seed=5, requires_grad=True)

        def call(x: Any) -> Any:
            found = of(w, x)
            with ag.no_grad():
                w.__imul__(0.9)
            return found

        return Step(call, w)

    return make


DERIVATIVES: dict[str, Callable[[Any, Any], Any]] = {
    "of an input": lambda w, x: ag.grad(lambda y: ag.sin(y).sum())(x),
    "of a parameter": lambda w, x: ag.grad(lambda y: (ag.sin(y) * x).sum())(w),
    "of an array": lambda w, x: ag.grad(lambda y: (ag.sin(y) * x).sum())(np.ones(3, "float32")),
    "all second ones": lambda w, x: ag.hessian(lambda y: (ag.sin(y) ** 3).sum())(x),
    "a Jacobian": lambda w, x: ag.jacobian(lambda y: ag.sin(y) * w)(x),
    "forward": lambda w, x: ag.jvp(lambda y: ag.sin(y) * x, (w,), (x,)),
    "by a Tensor outside": lambda w, x: x * w.detach() + w.data,
}
KINDS |= {f"a derivative {name}": (derivative(f), ROWS) for name, f in DERIVATIVES.items()}


@pytest.mark.parametrize("name", KINDS)
def test_what_people_write_is_right_to_the_bit(name: str) -> None:
    make, batches = KINDS[name]
    for change in (None, Plan):
        assert_same_as_eager(make, batches, change)


# ---- refused in words ----------------------------------------------------------------------------


def counting() -> Any:
    count = [0]

    def call(x: Any) -> Any:
        count[0] += 1
        return x * count[0]

    return call, lambda: count[0]


def keeping(what: str) -> Any:
    places: dict[str, Any] = {"list": [], "dict": {}, "object": Holder()}
    nonlocal_ = X

    def call(x: Any) -> Any:
        nonlocal nonlocal_
        if what == "list":
            places["list"].append(x * 2)
        elif what == "dict":
            places["dict"]["h"] = x * 2
        elif what == "object":
            places["object"].w = x * 2
        else:
            nonlocal_ = x * 2
        return x + 1

    return call, lambda: (len(places["list"]), len(places["dict"]), nonlocal_ is X)


def drawing(what: str) -> Any:
    rng = np.random.default_rng(3)

    def call(x: Any) -> Any:
        if what == "rng":
            return x * rng.standard_normal(3)
        return x * (np.random.rand(3) if what == "np.random" else random.random())  # noqa: NPY002

    return call, lambda: (str(rng.bit_generator.state), random.getstate())


def setting_rates() -> Any:
    optimizer = optim.SGD([tensor(3, requires_grad=True)], lr=0.1)

    def call(x: Any) -> Any:
        for group in optimizer.param_groups:
            group["lr"] *= 0.9
        return x * 1

    return call, lambda: optimizer.param_groups[0]["lr"]


def freezing() -> Any:
    model = mlp()

    def call(x: Any) -> Any:
        model[0].requires_grad_(False)
        return model(x)

    return call, lambda: model[0].weight.requires_grad


def stateless(call: Callable[[Any], Any]) -> Callable[[], Any]:
    return lambda: (call, lambda: None)


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "a count": (counting, r"count\[0\] is 1, and was 0 before it"),
    "a list": (lambda: keeping("list"), r"len\(\w+.*\) is 1, and was 0"),
    "a dict": (lambda: keeping("dict"), r"len\(\w+.*\) is 1, and was 0"),
    "an attribute": (lambda: keeping("object"), r"\.w is Tensor"),
    "a name": (lambda: keeping("name"), "nonlocal_ is Tensor"),
    "rates": (setting_rates, r"\['lr'\] is 0.09.*, and was 0.1 before it"),
    "parts that are frozen": (freezing, r"requires_grad_\(False\) of .*weight"),
    "draws of NumPy": (lambda: drawing("np.random"), "np.random drew numbers"),
    "draws of Python": (lambda: drawing("random"), "the module random drew numbers"),
    "draws of a generator": (lambda: drawing("rng"), "rng drew numbers"),
    "an input that begins to require grad": (
        stateless(lambda x: x.requires_grad_() * 2), r"requires_grad_\(\) of the input x"),
    "an optimizer of its own": (
        stateless(lambda x: optim.SGD([x.detach().requires_grad_()])), "made in the call"),
    "a generator": (stateless(lambda x: (part for part in x)), "a generator, which runs later"),
    "a deque": (stateless(lambda x: deque([x * 2])), "a deque"),
    "an object": (stateless(lambda x: types.SimpleNamespace(y=x * 2)), "with Tensors inside"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_program_would_leave_out_is_refused_and_put_back(name: str) -> None:
    make, message = REFUSED[name]
    call, state = make()
    before = state()
    with pytest.raises(TraceError, match=message):
        ag.trace(call, X)
    assert state() == before


def test_what_is_put_into_an_argument_is_refused() -> None:
    def call(batch: dict[str, Any]) -> Any:
        batch["y"] = batch["x"] * 2
        return batch["y"]

    with pytest.raises(TraceError, match="other things in a list, dict or dataclass"):
        ag.trace(call, {"x": X})


# ---- what is another one later -------------------------------------------------------------------

RATE = 0.5
SETTINGS: dict[str, Any] = {"rate": 0.5, "sizes": [1, 2]}


class Config:
    rate = 0.5


class Scaled(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scale = 2.0
        self.note = "not looked at"

    def forward(self, x: Any) -> Any:
        return x * self.scale


def set_global() -> None:
    global RATE
    RATE = 0.25


def set_item(holder: Any, key: Any, value: Any) -> Callable[[], None]:
    return lambda: holder.__setitem__(key, value)


def set_name(holder: Any, name: str, value: Any) -> Callable[[], None]:
    return lambda: setattr(holder, name, value)


def later() -> dict[str, tuple[Callable[[Any], Any], Callable[[], Any], str]]:
    dropped, norm, scaled = nn.Dropout(0.5), nn.BatchNorm1d(1), Scaled()
    model = mlp()
    numbers, spaces = [1.0, 2.0], types.SimpleNamespace(rate=0.5)
    table = np.ones(3, "float32")

    def helper(x: Any) -> Any:
        return x * RATE

    return {
        "dropout.p": (lambda x: dropped(x), set_name(dropped, "p", 0.1), "dropped.p is 0.1"),
        "momentum": (lambda x: norm(x.reshape(3, 1)), set_name(norm, "momentum", 0.5),
                     "norm.momentum"),
        "eps": (lambda x: norm(x.reshape(3, 1)), set_name(norm, "eps", 0.5), "norm.eps is 0.5"),
        "training": (lambda x: dropped(x), dropped.eval, "training of dropped is False"),
        "an attribute": (scaled, set_name(scaled, "scale", 3.0), "scale is 3.0, and was 2.0"),
        "a global": (lambda x: x * RATE, set_global, "RATE is 0.25, and was 0.5"),
        "a helper's": (lambda x: helper(x), set_global, "RATE is 0.25, and was 0.5"),
        "in a dict": (
            lambda x: x * SETTINGS["rate"], set_item(SETTINGS, "rate", 1.5), r"SETTINGS\['rate'\]"),
        "in a list": (lambda x: x * numbers[0], set_item(numbers, 0, 3.0), r"numbers\[0\] is 3.0"),
        "a longer list": (
            lambda x: x * len(numbers), lambda: numbers.append(3.0),
            r"len\(numbers\) is 3, and was 2"),
        "in a list in a dict": (
            lambda x: x * SETTINGS["sizes"][0], set_item(SETTINGS["sizes"], 0, 9), "sizes"),
        "of a class": (lambda x: x * Config.rate, set_name(Config, "rate", 0.1), "Config.rate"),
        "a namespace": (lambda x: x * spaces.rate, set_name(spaces, "rate", 1), "spaces.rate is 1"),
        "a hook": (
            lambda x: model(x), lambda: model.register_forward_hook(lambda *_: None),
            "of parts and hooks of model is"),
        "another layer": (
            lambda x: model(x), lambda: set_item(model, 0, nn.Linear(3, 5))(), "model.0 is"),
        "a frozen weight": (
            lambda x: model(x), lambda: model.requires_grad_(False),
            "does not require grad, and did"),
        "a hook of a weight": (
            lambda x: model(x),
            lambda: model[0].weight.register_hook(lambda g: g * 2), "other hooks"),
        "an array that NumPy saw": (
            lambda x: x * np.sin(table), set_item(table, 0, 5.0), "table holds other numbers"),
    }  # fmt: skip


@pytest.mark.parametrize("name", later())
def test_another_value_than_in_the_trace_is_not_passed_over(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "RATE", 0.5)
    monkeypatch.setitem(globals(), "SETTINGS", {"rate": 0.5, "sizes": [1, 2]})
    monkeypatch.setattr(Config, "rate", 0.5)
    call, change, message = later()[name]
    program = ag.trace(call, X)
    program(X)
    change()
    for run in (program, Plan(program)):
        with pytest.raises(TraceError, match=message):
            run(X)


def test_a_gradient_that_no_program_computes_is_not_left_out() -> None:
    w = tensor(3, requires_grad=True)

    def call(x: Any) -> None:
        (w * x).sum().backward()

    program = ag.trace(call, X)
    with pytest.raises(TraceError, match=r"x requires grad, and did not .* give x.detach\(\)"):
        program(tensor(3, requires_grad=True))


def test_what_no_code_mentions_may_change() -> None:
    scaled = Scaled()
    program = ag.trace(scaled, X)
    scaled.note = "another"
    assert program(X).tolist() == scaled(X).tolist()


def test_an_array_and_slices_of_it_may_be_used_together() -> None:
    table = np.arange(6, dtype="float32").reshape(2, 3)
    program = ag.trace(lambda x: (x * table).sum() + table[1] * x, X)
    table[1] = 7
    assert program(X).tolist() == ((X * table).sum() + table[1] * X).tolist()


def test_slices_of_arrays_are_read_at_every_run() -> None:
    table = np.arange(6, dtype="float32").reshape(2, 3)
    program = ag.trace(lambda x: x * 0 + table[1], X)
    table[1] = 7
    assert program(X).tolist() == [7.0, 7.0, 7.0]
