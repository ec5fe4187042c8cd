"""Memory: a graph keeps what its rules name, and dies without a garbage collector."""

from __future__ import annotations

import gc
import tracemalloc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.engine.node import Node
from autograd.errors import ShapeError

DEEP = 1_000_000


@pytest.fixture(autouse=True)
def _no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def leaf(data: Any = (1.0, 2.0)) -> ag.Tensor:
    return ag.Tensor(np.array(data), requires_grad=True)


def nodes_alive() -> int:
    return sum(type(o) is Node for o in gc.get_objects())


# ---- what dies -----------------------------------------------------------------------------------


def fails(x: ag.Tensor) -> None:
    with pytest.raises(ShapeError):
        x * np.ones(3)


PROGRAMS: dict[str, Callable[[ag.Tensor], Any]] = {
    "forward": lambda x: (x * x).exp().sum(),
    "backward": lambda x: (x * x).exp().sum().backward(),
    "retained": lambda x: (x * x).sum().backward(retain_graph=True),
    "grad": lambda x: ag.grad((x * x).exp().sum(), x),
    "second order": lambda x: ag.grad(ag.grad((x * x * x).sum(), x, create_graph=True)[0].sum(), x),
    "created graph": lambda x: ag.grad((x * x * x).sum(), x, create_graph=True),
    "hooks": lambda x: ((y := x * 2).register_hook(lambda g: g * 2), y.sum().backward()),
    "in place": lambda x: ((y := x * 2).__iadd__(1.0), y.__setitem__(0, 5.0), y.sum().backward()),
    "iteration": lambda x: sum(x).backward(),  # type: ignore[attr-defined]
    "graph": lambda x: (ag.Graph((x * x).sum()).replay({x: [3.0, 4.0]}), None)[1],
    "an error": lambda x: fails(x),
    "copies": lambda x: (x.detach(), ag.Tensor(x), (x * 2).numpy()),
    "no_grad": lambda x: ag.no_grad()(lambda: x * 2)(),
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_nothing_of_a_dropped_graph_survives(program: str) -> None:
    def run() -> None:
        x = leaf()
        PROGRAMS[program](x)

    run()  # what is cached once is no leak
    gc.collect()
    before = nodes_alive()
    for _ in range(3):
        run()
    assert nodes_alive() == before


def test_tensors_and_arrays_of_a_dropped_graph_die_at_once() -> None:
    x = leaf(np.ones(10))
    y = x * x
    z = y.exp()
    refs = [weakref.ref(o) for o in (x, y, z, x._node, y._node, z._node, y._value, z._value)]
    z.sum().backward()
    del y, z
    assert [r() is None for r in refs] == [False, True, True, False, True, True, True, True]
    del x
    assert [r() for r in refs] == [None] * len(refs)


def test_an_intermediate_dies_before_backward_if_no_rule_named_it() -> None:
    x = leaf(np.ones(10))
    y = x + 1.0  # add's rules name nothing, nor do those of multiplication by a constant
    value, tensor = weakref.ref(y._value), weakref.ref(y)
    z = (y * 3.0).sum()
    assert value() is not None
    del y
    assert tensor() is None
    assert value() is None
    z.backward()
    assert x.grad is not None
    assert x.grad.tolist() == [3.0] * 10


def test_only_what_the_rules_of_needed_inputs_name_is_kept() -> None:
    x, c = leaf(np.ones(3)), ag.Tensor(np.full(3, 2.0))
    product, quotient, power = (x * c)._node, (x / c)._node, x.exp()._node
    assert product is not None
    assert quotient is not None
    assert power is not None
    assert product.saved[0] is None  # x is for c's gradient, and c needs none
    assert product.saved[1] is c._value
    assert quotient.saved[0] is None
    assert quotient.saved[2] is None
    assert power.saved[0] is None
    assert power.saved[1] is not None
    assert not (x + c)._node.saved  # type: ignore[union-attr]


def test_saved_arrays_are_freed_as_the_sweep_passes() -> None:
    x = leaf(np.ones(10))
    first = x.exp()
    second = first.exp()
    late, early = weakref.ref(second._value), weakref.ref(first._value)
    seen: list[tuple[bool, bool]] = []
    x.register_hook(lambda g: seen.append((late() is None, early() is None)))
    first.register_hook(lambda g: seen.append((late() is None, early() is None)))
    loss = second.sum()
    del first, second
    loss.backward()
    assert seen == [(True, False), (True, True)]


def test_backward_needs_no_more_than_a_few_arrays_at_once() -> None:
    size, depth = 200_000, 20
    x = leaf(np.zeros(size))
    y = x
    for _ in range(depth):
        y = y.tanh()  # keeps its output
    loss = y.sum()
    del y
    tracemalloc.start()
    try:
        start, _ = tracemalloc.get_traced_memory()
        loss.backward()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - start < 6 * size * 8  # g, and the temporaries of one rule


def test_a_forward_pass_under_no_grad_keeps_nothing() -> None:
    x = leaf(np.zeros(10))
    with ag.no_grad():
        y = x.exp()
        ref = weakref.ref(y._value)
        z = y.exp()
        del y
    assert ref() is None
    assert z.size == 10


def test_a_released_graph_frees_its_saved_values_though_the_output_lives() -> None:
    x = leaf(np.ones(10))
    y = x.exp()
    ref = weakref.ref(y._value)
    loss = y.sum()
    del y
    assert ref() is not None
    loss.backward()
    assert ref() is None
    assert loss.item() == pytest.approx(10 * np.e)


def test_the_cotangent_that_nothing_else_holds_becomes_grad_without_a_copy() -> None:
    x = leaf(np.zeros(100_000))
    y, seed = x * 2.0, np.ones(100_000)
    tracemalloc.start()
    try:
        y.backward(seed)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1.5 * x.nbytes


# ---- depth ---------------------------------------------------------------------------------------


def test_a_very_deep_graph_runs_forward_backward_and_is_dropped() -> None:
    x = ag.Tensor(1.0, requires_grad=True)
    y = x
    for _ in range(DEEP):
        y = y * 1.0
    ref = weakref.ref(y)
    y.backward(retain_graph=True)
    assert x.grad is not None
    assert x.grad.item() == 1.0
    del y
    assert ref() is None


def test_a_very_deep_graph_that_was_never_differentiated_is_dropped() -> None:
    x = ag.Tensor(np.zeros(1), requires_grad=True)
    y = x
    before = nodes_alive()
    for _ in range(DEEP // 4):
        y = y + x
    y = x
    assert nodes_alive() == before


def test_a_deep_created_graph_is_dropped() -> None:
    x = ag.Tensor(1.5, requires_grad=True)
    y = x
    for _ in range(20_000):
        y = y * x * 0.5
    (dx,) = ag.grad(y, x, create_graph=True)
    ref = weakref.ref(dx)
    del y, dx
    assert ref() is None


def test_wide_fan_out_is_linear() -> None:
    x = leaf([1.0])
    total = x * 0.0
    for _ in range(20_000):
        total = total + x
    total.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [20_000.0]


def test_a_ladder_of_diamonds_visits_each_node_once() -> None:
    x = ag.Tensor(np.float64(1.0), requires_grad=True)
    y = x
    for _ in range(60):
        y = (y + y) * 0.5  # 2⁶⁰ paths
    y.backward()
    assert x.grad is not None
    assert x.grad.item() == 1.0
