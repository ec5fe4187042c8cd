"""Distributions of counts and of yes and no."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

import autograd as ag
from autograd.engine.generators import draw
from autograd.errors import ArgumentError, MissingAttributeError
from autograd.extend import raw
from nn.torch.distributions import constraints
from nn.torch.distributions.distribution import Distribution, ExponentialFamily
from nn.torch.distributions.parameters import (
    broadcast,
    clamp_probs,
    constant,
    drawn,
    filled,
    logits_of,
    one_of,
    probs_of,
    tensor,
)
from nn.torch.tensor import as_face

__all__ = ["Bernoulli", "Binomial", "Geometric", "NegativeBinomial", "Poisson", "RelaxedBernoulli"]


def _cross_entropy(logits: Any, value: Any) -> Any:
    """-log of the probability of yes (1) or no (0), or of a mixture, from logits."""
    return ag.softplus(logits) - value * logits


class _Binary(Distribution):
    """A probability `probs`, or its `logits`: one is given, the other follows."""

    arg_constraints: ClassVar[Any] = {
        "probs": constraints.unit_interval,
        "logits": constraints.real,
    }

    def _take(self, probs: Any, logits: Any) -> Any:
        name, given = one_of(type(self).__name__, probs, logits)
        self.__dict__[name] = tensor(given)
        return self.__dict__[name]

    def __getattr__(self, name: str) -> Any:
        held = self.__dict__
        with ag.enable_grad():  # what is kept here may be asked for with a gradient later
            if name == "logits" and "probs" in held:
                held["logits"] = logits_of(held["probs"], binary=True)
            elif name == "probs" and "logits" in held:
                held["probs"] = probs_of(held["logits"], binary=True)
        if name not in held:
            raise MissingAttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return held[name]

    @property
    def _given(self) -> Any:
        return next(self.__dict__[name] for name in ("probs", "logits") if name in self.__dict__)

    @property
    def param_shape(self) -> Any:
        """The shape of the probabilities."""
        return self._given.shape


class Bernoulli(_Binary, ExponentialFamily):
    """1 with a probability, else 0."""

    has_enumerate_support = True
    support = constraints.boolean

    def __init__(
        self, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        super().__init__(np.shape(raw(self._take(probs, logits))), (), validate_args)

    def sample(self, sample_shape: Any = ()) -> Any:
        p = raw(self.probs)
        u = raw(drawn("random", self._extended_shape(sample_shape), np.float64))
        return constant((u < p).astype(p.dtype))

    @property
    def mean(self) -> Any:
        return self.probs

    @property
    def mode(self) -> Any:
        p = raw(self.probs)
        return constant(np.where(p == 0.5, np.nan, p >= 0.5).astype(p.dtype))

    @property
    def variance(self) -> Any:
        return self.probs * (1 - self.probs)

    def log_prob(self, value: Any) -> Any:
        return -_cross_entropy(self.logits, self._checked(value))

    def entropy(self) -> Any:
        return _cross_entropy(self.logits, self.probs)

    def enumerate_support(self, expand: bool = True) -> Any:
        values = np.arange(2, dtype=raw(self._given).dtype)
        values = values.reshape(-1, *[1] * len(self.batch_shape))
        return constant(np.broadcast_to(values, (2, *self.batch_shape)) if expand else values)


class RelaxedBernoulli(_Binary):
    """A Bernoulli made smooth, so that it has gradients: nearer to 0 and 1 when cooler."""

    has_rsample = True
    support = constraints.unit_interval

    def __init__(
        self,
        temperature: Any,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        self.temperature = temperature
        super().__init__(np.shape(raw(self._take(probs, logits))), (), validate_args)

    def rsample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        u = clamp_probs(drawn("random", shape, raw(self._given).dtype))
        noise = ag.log(u) - ag.log1p(-u)
        return ag.sigmoid((self.logits + noise) / self.temperature)

    def log_prob(self, value: Any) -> Any:
        value = clamp_probs(self._checked(value))
        y = ag.log(value) - ag.log1p(-value)
        diff = self.logits - y * self.temperature
        density = ag.log(tensor(self.temperature)) + diff - 2 * ag.softplus(diff)
        return density + ag.softplus(-y) + ag.softplus(y)


class Geometric(_Binary):
    """How often it fails before it succeeds the first time."""

    support = constraints.nonnegative_integer

    def __init__(
        self, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        given = self._take(probs, logits)
        super().__init__(np.shape(raw(given)), (), validate_args)
        if self._validate_args and probs is not None and not np.all(raw(given) > 0):
            raise ArgumentError("Geometric: probs must be greater than 0")

    def sample(self, sample_shape: Any = ()) -> Any:
        p = raw(self.probs)
        drawn_ = draw("geometric", np.asarray(p, float), size=self._extended_shape(sample_shape))
        return constant((np.asarray(drawn_) - 1).astype(p.dtype))

    @property
    def mean(self) -> Any:
        return 1 / self.probs - 1

    @property
    def mode(self) -> Any:
        return filled(self.probs, 0.0)

    @property
    def variance(self) -> Any:
        return (1 / self.probs - 1) / self.probs

    def log_prob(self, value: Any) -> Any:
        value = self._checked(value)
        p = raw(self.probs)
        safe = ag.where((p == 1) & (np.asarray(raw(value)) == 0), 0.0, self.probs)
        return value * ag.log1p(-safe) + ag.log(self.probs)

    def entropy(self) -> Any:
        return _cross_entropy(self.logits, self.probs) / self.probs


class Poisson(ExponentialFamily):
    """How many events come in a time, at a `rate`."""

    arg_constraints: ClassVar[Any] = {"rate": constraints.nonnegative}
    support = constraints.nonnegative_integer

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        self.rate = tensor(rate)
        super().__init__(np.shape(raw(self.rate)), (), validate_args)

    def sample(self, sample_shape: Any = ()) -> Any:
        rate = raw(self.rate)
        found = draw("poisson", np.asarray(rate, float), size=self._extended_shape(sample_shape))
        return constant(np.asarray(found).astype(rate.dtype))

    @property
    def mean(self) -> Any:
        return self.rate

    @property
    def mode(self) -> Any:
        return ag.floor(self.rate)

    @property
    def variance(self) -> Any:
        return self.rate

    def log_prob(self, value: Any) -> Any:
        value = self._checked(value)
        return ag.xlogy(value, self.rate) - self.rate - ag.gammaln(value + 1)


class Binomial(_Binary):
    """How many of `total_count` trials succeed."""

    has_enumerate_support = True
    arg_constraints: ClassVar[Any] = {
        "total_count": constraints.nonnegative_integer, **_Binary.arg_constraints,
    }  # fmt: skip

    def __init__(
        self,
        total_count: Any = 1,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        name, given = one_of("Binomial", probs, logits)
        count, given = broadcast(total_count, given)
        self.total_count = as_face(ag.astype(count, raw(given).dtype))
        self.__dict__[name] = given
        super().__init__(np.shape(raw(given)), (), validate_args)

    @property
    def support(self) -> Any:
        return constraints.integer_interval(0, self.total_count)

    def sample(self, sample_shape: Any = ()) -> Any:
        p, n = raw(self.probs), np.asarray(raw(self.total_count)).astype(np.int64)
        shape = self._extended_shape(sample_shape)
        found = draw("binomial", n, np.asarray(p, float), size=shape)
        return constant(np.asarray(found).astype(p.dtype))

    @property
    def mean(self) -> Any:
        return self.total_count * self.probs

    @property
    def mode(self) -> Any:
        return ag.clip(ag.floor((self.total_count + 1) * self.probs), None, self.total_count)

    @property
    def variance(self) -> Any:
        return self.total_count * self.probs * (1 - self.probs)

    def log_prob(self, value: Any) -> Any:
        value, n = self._checked(value), self.total_count
        choices = ag.gammaln(n + 1) - ag.gammaln(value + 1) - ag.gammaln(n - value + 1)
        return choices + value * self.logits - n * ag.softplus(self.logits)

    def enumerate_support(self, expand: bool = True) -> Any:
        counts = np.unique(raw(self.total_count))
        if len(counts) > 1:
            raise self._missing("support of one size: total_count differs in the batch")
        values = np.arange(1 + int(counts[0]), dtype=raw(self._given).dtype)
        values = values.reshape(-1, *[1] * len(self.batch_shape))
        shape = (len(values), *self.batch_shape)
        return constant(np.broadcast_to(values, shape) if expand else values)

    def entropy(self) -> Any:
        values = self.enumerate_support(False)
        log_prob = self.log_prob(values)
        return -ag.sum(ag.exp(log_prob) * log_prob, axis=0)


class NegativeBinomial(_Binary):
    """How many successes come before `total_count` failures."""

    support = constraints.nonnegative_integer
    arg_constraints: ClassVar[Any] = {
        "total_count": constraints.greater_than_eq(0),
        "probs": constraints.half_open_interval(0.0, 1.0), "logits": constraints.real,
    }  # fmt: skip

    def __init__(
        self,
        total_count: Any,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        name, given = one_of("NegativeBinomial", probs, logits)
        count, given = broadcast(total_count, given)
        self.total_count = as_face(ag.astype(count, raw(given).dtype))
        self.__dict__[name] = given
        super().__init__(np.shape(raw(given)), (), validate_args)

    def sample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        gammas = draw("standard_gamma", np.asarray(raw(self.total_count), float), size=shape)
        rate = np.asarray(gammas) * np.exp(raw(self.logits))
        return constant(np.asarray(draw("poisson", rate)).astype(raw(self._given).dtype))

    @property
    def mean(self) -> Any:
        return self.total_count * ag.exp(self.logits)

    @property
    def mode(self) -> Any:
        return ag.clip(ag.floor((self.total_count - 1) * ag.exp(self.logits)), 0.0, None)

    @property
    def variance(self) -> Any:
        return self.mean / ag.sigmoid(-self.logits)

    def log_prob(self, value: Any) -> Any:
        value, n = self._checked(value), self.total_count
        weights = n * ag.log_sigmoid(-self.logits) + value * ag.log_sigmoid(self.logits)
        norm = -ag.gammaln(n + value) + ag.gammaln(1 + value) + ag.gammaln(n)
        zero = (np.asarray(raw(n)) == 0) & (np.asarray(raw(value)) == 0)
        return weights - (ag.where(zero, 0.0, norm) if zero.any() else norm)
