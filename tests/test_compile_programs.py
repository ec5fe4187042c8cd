"""Programs as people write them, compiled beside eager: training of several parts, what changes
between calls, arrays of all layouts, errors in the middle.

A program gets `compile` and yields numbers, as the habits of test_compile_habits.py do.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd.errors import ArgumentError
from tests.programs import draw
from tests.test_compile_habits import numbers

F = nn.functional
PROGRAMS: dict[str, Callable[[Any], Iterator[Any]]] = {}


def program(function: Callable[[Any], Iterator[Any]]) -> Callable[[Any], Iterator[Any]]:
    PROGRAMS[function.__name__] = function
    return function


def t(*shape: int, seed: int = 0, grad: bool = False, dtype: str = "float32") -> Any:
    return ag.Tensor(draw(*shape, seed=seed, dtype=dtype), requires_grad=grad)


def grads(module: Any) -> list[Any]:
    return [p.grad for p in module.parameters()]


def stepped(model: Any, optimizer: Any) -> Callable[..., Any]:
    def step(x: Any) -> Any:
        optimizer.zero_grad()
        loss = (model(x) ** 2).mean()
        loss.backward()
        optimizer.step()
        return loss

    return step


def mlp() -> Any:
    return nn.Sequential(nn.Linear(3, 4, rng=0), nn.Tanh(), nn.Linear(4, 1, rng=1))


# ---- training of several parts -------------------------------------------------------------------


@program
def two_networks_against_each_other(compile: Any) -> Iterator[Any]:
    """Labels of the second loss may be wrong, or to ignore, after the first has made its step."""
    made, judge = nn.Linear(2, 3, rng=0), nn.Linear(3, 1, rng=1)
    first = optim.Adam(judge.parameters(), lr=0.1)
    second = optim.Adam(made.parameters(), lr=0.1)

    @compile
    def step(z: Any, y: Any) -> Any:
        first.zero_grad()
        loss = (judge(made(z).detach()) ** 2).mean()
        loss.backward()
        first.step()
        second.zero_grad()
        other = F.cross_entropy(made(z), y) + judge(made(z)).mean()
        other.backward()
        second.step()
        return loss, other

    for seed, labels in enumerate([[0, 1, 2], [0, 1, 2], [0, -100, 2], [0, 5, 1], [0, 1, 1]]):
        try:
            yield step(t(3, 2, seed=seed), ag.Tensor(labels))
        except ArgumentError:
            yield -1
        yield made, judge


@program
def targets_that_are_none(compile: Any) -> Iterator[Any]:
    model = nn.Linear(2, 1, rng=0)
    optimizer = optim.SGD(model.parameters(), lr=0.1)

    @compile
    def step(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        loss = F.binary_cross_entropy(ag.sigmoid(model(x)), y)
        loss.backward()
        optimizer.step()
        return loss

    for seed, value in enumerate([0.0, 1.0, 0.5, 2.0, -1.0, 0.25]):
        try:
            yield step(t(3, 2, seed=seed), ag.full((3, 1), value))
        except ArgumentError:
            yield -1
        yield model


@program
def gradients_of_micro_batches(compile: Any) -> Iterator[Any]:
    model = mlp()
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)

    @compile
    def micro(x: Any) -> Any:
        loss = (model(x) ** 2).mean() / 4
        loss.backward()
        return loss

    for number in range(8):
        yield micro(t(4, 3, seed=number)), grads(model)
        if number % 4 == 3:
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            yield model


@program
def a_step_of_micro_batches(compile: Any) -> Iterator[Any]:
    model = mlp()
    optimizer = optim.Adam(model.parameters(), lr=0.1)

    @compile
    def step(batches: Any) -> Any:
        optimizer.zero_grad()
        total: Any = 0.0
        for x in batches:
            loss = (model(x) ** 2).mean() / len(batches)
            loss.backward()
            total = total + loss.detach()
        nn.utils.clip_grad_value_(model.parameters(), 0.1)
        optimizer.step()
        return total

    for seed in range(3):
        yield step([t(4, 3, seed=seed), t(2, 3, seed=seed + 9)]), model


@program
def running_means_of_weights(compile: Any) -> Iterator[Any]:
    model = mlp()
    mean, kept = optim.swa_utils.AveragedModel(model), copy.deepcopy(model)
    step = stepped(model, optim.SGD(model.parameters(), lr=0.1))

    @compile
    def both(x: Any) -> Any:
        loss = step(x)
        with ag.no_grad():
            for a, b in zip(kept.parameters(), model.parameters(), strict=True):
                a *= 0.9
                a += 0.1 * b
        return loss

    for seed in range(4):
        yield both(t(4, 3, seed=seed)), model, kept
        mean.update_parameters(model)
        yield mean


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(7, 4, rng=0)
        self.head = nn.Linear(4, 7, bias=False, rng=1)
        self.head.weight = self.table.weight

    def forward(self, tokens: Any) -> Any:
        return self.head(ag.tanh(self.table(tokens)))


@program
def tied_weights(compile: Any) -> Iterator[Any]:
    model = Tied()
    optimizer = optim.Adam(model.parameters(), lr=0.05)

    @compile
    def step(tokens: Any, next_ones: Any) -> Any:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(tokens).reshape(-1, 7), next_ones.reshape(-1))
        loss.backward()
        optimizer.step()
        return loss

    for seed in range(3):
        rng = np.random.default_rng(seed)
        tokens, labels = rng.integers(0, 7, (2, 2, 3))
        if seed == 1:
            labels[0, 2] = -100  # padding
        yield step(ag.Tensor(tokens), ag.Tensor(labels)), model


@program
def norms_of_weights(compile: Any) -> Iterator[Any]:
    for norm in (nn.utils.parametrizations.spectral_norm, nn.utils.weight_norm):
        model = norm(nn.Linear(3, 2, rng=0))
        step = compile(stepped(model, optim.SGD(model.parameters(), lr=0.1)))
        for seed in range(3):
            yield step(t(5, 3, seed=seed)), model
        model.eval()
        yield compile(model)(t(5, 3))


@program
def layers_freeze_and_thaw(compile: Any) -> Iterator[Any]:
    model = mlp()
    step = compile(stepped(model, optim.Adam(model.parameters(), lr=0.05)))
    for number in range(8):
        if number == 2:
            model[0].requires_grad_(False)
        if number == 4:
            model[0].weight.requires_grad = True
        if number == 6:
            model.requires_grad_(True)
        yield step(t(4, 3, seed=number)), model, grads(model)


@program
def parameters_are_put_in_the_place_of_others(compile: Any) -> Iterator[Any]:
    model = nn.Linear(2, 2, rng=0)
    call, x = compile(model), t(3, 2)
    yield call(x)
    model.weight = nn.Parameter(ag.ones(2, 2))
    yield call(x)
    model.bias = None
    yield call(x)
    model.weight.data = ag.zeros(2, 2)
    yield call(x)
    nn.init.ones_(model.weight)
    yield call(x)
    model.load_state_dict({"weight": ag.full((2, 2), 3.0)})
    yield call(x)
    model.to("float64")
    yield call(x.astype("float64"))


@program
def a_group_is_added_later(compile: Any) -> Iterator[Any]:
    a, b = nn.Linear(3, 2, rng=0), nn.Linear(3, 2, rng=1)
    optimizer = optim.SGD(a.parameters(), lr=0.1)
    step = compile(stepped(lambda x: a(x) + b(x), optimizer))
    yield step(t(4, 3)), a, b
    optimizer.add_param_group({"params": list(b.parameters()), "lr": 0.5})
    for seed in range(3):
        yield step(t(4, 3, seed=seed)), a, b


@program
def gradients_of_gradients(compile: Any) -> Iterator[Any]:
    model = nn.Linear(2, 1, rng=0)
    optimizer = optim.SGD(model.parameters(), lr=0.1)

    @compile
    def meta(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        inner = ((model(x) - y) ** 2).mean()
        slopes = ag.grad(inner, list(model.parameters()), create_graph=True)
        w, b = (p - 0.1 * g for p, g in zip(model.parameters(), slopes, strict=True))
        outer = ((x @ w.T + b - y) ** 2).mean()
        outer.backward()
        optimizer.step()
        return outer

    for seed in range(4):
        yield meta(t(5, 2, seed=seed), t(5, 1, seed=seed + 9)), model

    f = compile(lambda x: (x**3 * ag.sin(x)).sum())
    x = t(4, grad=True, dtype="float64")
    (g,) = ag.grad(f(x), x, create_graph=True)
    (h,) = ag.grad((g**2).sum(), x, create_graph=True)
    yield g, h, ag.grad(h.sum(), x)
    yield ag.jvp(f, (x.detach(),), (ag.ones_like(x),))
    inside = compile(lambda x: ag.grad(lambda y: (ag.exp(y) * y).sum())(x))
    yield inside(x.detach()), ag.grad(lambda z: inside(z).sum())(x.detach())


# ---- arrays, and what changes between calls ------------------------------------------------------


@program
def arrays_of_all_layouts(compile: Any) -> Iterator[Any]:
    base = draw(8, 6)
    call = compile(lambda x: ag.tanh(x) @ x.T)
    frozen = base[:4, :3].copy()
    frozen.flags.writeable = False
    for x in (
        np.broadcast_to(np.arange(3, dtype="float32"), (4, 3)), base[::2, ::2], base[::-1, :3],
        base.T[:4, :3], np.asfortranarray(base[:4, :3]), base[::-2, 5:2:-1], frozen,
        base[:4, :3].astype(">f4"), base[:0, :3], base[0, :3],
    ):  # fmt: skip
        yield call(x), call(ag.Tensor(x))


@program
def arrays_are_written_to_between_calls(compile: Any) -> Iterator[Any]:
    scale, at, mask = np.ones(3, "float32"), np.array([0, 1]), np.array([True, False, True])
    call = compile(lambda x: (x * scale)[at].sum() + ag.where(mask, x, 0).sum() + x[mask].sum())
    x = t(3)
    yield call(x)
    scale[0] = 5
    yield call(x)
    at[:] = [2, 2]
    yield call(x)
    mask[:] = [False, True, True]
    yield call(x)
    mask[:] = True
    yield call(x)
    taken = compile(lambda x: x * 2)(scale)
    scale[:] = 4
    yield taken


@program
def an_array_is_read_whole_and_in_parts(compile: Any) -> Iterator[Any]:
    array = np.ones((3, 4), "float32")
    call = compile(lambda x: F.mse_loss(x, array) + (x * array[1]).sum() - array[:, :2].sum())
    for number in range(3):
        array[number] = number + 2
        yield call(t(3, 4, seed=number))


@program
def dtypes_and_shapes_come_and_go(compile: Any) -> Iterator[Any]:
    mixed = compile(lambda a, b, i: (a * b).astype("float32") + i * 2 + a.astype("float16"))
    for b in ("float32", "float64"):
        for i in ("int32", "int64", "uint8"):
            yield mixed(t(3), t(3, dtype=b), ag.Tensor(np.arange(3).astype(i)))
    layer = compile(nn.Linear(3, 2, rng=0))
    for shape in ((0, 3), (3,), (2, 0, 3), (1, 3)):
        yield layer(t(*shape))
    scalar = compile(lambda x: (x * 2).sum() + (x.mean() if x.size else 0.0))
    for shape in ((0, 3), (), (1,), (3, 0, 2), (2, 2)):
        yield scalar(t(*shape))


@program
def modules_with_a_compiled_forward_are_copied(compile: Any) -> Iterator[Any]:
    model = nn.Linear(3, 2, rng=0)
    call = compile(model)
    yield call(t(2, 3))
    twin = copy.deepcopy(call)
    with ag.no_grad():
        model.weight[...] = 0.5
    yield call(t(2, 3)), twin(t(2, 3))


@program
def functions_call_themselves(compile: Any) -> Iterator[Any]:
    def again(x: Any, count: int) -> Any:
        return x if count == 0 else ag.sin(call(x, count - 1)) * count

    call = compile(again)
    yield call(t(3), 4), call(t(3), 2), compile(compile(lambda x: ag.tanh(x) * 2))(t(3))


def run(name: str, compile: Callable[[Any], Any]) -> list[list[Any]]:
    nn.manual_seed(0)
    return [numbers(each) for each in PROGRAMS[name](compile)]


@pytest.mark.filterwarnings("ignore:compile")
@pytest.mark.parametrize("way", ["kernels first", "numpy first", "native first", "native never"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_gives_the_same_compiled(name: str, way: str, monkeypatch: Any) -> None:
    kind, check = way.split()
    if kind == "native":
        pytest.importorskip("llvmlite")
    monkeypatch.setattr("autograd.compiler.face.backend.kind", lambda: kind)
    right = run(name, lambda function: function)
    found = run(name, functools.partial(ag.compile, check=check))
    assert len(found) == len(right)
    for number, (mine, theirs) in enumerate(zip(found, right, strict=True)):
        for a, b in zip(mine, theirs, strict=True):
            assert (a.shape, a.dtype) == (b.shape, b.dtype)
            np.testing.assert_allclose(a, b, 1e-4, 1e-5, err_msg=f"{name}, number {number}")
