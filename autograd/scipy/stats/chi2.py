"""The chi-squared distribution with `df` degrees of freedom."""

from __future__ import annotations

from typing import Any

from autograd.scipy.names import borrowed
from autograd.scipy.stats import gamma

__getattr__ = borrowed(__name__, "stats.chi2")


def logpdf(x: Any, df: Any) -> Any:
    """The logarithm of the density."""
    return gamma.logpdf(x, df / 2.0, 0.0, 2.0)


def pdf(x: Any, df: Any) -> Any:
    """The density."""
    return gamma.pdf(x, df / 2.0, 0.0, 2.0)


def cdf(x: Any, df: Any) -> Any:
    """The probability below x, with a derivative by x."""
    return gamma.cdf(x, df / 2.0, 0.0, 2.0)
