"""Distributions made of others: transformed, with fewer axes in the batch, or mixed."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import ArgumentError, ArgumentTypeError
from autograd.extend import raw
from nn.torch.distributions import constraints
from nn.torch.distributions.distribution import Distribution
from nn.torch.distributions.location_scale import Exponential, Normal, Uniform
from nn.torch.distributions.parameters import filled, broadcast, constant
from nn.torch.distributions.transforms import (
    AffineTransform,
    ComposeTransform,
    ExpTransform,
    PowerTransform,
    StickBreakingTransform,
    Transform,
    sum_rightmost,
)

__all__ = [
    "Independent",
    "Kumaraswamy",
    "LogNormal",
    "LogisticNormal",
    "MixtureSameFamily",
    "Pareto",
    "TransformedDistribution",
    "Weibull",
]


class Independent(Distribution):
    """A distribution of which the last axes of the batch are axes of one outcome."""

    arg_constraints: Any = {}

    def __init__(
        self,
        base_distribution: Any,
        reinterpreted_batch_ndims: int,
        validate_args: bool | None = None,
    ) -> None:
        batch, count = base_distribution.batch_shape, reinterpreted_batch_ndims
        if count > len(batch):
            raise ArgumentError(
                "Expected reinterpreted_batch_ndims <= len(base_distribution.batch_shape), "
                f"actual {count} vs {len(batch)}"
            )
        self.base_dist, self.reinterpreted_batch_ndims = base_distribution, count
        keep = len(batch) - count
        event = (*batch[keep:], *base_distribution.event_shape)
        super().__init__(batch[:keep], event, validate_args)

    @property
    def has_rsample(self) -> Any:  # type: ignore[override] # as the base has
        return self.base_dist.has_rsample

    @property
    def support(self) -> Any:  # type: ignore[override] # of the base
        found = self.base_dist.support
        count = self.reinterpreted_batch_ndims
        return constraints.independent(found, count) if count and found is not None else found

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        count = self.reinterpreted_batch_ndims
        inner = self.event_shape[:count]
        return Independent(self.base_dist.expand((*batch_shape, *inner)), count, False)

    @property
    def mean(self) -> Any:
        return self.base_dist.mean

    @property
    def mode(self) -> Any:
        return self.base_dist.mode

    @property
    def variance(self) -> Any:
        return self.base_dist.variance

    def sample(self, sample_shape: Any = ()) -> Any:
        return self.base_dist.sample(sample_shape)

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self.base_dist.rsample(sample_shape)

    def log_prob(self, value: Any) -> Any:
        return sum_rightmost(self.base_dist.log_prob(value), self.reinterpreted_batch_ndims)

    def entropy(self) -> Any:
        return sum_rightmost(self.base_dist.entropy(), self.reinterpreted_batch_ndims)

    def __repr__(self) -> str:
        return f"Independent({self.base_dist}, {self.reinterpreted_batch_ndims})"


class TransformedDistribution(Distribution):
    """What transforms make of the outcomes of a distribution."""

    arg_constraints: Any = {}

    def __init__(
        self, base_distribution: Any, transforms: Any, validate_args: bool | None = None
    ) -> None:
        self.transforms = [transforms] if isinstance(transforms, Transform) else [*transforms]
        if not all(isinstance(t, Transform) for t in self.transforms):
            raise ArgumentTypeError("transforms must be a Transform or list of Transforms")
        whole = ComposeTransform(self.transforms)
        shape = (*base_distribution.batch_shape, *base_distribution.event_shape)
        after = whole.forward_shape(shape)
        before = tuple(whole.inverse_shape(after))
        if before != tuple(shape):  # a parameter of a transform is larger than the batch
            batch = before[: len(before) - len(base_distribution.event_shape)]
            base_distribution = base_distribution.expand(batch)
        more = whole.domain.event_dim - len(base_distribution.event_shape)
        if more > 0:
            base_distribution = Independent(base_distribution, more)
        self.base_dist = base_distribution
        grown = whole.codomain.event_dim - whole.domain.event_dim
        event_dim = max(whole.codomain.event_dim, len(base_distribution.event_shape) + grown)
        cut = len(after) - event_dim
        super().__init__(after[:cut], after[cut:], validate_args)

    @property
    def has_rsample(self) -> Any:  # type: ignore[override] # as the base has
        return self.base_dist.has_rsample

    @property
    def support(self) -> Any:  # type: ignore[override] # of the last transform
        if not self.transforms:
            return self.base_dist.support
        found = self.transforms[-1].codomain
        more = len(self.event_shape) - found.event_dim
        return constraints.independent(found, more) if more > 0 else found

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        whole = ComposeTransform(self.transforms)
        inner = whole.inverse_shape((*batch_shape, *self.event_shape))
        cut = len(inner) - len(self.base_dist.event_shape)
        return TransformedDistribution(self.base_dist.expand(inner[:cut]), self.transforms, False)

    def sample(self, sample_shape: Any = ()) -> Any:
        with ag.no_grad():
            return self._forward(self.base_dist.sample(sample_shape))

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self._forward(self.base_dist.rsample(sample_shape))

    def _forward(self, x: Any) -> Any:
        for transform in self.transforms:
            x = transform(x)
        return x

    def log_prob(self, value: Any) -> Any:
        y = self._checked(value)
        event_dim, total = len(self.event_shape), 0.0
        for transform in reversed(self.transforms):
            x = transform._inv_call(y)
            event_dim += transform.domain.event_dim - transform.codomain.event_dim
            found = transform.log_abs_det_jacobian(x, y)
            total = total - sum_rightmost(found, event_dim - transform.domain.event_dim)
            y = x
        base = self.base_dist.log_prob(y)
        return total + sum_rightmost(base, event_dim - len(self.base_dist.event_shape))

    def cdf(self, value: Any) -> Any:
        value = self._checked(value)
        for transform in reversed(self.transforms):
            value = transform._inv_call(value)
        return self._monotone(self.base_dist.cdf(value))

    def icdf(self, value: Any) -> Any:
        return self._forward(self.base_dist.icdf(self._monotone(value)))

    def _monotone(self, value: Any) -> Any:
        sign = ComposeTransform(self.transforms).sign
        return value if isinstance(sign, int) and sign == 1 else sign * (value - 0.5) + 0.5

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class LogNormal(TransformedDistribution):
    """e to a normal number."""

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.positive  # type: ignore[assignment] # it is known
    has_rsample = True  # type: ignore[assignment]

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        base = Normal(loc, scale, validate_args)
        super().__init__(base, ExpTransform(), validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        base = self.base_dist.expand(batch_shape)
        return LogNormal(base.loc, base.scale, False)

    @property
    def loc(self) -> Any:
        """The mean of the normal number."""
        return self.base_dist.loc

    @property
    def scale(self) -> Any:
        """Its standard deviation."""
        return self.base_dist.scale

    @property
    def mean(self) -> Any:
        return ag.exp(self.loc + self.scale**2 / 2)

    @property
    def mode(self) -> Any:
        return ag.exp(self.loc - self.scale**2)

    @property
    def variance(self) -> Any:
        return ag.expm1(self.scale**2) * ag.exp(2 * self.loc + self.scale**2)

    def entropy(self) -> Any:
        return self.base_dist.entropy() + self.loc


class LogisticNormal(TransformedDistribution):
    """Shares that a normal vector breaks off a stick."""

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        base = Normal(loc, scale, validate_args)
        super().__init__(base, StickBreakingTransform(), validate_args)


class Weibull(TransformedDistribution):
    """Times of failure: a power of an exponential number."""

    arg_constraints = {"scale": constraints.positive, "concentration": constraints.positive}
    support = constraints.positive  # type: ignore[assignment] # it is known

    def __init__(self, scale: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self.scale, self.concentration = broadcast(scale, concentration)
        transforms = [PowerTransform(1 / self.concentration), AffineTransform(0, self.scale)]
        base = Exponential(filled(self.scale, 1.0), validate_args)
        super().__init__(base, transforms, validate_args)

    @property
    def mean(self) -> Any:
        return self.scale * ag.exp(ag.gammaln(1 + 1 / self.concentration))

    @property
    def mode(self) -> Any:
        c = self.concentration
        with np.errstate(invalid="ignore"):  # there is none for a concentration below 1
            return self.scale * ((c - 1) / c) ** (1 / c)

    @property
    def variance(self) -> Any:
        c = 1 / self.concentration
        return self.scale**2 * (ag.exp(ag.gammaln(1 + 2 * c)) - ag.exp(2 * ag.gammaln(1 + c)))

    def entropy(self) -> Any:
        c = 1 / self.concentration
        return np.euler_gamma * (1 - c) + ag.log(self.scale * c) + 1


class Pareto(TransformedDistribution):
    """Numbers from `scale` on whose logarithms are exponential."""

    arg_constraints = {"alpha": constraints.positive, "scale": constraints.positive}

    def __init__(self, scale: Any, alpha: Any, validate_args: bool | None = None) -> None:
        self.scale, self.alpha = broadcast(scale, alpha)
        transforms = [ExpTransform(), AffineTransform(0, self.scale)]
        super().__init__(Exponential(self.alpha, validate_args), transforms, validate_args)

    @property
    def support(self) -> Any:
        return constraints.greater_than_eq(self.scale)

    @property
    def mean(self) -> Any:
        exists = raw(self.alpha) > 1
        a = ag.where(exists, self.alpha, 2.0)
        return ag.where(exists, a * self.scale / (a - 1), math.inf)

    @property
    def mode(self) -> Any:
        return self.scale

    @property
    def variance(self) -> Any:
        exists = raw(self.alpha) > 2
        a = ag.where(exists, self.alpha, 3.0)
        return ag.where(exists, self.scale**2 * a / ((a - 1) ** 2 * (a - 2)), math.inf)

    def entropy(self) -> Any:
        return ag.log(self.scale / self.alpha) + (1 + 1 / self.alpha)


class Kumaraswamy(TransformedDistribution):
    """Shares much like those of a Beta, in closed form."""

    arg_constraints = {
        "concentration1": constraints.positive, "concentration0": constraints.positive,
    }  # fmt: skip
    support = constraints.unit_interval  # type: ignore[assignment] # it is known

    def __init__(
        self, concentration1: Any, concentration0: Any, validate_args: bool | None = None
    ) -> None:
        self.concentration1, self.concentration0 = broadcast(concentration1, concentration0)
        base = Uniform(filled(self.concentration0, 0.0), 1.0, False)
        transforms = [
            PowerTransform(1 / self.concentration0), AffineTransform(1.0, -1.0),
            PowerTransform(1 / self.concentration1),
        ]  # fmt: skip
        super().__init__(base, transforms, validate_args)

    def _moment(self, n: int) -> Any:
        a, b = 1 + n / self.concentration1, self.concentration0
        return b * ag.exp(ag.gammaln(a) + ag.gammaln(b) - ag.gammaln(a + b))

    @property
    def mean(self) -> Any:
        return self._moment(1)

    @property
    def variance(self) -> Any:
        return self._moment(2) - self._moment(1) ** 2

    def entropy(self) -> Any:
        a, b = self.concentration1, self.concentration0
        harmonic = ag.digamma(b + 1) + np.euler_gamma
        return (1 - 1 / b) + (1 - 1 / a) * harmonic - ag.log(a) - ag.log(b)


class MixtureSameFamily(Distribution):
    """One of several distributions of a family, the last axis of a batch, chosen each time."""

    arg_constraints: Any = {}

    def __init__(
        self,
        mixture_distribution: Any,
        component_distribution: Any,
        validate_args: bool | None = None,
    ) -> None:
        self._mixture_distribution = mixture_distribution
        self._component_distribution = component_distribution
        count = component_distribution.batch_shape[-1] if component_distribution.batch_shape else 0
        if mixture_distribution._num_events != count:
            raise ArgumentError(
                f"`mixture_distribution component` ({mixture_distribution._num_events}) does not "
                f"equal `component_distribution.batch_shape[-1]` ({count})"
            )
        super().__init__(
            component_distribution.batch_shape[:-1],
            component_distribution.event_shape,
            validate_args,
        )

    @property
    def mixture_distribution(self) -> Any:
        """What chooses among the components."""
        return self._mixture_distribution

    @property
    def component_distribution(self) -> Any:
        """The components."""
        return self._component_distribution

    @property
    def support(self) -> Any:  # type: ignore[override] # of the components
        return self._component_distribution.support

    def _weights(self) -> Any:
        probs = self._mixture_distribution.probs
        return ag.reshape(probs, (*np.shape(raw(probs)), *[1] * len(self.event_shape)))

    def _weighted(self, values: Any) -> Any:
        return ag.sum(self._weights() * values, axis=-1 - len(self.event_shape))

    @property
    def mean(self) -> Any:
        return self._weighted(self._component_distribution.mean)

    @property
    def variance(self) -> Any:
        means, axis = self._component_distribution.mean, -1 - len(self.event_shape)
        apart = (means - ag.expand_dims(self.mean, axis)) ** 2
        return self._weighted(self._component_distribution.variance) + self._weighted(apart)

    def log_prob(self, value: Any) -> Any:
        value = ag.expand_dims(self._checked(value), -1 - len(self.event_shape))
        found = self._component_distribution.log_prob(value)
        weights = ag.log_softmax(self._mixture_distribution.logits, axis=-1)
        return ag.logsumexp(found + weights, axis=-1)

    def cdf(self, value: Any) -> Any:
        value = ag.expand_dims(self._checked(value), -1)
        return ag.sum(
            self._component_distribution.cdf(value) * self._mixture_distribution.probs, axis=-1
        )

    def sample(self, sample_shape: Any = ()) -> Any:
        chosen = np.asarray(raw(self._mixture_distribution.sample(sample_shape)))
        found = np.asarray(raw(self._component_distribution.sample(sample_shape)))
        axis = found.ndim - len(self.event_shape) - 1
        index = chosen.reshape(*chosen.shape, 1, *[1] * len(self.event_shape))
        index = np.broadcast_to(index, (*found.shape[:axis], 1, *found.shape[axis + 1 :]))
        return constant(np.take_along_axis(found, index, axis).squeeze(axis))

    def __repr__(self) -> str:
        return f"MixtureSameFamily(\n  {self.mixture_distribution},\n  {self.component_distribution})"


