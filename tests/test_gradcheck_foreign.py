"""`gradcheck(f, x, grad=...)`: gradients of plain NumPy functions, wherever they come from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.engine.row import OPS
from autograd.engine.samples import draw
from autograd.errors import AutogradError, GradcheckError
from autograd.gradcheck import gradcheck


class Dense:
    """A layer as textbooks have it: forward keeps what backward needs."""

    def __init__(self, mistake: float = 0.0) -> None:
        self.w, self.mistake = draw(4, 3), mistake

    def forward(self, x: Any) -> Any:
        self.h = np.tanh(x @ self.w)
        return np.sum(self.h**2)

    def backward(self, x: Any) -> Any:
        self.forward(x)
        return (2 * self.h * (1 - self.h**2)) @ self.w.T * (1 + self.mistake)


def rosenbrock(x: Any) -> Any:
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def rosenbrock_slope(x: Any, sign: float = 1.0) -> Any:
    inner = 200 * (x[1:] - x[:-1] ** 2)
    found = np.zeros_like(x)
    found[:-1] = -2 * x[:-1] * inner - 2 * (1 - x[:-1])
    found[1:] += sign * inner
    return found


X = draw(5)
TWINS: dict[str, tuple[Any, Any, Any, tuple[Any, ...]]] = {
    "a number of an array": (
        rosenbrock, rosenbrock_slope, lambda x: rosenbrock_slope(x, -1.0), (X,),
    ),
    "a Jacobian": (
        np.sin, lambda x: np.diag(np.cos(x)), lambda x: np.diag(np.cos(x))[::-1], (X,),
    ),
    "two inputs": (
        lambda x, y: x @ y, lambda x, y: (y, x), lambda x, y: (x, y), (X, draw(5, seed=1)),
    ),
    "a float": (lambda x: x**3, lambda x: 3 * x**2, lambda x: 3 * x, (1.7,)),
    "a matrix to a number": (
        Dense().forward, Dense().backward, Dense(0.01).backward, (draw(2, 4),),
    ),
    "a list comes back": (
        lambda x: float(np.sum(np.exp(x))), lambda x: list(np.exp(x)), lambda x: [0.0] * 5, (X,),
    ),
    "a Tensor goes in": (
        lambda x: np.sum(x**2), lambda x: 2 * x, lambda x: x, (ag.Tensor(X, dtype="float64"),),
    ),
    "many": (
        lambda x: np.sum(np.sin(x)), np.cos, lambda x: np.cos(x) + (np.arange(700) == 600),
        (draw(700),),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TWINS)
def test_a_right_gradient_passes_and_a_wrong_one_fails(name: str) -> None:
    f, right, wrong, inputs = TWINS[name]
    for seed in range(3):
        report = gradcheck(f, *inputs, grad=right, rng=seed, raise_exception=False)
        assert report, str(report)
        assert not gradcheck(f, *inputs, grad=wrong, rng=seed, raise_exception=False)


def test_one_of_several_inputs_may_be_checked() -> None:
    f = lambda x, n, y: n * x @ y  # noqa: E731
    assert gradcheck(f, X, 3, X, grad=lambda x, n, y: n * x, wrt=2)
    with pytest.raises(GradcheckError, match=r"d out / d y"):
        gradcheck(f, X, 3, X + 1, grad=lambda x, n, y: n * y, wrt=2)


def test_single_precision_is_checked_in_its_own_dtype() -> None:
    x = X.astype("float32")
    assert gradcheck(lambda x: np.sum(x**2), x, grad=lambda x: 2 * x)
    off = lambda x: 2 * x * (1 if x.dtype == "float64" else np.float32(1.001))  # noqa: E731
    assert not gradcheck(lambda x: np.sum(x**2), x, grad=off, raise_exception=False)


def test_what_it_raises_is_a_finding() -> None:
    report = gradcheck(np.sum, X, grad=lambda x: x.nothing, raise_exception=False)
    assert "AttributeError" in str(report)


def test_no_op_is_left_in_the_table() -> None:
    before = dict(OPS)
    gradcheck(rosenbrock, X, grad=rosenbrock_slope)
    assert before == OPS


@pytest.mark.parametrize(
    ("f", "grad", "more", "message"),
    [
        (np.sum, np.ones(5), {}, "grad is the function that gives the gradient, got ndarray"),
        (np.sum, lambda x: 1.0, {}, r"gave the shape \(\) for an input of \(5,\)"),
        (np.sum, np.ones_like, {"order": 2}, "to order 1"),
        (lambda x: x > 0, np.ones_like, {}, "returned bool"),
    ],
)
def test_bad_input_is_said_in_a_sentence(f: Any, grad: Any, more: Any, message: str) -> None:
    with pytest.raises(AutogradError, match=message):
        gradcheck(f, X, grad=grad, **more)


def test_gradients_and_inputs_must_be_as_many() -> None:
    with pytest.raises(GradcheckError, match="grad gave 1 gradients, and 2 inputs are checked"):
        gradcheck(lambda x, y: x @ y, X, X, grad=lambda x, y: y)
