"""The special functions against mpmath on dense grids, and what they do with huge numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

import autograd as ag

DOUBLE, SINGLE = np.float64, np.float32


def trigamma(x: Any) -> Any:
    return ag.polygamma(1, x)


def normal_quantile(p: Any) -> Any:
    return mpmath.sqrt(2) * mpmath.erfinv(2 * p - 1)


def log_gamma(x: Any) -> Any:
    return mpmath.re(mpmath.loggamma(x))


def bessel(order: int) -> Callable[[Any], Any]:
    return lambda x: mpmath.besseli(order, x)


# The last two columns are the allowed relative errors in units of the dtype's epsilon. The rounding
# of the argument itself costs x² of them in ndtr, whose argument is scaled before it is squared.
# Digamma keeps away from its root, near which only the absolute error is small.
ACCURACY = [
    ("erf", ag.erf, mpmath.erf, (-7, 7), 1, 4),
    ("erfc", ag.erfc, mpmath.erfc, (-7, 2), 3, 3),
    ("erfc in the tail", ag.erfc, mpmath.erfc, (2, 9), 4, 4),
    ("erfc far out", ag.erfc, mpmath.erfc, (9, 26), 4, None),
    ("ndtr", ag.ndtr, mpmath.ncdf, (-12, 8), 144, 144),
    ("erfinv", ag.erfinv, mpmath.erfinv, (-0.999, 0.999), 4, 4),
    ("ndtri", ag.ndtri, normal_quantile, (0.001, 0.499), 4, 4),
    ("gammaln", ag.gammaln, log_gamma, (0.001, 20), 3, 1),
    ("digamma below its root", ag.digamma, mpmath.digamma, (0.01, 1.2), 20, 1),
    ("digamma above its root", ag.digamma, mpmath.digamma, (1.7, 30), 20, 1),
    ("trigamma", trigamma, lambda x: mpmath.psi(1, x), (0.05, 30), 4, 1),
    ("trigamma of negatives", trigamma, lambda x: mpmath.psi(1, x), (-9.93, -0.01), 4, 1),
    ("i0", ag.i0, bessel(0), (0.01, 80), 4, 4),
    ("i1", ag.i1, bessel(1), (0.01, 80), 8, 1),
    ("sigmoid", ag.sigmoid, lambda x: 1 / (1 + mpmath.exp(-x)), (-80, 80), 3, 3),
    ("softplus", ag.softplus, lambda x: mpmath.log1p(mpmath.exp(x)), (-80, 15), 3, 3),
]


@pytest.mark.parametrize(
    ("function", "exact", "interval", "allowed", "dtype"),
    [
        pytest.param(*row[1:4], allowed, dtype, id=f"{row[0]}-{dtype.__name__}")
        for row in ACCURACY
        for allowed, dtype in zip(row[4:], (DOUBLE, SINGLE), strict=True)
        if allowed is not None  # the values are below the smallest normal number
    ],
)
def test_relative_error_against_mpmath(
    function: Callable[..., Any],
    exact: Callable[..., Any],
    interval: tuple[float, float],
    allowed: float,
    dtype: Any,
) -> None:
    x = np.linspace(*interval, 401, dtype=dtype)
    with mpmath.workdps(30):
        expected = [exact(mpmath.mpf(float(v))) for v in x]
        found = function(x)
        assert found.dtype == dtype
        errors = [
            float(abs(mpmath.mpf(float(y)) / e - 1)) if e else abs(float(y))
            for y, e in zip(found, expected, strict=True)
        ]
    assert max(errors) <= allowed * np.finfo(dtype).eps


@pytest.mark.parametrize("offset", [1e-3, 1e-6, 1e-9, -1e-3, -1e-6, -1e-9])
@pytest.mark.parametrize("root", [1.0, 2.0])
def test_gammaln_keeps_its_relative_accuracy_at_its_roots(root: float, offset: float) -> None:
    x = root + offset
    with mpmath.workdps(30):
        expected = float(log_gamma(mpmath.mpf(x)))
    assert ag.gammaln(np.float64(x)) == pytest.approx(expected, rel=1e-15, abs=0)


@pytest.mark.parametrize("dtype", [DOUBLE, SINGLE])
def test_erf_and_gelu_saturate_exactly(dtype: Any) -> None:
    x = np.array([7.0, 1e30, np.inf], dtype)
    np.testing.assert_array_equal(ag.erf(x), 1)
    np.testing.assert_array_equal(ag.erf(-x), -1)
    np.testing.assert_array_equal(ag.gelu(-x[:2] * 7), 0)


def test_ends_poles_and_nan() -> None:
    inf, nan = np.inf, np.nan
    np.testing.assert_array_equal(ag.erf(np.array([nan, -0.0])), [nan, -0.0])
    np.testing.assert_array_equal(ag.erfc(np.array([nan, inf, -inf])), [nan, 0, 2])
    np.testing.assert_array_equal(ag.erfinv(np.array([1.0, -1, 2, nan])), [inf, -inf, nan, nan])
    np.testing.assert_array_equal(ag.ndtri(np.array([0.0, 1, -1])), [-inf, inf, nan])
    np.testing.assert_array_equal(ag.gammaln(np.array([0.0, -3, inf, nan])), [inf, inf, inf, nan])
    np.testing.assert_array_equal(ag.digamma(np.array([0.0, -3, nan])), [nan] * 3)
    np.testing.assert_array_equal(ag.polygamma(1, np.array([0.0, -3])), [inf, inf])


SATURATING = ["sigmoid", "softplus", "logsigmoid", "silu", "mish", "gelu", "softsign", "tanhshrink",
              "erf", "erfc", "ndtr", "gaussian", "elu", "selu", "celu", "hardswish",
              "log_softmax", "softmax"]  # fmt: skip


@pytest.mark.parametrize("dtype", [DOUBLE, SINGLE])
@pytest.mark.parametrize("name", SATURATING)
def test_huge_inputs_give_finite_values_and_derivatives_without_a_warning(
    name: str, dtype: Any
) -> None:
    values = np.array([0.0, 1e3, -1e3, 1e30, -1e30, 1e-30, -1e-30], dtype)
    x = ag.Tensor(values, requires_grad=True)
    y = getattr(ag, name)(x)
    (first,) = ag.grad(y.sum(), [x], create_graph=True)
    (second,) = ag.grad(first.sum(), [x])
    for found in (y, first, second):
        assert np.all(np.isfinite(found.numpy()))


def test_sinc_has_its_taylor_coefficients_at_0_in_every_derivative() -> None:
    x = ag.Tensor(0.0, requires_grad=True, dtype="float64")
    y = ag.sinc(x)
    found = [y.item()]
    for _ in range(4):
        (y,) = ag.grad(y, [x], create_graph=True)
        found.append(y.item())
    pi = np.pi
    np.testing.assert_allclose(found, [1, 0, -(pi**2) / 3, 0, pi**4 / 5], rtol=1e-15, atol=1e-15)


def test_gelu_names_the_approximations_it_knows() -> None:
    with pytest.raises(ValueError, match="approximate must be 'none' or 'tanh', not 'sigmoid'"):
        ag.gelu(ag.Tensor([1.0]), approximate="sigmoid")


def test_polygamma_refuses_a_negative_order() -> None:
    with pytest.raises(ValueError, match="n must not be negative, got -1"):
        ag.polygamma(-1, ag.Tensor([1.0]))


@pytest.mark.parametrize(("call", "message"), [
    (lambda: ag.glu(ag.Tensor([1.0, 2.0, 3.0])), "axis -1 has odd length 3"),
    (lambda: ag.maxout(ag.Tensor([1.0, 2.0, 3.0]), 2), "axis 0 has length 3, no multiple of 2"),
])  # fmt: skip
def test_units_that_divide_an_axis_say_its_length(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(("order", "f"), [(0, ag.i0), (1, ag.i1)])
def test_bessel_functions_of_large_arguments_overflow_where_they_do(order: int, f: Any) -> None:
    """e^x overflows at 709.8, I₀ at 713.99; of infinity both are infinite, as are their slopes."""
    x = np.array([700.5, 709.0, 713.9, -713.9, np.inf, -np.inf])
    given = ag.Tensor(x, requires_grad=True)
    value = f(given)
    (slope,) = ag.grad(value, given, ag.ones_like(value))
    for found, derivative in ((value, 0), (slope, 1)):
        known = [float(mpmath.re(mpmath.besseli(order, v, derivative=derivative))) for v in x[:4]]
        known += [np.inf, -np.inf if order != derivative else np.inf]
        np.testing.assert_allclose(found.numpy(), known, rtol=1e-14)


WHOLE = np.array([1, 2, 3], np.uint8)


@pytest.mark.parametrize(
    "f", [ag.entr, ag.logit, ag.special.k0, ag.special.k1, lambda x: ag.special.beta(x, x)]
)
def test_integers_without_a_sign_give_what_floats_give(f: Any) -> None:
    with np.errstate(all="ignore"):
        wanted = f(ag.Tensor(WHOLE.astype(float))).numpy()
        np.testing.assert_allclose(f(ag.Tensor(WHOLE)).numpy(), wanted, rtol=2e-3)  # of float16
        np.testing.assert_allclose(np.asarray(f(WHOLE.tolist())), wanted, rtol=1e-6)
        assert np.asarray(f(1)) == wanted[0]


def test_lists_are_arrays_for_functions_of_two() -> None:
    t = ag.Tensor(2.0, requires_grad=True)
    assert ag.special.betaln([2.0, 3.0], [2.0, 1.0]).shape == (2,)
    assert ag.special.rel_entr([t, t], [1.0, 2.0]).requires_grad
    assert ag.special.chdtr([2.0], [t]).requires_grad
