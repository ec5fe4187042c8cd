"""Special functions, by SciPy's names."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd.core import defvjp
from autograd.engine.operands import raw
from autograd.scipy.names import borrowed, scipys

__getattr__ = borrowed(__name__, "special")

digamma = psi = ag.digamma
entr, erfinv, expit, gammaln = ag.entr, ag.erfinv, ag.expit, ag.gammaln
i0, i1, log_expit, log_softmax = ag.i0, ag.i1, ag.log_sigmoid, ag.log_softmax
logit, ndtr, ndtri, softmax, xlogy = ag.logit, ag.ndtr, ag.ndtri, ag.softmax, ag.xlogy


def polygamma(n: Any, x: Any) -> Any:
    """The derivatives of digamma: `n` of them, at `x`."""
    return ag.polygamma(n, x)


def gammasgn(x: Any) -> Any:
    """The sign of the gamma function at `x`."""
    x = np.asarray(raw(x))
    return np.where(x > 0, 1.0, np.where(np.floor(x) % 2 == 0, 1.0, -1.0))


def gamma(x: Any) -> Any:
    """The gamma function at `x`."""
    return ag.exp(gammaln(x)) * gammasgn(x)


def rgamma(x: Any) -> Any:
    """One divided by the gamma function at `x`."""
    return ag.exp(-gammaln(x)) * gammasgn(x)


def multigammaln(a: Any, d: int) -> Any:
    """The logarithm of the multivariate gamma function of dimension `d` at `a`."""
    steps = np.arange(d) / 2.0
    a = a[..., None] if np.ndim(raw(a)) else a
    return d * (d - 1) / 4.0 * np.log(np.pi) + ag.sum(gammaln(a - steps), axis=-1)


def betaln(a: Any, b: Any) -> Any:
    """The logarithm of the beta function at `a` and `b`."""
    return gammaln(a) + gammaln(b) - gammaln(a + b)


def beta(a: Any, b: Any) -> Any:
    """The beta function at `a` and `b`."""
    signs = gammasgn(a) * gammasgn(b) * gammasgn(raw(a) + raw(b))
    return ag.exp(betaln(a, b)) * signs


def erfcinv(x: Any) -> Any:
    """The inverse of erfc at `x`."""
    return -ndtri(x / 2.0) / np.sqrt(2.0)


def log_ndtr(x: Any) -> Any:
    """The logarithm of the standard normal distribution function, far below 0 by its series."""
    value = raw(x)
    is_far, is_right = value < -20.0, value > 0
    far = ag.where(is_far, x, -20.0)
    inverse = 1.0 / (far * far)
    series: Any = 1.0
    for factor in range(19, 0, -2):
        series = 1.0 - factor * inverse * series
    tail = -far * far / 2.0 - ag.log(-far) - 0.5 * np.log(2.0 * np.pi) + ag.log(series)
    right = ag.log1p(-ndtr(-ag.where(is_right, x, 0.0)))
    left = ag.log(ndtr(ag.where(is_far | is_right, 0.0, x)))
    return ag.where(is_right, right, ag.where(is_far, tail, left))


def logsumexp(
    a: Any, axis: Any = None, b: Any = None, keepdims: bool = False, return_sign: bool = False
) -> Any:
    """log Σ b exp(a), over `axis`; with `return_sign` of the modulus, and the sign beside it.

    `keepdims` leaves length 1 there.
    """
    if b is None and not return_sign:
        return ag.logsumexp(a, axis=axis, keepdims=keepdims)
    a, b = ag.asarray(a) + 0.0, 1.0 if b is None else b
    top = np.max(raw(a), axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    total = ag.sum(b * ag.exp(a - top), axis=axis, keepdims=keepdims)
    top = top if keepdims else np.reshape(top, total.shape)
    if return_sign:
        return ag.log(ag.abs(total)) + top, np.sign(raw(total))
    return ag.log(total) + top


def erf(x: Any) -> Any:
    """The error function at `x`, which may be complex."""
    return _complex_erf(x) if np.iscomplexobj(raw(x)) else ag.erf(x)


def erfc(x: Any) -> Any:
    """One minus the error function at `x`, which may be complex."""
    return _complex_erfc(x) if np.iscomplexobj(raw(x)) else ag.erfc(x)


# ---- values by SciPy -----------------------------------------------------------------------------

betainc, gammainc = scipys("special", "betainc"), scipys("special", "gammainc")
gammaincc = scipys("special", "gammaincc")
j0, j1, y0, y1, jn, yn, iv, ive, jv, yv, kv = (
    scipys("special", name)
    for name in ("j0", "j1", "y0", "y1", "jn", "yn", "iv", "ive", "jv", "yv", "kv")
)


_complex_erf, _complex_erfc = scipys("special", "erf"), scipys("special", "erfc")
defvjp(_complex_erf, lambda ans, x: lambda g: g * 2.0 / np.sqrt(np.pi) * np.exp(-(x**2)))
defvjp(_complex_erfc, lambda ans, x: lambda g: -g * 2.0 / np.sqrt(np.pi) * np.exp(-(x**2)))


def _power_density(a: Any, x: Any) -> Any:
    return np.exp(-x + (a - 1) * np.log(x) - gammaln(a))


defvjp(
    betainc,
    lambda ans, a, b, x: (
        lambda g: g * np.exp((a - 1) * np.log(x) + (b - 1) * np.log1p(-x) - betaln(a, b))
    ),
    argnums=(2,),
)
defvjp(gammainc, lambda ans, a, x: lambda g: g * _power_density(a, x), argnums=(1,))
defvjp(gammaincc, lambda ans, a, x: lambda g: -g * _power_density(a, x), argnums=(1,))
defvjp(j0, lambda ans, x: lambda g: -g * j1(x))
defvjp(y0, lambda ans, x: lambda g: -g * y1(x))
defvjp(j1, lambda ans, x: lambda g: g * (j0(x) - jn(2, x)) / 2.0)
defvjp(y1, lambda ans, x: lambda g: g * (y0(x) - yn(2, x)) / 2.0)
for _bessel in (jn, yn, jv, yv):
    defvjp(
        _bessel,
        None,
        lambda ans, n, x, f=_bessel: lambda g: g * (f(n - 1, x) - f(n + 1, x)) / 2.0,
    )
defvjp(iv, None, lambda ans, n, x: lambda g: g * (iv(n - 1, x) + iv(n + 1, x)) / 2.0)
defvjp(kv, None, lambda ans, n, x: lambda g: -g * (kv(n - 1, x) + kv(n + 1, x)) / 2.0)
defvjp(
    ive,
    None,
    lambda ans, n, x: lambda g: g * (ans * (n / x - np.sign(x)) + ive(n + 1, x)),
)
