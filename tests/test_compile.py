"""ag.compile: plans by signature and surroundings, in the graph of who calls, and what raises."""

from __future__ import annotations

import copy
import gc
import multiprocessing
import pickle
import threading
import tracemalloc
import types
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
import nn
import optim
from autograd.compiler.face import backend
from autograd.compiler.face import compile as compiling
from autograd.errors import (
    ArgumentError,
    ArgumentTypeError,
    FreedGraphError,
    MutationError,
    NaNError,
    ShapeError,
    StateError,
    TraceError,
)
from tests.programs import assert_near, assert_same, draw, state_of

F = nn.functional


def t(*shape: int, seed: int = 0, grad: bool = False, dtype: Any = np.float32) -> Any:
    return ag.Tensor(draw(*shape, seed=seed, dtype=dtype), requires_grad=grad)


def mlp(seed: int = 0) -> Any:
    return nn.Sequential(nn.Linear(3, 4, rng=seed), nn.Dropout(0.5), nn.Linear(4, 2, rng=seed + 1))


# ---- which calls share a plan --------------------------------------------------------------------


def test_each_kind_of_call_has_its_plan() -> None:
    @ag.compile
    def f(x: Any, y: Any = 1.0, *more: Any, key: Any = None) -> Any:
        total = x["a"] * y if isinstance(x, dict) else x * y
        return sum((total, *more)) if key is None else total[key]

    x = t(2, 3)
    calls: list[Any] = [
        (x,), (t(3, 3),), (t(2, 3, dtype=np.float64),), (t(2, 3, grad=True),), (x, 2.0), (x, 2),
        (x, -0.0), (x, 0.0), (x, float("nan")), ({"a": x},), (x, 1.0, x), (x, 1.0, t(2, 3)),
        (np.ones((2, 3)),), (x, np.float32(2.0)),
    ]  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for round in range(2):
            for number, args in enumerate(calls):
                assert_same(f(*args), f.function(*args))
                assert isinstance(f(*args), ag.Tensor)
                assert len(f.plans) == (number + 1 if not round else len(calls))
        for key in (0, slice(0, 1), (0, 1), (slice(None), 2)):
            assert_same(f(x, key=key), f.function(x, key=key))
            assert_same(f(x, key=key), f.function(x, key=key))
    assert len(f.plans) == len(calls) + 4
    with ag.no_grad():
        f(x)
    assert len(f.plans) == len(calls) + 5


def test_many_plans_are_told_once_with_what_changed() -> None:
    f = ag.compile(lambda x, scale: x * scale)
    for number in range(8):
        f(t(3), float(number))
    with pytest.warns(UserWarning, match=r"more than 8 plans.*scale: 7.0 -> 8.0"):
        f(t(3), 8.0)
    f(t(3), 9.0)
    assert repr(f) == "<compiled lambda>, 10 plans, check='first'>".replace("lambda>", "<lambda>")


RATE = 0.5
TABLE = np.ones(3, "float32")
WEIGHT = ag.Tensor(np.ones(3, "float32"))


class Options:
    power = 2

    def __init__(self) -> None:
        self.scale = 3.0
        self.inner = {"shift": 1.0, "list": [1.0, 2.0]}
        self.unread = 0

    def shifted(self, x: Any) -> Any:
        return x + self.inner["shift"] + self.inner["list"][1]


def helper(x: Any) -> Any:
    return x * RATE


@pytest.mark.filterwarnings("ignore:compile")
def test_what_a_call_reads_may_change_between_calls(monkeypatch: Any) -> None:
    """Names, attributes, items, defaults; by another value or in place."""
    options, closed = Options(), 1.0
    weights = [t(3, seed=1), t(3, seed=2)]
    angles = np.zeros(2)  # which NumPy reads, and the program does not

    def f(x: Any) -> Any:
        y = options.shifted(helper(x) * options.scale) ** options.power
        return y * closed + TABLE * WEIGHT + sum(weights) + np.float32(np.cos(angles).sum())

    compiled = ag.compile(f)
    here = globals()
    changes: list[Any] = [
        lambda: None,
        lambda: monkeypatch.setitem(here, "RATE", 0.25),
        lambda: monkeypatch.setattr(options, "scale", 4.0),
        lambda: options.inner.update(shift=5.0),
        lambda: options.inner["list"].__setitem__(1, 7.0),
        lambda: monkeypatch.setattr(Options, "power", 3),
        lambda: TABLE.__setitem__(0, 9.0),
        lambda: monkeypatch.setitem(here, "TABLE", np.zeros(3, "float32")),
        lambda: monkeypatch.setitem(here, "WEIGHT", t(3, seed=5)),
        lambda: weights.__setitem__(0, t(3, seed=7)),
        lambda: weights.append(t(3, seed=8)),
        lambda: angles.__setitem__(0, 2.0),
        lambda: monkeypatch.setitem(here, "helper", lambda x: x - RATE),
    ]
    for change in changes:
        change()
        for seed in range(2):
            assert_same(compiled(t(3, seed=seed)), f(t(3, seed=seed)))
    plans = len(compiled.plans)
    options.unread = 1
    options.scale = float("4")  # another object of the same value
    compiled(t(3))
    assert len(compiled.plans) == plans
    closed = 2.0
    assert_same(compiled(t(3)), f(t(3)))
    TABLE[0] = 1.0


def steps(seed: int = 0, **options: Any) -> tuple[Any, Any, Any]:
    model = mlp(seed)
    optimizer = optim.SGD(model.parameters(), lr=0.1, **options)

    def step(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        loss = F.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return step, model, optimizer


def replaced(model: Any, optimizer: Any) -> None:
    model[2].weight = nn.Parameter(draw(2, 4, seed=9))


def reloaded(model: Any, optimizer: Any) -> None:
    optimizer.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    model.load_state_dict({n: p * 0.5 for n, p in model.state_dict().items()})


CHANGES: dict[str, Any] = {
    "evaluation": lambda m, o: m.eval(),
    "training": lambda m, o: m.train(),
    "half in evaluation": lambda m, o: m[1].eval(),
    "frozen": lambda m, o: m[0].requires_grad_(False),
    "thawed": lambda m, o: m.requires_grad_(),
    "another rate": lambda m, o: o.param_groups[0].update(lr=0.3),
    "momentum": lambda m, o: o.param_groups[0].update(momentum=0.9),
    "no momentum": lambda m, o: o.param_groups[0].update(momentum=0.0),
    "decay": lambda m, o: o.param_groups[0].update(weight_decay=0.1),
    "no decay": lambda m, o: o.param_groups[0].update(weight_decay=0.0),
    "another p": lambda m, o: setattr(m[1], "p", 0.25),
    "another parameter": replaced,
    "a group": lambda m, o: o.add_param_group({"params": [ag.Tensor([1.0], requires_grad=True)]}),
    "loaded": reloaded,
    "one more layer": lambda m, o: m.append(nn.Tanh()),
    "gradients set": lambda m, o: [setattr(p, "grad", p.detach() * 1.0) for p in m.parameters()],
    "a hook": lambda m, o: (
        m[2].bias.register_hook(lambda g: g * 0.5) if m[2].bias.requires_grad else None
    ),
    "numbers written": lambda m, o: setattr(m[0].bias, "data", np.ones(4, "float32")),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_step_goes_on_after_a_change(name: str) -> None:
    sequences([name])


def plain(x: Any) -> Any:
    return x.detach().numpy() if isinstance(x, ag.Tensor) else x


def sequences(names: list[str], **options: Any) -> None:
    """The same changes to a compiled and an eager training, with a step after each."""
    mine, theirs = steps(**options), steps(**options)
    compiled = ag.compile(mine[0])
    one, two = np.random.default_rng(3), np.random.default_rng(3)
    for number, name in enumerate([None, None, *names, None]):
        if name is not None:
            for _, model, optimizer in (mine, theirs):
                CHANGES[name](model, optimizer)
        batch = t(4, 3, seed=number), t(4, 2, seed=number + 50)
        with ag.random.drawing_from(two):
            right = theirs[0](*batch)
        with ag.random.drawing_from(one):
            found = compiled(*batch)
        np.testing.assert_allclose(found._value, right._value, 1e-5)
        for a, b in zip(state_of(mine[1:]), state_of(theirs[1:]), strict=True):
            if isinstance(b, (np.ndarray, ag.Tensor)):
                np.testing.assert_allclose(plain(a), plain(b), 1e-4, 1e-6)
        assert one.bit_generator.state == two.bit_generator.state


@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(sorted(CHANGES)), min_size=2, max_size=5))
def test_any_changes_one_after_the_other(names: list[str]) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "compile: .* more than")
        sequences(names)


class SignDescent(optim.Optimizer):
    def __init__(self, params: Any, lr: float = 0.1) -> None:
        super().__init__(params, {"lr": lr})

    def step(self, closure: Any = None) -> None:
        for group in self.param_groups:
            for p in group["params"]:
                with ag.no_grad():
                    p -= group["lr"] * ag.sign(p.grad)


def test_options_of_ones_own_optimizer_make_a_new_plan() -> None:
    w = t(3, grad=True)
    optimizer = SignDescent([w])

    @ag.compile
    def step(x: Any) -> Any:
        optimizer.zero_grad()
        loss = (w * x).sum()
        loss.backward()
        optimizer.step()
        return loss

    x = t(3, seed=1)
    for rate in (0.1, 0.1, 0.5, 0.5):
        optimizer.param_groups[0]["lr"] = rate
        before = w.numpy().copy()
        step(x)
        np.testing.assert_allclose(before - w.numpy(), rate * np.sign(x.numpy()), rtol=1e-5)
    assert len(step.plans) == 2


def test_what_a_layer_looks_at_makes_a_new_plan() -> None:
    """A value that the library sees is a guard; another one is no error."""
    weight = ag.Tensor([1.0, 1.0, 1.0])
    f = ag.compile(lambda x, y: F.cross_entropy(x, y, weight=weight, ignore_index=1))
    for labels in ([0, 1, 2], [0, 1, 2], [1, 0, 1], [2, 2, 2]):
        x, y = t(3, 3), ag.Tensor(labels)
        np.testing.assert_allclose(f(x, y)._value, f.function(x, y)._value, 1e-6)


def of_a_layer(function: Any) -> Any:
    """The same function as one of the library's, which may look at values."""
    return types.FunctionType(function.__code__, {"__name__": "nn.looks"})


looks = of_a_layer(lambda x: bool(x))


@pytest.mark.parametrize("kind", ["kernels", "numpy", "native"])
@pytest.mark.parametrize("what", ["an argument", "a result"])
def test_a_plan_stops_before_it_writes_where_another_value_is_met(
    what: str, kind: str, monkeypatch: Any
) -> None:
    """Parameters and moments, which are written where they lie, are those before the step."""
    if kind == "native":
        pytest.importorskip("llvmlite")
    monkeypatch.setattr("autograd.compiler.face.backend.kind", lambda: kind)

    def make() -> Any:
        model = nn.Sequential(nn.Linear(3, 4, rng=0), nn.Tanh(), nn.Linear(4, 1, rng=1))
        optimizer = optim.Adam(model.parameters(), lr=0.05)

        def step(x: Any, at: Any) -> Any:
            optimizer.zero_grad()
            loss = (model(x) ** 2).mean()
            seen = at if what == "an argument" else x.sum() * (2 * at - 1) > 0
            loss.backward()
            if looks(seen):
                optimizer.step()
            return loss

        return step, model, optimizer

    (step, *mine), (right, *theirs) = make(), make()
    compiled = ag.compile(step)
    for seed, at in enumerate([True, True, False, True, False, False, True]):
        x = abs(t(5, 3, seed=seed))
        found, wanted = compiled(x, ag.Tensor(at)), right(x, ag.Tensor(at))
        np.testing.assert_allclose(found._value, wanted._value, 1e-5)
        assert_near(state_of(mine), state_of(theirs), np.float32)
    assert len(compiled.plans) == 2


IGNORING: dict[str, Any] = {
    "cross-entropy": F.cross_entropy,
    "of weights": lambda x, y: F.cross_entropy(x, y, weight=ag.Tensor([1.0, 2.0, 3.0])),
    "smoothed": lambda x, y: F.cross_entropy(x, y, label_smoothing=0.1, reduction="sum"),
    "one by one": lambda x, y: F.cross_entropy(x, y, reduction="none"),
    "nll": lambda x, y: F.nll_loss(F.log_softmax(x, dim=1), y),
    "a layer": nn.CrossEntropyLoss(),
    "named": nn.CrossEntropyLoss(ignore_index=-100),
    "another": nn.NLLLoss(ignore_index=2),
    "linear": lambda x, y: F.linear_cross_entropy(x, ag.ones(4, 3), y),
}


@pytest.mark.parametrize("kind", ["kernels", "numpy", "native"])
@pytest.mark.parametrize("name", IGNORING)
def test_labels_to_ignore_come_and_go(name: str, kind: str, monkeypatch: Any) -> None:
    """Also where no call has named them: -100 pads sequences."""
    if kind == "native":
        pytest.importorskip("llvmlite")
    monkeypatch.setattr("autograd.compiler.face.backend.kind", lambda: kind)
    loss = IGNORING[name]
    compiled = ag.compile(lambda x, y: loss(x, y).sum())
    for seed, labels in enumerate([[0, 1, 2], [0, -100, 2], [1, 0, 1], [-100, -100, 0], [1, 1, 1]]):
        if name == "another":
            labels = [2 if y < 0 else y % 2 for y in labels]
        found = []
        for call in (compiled, compiled.function):
            x = t(3, 3, seed=seed, grad=True)
            value = call(x, ag.Tensor(labels))
            found += [value._value, ag.grad(value, x)[0]._value]
        np.testing.assert_allclose(found[0], found[2], 1e-5)
        np.testing.assert_allclose(found[1], found[3], 1e-4, 1e-6)
    assert len(compiled.plans) <= 2


SCALED: dict[str, Any] = {  # how an array is read, beside being an operand
    "its sum": lambda x, a: x * a / a.sum(),
    "its mean of parts": lambda x, a: x * a - float(np.mean(a[1:])),
    "an array of it": lambda x, a: x * a + np.exp(a),
    "an argument of an op": lambda x, a: ag.clip(x * a, -float(a.max()), 2.0),
    "in a product": lambda x, a: (x * a) @ np.outer(a, a),
}


@pytest.mark.parametrize("kind", ["kernels", "native"])
@pytest.mark.parametrize("name", SCALED)
def test_what_numpy_computes_of_an_array_is_not_kept(
    name: str, kind: str, monkeypatch: Any
) -> None:
    """Also where the program reads the array itself at each run."""
    if kind == "native":
        pytest.importorskip("llvmlite")
    monkeypatch.setattr("autograd.compiler.face.backend.kind", lambda: kind)
    array, x = np.ones(3, "float32"), t(2, 3)
    compiled = ag.compile(lambda x: SCALED[name](x, array))
    for value in (1.0, 4.0, 4.0, 0.5):
        array[:] = value * np.float32([1, 2, 3])
        np.testing.assert_allclose(compiled(x)._value, compiled.function(x)._value, 1e-5)
    assert len(compiled.plans) == 3


def test_an_array_whose_numbers_only_the_program_reads_is_traced_a_few_times(
    monkeypatch: Any,
) -> None:
    """As a buffer that each batch is written to; one of whose numbers few change is, by and by."""
    batch, hot, made = np.zeros((4, 3), "float32"), np.zeros((4, 10), "float32"), []
    planned = compiling.Planned
    monkeypatch.setattr(compiling, "Planned", lambda *args: made.append(1) or planned(*args))
    compiled = ag.compile(lambda w: ((batch @ w - hot) ** 2).mean())
    for seed in range(30):
        batch[:] = draw(4, 3, seed=seed)
        hot[:] = np.eye(10)[np.random.default_rng(seed).integers(0, 10, 4)]
        w = t(3, 10, seed=seed)
        np.testing.assert_allclose(compiled(w)._value, compiled.function(w)._value, 1e-5)
    assert len(compiled.plans) == 1
    assert len(made) < 15


# ---- in the graph of who calls -------------------------------------------------------------------


def test_gradients_go_through_a_compiled_call() -> None:
    model = nn.Sequential(nn.Linear(3, 4, rng=0), nn.Tanh(), nn.Linear(4, 1, rng=1))
    call = ag.compile(model)
    for seed in range(3):
        x = t(5, 3, seed=seed, grad=True)

        def loss(f: Any, x: Any = x) -> Any:
            h = x * 2
            return (f(h) ** 2).sum() + f(h).mean()

        targets = [x, *model.parameters()]
        right, mine = ag.grad(loss(model), targets), ag.grad(loss(call), targets)
        for a, b in zip(mine, right, strict=True):
            np.testing.assert_allclose(a._value, b._value, 1e-4, 1e-6)
        (dx,) = ag.grad(loss(call), x, create_graph=True)
        (again,) = ag.grad(loss(model), x, create_graph=True)
        second = ag.grad((dx**2).sum(), targets, allow_unused=True)
        for a, b in zip(second, ag.grad((again**2).sum(), targets, allow_unused=True), strict=True):
            assert (a is None) == (b is None)
            if a is not None:
                np.testing.assert_allclose(a._value, b._value, 1e-3, 1e-5)
    assert call(x).requires_grad
    with ag.no_grad():
        assert not call(x).requires_grad


def test_transforms_go_around_and_inside() -> None:
    def f(x: Any) -> Any:
        return (ag.tanh(x) ** 3).sum()

    x, v = t(4, dtype=np.float64), t(4, seed=1, dtype=np.float64)
    call = ag.compile(f)
    assert_close(ag.jvp(call, (x,), (v,)), ag.jvp(f, (x,), (v,)))
    assert_close(ag.grad(call)(x.numpy()), ag.grad(f)(x.numpy()))
    assert_close(ag.hessian(call)(x.numpy()), ag.hessian(f)(x.numpy()))
    inside = ag.compile(lambda x, v: (ag.jvp(f, (x,), (v,)), call(x) * 2))
    for _ in range(2):
        assert_close(inside(x, v), (ag.jvp(f, (x,), (v,)), f(x) * 2))
    program = ag.trace(lambda x: call(x) + 1, x)
    assert_close(program(x), f(x) + 1)
    slope = ag.compile(lambda x: ag.grad(f(x := x.detach().requires_grad_()), x))
    x = x.numpy()
    assert_close(slope(ag.Tensor(x)), [3 * np.tanh(x) ** 2 / np.cosh(x) ** 2])


def assert_close(found: Any, right: Any) -> None:
    if isinstance(right, (tuple, list)):
        for a, b in zip(found, right, strict=True):
            assert_close(a, b)
        return
    raw = [np.asarray(getattr(x, "_value", x)) for x in (found, right)]
    np.testing.assert_allclose(*raw, rtol=1e-6)


def test_a_graph_is_freed_retained_and_out_of_date_as_an_eager_one() -> None:
    w = t(3, grad=True)
    f = ag.compile(lambda x: (w * w * x).sum())
    x = t(3, seed=1)
    for _ in range(2):
        y = f(x)
        y.backward(retain_graph=True)
        y.backward()
        with pytest.raises(FreedGraphError, match="a second time"):
            y.backward()
    y = f(x)
    with ag.no_grad():
        w += 1
    with pytest.raises(MutationError, match="was changed in place"):
        y.backward()


def test_results_of_a_step_are_outside_of_its_graph_from_the_first_call_on() -> None:
    step, *_ = steps()
    compiled = ag.compile(step)
    for _ in range(3):
        assert not compiled(t(4, 3), t(4, 2)).requires_grad


def test_hooks_change_gradients_or_are_refused() -> None:
    w = t(3, grad=True)

    def step(x: Any) -> Any:
        w.grad = None
        (w * x).sum().backward()

    handle = w.register_hook(lambda g: g * 2)
    compiled = ag.compile(step)
    for seed in range(2):
        compiled(t(3, seed=seed))
        np.testing.assert_array_equal(w.grad.numpy(), 2 * draw(3, seed=seed))
    handle.remove()
    compiled(t(3))
    np.testing.assert_array_equal(w.grad.numpy(), draw(3))
    seen: list[Any] = []
    w.register_hook(seen.append)
    with pytest.raises(TraceError, match="has a hook that looks at its gradient"):
        compiled(t(3))
    layer = nn.Linear(3, 2, rng=0)
    layer.register_forward_hook(lambda module, args, output: seen.append(output))
    with pytest.raises(TraceError, match=r"Linear \(Linear\) has a hook"):
        ag.compile(layer)(t(4, 3))
    outside = ag.compile(lambda x: (w * x).sum())
    for _ in range(2):
        seen.clear()
        outside(t(3)).backward()  # the hook is run where the gradient arrives, once
        assert len(seen) == 1


# ---- what raises ---------------------------------------------------------------------------------


def test_errors_are_those_of_the_call_with_module_and_line() -> None:
    model = mlp()
    with pytest.raises(ShapeError, match=r"inner axes|in_features|3") as right:
        model(t(4, 5))
    call = ag.compile(model)
    call(t(4, 3))
    with pytest.raises(ShapeError) as found:
        call(t(4, 5))
    assert str(found.value) == str(right.value)
    labels = ag.compile(lambda x, y: F.cross_entropy(x, y))
    x = t(2, 3)
    labels(x, ag.Tensor([0, 1]))
    with pytest.raises(ArgumentError) as right_error:
        F.cross_entropy(x, ag.Tensor([0, 7]))
    with pytest.raises(ArgumentError) as mine:
        labels(x, ag.Tensor([0, 7]))
    assert str(mine.value) == str(right_error.value)


def test_an_error_leaves_state_and_generators_as_the_call_does() -> None:
    steps_of = [steps(), steps()]

    def guarded(step: Any) -> Any:
        return lambda x, y, at: step(x, y) + ag.take(x, at).sum()

    mine, theirs = (guarded(s[0]) for s in steps_of)
    compiled = ag.compile(mine)
    for indices in ([0, 1], [1, 2]):
        for call in (compiled, theirs):
            with ag.random.drawing_from(4):
                call(t(4, 3), t(4, 2), ag.Tensor(indices))
    assert_close(state_of(steps_of[0][1:2]), state_of(steps_of[1][1:2]))


def test_nan_is_named_under_detect_anomaly() -> None:
    f = ag.compile(lambda x: (ag.sqrt(x) * 0.0).sum())
    x = ag.Tensor([0.0, 1.0], requires_grad=True)
    with np.errstate(all="ignore"):
        f(x)
        with ag.detect_anomaly(), pytest.raises(NaNError, match=r"sqrt: .*test_compile.py:\d+"):
            f(x).backward()


AROUND = "the call changes what lies around it"
BAD: dict[str, Any] = {
    "no function": (lambda: ag.compile(3), ArgumentTypeError, "compile takes a function"),
    "a class": (lambda: ag.compile(Options), ArgumentTypeError, "whose instances have methods"),
    "a generator": (lambda: ag.compile(generating), ArgumentTypeError, "not a generator"),
    "check": (lambda: ag.compile(abs, check="last"), ArgumentError, "check is 'first'"),
    "check 0": (lambda: ag.compile(abs, check=0), ArgumentError, "check is 'first'"),
    "no plan yet": (lambda: ag.compile(abs).plan, StateError, "no plan yet: call it once"),
    "iterator": (lambda: ag.compile(abs)(iter([1])), TraceError, "an argument is an iterator"),
    "branch": (lambda: ag.compile(branching)(t(3)), TraceError, r"ag.where(condition, a, b)"),
    "counter": (
        lambda: ag.compile(counting)(t(3)),
        TraceError,
        AROUND,
    ),
    "log": (lambda: ag.compile(logging)(t(3)), TraceError, AROUND),
    "attribute": (
        lambda: ag.compile(Counter())(t(3)),
        TraceError,
        AROUND,
    ),
}
COUNT, LOG = 0, []


def generating(x: Any) -> Any:
    yield x


def branching(x: Any) -> Any:
    return x if x.sum() > 0 else -x


def counting(x: Any) -> Any:
    global COUNT
    COUNT += 1
    return x * 2


def logging(x: Any) -> Any:
    LOG.append(1)
    return x * 2


class Counter(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def forward(self, x: Any) -> Any:
        self.count += 1
        return x * self.count


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_compiled_is_told(name: str) -> None:
    call, kind, message = BAD[name]
    with pytest.raises(kind) as found:
        call()
    assert message in str(found.value)


# ---- methods, copies, pickles, threads -----------------------------------------------------------


class Scaler:
    def __init__(self, factor: float) -> None:
        self.factor = factor

    @ag.compile
    def scaled(self, x: Any) -> Any:
        return x * self.factor


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 2, rng=0)

    @ag.compile(check="always")
    def forward(self, x: Any) -> Any:
        return self.linear(x)


def test_methods_have_plans_for_each_object() -> None:
    one, two = Scaler(2.0), Scaler(3.0)
    for _ in range(2):
        assert one.scaled(t(3)).tolist() == (t(3) * 2).tolist()
        assert two.scaled(t(3)).tolist() == (t(3) * 3).tolist()
    assert len(one.scaled.plans) == len(two.scaled.plans) == 1
    one.factor = 5.0
    assert one.scaled(t(3)).tolist() == (t(3) * 5).tolist()
    net = Net()
    right = net.linear(t(4, 3))
    assert_close(net(t(4, 3)), right)
    other = copy.deepcopy(net)
    other.linear.weight.data = np.zeros((2, 3), "float32")
    assert_close(net(t(4, 3)), right)
    assert_close(other(t(4, 3)), other.linear(t(4, 3)))
    assert_close(pickle.loads(pickle.dumps(net))(t(4, 3)), right)


@ag.compile
def doubled(x: Any) -> Any:
    return x * 2


def test_compiled_functions_are_copied_and_pickled() -> None:
    assert pickle.loads(pickle.dumps(doubled)) is doubled
    model = ag.compile(nn.Linear(3, 2, rng=0), check="never")
    twin = pickle.loads(pickle.dumps(model))
    assert twin.check == "never"
    assert_close(twin(t(4, 3)), model(t(4, 3)))
    assert copy.copy(doubled).function is doubled.function
    assert_close(copy.deepcopy(model)(t(4, 3)), model(t(4, 3)))
    assert doubled.__name__ == "doubled"


def test_two_threads_run_one_function() -> None:
    layers = nn.Linear(3, 64, rng=0), nn.GELU(), nn.Linear(64, 2, rng=1)
    model = nn.Sequential(*layers).double()
    call = ag.compile(model)
    failed: list[Any] = []

    def run(seed: int) -> None:
        try:
            for number in range(60):
                x = t(1 + number % 3, 3, seed=seed + number, dtype=np.float64)
                assert_close(call(x).detach(), model(x).detach())
        except BaseException as error:  # noqa: BLE001 - told by the main thread
            failed.append(error)

    threads = [threading.Thread(target=run, args=(seed,)) for seed in (0, 1000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert len(call.plans) == 3


def run_in_process(seed: int) -> list[float]:
    return doubled(t(3, seed=seed)).tolist()  # type: ignore[no-any-return]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_other_processes_run_plans(method: str) -> None:
    doubled(t(3))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of fork beside threads
        with multiprocessing.get_context(method).Pool(1) as pool:
            assert pool.map(run_in_process, [1, 2]) == [run_in_process(1), run_in_process(2)]


def test_many_steps_hold_no_memory() -> None:
    step, *_ = steps(momentum=0.9)
    compiled = ag.compile(step)
    batch = t(4, 3), t(4, 2)
    held = []
    tracemalloc.start()
    try:
        for _ in range(3):
            for _ in range(300):
                compiled(*batch)
            gc.collect()
            held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert held[2] - held[1] < 20_000  # under 70 bytes a step


# ---- looking at it -------------------------------------------------------------------------------


def test_a_plan_can_be_looked_at() -> None:
    step, *_ = steps()
    compiled = ag.compile(step)
    compiled(t(4, 3), t(4, 2))
    assert [node.name for node in compiled.program.inputs] == ["x", "y"]
    table = compiled.plan
    assert {"0 (Linear)", "2 (Linear)"} <= {row.module.partition(",")[0] for row in table}
    assert "read" in str(table)
    assert sum(row.instructions for row in table) >= len(table)
    compiled.clear()
    assert compiled.plans == ()


def shown() -> Any:
    """A compiled step of a network whose names are long, and what was given to it."""
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, dropout=0.0)
    head = nn.Sequential(nn.Linear(8, 3), nn.ReLU(), nn.Linear(3, 3))
    model = nn.Sequential({"encoder_of_the_text": layer, "head": head})
    optimizer = optim.Adam(model.parameters())

    @ag.compile
    def step(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    batch = t(2, 5, 8), t(2, 5, 3)
    step(*batch)
    step(*batch)  # from now on there are moments
    return step, batch


def test_what_is_shown_fits_a_page_and_has_the_names_of_the_user() -> None:
    pytest.importorskip("llvmlite")
    step, _ = shown()
    for text in (str(step.plan), step.source(), str(step.program)):
        assert max(map(len, text.splitlines())) <= 120, text
    table = {row.to: row for row in step.plan}
    assert table["head.2.weight"].does == "Adam"
    assert table["head.2.weight.grad"].does == "∇linear.weight"
    assert table["head.2.weight.grad"].module == "head.2 (Linear)"
    assert all("part" not in row.does and "output" not in row.does for row in step.plan)
    source = step.source()
    assert "self_attn.in_proj_weight.exp_avg[i]  # float32" in source
    assert "in_proj_bias[i]  # float32" in source
    assert "head.2.weight.exp_avg, " in source
    assert "of x" in source
    first = next(row for row in step.plan if row.does == "Adam")
    assert f", as {first.number}" in source, "the same loop over another parameter is said, once"
    assert source.count("sqrt") <= 8, "and not written again"
    assert repr(step.plans) == "(<plan for x 2×5×8 float32, y 2×5×3 float32, called 2 times>,)"


def test_a_panel_of_a_picture_is_a_kernel() -> None:
    pytest.importorskip("llvmlite")
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
    call = ag.compile(lambda x: model(x).sum())
    call(t(4, 3))
    (fused,) = (row for row in call.plan if "tanh" in row.does.split(", "))
    lines = [x for x in ag.viz.draw(call).text().splitlines() if "Tanh" in x]
    assert len(lines) == 2, "linear and tanh are in one"
    name = f"kernels {fused.number - 1}, {fused.number} (0 (Linear), 1 (Tanh))"
    assert all(name in line for line in lines), lines


def test_a_program_is_drawn_as_its_graph() -> None:
    program = ag.trace(nn.Linear(3, 4), t(2, 3))
    assert ag.viz.draw(program).text() == ag.viz.draw(program.graph).text()


def test_a_profile_leaves_times_of_kernels_in_the_plan() -> None:
    pytest.importorskip("llvmlite")
    step, batch = shown()
    assert all(row.ms is None for row in step.plan)
    assert "ms" not in str(step.plan).splitlines()[0]
    with ag.profile():
        step(*batch)
        step(*batch)
    assert all(row.ms >= 0 for row in step.plan)
    assert str(step.plan).splitlines()[0].endswith("ms")


def test_profiles_see_plans() -> None:
    step, *_ = steps()
    compiled = ag.compile(step)
    for _ in range(2):
        with ag.profile() as profile:
            compiled(t(4, 3), t(4, 2))
    assert "compiled step" in {event.name for event in profile.events}


@pytest.mark.skipif(backend.kind() != "native", reason="kernels are timed in native code")
def test_profiles_see_each_kernel_forward_and_backward_and_plans_then_have_ms() -> None:
    model = mlp()
    compiled = ag.compile(model)
    for _ in range(2):
        compiled(t(4, 3)).sum().backward()
    plain = compiled.plan
    assert "ms" not in str(plain).partition("\n")[0]
    with ag.profile() as profile:
        compiled(t(4, 3)).sum().backward()
    told = [event for event in profile.events if event.name.startswith(("loop", "product"))]
    assert len(told) == len(plain)
    assert {event.kind for event in told} == {"forward", "backward"}
    assert {"0 (Linear)", "2 (Linear)"} <= {event.module.partition(",")[0] for event in told}
    assert all(row.ms is not None and row.ms >= 0 for row in compiled.plan)
    assert str(compiled.plan).partition("\n")[0].endswith("ms")
    texts = compiled.source(llvm=True)
    loops = sum(row.kind == "loop" for row in plain)
    assert texts.count("define void @loop(") == loops
