"""The gamma function's logarithm and its derivatives.

Sources: Stirling's series, DLMF 5.11; Hurwitz' zeta function by Euler and Maclaurin, DLMF 25.11.43.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.engine.ranges import Length
from autograd.extend import Array, draw, elementwise, op, sample
from autograd.kernels.parallel.blocks import polynomial
from autograd.ops.special.approximations import by_interval, floating

_BERNOULLI = (
    1 / 6,
    -1 / 30,
    1 / 42,
    -1 / 30,
    5 / 66,
    -691 / 2730,
    7 / 6,
    -3617 / 510,
)  # B₂, B₄ ...
STIRLING = tuple(b / (2 * k * (2 * k - 1)) for k, b in enumerate(_BERNOULLI, 1))
_LOG_ROOT_2PI = 0.5 * math.log(2 * math.pi)
_OVERFLOWS = {4: 4e36, 8: 2.5e305, 16: 2.5e305}  # from where on it is infinite, by bytes
_SHIFT = 10  # beyond it the asymptotic series hold to double precision

# log Γ(x) / ((x − 1)(x − 2)) on [1, 2], in powers of x − 3/2: the Chebyshev fit of mpmath.chebyfit
# with 40 digits, off by at most 8e-19.
_LOG_GAMMA = (
    0.4831289505409809, -0.14595989591430608, 0.06291140107456439, -0.031308487501010646,
    0.01679709863127416, -0.009425622448525798, 0.005446457839126065, -0.0032120740737152814,
    0.0019229163127905161, -0.0011644145847310124, 0.000711519067515296, -0.00043799307479613914,
    0.00027131373861446925, -0.0001689178215524898, 0.00010535512483785591, -6.614136022346414e-05,
    4.30276814976503e-05, -2.7201673025504752e-05, 1.3186019073996835e-05, -8.355075869795273e-06,
    1.2140008083973407e-05, -7.760660152513446e-06,
)  # fmt: skip


def _sin_pi(x: Any) -> Any:
    """sin(πx), exact at whole numbers."""
    r = x - 2 * np.round(0.5 * x)  # in [-1, 1]
    return np.sin(math.pi * np.where(np.abs(r) > 0.5, np.copysign(1, r) - r, r))


def _log_gamma_small(x: Any) -> Any:
    """For 0 < x < 10: stepped down, or up once, to the interval [1, 2]."""
    near, factor = x, np.ones_like(x)
    for _ in range(_SHIFT - 2):
        above = near >= 2
        factor = np.where(above, factor * (near - 1), factor)
        near = np.where(above, near - 1, near)
    below = near < 1
    log = np.log(np.where(below, near, factor))
    t = np.where(below, near - 0.5, near - 1.5)  # x + 1 is not formed, since it rounds
    return np.where(below, -log, log) + (t - 0.5) * (t + 0.5) * polynomial(t, _LOG_GAMMA)


def log_gamma_above_1(x: Any) -> Any:
    """log Γ(1 + x) for 0 <= x <= 1, without the rounding of 1 + x."""
    return (x - 1) * x * polynomial(x - 0.5, _LOG_GAMMA)


def _log_gamma_large(x: Any) -> Any:
    series = polynomial((1 / x) ** 2, STIRLING) / x
    return (x - 0.5) * (np.log(x) - 1) - 0.5 + _LOG_ROOT_2PI + series


def _log_gamma_positive(x: Any) -> Any:
    return by_interval(
        x,
        (_SHIFT, _OVERFLOWS[8]),
        (_log_gamma_small, _log_gamma_large, lambda x: np.where(np.isnan(x), x, np.inf)),
    )


def _log_gamma_negative(x: Any) -> Any:
    """By reflection: Γ(x) Γ(1 − x) = π / sin(πx)."""
    sine = np.abs(_sin_pi(x))
    pole = sine == 0
    found = math.log(math.pi) - np.log(np.where(pole, 1, sine)) - _log_gamma_positive(1 - x)
    return np.where(pole, np.inf, found)


def log_gamma(x: Any) -> Any:
    x = floating(x)
    overflows = _OVERFLOWS[max(4, x.dtype.itemsize)]
    above_0 = float(np.nextafter(x.dtype.type(0), x.dtype.type(1)))
    return by_interval(
        x,
        (-overflows, above_0, _SHIFT, overflows),
        (
            lambda x: np.full_like(x, np.inf),
            _log_gamma_negative,
            _log_gamma_small,
            _log_gamma_large,
            lambda x: np.where(np.isnan(x), x, np.inf),
        ),
        wide=True,
    )


def _digamma_positive(x: Any) -> Any:
    """Stepped up until the asymptotic series holds (DLMF 5.11.2)."""
    total = np.zeros_like(x)
    for _ in range(_SHIFT):
        small = x < _SHIFT
        total = np.where(small, total - 1 / x, total)
        x = np.where(small, x + 1, x)
    square = (1 / x) ** 2
    terms = [-b / (2 * k) for k, b in enumerate(_BERNOULLI, 1)]
    return total + np.log(x) - 0.5 / x + square * polynomial(square, terms)


def _polygamma_positive(x: Any, n: int) -> Any:
    """(-1)ⁿ⁺¹ n! ζ(n + 1, x), by Euler and Maclaurin; the logarithmic limit for n = 0."""
    if n == 0:
        return _digamma_positive(x)
    s, total = n + 1, np.zeros_like(x)
    for _ in range(_SHIFT + n):
        total = total + (1 / x) ** s
        x = x + 1
    inverse = 1 / x
    total = total + inverse**n / n + 0.5 * inverse**s
    rising = float(s)  # s (s + 1) ... (s + 2k − 2)
    for k, b in enumerate(_BERNOULLI, 1):
        total = total + b * rising / math.factorial(2 * k) * inverse ** (n + 2 * k)
        rising *= (s + 2 * k - 1) * (s + 2 * k)
    return (-1) ** s * math.factorial(n) * total


def _polygamma_negative(x: Any, n: int) -> Any:
    """By reflection: ψₙ(x) = (-1)ⁿ ψₙ(1 − x) − π dⁿ/dxⁿ cot(πx)."""
    slope = np.polynomial.Polynomial([0, 1])  # dⁿ/dxⁿ cot(πx) is πⁿ times it, at c = cot(πx)
    for _ in range(n):
        slope = np.polynomial.Polynomial([-1, 0, -1]) * slope.deriv()
    sine = _sin_pi(x)
    pole = sine == 0
    c = _sin_pi(x + 0.5) / np.where(pole, 1, sine)
    mirrored = (-1) ** n * _polygamma_positive(1 - x, n)
    found = mirrored - math.pi ** (n + 1) * polynomial(c, slope.coef.tolist())
    return np.where(pole, np.inf if n % 2 else np.nan, found)


def _polygamma_of(x: Any, n: int) -> Any:
    above_0 = float(np.nextafter(floating(x).dtype.type(0), floating(x).dtype.type(1)))
    return by_interval(
        x,
        (above_0,),
        (lambda x: _polygamma_negative(x, n), lambda x: _polygamma_positive(x, n)),
        wide=True,
    )


def _scipy_polygamma(x: Array, n: int) -> Array:
    from scipy.special import polygamma

    return polygamma(n, x)


@op(
    "ψₙ(x)",
    x=lambda g, x, n: g * _polygamma(x, n + 1),
    elementwise=True,
    real_only=True,
    samples=lambda: (
        *(sample(draw(2, 3, low=0.5, high=6.0), n=n) for n in (0, 1, 2, 4)),
        sample(draw(3, low=-1.8, high=-1.2), n=1, label="negative"),
        sample(draw(3, low=-1.8, high=-1.2), n=2, label="negative, even"),
        sample(draw(low=0.5), n=1, label="0-d"),
        sample(draw(0, 3), n=1, label="empty"),
    ),
    reference=_scipy_polygamma,
)
def _polygamma(x: Array, /, n: int) -> Array:
    return _polygamma_of(x, n)


def polygamma(n: Length, x: Array) -> Array:
    """The n-th derivative of digamma, elementwise; n = 1 is the trigamma function.

    At the poles 0, -1, -2, ... it is infinite for odd n and NaN for even n.

    `n` is a whole number, not negative.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.polygamma(1, ag.Tensor([1.0, 2.0])), 4)
    Tensor([1.6449, 0.6449], dtype=float32)
    """
    return _polygamma(x, n)


@op(
    "ψ(x)",
    x=lambda g, x: g * _polygamma(x, 1),
    elementwise=True,
    real_only=True,
    samples=elementwise((0.5, 6.0), kinks=(-1.5, -0.2, 1e-5, 30.0, 1e30)),
    reference="scipy.special.digamma",
)
def digamma(x: Array, /) -> Array:
    """The derivative of gammaln, elementwise; NaN at its poles 0, -1, -2, ...

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.digamma(ag.Tensor([1.0, 2.0])), 4)
    Tensor([-0.5772,  0.4228], dtype=float32)
    """
    return _polygamma_of(x, 0)


@op(
    "log |Γ(x)|",
    x=lambda g, x: g * digamma(x),
    elementwise=True,
    real_only=True,
    samples=elementwise((0.5, 6.0), kinks=(-1.5, -0.2, 1e-5, 30.0, 1e30)),
    reference="scipy.special.gammaln",
)
def gammaln(x: Array, /) -> Array:
    """The logarithm of |Γ(x)|, elementwise; infinite at the poles 0, -1, -2, ...

    Its derivative at the poles is NaN.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.gammaln(ag.Tensor([1.0, 5.0])), 4)
    Tensor([0.    , 3.1781], dtype=float32)
    """
    return log_gamma(x)


lgamma = gammaln
