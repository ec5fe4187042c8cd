"""Solutions and their derivatives: of equations, by the implicit function theorem, and of time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.errors import (
    ArgumentError,
    ArgumentTypeError,
    ReplayError,
    ScalarFunctionError,
    ShapeError,
    SolverError,
)

A = np.array([[3.0, 1.0], [0.5, 2.0]])
B = np.array([0.7, -0.4])
C, D = np.array(1.5), np.array(0.7)  # of a function of one number


def leaf(x: Any) -> Any:
    return ag.Tensor(np.array(x, np.float64), requires_grad=True)


def of_root(a: Any, b: Any) -> Any:
    return ag.implicit.root(lambda x, a, b: a @ x + x**3 - b, np.zeros(2), a, b)


def of_fixed_point(a: Any, b: Any) -> Any:
    return ag.implicit.fixed_point(lambda x, a, b: ag.tanh(a @ x / 5 + b), np.zeros(2), a, b)


def of_minimum(a: Any, b: Any) -> Any:
    def f(x: Any, a: Any, b: Any) -> Any:
        return (a * x - b) ** 2 + x**4

    return ag.implicit.minimum(f, np.zeros(()), a, b)


@pytest.mark.parametrize(
    ("solution", "a", "b"), [(of_root, A, B), (of_fixed_point, A, B), (of_minimum, C, D)]
)
def test_a_solution_has_the_derivatives_of_finite_differences_to_second_order(
    solution: Any, a: Any, b: Any
) -> None:
    assert ag.gradcheck(solution, leaf(a), leaf(b), order=2)


def test_what_f_closes_over_has_a_gradient_too() -> None:
    a = leaf(2.0)
    x = ag.implicit.root(lambda x: x * x - a, np.float64(1.0))
    x.backward()
    assert x.item() == pytest.approx(np.sqrt(2.0), rel=1e-14)
    assert a.grad.item() == pytest.approx(0.5 / np.sqrt(2.0), rel=1e-14)


def test_a_solver_of_the_users_own_finds_the_solution() -> None:
    optimize = pytest.importorskip("scipy.optimize")
    b = leaf(B)

    def solver(f: Any, x0: Any) -> Any:
        return optimize.root(f, x0, tol=1e-15).x

    x = ag.implicit.root(lambda x, b: x**3 + x - b, np.zeros(2), b, solver=solver)
    x.sum().backward()
    np.testing.assert_allclose(b.grad.numpy(), 1 / (3 * x.numpy() ** 2 + 1), rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: ag.implicit.root(lambda x: x * x + 1.0, 1.0), SolverError, "no solution"),
        (lambda: ag.implicit.root(lambda x: x.sum(), np.ones(2)), ShapeError, "as many numbers"),
        (lambda: ag.implicit.minimum(lambda x: -(x**2).sum(), np.ones(2)), SolverError, "down"),
        (lambda: ag.odeint(lambda t, y: y, 1.0, [1.0, 0.0, 2.0]), ArgumentError, "ascending"),
        (lambda: ag.odeint(lambda t, y: y**2, 1.0, [0.0, 2.0]), SolverError, "without bound"),
        (lambda: ag.odeint(lambda t, y: y, 1.0, [0, 1], method="rk5"), ArgumentError, "dopri5"),
        (
            lambda: ag.odeint(lambda t, y: y.sum(), np.ones(2), [0, 1]),
            ShapeError,
            r"f\(t, y\) gave \(\) for y of \(2,\); the time comes first",
        ),
        (lambda: ag.odeint(lambda t, y: y, 1.0, leaf([0, 1])), ArgumentError, "times"),
        (lambda: ag.odeint(lambda t, y: y, 1.0, 2.0), ArgumentError, "in one axis"),
        (lambda: ag.implicit.root(lambda x, a: (x - a) ** 2, 1.0, leaf(2.0)), SolverError, "slope"),
        (
            lambda: ag.implicit.fixed_point(lambda x: 3 * x + 1, 1.0),
            SolverError,
            r"^fixed_point: no solution was found: .f\(x\) - x. is",
        ),
        (
            lambda: ag.implicit.fixed_point(lambda x: x, np.ones(2)),
            SolverError,
            r"^fixed_point: the slope of f\(x\) - x has no inverse",
        ),
        (
            lambda: ag.implicit.fixed_point(lambda x: x.sum(), np.ones(2)),
            ShapeError,
            r"^fixed_point: f gave \(\) for x of \(2,\)",
        ),
        (
            lambda: ag.implicit.fixed_point(lambda x: None, np.ones(2)),
            ArgumentTypeError,
            r"^fixed_point: f gave None",
        ),
        (
            lambda: ag.implicit.minimum(lambda x: (x[0] - x[1]) ** 2, np.ones(2)),
            SolverError,
            r"^minimum: the Hessian of f has no inverse",
        ),
        (
            lambda: ag.implicit.minimum(lambda x: x**2, np.ones(2)),
            ScalarFunctionError,
            r"^minimum: f gives one real number, a Tensor, and this one gave float64 of \(2,\)",
        ),
        (
            lambda: ag.implicit.minimum(lambda x: "a", np.ones(2)),
            ScalarFunctionError,
            "^minimum.*str",
        ),
        (
            lambda: ag.implicit.minimum(3, np.ones(2)),
            ArgumentTypeError,
            "^minimum: f is a function",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning", "ignore:invalid:RuntimeWarning")
def test_what_has_no_solution_says_so(call: Any, error: Any, says: str) -> None:
    with pytest.raises(error, match=says):
        call()


@pytest.mark.parametrize("given", [list, tuple])
def test_a_slope_may_be_a_list_of_numbers_and_tensors(given: Any) -> None:
    a = leaf(2.0)
    f = lambda t, y, a: given([y[1], -a * y[0]])  # noqa: E731
    found = ag.odeint(f, [1.0, 0.0], [0.0, 1.0], a)
    right = ag.odeint(lambda t, y, a: ag.stack([y[1], -a * y[0]]), [1.0, 0.0], [0.0, 1.0], a)
    np.testing.assert_array_equal(found.numpy(), right.numpy())
    assert ag.grad(found.sum(), a)[0].item() == ag.grad(right.sum(), a)[0].item()
    falling = ag.odeint(lambda t, y: given([-1.0, y[0]]), np.array([1.0, 0.0]), [0.0, 1.0])
    np.testing.assert_allclose(falling[-1].numpy(), [0.0, 0.5], atol=1e-7)


def turning(t: Any, y: Any, a: Any) -> Any:
    return ag.stack([y[1], -a * y[0]]) + 0 * t


@pytest.mark.parametrize("method", ["euler", "midpoint", "rk4", "bosh3", "dopri5"])
def test_steps_are_of_the_order_that_the_method_has(method: str) -> None:
    order = {"euler": 1, "midpoint": 2, "rk4": 4, "bosh3": 3, "dopri5": 5}[method]
    errors = []
    for count in (40, 80):
        y = ag.odeint(turning, np.array([1.0, 0.0]), [0.0, 2.0], 4.0, method=method,
                      dt=2 / count)  # fmt: skip
        errors.append(abs(y[-1, 0].item() - np.cos(4.0)))
    assert np.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.35)


@pytest.mark.parametrize("adjoint", [False, True])
@pytest.mark.parametrize("times", [[0.0, 0.4, 1.0], [1.0, 0.7]])
def test_gradients_through_time_are_those_of_the_solution(adjoint: bool, times: Any) -> None:
    a, y0 = leaf(4.0), leaf([1.0, 0.5])
    y = ag.odeint(turning, y0, times, a, rtol=1e-10, atol=1e-12, adjoint=adjoint)
    (y[1:, 0] * ag.Tensor(np.arange(1.0, len(times)))).sum().backward()
    w, s = 2.0, np.array(times[1:]) - times[0]
    weights = np.arange(1.0, len(times))
    cos, sin = np.cos(w * s), np.sin(w * s)
    np.testing.assert_allclose(y0.grad.numpy(), [weights @ cos, weights @ (sin / w)], rtol=1e-7)
    by_w = -s * sin * 1.0 + 0.5 * (s * cos / w - sin / w**2)
    assert a.grad.item() == pytest.approx(weights @ by_w / (2 * w), rel=1e-6)


def test_recorded_steps_are_differentiated_twice() -> None:
    def end(a: Any, y0: Any) -> Any:
        return ag.odeint(turning, y0, [0.0, 0.5], a, method="rk4", dt=0.25)[-1]

    assert ag.gradcheck(end, leaf(4.0), leaf([1.0, 0.5]), order=2)


def test_the_adjoint_knows_what_f_closes_over() -> None:
    found = []
    for adjoint in (False, True):
        w = leaf([[-0.3, 1.0], [-1.0, 0.2]])
        scale = w * 1.5  # on the way to what f sees
        y = ag.odeint(
            lambda t, y, scale=scale: ag.tanh(scale @ y), leaf([1.0, 0.5]), [0.0, 0.5, 1.0],
            rtol=1e-10, atol=1e-12, adjoint=adjoint,
        )  # fmt: skip
        (y**2).sum().backward()
        found.append(w.grad.numpy())
    np.testing.assert_allclose(found[1], found[0], rtol=1e-7)


def test_steps_that_were_chosen_by_numbers_are_not_replayed_on_others() -> None:
    a = ag.Tensor(1.0, requires_grad=True, name="a", dtype="float64")
    y = ag.odeint(lambda t, y, a: -a * y, 1.0, [0.0, 1.0], a)[-1]
    graph = ag.Graph(y)
    with pytest.raises(ReplayError, match="size of a step"):
        graph.replay({"a": 20.0})
    assert graph.replay({"a": 1.0}, keep_choices=True) == y.item()
    assert "odeint" not in ag.viz.draw(y).text()
    a = ag.Tensor(1.0, requires_grad=True, name="a", dtype="float64")
    fixed = ag.odeint(lambda t, y, a: -a * y, 1.0, [0.0, 1.0], a, method="rk4", dt=0.05)[-1]
    np.testing.assert_allclose(ag.Graph(fixed).replay({"a": 2.0}), np.exp(-2.0), rtol=1e-5)
