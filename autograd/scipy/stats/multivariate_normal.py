"""The normal distribution of several variables, with a `mean` and a covariance."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd.engine.operands import raw
from autograd.engine.trail import seen
from autograd.errors import UnsupportedError
from autograd.scipy.names import borrowed

__getattr__ = borrowed(__name__, "stats.multivariate_normal")


def _matrix(cov: Any, n: int) -> Any:
    """A covariance that is given as a matrix, a diagonal or a number."""
    if np.ndim(raw(cov)) == 0:
        return cov * np.eye(n)
    return cov[:, None] * np.eye(n) if np.ndim(raw(cov)) == 1 else cov


def logpdf(x: Any, mean: Any = 0.0, cov: Any = 1.0, allow_singular: bool = False) -> Any:
    """The logarithm of the density at x, whose last axis holds the variables."""
    shapes = [np.shape(raw(v)) for v in (x, mean, cov)]
    n = (shapes[2] or shapes[1] or (1,))[-1]
    if shapes[0] == () and n == 1:
        x = x * np.ones(1)
    elif n == 1 and len(shapes[0]) == 1 and shapes[0] != (1,):
        x = x[:, None]
    cov = _matrix(cov, n)
    away = x - mean
    if allow_singular:
        return _singular(away, cov)
    solved = ag.linalg.solve(cov, away[..., None])[..., 0]
    _, logdet = ag.linalg.slogdet(cov)
    return -0.5 * (ag.sum(away * solved, axis=-1) + logdet + n * np.log(2.0 * np.pi))


def _singular(away: Any, cov: Any) -> Any:
    """The density within the space that a covariance reaches, which is kept as it is."""
    if getattr(cov, "requires_grad", False):
        raise UnsupportedError(
            "multivariate_normal with allow_singular=True has no derivative by cov; add a little "
            "to its diagonal instead"
        )
    values, vectors = np.linalg.eigh(seen(cov, "a singular cov"))
    kept = values > np.finfo(values.dtype).eps * len(values) * 1e3 * np.max(np.abs(values))
    whitened = away @ (vectors[:, kept] / np.sqrt(values[kept]))
    log_norm = np.sum(np.log(2.0 * np.pi * values[kept]))
    return -0.5 * (ag.sum(whitened * whitened, axis=-1) + log_norm)


def pdf(x: Any, mean: Any = 0.0, cov: Any = 1.0, allow_singular: bool = False) -> Any:
    """The density at x."""
    return ag.exp(logpdf(x, mean, cov, allow_singular))


def entropy(mean: Any = 0.0, cov: Any = 1.0) -> Any:
    """The differential entropy."""
    n = np.shape(raw(cov))[-1] if np.ndim(raw(cov)) else (np.shape(raw(mean)) or (1,))[-1]
    _, logdet = ag.linalg.slogdet(_matrix(cov, n))
    return 0.5 * (n * np.log(2.0 * np.pi * np.e) + logdet)
