"""A compiled call gives and leaves what the eager call does: layers, optimizers, whole steps."""

from __future__ import annotations

import copy
import itertools
import os
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd.engine.op import Op
from tests.layers import CASES
from tests.layers.case import Case, flatten
from tests.optim_table import ROWS, Row
from tests.programs import Step, assert_same, copied, draw, state_of, trained
from tests.test_program import (
    DTYPE_BY_NUMBERS,
    MODELS,
    PYTHON_DECIDES,
    STEPS,
    cross_entropy,
    leaf,
    loss_of,
    narrowed,
    pairs,
    whole,
)
from tests.test_traced_calls import DRAWS, ERRORS, PROGRAMS, WITH_SAMPLES, other

F = nn.functional
pytestmark = pytest.mark.filterwarnings("ignore::autograd.errors.GradientLostWarning")


BACKENDS = ["kernels", "numpy", "native"]
# Ops and layers by the backends that their own tests hold: CHAINGRAD_BACKENDS=native,numpy
WIDE = os.environ.get("CHAINGRAD_BACKENDS", "kernels").split(",")
by_some = pytest.mark.parametrize("backend", WIDE, indirect=True)
SAMPLES = 2 if WIDE == ["kernels"] else None  # of an op: all have been traced elsewhere


@pytest.fixture(autouse=True, params=BACKENDS)
def backend(request: Any, monkeypatch: Any) -> Any:
    """Where nothing is fused, the bits are the same; else the check of each call holds them."""
    if request.param == "native":
        pytest.importorskip("llvmlite")
    monkeypatch.setattr("autograd.compiler.face.backend.kind", lambda: request.param)
    return request.param


@pytest.fixture
def checks(backend: str) -> Any:
    """How often calls are checked by themselves."""
    return "first" if backend == "kernels" else "always"


def assert_compiled_same(
    make: Callable[[], Step], batches: Sequence[tuple[Any, ...]], check: Any = "first"
) -> Any:
    """Run compiled and eager beside each other, with generators of their own; the function."""
    ag.random.manual_seed(5)
    mine = make()
    ag.random.manual_seed(5)
    theirs = make()
    compiled = ag.compile(mine.call, check=check)
    one, two = np.random.default_rng(12), np.random.default_rng(12)
    for number, batch in enumerate(batches):
        given, right_given = copied(batch), copied(batch)
        with ag.random.drawing_from(two):
            right = theirs.call(*right_given)
        with ag.random.drawing_from(one):
            found = compiled(*given)
        try:
            assert_same(found, right)
            assert_same(state_of([*mine.holders, list(given)]),
                        state_of([*theirs.holders, list(right_given)]))  # fmt: skip
        except AssertionError as error:
            error.add_note(f"at call {number} of\n{compiled.program}")
            raise
        assert one.bit_generator.state == two.bit_generator.state
    return compiled


@by_some
@pytest.mark.parametrize("op", WITH_SAMPLES)
def test_any_op_gives_the_same_and_the_same_gradients(op: Op, checks: Any) -> None:
    """By the rule of the compiled call, outside of it."""
    if op.name in PYTHON_DECIDES or op.name in DTYPE_BY_NUMBERS:
        return
    for sample in itertools.islice(op.samples(), SAMPLES):
        call = ag.compile(lambda *xs, p=sample.params: op.record(*xs, **p), check=checks)
        for change in (lambda x: x, other):
            xs = [leaf(change(narrowed(x, "as it is"))) for x in sample.inputs]
            with np.errstate(all="ignore"):
                try:
                    right, slopes = graded(lambda *xs, p=sample.params: op.record(*xs, **p), xs)
                except ERRORS:
                    continue
                for _ in range(2):
                    found, mine = graded(call, xs)
                    assert_same(found, right)
                    assert_same(mine, slopes)


def graded(call: Any, xs: Sequence[Any]) -> tuple[Any, Any]:
    result = call(*xs)
    loss = loss_of(result)
    leaves = [x for x in flatten(list(xs)) if isinstance(x, ag.Tensor) and x.requires_grad]
    if not isinstance(loss, ag.Tensor) or not leaves:
        return result, []
    return result, list(ag.grad(loss, leaves, allow_unused=True))


@by_some
@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_any_layer_gives_the_same_and_the_same_gradients(
    case: Case, training: bool, checks: Any
) -> None:
    if "max_norm" in case.kwargs:
        return
    ag.random.manual_seed(3)
    layer = case.make(dtype=np.float32).train(training)
    twin = copy.deepcopy(layer)
    call = ag.compile(layer, check=checks)
    inputs = case.arrays(np.float32)
    one, two = np.random.default_rng(1), np.random.default_rng(1)
    with np.errstate(all="ignore"):
        for number in range(OTHERS):
            given = [others(x)[number] for x in inputs]
            right, error = trained_on(twin, given, two)
            if error is not None:  # such numbers are none that the layer takes
                with pytest.raises(type(error), match=re.escape(str(error)[:30])):
                    trained_on(call, given, one, raises=True)
                continue
            assert_same(trained_on(call, given, one, raises=True)[0], right)
            assert_same(state_of([layer]), state_of([twin]))
            for p in (*layer.parameters(), *twin.parameters()):
                p.grad = None


OTHERS = 5


def others(x: Any) -> list[Any]:
    """Other numbers for an input: labels, masks and lengths too, which Python may look at."""
    if isinstance(x, (tuple, list)):
        return [type(x)(parts) for parts in zip(*map(others, x), strict=True)]
    if not isinstance(x, np.ndarray) or not x.size:
        return [x] * OTHERS
    turned = np.roll(x, 1, 0) if x.ndim else x
    if x.dtype == bool:
        return [x, ~x, turned, np.ones_like(x), np.zeros_like(x)]
    if x.dtype.kind in "iu":
        return [x, turned, np.full_like(x, x.min()), np.full_like(x, x.max()), x * 0]
    return [x, turned * x.dtype.type(0.75), -x, x * 0, np.abs(x) * x.dtype.type(9)]


def trained_on(call: Any, given: Any, rng: Any, raises: bool = False) -> tuple[Any, Any]:
    """What a layer gives, with gradients left; or its error."""
    try:
        with ag.random.drawing_from(rng):
            result = call(*map(tensors, given))
    except ag.errors.AutogradError as error:
        if raises:
            raise
        return None, error
    loss = loss_of(result)
    if isinstance(loss, ag.Tensor) and loss.requires_grad:
        loss.backward()
    return result, None


def tensors(structure: Any) -> Any:
    if isinstance(structure, (tuple, list)):
        return type(structure)(tensors(part) for part in structure)
    return ag.Tensor(structure) if isinstance(structure, (np.ndarray, np.generic)) else structure


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_any_optimizer_takes_the_same_steps(row: Row) -> None:
    def make() -> Step:
        rng = np.random.default_rng(0)
        params = [ag.Tensor(rng.standard_normal(shape), requires_grad=True) for shape in row.shapes]
        optimizer = row.make(params)

        def step(*targets: Any) -> Any:
            optimizer.zero_grad()
            total: Any = 0.0
            for p, target in zip(params, targets, strict=True):
                total = total + ((p - target) ** 3).sum()
            total.backward()
            optimizer.step()
            return total

        return Step(step, params, optimizer)

    batches = [
        tuple(ag.Tensor(draw(*shape, seed=seed, dtype=np.float64)) for shape in row.shapes)
        for seed in range(3)
    ]
    assert_compiled_same(make, batches, check="always")


@pytest.mark.parametrize("check", ["first", "always", "never", 2], ids=str)
@pytest.mark.parametrize("name", STEPS)
def test_a_step_does_what_the_call_does(name: str, check: Any, backend: str) -> None:
    if backend != "kernels" and check != "always":
        return
    assert_compiled_same(STEPS[name], pairs(3), check)


@pytest.mark.parametrize("name", DRAWS)
def test_draws_are_made_anew(name: str, checks: Any) -> None:
    batches = [(ag.Tensor(draw(3, 6, 4, seed=s), requires_grad=True),) for s in range(3)]

    def call(x: Any) -> Any:
        result = DRAWS[name](x)
        loss = loss_of(result)
        if isinstance(loss, ag.Tensor):
            loss.backward()
        return result

    assert_compiled_same(lambda: Step(call), batches, checks)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_does_what_the_call_does(name: str, checks: Any) -> None:
    make, arguments = PROGRAMS[name]

    def step() -> Step:
        f = make()
        return Step(lambda args, kwargs: f(*args, **kwargs), f)

    assert_compiled_same(step, [tensors_in(arguments(4, seed)) for seed in (0, 1)], checks)


def tensors_in(structure: Any) -> Any:
    if isinstance(structure, dict):
        return {key: tensors_in(part) for key, part in structure.items()}
    if isinstance(structure, (tuple, list)):
        return type(structure)(tensors_in(part) for part in structure)
    return ag.Tensor(structure) if isinstance(structure, np.ndarray) else structure


@pytest.mark.parametrize("name", MODELS)
def test_models_are_trained_to_the_same_losses(name: str, checks: Any) -> None:
    model, inputs, classes = MODELS[name]

    def make() -> Step:
        made = model()
        return trained(made, optim.Adam(made.parameters(), lr=0.01), cross_entropy)

    batches = [
        (ag.Tensor(x := inputs(s)), ag.Tensor(whole(len(x), below=classes, seed=s)))
        for s in range(3)
    ]
    assert_compiled_same(make, batches, checks)


# ---- gradients that lie there when a call begins -------------------------------------------------


def all_gone(model: nn.Module, optimizer: Any) -> None:
    optimizer.zero_grad()


def all_zero(model: nn.Module, optimizer: Any) -> None:
    optimizer.zero_grad(set_to_none=False)


def gone_by_hand(model: nn.Module, optimizer: Any) -> None:
    for p in model.parameters():
        p.grad = None


def gone_where_there(model: nn.Module, optimizer: Any) -> None:
    for p in model.parameters():
        if p.grad is not None:
            p.grad = None


def one_gone(model: nn.Module, optimizer: Any) -> None:
    next(model.parameters()).grad = None


@pytest.mark.parametrize(
    "drop", [all_gone, all_zero, gone_by_hand, gone_where_there, one_gone], ids=lambda f: f.__name__
)
def test_a_step_that_ends_by_dropping_gradients_drops_those_it_found(drop: Any) -> None:
    x = ag.Tensor(np.random.default_rng(0).standard_normal((5, 3)).astype("float32"))
    found = []
    for way in (ag.compile, lambda step: step):
        model = nn.Linear(3, 2, rng=0)
        optimizer = optim.SGD(model.parameters(), lr=0.1)

        def step(model: Any = model, optimizer: Any = optimizer) -> Any:
            loss = (model(x) ** 2).mean()
            loss.backward()
            optimizer.step()
            drop(model, optimizer)
            return loss

        call: Any = way(step)  # type: ignore[no-untyped-call]
        for turn in range(5):
            if turn == 2:  # as after a backward pass of one's own, or a call that failed
                (model(x) ** 3).sum().backward()
            call()
        found.append([v for p in model.parameters() for v in (p._value, p.grad)])
    for mine, theirs in zip(*found, strict=True):
        assert (mine is None) == (theirs is None)
        if mine is not None:
            np.testing.assert_allclose(np.asarray(mine), np.asarray(theirs), 1e-5, 1e-7)
