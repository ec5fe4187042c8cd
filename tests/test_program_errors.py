"""What a program cannot hold says so, with the line; what it was not made for, too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd.errors import ArgumentTypeError, DTypeError, ShapeError, TraceError
from autograd.program.plan import Plan
from tests.programs import draw

F = nn.functional
W = ag.Tensor([1.0, 2.0, 3.0], requires_grad=True, name="w")
X = ag.Tensor([1.0, 2.0, 3.0], name="x")


def branching(x: Any) -> Any:
    return x * 2 if x.sum() > 0 else x


def choosing(x: Any) -> Any:
    return x if float(x[0]) else -x


def listed(x: Any) -> Any:
    return ag.Tensor(x.tolist())


def printed(x: Any) -> Any:
    return x * x.sum().item()


def in_numpy(x: Any) -> Any:
    return ag.Tensor(np.sort(x.numpy()))


SEEN: dict[str, tuple[Callable[[Any], Any], str]] = {
    "an if": (branching, "the truth value of the result of greater"),
    "float": (choosing, "item()"),
    "tolist": (listed, "tolist"),
    "item": (printed, "item"),
    "numpy": (in_numpy, "numpy"),
}


@pytest.mark.parametrize("name", SEEN)
def test_what_python_sees_is_refused_with_the_line_and_what_to_write(name: str) -> None:
    function, what = SEEN[name]
    line = function.__code__.co_firstlineno + 1
    with pytest.raises(TraceError) as caught:
        ag.trace(function, X)
    message = str(caught.value)
    assert f"test_program_errors.py:{line}" in message
    assert what in message
    assert "ag.where(condition, a, b)" in message


class Remembering(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.h: Any = None

    def forward(self, x: Any) -> Any:
        self.h = x if self.h is None else x + self.h
        return self.h


SEARCH = optim.LBFGS([W])


def searched(x: Any) -> Any:
    def closure() -> Any:
        W.grad = None
        loss = (W * x).sum()
        loss.backward()
        return loss

    SEARCH.step(closure)
    return x


LOSS = (W * 2).sum()


def outside(x: Any) -> Any:
    LOSS.backward()
    return x


REFUSED: dict[str, tuple[Any, str]] = {
    "a graph from before": (outside, "was recorded before the call"),
    "LBFGS": (searched, "a step of LBFGS, .*compile what its closure calls"),
    "an attribute that is another Tensor": (Remembering(), "another Tensor as h"),
    "initial values": (lambda x: nn.init.zeros_(W), "nn.init computes with NumPy"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_program_holds_is_refused_and_put_back(name: str) -> None:
    function, what = REFUSED[name]
    with pytest.raises(TraceError, match=what):
        ag.trace(function, X)
    assert W.detach().tolist() == [1.0, 2.0, 3.0]
    assert W.grad is None
    if isinstance(function, nn.Module):
        assert function.h is None


def test_an_error_in_the_call_leaves_all_as_it_was() -> None:
    optimizer = optim.Adam([W])

    def step(x: Any) -> Any:
        (W * x).sum().backward()
        optimizer.step()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ag.trace(step, X)
    assert W.detach().tolist() == [1.0, 2.0, 3.0]
    assert W.grad is None
    assert not any(optimizer.state.values())


# ---- runs ----------------------------------------------------------------------------------------


def scaled(x: Any, key: Any, factor: float = 2.0) -> Any:
    return x * factor + key["bias"][0]


def test_inputs_have_names_and_other_shapes_dtypes_and_structures_are_refused() -> None:
    program = ag.trace(scaled, X, {"bias": [X]}, factor=3.0)
    assert [node.name for node in program.inputs] == ["x", "key['bias'][0]"]
    y = ag.Tensor([1.0, 1.0, 1.0])
    assert program(y, {"bias": [y]}, factor=3.0).tolist() == [4.0, 4.0, 4.0]
    two = ag.Tensor([1.0, 2.0])
    with pytest.raises(ShapeError, match=r"x is \(3,\) in the trace, and \(2,\) now"):
        program(two, {"bias": [y]}, factor=3.0)
    with pytest.raises(DTypeError, match=r"key\['bias'\]\[0\] is float32 .* and float64 now"):
        program(y, {"bias": [np.ones(3)]}, factor=3.0)
    with pytest.raises(TraceError, match=r"factor is 2.0, and was 3.0 in the trace"):
        program(y, {"bias": [y]}, factor=2.0)
    with pytest.raises(ArgumentTypeError, match="takes the keywords factor, not none"):
        program(y, {"bias": [y]})
    with pytest.raises(ArgumentTypeError, match="takes 2 positional arguments, not 1"):
        program(y, factor=3.0)
    for other in ({"bias": [y, y]}, {"b": [y]}, [y]):
        with pytest.raises(TraceError, match="key"):
            program(y, other, factor=3.0)
    with pytest.raises(ArgumentTypeError, match="x is a Tensor or an array, not list"):
        program([1.0, 2.0, 3.0], {"bias": [y]}, factor=3.0)


def test_results_of_another_shape_than_in_the_trace_are_refused() -> None:
    program = ag.trace(lambda x: (x[x > 1] * 2).sum(), X)
    assert program(ag.Tensor([5.0, 0.0, 1.5])).item() == 13.0
    with pytest.raises(
        TraceError, match=r"getitem at .*py:\d+ is \(1,\), and was \(2,\) in the tr"
    ):
        program(ag.Tensor([5.0, 0.0, 0.0]))


def test_arrays_are_read_at_every_run_and_numbers_are_listed() -> None:
    array, rate = np.ones(3, "float32"), 0.5
    program = ag.trace(lambda x, n: x * array * rate * n, X, 2)
    assert program.constants == {"argument 1": 2, "rate": 0.5}
    array[:] = 4
    assert program(X, 2).tolist() == [4.0, 8.0, 12.0]


def test_a_gradient_that_python_looked_at_must_be_there_again() -> None:
    w = ag.Tensor([1.0, 2.0, 3.0], requires_grad=True, name="w")
    program = ag.trace(lambda x: x if w.grad is None else x + w.grad, X)
    assert program(X).tolist() == X.tolist()
    w.grad = X
    with pytest.raises(TraceError, match=r"w.grad was None in the trace, .* is there now"):
        program(X)


def test_gradients_go_to_the_inputs_that_are_given() -> None:
    def call(x: Any) -> Any:
        (x * x).sum().backward()

    program = ag.trace(call, ag.Tensor([1.0, 2.0], requires_grad=True))
    x = ag.Tensor([3.0, 4.0], requires_grad=True)
    for times in (1, 2):
        assert program(x) is None
        assert x.grad is not None
        assert x.grad.tolist() == [6.0 * times, 8.0 * times]
    with pytest.raises(ArgumentTypeError, match=r"x.grad is written, so the input must be a Tenso"):
        program(ag.Tensor([1.0, 2.0]))


def trained(optimizer: Any) -> Any:
    def step(x: Any) -> Any:
        optimizer.zero_grad()
        (x * x * optimizer.param_groups[0]["params"][0]).sum().backward()
        optimizer.step()

    return step


class Descent(optim.Optimizer):
    """A step of one's own, in which the rate is a number of Python's."""

    def __init__(self, params: Any, lr: float = 0.5) -> None:
        super().__init__(params, {"lr": lr})

    def step(self, closure: Any = None) -> None:
        for group in self.param_groups:
            for p in group["params"]:
                with ag.no_grad():
                    p -= group["lr"] * p.grad


def test_an_option_that_a_step_of_ones_own_holds_must_be_what_it_was() -> None:
    optimizer = Descent([ag.Tensor([1.0, 2.0, 3.0], requires_grad=True)])
    program = ag.trace(trained(optimizer), X)
    program(X)
    optimizer.param_groups[0]["lr"] = 0.25
    with pytest.raises(TraceError, match=r"lr of Descent is 0.25, and was 0.5 in the trace"):
        program(X)


def test_an_optimizer_that_has_got_other_parameters_is_refused() -> None:
    optimizer = optim.SGD([ag.Tensor([1.0, 2.0, 3.0], requires_grad=True)])
    program = ag.trace(trained(optimizer), X)
    optimizer.add_param_group({"params": [ag.Tensor([1.0], requires_grad=True)]})
    for run in (program, Plan(program)):
        with pytest.raises(TraceError, match="SGD has other parameters than in the trace"):
            run(X)


class Halving(optim.lr_scheduler.LRScheduler):
    """A schedule with a step of its own."""

    def step(self, epoch: Any = None) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] /= 2
        self._last_lr = self._rates()


def test_the_step_of_any_schedule_is_an_effect() -> None:
    optimizer = optim.SGD([W], lr=1.0)
    schedule = Halving(optimizer)
    start = optimizer.param_groups[0]["lr"]
    program = ag.trace(lambda x: schedule.step(), X)
    assert optimizer.param_groups[0]["lr"] == start
    program(X)
    program(X)
    assert optimizer.param_groups[0]["lr"] == start / 4


def test_an_error_in_a_run_writes_nothing() -> None:
    table = ag.Tensor(draw(3, 2), requires_grad=True, name="table")
    counted = ag.Tensor(0)

    def call(rows: Any) -> Any:
        counted.data = counted + 1
        return F.embedding(rows, table)

    program = ag.trace(call, np.array([0, 1]))
    with pytest.raises(IndexError, match="out of range"):
        program(np.array([0, 5]))
    assert counted.item() == 0


def test_other_calls_cannot_be_traced_inside() -> None:
    with pytest.raises(ag.errors.ReplayError, match="while another call is being traced"):
        ag.trace(lambda x: ag.trace(lambda y: y, x), X)


def test_of_a_matrix_it_is_the_sum_of_the_diagonal() -> None:
    assert ag.trace(ag.Tensor([[1.0, 2.0], [3.0, 4.0]])).item() == 5.0
    assert ag.trace(np.eye(3), 1) == 0.0
