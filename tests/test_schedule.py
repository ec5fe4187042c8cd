"""Schedules give the bits of their instructions, in memory that no two living values share."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
import nn
import optim
from autograd.compiler.in_numpy import NumpyPlan
from autograd.compiler.instruction import Instruction
from autograd.compiler.lower.evaluate import Reference
from autograd.compiler.lower.lower import lower
from autograd.compiler.native.plan import NativePlan
from autograd.compiler.planning import groups
from autograd.compiler.planning.arena import ALIGNED, Life, placed
from autograd.compiler.planning.planner import schedule
from autograd.compiler.schedule import Buffer, Schedule
from autograd.engine.op import Op
from autograd.errors import TraceError
from tests.layers import CASES
from tests.layers.case import Case
from tests.optim_table import ROWS, Row
from tests.programs import Step, assert_near, assert_same, copied, draw, state_of, trained
from tests.test_program import (
    DRAWS,
    DTYPE_BY_NUMBERS,
    PROGRAMS,
    PYTHON_DECIDES,
    STEPS,
    leaf,
    loss_of,
    narrowed,
    pairs,
    tensors,
)  # fmt: skip
from tests.test_program_random import ONE, TWO, endings, made_of, moves
from tests.test_traced_calls import ERRORS, WITH_SAMPLES, other

pytestmark = pytest.mark.filterwarnings("ignore::autograd.errors.GradientLostWarning")


class Checked(NumpyPlan):
    """A plan in NumPy whose schedules keep the law of memory."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        found = super().__call__(*args, **kwargs)
        for way in self.ways:
            assert_nothing_is_lost(way.schedule)
        return found


WAYS: dict[str, Callable[[Any], Any]] = {
    "one by one": Checked,
    "fused": lambda program: Checked(program, fused=True),
}


def assert_nothing_is_lost(plan: Schedule) -> None:
    """What a kernel reads is still there: no other value has been written to its memory since."""
    owner: dict[tuple[Any, int], Instruction] = {}  # of each line of memory, and each source

    def cells(buffer: Buffer) -> list[tuple[Any, int]]:
        memory: Any = buffer.number if buffer.base is None else buffer.base
        if buffer.place not in ("arena", "lent", "result"):
            return [(memory, 0)]
        end = buffer.offset + buffer.nbytes
        assert buffer.offset % ALIGNED == 0
        if buffer.place == "arena":
            assert end <= plan.arena_bytes
            memory = "arena"
        elif buffer.place == "lent":
            assert plan.buffers[memory].place == "result"
            assert end <= max(plan.buffers[memory].nbytes, plan.buffers[memory].room)
        return [(memory, k) for k in range(buffer.offset // ALIGNED, -(-end // ALIGNED))]

    def root(buffer: Buffer) -> Buffer:
        while buffer.base is not None and buffer.instruction.kind == "view":
            buffer = plan.buffers[buffer.base]
        return buffer

    def check(buffer: Buffer) -> None:
        x = root(buffer)
        if x.instruction.kind == "source" or x.instruction.kind == "constant":
            assert owner.get(cells(x)[0], x.instruction) is x.instruction
        else:
            assert all(owner[cell] is x.instruction for cell in cells(x))

    freed: set[int] = set()
    for kernel in plan.kernels:
        for buffer in kernel.reads:
            if isinstance(buffer, Buffer):
                assert root(buffer).number not in freed
                check(buffer)
        for buffer in kernel.writes:
            owner.update(dict.fromkeys(cells(buffer), buffer.instruction))
        for buffer in kernel.writes:  # not one over another
            check(buffer)
        freed.update(kernel.frees)
    for node, buffer in plan.results.items():
        if node not in plan.in_place and root(buffer).instruction.kind != "source":
            check(buffer)


def assert_same_bits(
    make: Callable[[], Step], batches: Sequence[tuple[Any, ...]], way: Callable[[Any], Any],
    law: Callable[[Any, Any], None] = assert_same,
) -> None:  # fmt: skip
    """Beside the instructions one by one: results and all that is written, to the bit."""
    steps, runs = [], []
    for made in (way, Reference):
        ag.random.manual_seed(5)
        steps.append(make())
        with ag.random.drawing_from(np.random.default_rng(11)):
            runs.append(made(ag.trace(steps[-1].call, *copied(batches[0]))))
    rngs = [np.random.default_rng(12) for _ in runs]
    for batch in batches:
        given, found = [copied(batch) for _ in runs], []
        for run, rng, xs in zip(runs, rngs, given, strict=True):
            with ag.random.drawing_from(rng):
                found.append(run(*xs))
        law(*found)
        law(*(state_of([*step.holders, list(xs)]) for step, xs in zip(steps, given, strict=True)))


# ---- the same as the instructions one by one -----------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", STEPS)
def test_a_step_leaves_the_same_bits(name: str, way: str) -> None:
    assert_same_bits(STEPS[name], pairs(3), WAYS[way])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", DRAWS)
def test_draws_are_made_anew(name: str, way: str) -> None:
    batches = [(ag.Tensor(draw(3, 6, 4, seed=s), requires_grad=True),) for s in range(3)]

    def call(x: Any) -> Any:
        result = DRAWS[name](x)
        loss = loss_of(result)
        if isinstance(loss, ag.Tensor):
            loss.backward()
        return result

    assert_same_bits(lambda: Step(call), batches, WAYS[way])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_gives_the_same_bits(name: str, way: str) -> None:
    make, arguments = PROGRAMS[name]

    def step() -> Step:
        f = make()
        return Step(lambda args, kwargs: f(*args, **kwargs), f)

    assert_same_bits(step, [tensors(arguments(4, seed)) for seed in (0, 1)], WAYS[way])


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=60, deadline=None)
@given(path=moves, ending=endings, dtype=st.sampled_from([np.float32, np.float64]))
def test_a_random_program_gives_the_same_bits(way: str, path: Any, ending: str, dtype: Any) -> None:
    batches = [(ag.Tensor(draw(3, 4, seed=s, dtype=dtype)),) for s in range(3)]
    turned = any(name == "flipped" for name, _, _ in path)  # a call whose array lies otherwise
    law = partial(assert_near, least=dtype) if turned else assert_same
    with np.errstate(all="ignore"):
        assert_same_bits(made_of(path, ending, dtype), batches, WAYS[way], law)


@pytest.mark.parametrize("name", [*ONE, *TWO])
def test_each_move_alone_gives_the_same_bits(name: str) -> None:
    for dtype in (np.float32, np.float64):
        batches = [(ag.Tensor(draw(3, 4, seed=s, dtype=dtype)),) for s in range(2)]
        for way in WAYS.values():
            assert_same_bits(made_of([(name, 2, 1)], "Adam", dtype), batches, way)


@pytest.mark.parametrize("op", WITH_SAMPLES)
def test_any_op_and_its_gradients_are_planned(op: Op) -> None:
    """In single precision, with empty, 0-d and strided inputs, on other numbers as well."""
    for number, sample in enumerate(op.samples()):

        def make(params: Any = sample.params) -> Step:
            def call(*xs: Any) -> Any:
                result = op.record(*xs, **params)
                loss = loss_of(result)
                if isinstance(loss, ag.Tensor):
                    loss.backward()
                return result

            return Step(call)

        first = [narrowed(x, "float32") for x in sample.inputs]
        batches = [tuple(map(leaf, first)), tuple(leaf(other(x)) for x in first)]
        if op.name in DTYPE_BY_NUMBERS:
            batches = batches[:1]
        with np.errstate(all="ignore"):
            try:
                for batch in batches:
                    make().call(*copied(batch))
            except ERRORS:
                continue  # the other numbers are none that the op takes
            for way in WAYS.values() if number < 2 else [WAYS["fused"]]:
                if op.name in PYTHON_DECIDES:
                    with suppress(TraceError):
                        assert_same_bits(make, batches, way)
                else:
                    assert_same_bits(make, batches, way)


@pytest.mark.parametrize("case", {case.name: case for case in CASES}.values(), ids=str)
def test_any_layer_is_planned(case: Case) -> None:
    if "max_norm" in case.kwargs:
        return  # which no program holds

    def make() -> Step:
        layer = case.make(dtype=np.float32)

        def call(*inputs: Any) -> Any:
            for p in layer.parameters():
                p.grad = None
            result = layer(*inputs)
            loss = loss_of(result)
            if isinstance(loss, ag.Tensor):
                loss.backward()
            return result

        return Step(call, layer)

    given = tensors(case.arrays(np.float32))
    with np.errstate(all="ignore"):
        assert_same_bits(make, [given, given], WAYS["fused"])


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_any_optimizer_takes_the_same_steps(row: Row) -> None:
    def make() -> Step:
        rng = np.random.default_rng(0)
        params = [ag.Tensor(rng.standard_normal(s), requires_grad=True) for s in row.shapes]
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
    for way in WAYS.values():
        assert_same_bits(make, batches, way)


# ---- who else has the memory ---------------------------------------------------------------------


def adam_on(w: Any, loss: Callable[..., Any], keep: Callable[[], Any] = lambda: None) -> Step:
    optimizer = optim.Adam([w], lr=0.1)

    def call(x: Any) -> Any:
        optimizer.zero_grad()
        old, value = keep(), loss(x)
        value.backward()
        optimizer.step()
        return value, old, keep()

    return Step(call, w, optimizer)


def shown(kind: str) -> Step:
    """A step whose parameter is also seen in another way."""
    w = ag.Tensor(draw(4, 3), requires_grad=True)
    if kind == "old and new are returned":
        return adam_on(w, lambda x: (w * x).sum(), lambda: w.detach())
    if kind == "a view is returned":
        return adam_on(w, lambda x: (w * x).sum(), lambda: w.T[0])
    if kind == "read after the step":
        step = adam_on(w, lambda x: (w.T @ x).sum())
        return Step(lambda x: (step.call(x)[0], (w @ x.T).sum()), *step.holders)
    if kind == "read turned and straight":
        return adam_on(w, lambda x: ((w @ w.T) @ x).sum() + (w * x).sum())
    holder = w.detach()  # kept by who made the step
    step = adam_on(w, lambda x: (w * x).sum())
    return Step(lambda x: (step.call(x)[0], holder * 1), holder, *step.holders)


SHOWN = ["old and new are returned", "a view is returned", "read after the step",
         "read turned and straight", "held outside"]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", SHOWN)
def test_a_parameter_that_is_seen_elsewhere_is_changed_for_all_alike(kind: str, way: str) -> None:
    batches = [(ag.Tensor(draw(4, 3, seed=s)),) for s in range(3)]
    assert_same_bits(lambda: shown(kind), batches, WAYS[way])


@pytest.mark.parametrize("way", WAYS)
def test_an_input_in_the_memory_of_a_parameter_is_read_as_it_was(way: str) -> None:
    """Kernels are ordered by names: that an array has two is found out at the run."""

    def run(change: Callable[[Any], Any] | None) -> tuple[Any, Any, Any]:
        w = ag.Tensor(draw(4, 3), requires_grad=True)
        step = adam_on(w, lambda x: (w * x).sum() * 2)

        def call(x: Any) -> Any:
            return step.call(x)[0], x * 3

        call(ag.Tensor(draw(4, 3)))  # there are moments now
        made = call if change is None else change(ag.trace(call, ag.Tensor(draw(4, 3))))
        own = made(ag.Tensor(w._value[::-1]))
        same = made(w.detach())
        return own, same, np.array(w._value)

    right, found = run(None), run(WAYS[way])
    for a, b in zip(found, right, strict=True):
        for x, y in zip(a, b, strict=True):
            np.testing.assert_array_equal(np.asarray(x), np.asarray(y))


def test_results_have_memory_of_their_own() -> None:
    plan = NumpyPlan(ag.trace(lambda x: (x * 2, (x * 2).T, x, x + 0.0), ag.ones((2, 3))))
    x = ag.ones((2, 3))
    found = [part._value for part in plan(x)]
    again = [part._value for part in plan(x)]
    arrays = [x._value, *found, *again]
    for k, a in enumerate(arrays):
        assert not any(np.shares_memory(a, b) for b in arrays[k + 1 :])


# ---- memory --------------------------------------------------------------------------------------

lives = st.lists(
    st.builds(lambda size, begin, more: Life(size, begin, begin + more),
              st.integers(0, 5000), st.integers(0, 30), st.integers(0, 12)),
    max_size=40,
)  # fmt: skip


@given(lives)
def test_the_arena_gives_no_byte_to_two_that_live_at_once(found: list[Life]) -> None:
    offsets, total = placed(found)
    for a, p in zip(found, offsets, strict=True):
        assert p % ALIGNED == 0
        assert p + a.size <= total
        for b, q in zip(found, offsets, strict=True):
            if a is not b and a.begin <= b.end and b.begin <= a.end and a.size and b.size:
                assert p + a.size <= q or q + b.size <= p


@given(lives)
def test_the_arena_is_no_larger_than_all_it_holds(found: list[Life]) -> None:
    _, total = placed(found)
    at_once = [sum(x.size for x in found if x.begin <= t <= x.end) for t in range(45)]
    assert total >= max(at_once)
    assert total <= sum(-(-x.size // ALIGNED) * ALIGNED for x in found)


def deep(batch: int, width: int, layers: int) -> tuple[Step, Any]:
    model = nn.Sequential(*(m for _ in range(layers) for m in (nn.Linear(width, width), nn.GELU())))
    step = trained(
        model, optim.SGD(model.parameters(), lr=0.1), lambda m, x: ag.square(m(x)).mean()
    )
    return step, (ag.Tensor(draw(batch, width)),)


def peak_of(call: Callable[[], Any]) -> int:
    call()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        call()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def test_a_step_needs_no_more_memory_than_the_eager_one() -> None:
    step, batch = deep(1024, 128, 8)
    eager = peak_of(lambda: step.call(*batch))
    plan = schedule(lower(ag.trace(step.call, *batch)))
    results = sum(b.nbytes for b in plan.buffers if b.place == "result" and b.base is None)
    assert plan.arena_bytes + results <= eager


def test_a_run_makes_no_arrays_but_its_results() -> None:
    step, batch = deep(256, 64, 12)  # larger products call kernels, which have memory of their own
    plan = NumpyPlan(ag.trace(step.call, *batch))
    peak = peak_of(lambda: plan(*batch))
    (way,) = plan.ways
    results = sum(b.nbytes for b in way.schedule.buffers if b.place == "result" and b.base is None)
    assert peak <= 2.2 * results + 100_000  # and what is handed out is copied


# ---- what is made of a program -------------------------------------------------------------------


def kernels_of(function: Callable[..., Any], *examples: Any) -> list[tuple[str, int]]:
    plan = schedule(lower(ag.trace(function, *examples)))
    return [(kernel.kind, len(kernel.instructions)) for kernel in plan.kernels]


def test_a_chain_and_its_gradient_are_one_loop() -> None:
    x = ag.Tensor(draw(100, 100), requires_grad=True)

    def call(x: Any) -> Any:
        loss = (ag.tanh(x * 2 + 1) * ag.sigmoid(x) + ag.exp(-x * x)).mean()
        return loss, ag.grad(loss, [x])

    kinds = [kind for kind, _ in kernels_of(call, x)]
    assert kinds.count("loop") <= 3  # the mean's quotient and the seed are numbers
    assert set(kinds) == {"loop"}


@pytest.mark.parametrize(("count", "products"), [(3, 3), (8, 1)])
def test_the_gradient_of_a_weight_that_is_used_often_is_one_product(
    count: int, products: int
) -> None:
    w = ag.Tensor(draw(20, 30), requires_grad=True)
    xs = [ag.Tensor(draw(2, 20, seed=s)) for s in range(count)]

    def call(*xs: Any) -> Any:
        return ag.grad(sum((ag.tanh(x @ w) for x in xs), ag.zeros(2, 30)).sum(), [w])

    kinds = [kind for kind, _ in kernels_of(call, *xs)]
    assert kinds.count("product") == count + products
    assert kinds.count("join") == (0 if products > 1 else 2)
    assert_near(NumpyPlan(ag.trace(call, *xs), fused=True)(*xs), call(*xs))


def turned_over(x: Any) -> Any:
    """Columns for rows, in one line: a copy, of what does not lie so."""
    return x.mT.reshape(-1)


@pytest.mark.parametrize(
    ("call", "copies"),
    [
        (lambda x, y: turned_over(x @ y), 0),
        (lambda x, y: turned_over((x @ y) * 2 + x @ (y + 1)), 0),
        (lambda x, y: (turned_over(p := x @ y), p.sum(axis=-1)), 1),
        (lambda x, y: (turned_over(p := x @ y), p), 1),
    ],
)
def test_a_product_that_is_read_turned_over_alone_lies_so(call: Any, copies: int) -> None:
    for shape in ((3, 4, 5), (4, 5), (2, 3, 1, 5), (3, 4, 1)):
        x, y = ag.Tensor(draw(*shape)), ag.Tensor(draw(*shape[:-2], shape[-1], 6, seed=1))
        program = ag.trace(call, x, y)
        kinds = [k.kind for k in schedule(lower(program), free=True).kernels]
        assert kinds.count("copy") <= copies
        assert_near(NativePlan(program)(x, y), call(x, y))


def test_softmax_is_one_loop_in_stages() -> None:
    x = ag.Tensor(draw(64, 100))
    assert len(kernels_of(lambda x: ag.softmax(x * 2, axis=1) + 1, x)) == 1


@pytest.mark.parametrize(("most", "kernels"), [(500, 3), (groups.MOST_SCALARS, 1)])
def test_scalar_programs_are_cut_into_functions(
    most: int, kernels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def chain(x: Any) -> Any:
        for _ in range(700):
            x = ag.sin(x) * 1.5
        return x

    monkeypatch.setattr(groups, "MOST_SCALARS", most)
    found = kernels_of(chain, ag.Tensor(0.5))
    assert sum(count for _, count in found) == 1400
    assert [kind for kind, _ in found] == ["loop"] * kernels
    assert max(count for _, count in found) <= most


EXACT = {
    "times one": (lambda x: x * 1, 0),
    "over one": (lambda x: x / 1.0, 0),
    "less nothing": (lambda x: x - 0.0, 0),
    "and -0": (lambda x: x + (-0.0), 0),
    "and +0, which is no identity": (lambda x: x + 0.0, 1),
    "negated twice": (lambda x: ag.negative(ag.negative(x)), 0),
    "wider and back": (lambda x: x.astype("float64").astype("float32"), 0),
    "narrower and back": (lambda x: x.astype("float16").astype("float32"), 2),
    "turned twice": (lambda x: x.T.T, 0),
    "in other shapes": (lambda x: x.reshape(6).reshape(3, 2).reshape(2, 3), 0),
    "computed twice": (lambda x: ag.exp(x) * ag.exp(x), 2),
    "not read": (lambda x: (ag.exp(x), x)[1], 0),
}


@pytest.mark.parametrize("name", EXACT)
def test_identities_are_taken_away_where_they_are_exact(name: str) -> None:
    function, count = EXACT[name]
    special = np.array([[-0.0, 0.0, np.nan], [np.inf, -np.inf, 1e-45]], np.float32)
    program = ag.trace(function, ag.Tensor(special))
    plan = schedule(lower(program))
    assert sum(len(kernel.instructions) for kernel in plan.kernels) == count
    with np.errstate(all="ignore"):
        found, right = NumpyPlan(program)(ag.Tensor(special)), function(ag.Tensor(special))
    np.testing.assert_array_equal(np.signbit(found._value), np.signbit(right._value))
    np.testing.assert_array_equal(found._value, right._value)


def test_a_schedule_is_a_table() -> None:
    model = nn.Sequential(nn.Linear(6, 5), nn.ReLU())
    plan = schedule(lower(ag.trace(lambda x: model(x).sum(), ag.ones((2, 6)))))
    lines = str(plan).splitlines()
    assert lines[0].split() == [
        "#", "kind", "does", "n", "shape", "module", "to", "reads", "writes", "flops",
    ]  # fmt: skip
    assert "linear, relu, sum" in lines[2]
    assert "(Linear)" in lines[1]
    assert lines[-1].startswith("arena ")


@pytest.mark.parametrize("axis", [0, 1])
def test_a_sum_of_all_beside_a_loop_in_stages_is_shared_by_threads(axis: int) -> None:
    def call(x: Any) -> Any:
        y = ag.softmax(x, axis=axis) * x
        return y, y.sum(), y.sum(axis=1 - axis)

    x = ag.Tensor(draw(300, 257, dtype=np.float64))
    program = ag.trace(call, x)
    assert_near(NativePlan(program)(x), NumpyPlan(program)(x))
