"""The distribution function of gamma numbers, by its series, and its derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.ops.special.gamma import digamma, gammaln

__all__ = ["gamma_cdf", "gamma_slope"]

_MOST = 100_000


def _series(a: Any, x: Any, log_x: Any) -> tuple[Any, Any]:
    """Σ cₙ and Σ cₙ·(log x - ψ(a + n + 1)), where cₙ = xⁿ Γ(a + 1) / Γ(a + n + 1)."""
    term = np.ones_like(x)
    psi = np.asarray(digamma(a + 1))
    total, weighted = term.copy(), log_x - psi
    for n in range(1, _MOST):
        psi = psi + 1 / (a + n)
        term = term * (x / (a + n))
        total += term
        weighted += term * (log_x - psi)
        if np.all((term <= 1e-17 * total) & (a + n > x)):
            break
    return total, weighted


def gamma_slope(a: Any, x: Any) -> Any:
    """dx/da of a gamma number at a fixed probability: -(∂P/∂a) / p(x)."""
    log_x = np.log(np.maximum(x, np.finfo(float).tiny))
    _, weighted = _series(np.asarray(a, float), np.asarray(x, float), log_x)
    return -(x / a) * weighted


def gamma_cdf(a: Any, x: Any) -> tuple[Any, Any]:
    """P(a, x), and its derivative by x."""
    a, x = np.broadcast_arrays(np.asarray(a, float), np.asarray(x, float))
    log_x = np.log(np.maximum(x, np.finfo(float).tiny))
    total, _ = _series(a, x, log_x)
    log_front = a * log_x - x - np.asarray(gammaln(a + 1))
    density = np.exp(log_front + np.log(a) - log_x)
    with np.errstate(divide="ignore"):
        found = np.where(x > 0, np.exp(log_front + np.log(total)), 0.0)
    return np.minimum(found, 1.0), density
