"""The Kullback-Leibler divergence of pairs of distributions, where it has a closed form."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import MissingMethodError
from autograd.extend import raw
from nn.torch.distributions.by_transforms import Pareto
from nn.torch.distributions.categorical import Categorical, OneHotCategorical
from nn.torch.distributions.discrete import Bernoulli, Binomial, Geometric, Poisson
from nn.torch.distributions.gammas import Beta, Dirichlet, Gamma, InverseGamma
from nn.torch.distributions.location_scale import (
    Cauchy,
    Exponential,
    Gumbel,
    HalfCauchy,
    HalfNormal,
    Laplace,
    Normal,
    Uniform,
)
from nn.torch.distributions.multivariate import MultivariateNormal
from nn.torch.distributions.transform import sum_rightmost
from nn.torch.distributions.transformed import Independent, TransformedDistribution

__all__ = ["kl_divergence", "register_kl"]

_RULES: dict[tuple[type, type], Callable[[Any, Any], Any]] = {}
_EULER = 0.57721566490153286060


def register_kl(type_p: type, type_q: type) -> Callable[[Any], Any]:
    """Decorate a function (p, q) with the classes of the two for which it is right."""

    def decorator(function: Any) -> Any:
        _RULES[type_p, type_q] = function
        return function

    return decorator


def kl_divergence(p: Any, q: Any) -> Any:
    """The divergence of q from p, of each pair in the batch."""
    for a in type(p).__mro__:
        for b in type(q).__mro__:
            if (rule := _RULES.get((a, b))) is not None:
                return rule(p, q)
    raise MissingMethodError(
        f"No KL(p || q) is implemented for p type {type(p).__name__} and q type "
        f"{type(q).__name__}; estimate it by the mean of p.log_prob(x) - q.log_prob(x)"
    )


@register_kl(Normal, Normal)
def _normal(p: Any, q: Any) -> Any:
    ratio = (p.scale / q.scale) ** 2
    return 0.5 * (ratio + ((p.loc - q.loc) / q.scale) ** 2 - 1 - ag.log(ratio))


@register_kl(Cauchy, Cauchy)
def _cauchy(p: Any, q: Any) -> Any:
    apart = (p.scale + q.scale) ** 2 + (p.loc - q.loc) ** 2
    return ag.log(apart) - ag.log(4 * p.scale * q.scale)


@register_kl(HalfNormal, HalfNormal)
@register_kl(HalfCauchy, HalfCauchy)
def _half(p: Any, q: Any) -> Any:
    return kl_divergence(p._base, q._base)


@register_kl(Laplace, Laplace)
def _laplace(p: Any, q: Any) -> Any:
    ratio, apart = p.scale / q.scale, ag.abs(p.loc - q.loc)
    return -ag.log(ratio) + apart / q.scale + ratio * ag.exp(-apart / p.scale) - 1


@register_kl(Gumbel, Gumbel)
def _gumbel(p: Any, q: Any) -> Any:
    ct1, ct2, ct3 = p.scale / q.scale, q.loc / q.scale, p.loc / q.scale
    t1 = -ag.log(ct1) - ct2 + ct3
    t2, t3 = ct1 * _EULER, ag.exp(ct2 + ag.gammaln(1 + ct1) - ct3)
    return t1 + t2 + t3 - (1 + _EULER)


@register_kl(Exponential, Exponential)
def _exponential(p: Any, q: Any) -> Any:
    ratio = q.rate / p.rate
    return -ag.log(ratio) + ratio - 1


@register_kl(Uniform, Uniform)
def _uniform(p: Any, q: Any) -> Any:
    found = ag.log((q.high - q.low) / (p.high - p.low))
    outside = (raw(q.low) > raw(p.low)) | (raw(q.high) < raw(p.high))
    return ag.where(outside, math.inf, found)


@register_kl(Pareto, Pareto)
def _pareto(p: Any, q: Any) -> Any:
    ratio = q.alpha / p.alpha
    found = q.alpha * ag.log(p.scale / q.scale) - ag.log(ratio) + ratio - 1
    return ag.where(raw(p.scale) < raw(q.scale), math.inf, found)


@register_kl(InverseGamma, InverseGamma)
@register_kl(Gamma, Gamma)
def _gamma(p: Any, q: Any) -> Any:
    a, b = p.concentration, q.concentration
    t1 = b * ag.log(p.rate / q.rate) + ag.gammaln(b) - ag.gammaln(a)
    return t1 + (a - b) * ag.digamma(a) + (q.rate - p.rate) * (a / p.rate)


@register_kl(Beta, Beta)
def _beta(p: Any, q: Any) -> Any:
    return _dirichlet(p._pair, q._pair)


@register_kl(Dirichlet, Dirichlet)
def _dirichlet(p: Any, q: Any) -> Any:
    a, b = p.concentration, q.concentration
    total = ag.sum(a, axis=-1)
    t1 = ag.gammaln(total) - ag.gammaln(ag.sum(b, axis=-1))
    t2 = ag.sum(ag.gammaln(a) - ag.gammaln(b), axis=-1)
    t3 = (a - b) * (ag.digamma(a) - ag.digamma(ag.expand_dims(total, -1)))
    return t1 - t2 + ag.sum(t3, axis=-1)


@register_kl(Bernoulli, Bernoulli)
def _bernoulli(p: Any, q: Any) -> Any:
    yes = p.probs * (ag.softplus(-q.logits) - ag.softplus(-p.logits))
    no = (1 - p.probs) * (ag.softplus(q.logits) - ag.softplus(p.logits))
    return _certain(p.probs, yes, 0) + _certain(p.probs, no, 1)


def _certain(probs: Any, term: Any, at: int) -> Any:
    """A term, which is 0 where the probability is 0 (or 1) exactly."""
    is_sure = np.asarray(raw(probs)) == at
    return ag.where(is_sure, 0.0, term) if is_sure.any() else term


@register_kl(Binomial, Binomial)
def _binomial(p: Any, q: Any) -> Any:
    found = p.total_count * (
        p.probs * (p.logits - q.logits) + ag.log1p(-p.probs) - ag.log1p(-q.probs)
    )
    fewer = np.asarray(raw(p.total_count)) > raw(q.total_count)
    return ag.where(fewer, math.inf, found) if fewer.any() else found


@register_kl(Geometric, Geometric)
def _geometric(p: Any, q: Any) -> Any:
    return -p.entropy() - ag.log1p(-q.probs) / p.probs - q.logits


@register_kl(Poisson, Poisson)
def _poisson(p: Any, q: Any) -> Any:
    return p.rate * (ag.log(p.rate) - ag.log(q.rate)) - (p.rate - q.rate)


@register_kl(Categorical, Categorical)
def _categorical(p: Any, q: Any) -> Any:
    terms = p.probs * (p.logits - q.logits)
    never, impossible = np.asarray(raw(p.probs)) == 0, np.asarray(raw(q.probs)) == 0
    if impossible.any():
        terms = ag.where(np.broadcast_to(impossible, np.shape(raw(terms))), math.inf, terms)
    if never.any():
        terms = ag.where(np.broadcast_to(never, np.shape(raw(terms))), 0.0, terms)
    return ag.sum(terms, axis=-1)


@register_kl(OneHotCategorical, OneHotCategorical)
def _one_hot(p: Any, q: Any) -> Any:
    return _categorical(p._categorical, q._categorical)


@register_kl(MultivariateNormal, MultivariateNormal)
def _multivariate(p: Any, q: Any) -> Any:
    a, b = p._unbroadcasted_scale_tril, q._unbroadcasted_scale_tril
    size = p.event_shape[0]
    batch = np.broadcast_shapes(tuple(p.batch_shape), tuple(q.batch_shape))
    b = ag.broadcast_to(b, (*batch, size, size))
    spread = ag.linalg.solve(b, ag.broadcast_to(a, (*batch, size, size)))
    apart = ag.broadcast_to(ag.expand_dims(q.loc - p.loc, -1), (*batch, size, 1))
    moved = ag.linalg.solve(b, apart)
    distance = ag.sum(spread**2, axis=(-2, -1)) + ag.sum(moved**2, axis=(-2, -1))
    return q._half_log_det - p._half_log_det + 0.5 * (distance - size)


@register_kl(Independent, Independent)
def _independent(p: Any, q: Any) -> Any:
    if p.reinterpreted_batch_ndims != q.reinterpreted_batch_ndims:
        raise MissingMethodError("No KL of Independents of different reinterpreted_batch_ndims")
    return sum_rightmost(kl_divergence(p.base_dist, q.base_dist), p.reinterpreted_batch_ndims)


@register_kl(TransformedDistribution, TransformedDistribution)
def _transformed(p: Any, q: Any) -> Any:
    if p.transforms != q.transforms or p.event_shape != q.event_shape:
        raise MissingMethodError("No KL of distributions that are transformed in different ways")
    return kl_divergence(p.base_dist, q.base_dist)
