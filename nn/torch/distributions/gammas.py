"""Distributions made of gamma numbers: sums of waiting times, and their shares."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

import autograd as ag
from autograd.engine.generators import draw
from autograd.extend import raw
from nn.torch.distributions import constraints
from nn.torch.distributions.distribution import Distribution, ExponentialFamily
from nn.torch.distributions.incomplete import gamma_cdf, gamma_slope
from nn.torch.distributions.parameters import attached, broadcast, drawn, tensor
from nn.torch.tensor import as_face

__all__ = [
    "Beta",
    "Chi2",
    "Dirichlet",
    "FisherSnedecor",
    "Gamma",
    "InverseGamma",
    "StudentT",
]


def _standard_gamma(concentration: Any, shape: Any) -> Any:
    """Gamma numbers of rate 1, with the gradient by implicit reparametrisation.

    Source: Figurnov, Mohamed and Mnih, Implicit reparameterization gradients (2018).
    """
    alpha = np.broadcast_to(np.asarray(raw(concentration), np.float64), shape)
    x = np.asarray(draw("standard_gamma", alpha, size=shape))
    dtype = raw(concentration).dtype
    value = np.maximum(x.astype(dtype), np.finfo(dtype).tiny)
    wide = as_face(ag.broadcast_to(concentration, shape))
    slope = gamma_slope(alpha, x) if wide.requires_grad else 0.0
    return attached(value, (wide, slope))


class Gamma(ExponentialFamily):
    """The time until `concentration` events that come at a `rate`."""

    has_rsample = True
    arg_constraints: ClassVar[Any] = {
        "concentration": constraints.positive, "rate": constraints.positive,
    }  # fmt: skip
    support = constraints.nonnegative

    def __init__(self, concentration: Any, rate: Any, validate_args: bool | None = None) -> None:
        self.concentration, self.rate = broadcast(concentration, rate)
        super().__init__(np.shape(raw(self.rate)), (), validate_args)

    def rsample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        return _standard_gamma(self.concentration, shape) / self.rate

    @property
    def mean(self) -> Any:
        return self.concentration / self.rate

    @property
    def mode(self) -> Any:
        return ag.clip((self.concentration - 1) / self.rate, 0.0, None)

    @property
    def variance(self) -> Any:
        return self.concentration / self.rate**2

    def log_prob(self, value: Any) -> Any:
        value, a, b = self._checked(value), self.concentration, self.rate
        return ag.xlogy(a, b) + ag.xlogy(a - 1, value) - b * value - ag.gammaln(a)

    def cdf(self, value: Any) -> Any:
        x = self.rate * self._checked(value)
        a, at = np.asarray(raw(self.concentration), float), np.asarray(raw(x), float)
        found, density = gamma_cdf(a, at)
        wide = as_face(ag.broadcast_to(self.concentration, found.shape))
        slope = -gamma_slope(a, at) * density if wide.requires_grad else 0.0
        return attached(found.astype(raw(x).dtype), (x, density), (wide, slope))

    def entropy(self) -> Any:
        a = self.concentration
        return a - ag.log(self.rate) + ag.gammaln(a) + (1 - a) * ag.digamma(a)


class Chi2(Gamma):
    """The sum of `df` squares of normal numbers."""

    arg_constraints: ClassVar[Any] = {"df": constraints.positive}

    def __init__(self, df: Any, validate_args: bool | None = None) -> None:
        super().__init__(0.5 * tensor(df), 0.5, validate_args)

    @property
    def df(self) -> Any:
        """How many squares."""
        return self.concentration * 2

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        return Chi2(as_face(ag.broadcast_to(self.df, tuple(batch_shape))), False)


class InverseGamma(Distribution):
    """One over a gamma number."""

    has_rsample = True
    arg_constraints: ClassVar[Any] = {
        "concentration": constraints.positive,
        "rate": constraints.positive,
    }
    support = constraints.positive

    def __init__(self, concentration: Any, rate: Any, validate_args: bool | None = None) -> None:
        self.concentration, self.rate = broadcast(concentration, rate)
        super().__init__(np.shape(raw(self.rate)), (), validate_args)

    def rsample(self, sample_shape: Any = ()) -> Any:
        return 1 / Gamma(self.concentration, self.rate, False).rsample(sample_shape)

    @property
    def mean(self) -> Any:
        a = self.concentration
        return ag.where(raw(a) > 1, self.rate / (a - 1), math.inf)

    @property
    def mode(self) -> Any:
        return self.rate / (self.concentration + 1)

    @property
    def variance(self) -> Any:
        a = self.concentration
        return ag.where(raw(a) > 2, self.rate**2 / ((a - 1) ** 2 * (a - 2)), math.inf)

    def log_prob(self, value: Any) -> Any:
        value, a, b = self._checked(value), self.concentration, self.rate
        return ag.xlogy(a, b) - (a + 1) * ag.log(value) - b / value - ag.gammaln(a)

    def cdf(self, value: Any) -> Any:
        return 1 - Gamma(self.concentration, self.rate, False).cdf(1 / self._checked(value))

    def entropy(self) -> Any:
        a = self.concentration
        return a + ag.log(self.rate) + ag.gammaln(a) - (1 + a) * ag.digamma(a)


class Dirichlet(ExponentialFamily):
    """Shares that sum to 1."""

    has_rsample = True
    arg_constraints: ClassVar[Any] = {
        "concentration": constraints.independent(constraints.positive, 1)
    }
    support = constraints.simplex
    _event_dims: ClassVar[Any] = {"concentration": 1}

    def __init__(self, concentration: Any, validate_args: bool | None = None) -> None:
        self.concentration = tensor(concentration)
        shape = np.shape(raw(self.concentration))
        if not shape:
            from autograd.errors import ShapeError

            raise ShapeError("`concentration` parameter must be at least one-dimensional.")
        super().__init__(shape[:-1], shape[-1:], validate_args)

    def rsample(self, sample_shape: Any = ()) -> Any:
        gammas = _standard_gamma(self.concentration, self._extended_shape(sample_shape))
        return gammas / ag.sum(gammas, axis=-1, keepdims=True)

    @property
    def mean(self) -> Any:
        return self.concentration / ag.sum(self.concentration, axis=-1, keepdims=True)

    @property
    def mode(self) -> Any:
        less = ag.clip(self.concentration - 1, 0.0, None)
        low = (np.asarray(raw(self.concentration)) < 1).all(-1, keepdims=True)
        total = ag.where(low, 1.0, ag.sum(less, axis=-1, keepdims=True))
        with np.errstate(invalid="ignore"):
            found = less / total
        first = np.zeros(np.shape(raw(found))[-1], raw(found).dtype)
        first[0] = 1  # of those that are alike, as in PyTorch
        return ag.where(low, first, found) if low.any() else found

    @property
    def variance(self) -> Any:
        total = ag.sum(self.concentration, axis=-1, keepdims=True)
        a = self.concentration
        return a * (total - a) / (total**2 * (total + 1))

    def log_prob(self, value: Any) -> Any:
        value, a = self._checked(value), self.concentration
        total = ag.gammaln(ag.sum(a, axis=-1))
        return ag.sum(ag.xlogy(a - 1, value), axis=-1) + total - ag.sum(ag.gammaln(a), axis=-1)

    def entropy(self) -> Any:
        a = self.concentration
        k, a0 = np.shape(raw(a))[-1], ag.sum(a, axis=-1)
        weighted = ag.sum((a - 1) * ag.digamma(a), axis=-1)
        return (
            ag.sum(ag.gammaln(a), axis=-1) - ag.gammaln(a0) - (k - a0) * ag.digamma(a0) - weighted
        )


class Beta(ExponentialFamily):
    """A share between 0 and 1."""

    has_rsample = True
    arg_constraints: ClassVar[Any] = {
        "concentration1": constraints.positive, "concentration0": constraints.positive,
    }  # fmt: skip
    support = constraints.unit_interval

    def __init__(
        self, concentration1: Any, concentration0: Any, validate_args: bool | None = None
    ) -> None:
        self.concentration1, self.concentration0 = broadcast(concentration1, concentration0)
        super().__init__(np.shape(raw(self.concentration1)), (), validate_args)

    @property
    def _pair(self) -> Any:
        return Dirichlet(ag.stack([self.concentration1, self.concentration0], -1), False)

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self._pair.rsample(sample_shape)[..., 0]

    @property
    def mean(self) -> Any:
        return self.concentration1 / (self.concentration1 + self.concentration0)

    @property
    def mode(self) -> Any:
        return self._pair.mode[..., 0]

    @property
    def variance(self) -> Any:
        a, b = self.concentration1, self.concentration0
        return a * b / ((a + b) ** 2 * (a + b + 1))

    def log_prob(self, value: Any) -> Any:
        value = self._checked(value)
        a, b = self.concentration1, self.concentration0
        norm = ag.gammaln(a + b) - ag.gammaln(a) - ag.gammaln(b)
        return ag.xlogy(a - 1, value) + ag.xlogy(b - 1, 1 - value) + norm

    def entropy(self) -> Any:
        return self._pair.entropy()


class StudentT(Distribution):
    """A normal number over the root of a Chi2 number by its `df`."""

    has_rsample = True
    arg_constraints: ClassVar[Any] = {
        "df": constraints.positive, "loc": constraints.real, "scale": constraints.positive,
    }  # fmt: skip
    support = constraints.real

    def __init__(
        self, df: Any, loc: Any = 0.0, scale: Any = 1.0, validate_args: bool | None = None
    ) -> None:
        self.df, self.loc, self.scale = broadcast(df, loc, scale)
        super().__init__(np.shape(raw(self.df)), (), validate_args)

    def rsample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        x = drawn("standard_normal", shape, raw(self.loc).dtype)
        z = Chi2(self.df, False).rsample(sample_shape)
        return self.loc + self.scale * (x * (z / self.df) ** -0.5)

    @property
    def mean(self) -> Any:
        return ag.where(raw(self.df) > 1, self.loc, math.nan)

    @property
    def mode(self) -> Any:
        return self.loc

    @property
    def variance(self) -> Any:
        df = self.df
        found = ag.where(raw(df) > 2, self.scale**2 * df / (df - 2), math.inf)
        return ag.where(raw(df) > 1, found, math.nan)

    def log_prob(self, value: Any) -> Any:
        y, df = (self._checked(value) - self.loc) / self.scale, self.df
        norm = ag.log(self.scale) + 0.5 * ag.log(df) + 0.5 * math.log(math.pi)
        norm = norm + ag.gammaln(0.5 * df) - ag.gammaln(0.5 * (df + 1))
        return -0.5 * (df + 1) * ag.log1p(y**2 / df) - norm

    def entropy(self) -> Any:
        df = self.df
        half = ag.digamma(0.5 * (df + 1)) - ag.digamma(0.5 * df)
        log_beta = ag.gammaln(0.5 * df) + math.lgamma(0.5) - ag.gammaln(0.5 * (1 + df))
        return ag.log(self.scale) + 0.5 * (df + 1) * half + 0.5 * ag.log(df) + log_beta


class FisherSnedecor(Distribution):
    """The ratio of two Chi2 numbers, each by its number of squares."""

    has_rsample = True
    arg_constraints: ClassVar[Any] = {"df1": constraints.positive, "df2": constraints.positive}
    support = constraints.positive

    def __init__(self, df1: Any, df2: Any, validate_args: bool | None = None) -> None:
        self.df1, self.df2 = broadcast(df1, df2)
        super().__init__(np.shape(raw(self.df1)), (), validate_args)

    def rsample(self, sample_shape: Any = ()) -> Any:
        above = Gamma(self.df1 * 0.5, self.df1, False).rsample(sample_shape)
        return above / Gamma(self.df2 * 0.5, self.df2, False).rsample(sample_shape)

    @property
    def mean(self) -> Any:
        return ag.where(raw(self.df2) > 2, self.df2 / (self.df2 - 2), math.nan)

    @property
    def mode(self) -> Any:
        found = (self.df1 - 2) / self.df1 * self.df2 / (self.df2 + 2)
        return ag.where(raw(self.df1) > 2, found, math.nan)

    @property
    def variance(self) -> Any:
        a, b = self.df1, self.df2
        found = 2 * b**2 * (a + b - 2) / (a * (b - 2) ** 2 * (b - 4))
        return ag.where(raw(b) > 4, found, math.nan)

    def log_prob(self, value: Any) -> Any:
        value = self._checked(value)
        a, b, ratio = self.df1 * 0.5, self.df2 * 0.5, self.df1 / self.df2
        norm = ag.gammaln(a + b) - ag.gammaln(a) - ag.gammaln(b)
        shape = a * ag.log(ratio) + (a - 1) * ag.log(value)
        return norm + shape - (a + b) * ag.log1p(ratio * value)
