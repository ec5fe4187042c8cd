"""Numbers of a call given as Tensors: a gradient that is right or an error, never one that is lost.

The calls are those that the docstrings show, of everything public; each of their numbers is
replaced in its turn.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.errors import DTypeError
from tests.bad_calls import Call
from tests.shown_calls import made, shown

STEP = 1e-4
pytestmark = pytest.mark.filterwarnings("ignore")


def numbers(call: Call) -> Iterator[tuple[str, float]]:
    """The parameters that hold a number."""
    for parameter in call.parameters():
        value = call.arguments.get(parameter.name, parameter.default)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            yield parameter.name, value


def outputs(found: Any) -> Iterator[Any]:
    """The floating Tensors in a result."""
    if isinstance(found, ag.Tensor) and not isinstance(found, nn.Parameter):
        if found.dtype.kind == "f":
            yield found
    elif isinstance(found, (list, tuple)):
        for item in found:
            yield from outputs(item)


def weighted(call: Call, name: str, value: Any) -> Any:
    """One number that depends on all outputs; None if there is none."""
    found = list(outputs(made(call, **{name: value})))
    return (
        sum((y * np.cos(np.arange(y.size)).reshape(y.shape)).sum() for y in found)
        if found
        else None
    )


def slopes(call: Call, name: str, value: float) -> list[float]:
    """The differences to both sides, where there are two: at a bend they differ."""
    at = float(weighted(call, name, np.float64(value)))
    found = []
    for step in (STEP, -STEP):
        with contextlib.suppress(ValueError):  # beyond what is allowed
            found.append((float(weighted(call, name, np.float64(value + step))) - at) / step)
    return found


def _arrays(call: Call) -> tuple[str, ...]:
    """The parameters that are arrays first of all, with a dtype that counts."""
    if call.name in ("autograd.scan", "autograd.fori_loop"):
        return ("init", "init_val")  # what is carried keeps the dtype that it begins with
    if call.name in ("autograd.logspace", "autograd.odeint", "autograd.trapezoid"):
        return ("base", "y0", "dx")  # arrays, which have gradients
    op = getattr(call.function, "op", None)
    if ".random." in call.name:
        return tuple(call.signature.parameters)
    return ("fill_value", *(op.inputs if op else ()))


def is_flat(call: Call) -> bool:
    """Whether no gradient is lost: the function has none."""
    op = getattr(call.function, "op", None)
    is_step = call.name == "autograd.random.bernoulli"  # 0 or 1, which its docstring says of p
    return is_step or (op is not None and not op.differentiable)


CALLS = sorted(
    name for name in shown()
    if list(numbers(shown()[name])) and not name.startswith("autograd.random.")  # drawn anew
)  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_a_number_that_requires_grad_gets_its_gradient_or_is_refused(name: str) -> None:
    call = shown()[name]
    for parameter, value in numbers(call):
        t = ag.Tensor(np.float64(value), requires_grad=True)
        refusal = None
        try:
            total = weighted(call, parameter, t)
        except (TypeError, ValueError) as error:
            total, refusal = None, str(error)
        assert refusal is None or "gradient" in refusal or parameter in refusal, refusal
        if total is None or is_flat(call):
            continue
        assert total.requires_grad, f"{name}: the gradient of {parameter} is lost"
        (found,) = ag.grad(total, t, allow_unused=True)
        assert found is not None, f"{name}: the gradient of {parameter} is lost"
        sides = slopes(call, parameter, value)
        error = 0.02 * (1 + max(map(abs, sides)))
        assert min(sides) - error < found.item() < max(sides) + error, (name, parameter, sides)


@pytest.mark.parametrize("name", [name for name in CALLS if "distance_loss" not in name])
def test_an_array_of_no_axes_is_taken_as_its_number(name: str) -> None:
    call = shown()[name]
    for parameter, value in numbers(call):
        if isinstance(value, int) or parameter in _arrays(call):
            continue
        expected, *found = (
            list(outputs(made(call, **{parameter: v})))
            for v in (value, ag.Tensor(np.float64(value)), np.array(value))
        )
        for other in found:
            for y, z in zip(other, expected, strict=True):
                assert y.dtype == z.dtype, (parameter, y.dtype)
                np.testing.assert_allclose(y.numpy(), z.numpy(), rtol=1e-6)


def test_the_error_says_what_to_do() -> None:
    t = ag.Tensor(0.1, requires_grad=True)
    with pytest.raises(
        DTypeError,
        match=r"hardshrink: lambd is a constant, .*, and the gradient .* would be lost\.\n"
        r"  Pass its number, lambd=t",
    ):
        ag.hardshrink(ag.Tensor([1.0]), t)


def test_constants_of_a_border_are_learnt() -> None:
    x, t = (ag.Tensor(v, requires_grad=True) for v in ([[1.0, 2.0]], 0.5))
    padded = ag.pad(x, ((1, 2), (0, 1)), constant_values=((t, 2), (3, 2 * t)))
    assert padded.tolist() == [[0.5, 0.5, 1], [1, 2, 1], [2, 2, 1], [2, 2, 1]]
    assert [g.tolist() for g in ag.grad(padded.sum(), [x, t])] == [[[1, 1]], 10]
    ramp = ag.pad(x, ((0, 0), (0, 2)), mode="linear_ramp", end_values=t)
    assert ag.grad(ramp.sum(), t)[0].item() == 1.5
