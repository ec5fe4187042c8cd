"""Arrays without axes, where an axis is asked for: what NumPy does, or an error that says so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
from tests.bad_calls import Call
from tests.shown_calls import made, shown

pytestmark = pytest.mark.filterwarnings("ignore")
INTERNAL = re.compile(
    r"tuple index out|not enough values|has no attribute|invalid index to|cannot unpack|must be str"
    r"|object is not|unsupported operand|NoneType|^(AttributeError|KeyError|UnboundLocal)"
)
AXES = ({}, {"axis": 0}, {"axis": -1}, {"axis": None}, {"axis": 1})


def arrays(call: Call) -> Iterator[tuple[str, Any]]:
    """The parameters that hold an array with axes, and its first element."""
    for parameter in call.parameters():
        value = call.arguments.get(parameter.name)
        if isinstance(value, (ag.Tensor, np.ndarray)) and value.ndim and value.size:
            yield parameter.name, np.asarray(ag.asarray(value).detach()).flat[0]


def complaint(call: Call, parameter: str, value: Any) -> str:
    """What a call says of a value; nothing if it takes it."""
    try:
        made(call, **{parameter: value})
    except Exception as error:  # noqa: BLE001 (what matters is what it says)
        return f"{type(error).__name__}: {error}"
    return ""


def leaf(number: Any) -> ag.Tensor:
    return ag.Tensor(np.array(number), requires_grad=np.asarray(number).dtype.kind in "fc")


def differentiated(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, after which the sum of what it gives is differentiated by all leaves."""

    def run(*args: Any, **kwargs: Any) -> Any:
        found = function(*args, **kwargs)
        for y in found if isinstance(found, (tuple, list)) else (found,):
            if isinstance(y, ag.Tensor) and y.requires_grad and y.dtype.kind == "f":
                y.sum().backward()
        return found

    return run


@pytest.mark.parametrize("name", sorted(name for name, c in shown().items() if list(arrays(c))))
def test_an_array_without_axes_is_taken_with_its_gradient_or_refused_clearly(name: str) -> None:
    call = shown()[name]
    call = call._replace(function=differentiated(call.function))
    for parameter, number in arrays(call):
        for axis in AXES:
            if "axis" not in axis or "axis" in call.signature.parameters:
                changed = call._replace(arguments=call.arguments | axis)
                said = complaint(changed, parameter, leaf(number))
                assert not INTERNAL.search(said), f"{name}({parameter}={number}, {axis}): {said}"


@pytest.mark.parametrize(
    "f",
    [
        ag.cumsum, ag.cumprod, ag.cumulative_sum, ag.cumulative_prod, ag.prod, ag.sum, ag.max,
        ag.min, ag.logsumexp, ag.softmax, ag.log_softmax, lambda x, axis: ag.take(x, [0], axis),
    ],
)  # fmt: skip
def test_along_the_axis_of_a_number_there_is_the_number(f: Any) -> None:
    for axis in (0, -1):
        of_number, of_one = ag.Tensor(2.0, requires_grad=True), ag.Tensor([2.0], requires_grad=True)
        expected = f(of_one, axis=axis)
        found = f(of_number, axis=axis)
        np.testing.assert_allclose(found.numpy().ravel(), expected.numpy().ravel())
        (slope,), (wanted,) = ag.grad(found.sum(), of_number), ag.grad(expected.sum(), of_one)
        assert (slope.shape, slope.item()) == ((), wanted.item())


@pytest.mark.parametrize(
    "f",
    [ag.cummax, ag.cummin, ag.logcumsumexp, ag.sort, lambda x, axis: ag.topk(x, 1, axis=axis)],
)
def test_an_axis_that_is_not_there_is_named(f: Any) -> None:
    for x, axis in ((ag.Tensor(1.0), 0), (ag.Tensor([1.0]), 1)):
        with pytest.raises(ag.errors.AxisError, match=f"axis {axis} is out of"):
            f(x, axis=axis)
