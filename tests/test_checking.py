"""`autograd.checking()`: the rules that a training runs are checked as they run."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import partial
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd.engine.modes import current_mode
from autograd.engine.op import op
from autograd.engine.row import OPS, Op
from autograd.errors import AutogradError, GradcheckError
from autograd.gradcheck.check import check
from autograd.gradcheck.checking import Checking, checking
from tests.test_ops import gradients, wanted

# Rules that are no derivatives on purpose, as PyTorch has them: BCELoss's logarithm below 1e-12.
BOUNDED = {"bounded_log"}
TABLE = [row for _, row in sorted(OPS.items()) if row.samples and row.differentiable]


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Spoil what the rule of an op for one input, or its joint rule, gives."""

    def plant(row: Op, spoil: Callable[[Any], Any], position: int = 0) -> None:
        if row.joint is not None:
            joint, slots = row.joint
            monkeypatch.setattr(
                row, "joint", (lambda g, *s: _at(joint(g, *s), position, spoil), slots)
            )
            return
        pulls = list(row.pulls)
        rule, slots = pulls[position]
        assert rule is not None
        pulls[position] = (lambda g, *saved: spoil(rule(g, *saved)), slots)
        monkeypatch.setattr(row, "pulls", tuple(pulls))

    return plant


def _at(found: Any, position: int, spoil: Callable[[Any], Any]) -> list[Any]:
    return [g if n != position or g is None else spoil(g) for n, g in enumerate(found)]


@pytest.fixture(autouse=True)
def _table_as_before() -> Iterator[None]:
    before = dict(OPS)
    yield
    OPS.clear()
    OPS.update(before)


def cast(x: Any, dtype: str) -> Any:
    kind = "" if x is None else np.asarray(x).dtype.kind
    if kind == "f":
        return np.asarray(x).astype(dtype)
    return np.asarray(x).astype(np.result_type(dtype, "complex64")) if kind == "c" else x


def checked(row: Op, sample: Any, dtype: str = "float32", **options: Any) -> Checking:
    """A call of an op and its backward pass, each node of which is checked."""
    given = sample._replace(inputs=tuple(cast(x, dtype) for x in sample.inputs))
    with np.errstate(all="ignore"), checking(**({"k": 1, "budget": None} | options)) as checks:
        gradients(row, given, given.inputs)
    return checks


# ---- the law over the table ----------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:.*coincide:RuntimeWarning")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_no_op_is_blamed_at_any_of_its_samples(dtype: str) -> None:
    blamed, count = [], 0
    for row in TABLE:
        for number, sample in enumerate(row.samples()):
            if row.name in BOUNDED and not sample.smooth:
                continue
            report = checked(row, sample, dtype, report=[]).report
            count += report.checked > 0
            if not report:
                blamed.append(f"{row.name}, sample {number}: {report}")
    assert not blamed, "\n".join(blamed)
    assert count > 1000


def _first(row: Op, dtype: str) -> tuple[Any, list[int]] | None:
    """The smallest smooth sample with a slope, and by which inputs it has one to be spoilt."""
    for sample in sorted(row.samples(), key=lambda s: sum(np.size(x) for x in s.inputs)):
        if not sample.smooth or row.composite:
            continue
        given = sample._replace(inputs=tuple(cast(x, dtype) for x in sample.inputs))
        positions = wanted(row, given)
        with np.errstate(all="ignore"):
            found = gradients(row, given, given.inputs)
        steep = [
            p
            for p, g in zip(positions, found, strict=True)
            if g is not None and np.any(np.abs(g.numpy()) > 1e-5) and np.all(np.isfinite(g.numpy()))
        ]
        if steep:
            return sample, steep
    return None


SPOILS: list[tuple[str, Callable[[Any], Any]]] = [
    ("float64", lambda g: g * 1.001), ("float32", lambda g: -g), ("float32", lambda g: g * 1.01),
]  # fmt: skip


def test_a_planted_rule_of_each_op_is_caught(plant: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = partial(check, quick=True, layouts=False)  # what names the mistake takes long
    monkeypatch.setattr("autograd.gradcheck.sampled.check", quick)
    missed, count = [], 0
    for row in TABLE:
        found = _first(row, "float32")
        if found is None:
            continue
        sample, positions = found
        position = 0 if row.variadic and row.joint is None else positions[count % len(positions)]
        dtype, spoil = SPOILS[count % len(SPOILS)]
        before = row.joint if row.joint is not None else row.pulls
        plant(row, spoil, position)
        count += 1
        seen: list[Any] = []
        checked(row, sample, dtype, report=seen)
        if not any(f.function.startswith(row.name) for r in seen for f in r.failures):
            missed.append(f"{row.name}, input {position}, {dtype}: {sample}")
        setattr(row, "pulls" if row.joint is None else "joint", before)
    assert not missed, missed
    assert count > 200


# ---- a training is what it was -------------------------------------------------------------------


def _batches(count: int) -> Iterator[tuple[Any, Any]]:
    rng = np.random.default_rng(1)
    for _ in range(count):
        yield rng.normal(size=(8, 6)).astype("f"), rng.integers(0, 3, 8)


def _losses(around: Any, steps: int = 12) -> tuple[list[float], Any]:
    """Dropout, batch norm, relu, in-place changes, hooks, a second derivative, no_grad."""
    ag.random.manual_seed(0)
    head = nn.Linear(8, 3, rng=1)
    net = nn.Sequential(nn.Linear(6, 8, rng=0), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), head)
    optimizer, found = optim.Adam(net.parameters(), lr=0.01), []
    with around as checks:
        for x, y in _batches(steps):
            optimizer.zero_grad()
            given = ag.Tensor(x, requires_grad=True)
            scores = net(given)
            scores[:, 0] = scores[:, 0] * 1.5
            scores.register_hook(lambda g: g * 0.9)
            loss = nn.functional.cross_entropy(scores, ag.Tensor(y))
            (slope,) = ag.grad(loss, given, create_graph=True)
            (loss + 0.1 * (slope * slope).sum()).backward()
            optimizer.step()
            with ag.no_grad():
                found.append(float(net(given).sum().item()))
            found.append(loss.item())
    found += [float(v) for p in net.parameters() for v in p.numpy().ravel()]
    return [*found, float(ag.random.rand(1).item()), float(np.random.rand())], checks  # noqa: NPY002


@pytest.mark.parametrize(
    "options", [{"k": 1, "budget": None}, {"k": 3, "budget": 0.5}, {}], ids=str
)
def test_a_training_is_the_same_to_the_last_bit(options: dict[str, Any]) -> None:
    np.random.seed(0)  # noqa: NPY002
    plain, _ = _losses(nullcontext())
    np.random.seed(0)  # noqa: NPY002
    seen, checks = _losses(checking(**options))
    assert seen == plain
    assert checks.report, str(checks.report)
    assert checks.sweeps == 24
    if options.get("budget", 0) is None:
        assert "not checked" not in str(checks.report)


def test_the_budget_is_kept() -> None:
    net = nn.Sequential(nn.Linear(6, 8, rng=0), nn.Tanh(), nn.Linear(8, 3, rng=1))
    with checking(k=1, budget=0.2) as checks:
        start = time.perf_counter()
        while time.perf_counter() - start < 0.5:
            net(ag.Tensor(np.ones((4, 6), "f"))).sum().backward()
        spent, seconds = checks.spent, checks.seconds
    assert 0 < spent < 0.25 * (seconds - spent)
    assert checks.report.checked > 0


def test_what_takes_longer_than_the_budget_is_broken_off() -> None:
    @op("x²", x=lambda g, x: g * 2 * x)
    def slow_square(x: Any, /) -> Any:
        time.sleep(0.02)
        return x * x

    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    with checking(k=1, budget=0.3) as checks:
        for _ in range(10):
            slow_square(x).sum().backward()
        spent, seconds = checks.spent, checks.seconds
    assert spent < 0.5 * (seconds - spent)
    assert "not checked: slow_square" in str(checks.report)


# ---- what it says of a wrong rule ----------------------------------------------------------------


def _gate() -> Any:
    @op("2 x", x=lambda g: 2.5 * g)
    def doubled(x: Any, /) -> Any:
        return 2 * x

    return doubled


class Doubling(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(3, 3, rng=0)
        self.doubled = OPS["doubled"].record if "doubled" in OPS else _gate()

    def forward(self, x: Any) -> Any:
        return self.doubled(self.inner(x))  # the line that is looked for


def test_the_first_wrong_rule_raises_with_its_line_and_module() -> None:
    net = nn.Sequential(Doubling(), nn.Tanh())
    with pytest.raises(GradcheckError) as caught, checking(k=1, budget=None):
        net(ag.Tensor(np.ones((2, 3), "f"))).sum().backward()
    text = str(caught.value)
    assert re.search(r"FAIL  doubled, test_checking\.py:\d+, in 0 \(Doubling\)  d out / d x", text)
    assert "pattern: +25 %" in text
    assert not current_mode().watches


def test_with_a_report_each_is_told_once_and_the_training_goes_on() -> None:
    net = Doubling()
    found: list[Any] = []
    with checking(k=1, budget=None, report=found) as checks:
        for _ in range(3):
            net(ag.Tensor(np.ones((2, 3), "f"))).sum().backward()
    assert len(found) == 1
    assert not checks.report
    assert [f.function for f in checks.report.failures] == [f.function for f in found[0].failures]


def test_a_function_is_told_too() -> None:
    told: list[str] = []
    with checking(k=1, budget=None, report=lambda report: told.append(report.summary())):
        Doubling()(ag.Tensor(np.ones((2, 3), "f"))).sum().backward()
    assert told == ["0 of 6 elements agree, 6 disagree"]


def test_with_a_budget_lines_are_known_too() -> None:
    net = Doubling()

    def train() -> None:
        with checking(k=1, budget=0.5):
            for _ in range(100_000):
                net(ag.Tensor(np.ones((2, 3), "f"))).sum().backward()

    with pytest.raises(GradcheckError, match=r"doubled, test_checking\.py:\d+"):
        train()


WRONG: dict[str, tuple[Any, Any]] = {
    "clips what it gives": (lambda g, x: np.clip(g * 2 * x, -10, 10), 1e3),
    "wrong where x < 0": (lambda g, x: g * 2 * np.abs(x), 1.0),
    "right in double precision alone": (
        lambda g, x: g * 2 * x * (1.01 if np.asarray(g).dtype == "float32" else 1.0), 1.0,
    ),
    "raises": (lambda g, x: g.nothing, 1.0),
    "stays": (lambda g, x: g * 0, 1.0),
    "not a number": (lambda g, x: g * np.nan, 1.0),
    "one element of them": (lambda g, x: g * (2 * x + 0.01 * (x == x.max())), 1.0),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_kinds_of_wrong_rules_are_caught(name: str) -> None:
    rule, scale = WRONG[name]

    def run(rule: Any) -> None:
        OPS.pop("squared_here", None)
        squares = op("x²", x=rule)(_square)
        x = ag.Tensor(np.linspace(-2, 2, 30, dtype="f"), requires_grad=True)
        with checking(k=1, budget=None):
            (squares(x) * scale).sum().backward()

    run(lambda g, x: g * 2 * x)  # its right twin
    with pytest.raises(AssertionError, match="squared_here"):
        run(rule)


def _square(x: Any, /) -> Any:
    return x * x


_square.__name__ = "squared_here"


def test_what_the_sweep_gets_is_compared_with_the_formula_checked() -> None:
    def rule(g: Any, x: Any) -> Any:
        return g * 2 * x if current_mode().watches == () else g * x  # as in nobody's presence

    squares = op("x²", x=rule)(_square)
    x = ag.Tensor(np.linspace(1, 2, 4, dtype="f"), requires_grad=True)
    with pytest.raises(GradcheckError, match="squared_here"), checking(k=1, budget=None):
        squares(x).sum().backward()


# ---- where it looks ------------------------------------------------------------------------------


def test_threads_are_seen_that_open_it() -> None:
    net, errors = Doubling(), []

    def work(opens: Any) -> None:
        try:
            with opens:
                net(ag.Tensor(np.ones((2, 3), "f"))).sum().backward()
        except GradcheckError as error:
            errors.append(error)

    shared = checking(k=1, budget=None)
    with shared:
        for opens in (nullcontext(), shared):
            thread = threading.Thread(target=work, args=(opens,))
            thread.start()
            thread.join()
    assert len(errors) == 1


def test_many_threads_may_share_one() -> None:
    shared, errors = checking(k=2, budget=0.5), []
    net = nn.Sequential(nn.Linear(3, 4, rng=0), nn.Tanh(), nn.Linear(4, 1, rng=1))

    def work() -> None:
        try:
            for _ in range(20):
                with shared:
                    net(ag.Tensor(np.ones((2, 3), "f"))).sum().backward()
        except Exception as error:  # noqa: BLE001 - a thread's own is lost
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert shared.sweeps == 80
    assert shared.report


def test_blocks_may_be_nested_and_go_back_to_what_was() -> None:
    before = current_mode()
    with checking(k=1, budget=None) as outer:
        with ag.tracing(), checking(k=1, budget=None) as inner, outer:
            ag.Tensor(1.0, requires_grad=True).exp().backward()
        with ag.no_grad():
            ag.Tensor(1.0).exp()
    assert inner.report.checked == outer.report.checked == 1
    assert (current_mode().watches, current_mode().traces) == (before.watches, before.traces)


@pytest.mark.parametrize("budget", [None, 1e9])
def test_the_mode_is_what_it_was_wherever_sweeps_begin(budget: float | None) -> None:
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    with checking(k=1, budget=budget) as checks:
        for _ in range(3):  # of every two sweeps one begins inside of another mode
            (slope,) = ag.grad((x**3).sum(), x, create_graph=True)
            slope.sum().backward()
        with ag.tracing():
            for _ in range(3):
                (x * x).sum().backward()
            assert current_mode().traces is True
            assert (x * x).grad_fn.where is not None
    assert current_mode().traces is False
    assert checks.report.checked


def test_sweeps_that_each_run_in_a_mode_of_their_own_are_checked_too() -> None:
    x = ag.Tensor([1.0, 2.0], requires_grad=True)

    @ag.enable_grad()
    def closure() -> None:
        (x**3).sum().backward()

    with checking(k=1, budget=1e9) as checks:
        for _ in range(4):
            closure()
    assert checks.report.checked
    assert current_mode().traces is False


def test_the_second_order_is_checked() -> None:
    @op("x³", x=lambda g, x: g * thirds(x))
    def cubed(x: Any, /) -> Any:
        return x**3

    @op("3 x²", x=lambda g, x: g * 5 * x)
    def thirds(x: Any, /) -> Any:
        return 3 * x**2

    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    with checking(k=1, budget=None):
        (slope,) = ag.grad(cubed(x).sum(), x, create_graph=True)
        with pytest.raises(GradcheckError, match="thirds"):
            slope.sum().backward()


def test_compiled_calls_are_counted_and_not_seen() -> None:
    net = nn.Sequential(nn.Linear(3, 3, rng=0), nn.Tanh())
    forward = ag.compile(lambda x: net(x).sum())
    x = ag.Tensor(np.ones((2, 3), "f"))
    plain = [forward(x).item() for _ in range(4)][1:]  # the first runs as it stands
    with checking(k=1, budget=None) as checks:
        seen = [forward(x).item() for _ in range(3)]
        forward(x).backward()
    assert seen == plain
    assert "not seen: 4 calls of compiled" in str(checks.report)
    assert checks.report


def test_the_block_leaves_the_mode_as_it_was() -> None:
    before = current_mode()
    with checking(k=1, budget=None):
        ag.Tensor(1.0, requires_grad=True).exp().backward()
    after = current_mode()
    assert (after.watches, after.traces) == (before.watches, before.traces)


def _function_of_pytorchs_kind(factor: float) -> tuple[str, Callable[[], Any]]:
    from nn import torch

    class Cubed(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any, power: int) -> Any:
            ctx.save_for_backward(x)
            return x**power

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            (x,) = ctx.saved_tensors
            return factor * x**2 * g, None

    return "Cubed", lambda: Cubed.apply(torch.tensor([1.0, -2.0], requires_grad=True), 3)


def _primitive_of_hips(factor: float) -> tuple[str, Callable[[], Any]]:
    from autograd.core import primitive
    from autograd.extend import defvjp

    @primitive
    def cubed_here(x: Any) -> Any:
        return x**3

    defvjp(cubed_here, lambda ans, x: lambda g: factor * x**2 * g)
    return "cubed_here", lambda: cubed_here(ag.Tensor([1.0, -2.0], requires_grad=True))


@pytest.mark.parametrize("make", [_function_of_pytorchs_kind, _primitive_of_hips])
def test_backward_passes_in_other_libraries_ways_are_checked(make: Any) -> None:
    for factor in (3.0, 2.5):
        name, call = make(factor)
        found: list[Any] = []
        with checking(k=1, budget=None, report=found) as checks:
            call().sum().backward()
        assert [f.function.split(",")[0] for r in found for f in r.failures] == [name] * (
            factor != 3.0
        )
        assert "undecided" not in str(checks.report)


def test_values_that_are_not_finite_are_no_finding() -> None:
    x = ag.Tensor([0.0, 1.0], requires_grad=True)
    with np.errstate(all="ignore"), checking(k=1, budget=None) as checks:
        (ag.log(x) * 2).sum().backward()
    assert checks.report
    assert "its values are not finite" in str(checks.report)


def test_complex_numbers_are_checked() -> None:
    z = ag.Tensor(np.array([1 + 2j, -0.5j, 3.0]), requires_grad=True)
    with checking(k=1, budget=None) as checks:
        (z * ag.conj(z) * (2 - 1j)).real.sum().backward()
    assert checks.report.checked > 6


# ---- as a callback -------------------------------------------------------------------------------


def _fit(*callbacks: Any, wrong: bool = False, **options: Any) -> list[float]:
    ag.random.manual_seed(0)
    x, y = next(_batches(1))
    layers = [nn.Linear(6, 3, rng=0), nn.Dropout(0.2), *([Doubling()] if wrong else [])]
    model = nn.Sequential(*layers)
    model.compile(optim.Adam(model.parameters()), "cross_entropy", **options)
    fitted = model.fit(x, y, batch_size=4, epochs=3, verbose=False, callbacks=callbacks, rng=0)
    return list(fitted.history["loss"])


def test_a_callback_checks_a_fit_and_changes_no_loss() -> None:
    callback = nn.callbacks.CheckGradients(k=1, budget=None)
    assert _fit(callback) == _fit()
    assert callback.report
    assert "4 of 4 rules that were met, in 6 sweeps" in str(callback.report)
    assert not current_mode().watches


def test_a_wrong_rule_ends_a_fit_and_leaves_no_watch() -> None:
    with pytest.raises(GradcheckError, match=r"doubled, test_checking.py:\d+, in 2 \(Doubling\)"):
        _fit(nn.callbacks.CheckGradients(k=1, budget=None), wrong=True)
    assert not current_mode().watches


def test_a_fit_goes_on_where_reports_are_collected() -> None:
    found: list[Any] = []
    plain = _fit(wrong=True)
    assert _fit(nn.callbacks.CheckGradients(k=1, budget=None, report=found), wrong=True) == plain
    assert len(found) == 1


def test_a_compiled_fit_says_that_it_is_not_seen() -> None:
    callback = nn.callbacks.CheckGradients(k=1, budget=None)
    assert _fit(callback, jit_compile=True) == _fit(jit_compile=True)
    assert "not seen: " in str(callback.report)


def test_the_callback_serves_keras_models() -> None:
    from nn import keras

    x, y = next(_batches(1))
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(3, activation="softmax")])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    callback = nn.callbacks.CheckGradients(k=1, budget=None)
    model.fit(x, y, epochs=2, verbose=0, callbacks=[callback])
    assert callback.report.checked > 0
    assert callback.report


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"k": 0}, "k is 0; one node in k is checked"),
        ({"k": True}, "checking: k must be a whole number, got True"),
        ({"k": 1.5}, "checking: k must be a whole number, got 1.5"),
        ({"budget": 0}, "budget is 0; it is a part of the time"),
        ({"budget": np.nan}, "checking: budget must be a finite number, got nan"),
        ({"budget": "5 %"}, "checking: budget must be a number or None, got '5 %'"),
        ({"report": 3}, "checking: report must be a function, a sequence or None, got 3"),
        ({"report": (1,)}, r"checking: report is \(1,\); it is a list to add to or a function"),
        ({"bad": 1}, r"checking\(\) got an unexpected keyword argument 'bad'"),
    ],
)
def test_bad_options_are_said_in_a_sentence(options: dict[str, Any], message: str) -> None:
    with pytest.raises(AutogradError, match=message):
        checking(**options)


def test_its_text_fits_a_screen() -> None:
    net = nn.Sequential(*[nn.Sequential(Doubling(), nn.Tanh()) for _ in range(6)])
    with checking(k=1, budget=None, report=[]) as checks:
        net(ag.Tensor(np.ones((2, 3), "f"))).sum().backward()
    with checking() as idle:
        net(ag.Tensor(np.ones((2, 3), "f"))).sum().backward()
    with checking() as empty:
        pass
    assert "no backward pass ran on a thread that opened it" in str(empty.report)
    assert "the budget was too small for a look" in str(idle.report)
    for text in (str(checks.report), str(idle.report), repr(checks)):
        assert max(map(len, text.splitlines())) <= 100, text
