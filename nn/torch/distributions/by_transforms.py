"""Distributions that others become by a transform."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

import autograd as ag
from autograd.extend import raw
from nn.torch.distributions import constraints
from nn.torch.distributions.location_scale import Exponential, Normal, Uniform
from nn.torch.distributions.parameters import broadcast, filled
from nn.torch.distributions.transformed import TransformedDistribution
from nn.torch.distributions.transforms import (
    AffineTransform,
    ExpTransform,
    PowerTransform,
    StickBreakingTransform,
)

__all__ = ["Kumaraswamy", "LogNormal", "LogisticNormal", "Pareto", "Weibull"]


class LogNormal(TransformedDistribution):
    """e to a normal number."""

    arg_constraints: ClassVar[Any] = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.positive
    has_rsample = True

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

    arg_constraints: ClassVar[Any] = {"loc": constraints.real, "scale": constraints.positive}

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        base = Normal(loc, scale, validate_args)
        super().__init__(base, StickBreakingTransform(), validate_args)


class Weibull(TransformedDistribution):
    """Times of failure: a power of an exponential number."""

    arg_constraints: ClassVar[Any] = {
        "scale": constraints.positive,
        "concentration": constraints.positive,
    }
    support = constraints.positive

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

    arg_constraints: ClassVar[Any] = {"alpha": constraints.positive, "scale": constraints.positive}

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

    arg_constraints: ClassVar[Any] = {
        "concentration1": constraints.positive, "concentration0": constraints.positive,
    }  # fmt: skip
    support = constraints.unit_interval

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
