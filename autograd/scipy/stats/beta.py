"""The beta distribution with shapes `a` and `b`."""

from __future__ import annotations

from typing import Any

import autograd as ag
from autograd.scipy.names import borrowed
from autograd.scipy.special import betainc, betaln

__getattr__ = borrowed(__name__, "stats.beta")


def logpdf(x: Any, a: Any, b: Any) -> Any:
    """The logarithm of the density."""
    return (a - 1.0) * ag.log(x) + (b - 1.0) * ag.log1p(-x) - betaln(a, b)


def pdf(x: Any, a: Any, b: Any) -> Any:
    """The density."""
    return ag.exp(logpdf(x, a, b))


def cdf(x: Any, a: Any, b: Any) -> Any:
    """The probability below x, with a derivative by x."""
    return betainc(a, b, x)
