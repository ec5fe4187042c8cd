"""The Poisson distribution with mean `mu`."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd.scipy.names import borrowed
from autograd.scipy.special import gammaincc, gammaln

__getattr__ = borrowed(__name__, "stats.poisson")


def _counted(k: Any) -> Any:
    """The counts, which have no derivative."""
    return k.detach() if isinstance(k, ag.Tensor) else np.asarray(k)


def logpmf(k: Any, mu: Any) -> Any:
    """The logarithm of the probability of k; -inf where k is no count."""
    k = _counted(k)
    count = (k >= 0) & (k == np.floor(k))
    kept = np.where(count, k, 0.0)
    return ag.where(count, ag.xlogy(kept, mu) - gammaln(kept + 1.0) - mu, -np.inf)


def pmf(k: Any, mu: Any) -> Any:
    """The probability of k."""
    return ag.exp(logpmf(k, mu))


def cdf(k: Any, mu: Any) -> Any:
    """The probability of k or less, with a derivative by mu."""
    return gammaincc(np.floor(_counted(k)) + 1.0, mu)
