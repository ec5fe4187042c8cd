"""Functions with rules of their own: what `primitive`, `defvjp` and `defjvp` mean in each form."""

from __future__ import annotations

from typing import Any

import numpy
import pytest

import autograd.numpy as np
from autograd import deriv, grad, hessian, jacobian
from autograd.errors import ArgumentTypeError, MissingMethodError, UnsupportedError
from autograd.extend import (
    defjvp,
    defjvp_argnum,
    defjvp_argnums,
    deflinear,
    defvjp,
    defvjp_argnum,
    defvjp_argnums,
    notrace_primitive,
    primitive,
    register_notrace,
    vspace,
)
from autograd.numpy.numpy_jvps import broadcast
from autograd.numpy.numpy_vjps import match_complex, repeat_to_match_shape, unbroadcast_f
from autograd.test_util import check_grads

V = numpy.array([0.5, -1.0, 2.0])


def made(how: str) -> Any:
    """x² y, with rules told in one of the ways."""
    f = primitive(lambda x, y, power=2: x**power * y)
    if how == "defvjp":
        defvjp(
            f,
            lambda ans, x, y, power=2: lambda g: g * power * x ** (power - 1) * y,
            lambda ans, x, y, power=2: unbroadcast_f(y, lambda g: g * x**power),
        )
    elif how == "argnums":
        defvjp(f, lambda ans, x, y, power=2: lambda g: g * x**power, argnums=[1])
    elif how == "defvjp_argnum":
        defvjp_argnum(f, lambda k, ans, args, kw: lambda g: g * _slope(k, *args, **kw))
    elif how == "defvjp_argnums":
        defvjp_argnums(
            f, lambda ks, ans, args, kw: lambda g: tuple(g * _slope(k, *args, **kw) for k in ks)
        )
    elif how == "old":
        f.defvjp(lambda g, ans, vs, gvs, x, y, power=2: g * _slope(0, x, y, power))
        f.defgrad(lambda ans, x, y, power=2: lambda g: g * _slope(1, x, y, power), argnum=1)
    return f


def _slope(k: int, x: Any, y: Any, power: int = 2) -> Any:
    return power * x ** (power - 1) * y if k == 0 else x**power


@pytest.mark.parametrize("how", ["defvjp", "defvjp_argnum", "defvjp_argnums", "old"])
def test_a_rule_serves_all_orders_and_both_modes(how: str) -> None:
    f = made(how)
    check_grads(f, (0, 1), modes=["fwd", "rev"], order=2)(V, V + 3)
    check_grads(f, 0, order=2)(2.0, 3.0)
    numpy.testing.assert_allclose(grad(f)(2.0, 3.0, power=3), 36.0)
    numpy.testing.assert_allclose(jacobian(f)(V, 1.0), np.diag(2 * V))


def test_arguments_without_a_rule_are_named() -> None:
    f = made("argnums")
    assert grad(f, 1)(2.0, 3.0) == 4.0
    with pytest.raises(MissingMethodError, match="argnum 0 not defined"):
        grad(f)(2.0, 3.0)
    with pytest.raises(NotImplementedError, match="not defined: write defvjp"):
        grad(primitive(np.sin))(1.0)
    with pytest.raises(ArgumentTypeError, match="Bad VJP"):
        defvjp(f, 3)


def test_none_is_the_gradient_0() -> None:
    f = primitive(lambda x, y: x * y)
    defvjp(f, None, lambda ans, x, y: lambda g: g * x)
    assert grad(lambda x: f(x, x))(3.0) == 3.0


@pytest.mark.parametrize("how", ["defjvp", "same", "argnum", "argnums", "linear"])
def test_forward_mode_runs_the_rules_that_are_told_for_it(how: str) -> None:
    ran: list[str] = []

    def note(value: Any) -> Any:
        ran.append(how)
        return value

    f = primitive(lambda x, y: 3.0 * x * y)
    if how == "defjvp":
        defjvp(f, lambda g, ans, x, y: note(3.0 * g * y), lambda g, ans, x, y: 3.0 * x * g)
    elif how == "same":
        defjvp(f, "same", "same")
    elif how == "argnum":
        defjvp_argnum(f, lambda k, g, ans, args, kw: note(3.0 * g * args[1 - k]))
    elif how == "argnums":
        pairs = lambda ks, gs: zip(ks, gs, strict=True)  # noqa: E731
        defjvp_argnums(
            f, lambda ks, gs, ans, args, kw: sum(3.0 * g * args[1 - k] for k, g in pairs(ks, gs))
        )
    else:
        deflinear(f)
    assert deriv(f)(2.0, 5.0) == 15.0  # there is no pullback that could be transposed
    assert deriv(lambda x: f(x, x))(2.0) == 12.0
    assert deriv(deriv(lambda x: f(x, x)))(2.0) == 6.0
    assert bool(ran) == (how in ("defjvp", "argnum"))


def test_arguments_and_results_may_be_nested() -> None:
    @primitive
    def swapped(pair: Any, scale: float) -> Any:
        assert all(isinstance(v, (float, numpy.ndarray)) for v in pair)
        return {"b": pair[0] * scale, "a": [pair[1]]}

    defvjp(swapped, lambda ans, pair, scale: lambda g: (g["b"] * scale, g["a"][0]), None)

    def f(x: Any, y: Any) -> Any:
        out = swapped((x, y), 2.0)
        return np.sum(out["b"] ** 2) * out["a"][0]

    check_grads(f, (0, 1), modes=["rev", "fwd"], order=2)(V, 3.0)
    assert swapped((1.0, 2.0), 2.0) == {"b": 2.0, "a": [2.0]}


def test_a_function_gets_plain_values_and_may_be_a_method() -> None:
    class Model:
        @primitive
        def run(self, x: Any) -> Any:
            assert type(x) is numpy.ndarray
            out = numpy.zeros(3)
            out[:] = x  # what Tensors refuse
            return out

    defvjp(Model.run, None, lambda ans, self, x: lambda g: g)
    numpy.testing.assert_array_equal(grad(lambda x: np.sum(Model().run(x)))(V), np.ones(3))


def test_a_traced_value_that_is_no_argument_is_refused() -> None:
    def f(x: Any) -> Any:
        g = primitive(lambda y: x * y)
        defvjp(g, lambda ans, y: lambda g: g)
        return g(x)

    with pytest.raises(UnsupportedError, match="pass that as an argument"):
        grad(f)(1.0)


def test_steps_have_no_derivative() -> None:
    floor = notrace_primitive(np.floor)
    assert type(floor(2.5)) is numpy.float64
    assert grad(lambda x: x * floor(x))(2.5) == 2.0
    step = primitive(lambda x: 1.0 * (x > 0))
    register_notrace(None, step)
    assert grad(lambda x: x * step(x))(2.0) == deriv(lambda x: x * step(x))(2.0) == 1.0
    f = primitive(lambda x: 0 * x)
    f.defvjp_is_zero([0])
    assert grad(lambda x: f(x) + x)(1.0) == 1.0


def test_a_rule_of_another_structure_is_refused() -> None:
    f = primitive(lambda pair: pair[0])
    defvjp(f, lambda ans, pair: lambda g: [g])
    with pytest.raises(ArgumentTypeError, match="gave list for argument 0, which is not nested"):
        grad(lambda x: f((x, x)))(1.0)
    defvjp(f, lambda ans, pair: lambda g: np.array([g, 0.0]))  # whatever has such places will do
    assert grad(lambda x: f((x, x)))(1.0) == 1.0


def test_the_pictures_and_messages_name_the_function() -> None:
    import autograd as ag

    def lorentz(x: Any) -> Any:
        return 1 / (1 + x * x)

    f = primitive(lorentz)
    y = f(ag.Tensor(2.0, requires_grad=True))
    assert y.grad_fn.op.name == f.__name__ == "lorentz"


def test_helpers_of_rules() -> None:
    repeated, count = repeat_to_match_shape(np.ones(2), (2, 3), float, 1, False)
    assert (repeated.shape, count) == ((2, 3), 3)
    assert repeat_to_match_shape(1.0, (), float, None, False) == (1.0, 1)
    assert broadcast(numpy.ones(2), numpy.zeros((3, 2))).shape == (3, 2)
    assert broadcast(1.0, 1j).dtype == complex
    assert broadcast(1j, 1j) == 1j
    assert match_complex(1.0, 1j) == 0.0
    assert match_complex(1j, 1.0) == 1.0 + 0j
    assert vspace(np.ones(3)).size == 3
    assert vspace({"a": 1j, "b": [V]}).size == 5
    basis = list(vspace((1.0, V)).standard_basis())
    assert len(basis) == 4
    assert hessian(lambda x: np.sum(x**2))(V).shape == (3, 3)
