"""The normal distribution, with mean `loc` and standard deviation `scale`."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd.scipy.names import borrowed
from autograd.scipy.special import log_ndtr, ndtr, ndtri

__getattr__ = borrowed(__name__, "stats.norm")


def logpdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The logarithm of the density."""
    z = (x - loc) / scale
    return -0.5 * z * z - 0.5 * np.log(2.0 * np.pi) - ag.log(scale)


def pdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The density."""
    return ag.exp(logpdf(x, loc, scale))


def cdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The probability below x."""
    return ndtr((x - loc) / scale)


def sf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The probability above x."""
    return ndtr((loc - x) / scale)


def logcdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The logarithm of the probability below x."""
    return log_ndtr((x - loc) / scale)


def logsf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The logarithm of the probability above x."""
    return log_ndtr((loc - x) / scale)


def ppf(q: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The x with probability q below it."""
    return loc + scale * ndtri(q)
