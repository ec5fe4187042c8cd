"""Special functions, by SciPy's names."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

import autograd as ag
from autograd.core import defvjp
from autograd.engine.arguments import spelled
from autograd.engine.operands import raw
from autograd.errors import ArgumentError
from autograd.ops.special import functions as ours
from autograd.scipy.names import borrowed, scipys

__getattr__ = borrowed(__name__, "special")

# by the names of the functions here, and SciPy's for the same
erfcx, hyp1f1, i0e, i1e = ours.erfcx, ours.hyp1f1, ours.i0e, ours.i1e
j0, j1, y0, y1 = ours.bessel_j0, ours.bessel_j1, ours.bessel_y0, ours.bessel_y1
k0, k0e = ours.modified_bessel_k0, ours.scaled_modified_bessel_k0
k1, k1e = ours.modified_bessel_k1, ours.scaled_modified_bessel_k1
log_ndtr, multigammaln, xlog1py = ours.log_ndtr, ours.multigammaln, ours.xlog1py
gammainc, gammaincc = ours.igamma, ours.igammac
cbrt, exp2, expm1, log1p, sinc, round = ag.cbrt, ag.exp2, ag.expm1, ag.log1p, ag.sinc, ag.round
digamma = psi = ag.digamma
entr, erfinv, expit, gammaln = ag.entr, ag.erfinv, ag.expit, ag.gammaln
i0, i1, log_expit, log_softmax = ag.i0, ag.i1, ag.log_sigmoid, ag.log_softmax
logit, ndtr, ndtri, softmax, xlogy = ag.logit, ag.ndtr, ag.ndtri, ag.softmax, ag.xlogy


def polygamma(n: Any, x: Any) -> Any:
    """The derivatives of digamma: `n` of them, at `x`."""
    return ag.polygamma(n, x)


def _of_arrays(function: Any) -> Any:
    """A function of arrays as one of lists of numbers, or of Tensors, too."""

    @functools.wraps(function)
    def call(*args: Any) -> Any:
        return function(*[ag.asarray(v) if isinstance(v, (list, tuple)) else v for v in args])

    return call


@_of_arrays
def gammasgn(x: Any) -> Any:
    """The sign of the gamma function at `x`."""
    value: Any = x if isinstance(x, ag.Tensor) else np.asarray(x)
    return np.where(value > 0, 1.0, np.where(np.floor(value) % 2 == 0, 1.0, -1.0))


def gamma(x: Any) -> Any:
    """The gamma function at `x`."""
    return ag.exp(gammaln(x)) * gammasgn(x)


def rgamma(x: Any) -> Any:
    """One divided by the gamma function at `x`."""
    return ag.exp(-gammaln(x)) * gammasgn(x)


@_of_arrays
def betaln(a: Any, b: Any) -> Any:
    """The logarithm of the beta function at `a` and `b`."""
    return gammaln(a) + gammaln(b) - gammaln(a + b)


@_of_arrays
def beta(a: Any, b: Any) -> Any:
    """The beta function at `a` and `b`."""
    signs = gammasgn(a) * gammasgn(b) * gammasgn(a + b)
    return ag.exp(betaln(a, b)) * signs


@_of_arrays
def erfcinv(x: Any) -> Any:
    """The inverse of erfc at `x`."""
    return -ndtri(x / 2.0) / np.sqrt(2.0)


@_of_arrays
def chdtr(v: Any, x: Any) -> Any:
    """The distribution function of χ² with `v` degrees of freedom, at `x`."""
    return ours.igamma(v / 2, x / 2)


@_of_arrays
def chdtrc(v: Any, x: Any) -> Any:
    """One less the distribution function of χ² with `v` degrees of freedom, at `x`."""
    return ours.igammac(v / 2, x / 2)


@_of_arrays
def gdtr(a: Any, b: Any, x: Any) -> Any:
    """The gamma distribution function of rate `a` and shape `b`, at `x`."""
    return ours.igamma(b, a * x)


@_of_arrays
def gdtrc(a: Any, b: Any, x: Any) -> Any:
    """One less the gamma distribution function of rate `a` and shape `b`, at `x`."""
    return ours.igammac(b, a * x)


def pdtr(k: Any, m: Any) -> Any:
    """The probability that a Poisson number of mean `m` is at most `k`."""
    return ours.igammac(ag.floor(k) + 1, m)


def pdtrc(k: Any, m: Any) -> Any:
    """The probability that a Poisson number of mean `m` is more than `k`."""
    return ours.igamma(ag.floor(k) + 1, m)


@_of_arrays
def rel_entr(x: Any, y: Any) -> Any:
    """x log(x / y): 0 where `x` is 0 and `y` is not negative, infinite where one is below 0."""
    dtype = np.result_type(raw(x), raw(y), np.float16)
    x, y = (v if isinstance(v, ag.Tensor) else np.asarray(v, dtype) for v in (x, y))
    inside = (x > 0) & (y > 0)
    one = dtype.type(1)
    found = x * ag.log(ag.where(inside, x, one) / ag.where(inside, y, one))
    beside = np.where(np.equal(x, 0) & (y >= 0), 0.0, np.inf)
    known = inside | np.isnan(x) | np.isnan(y)
    return ag.where(known, found, np.astype(beside, found.dtype))


@_of_arrays
def kl_div(x: Any, y: Any) -> Any:
    """x log(x / y) - x + y."""
    return rel_entr(x, y) - x + y


def exp10(x: Any) -> Any:
    """10 to the power of `x`."""
    return ag.power(10.0, x)


def zeta(x: Any, q: Any = None, out: Any = None) -> Any:
    """Hurwitz' zeta function at `x` and `q`, or Riemann's."""
    if out is not None:
        raise ArgumentError("scipy.special.zeta: there is no out= here; use what it returns")
    return ours.zeta(x, 1.0 if q is None else q)


def _of_degree(function: Any) -> Any:
    """A polynomial with its degree first, as SciPy has it."""

    def call(n: Any, x: Any) -> Any:
        return function(x, n)

    call.__name__ = call.__qualname__ = function.__name__
    call.__doc__ = function.__doc__
    return call


eval_chebyt, eval_chebyu = map(
    _of_degree, (ours.chebyshev_polynomial_t, ours.chebyshev_polynomial_u)
)
eval_sh_chebyt, eval_sh_chebyu = map(
    _of_degree, (ours.shifted_chebyshev_polynomial_t, ours.shifted_chebyshev_polynomial_u)
)
eval_hermite, eval_hermitenorm = map(
    _of_degree, (ours.hermite_polynomial_h, ours.hermite_polynomial_he)
)
eval_laguerre, eval_legendre = map(
    _of_degree, (ours.laguerre_polynomial_l, ours.legendre_polynomial_p)
)


@spelled
def logsumexp(
    a: Any, axis: Any = None, b: Any = None, keepdims: bool = False, return_sign: bool = False
) -> Any:
    """log Σ b exp(a), over `axis`; with `return_sign` of the modulus, and the sign beside it.

    `keepdims` leaves length 1 there.
    """
    if b is None and not return_sign:
        return ag.logsumexp(a, axis=axis, keepdims=keepdims)
    a, b = ag.asarray(a) + 0.0, 1.0 if b is None else b
    top = np.max(a.detach(), axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    total = ag.sum(b * ag.exp(a - top), axis=axis, keepdims=keepdims)
    top = top if keepdims else np.reshape(top, total.shape)
    if return_sign:
        return ag.log(ag.abs(total)) + top, np.sign(total.detach())
    return ag.log(total) + top


def erf(x: Any) -> Any:
    """The error function at `x`, which may be complex."""
    return _complex_erf(x) if np.iscomplexobj(raw(x)) else ag.erf(x)


def erfc(x: Any) -> Any:
    """One minus the error function at `x`, which may be complex."""
    return _complex_erfc(x) if np.iscomplexobj(raw(x)) else ag.erfc(x)


# ---- values by SciPy -----------------------------------------------------------------------------

betainc = scipys("special", "betainc")
jn, yn, iv, ive, jv, yv, kv = (
    scipys("special", name) for name in ("jn", "yn", "iv", "ive", "jv", "yv", "kv")
)


_complex_erf, _complex_erfc = scipys("special", "erf"), scipys("special", "erfc")
defvjp(_complex_erf, lambda ans, x: lambda g: g * 2.0 / np.sqrt(np.pi) * np.exp(-(x**2)))
defvjp(_complex_erfc, lambda ans, x: lambda g: -g * 2.0 / np.sqrt(np.pi) * np.exp(-(x**2)))


defvjp(
    betainc,
    lambda ans, a, b, x: (
        lambda g: g * np.exp((a - 1) * np.log(x) + (b - 1) * np.log1p(-x) - betaln(a, b))
    ),
    argnums=(2,),
)
for _bessel in (jn, yn, jv, yv):
    defvjp(
        _bessel,
        lambda ans, n, x, f=_bessel: lambda g: g * (f(n - 1, x) - f(n + 1, x)) / 2.0,
        argnums=(1,),
    )
defvjp(iv, lambda ans, n, x: lambda g: g * (iv(n - 1, x) + iv(n + 1, x)) / 2.0, argnums=(1,))
defvjp(kv, lambda ans, n, x: lambda g: -g * (kv(n - 1, x) + kv(n + 1, x)) / 2.0, argnums=(1,))
defvjp(
    ive,
    lambda ans, n, x: lambda g: g * (ans * (n / x - np.sign(x)) + ive(n + 1, x)),
    argnums=(1,),
)
