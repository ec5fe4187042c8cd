"""The incomplete gamma functions, and the density between them.

Sources: series and continued fraction, DLMF 8.7.1 and 8.9.2; for small a DiDonato and Morris
(1986); for large a beside x Temme's uniform expansion, DLMF 8.12.7 to 8.12.10.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from autograd.engine.modes import is_grad_enabled
from autograd.errors import UnsupportedError
from autograd.extend import Array, elementwise, op
from autograd.kernels.parallel.blocks import polynomial
from autograd.ops.special.approximations import erfc
from autograd.ops.special.double import Floats, in_double, pieces
from autograd.ops.special.gamma import (
    STIRLING,
    digamma,
    log_gamma,
    log_gamma_above_1,
)  # fmt: skip

_UNIFORM = 200.0  # from this a on Temme's expansion holds, for x that are near it
_NEAR = 0.7  # of |η|, where its series in η do


def _less_log(a: Floats, x: Floats) -> Floats:
    """μ − log(1 + μ) to full relative accuracy, where 1 + μ = x / a."""
    rise = (x - a) / a
    s = rise / (2 + rise)
    series = polynomial(s * s, [1 / (2 * k + 3) for k in range(16)])
    near = np.abs(rise) < 0.5
    return np.where(near, rise * s - 2 * s**3 * series, rise - np.log(x / a))


def _front(a: Floats, x: Floats) -> Floats:
    """xᵃ e⁻ˣ / Γ(a + 1)."""
    large = a >= 10
    safe = np.where(large, a, 10.0)
    stirling = polynomial((1 / safe) ** 2, STIRLING) / safe
    far = np.exp(-safe * _less_log(safe, x) - stirling) / np.sqrt(2 * math.pi * safe)
    small = np.where(large, 1.0, a)
    x = np.minimum(x, 1e4)  # from there on e⁻ˣ is 0, while xᵃ would overflow
    return np.where(large, far, x**small * np.exp(-x) / np.exp(log_gamma(small + 1)))


def _series(a: Floats, x: Floats) -> Floats:
    """P, for x up to about a + 1."""
    term, total, k = np.ones_like(x), np.ones_like(x), 0
    while np.any(term > 1e-17 * total):
        k += 1
        term = term * (x / (a + k))
        total = total + term
    return _front(a, x) * total


def _fraction(a: Floats, x: Floats) -> Floats:
    """Q, for x beyond about a + 1: Lentz' scheme, after Thompson and Barnett (1986)."""
    b = x + 1 - a
    c, d = np.full_like(x, 1e300), 1 / b
    found, k = d, 0
    while True:
        k += 1
        factor, b = -k * (k - a), b + 2
        d = 1 / (factor * d + b)
        c = b + factor / c
        step = c * d
        found = found * step
        if not np.any(np.abs(step - 1) > 3e-16):
            return _front(a, x) * a * found


def _small(a: Floats, x: Floats) -> Floats:
    """Q for a < 1 and x < 1.5, also where it is about a."""
    log_power = a * np.log(x) - log_gamma_above_1(a)
    term, total = np.ones_like(x), np.zeros_like(x)
    for k in range(1, 28):
        term = term * (-x / k)
        total = total + term * (a / (a + k))
    return -np.expm1(log_power) - np.exp(log_power) * total


@functools.cache
def _coefficients() -> list[list[float]]:
    """Those of cₖ(η) = (1/η) dcₖ₋₁/dη + (−1)ᵏ gₖ/μ in powers of η, where μ − log(1 + μ) = η²/2."""
    count, most = 44, 9
    rise = [Fraction(0), Fraction(1)]  # μ in powers of η, from μ μ' = η (1 + μ)
    for n in range(2, count + 2):
        known = sum(j * rise[i] * rise[j] for i in range(2, n) for j in [n + 1 - i])
        rise.append((rise[n - 1] - known) / (n + 1))
    inverse = [Fraction(1)]  # η / μ
    for n in range(1, count):
        terms = [rise[i + 1] * inverse[n - i] for i in range(1, n + 1)]
        inverse.append(-sum(terms, Fraction(0)))
    gamma = _stirling_products(most)
    found = [inverse[1:]]
    for k in range(1, most):
        before, sign = found[-1], (-1) ** k * gamma[k]
        slope = [j * before[j] for j in range(2, len(before))]
        found.append([s + sign * inverse[j + 1] for j, s in enumerate(slope)])
    return [[float(c) for c in row[:25]] for row in found]


def _stirling_products(most: int) -> list[Fraction]:
    """gₖ of Γ(a) = √(2π/a) (a/e)ᵃ Σ gₖ a⁻ᵏ, DLMF 5.11.3, from the exponent's series."""
    exponent = [Fraction(0)] * (most + 8)
    bernoulli = [(1, 6), (-1, 30), (1, 42), (-1, 30), (5, 66)]
    for k, (above, below) in enumerate(bernoulli, 1):
        exponent[2 * k - 1] = Fraction(above, below * 2 * k * (2 * k - 1))
    found = [Fraction(1)]
    for n in range(1, most):
        terms = [j * exponent[j] * found[n - j] for j in range(1, n + 1)]
        found.append(sum(terms, Fraction(0)) / n)
    return found


def _eta(a: Floats, x: Floats) -> Floats:
    return np.copysign(np.sqrt(2 * _less_log(a, x)), x - a)


def _uniform(a: Floats, x: Floats, sign: int) -> Floats:
    """Q for sign 1, P for sign −1."""
    eta, rest = _eta(a, x), np.zeros_like(x)
    for row in reversed(_coefficients()):
        rest = rest / a + polynomial(eta, row)
    rest = np.exp(-0.5 * a * eta * eta) / np.sqrt(2 * math.pi * a) * rest
    return 0.5 * erfc(sign * eta * np.sqrt(0.5 * a)) + sign * rest


def _either(a: Floats, x: Floats, sign: int) -> Floats:
    """Q for sign 1, P for sign −1."""
    nothing, all_of_it = float(sign == 1), float(sign == -1)
    inside = (a > 0) & (x > 0)
    near = (a >= _UNIFORM) & (np.abs(_eta(a, np.where(inside, x, a))) < _NEAR)
    masks = [
        (a < 0) | (x < 0) | np.isnan(a) | np.isnan(x) | ((a == 0) & (x == 0))
        | (np.isinf(a) & np.isinf(x)),
        (x == 0) | np.isinf(a),
        (a == 0) | np.isinf(x),
        near,
        (a < 1) & (x < 1.5),
        x < a + 1,
        x >= a + 1,
    ]  # fmt: skip
    functions: list[Callable[..., Floats]] = [
        lambda a, x: np.full_like(x, math.nan),
        lambda a, x: np.full_like(x, nothing),
        lambda a, x: np.full_like(x, all_of_it),
        functools.partial(_uniform, sign=sign),
        _small if sign == 1 else _series,
        (lambda a, x: 1 - _series(a, x)) if sign == 1 else _series,
        _fraction if sign == 1 else lambda a, x: 1 - _fraction(a, x),
    ]
    return pieces(masks, functions, a, x)


_p_of = in_double(functools.partial(_either, sign=-1))
_q_of = in_double(functools.partial(_either, sign=1))


def _density(a: Floats, x: Floats) -> Floats:
    inside = (a > 0) & (x > 0) & np.isfinite(x)
    at = _front(np.where(inside, a, 1), np.where(inside, x, 1)) * (a / x)
    begins = np.where(a == 1, 1.0, np.where(a < 1, math.inf, 0.0))
    outside = np.where(np.isnan(a) | np.isnan(x) | (a <= 0) | (x < 0), math.nan, 0.0)
    return np.where(inside, at, np.where((x == 0) & (a > 0), begins, outside))


_density_of = in_double(_density)


def _plain_density(a: Array, x: Array) -> Array:
    from scipy.stats import gamma

    return gamma.pdf(x, a)


@op(
    "xᵃ⁻¹ e⁻ˣ / Γ(a)",
    a=lambda g, a, x, out: g * (out * (np.log(x) - digamma(a))),
    x=lambda g, a, x, out: g * (out * ((a - 1 - x) / x)),
    elementwise=True,
    wide=True,
    real_only=True,
    samples=elementwise((0.6, 4.0), (0.3, 6.0)),
    reference=_plain_density,
)
def _gamma_density(a: Array, x: Array, /) -> Array:
    """The density of the gamma distribution: the derivative of igamma by x."""
    return _density_of(a, x)


@op(
    "P(a, x)",
    x=lambda g, a, x: g * _gamma_density(a, x),
    elementwise=True,
    real_only=True,
    samples=elementwise((0.6, 4.0), (0.3, 6.0)),
    reference="scipy.special.gammainc",
)
def _igamma(a: Array, x: Array, /) -> Array:
    return _p_of(a, x)


@op(
    "Q(a, x)",
    x=lambda g, a, x: -g * _gamma_density(a, x),
    elementwise=True,
    real_only=True,
    samples=elementwise((0.6, 4.0), (0.3, 6.0)),
    reference="scipy.special.gammaincc",
)
def _igammac(a: Array, x: Array, /) -> Array:
    return _q_of(a, x)


def without_derivative(function: str, **parameters: Any) -> None:
    """Raise for parameters that require a gradient and have no rule."""
    for name, value in parameters.items() if is_grad_enabled() else ():
        if getattr(value, "requires_grad", False):
            raise UnsupportedError(
                f"{function} has no derivative by {name}, which requires a gradient: give it "
                f"{name}.detach()"
            )


def igamma(a: Array, x: Array) -> Array:
    """The regularised lower incomplete gamma function P(a, x), elementwise.

    It is ∫₀ˣ tᵃ⁻¹ e⁻ᵗ dt / Γ(a), the distribution function of the gamma distribution: NaN for
    negative `a` or `x`. It has a derivative by `x`; an `a` that requires a gradient raises
    UnsupportedError.

    Shape: a and x broadcast -> their common shape. Integers give floats; complex numbers raise
    DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.special.igamma(ag.Tensor([1.0, 2.0]), ag.Tensor([1.0, 1.0])), 4)
    Tensor([0.6321, 0.2642], dtype=float32)
    """
    without_derivative("igamma", a=a)
    return _igamma(a, x)


def igammac(a: Array, x: Array) -> Array:
    """The regularised upper incomplete gamma function Q(a, x) = 1 - igamma(a, x), elementwise.

    It is accurate also where it is tiny, and NaN for negative `a` or `x`. It has a derivative by
    `x`; an `a` that requires a gradient raises UnsupportedError.

    Shape: a and x broadcast -> their common shape. Integers give floats; complex numbers raise
    DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.special.igammac(ag.Tensor([1.0, 2.0]), ag.Tensor([1.0, 1.0])), 4)
    Tensor([0.3679, 0.7358], dtype=float32)
    """
    without_derivative("igammac", a=a)
    return _igammac(a, x)
