"""Student's t distribution with `df` degrees of freedom."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd.core import defvjp
from autograd.scipy.names import borrowed, scipys
from autograd.scipy.special import gammaln

__getattr__ = borrowed(__name__, "stats.t")


def logpdf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The logarithm of the density."""
    z = (x - loc) / scale
    norm = gammaln((df + 1) / 2.0) - gammaln(df / 2.0) - 0.5 * ag.log(df * np.pi)
    return norm - ag.log(scale) - (df + 1) / 2.0 * ag.log1p(z * z / df)


def pdf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The density."""
    return ag.exp(logpdf(x, df, loc, scale))


cdf = scipys("stats.t", "cdf")
logcdf = scipys("stats.t", "logcdf")
_PLACES = (0, 2, 3)  # x, loc, scale


def _slopes(density: Any) -> Any:
    """What the density at x says of the derivative by x, loc and scale."""

    def by(sign: Any) -> Any:
        return lambda ans, x, df, loc=0.0, scale=1.0: (
            lambda g: g * density(ans, x, df, loc, scale) * sign(x, loc, scale)
        )

    return by(lambda *_: 1.0), by(lambda *_: -1.0), by(lambda x, loc, scale: (loc - x) / scale)


defvjp(cdf, *_slopes(lambda ans, *args: pdf(*args)), argnums=_PLACES)
defvjp(logcdf, *_slopes(lambda ans, *args: np.exp(logpdf(*args) - ans)), argnums=_PLACES)
