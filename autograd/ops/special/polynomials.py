"""Orthogonal polynomials: three families that are closed under differentiation.

Chebyshev's and Legendre's are Jacobi's, normalised by their values at 1. These go by steps from one
degree to the next near x = 1, where the polynomials themselves are nearly equal (Reinsch, see Stoer
and Bulirsch, 1980), and for negative x by reflection.

Sources: DLMF 18.9.1 and 18.9.2 (recurrences), 18.9.15 to 18.9.28 (derivatives).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.extend import Array, op, sample
from autograd.ops.special.double import Floats, in_double

_MOST = 10_000


def _degrees(n: Floats) -> int:
    """The largest degree."""
    finite = n[np.isfinite(n)]
    most = int(finite.max()) if finite.size else 0
    return min(most, _MOST)


def _at_1(n: Floats, alpha: float) -> Floats:
    """Γ(n + α + 1) / (Γ(α + 1) n!), which Jacobi's polynomial is at 1."""
    found = np.ones_like(n)
    for k in range(1, _degrees(n) + 1):
        found = np.where(n >= k, found * ((k + alpha) / k), found)
    return found


def _jacobi_right(x: Floats, n: Floats, alpha: float, beta: float) -> Floats:
    """Pₙ(x) / Pₙ(1) for x >= 0: Rₙ₊₁ = Rₙ + dₙ₊₁, where dₙ₊₁ follows from dₙ and 1 − x."""
    rest = 1 - x
    step = -(alpha + beta + 2) / (2 * (alpha + 1)) * rest
    here, found = 1 + step, np.where(n >= 1, 1 + step, 1.0)
    for k in range(1, _degrees(n)):
        t = 2 * k + alpha + beta
        below = 2 * (k + alpha + 1) * (k + alpha + beta + 1) * t
        step = (2 * k * (k + beta) * (t + 2) * step - t * (t + 1) * (t + 2) * rest * here) / below
        here = here + step
        found = np.where(n > k, here, found)
    return found


def _jacobi_of(x: Floats, n: Floats, alpha: float, beta: float, growth: int) -> Floats:
    whole = np.where(n >= 0, n, 0)
    found = right = _jacobi_right(np.abs(x), whole, alpha, beta)
    if (x < 0).any():
        left = right
        if alpha != beta:
            left = _jacobi_right(np.abs(x), whole, beta, alpha)
            left = left * (_at_1(whole, beta) / _at_1(whole, alpha))
        found = np.where(x < 0, np.where(whole % 2, -left, left), right)
    return _checked(found * (1 + growth * whole), x, n)


def _laguerre_of(x: Floats, n: Floats, alpha: float) -> Floats:
    step = alpha - x
    here, found = 1 + step, np.where(n >= 1, 1 + step, 1.0)
    for k in range(1, _degrees(n)):
        step = ((k + alpha) * step - x * here) / (k + 1)
        here = here + step
        found = np.where(n > k, here, found)
    return _checked(found, x, n)


def _hermite_of(x: Floats, n: Floats, scale: float) -> Floats:
    before, here = np.ones_like(x), scale * x
    found = np.where(n >= 1, here, 1.0)
    for k in range(1, _degrees(n)):
        before, here = here, scale * (x * here - k * before)
        found = np.where(n > k, here, found)
    return _checked(found, x, n)


def _checked(found: Floats, x: Floats, n: Floats) -> Floats:
    found = np.where(n < 0, 0.0, found)
    return np.where(np.isnan(x) | (n != np.floor(n)) | (n > _MOST), math.nan, found)


_jacobi_values = in_double(_jacobi_of, typed=1)
_laguerre_values = in_double(_laguerre_of, typed=1)
_hermite_values = in_double(_hermite_of, typed=1)

# ---- the ops -------------------------------------------------------------------------------------


def _samples(low: float, high: float, *params: dict[str, Any]) -> Callable[[], Any]:
    def drawn() -> Any:
        x = np.linspace(low, high, 6).reshape(2, 3)
        for each in params:
            yield sample(x, np.array([0, 1, 7]), **each, label="broadcast")
        yield sample(np.float64(0.3), 3, **params[0], label="0-d")
        yield sample(np.zeros((0, 2)), 3, **params[0], label="empty")

    return drawn


def _scipy_jacobi(x: Array, n: Array, alpha: float, beta: float, growth: int) -> Array:
    from scipy.special import binom, eval_jacobi

    return eval_jacobi(n, alpha, beta, x) / binom(n + alpha, n) * (1 + growth * n)


def _scipys(name: str) -> Callable[..., Any]:
    def call(x: Array, n: Array, **params: Any) -> Array:
        import scipy.special

        given = params.values() if name != "eval_hermite" else ()
        chosen = "eval_hermitenorm" if params.get("scale") == 1 else name
        return getattr(scipy.special, chosen)(n, *given, x)

    return call


def _in_digits_of(x: Array, factor: Any) -> Any:
    """A factor made of degrees, which are whole numbers, where x may be single."""
    return factor.astype(x.dtype) if isinstance(factor, (np.ndarray, np.generic)) else factor


def _d_jacobi(g: Array, x: Array, n: Array, alpha: float, beta: float, growth: int) -> Array:
    slope = n * (n + alpha + beta + 1) / (2 * (alpha + 1)) * (1 + growth * n)
    return g * (_in_digits_of(x, slope) * _jacobi(x, n - 1, alpha + 1, beta + 1, 0))


@op(
    "Pₙ(x)",
    x=_d_jacobi,
    real_only=True,
    elementwise=True,
    samples=_samples(
        -1.2, 1.2,
        {"alpha": 0.0, "beta": 0.0, "growth": 0}, {"alpha": 0.5, "beta": -0.5, "growth": 2},
    ),
    reference=_scipy_jacobi,
)  # fmt: skip
def _jacobi(x: Array, n: Array, /, alpha: float, beta: float, growth: int) -> Array:
    """Jacobi's polynomial of degree n, so normalised that its value at 1 is 1 + growth · n."""
    return _jacobi_values(x, n, alpha=alpha, beta=beta, growth=growth)


@op(
    "Lₙ⁽ᵅ⁾(x)",
    x=lambda g, x, n, alpha: -g * _laguerre(x, n - 1, alpha + 1),
    real_only=True,
    elementwise=True,
    samples=_samples(0.0, 6.0, {"alpha": 0.0}, {"alpha": 1.0}),
    reference=_scipys("eval_genlaguerre"),
)
def _laguerre(x: Array, n: Array, /, alpha: float) -> Array:
    return _laguerre_values(x, n, alpha=alpha)


@op(
    "Hₙ(x)",
    x=lambda g, x, n, scale: g * (_in_digits_of(x, scale * n) * _hermite(x, n - 1, scale)),
    real_only=True,
    elementwise=True,
    samples=_samples(-2.0, 2.0, {"scale": 1.0}, {"scale": 2.0}),
    reference=_scipys("eval_hermite"),
)
def _hermite(x: Array, n: Array, /, scale: float) -> Array:
    return _hermite_values(x, n, scale=scale)
