"""Random programs: by the interpreter, after passes and by a plan they give the bits of the call.

They are made of elementwise ops, products, slices, views and writing into them, draws, detached
parts, gradients of first and second order, buffers, and steps of optimizers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
import optim
from autograd.program.passes import (
    MAY_HAND_ON,
    common_subexpressions,
    constant_folding,
    dead_code,
    last_uses,
)
from autograd.program.plan import Plan
from tests.programs import Step, assert_same_as_eager, draw
from tests.random_programs import WAYS, check
from tests.test_traced_calls import WITH_SAMPLES

pytestmark = pytest.mark.filterwarnings("ignore::autograd.errors.GradientLostWarning")

State = list[ag.Tensor]  # what the program has so far, all (3, 4)
Move = Callable[[State, Any, Any], ag.Tensor]


def in_place(x: Any) -> ag.Tensor:
    y = ag.Tensor(x) * 1
    y[1:, ::2] = x[:2, ::2] * 2
    y += 0.5
    return y


def through_a_view(x: Any) -> ag.Tensor:
    y = x * 1
    row = y[1]
    row *= 3
    y.T[0] = row[:3]
    return y


def slope(x: Any, create_graph: bool) -> ag.Tensor:
    if not x.requires_grad:
        return x
    (g,) = ag.grad((ag.sin(x) * x).sum(), x, create_graph=create_graph, retain_graph=True)
    return g


def curvature(x: Any) -> ag.Tensor:
    if not x.requires_grad:
        return x
    (g,) = ag.grad((x**3).sum(), x, create_graph=True)
    (h,) = ag.grad((g * x.detach()).sum(), x, create_graph=True)
    return h


ONE: dict[str, Callable[[Any], Any]] = {
    "sin": ag.sin,
    "tanh": ag.tanh,
    "scaled": lambda x: x * 0.5 + 1,
    "relu": ag.relu,
    "exp": lambda x: ag.exp(-x * x),
    "softmax": lambda x: ag.softmax(x, axis=1),
    "turned": lambda x: x.T.reshape(3, 4),
    "sliced": lambda x: ag.concatenate([x[1:], x[:1]]),
    "flipped": lambda x: x[::-1, [3, 0, 1, 2]],
    "sorted": lambda x: ag.sort(x, axis=0),
    "centred": lambda x: x - x.mean(axis=0, keepdims=True),
    "halves": lambda x: ag.concatenate(ag.split(x, 2, axis=1)[::-1], axis=1),
    "masked": lambda x: ag.where(x > 0, x, x.detach() * 0.1),
    "looked up": lambda x: ag.take_along_axis(x, x.argmax(axis=1, keepdims=True), axis=1) + x,
    "detached": lambda x: x.detach() * x,
    "in place": in_place,
    "through a view": through_a_view,
    "dropped": lambda x: x * ag.random.bernoulli(ag.full((3, 4), 0.5)),
    "noisy": lambda x: x + ag.random.randn(3, 4).astype(x.dtype) * 0.1,
    "slope": lambda x: slope(x, False),
    "recorded slope": lambda x: slope(x, True),
    "curvature": curvature,
}
TWO: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "maximum": ag.maximum,
    "divide": lambda x, y: x / (1 + y * y),
    "product": lambda x, y: (x @ y.T) @ x * 0.1,
    "outer": lambda x, y: ag.einsum("ij,kj->ik", x, y) @ y * 0.1,
}

moves = st.lists(
    st.tuples(st.sampled_from([*ONE, *TWO]), st.integers(0, 99), st.integers(0, 99)),
    min_size=1, max_size=9,
)  # fmt: skip
endings = st.sampled_from(["value", "backward", "twice", "SGD", "Adam", "RMSprop", "by hand"])


def made_of(path: Any, ending: str, dtype: Any) -> Callable[[], Step]:
    """A program: its moves, and what it does with the loss."""

    def make() -> Step:
        w = ag.Tensor(draw(3, 4, seed=3, dtype=dtype), requires_grad=True, name="w")
        total = ag.zeros(3, 4, dtype=dtype)
        kind = getattr(optim, ending, None)
        optimizer = None if kind is None else kind([w], lr=0.1)

        def call(x: Any) -> Any:
            if ending != "backward":  # whose gradients add up
                w.grad = None
            values = [w, x, x * w]
            for name, i, j in path:
                a, b = values[i % len(values)], values[j % len(values)]
                values.append(ONE[name](a) if name in ONE else TWO[name](a, b))
            total[...] = total * 0.5 + values[-1].detach()
            loss = (values[-1] * w).mean() + values[len(path) // 2].sum() * 0.01
            if ending != "value":
                loss.backward(retain_graph=ending == "twice")
            if ending == "twice":
                loss.backward()
            if optimizer is not None:
                optimizer.step()
            elif ending == "by hand":
                with ag.no_grad():
                    w[...] = w - 0.1 * w.grad
            return {"loss": loss, "values": values[3:]}

        return Step(call, w, total, *([] if optimizer is None else [optimizer]))

    return make


def simplified(program: Any) -> Any:
    return dead_code(common_subexpressions(constant_folding(program)))


CHANGES: dict[str, Any] = {
    "interpreted": None,
    "dead code": dead_code,
    "common subexpressions": common_subexpressions,
    "constants folded": constant_folding,
    "simplified, planned": lambda program: Plan(simplified(program)),
    "planned": Plan,
}


@pytest.mark.parametrize("change", CHANGES)
@settings(max_examples=60, deadline=None)
@given(path=moves, ending=endings, dtype=st.sampled_from([np.float32, np.float64]))
def test_a_random_program_does_what_the_call_does(
    change: str, path: Any, ending: str, dtype: Any
) -> None:
    batches = [(ag.Tensor(draw(3, 4, seed=s, dtype=dtype)),) for s in range(2)]
    with np.errstate(all="ignore"):
        assert_same_as_eager(made_of(path, ending, dtype), batches, CHANGES[change])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", [*ONE, *TWO])
def test_each_move_alone_does_what_the_call_does(name: str, dtype: Any) -> None:
    batches = [(ag.Tensor(draw(3, 4, seed=s, dtype=dtype)),) for s in range(2)]
    for change in (None, CHANGES["simplified, planned"]):
        assert_same_as_eager(made_of([(name, 2, 1)], "Adam", dtype), batches, change)


def test_common_subexpressions_are_computed_once_and_constants_now() -> None:
    x = ag.Tensor([1.0, 2.0])
    program = ag.trace(lambda x: ag.exp(x) * ag.exp(x) + ag.exp(ag.Tensor([0.0, 0.0])), x)
    names = [node.op.name for node in common_subexpressions(program)]
    assert names.count("exp") == 2
    folded = constant_folding(common_subexpressions(program))
    assert [node.op.name for node in folded] == ["input", "exp", "multiply", "constant", "add"]


def test_what_a_program_draws_is_drawn_though_nothing_reads_it() -> None:
    def call(x: Any) -> Any:
        ag.random.rand(3)
        return x + ag.random.rand(2) - ag.random.rand(2)

    program = simplified(ag.trace(call, ag.Tensor([1.0, 2.0])))
    assert len(program.draws) == 3


def test_the_step_of_a_plan_is_taken_in_place_where_nothing_else_reads_the_old_values() -> None:
    w = ag.Tensor(draw(200, 100), requires_grad=True, name="w")
    optimizer = optim.Adam([w])

    def step(x: Any, result: Any = None) -> Any:
        w.grad = None
        loss = (w * x).sum()
        loss.backward()
        optimizer.step()
        return loss if result is None else w.detach()

    x = ag.Tensor(2.0)
    plan = Plan(ag.trace(step, x))
    assert len(plan.in_place) == 1
    assert not Plan(ag.trace(step, x, result="w")).in_place
    plan(x)
    where = w._value.ctypes.data
    plan(x)
    assert w._value.ctypes.data == where


@pytest.mark.parametrize("first", range(0, 200, 20))
def test_random_programs_by_their_numbers(first: int) -> None:
    """`python -m tests.random_programs` runs any range of them."""
    ways = [WAYS["interpreter"], WAYS["passes and plan"]]
    refused = [check(number, ways) for number in range(first, first + 20)]
    assert sum(reason is not None for reason in refused) <= 1


@pytest.mark.parametrize("number", [904, 1364, 1506, 1756, 3122])
def test_numbers_lie_in_memory_as_in_the_call(number: int) -> None:
    """Sums are taken in another order where they do not: what is written to by a view keeps it."""
    assert check(number, [WAYS["interpreter"], WAYS["plan"]]) is None


@pytest.mark.parametrize("op", WITH_SAMPLES)
def test_a_value_lies_in_the_memory_of_an_input_only_where_passes_know_it(op: Any) -> None:
    for sample in op.samples():
        for dtype in (np.float32, np.float64):
            inputs = [
                x.astype(dtype) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x
                for x in sample.inputs
            ]
            with np.errstate(all="ignore"):
                try:
                    out = op.narrow(*inputs, **sample.params)
                except (TypeError, ValueError):
                    continue  # a sample for Tensors
            shared = any(
                isinstance(x, np.ndarray) and isinstance(y, np.ndarray) and np.shares_memory(x, y)
                for x in (out if isinstance(out, (tuple, list)) else (out,))
                for y in inputs
            )
            assert not shared or op.views or op.composite or op.name in MAY_HAND_ON


def test_memory_is_free_after_the_last_use_of_all_views_of_it() -> None:
    program = ag.trace(lambda x: ag.exp(x).reshape(-1)[1:].sum() * 2, ag.ones(2, 2))
    uses = {node.op.name: number for node, number in last_uses(program).items()}
    numbers = {node.op.name: number for number, node in enumerate(program)}
    assert uses["exp"] == uses["reshape"] == uses["getitem"] == numbers["sum"]
    step = next(step for step in Plan(program).steps if step.node.op.name == "sum")
    assert len(step.empties) == 3
