"""Trust: plans with a mistake are found out, by the instruction that has it."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd.compiler.face import backend
from autograd.compiler.face import compare as comparing
from autograd.compiler.face.tolerance import allowance, apart, nearly
from autograd.engine.node import Node
from autograd.errors import CompileMismatchError
from autograd.program.instructions import PULL
from autograd.program.plan import Plan
from tests.programs import assert_same, draw, state_of

F = nn.functional


class Broken(Plan):
    """A plan in which some calls give something else."""

    spoils: Callable[[Node, Any], Any]

    def _steps(self) -> list[Any]:
        return [step._replace(run=spoiled(step, type(self).spoils)) for step in super()._steps()]


def spoiled(step: Any, spoils: Any) -> Any:
    return lambda *given: spoils(step.node, step.run(*given))


@pytest.fixture
def breaks(monkeypatch: Any) -> Any:
    """Let all plans spoil what instructions give."""

    def break_by(spoils: Callable[[Node, Any], Any]) -> None:
        monkeypatch.setattr(Broken, "spoils", staticmethod(spoils), raising=False)
        monkeypatch.setitem(backend.KINDS, "broken", Broken)
        monkeypatch.setattr(backend, "kind", lambda: "broken")

    return break_by


def training() -> tuple[Any, Any, Any]:
    model = nn.Sequential(
        nn.Linear(3, 4, rng=0), nn.Dropout(0.5), nn.Tanh(), nn.Linear(4, 2, rng=1)
    )
    optimizer = optim.Adam(model.parameters(), lr=0.1)

    def step(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        loss = F.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return step, model, optimizer


def batch(seed: int = 0) -> tuple[Any, Any]:
    return ag.Tensor(draw(4, 3, seed=seed)), ag.Tensor(draw(4, 2, seed=seed + 1))


def of_op(name: str, spoil: Callable[[Any], Any]) -> Callable[[Node, Any], Any]:
    """Spoil what an op gives, or what its rules give (with a ∇ before the name)."""

    def spoils(node: Node, value: Any) -> Any:
        is_rule = node.op is PULL
        op = node.params[0] if is_rule else node.op
        return spoil(value) if ("∇" * is_rule + op.name) == name else value

    return spoils


MISTAKES: dict[str, Any] = {
    "a value": (of_op("tanh", lambda x: x * 1.01), "tanh = tanh x in 2 (Tanh)"),
    "one element": (of_op("tanh", lambda x: one_changed(x)), "tanh = tanh x in 2 (Tanh)"),
    "a rule": (of_op("∇tanh", lambda x: -x), "the rule of tanh for x"),
    "noise": (of_op("linear", lambda x: x + np.float32(1e-3)), "linear = "),
    "not a number": (of_op("tanh", lambda x: x * np.float32("nan")), "tanh"),
}


def one_changed(x: Any) -> Any:
    x = x.copy()
    x.flat[-1] += 0.01
    return x


@pytest.mark.parametrize("name", MISTAKES)
def test_the_first_instruction_that_differs_is_named(breaks: Any, name: str) -> None:
    spoils, words = MISTAKES[name]
    breaks(spoils)
    step, *mine = training()
    right, *theirs = training()
    with ag.random.drawing_from(1) as _, pytest.raises(CompileMismatchError) as found:
        ag.compile(step)(*batch())
    message = str(found.value)
    assert "the first instruction that differs is instruction" in message
    assert words in message
    assert "test_compile_trust.py:" in message
    with ag.random.drawing_from(1):
        right(*batch())
    assert_same(state_of(mine), state_of(theirs))  # state is left as the eager call leaves it


def test_a_wrong_step_of_an_optimizer_is_found(breaks: Any) -> None:
    def spoils(node: Node, value: Any) -> Any:
        if "Adam" in repr(node.params[:1]):
            for p in model.parameters():
                p._value[...] += 0.1
        return value

    breaks(spoils)
    step, model, _ = training()
    with pytest.raises(CompileMismatchError, match=r"0.weight of the plan differs.*Adam"):
        ag.compile(step)(*batch())


def test_a_wrong_gradient_of_a_call_is_found(breaks: Any) -> None:
    breaks(of_op("∇tanh", lambda x: x * 2))
    x = ag.Tensor(draw(3), requires_grad=True)
    with pytest.raises(CompileMismatchError, match=r"gradient of x .* the rule of tanh for x"):
        ag.compile(lambda x: ag.tanh(x) * 2)(x)


@pytest.mark.parametrize(("check", "wrong"), [
    ("never", []), ("first", [1]), ("always", [1, 2, 3, 4, 5]), (2, [1, 3, 5]), (4, [1, 5]),
])  # fmt: skip
def test_which_calls_are_checked(breaks: Any, check: Any, wrong: list[int]) -> None:
    call, found = [0], []
    breaks(of_op("exp", lambda x: x + 1 if call[0] in wrong_now else x))
    wrong_now: list[int] = []
    f = ag.compile(lambda x: ag.exp(x), check=check)
    f(ag.Tensor([0.0]))
    f.clear()
    for number in range(1, 6):
        call[0], wrong_now[:] = number, [number]
        if number == 1:
            wrong_now.clear()  # a plan that is wrong at once is none
            assert f(ag.Tensor([0.0])).tolist() == [1.0]
            continue
        try:
            f(ag.Tensor([0.0]))
        except CompileMismatchError:
            found.append(number)
    assert found == wrong[1:]


def test_what_python_makes_anew_at_each_call_is_no_part_of_a_plan() -> None:
    with pytest.raises(CompileMismatchError, match=r"does not do what the call does"):
        ag.compile(lambda x: x + time.perf_counter())(ag.Tensor(np.ones(3)))


def test_rounding_is_no_mistake(breaks: Any) -> None:
    """Sums in another order, what cancels, and a step by the sign of a gradient of nearly 0."""
    breaks(of_op("sum", lambda x: x * np.float32(1 + 2e-7)))
    big = ag.Tensor(np.float32([1e4, 1.0, -1e4]))
    f = ag.compile(lambda x: (x * x).sum() - (x * x + 1).sum(), check="always")
    f(big)
    w = ag.Tensor(draw(3), requires_grad=True)
    optimizer = optim.Adam([w], lr=0.1)

    @ag.compile(check="always")
    def step(x: Any) -> Any:
        optimizer.zero_grad()
        loss = (w * x).sum() - (w * x * 3).sum() / 3
        loss.backward()
        optimizer.step()

    for seed in range(3):
        step(ag.Tensor(draw(3, seed=seed)))


def test_checks_draw_no_random_numbers_twice() -> None:
    step, *mine = training()
    right, *theirs = training()
    compiled = ag.compile(step, check="always")
    one, two = np.random.default_rng(1), np.random.default_rng(1)
    for seed in range(3):
        with ag.random.drawing_from(one):
            found = compiled(*batch(seed))
        with ag.random.drawing_from(two):
            assert_same(found, right(*batch(seed)))
        assert_same(state_of(mine), state_of(theirs))
        assert one.bit_generator.state == two.bit_generator.state


def test_schedules_step_once_in_a_checked_call() -> None:
    step, _, optimizer = training()
    schedule = optim.lr_scheduler.StepLR(optimizer, 2, gamma=0.5)

    @ag.compile(check="always")
    def scheduled(x: Any, y: Any) -> Any:
        loss = step(x, y)
        schedule.step()
        return loss

    rates = []
    for seed in range(5):
        scheduled(*batch(seed))
        rates.append(optimizer.param_groups[0]["lr"])
    assert rates == [0.1, 0.05, 0.05, 0.025, 0.025]


def test_leaves_of_one_name_are_told_apart() -> None:
    """Numbers without names, whose gradients differ by rounding, are no mismatch."""
    leaves = [ag.Tensor(np.float32(v), requires_grad=True) for v in (0.3, 0.9, 0.1)]
    x, a, b = leaves

    def step() -> Any:
        for leaf in leaves:
            leaf.grad = None
        y = x
        for _ in range(40):
            y = ag.tanh(y * a + b)
        y.backward()
        return y

    compiled = ag.compile(step, check="always")
    for _ in range(2):
        compiled()


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64"])
def test_roundings_alone_are_told_from_what_is_wrong(dtype: str) -> None:
    right = draw(4, 5).astype(dtype)
    eps = np.finfo(dtype).eps
    for count in (1, 100, 10_000):
        assert nearly(right * (1 + 8 * eps).astype(dtype), right, count)
        assert nearly(
            right + (2 * count**0.5 * eps * abs(right).mean()).astype(dtype), right, count
        )
        assert not nearly(right * (1 + 100 * count**0.5 * eps).astype(dtype), right, count)
    for wrong in (np.nan, np.inf):
        other = right.copy()
        other[1, 2] = wrong
        assert not nearly(other, right, 100)
        assert not nearly(right, other, 100)
    assert not nearly(right[:3], right, 100)
    assert not nearly(np.arange(3), np.arange(1, 4), 100)


def test_what_roundings_explain_needs_no_other_run(monkeypatch: Any) -> None:
    """A sum in another order, through layers that make nothing worse."""
    monkeypatch.setattr(comparing, "Whole", None)
    layers = [x for _ in range(4) for x in (nn.Linear(64, 64), nn.Tanh())]
    model = nn.Sequential(*layers)
    optimizer = optim.SGD(model.parameters(), lr=0.1)

    def step(x: Any) -> Any:
        optimizer.zero_grad()
        loss = (model(x) ** 2).mean()
        loss.backward()
        optimizer.step()
        return loss

    for seed in range(3):
        ag.compile(step)(ag.Tensor(draw(32, 64, seed=seed)))


def fitted(x: Any, classes: Any) -> Any:
    """Outputs of a model that has learnt its labels."""
    return ag.Tensor(x.numpy() + 9 * np.eye(x.shape[-1], dtype=x.dtype)[classes])


LABELS = np.arange(32) % 10
NEARLY_NOTHING: dict[str, Callable[[Any], Any]] = {
    "cross-entropy": lambda x: F.cross_entropy(x, LABELS),
    "its sum": lambda x: F.cross_entropy(x, LABELS, reduction="sum"),
    "each": lambda x: F.cross_entropy(x, LABELS, reduction="none"),
    "smoothed": lambda x: F.cross_entropy(x, LABELS, label_smoothing=1e-6),
    "by hand": lambda x: -ag.log_softmax(x, axis=1)[np.arange(32), LABELS].mean(),
    "logsumexp": lambda x: (ag.logsumexp(x, axis=1) - x.max(axis=1)).mean(),
    "logits": lambda x: F.binary_cross_entropy_with_logits(x, np.eye(10, dtype=x.dtype)[LABELS]),
    "margins": lambda x: F.multi_margin_loss(x, LABELS),
    "spread": lambda x: ag.var(x.max(axis=1) * 1e-4 + 3),
    "turned": lambda x: 1 - F.cosine_similarity(x, x * 1.001, dim=1).mean(),
    "divergence": lambda x: F.kl_div(
        F.log_softmax(x, dim=1), F.softmax(x.detach() * 1.0001, dim=1), reduction="batchmean"),
    "a norm": lambda x: ag.linalg.norm(F.normalize(x, dim=1), axis=1).sum() - 32,
}  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", ["numpy", "native"])
@pytest.mark.parametrize("name", NEARLY_NOTHING)
def test_what_an_op_rounds_away_inside_is_no_mistake(
    name: str, kind: str, dtype: str, monkeypatch: Any
) -> None:
    """Of a model that has learnt its labels: 1 + e⁻²⁰ is rounded to 1 within one op."""
    if kind == "native":
        pytest.importorskip("llvmlite")
    monkeypatch.setattr(backend, "kind", lambda: kind)
    compiled = ag.compile(NEARLY_NOTHING[name], check="always")
    for seed in range(8):
        x = fitted(ag.Tensor(draw(32, 10, seed=seed, dtype=dtype)), LABELS)
        compiled(x.requires_grad_())


@pytest.mark.parametrize(("name", "mistake"), [
    ("cross_entropy", 1e-4), ("∇cross_entropy", 1e-5), ("logsumexp", 1e-4), ("log_softmax", 1e-3),
])  # fmt: skip
def test_a_mistake_beyond_what_an_op_rounds_inside_is_found(
    breaks: Any, name: str, mistake: float
) -> None:
    breaks(of_op(name, lambda x: x + np.float32(mistake)))
    call = ag.compile(
        lambda x: {
            "cross_entropy": lambda: F.cross_entropy(x, LABELS),
            "logsumexp": lambda: ag.logsumexp(x - x.max(axis=1, keepdims=True), axis=1).sum(),
            "log_softmax": lambda: ag.log_softmax(x, axis=1)[np.arange(32), LABELS],
        }[name.lstrip("∇")]()
    )
    with pytest.raises(CompileMismatchError, match=r"first instruction that differs .*"):
        call(fitted(ag.Tensor(draw(32, 10)), LABELS).requires_grad_())


def test_an_error_asks_for_another_trace_by_what_it_is_and_not_by_its_words() -> None:
    from autograd.errors import ShapeError

    program = ag.trace(lambda x: x * 2, np.ones(2))
    with pytest.raises(ShapeError) as raised:
        program(np.ones(3))
    assert raised.value.needs_trace
    assert not ShapeError(str(raised.value)).needs_trace


def test_the_largest_of_a_million_roundings_may_stray_further_than_that_of_ten() -> None:
    rng = np.random.default_rng(0)
    right = rng.standard_normal(1 << 20).astype("float32")
    noise = rng.standard_normal(right.size).astype("float32")
    slack = allowance(right, 400)
    assert np.abs(noise).max() > 4.5
    assert nearly(right + noise * slack / 4, right, 400)
    assert not nearly(right + noise * slack, right, 400)  # too much of all
    once = np.zeros_like(right)
    once[123_456] = 2 * slack[123_456]
    assert not nearly(right + once, right, 400)  # and of one
    assert not nearly(right + 1.2 * slack, right, 400)  # what is no rounding is all alike
    few, allowed = right[:10], allowance(right[:10], 400)
    assert not nearly(few + 1.2 * np.array([1] + 9 * [0], "f") * allowed, few, 400)


def test_large_arrays_are_compared_without_a_copy() -> None:
    right = np.random.default_rng(0).standard_normal((1024, 1024)).astype("float32").T
    other = right * np.float32(1 + 1e-6)
    assert other.strides == right.strides
    tracemalloc.start()
    try:
        assert nearly(other, right, 100)
        assert apart(other, right)
        assert not apart(right, right)
        assert tracemalloc.get_traced_memory()[1] < right.nbytes / 2
    finally:
        tracemalloc.stop()
