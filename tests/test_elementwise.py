"""Conventions at kinks and edges, powers, and complex numbers: where a formula is not enough."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag


def gradients(function: Any, *values: Any) -> list[Any]:
    """The gradients of the sum of function(*values) with respect to every float value."""
    inputs = [ag.Tensor(np.float64(v), requires_grad=True) for v in values]
    return [g.tolist() for g in ag.grad(ag.sum(function(*inputs)), inputs)]


@pytest.mark.parametrize(
    ("function", "values", "expected"),
    [
        (ag.relu, [0.0], [0.0]),
        (ag.abs, [0.0], [0.0]),
        (ag.hypot, [0.0, 0.0], [0.0, 0.0]),
        (ag.atan2, [0.0, 0.0], [0.0, 0.0]),
        (ag.maximum, [1.0, 1.0], [0.5, 0.5]),
        (ag.minimum, [1.0, 1.0], [0.5, 0.5]),
        (ag.fmax, [1.0, np.nan], [1.0, 0.0]),
        (ag.fmin, [np.nan, 1.0], [0.0, 1.0]),
        (ag.clip, [1.0, -1.0, 1.0], [1.0, 0.0, 0.0]),
        (ag.clip, [-1.0, -1.0, 1.0], [1.0, 0.0, 0.0]),
        (ag.clip, [3.0, -1.0, 1.0], [0.0, 0.0, 1.0]),
        (ag.clip, [-3.0, -1.0, 1.0], [0.0, 1.0, 0.0]),
        (ag.hardtanh, [1.0], [0.0]),
        (ag.copysign, [0.0, 1.0], [0.0, 0.0]),
        (ag.heaviside, [0.0, 0.5], [0.0, 1.0]),
        (ag.xlogy, [0.0, 0.0], [0.0, 0.0]),
        (ag.logaddexp, [-np.inf, -np.inf], [0.0, 0.0]),
        (ag.nan_to_num, [np.nan], [0.0]),
        (ag.power, [0.0, 0.0], [0.0, 0.0]),
        (ag.power, [0.0, 1.0], [1.0, 0.0]),
        (ag.power, [0.0, 2.0], [0.0, 0.0]),
    ],
    ids=lambda v: getattr(v, "__name__", str(v)),
)
def test_gradient_at_a_kink_or_edge_is_the_documented_one(
    function: Any, values: list[float], expected: list[float]
) -> None:
    assert gradients(function, *values) == expected


@pytest.mark.parametrize("base", [-2.0, -0.5, 0.0, 0.5, 3.0])
@pytest.mark.parametrize("exponent", [0, 1, 2, 3, 4, 0.0, 1.0, 2.0, 3.0])
def test_whole_powers_are_exact_to_second_order_for_every_base(base: float, exponent: Any) -> None:
    x = ag.Tensor(np.float64(base), requires_grad=True)
    (first,) = ag.grad(x**exponent, [x], create_graph=True)
    assert first.item() == (exponent * base ** (exponent - 1) if exponent else 0)
    second = ag.grad(first, [x], allow_unused=True)[0] if first.requires_grad else None
    coefficient = exponent * (exponent - 1)
    expected = coefficient * base ** (exponent - 2) if coefficient else 0
    assert (0.0 if second is None else second.item()) == expected


def test_mixed_derivative_of_a_power_at_exponent_0() -> None:
    x = ag.Tensor(2.0, requires_grad=True, dtype="float64")
    y = ag.Tensor(0.0, requires_grad=True, dtype="float64")
    (by_x,) = ag.grad(x**y, [x], create_graph=True)
    assert ag.grad(by_x, [y])[0].item() == 0.5  # d/dy y x^(y-1) = 1/x at y = 0


def test_exponent_of_a_negative_base_has_gradient_nan_without_a_warning() -> None:
    assert np.isnan(gradients(ag.power, -2.0, 2.0)[1])


@pytest.mark.parametrize("function", [lambda x: x**2, lambda x: x**0.5, lambda x: 2.0**x,
                                      lambda x: ag.maximum(x, 0.5), lambda x: ag.leaky_relu(x),
                                      lambda x: ag.where(x > 1, x, 0.5)])  # fmt: skip
def test_python_numbers_leave_float32_alone(function: Any) -> None:
    x = ag.Tensor([0.5, 2.0], requires_grad=True, dtype="float32")
    y = function(x)
    assert y.dtype == np.float32
    (first,) = ag.grad(y.sum(), [x], create_graph=True)
    assert first.dtype == np.float32


def test_fmod_agrees_with_itself_where_the_quotient_rounds_up() -> None:
    x, y = 0.6, 0.1  # x / y rounds to 6, but fmod leaves 0.1 less a rounding error: it took 5
    assert gradients(ag.fmod, x, y)[1] == -5


def test_modulus_of_a_complex_number_grows_along_its_own_direction() -> None:
    z = ag.Tensor([3.0 + 4.0j, 0.0], requires_grad=True, dtype="complex128")
    (g,) = ag.grad(ag.abs(z).sum(), [z])
    np.testing.assert_allclose(g.numpy(), [0.6 + 0.8j, 0])


@pytest.mark.parametrize(("name", "alias"), [
    ("acos", "arccos"), ("asin", "arcsin"), ("atan", "arctan"), ("atan2", "arctan2"),
    ("acosh", "arccosh"), ("asinh", "arcsinh"), ("atanh", "arctanh"), ("abs", "absolute"),
    ("conj", "conjugate"), ("deg2rad", "radians"), ("rad2deg", "degrees"), ("pow", "power"),
    ("remainder", "mod"), ("round", "around"), ("bitwise_invert", "invert"),
    ("bitwise_left_shift", "left_shift"), ("bitwise_right_shift", "right_shift"),
    ("divide", "true_divide"), ("sigmoid", "expit"), ("silu", "swish"), ("gammaln", "lgamma"),
    ("logsigmoid", "log_sigmoid"), ("trunc", "fix"),
])  # fmt: skip
def test_both_names_are_one_function(name: str, alias: str) -> None:
    assert getattr(ag, name) is getattr(ag, alias)


def test_every_elementwise_ufunc_of_numpy_is_recorded_or_has_no_gradient() -> None:
    ufuncs = {n for n in dir(np) if isinstance(getattr(np, n), np.ufunc) and n.islower()}
    others = {"gcd", "lcm", "isnat",  # of integers and dates
              "matmul", "matvec", "vecdot", "vecmat"}  # products: another chapter  # fmt: skip
    assert ufuncs - others <= set(dir(ag))
