"""Programs do what the call does, to the bit: every layer, optimizer, schedule, and whole steps."""

from __future__ import annotations

import gc
import tracemalloc
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd.engine.op import Op
from autograd.errors import TraceError
from autograd.program.passes import common_subexpressions, constant_folding, dead_code
from autograd.program.plan import Plan
from tests.layers import CASES
from tests.layers.case import Case, flatten
from tests.optim_table import ROWS, Row
from tests.programs import Step, assert_same_as_eager, copied, draw, trained
from tests.test_traced_calls import DRAWS, ERRORS, PROGRAMS, WITH_SAMPLES, other

F = nn.functional
pytestmark = pytest.mark.filterwarnings("ignore::autograd.errors.GradientLostWarning")


def loss_of(result: Any) -> Any:
    """A scalar that all results of a layer go into, each element with another weight."""
    total: Any = 0.0
    for y in flatten(result):
        if isinstance(y, ag.Tensor) and y.dtype.kind in "fc" and y.requires_grad:
            y = ag.real(y) + ag.imag(y) if y.dtype.kind == "c" else y
            weights = np.linspace(0.5, 1.5, y.size).reshape(y.shape).astype(y.dtype)
            total = total + (y * weights).sum()
    return total


@pytest.mark.parametrize("dtype", ["as it is", "float32"])
@pytest.mark.parametrize("op", WITH_SAMPLES)
def test_any_op_and_its_gradients_are_run_again(op: Op, dtype: str) -> None:
    """On other numbers, in double and single precision, with empty, 0-d and strided inputs."""
    for sample in op.samples():

        def make(params: Any = sample.params) -> Step:
            def call(*xs: Any) -> Any:
                result = op.record(*xs, **params)
                loss = loss_of(result)
                if isinstance(loss, ag.Tensor):
                    loss.backward()
                return result

            return Step(call)

        first = [narrowed(x, dtype) for x in sample.inputs]
        batches = [tuple(map(leaf, first)), tuple(leaf(other(x)) for x in first)]
        if op.name in DTYPE_BY_NUMBERS:
            batches = batches[:1]
        with np.errstate(all="ignore"):
            try:
                for batch in batches:
                    make().call(*copied(batch))
            except ERRORS:
                continue  # the other numbers are none that the op takes
            try:
                assert_same_as_eager(make, batches, Plan if dtype == "float32" else None)
            except TraceError as error:
                message = str(error)
                assert op.name in PYTHON_DECIDES, message


# whose shapes follow from values, whose indices Python looks at, or whose gradients do by ties
DTYPE_BY_NUMBERS = {"poly"}  # real where roots come in pairs, as in NumPy
PYTHON_DECIDES = {"poly", "polydiv", "polymul", "put_along_axis", "roots", "trim_zeros"}


def narrowed(x: Any, dtype: str) -> Any:
    if dtype == "as it is" or getattr(x, "dtype", None) != np.float64:
        return x
    return x.astype(dtype)


def leaf(x: Any) -> Any:
    if not isinstance(x, (np.ndarray, np.generic)):
        return x
    return ag.Tensor(x, requires_grad=x.dtype.kind in "fc")


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_any_layer_is_trained_to_the_bit(case: Case, training: bool) -> None:
    def make() -> Step:
        layer = case.make(dtype=np.float32).train(training)

        def call(*inputs: Any) -> Any:
            for p in layer.parameters():
                p.grad = None
            result = layer(*inputs)
            loss = loss_of(result)
            if isinstance(loss, ag.Tensor):
                loss.backward()
            return result

        return Step(call, layer)

    inputs = case.arrays(np.float32)
    where = set(case.differentiated())
    number = iter(range(10_000))

    def leaf(x: Any) -> Any:
        if isinstance(x, (tuple, list)):
            return tuple(leaf(part) for part in x)
        position = next(number)
        if not isinstance(x, (np.ndarray, np.generic)):
            return x
        return ag.Tensor(x, requires_grad=position in where and x.dtype.kind == "f")

    given = tuple(leaf(x) for x in inputs)
    with np.errstate(all="ignore"):
        if "max_norm" in case.kwargs:
            with pytest.raises(ag.errors.TraceError, match="max_norm"):
                ag.trace(make().call, *given)
            return
        for change in (None, Plan) if training else (simplified,):
            assert_same_as_eager(make, [given, given], change)


def simplified(program: Any) -> Any:
    return common_subexpressions(constant_folding(dead_code(program)))


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_any_optimizer_takes_the_same_steps(row: Row) -> None:
    """From no state at all, with options that change on the way."""

    def make() -> Step:
        rng = np.random.default_rng(0)
        params = [
            ag.Tensor(rng.standard_normal(shape), requires_grad=True, name=f"p{i}")
            for i, shape in enumerate(row.shapes)
        ]
        optimizer = row.make(params)

        def step(lr: Any, *targets: Any) -> Any:
            optimizer.zero_grad()
            total: Any = 0.0
            for p, target in zip(params, targets, strict=True):
                total = total + ((p - target) ** 3).sum()
            total.backward()
            optimizer.step()
            return total

        return Step(step, params, optimizer)

    batches = [
        (
            ag.Tensor(0.1),
            *(ag.Tensor(draw(*shape, seed=seed, dtype=np.float64)) for shape in row.shapes),
        )
        for seed in range(3)
    ]
    assert_same_as_eager(make, batches)
    assert_same_as_eager(make, batches, Plan)


# ---- whole steps ---------------------------------------------------------------------------------


def whole(*shape: int, below: int = 4, seed: int = 0) -> Any:
    return np.random.default_rng(seed).integers(0, below, shape)


def mlp() -> Any:
    return nn.Sequential(nn.Linear(3, 5, rng=0), nn.Tanh(), nn.Linear(5, 2, rng=1))


def mse(model: Any, x: Any, y: Any) -> Any:
    return F.mse_loss(model(x), y)


def cross_entropy(model: Any, x: Any, y: Any) -> Any:
    return F.cross_entropy(model(x), y)


def pairs(count: int = 3) -> list[Any]:
    return [
        (ag.Tensor(draw(4, 3, seed=s)), ag.Tensor(draw(4, 2, seed=s + 50))) for s in range(count)
    ]


SCHEDULES = {
    "step": lambda o: optim.lr_scheduler.StepLR(o, 2),
    "cosine": lambda o: optim.lr_scheduler.CosineAnnealingLR(o, 5),
    "one cycle": lambda o: optim.lr_scheduler.OneCycleLR(o, 0.5, total_steps=9),
    "warm-up, then": lambda o: optim.lr_scheduler.SequentialLR(
        o, [optim.lr_scheduler.LinearLR(o, 0.5, total_iters=2),
            optim.lr_scheduler.ExponentialLR(o, 0.9)], [2]),
    "chained": lambda o: optim.lr_scheduler.ChainedScheduler(
        [optim.lr_scheduler.LinearLR(o), optim.lr_scheduler.ExponentialLR(o, 0.9)], o),
}  # fmt: skip


@pytest.mark.parametrize("inside", [True, False], ids=["in the step", "outside"])
@pytest.mark.parametrize("name", SCHEDULES)
def test_rates_of_schedules_are_read_at_every_run(name: str, inside: bool) -> None:
    def make() -> Step:
        model = mlp()
        optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        schedule = SCHEDULES[name](optimizer)

        def step(x: Any, y: Any) -> Any:
            optimizer.zero_grad()
            loss = mse(model, x, y)
            loss.backward()
            optimizer.step()
            if inside:
                schedule.step()
            return loss

        return Step(step, model, optimizer, schedule)

    if inside:
        for change in (None, Plan):
            assert_same_as_eager(make, pairs(5), change)
        return
    traced, eager = make(), make()
    program = ag.trace(traced.call, *pairs(1)[0])
    for batch in pairs(5):
        assert program(*batch).item() == eager.call(*batch).item()
        traced.holders[2].step()
        eager.holders[2].step()


def test_a_schedule_that_watches_the_loss_is_an_effect() -> None:
    def make() -> Step:
        model = mlp()
        optimizer = optim.SGD(model.parameters(), lr=0.1)
        schedule = optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=0)

        def step(x: Any, y: Any) -> Any:
            optimizer.zero_grad()
            loss = mse(model, x, y)
            loss.backward()
            optimizer.step()
            schedule.step(loss)
            return loss

        return Step(step, model, optimizer, schedule)

    assert_same_as_eager(make, pairs(5))


def accumulating() -> Step:
    """Gradients of two halves, and of earlier calls."""
    model = mlp()
    optimizer = optim.Adam(model.parameters(), lr=0.1)

    def step(x: Any, y: Any) -> Any:
        losses = [mse(model, x[i : i + 2], y[i : i + 2]) / 2 for i in (0, 2)]
        for loss in losses:
            loss.backward()
        optimizer.step()
        return losses

    return Step(step, model, optimizer)


def clipping(kind: str) -> Any:
    def make() -> Step:
        model = mlp()
        optimizer = optim.AdamW(model.parameters(), lr=0.1)

        def step(x: Any, y: Any) -> Any:
            optimizer.zero_grad(set_to_none=False)
            loss = mse(model, x, y)
            loss.backward()
            if kind == "value":
                nn.utils.clip_grad_value_(model.parameters(), 0.1)
                norm = None
            else:
                norm = nn.utils.clip_grad_norm_(model.parameters(), 0.2, norm_type=float(kind))
            optimizer.step()
            return loss, norm

        return Step(step, model, optimizer)

    return make


def twice() -> Step:
    """Two optimizers, two steps of one of them, and a closure."""
    model = mlp()
    first = optim.Adam(model[0].parameters(), lr=0.1)
    second = optim.RMSprop(model[2].parameters(), lr=0.01)

    def step(x: Any, y: Any) -> Any:
        def closure() -> Any:
            first.zero_grad()
            second.zero_grad()
            loss = mse(model, x, y)
            loss.backward()
            return loss

        loss = first.step(closure)
        second.step()
        return loss, first.step(closure)

    return Step(step, model, first, second)


class SignDescent(optim.Optimizer):
    """An optimizer of one's own, written with ops."""

    def __init__(self, params: Any, lr: float = 0.1) -> None:
        super().__init__(params, {"lr": lr})

    def step(self, closure: Any = None) -> None:
        for group in self.param_groups:
            for p in group["params"]:
                with ag.no_grad():
                    p -= group["lr"] * ag.sign(p.grad)


def own_optimizer() -> Step:
    model = mlp()
    return trained(model, SignDescent(model.parameters()), mse)


def by_hand() -> Step:
    model = mlp()

    def step(x: Any, y: Any) -> Any:
        loss = mse(model, x, y)
        grads = ag.grad(loss, list(model.parameters()))
        with ag.no_grad():
            for p, g in zip(model.parameters(), grads, strict=True):
                p -= 0.1 * g
        return loss

    return Step(step, model)


def penalty() -> Step:
    """The gradient of a gradient: a loss that has one in it."""
    model = mlp()
    optimizer = optim.Adam(model.parameters(), lr=0.1)

    def step(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        x = x.detach().requires_grad_()
        (slope,) = ag.grad(model(x).sum(), x, create_graph=True)
        loss = ((slope**2).sum(axis=1) - 1).square().mean() + mse(model, x, y)
        loss.backward()
        optimizer.step()
        return loss, slope

    return Step(step, model, optimizer)


def recorded_gradients() -> Step:
    w = ag.Tensor(draw(3), requires_grad=True, name="w")

    def step(x: Any, y: Any) -> Any:
        w.grad = None
        ((w * x) ** 3).sum().backward(create_graph=True)
        (second,) = ag.grad((w.grad**2).sum(), w)
        return w.grad.detach(), second

    return Step(step, w)


def some_gradients() -> Step:
    w, v = (ag.Tensor(draw(3, seed=s), requires_grad=True, name=f"w{s}") for s in (0, 1))

    def step(x: Any, y: Any) -> Any:
        loss = (w * v * x).sum()
        loss.backward(inputs=[w], retain_graph=True)
        of_v, of_b = ag.grad(loss, [v, ag.zeros(2).requires_grad_()], allow_unused=True)
        v.grad = of_v * 2
        w.grad *= 0.5
        return of_b, w.grad.sum()

    return Step(step, w, v)


def normed() -> Step:
    layers = [nn.utils.parametrizations.spectral_norm(nn.Linear(3, 3, rng=0)),
              nn.utils.parametrizations.weight_norm(nn.Linear(3, 2, rng=1))]  # fmt: skip
    model = nn.Sequential(*layers)
    return trained(model, optim.Adam(model.parameters(), lr=0.1), mse)


def tied() -> Step:
    first, last = nn.Linear(3, 3, rng=0), nn.Linear(3, 3, rng=1)
    last.weight = first.weight
    model = nn.Sequential(first, nn.GELU(), last)
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    return trained(model, optimizer, lambda model, x, y: model(x).square().mean() + y.sum() * 0)


def hooked() -> Step:
    model = mlp()
    for p in model.parameters():
        p.register_hook(lambda g: g * 0.5)
    return trained(model, optim.SGD(model.parameters(), lr=0.1), mse)


def retained() -> Step:
    w = ag.Tensor(draw(3), requires_grad=True, name="w")

    def step(x: Any, y: Any) -> Any:
        h = w * x
        h.retain_grad()
        loss = (h * h).sum()
        loss.backward(retain_graph=True)
        loss.backward(ag.Tensor(np.float32(2.0)))
        return h.grad, loss.detach()

    return Step(step, w)


def frozen() -> Step:
    """Parts without gradients: detached, under no_grad, and with integers beside."""
    model, target = mlp(), mlp()
    optimizer = optim.SGD(model.parameters(), lr=0.1)

    def step(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        with ag.no_grad():
            aim = target(x)
        out = model(x)
        loss = F.mse_loss(out, aim) + out.detach().sum() * 0.1 + (out * (out > 0)).mean()
        loss.backward()
        optimizer.step()
        with ag.no_grad():
            for mine, theirs in zip(target.parameters(), model.parameters(), strict=True):
                mine *= 0.9
                mine += 0.1 * theirs
        return loss, out.argmax(axis=1)

    return Step(step, model, target, optimizer)


def written_inputs() -> Step:
    total = ag.zeros(4, 3)

    def step(x: Any, y: Any) -> Any:
        total[...] = total + x
        x *= 2
        x[0] = 5.0
        y[:, 0] += 1
        return x.sum() + total.sum()

    return Step(step, total)


ARRAY = np.ones(3, "float32")


def shared_arrays() -> Step:
    w = ag.Tensor(draw(3), requires_grad=True, name="w")

    def step(x: Any, y: Any) -> Any:
        w.grad = None
        loss = ((w * ARRAY) ** 2 * x).sum()
        loss.backward()
        return loss

    return Step(step, w)


STEPS: dict[str, Any] = {
    "accumulated gradients": accumulating,
    "clipping by the norm": clipping("2"),
    "clipping by the largest": clipping("inf"),
    "clipping by value": clipping("value"),
    "two optimizers, closures": twice,
    "an optimizer of one's own": own_optimizer,
    "descent by hand": by_hand,
    "a penalty on gradients": penalty,
    "gradients that are recorded": recorded_gradients,
    "gradients of some": some_gradients,
    "normed weights": normed,
    "tied weights": tied,
    "hooks": hooked,
    "retained gradients": retained,
    "frozen parts and averages": frozen,
    "inputs that are written to": written_inputs,
    "arrays beside": shared_arrays,
}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_does_what_the_call_does(name: str) -> None:
    for change in (None, Plan, simplified):
        assert_same_as_eager(STEPS[name], pairs(3), change)


@pytest.mark.parametrize("name", DRAWS)
def test_draws_are_made_anew(name: str) -> None:
    batches = [(ag.Tensor(draw(3, 6, 4, seed=s), requires_grad=True),) for s in range(3)]

    def call(x: Any) -> Any:
        result = DRAWS[name](x)
        loss = loss_of(result)
        if isinstance(loss, ag.Tensor):
            loss.backward()
        return result

    for change in (None, Plan):
        assert_same_as_eager(lambda: Step(call), batches, change)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_does_what_the_call_does(name: str) -> None:
    make, arguments = PROGRAMS[name]

    def step() -> Step:
        f = make()
        return Step(lambda args, kwargs: f(*args, **kwargs), f)

    assert_same_as_eager(step, [tensors(arguments(4, seed)) for seed in (0, 1)])


def tensors(structure: Any) -> Any:
    """Arguments with Tensors in the place of arrays: these a call would get as they are."""
    if isinstance(structure, dict):
        return {key: tensors(part) for key, part in structure.items()}
    if isinstance(structure, (tuple, list)):
        return type(structure)(tensors(part) for part in structure)
    return ag.Tensor(structure) if isinstance(structure, np.ndarray) else structure


def test_many_runs_hold_no_memory() -> None:
    step = accumulating()
    program = ag.trace(step.call, *pairs(1)[0])
    plan = Plan(program)
    for run in (program, plan):
        held = []
        tracemalloc.start()
        try:
            for _ in range(3):  # the first has all that is made once, and arrays of the latest run
                for batch in pairs(3) * 20:
                    run(*batch)
                gc.collect()
                held.append(tracemalloc.get_traced_memory()[0])
        finally:
            tracemalloc.stop()
        assert held[2] - held[1] < 6_000  # 100 bytes for each of 60 runs


MODELS: dict[str, Any] = {
    "LeNet5": (lambda: nn.models.LeNet5(), lambda s: draw(2, 1, 28, 28, seed=s), 10),
    "ResNet20": (lambda: nn.models.ResNet20(), lambda s: draw(2, 3, 16, 16, seed=s), 10),
    "MLP": (lambda: nn.models.MLP([3, 4, 2]), lambda s: draw(4, 3, seed=s), 2),
}


@pytest.mark.parametrize("name", MODELS)
def test_models_are_trained_to_the_bit(name: str) -> None:
    model, inputs, classes = MODELS[name]

    def make() -> Step:
        made = model()
        return trained(made, optim.Adam(made.parameters(), lr=0.01), cross_entropy)

    batches = [
        (ag.Tensor(x := inputs(s)), ag.Tensor(whole(len(x), below=classes, seed=s)))
        for s in range(2)
    ]
    assert_same_as_eager(make, batches)


def test_a_language_model_is_trained_to_the_bit() -> None:
    def make() -> Step:
        model = nn.models.GPT(7, 6, width=8, depth=2, heads=2, dropout=0.1)

        def loss(model: Any, x: Any, y: Any) -> Any:
            return F.cross_entropy(model(x).reshape(-1, 7), y.reshape(-1))

        return trained(model, optim.AdamW(model.parameters(), lr=0.01), loss)

    batches = [(ag.Tensor(whole(3, 5, seed=s)), ag.Tensor(whole(3, 5, seed=s + 9))) for s in (0, 1)]
    assert_same_as_eager(make, batches)


def test_large_arrays_are_swept_in_blocks_and_give_the_same() -> None:
    def make() -> Step:
        w = ag.Tensor(draw(300, 700), requires_grad=True, name="w")
        b = ag.Tensor(0.5, requires_grad=True, name="b")
        optimizer = optim.Adam([w, b], lr=0.1)

        def step(x: Any) -> Any:
            optimizer.zero_grad()
            loss = (ag.tanh(w * x + b) * ag.sigmoid(x) + ag.exp(-x * x)).mean()
            loss.backward()
            optimizer.step()
            return loss

        return Step(step, w, b, optimizer)

    for change in (None, Plan):
        batches = [(ag.Tensor(draw(300, 700, seed=s)),) for s in (1, 2)]
        assert_same_as_eager(make, batches, change)
