"""Distributions on the real line, or its half, by a place and a width."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

import autograd as ag
from autograd.errors import ArgumentError
from autograd.extend import raw
from nn.torch.distributions import constraints
from nn.torch.distributions.distribution import Distribution, ExponentialFamily
from nn.torch.distributions.parameters import broadcast, drawn, filled, tensor
from nn.torch.tensor import as_face

__all__ = [
    "Cauchy",
    "Exponential",
    "Gumbel",
    "HalfCauchy",
    "HalfNormal",
    "Laplace",
    "Normal",
    "Uniform",
]

_EULER = 0.57721566490153286060


class _LocScale(Distribution):
    """Two parameters, `loc` and `scale`, and a draw that is moved and stretched by them."""

    has_rsample = True
    arg_constraints: ClassVar[Any] = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.real

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = broadcast(loc, scale)
        super().__init__(np.shape(raw(self.loc)), (), validate_args)

    def _standard(self, shape: Any) -> Any:
        raise self._missing("rsample")

    def rsample(self, sample_shape: Any = ()) -> Any:
        """Outcomes with gradients: loc + scale · a standard draw."""
        return self.loc + self.scale * self._standard(self._extended_shape(sample_shape))

    def _scaled(self, value: Any) -> Any:
        return (self._checked(value) - self.loc) / self.scale

    @property
    def mean(self) -> Any:
        return self.loc

    @property
    def mode(self) -> Any:
        return self.loc


class Normal(_LocScale, ExponentialFamily):
    """The normal distribution, by its mean `loc` and its standard deviation `scale`."""

    def _standard(self, shape: Any) -> Any:
        return drawn("standard_normal", shape, raw(self.loc).dtype)

    @property
    def stddev(self) -> Any:
        return self.scale

    @property
    def variance(self) -> Any:
        return self.scale**2

    def log_prob(self, value: Any) -> Any:
        z = self._scaled(value)
        return -(z**2) / 2 - ag.log(self.scale) - math.log(math.sqrt(2 * math.pi))

    def cdf(self, value: Any) -> Any:
        return ag.ndtr(self._scaled(value))  # 1 + erf loses the digits of small ones

    def icdf(self, value: Any) -> Any:
        return self.loc + self.scale * ag.ndtri(value)

    def entropy(self) -> Any:
        return 0.5 + 0.5 * math.log(2 * math.pi) + ag.log(self.scale)


class Laplace(_LocScale):
    """Two exponential distributions back to back."""

    def _standard(self, shape: Any) -> Any:
        dtype = raw(self.loc).dtype
        tiny = np.finfo(dtype).eps
        u = ag.clip(2 * drawn("random", shape, dtype) - 1, float(tiny) - 1, 1 - float(tiny))
        return as_face(-ag.sign(u) * ag.log1p(-ag.abs(u)))

    @property
    def stddev(self) -> Any:
        return math.sqrt(2) * self.scale

    @property
    def variance(self) -> Any:
        return 2 * self.scale**2

    def log_prob(self, value: Any) -> Any:
        return -ag.log(2 * self.scale) - ag.abs(self._scaled(value))

    def cdf(self, value: Any) -> Any:
        z = self._scaled(value)
        return 0.5 - 0.5 * ag.sign(z) * ag.expm1(-ag.abs(z))

    def icdf(self, value: Any) -> Any:
        term = value - 0.5
        return self.loc - self.scale * ag.sign(term) * ag.log1p(-2 * ag.abs(term))

    def entropy(self) -> Any:
        return 1 + ag.log(2 * self.scale)


class Cauchy(_LocScale):
    """The ratio of two normal numbers: it has no mean."""

    def _standard(self, shape: Any) -> Any:
        return drawn("standard_cauchy", shape, raw(self.loc).dtype)

    @property
    def mean(self) -> Any:
        return filled(self.loc, math.nan)

    @property
    def variance(self) -> Any:
        return filled(self.loc, math.inf)

    def log_prob(self, value: Any) -> Any:
        return -math.log(math.pi) - ag.log(self.scale) - ag.log1p(self._scaled(value) ** 2)

    def cdf(self, value: Any) -> Any:
        return ag.arctan(self._scaled(value)) / math.pi + 0.5

    def icdf(self, value: Any) -> Any:
        return ag.tan(math.pi * (value - 0.5)) * self.scale + self.loc

    def entropy(self) -> Any:
        return math.log(4 * math.pi) + ag.log(self.scale)


class Gumbel(_LocScale):
    """The largest of many: -log of an exponential number."""

    def _standard(self, shape: Any) -> Any:
        return -ag.log(drawn("standard_exponential", shape, raw(self.loc).dtype))

    @property
    def mean(self) -> Any:
        return self.loc + self.scale * _EULER

    @property
    def stddev(self) -> Any:
        return (math.pi / math.sqrt(6)) * self.scale

    @property
    def variance(self) -> Any:
        return self.stddev**2

    def log_prob(self, value: Any) -> Any:
        y = -self._scaled(value)
        return (y - ag.exp(y)) - ag.log(self.scale)

    def cdf(self, value: Any) -> Any:
        return ag.exp(-ag.exp(-self._scaled(value)))

    def icdf(self, value: Any) -> Any:
        return self.loc - self.scale * ag.log(-ag.log(value))

    def entropy(self) -> Any:
        return ag.log(self.scale) + (1 + _EULER)


class _Half(Distribution):
    """The absolute value of one that is symmetric around 0."""

    has_rsample = True
    arg_constraints: ClassVar[Any] = {"scale": constraints.positive}
    support = constraints.nonnegative
    _whole: Any = Normal

    def __init__(self, scale: Any, validate_args: bool | None = None) -> None:
        self.scale = tensor(scale)
        super().__init__(np.shape(raw(self.scale)), (), validate_args)

    @property
    def _base(self) -> Any:
        return self._whole(0.0, self.scale, False)

    def rsample(self, sample_shape: Any = ()) -> Any:
        return ag.abs(self._base.rsample(sample_shape))

    @property
    def mode(self) -> Any:
        return filled(self.scale, 0.0)

    def log_prob(self, value: Any) -> Any:
        found = self._base.log_prob(self._checked(value)) + math.log(2)
        return ag.where(raw(value) >= 0, found, -math.inf)

    def cdf(self, value: Any) -> Any:
        return 2 * self._base.cdf(self._checked(value)) - 1

    def icdf(self, value: Any) -> Any:
        return self._base.icdf((value + 1) / 2)

    def entropy(self) -> Any:
        return self._base.entropy() - math.log(2)


class HalfNormal(_Half):
    """The absolute value of a normal number."""

    @property
    def mean(self) -> Any:
        return self.scale * math.sqrt(2 / math.pi)

    @property
    def variance(self) -> Any:
        return self.scale**2 * (1 - 2 / math.pi)


class HalfCauchy(_Half):
    """The absolute value of a Cauchy number."""

    _whole = Cauchy

    @property
    def mean(self) -> Any:
        return filled(self.scale, math.inf)

    @property
    def variance(self) -> Any:
        return self._base.variance


class Exponential(ExponentialFamily):
    """Waiting times of events that come at a `rate`."""

    has_rsample = True
    arg_constraints: ClassVar[Any] = {"rate": constraints.positive}
    support = constraints.nonnegative

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        self.rate = tensor(rate)
        super().__init__(np.shape(raw(self.rate)), (), validate_args)

    def rsample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        return drawn("standard_exponential", shape, raw(self.rate).dtype) / self.rate

    @property
    def mean(self) -> Any:
        return 1 / self.rate

    @property
    def mode(self) -> Any:
        return filled(self.rate, 0.0)

    @property
    def stddev(self) -> Any:
        return 1 / self.rate

    @property
    def variance(self) -> Any:
        return self.rate**-2

    def log_prob(self, value: Any) -> Any:
        return ag.log(self.rate) - self.rate * self._checked(value)

    def cdf(self, value: Any) -> Any:
        return 1 - ag.exp(-self.rate * self._checked(value))

    def icdf(self, value: Any) -> Any:
        return -ag.log1p(-value) / self.rate

    def entropy(self) -> Any:
        return 1 - ag.log(self.rate)


class Uniform(Distribution):
    """Numbers spread evenly over [low, high)."""

    has_rsample = True
    arg_constraints: ClassVar[Any] = {"low": constraints.dependent, "high": constraints.dependent}

    def __init__(self, low: Any, high: Any, validate_args: bool | None = None) -> None:
        self.low, self.high = broadcast(low, high)
        super().__init__(np.shape(raw(self.low)), (), validate_args)
        if self._validate_args and not np.all(raw(self.low) < raw(self.high)):
            raise ArgumentError("Uniform is not defined when low >= high")

    @property
    def support(self) -> Any:
        return constraints.interval(self.low, self.high)

    def rsample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        return self.low + drawn("random", shape, raw(self.low).dtype) * (self.high - self.low)

    @property
    def mean(self) -> Any:
        return (self.high + self.low) / 2

    @property
    def mode(self) -> Any:
        return math.nan * self.high

    @property
    def stddev(self) -> Any:
        return (self.high - self.low) / math.sqrt(12)

    @property
    def variance(self) -> Any:
        return (self.high - self.low) ** 2 / 12

    def log_prob(self, value: Any) -> Any:
        x = raw(self._checked(value))
        inside = (raw(self.low) <= x) & (x < raw(self.high))
        return ag.log(as_face(ag.asarray(inside.astype(raw(self.low).dtype)))) - ag.log(
            self.high - self.low
        )

    def cdf(self, value: Any) -> Any:
        return ag.clip((self._checked(value) - self.low) / (self.high - self.low), 0.0, 1.0)

    def icdf(self, value: Any) -> Any:
        return value * (self.high - self.low) + self.low

    def entropy(self) -> Any:
        return ag.log(self.high - self.low)
