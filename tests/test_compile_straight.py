"""The short way of a compiled call: taken while all is the very same, and left when it is not.

A case is a call, and what changes something of it; it goes on to give what the function gives.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd.compiler.face.backend import kind
from autograd.engine.identity import Expressions, identities
from autograd.errors import TraceError

Case = tuple[Callable[..., Any], tuple[Any, ...], Callable[[], Any]]
CASES: dict[str, Callable[[], Case]] = {}
compile_module = importlib.import_module("autograd.compiler.face.compile")
native = pytest.mark.skipif(kind() != "native", reason="the short way is that of native code")


def case(make: Callable[[], Case]) -> Callable[[], Case]:
    CASES[make.__name__.strip("_").replace("_", " ")] = make
    return make


def t(*shape: int, seed: int = 0, grad: bool = False) -> Any:
    values = np.random.default_rng(seed).standard_normal(shape).astype(np.float32)
    return ag.Tensor(values, requires_grad=grad)


def mlp() -> Any:
    nn.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))


def of_model(change: Callable[[Any], Any]) -> Case:
    model = mlp()
    quiet = ag.no_grad(model)
    return quiet, (t(2, 3),), lambda: change(model)


def of_tensor(change: Callable[[Any], Any]) -> Case:
    w = t(3)
    return (lambda x: x * w), (t(2, 3),), lambda: change(w)


def replace(model: Any) -> None:
    model[0].weight = nn.Parameter(t(4, 3, seed=5))


def step(model: Any) -> None:
    model(t(2, 3)).sum().backward()
    optim.SGD(model.parameters(), lr=0.5).step()


def in_place(model: Any) -> None:
    w = model[0].weight
    with ag.no_grad():
        w *= 2


def load(model: Any) -> None:
    model.load_state_dict({name: value * 3 for name, value in model.state_dict().items()})


def data(model: Any) -> None:
    model[2].bias.data = t(2, seed=7)


def hook(model: Any) -> None:
    model[0].register_forward_pre_hook(lambda module, args: None).remove()


for _change in (replace, step, in_place, load, data, hook):
    CASES[f"a model, {_change.__name__}"] = lambda change=_change: of_model(change)


@case
def _a_tensor_with_other_numbers() -> Case:
    return of_tensor(lambda w: w.__setitem__(0, 5.0))


@case
def _a_tensor_of_the_users_array() -> Case:
    array = np.ones((2, 3), np.float32)
    w = ag.asarray(array)
    return (lambda x: x * w), (t(2, 3),), lambda: array.__setitem__(0, 4)


@case
def _a_number_that_is_a_tensor() -> Case:
    w = t(grad=True)

    def change() -> None:
        w.data = ag.Tensor(np.float32(4))

    return (lambda x: x * w.detach()), (t(2),), change


@case
def _a_closed_over_number() -> Case:
    rate = 1

    def change() -> None:
        nonlocal rate
        rate = True  # which is equal

    return (lambda x: x * rate if rate is not True else x * 3), (t(2),), change


@case
def _another_mode() -> Case:
    w = t(2, grad=True)
    mode = [ag.no_grad()]

    def call(x: Any) -> Any:
        with mode[0]:
            return (x * w).detach() if ag.is_grad_enabled() else x + w

    return call, (t(2),), lambda: mode.__setitem__(0, ag.enable_grad())


@pytest.mark.parametrize("name", CASES)
def test_a_change_is_seen(name: str) -> None:
    function, args, change = CASES[name]()
    compiled = ag.compile(function)
    for _ in range(3):
        np.testing.assert_allclose(compiled(*args).numpy(), function(*args).numpy(), rtol=1e-5)
    change()
    for _ in range(3):
        np.testing.assert_allclose(compiled(*args).numpy(), function(*args).numpy(), rtol=1e-5)


OTHER_ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "another shape": (t(4), t(4, seed=1)),
    "another rank": (t(2, 3), t(3)),
    "another dtype": (ag.Tensor([1.0, 2.0, 3.0], dtype="float64"), t(3)),
    "integers": (ag.Tensor([1, 2, 3]), t(3)),
    "requires grad": (t(3, grad=True), t(3)),
    "in a graph": (t(3, grad=True) * 2, t(3)),
    "an array": (np.ones(3, np.float32), t(3)),
    "a number": (t(3), 2.0),
    "a parameter": (nn.Parameter(t(3)), t(3)),
    "a part of every other": (ag.Tensor(np.arange(6, dtype=np.float32))[::2], t(3)),
}


@pytest.mark.parametrize("name", OTHER_ARGUMENTS)
def test_other_arguments_are_seen(name: str) -> None:
    def function(a: Any, b: Any) -> Any:
        return a * 2 + b

    compiled, usual = ag.compile(function), (t(3, seed=2), t(3, seed=3))
    for given in (usual, usual, OTHER_ARGUMENTS[name], usual, (usual[0], usual[0]), usual):
        found, right = compiled(*given), ag.Tensor(given[0]) * 2 + given[1]
        np.testing.assert_array_equal(found.numpy(), right.numpy())
        assert found.dtype == right.dtype
        assert found.requires_grad == any(getattr(x, "requires_grad", False) for x in given)


def test_other_modes_are_seen() -> None:
    w = t(3, grad=True)
    compiled = ag.compile(lambda x: x * w)
    with ag.no_grad():
        for _ in range(3):
            assert not compiled(t(3)).requires_grad
    assert compiled(t(3)).requires_grad
    with ag.no_grad():
        assert not compiled(t(3)).requires_grad
        with ag.profile() as p:
            compiled(t(3))
        assert "compiled" in str(p)
    traced = ag.trace(lambda x: compiled(x) + 1, t(3))
    np.testing.assert_array_equal(traced(t(3)).numpy(), (t(3) * w + 1).detach().numpy())


def test_an_array_that_lies_otherwise_is_seen() -> None:
    array = np.arange(4, dtype=np.float32)
    w = ag.asarray(array)
    compiled = ag.compile(lambda x: x @ w)
    assert [compiled(t(4)).shape for _ in range(3)] == [()] * 3
    array.shape = (4, 1)
    if w.shape == (4, 1):
        assert compiled(t(4)).shape == (1,)


def test_values_that_come_and_go_are_told_apart() -> None:
    """An array may lie where one was that is gone."""
    w = t(2)
    compiled = ag.compile(lambda x: x + w)
    x = t(2, seed=1)
    for seed in range(300):
        w.data = t(2, seed=seed)
        if seed % 3:
            compiled(x)
        np.testing.assert_array_equal(compiled(x).numpy(), (x + w).numpy())


@native
def test_the_way_is_short(monkeypatch: Any) -> None:
    """Neither signatures nor places are looked at one by one."""
    w, model = t(3, grad=True), mlp()

    def step(x: Any) -> Any:
        w.grad = None
        total = (ag.tanh(x) * w).sum()
        total.backward()
        return total

    compiled = [ag.compile(step), ag.compile(ag.no_grad(model)), ag.compile(lambda x: x * 2)]
    for call in compiled:
        call(t(3)), call(t(3))
        monkeypatch.setattr(call, "_known_call", None)
        for seed in range(3):
            right = call.function(t(3, seed=seed))
            slope = w.grad
            np.testing.assert_allclose(call(t(3, seed=seed)).numpy(), right.numpy(), rtol=1e-5)
            if slope is not None:
                np.testing.assert_allclose(w.grad.numpy(), slope.numpy(), rtol=1e-5)


def test_threads_go_it_side_by_side() -> None:
    w = t(3)
    compiled = ag.compile(lambda x: ag.tanh(x) * w)
    compiled(t(3)), compiled(t(3))
    wrong: list[int] = []

    def work(seed: int) -> None:
        x = t(3, seed=seed)
        right = (ag.tanh(x) * w).numpy()
        for _ in range(300):
            if not np.allclose(compiled(x).numpy(), right, rtol=1e-5):
                wrong.append(seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_what_is_equal_is_not_the_same() -> None:
    x = float("nan")
    for then, now in (((1,), (True,)), ((1.5, 2), (1.5, 2.0)), ((), (1,)), ((x, x), (x,))):
        assert not identities(then)(now)
    assert identities((x, "a", None))((x, "a", None))


def test_expressions_read_what_is_there_now() -> None:
    expressions, table, held = Expressions(), {"a": 1}, [3]
    bind = expressions.bind
    read = expressions.reader([f"{bind(table)}['a']", f"*{bind(held)}", "", "k"], "k")
    assert read(5) == (1, 3, 5)
    table["a"] = 2
    held.append(4)
    assert read(6) == (2, 3, 4, 6)


def test_a_module_that_had_hooks_may_get_some() -> None:
    model = mlp()
    model[0].register_forward_pre_hook(lambda module, args: None).remove()
    compiled = ag.compile(ag.no_grad(model))
    for _ in range(3):
        compiled(t(2, 3))
    model[0].register_forward_pre_hook(lambda module, args: args[0] * 2)
    with pytest.raises(TraceError, match="has a hook"):
        compiled(t(2, 3))


def test_a_check_at_every_so_many_calls_is_made(monkeypatch: Any) -> None:
    """Also at each of them: by `check=1`."""
    checked: list[int] = []
    for every in (1, 3):
        compiled = ag.compile(lambda x: x * 2, check=every)
        known = compile_module.checked_call
        monkeypatch.setattr(
            compile_module,
            "checked_call",
            lambda *a, known=known: (checked.append(0), known(*a))[1],
        )
        for _ in range(7):
            compiled(t(3))
        monkeypatch.undo()
        assert len(checked) == len(range(0, 7, every))
        checked.clear()
