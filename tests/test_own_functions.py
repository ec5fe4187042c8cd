"""Functions with a backward of their own: what they give is looked at before it is used."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.errors import AutogradError, TraceError


def doubled(gradient: Any, forward: Any = lambda x: x * 2) -> Any:
    """The Function x ↦ 2x whose backward gives what is told."""

    class Doubled(ag.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return forward(x)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return gradient(g)

    return Doubled


@pytest.mark.parametrize("inner", [False, True], ids=["leaf", "inner"])
@pytest.mark.parametrize("recorded", [False, True], ids=["plain", "recorded"])
@pytest.mark.parametrize(
    ("gradient", "shape"),
    [
        (lambda g: g[:1], r"\(1,\)"),
        (lambda g: g.sum(), r"\(\)"),
        (lambda g: ag.ones(3), r"\(3,\)"),
        (lambda g: g[:, None], r"\(2, 1\)"),
    ],
)
def test_a_gradient_of_another_shape_is_refused(
    gradient: Any, shape: str, recorded: bool, inner: bool
) -> None:
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    y = doubled(gradient).apply(x * 1 if inner else x).sum()
    with pytest.raises(AutogradError, match=rf"Doubled.backward gave.*{shape}.*\(2,\)"):
        ag.grad(y, x, create_graph=recorded)


def test_a_gradient_of_what_broadcasting_makes_of_the_input_is_summed() -> None:
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    doubled(lambda g: ag.ones((5, 2))).apply(x).sum().backward()  # as in PyTorch
    np.testing.assert_array_equal(x.grad.numpy(), [5, 5])


@pytest.mark.parametrize("tuples", [False, True])
def test_a_forward_that_gives_arrays_is_refused(tuples: bool) -> None:
    def forward(x: Any) -> Any:
        return (x * 2, np.exp(x.numpy())) if tuples else np.exp(x.numpy())

    x = ag.Tensor([1.0], requires_grad=True)
    with pytest.raises(AutogradError, match=r"Doubled.forward gave an array.*ag\.Tensor"):
        doubled(lambda *g: g[0], forward).apply(x)


def test_a_function_is_applied_and_not_made() -> None:
    with pytest.raises(AutogradError, match=r"Doubled\.apply"):
        doubled(lambda g: g * 2)(ag.Tensor([1.0]))
    with pytest.raises(AutogradError, match=r"Doubled\.apply"):
        doubled(lambda g: g * 2)()


class Square(ag.Function):
    """Keeps its input, or what it computed of it."""

    keeps_input = True

    @classmethod
    def forward(cls, ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x if cls.keeps_input else 2 * x)
        return x * x

    @classmethod
    def backward(cls, ctx: Any, g: Any) -> Any:
        (x,) = ctx.saved_tensors
        return (2 * x if cls.keeps_input else x) * g


class Twice(Square):
    keeps_input = False


class Noted(Square):
    @classmethod
    def forward(cls, ctx: Any, x: Any) -> Any:
        ctx.noted = [x * 1]
        return super().forward(ctx, x)


A, B = ag.Tensor([1.0, 2.0]), ag.Tensor([3.0, 4.0])


def slope(function: Any) -> Any:
    return lambda v: ag.functional.grad(lambda z: function.apply(z).sum())(v)


@pytest.mark.parametrize("function", [Square, Twice, Noted])
@pytest.mark.parametrize("trace", [lambda f: ag.trace(f, A), lambda f: ag.compile(f)])
def test_no_program_holds_what_a_forward_has_kept(function: Any, trace: Any) -> None:
    with pytest.raises(TraceError, match=r"autograd\.extend"):
        trace(slope(function))(A)
    forward = trace(function.apply)
    for x in (A, B):
        np.testing.assert_array_equal(forward(x).numpy(), x.numpy() ** 2)


def test_in_a_batch_what_was_kept_is_an_input_or_refused() -> None:
    both = ag.stack([A, B])
    np.testing.assert_array_equal(ag.vmap(slope(Square))(both).numpy(), 2 * both.numpy())
    for function in (Twice, Noted):
        with pytest.raises(TraceError, match=r"vmap: .*autograd\.extend"):
            ag.vmap(slope(function))(both)


SOLVERS = {
    "root": lambda a: ag.implicit.root(lambda x, a: x**3 - a, 1.0, a),
    "fixed_point": lambda a: ag.implicit.fixed_point(lambda x, a: 0.5 * (x + a / x), 1.0, a),
    "minimum": lambda a: ag.implicit.minimum(lambda x, a: (x - a) ** 2, 0.0, a),
    "odeint": lambda a: ag.odeint(lambda t, y, a: -a * y, 1.0, [0.0, 1.0], a)[-1],
    "adjoint": lambda a: ag.odeint(
        lambda t, y, a: -a * y, 1.0, [0.0, 1.0], a, method="rk4", dt=0.1, adjoint=True
    )[-1],
}  # fmt: skip


@pytest.mark.parametrize("name", SOLVERS)
@pytest.mark.parametrize("run", ["trace", "compile", "vmap"])
def test_what_looks_at_numbers_is_in_no_program_and_no_batch(name: str, run: str) -> None:
    calls = {
        "trace": lambda f: ag.trace(f, ag.Tensor(8.0))(ag.Tensor(27.0)),
        "compile": lambda f: ag.compile(f)(ag.Tensor(8.0)),
        "vmap": lambda f: ag.vmap(f)(ag.Tensor([8.0, 27.0])),
    }
    with pytest.raises(TraceError, match="no program holds ag"):
        calls[run](SOLVERS[name])


def test_fixed_steps_are_a_program_and_a_batch() -> None:
    def solved(a: Any) -> Any:
        return ag.odeint(lambda t, y: -a * y, 1.0, [0.0, 1.0], method="rk4", dt=0.05)[-1]

    rates = ag.Tensor([1.0, 3.0], dtype="float64")
    right = [solved(rates[0]).item(), solved(rates[1]).item()]
    np.testing.assert_allclose(ag.vmap(solved)(rates).numpy(), right, rtol=1e-6)
    program = ag.trace(solved, rates[0])
    np.testing.assert_allclose([program(r).item() for r in rates], right, rtol=1e-6)


def exponential(keeps: Any) -> Any:
    """eˣ with a backward by what was kept of the input or the output."""

    class Exponential(ag.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            y = ag.exp(x)
            if keeps == "attribute":
                ctx.y = y
            elif keeps == "attributes":
                ctx.kept = {"x": [x]}
            else:
                ctx.save_for_backward(*{"output": [y], "input": [x], "both": [x, y],
                                        "beside": [y * 1]}[keeps])  # fmt: skip
            return y

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            if keeps == "attribute":
                return g * ctx.y
            x = ctx.kept["x"][0] if keeps == "attributes" else ctx.saved_tensors[-1]
            return g * (ag.exp(x) if keeps in ("input", "attributes") else x)

    return Exponential


@pytest.mark.parametrize("keeps", ["input", "output", "both", "attribute", "attributes"])
def test_gradients_of_gradients_flow_through_what_forward_has_kept(keeps: str) -> None:
    """As in PyTorch, for inputs and outputs."""
    functional, apply = ag.functional, exponential(keeps).apply
    x = ag.Tensor([0.5, 1.0], dtype="float64")
    right = np.exp(x.numpy())
    leaf = x.detach().requires_grad_()
    (slope,) = ag.grad(apply(leaf).sum(), leaf, create_graph=True)
    np.testing.assert_allclose(ag.grad(slope.sum(), leaf)[0], right)
    total = lambda x: apply(x).sum()  # noqa: E731
    np.testing.assert_allclose(functional.hessian(total)(x), np.diag(right))
    outer = functional.hessian(total)(leaf)  # in the graph of the leaf
    np.testing.assert_allclose(ag.grad(outer.sum(), leaf)[0], right)
    np.testing.assert_allclose(functional.jacobian(apply, mode="forward")(x), np.diag(right))
    np.testing.assert_allclose(ag.vmap(functional.grad(total))(ag.stack([x, x])), [right, right])
    three = functional.grad(lambda x: functional.vhp(total, x, ag.ones_like(x))[1].sum())
    np.testing.assert_allclose(three(x), right)


def test_what_is_kept_beside_inputs_and_outputs_is_told_to_be_a_constant() -> None:
    x = ag.Tensor([0.5, 1.0], requires_grad=True)
    apply = exponential("beside").apply
    ag.grad(apply(x).sum(), x)  # no word of first derivatives
    with pytest.warns(ag.errors.GradientLostWarning, match="return it as an output") as told:
        ag.grad(apply(x).sum(), x, create_graph=True)
    assert told[0].filename == __file__


def test_a_call_and_its_graph_are_dropped_at_once() -> None:
    """They hold each other in no circle."""
    x = ag.Tensor([0.5, 1.0], requires_grad=True)
    y = exponential("both").apply(x * 1)
    node = weakref.ref(y._node)
    del y
    assert node() is None
