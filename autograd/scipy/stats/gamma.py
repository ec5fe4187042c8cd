"""The gamma distribution with shape `a`."""

from __future__ import annotations

from typing import Any

import autograd as ag
from autograd.scipy.names import borrowed
from autograd.scipy.special import gammainc, gammaln

__getattr__ = borrowed(__name__, "stats.gamma")


def logpdf(x: Any, a: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The logarithm of the density."""
    z = (x - loc) / scale
    return (a - 1.0) * ag.log(z) - z - gammaln(a) - ag.log(scale)


def pdf(x: Any, a: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The density."""
    return ag.exp(logpdf(x, a, loc, scale))


def cdf(x: Any, a: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The probability below x, with a derivative by x, loc and scale."""
    return gammainc(a, (x - loc) / scale)
