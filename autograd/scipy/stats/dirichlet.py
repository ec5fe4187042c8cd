"""The Dirichlet distribution with concentrations `alpha`."""

from __future__ import annotations

from typing import Any

import autograd as ag
from autograd.engine.operands import raw
from autograd.scipy.names import borrowed
from autograd.scipy.special import gammaln, xlogy

__getattr__ = borrowed(__name__, "stats.dirichlet")


def logpdf(x: Any, alpha: Any) -> Any:
    """The logarithm of the density at x, whose first axis sums to 1."""
    recorded = isinstance(x, ag.Tensor) or isinstance(alpha, ag.Tensor)
    x, alpha = ag.asarray(x), ag.asarray(alpha)
    if x.shape[0] == alpha.shape[0] - 1:  # the last is what is missing to 1
        x = ag.concatenate([x, 1.0 - ag.sum(x, axis=0, keepdims=True)])
    norm = gammaln(ag.sum(alpha)) - ag.sum(gammaln(alpha))
    density = norm + ag.sum(xlogy((alpha - 1.0), x.T).T, axis=0)
    return density if recorded else raw(density)


def pdf(x: Any, alpha: Any) -> Any:
    """The density at x."""
    return ag.exp(logpdf(x, alpha))
