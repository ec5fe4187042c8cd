"""torch.special: special functions."""

from __future__ import annotations

from typing import Any

import autograd
from autograd import special as ours
from nn.torch import refusals
from nn.torch.functions import activating, elementwise, reducing
from nn.torch.functions.arithmetic import floating_binary
from nn.torch.functions.arithmetic import xlogy as xlogy
from nn.torch.functions.calling import filled, named
from nn.torch.promotion import common, floating

digamma = psi = elementwise.digamma
erf, erfc, erfinv = elementwise.erf, elementwise.erfc, elementwise.erfinv
exp2, expm1, log1p = elementwise.exp2, elementwise.expm1, elementwise.log1p
gammaln, i0, sinc = elementwise.lgamma, elementwise.i0, elementwise.sinc
logit, polygamma, round = elementwise.logit, elementwise.polygamma, elementwise.round
multigammaln = elementwise.mvlgamma
expit = activating.expit
softmax, log_softmax = activating.softmax, activating.log_softmax
logsumexp = reducing.logsumexp


_UNARY = """entr ndtr ndtri i1 i0e i1e erfcx log_ndtr bessel_j0 bessel_j1 bessel_y0 bessel_y1
    modified_bessel_k0 modified_bessel_k1 scaled_modified_bessel_k0 scaled_modified_bessel_k1
    spherical_bessel_j0"""
_OF_DEGREE = """chebyshev_polynomial_t chebyshev_polynomial_u chebyshev_polynomial_v
    chebyshev_polynomial_w hermite_polynomial_h hermite_polynomial_he laguerre_polynomial_l
    legendre_polynomial_p shifted_chebyshev_polynomial_t shifted_chebyshev_polynomial_u
    shifted_chebyshev_polynomial_v shifted_chebyshev_polynomial_w"""


def _of(name: str) -> Any:
    op = getattr(autograd, name, None) or getattr(ours, name)

    def call(input: Any, *, out: Any = None) -> Any:
        return filled(out, op(floating(input)))

    return named(call, name, op.__doc__ or "")


def _of_degree(name: str) -> Any:
    op = getattr(ours, name)

    def call(input: Any, n: Any, *, out: Any = None) -> Any:
        x, degree = common(input, n)
        return filled(out, op(floating(x), autograd.trunc(degree)))

    return named(call, name, op.__doc__ or "")


for _name in _UNARY.split():
    globals()[_name] = _of(_name)
for _name in _OF_DEGREE.split():
    globals()[_name] = _of_degree(_name)
modified_bessel_i0, modified_bessel_i1 = i0, globals()["i1"]
gammainc, gammaincc, xlog1py, zeta = (
    floating_binary(getattr(ours, op), name, numbers=True)
    for op, name in (
        ("igamma", "gammainc"), ("igammac", "gammaincc"), ("xlog1py", "xlog1py"), ("zeta", "zeta"),
    )
)  # fmt: skip


def __getattr__(name: str) -> Any:
    raise refusals.missing("torch.special", name)
