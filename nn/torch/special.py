"""torch.special: special functions, as far as there are ops."""

from __future__ import annotations

from typing import Any

import autograd
from nn.torch import refusals
from nn.torch.functions import activating, elementwise, reducing
from nn.torch.functions.arithmetic import xlogy as xlogy
from nn.torch.functions.calling import named
from nn.torch.promotion import floating

digamma = psi = elementwise.digamma
erf, erfc, erfinv = elementwise.erf, elementwise.erfc, elementwise.erfinv
exp2, expm1, log1p = elementwise.exp2, elementwise.expm1, elementwise.log1p
gammaln, i0, sinc = elementwise.lgamma, elementwise.i0, elementwise.sinc
logit, polygamma, round = elementwise.logit, elementwise.polygamma, elementwise.round
multigammaln = elementwise.mvlgamma
expit = activating.expit
softmax, log_softmax = activating.softmax, activating.log_softmax
logsumexp = reducing.logsumexp


def _of(op: Any, name: str) -> Any:
    return named(lambda input: op(floating(input)), name, op.__doc__ or "")


entr, ndtr, ndtri, i1 = (
    _of(op, name)
    for op, name in (
        (autograd.entr, "entr"), (autograd.ndtr, "ndtr"), (autograd.ndtri, "ndtri"),
        (autograd.i1, "i1"),
    )
)  # fmt: skip


def i0e(input: Any) -> Any:
    """e^−|x| · i0(x)."""
    x = floating(input)
    return autograd.exp(-autograd.abs(x)) * autograd.i0(x)


def i1e(input: Any) -> Any:
    """e^−|x| · i1(x)."""
    x = floating(input)
    return autograd.exp(-autograd.abs(x)) * autograd.i1(x)


def xlog1py(input: Any, other: Any) -> Any:
    """input · log(1 + other), and 0 where input is 0."""
    return xlogy(input, other + 1)


def __getattr__(name: str) -> Any:
    raise refusals.missing("torch.special", name)
