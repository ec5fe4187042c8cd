"""The first NaN or infinity is told, forward and backward, and what is sound is not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.engine.operands import raw
from autograd.engine.row import OPS, Op
from autograd.errors import NaNError, TraceError
from tests.test_ops import DIFFERENTIABLE, call, leaves, outputs, wanted

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def leaf(*data: Any, dtype: str = "float64") -> Any:
    return ag.Tensor(data, requires_grad=True, dtype=dtype, name="x")


def finite(values: Any) -> bool:
    return all(np.isfinite(raw(v)).all() for v in values if v is not None)


def test_no_op_of_the_table_raises_a_false_alarm() -> None:
    """What is finite in, out and back is let pass, whatever an op makes on its way."""
    failures = []
    for op, sample in (case.values for case in DIFFERENTIABLE):
        numbers = [x for x in sample.inputs if x is not None and np.asarray(x).dtype.kind in "fc"]
        if not finite(numbers):
            continue

        def run(op: Op = op, sample: Any = sample) -> list[Any]:
            xs = leaves(sample, wanted(op, sample))
            ys = [y for y in outputs(call(op, sample, xs)) if y.requires_grad]
            for y in ys:
                y.backward(np.ones(y.shape), retain_graph=True)
            return [*ys, *(x.grad for x in xs if isinstance(x, ag.Tensor))]

        try:
            with ag.detect_anomaly():
                run()
        except NaNError as error:
            if finite(run()):
                failures.append(f"{op.name} {sample}: {error}")
    assert not failures, "\n".join(failures)


def at(x: Any, what: Callable[[Any], Any]) -> str:
    with pytest.raises(NaNError) as caught, ag.detect_anomaly():
        what(x)
    return str(caught.value)


class Roots(nn.Module):
    def forward(self, x: Any) -> Any:
        return ag.sqrt(x)


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = Roots()

    def forward(self, x: Any) -> Any:
        return self.inner(x)


def hooked(x: Any) -> Any:
    y = x * 2
    y.register_hook(lambda g: ag.Tensor(np.full(2, np.nan)))
    return y.sum().backward()


TOLD: dict[str, tuple[Any, list[str]]] = {
    "forward": (lambda x: ag.log(x),
     ["log: the forward gave infinity in 1 of 2 numbers, the first at [0]",
                                      "x: float64 (2,), 0 to 4, mean 2", "1 infinite",
                                      "test_anomaly.py:"]),
    "forward of two": (lambda x: x / x, ["divide: the forward gave NaN in 1 of 2",
     "y: float64 (2,)"]),
    "module": (lambda x: Model()(-x), ["sqrt: the forward gave NaN", "in inner (Roots)"]),
    "rule": (lambda x: (Model()(x) * 0.0).sum().backward(),
             ["sqrt: the rule for x gave NaN, recorded in inner (Roots) at",
             "cotangent: float64 (2,), 0 to 0",
              "out: float64 (2,), 0 to 2", "gradient of x: float64 (2,)", "recorded in:",
              "in forward: return ag.sqrt(x)"]),
    "rule, infinite": (lambda x: ag.sqrt(x).sum().backward(),
     ["sqrt: the rule for x gave infinity"]),
    "second order": (lambda x: ag.grad(ag.grad((x ** 1.5).sum(), x, create_graph=True)[0].sum(), x),
                     ["gave infinity, recorded at"]),
    "forward mode": (lambda x: ag.functional.jvp(lambda x: ag.sqrt(x), (x.detach(),), (ag.ones(2,
     dtype="float64"),)),
                     ["sqrt: the derivative gave infinity, recorded at",
                     "tangent of x: float64 (2,), 1 to 1",
                      "tangent of out: float64 (2,)", "1 infinite"]),
    "in the input": (lambda x: ag.exp(ag.Tensor([1.0, np.nan])),
                     ["exp: x had NaN already (NaN in 1 of 2 numbers, the first at [1])",
                     "no op of the block made it"]),
    "in a parameter": (lambda x: nn.functional.linear(x, ag.full((3, 2), np.nan)),
     ["linear: weight had NaN already"]),
    "in the gradient": (lambda x: x.sum().backward(np.nan), ["the gradient of sum#",
     "backward's gradient"]),
    "hook": (hooked, ["the gradient of multiply#", "a hook on it"]),
    "adding up": (lambda x: (x.astype("float16") * np.float16(6e4) + x.astype("float16")
     * np.float16(6e4))
                  .sum().backward(), ["infinity"]),
    "a leaf's uses": (lambda x: ag.add(x * 1.7e308, x * 1e308).sum().backward(), ["infinity"]),
    "complex": (lambda x: ag.log(x * (0 + 0j)), ["log: the forward gave", "in modulus"]),
    "number": (lambda x: ag.log(x[0]), ["x: the float64 number 0.0"]),
    "joint": (lambda x: ag.concatenate([x, ag.Tensor([np.nan])]), ["had NaN already"]),
}  # fmt: skip


@pytest.mark.parametrize("name", TOLD)
def test_the_first_anomaly_is_told_with_op_numbers_module_and_line(name: str) -> None:
    what, words = TOLD[name]
    said = at(leaf(0.0, 4.0), what)
    for word in words:
        assert word in said


MEANT: dict[str, Callable[[Any], Any]] = {
    "mask": lambda x: ag.softmax(ag.where(np.array([True, False]), x, -np.inf)).sum().backward(),
    "masked_fill": lambda x: ag.softmax(ag.masked_fill(x, np.array([False, True]), -np.inf)),
    "added mask": lambda x: ag.softmax(x + np.array([0.0, -np.inf])).sum().backward(),
    "largest": lambda x: ag.minimum(x, np.inf).sum().backward(),
    "norm": lambda x: ag.linalg.norm(x + 1, ord=np.inf).backward(),
    "mended": lambda x: ag.nan_to_num(ag.Tensor([np.nan, 1.0])),
    "hidden": lambda x: ag.where(np.array([True, True]), x, np.nan).sum().backward(),
    "without NaN": lambda x: ag.nanmean(ag.Tensor([np.nan, 1.0], requires_grad=True)).backward(),
    "sum without NaN": lambda x: ag.nansum(ag.Tensor([np.nan, 1.0], requires_grad=True)).backward(),
    "attention": lambda x: nn.functional.scaled_dot_product_attention(
        *[ag.Tensor(np.ones((1, 3, 2)), requires_grad=True)] * 3, is_causal=True).sum().backward(),
}  # fmt: skip


@pytest.mark.parametrize("name", MEANT)
def test_infinities_and_nan_that_are_meant_pass(name: str) -> None:
    with ag.detect_anomaly():
        MEANT[name](leaf(0.0, 4.0))


def test_what_is_looked_for_can_be_chosen() -> None:
    x = leaf(0.0, 4.0)
    with ag.detect_anomaly(check_inf=False):
        y = ag.log(x)
        with pytest.raises(NaNError, match="forward gave NaN"):
            y - y
    with ag.detect_anomaly(check_nan=False):
        z = y - y
        assert "test_anomaly.py" in str(z.grad_fn.where)
    with ag.detect_anomaly(forward=False):
        z = (y - y).sum()
        with pytest.raises(NaNError, match=r"the gradient of|the rule for"):
            (ag.sqrt(x) * 0.0 + z).sum().backward()
    with ag.detect_anomaly(False, True), pytest.raises(NaNError, match="infinity"):
        ag.log(x)


def test_of_nested_blocks_the_innermost_counts_and_the_outer_goes_on() -> None:
    x, looks = leaf(0.0, 4.0), ag.detect_anomaly()
    with looks:
        with looks, ag.detect_anomaly(check_nan=False):
            ag.log(x)
        with pytest.raises(NaNError):
            ag.log(x)
    ag.log(x)

    @looks
    def decorated() -> Any:
        return ag.log(x)

    with pytest.raises(NaNError):
        decorated()
    ag.log(x)


def test_a_block_is_that_of_its_thread() -> None:
    found: list[Any] = []
    with ag.detect_anomaly():
        thread = threading.Thread(target=lambda: found.append(ag.log(leaf(0.0))))
        thread.start()
        thread.join()
    assert len(found) == 1


def test_a_compiled_call_is_looked_into_and_a_compiled_pull_says_how() -> None:
    f = ag.compile(lambda x: (ag.sqrt(x) * 0.0).sum())
    x = leaf(0.0, 4.0)
    f(x)
    y = f(x)  # by its plan
    assert "sqrt: the rule for x gave NaN" in at(x, lambda x: f(x).backward())
    assert "call the compiled function in this block" in at(x, lambda x: y.backward())


def test_a_block_inside_of_what_is_compiled_is_refused() -> None:
    @ag.compile
    def f(x: Any) -> Any:
        with ag.detect_anomaly():
            return ag.log(x)

    with pytest.raises(TraceError, match="detect_anomaly: open it around the call"):
        f(leaf(1.0, 4.0))


# ---- any error in backward -----------------------------------------------------------------------


class OnPurposeError(Exception):
    pass


def fails(*_: Any) -> Any:
    raise OnPurposeError("on purpose") from KeyError("cause")


def test_a_rule_that_raises_is_told_with_op_module_and_line_for_every_op() -> None:
    """With the error's own class and cause."""
    failures, seen = [], set()
    for op, sample in (case.values for case in DIFFERENTIABLE):
        if op.composite or op.name in seen:
            continue
        with ag.tracing(), ag.scope("inner", "Model"):
            xs = leaves(sample, wanted(op, sample))
            ys = [y for y in outputs(call(op, sample, xs)) if y.requires_grad]
        if not ys or not ys[0].size:
            continue
        seen.add(op.name)
        node = ys[0].grad_fn if ys[0].grad_fn.op is op else ys[0].grad_fn.inputs[0]
        names = {op.name, node.op.name}
        kept = op.joint, op.pulls
        op.joint = op.joint and (fails, ())
        op.pulls = tuple((rule and fails, slots) for rule, slots in op.pulls)
        try:
            ys[0].backward(np.ones(ys[0].shape))
            failures.append(f"{op.name}: raised nothing")
        except OnPurposeError as error:
            said = "\n".join(getattr(error, "__notes__", []))
            if (
                not any(f"the rule of {name}" in said for name in names)
                or "in inner (Model) at" not in said
                or "test_ops.py" not in said
                or type(error.__cause__) is not KeyError
            ):
                failures.append(f"{op.name}: {said}")
        finally:
            op.joint, op.pulls = kept
    assert not failures, "\n".join(failures)
    assert len(seen) > 0.9 * sum(o.differentiable and not o.composite for o in OPS.values())


def notes(error: BaseException) -> str:
    return "\n".join([str(error), *getattr(error, "__notes__", [])])


class Failing(ag.Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        return x * 2

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return fails()


class Misshapen(Failing):
    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return ag.ones(3)


def hook_fails(x: Any) -> Any:
    y = x * 2
    y.register_hook(fails)
    return y


def hook_misshapen(x: Any) -> Any:
    y = x * 2
    y.register_hook(lambda g: ag.ones(3))
    return y


def changed(x: Any) -> Any:
    w = leaf(1.0, 2.0)
    y = x * w
    with ag.no_grad():
        w += 1
    return y


def freed(x: Any) -> Any:
    y = x * x
    y.sum().backward()
    return y


BACKWARD: dict[str, tuple[Any, type[BaseException], str]] = {
    "Function": (Failing.apply, OnPurposeError, "the rule of Failing ran"),
    "a Function's shape": (Misshapen.apply, ValueError, "the rule of Misshapen ran"),
    "hook": (hook_fails, OnPurposeError, "a hook on the gradient of multiply"),
    "a hook's shape": (hook_misshapen, RuntimeError, "a hook on the gradient of multiply"),
    "changed": (changed, ag.errors.MutationError, "multiply had saved it"),
    "freed": (freed, ag.errors.FreedGraphError, "what multiply"),
    "checkpoint": (ag.checkpoint(Failing.apply), OnPurposeError, "the rule of checkpoint ran"),
}


@pytest.mark.parametrize("name", BACKWARD)
@pytest.mark.parametrize("traced", [True, False])
def test_any_error_in_backward_names_op_module_and_line(name: str, traced: bool) -> None:
    f, kind, words = BACKWARD[name]
    if name == "a Function's shape":
        kind = RuntimeError
    with ag.tracing() if traced else ag.enable_grad(), ag.scope("inner", "Model"):
        y = f(leaf(1.0, 2.0))
    with pytest.raises(kind) as caught:
        y.sum().backward()
    said = notes(caught.value)
    assert words in said
    assert "in inner (Model)" in said
    place = "test_anomaly.py:" if traced else "record under autograd.tracing() to see the line"
    assert place in said
