"""Operators on functions: grad(f), jacobian(f) and their kin, with HIPS autograd's meaning."""

from __future__ import annotations

import functools
import threading
from collections import namedtuple
from typing import Any

import numpy
import pytest

import autograd as ag
import autograd.numpy as np
from autograd import Tensor, grad, hessian, jacobian, make_jvp, make_vjp, value_and_grad
from autograd.builtins import DictBox, SequenceBox, isinstance, type
from autograd.errors import (
    ArgumentTypeError,
    GradcheckError,
    IndexRangeError,
    ScalarFunctionError,
    UnknownNameError,
    UnsupportedError,
)
from autograd.misc import const_graph, flatten, flatten_func
from autograd.misc.fixed_points import fixed_point
from autograd.misc.optimizers import adam, rmsprop, sgd
from autograd.test_util import check_grads, check_vjp, combo_check
from autograd.tracer import Box, getval, isbox
from autograd.util import quick_grad_check, subval, subvals
from autograd.vspace import vspace

rs = numpy.random.RandomState(1)
A, V = rs.randn(3, 4), rs.randn(4)


def cubes(x: Any) -> Any:
    return np.sum(x**3)


def f(x: Any) -> Any:
    return np.tanh(A @ x)


J = (1 - numpy.tanh(A @ V) ** 2)[:, None] * A


def near(a: Any, b: Any) -> None:
    numpy.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


# ---- one law for each operator -------------------------------------------------------------------


def test_operators_agree_with_the_jacobian_and_the_hessian() -> None:
    u, w = rs.randn(3), rs.randn(4)
    near(jacobian(f)(V), J)
    near(make_vjp(f)(V)[0](u), u @ J)
    near(make_vjp(f)(V)[1], f(V))
    near(make_jvp(f)(V)(w)[1], J @ w)
    near(ag.make_jvp_reversemode(f)(V)(w), J @ w)
    near(ag.tensor_jacobian_product(f)(V, u), u @ J)
    near(ag.vector_jacobian_product(f)(V, u), u @ J)
    near(ag.make_ggnvp(f)(V)(w), J.T @ (J @ w))
    near(ag.make_ggnvp(f, lambda y: np.sum(y**4))(V)(w), J.T @ (12 * f(V) ** 2 * (J @ w)))
    near(hessian(cubes)(V), np.diag(6 * V))
    near(ag.hessian_vector_product(cubes)(V, w), 6 * V * w)
    near(ag.hessian_tensor_product(cubes)(A, A), 6 * A * A)
    product, gradient = ag.make_hvp(cubes)(V)
    near(product(w), 6 * V * w)
    near(gradient, 3 * V**2)
    near(ag.elementwise_grad(np.sin)(V), np.cos(V))
    near(ag.deriv(np.sin)(0.3), np.cos(0.3))
    near(ag.holomorphic_grad(lambda z: z**3)(1 + 2j), 3 * (1 + 2j) ** 2)
    near(value_and_grad(cubes)(V)[0], cubes(V))
    near(value_and_grad(cubes)(V)[1], 3 * V**2)
    gradient, aux = ag.grad_and_aux(lambda x: (cubes(x), {"y": 2 * x}))(V)
    near(gradient, 3 * V**2)
    near(aux["y"], 2 * V)
    near(ag.grad_named(lambda x, y: x * y, "y")(2.0, 3.0), 2.0)
    near(grad(ag.checkpoint(cubes))(V), 3 * V**2)
    near(hessian(ag.checkpoint(cubes))(V), np.diag(6 * V))


def test_a_value_holds_its_graph_only_where_something_beside_it_learns() -> None:
    """A loop that collects losses would keep the graphs of all steps."""
    for function in (value_and_grad, make_vjp):
        given = function(cubes)(Tensor(V))
        assert not any(isinstance(part, Tensor) and part.requires_grad for part in given)
    near(grad(lambda x: value_and_grad(cubes)(x)[0])(Tensor(V)).numpy(), 3 * V**2)
    assert value_and_grad(cubes)(Tensor(V, requires_grad=True))[0].requires_grad


def test_gradients_of_all_arguments_at_once() -> None:
    def g(a: Any, b: float = 2.0, *rest: Any, c: float = 3.0, **more: Any) -> Any:
        return a * b + c + sum(rest) + sum(more.values())

    found = ag.multigrad_dict(g)(5.0, 2.0, 1.0, d=4.0)
    assert {k: found[k] for k in "abc"} == {"a": 2.0, "b": 5.0, "c": 1.0}
    assert (found["rest"], found["more"]) == ((1.0,), {"d": 1.0})
    assert ag.multigrad_dict(lambda a, b=2.0: a * b)(5.0) == {"a": 2.0, "b": 5.0}


@pytest.mark.parametrize("argnum", [0, 1, -1, (0, 1), [1, 0], (1,)])
def test_argnum_is_a_number_or_several(argnum: Any) -> None:
    def g(x: Any, y: Any, *, scale: float = 1.0) -> Any:
        return scale * np.sum(x * y**2)

    of = {0: 2.0 * V**2, 1: 4.0 * V * V, -1: 4.0 * V * V}
    found = grad(g, argnum)(V, V, scale=2.0)
    expected = tuple(of[k] for k in argnum) if not isinstance(argnum, int) else of[argnum]
    near(found, expected)
    near(grad(g, argnum=argnum)(V, V, scale=2.0), expected)
    near(value_and_grad(g, argnum)(V, V, scale=2.0)[1], expected)


Point = namedtuple("Point", "x y")
NESTED = {"w": [A, (V, 2.0)], "p": Point(1.0, V)}


def test_arguments_and_gradients_are_nested_alike() -> None:
    def g(p: Any) -> Any:
        assert isinstance(p, DictBox)
        assert isinstance(p["w"], SequenceBox)
        assert type(p["p"]) is Point
        return np.sum(p["w"][0] @ p["w"][1][0]) * p["w"][1][1] + p["p"].x * np.sum(p["p"].y)

    found = grad(g)(NESTED)
    near(found["w"][0], 2.0 * np.ones((3, 1)) * V)
    near(found["w"][1][1], np.sum(A @ V))
    near(found["p"].x, np.sum(V))
    assert found["p"].y.shape == V.shape
    check_grads(g)(NESTED)


def test_what_is_no_number_has_no_gradient() -> None:
    found = grad(lambda p: p["x"] ** p["n"])({"x": 3.0, "n": 2, "name": "square"})
    assert found == {"x": 6.0, "n": None, "name": None}


def test_gradients_of_numbers_are_numbers_also_where_they_are_0() -> None:
    found = grad(lambda p: p["x"] ** 2)({"x": 3.0, "unused": 1.0})
    assert {name: type(g) for name, g in found.items()} == dict.fromkeys(found, numpy.float64)


# ---- nesting -------------------------------------------------------------------------------------


def test_derivatives_nest_and_close_over_traced_values() -> None:
    near(grad(grad(grad(lambda x: x**4)))(2.0), 48.0)
    near(grad(lambda x: x * grad(lambda y: x * y)(2.0))(3.0), 6.0)
    near(grad(lambda x: x * grad(lambda y: x + y)(x))(3.0), 1.0)  # no perturbation is confused
    near(ag.deriv(lambda x: x * ag.deriv(lambda y: x + y)(1.0))(3.0), 1.0)
    near(ag.deriv(grad(lambda x: x**3))(2.0), 12.0)
    near(grad(ag.deriv(lambda x: x**3))(2.0), 12.0)
    near(grad(lambda x: make_vjp(lambda y: x * y**2)(3.0)[0](1.0))(2.0), 6.0)
    near(grad(lambda x: np.sum(jacobian(lambda y: x * y)(V)))(2.0), 4.0)
    near(jacobian(lambda x: hessian(lambda y: x * cubes(y))(V))(1.0), np.diag(6 * V))


def test_a_step_of_gradient_descent_is_differentiated() -> None:
    def loss(w: Any) -> Any:
        return np.sum((w - 1.0) ** 2)

    near(grad(lambda rate: loss(V - rate * grad(loss)(V)))(0.1), -4 * 0.8 * loss(V))


def test_the_sweep_of_a_pullback_can_be_run_again() -> None:
    pullback, _ = make_vjp(cubes)(V)
    near(pullback(1.0), pullback(1.0))
    first = pullback(1.0)
    first[:] = 0.0  # the caller's own
    near(pullback(2.0), 6 * V**2)


def test_threads_have_their_own_depth() -> None:
    depths: list[Any] = []

    def g(x: Any) -> Any:
        thread = threading.Thread(target=lambda: depths.append(grad(np.sin)(0.0)))
        thread.start()
        thread.join()
        return x

    grad(g)(1.0)
    assert not isbox(depths[0])


# ---- arrays and Tensors --------------------------------------------------------------------------


def test_arrays_give_arrays_that_may_be_written_to() -> None:
    x = V.copy()
    gradient = grad(np.sum)(x)
    gradient *= 2
    near(gradient, 2 * np.ones(4))
    near(x, V)


def test_tensors_give_tensors_whose_graph_goes_on() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    gradient = grad(lambda x: (x**3).sum())(x)
    gradient.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [6.0, 12.0]
    assert gradient.dtype == "float32"
    plain = grad(lambda x: (x**3).sum())(Tensor([1.0, 2.0]))
    assert isbox(plain)
    assert not plain.requires_grad


def test_a_gradient_of_tensors_is_what_it_was() -> None:
    x = Tensor(2.0, requires_grad=True)
    (dx,) = grad(x**3, x)
    (same,) = grad(outputs=[x**3], inputs=[x])
    assert dx.item() == same.item() == 12.0


def test_the_gradient_of_a_complex_number_is_the_conjugate_of_backwards() -> None:
    z = numpy.array([1 + 2j, -1j])
    gradient = grad(lambda z: np.sum(np.abs(z) ** 2))(z)
    near(gradient, 2 * z.conj())
    t = Tensor(z, requires_grad=True)
    (ag.abs(t) ** 2).sum().backward()
    assert t.grad is not None
    near(t.grad.numpy(), gradient.conj())
    w = 2 - 1j
    near(make_vjp(lambda z: w * z)(1j)[0](1.0 + 0j), w)
    near(make_jvp(lambda z: w * z)(1j)(1.0 + 0j)[1], w)


def test_a_result_that_does_not_depend_on_the_argument_has_gradient_0_and_a_warning() -> None:
    with pytest.warns(UserWarning, match="Output seems independent of input"):
        near(grad(lambda x: 3.0)(V), np.zeros(4))
    with pytest.warns(UserWarning, match="Output seems independent of input"):
        assert ag.deriv(lambda x: 3.0)(1.0) == 0.0


# ---- bad calls -----------------------------------------------------------------------------------


def test_errors_say_what_to_write() -> None:
    with pytest.raises(ScalarFunctionError, match="Try jacobian, elementwise_grad"):
        grad(np.sin)(V)
    with pytest.raises(TypeError, match="complex numbers"):
        grad(lambda x: 1j * x)(1.0)
    with pytest.raises(ArgumentTypeError, match=r"Can't differentiate w.r.t. type .*int.*3\.0"):
        grad(lambda x: x**2)(3)
    with pytest.raises(IndexRangeError, match="give that one by position"):
        grad(lambda x, y: x * y, 1)(1.0, y=2.0)
    with pytest.raises(ArgumentTypeError, match="argnum twice"):
        grad(cubes, 0, argnum=1)
    with pytest.raises(ArgumentTypeError, match=r"grad\(f, argnum=0\) takes a function"):
        grad(Tensor(1.0))
    with pytest.raises(ArgumentTypeError, match=r"takes a function and the number .*\(f\)\(x\)$"):
        jacobian(f, "x")
    with pytest.raises(ArgumentTypeError, match="flatten"):
        jacobian(lambda x: x[0])([1.0])
    with pytest.raises(ArgumentTypeError, match="real-output"):
        ag.elementwise_grad(lambda x: 1j * x)(1.0)
    with pytest.raises(UnknownNameError, match="no argument 'z'; it has x, y"):
        ag.grad_named(lambda x, y: x, "z")
    with pytest.raises(ArgumentTypeError, match="vector space"):
        vspace("text")
    from autograd.tracer import Node, new_box  # as libraries do that hardly use them

    with pytest.raises(UnsupportedError, match=r"autograd\.Graph"):
        new_box(V, 0, None)
    with pytest.raises(UnsupportedError, match="no Node"):
        Node.new_root()
    with pytest.raises(UnsupportedError, match="no Node"):

        class MyNode(Node):  # type: ignore[misc]
            pass

    with pytest.warns(UserWarning, match="not complex"):
        ag.holomorphic_grad(lambda x: x**2)(1.0)


@pytest.mark.parametrize(
    ("operator", "keyword", "instead"),
    [
        (make_vjp, "argnums", "argnum"), (make_vjp, "has_aux", "grad_and_aux"),
        *((f, "holomorphic", "holomorphic_grad") for f in (grad, value_and_grad)),
        *((f, "holomorphic", "holomorphic_grad") for f in (jacobian, hessian)),
    ],
)  # fmt: skip
def test_keywords_of_jax_are_told_where_they_are_written(
    operator: Any, keyword: str, instead: str
) -> None:
    with pytest.raises(ArgumentTypeError, match=rf"unexpected keyword .*{keyword}.*\b{instead}\b"):
        operator(cubes, **{keyword: 1})


@pytest.mark.parametrize(
    ("name", "instead"),
    [("jacrev", "jacobian"), ("jacfwd", "jacobian"),
     ("custom_vjp", "defvjp"), ("tree_map", "as they are"),
     ("lax", "ag.scan, ag.while_loop"), ("check_grads", "test_util"), ("nn", "import nn")],
)  # fmt: skip
def test_names_of_jax_are_told(name: str, instead: str) -> None:
    with pytest.raises(AttributeError, match=rf"no attribute '{name}'.*{instead}"):
        getattr(ag, name)


# ---- what programs import beside -----------------------------------------------------------------


OUTWARD: dict[str, Any] = {
    "grad": lambda w: grad(lambda x: (w * x**2).sum())(V),
    "value_and_grad": lambda w: ag.value_and_grad(lambda x: (w * x**2).sum())(V)[1],
    "jacobian": lambda w: ag.jacobian(lambda x: w * x**2)(V).sum(axis=1),
    "hessian": lambda w: hessian(lambda x: (w * x**3 / 3).sum())(V).sum(axis=1),
    "elementwise_grad": lambda w: ag.elementwise_grad(lambda x: w * x**2)(V),
    "make_vjp": lambda w: ag.make_vjp(lambda x: w * x**2)(V)[0](np.ones(4)),
    "make_jvp": lambda w: ag.make_jvp(lambda x: w * x**2)(V)(np.ones(4))[1],
    "make_hvp": lambda w: ag.make_hvp(lambda x: (w * x**3 / 3).sum())(V)[0](np.ones(4)),
    "grad_named": lambda w: ag.grad_named(lambda x: (w * x**2).sum(), "x")(V),
}


@pytest.mark.parametrize("name", OUTWARD)
def test_of_arrays_too_a_derivative_goes_on_to_tensors_that_are_closed_over(name: str) -> None:
    w = Tensor(np.ones(4), requires_grad=True)
    found = OUTWARD[name](w)
    near(found.detach().numpy(), 2 * V)
    found.sum().backward()
    near(w.grad.numpy(), 2 * V)
    with ag.no_grad():
        assert name == "make_jvp" or type(OUTWARD[name](w)) is np.ndarray
    assert type(OUTWARD[name](np.ones(4))) is np.ndarray or name == "make_jvp"


@pytest.mark.parametrize("optimizer", [sgd, rmsprop, adam])
def test_optimizers_lower_a_loss_of_nested_parameters(optimizer: Any) -> None:
    def loss(p: Any, i: int = 0) -> Any:
        return np.sum((p["a"] - 1) ** 2) + p["b"][0] ** 2

    start, seen = {"a": V, "b": [3.0]}, []
    found = optimizer(grad(loss), start, lambda p, i, g: seen.append((i, loss(p))), num_iters=50)
    assert loss(found) < seen[-1][1] < seen[0][1]
    assert [i for i, _ in seen] == list(range(50))
    assert found.keys() == start.keys()


def test_flat_vectors_are_nested_again_and_differentiated() -> None:
    vector, unflatten = flatten(NESTED)
    assert vector.shape == (22,)
    near(flatten(unflatten(vector))[0], vector)
    assert isinstance(unflatten(vector)["p"], Point)
    near(grad(lambda p: np.sum(flatten(p)[0] ** 2))(NESTED)["w"][0], 2 * A)
    near(grad(lambda v: np.sum(unflatten(v)["w"][0] ** 2))(vector)[5:17], 2 * np.ravel(A))
    g, _, start = flatten_func(lambda p: [p["x"] * 2], {"x": V})
    near(g(start), 2 * V)
    assert flatten([])[0].shape == (0,)
    with pytest.raises(ag.errors.ShapeError, match="22 numbers"):
        unflatten(V)


def test_the_gradient_of_a_fixed_point_is_that_of_the_limit() -> None:
    def root(a: Any) -> Any:
        step = lambda a: lambda x: 0.5 * (x + a / x)  # noqa: E731
        return fixed_point(step, a, 1.0, lambda x, y: np.abs(x - y), 1e-12)

    near(root(2.0), np.sqrt(2.0))
    near(grad(root)(2.0), 0.5 / np.sqrt(2.0))


def test_a_check_of_gradients_finds_a_wrong_one() -> None:
    from autograd.extend import defvjp, primitive

    wrong = primitive(lambda x: x**2)
    defvjp(wrong, lambda ans, x: lambda g: g * 2.01 * x)
    with pytest.raises(GradcheckError, match="VJP"):
        check_grads(wrong, modes=["rev"], order=1)(3.0)
    with pytest.raises(GradcheckError, match="JVP"):
        check_grads(wrong, modes=["fwd"], order=1)(3.0)
    with pytest.raises(ag.errors.ArgumentError, match="'fwd' and 'rev'"):
        check_grads(wrong, modes=["back"])(3.0)
    check_vjp(cubes, V)
    combo_check(np.multiply, (0, 1))([1.0, V], [2.0])
    with pytest.warns(DeprecationWarning, match="check_grads"):
        quick_grad_check(lambda x, y: x * y, 1.0, (2.0,))


def test_names_of_older_programs_are_there() -> None:
    from autograd import core, optimizers, util
    from autograd.numpy.numpy_boxes import ArrayBox
    from autograd.numpy.numpy_vspaces import ArrayVSpace

    assert optimizers.adam is adam
    assert util.flatten is flatten
    assert util.check_grads is check_grads
    assert ArrayBox is Tensor
    assert core.getval is getval
    assert isinstance(vspace(V), ArrayVSpace)
    assert ag.extend.primitive is core.primitive
    for module in (core, util):
        with pytest.raises(ag.errors.MissingAttributeError, match="'nowhere'"):
            module.nowhere  # noqa: B018
    with pytest.raises(UnsupportedError, match="make_vjp"):
        core.VJPNode()


def test_small_helpers() -> None:
    assert subvals((1, 2, 3), [(0, 5), (2, 6)]) == (5, 2, 6)
    assert subval([1, 2], 1, 0) == (1, 0)
    assert const_graph(lambda x, y: x * y, 2.0)(3.0) == 6.0
    assert getval(Tensor([1.0])).tolist() == [1.0]
    assert isinstance(Tensor([1.0]), Box)
    assert not isinstance(V, Box)
    with pytest.raises(UnsupportedError, match="values of Point cannot"):
        Box.register(Point)
    assert not isbox(V)
    assert grad(cubes).__name__ == "grad_of_cubes_wrt_argnum_0"
    near(grad(functools.partial(np.dot, V))(V), V)
    near(grad(np.linalg.norm)(V), V / np.linalg.norm(V))
