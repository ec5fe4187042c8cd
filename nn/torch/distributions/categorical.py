"""Distributions over categories: one of them, one hot, or counts of each."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

import autograd as ag
from autograd.engine.generators import draw
from autograd.errors import MissingAttributeError, ShapeError
from autograd.extend import raw
from nn.torch.distributions import constraints
from nn.torch.distributions.discrete import Binomial
from nn.torch.distributions.distribution import Distribution
from nn.torch.distributions.parameters import (
    clamp_probs,
    constant,
    drawn,
    logits_of,
    one_of,
    probs_of,
    tensor,
)
from nn.torch.tensor import as_face

__all__ = [
    "Categorical",
    "Multinomial",
    "OneHotCategorical",
    "OneHotCategoricalStraightThrough",
    "RelaxedOneHotCategorical",
]


class Categorical(Distribution):
    """A number from 0 to K - 1, by `probs` (..., K), which need not sum to 1, or by `logits`."""

    has_enumerate_support = True
    arg_constraints: ClassVar[Any] = {
        "probs": constraints.simplex,
        "logits": constraints.real_vector,
    }
    _event_dims: ClassVar[Any] = {"probs": 1, "logits": 1}

    def __init__(
        self, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        name, given = one_of(type(self).__name__, probs, logits)
        given = tensor(given)
        shape = np.shape(raw(given))
        if not shape:
            raise ShapeError(f"`{name}` parameter must be at least one-dimensional.")
        if name == "probs":
            total = ag.sum(given, axis=-1, keepdims=True)
            self.__dict__["probs"] = as_face(given / total)
        else:
            less = ag.logsumexp(given, axis=-1, keepdims=True)
            self.__dict__["logits"] = as_face(given - less)
        self._num_events = shape[-1]
        super().__init__(shape[:-1], (), validate_args)

    def __getattr__(self, name: str) -> Any:
        held = self.__dict__
        with ag.enable_grad():  # what is kept here may be asked for with a gradient later
            if name == "logits" and "probs" in held:
                held["logits"] = logits_of(held["probs"])
            elif name == "probs" and "logits" in held:
                held["probs"] = probs_of(held["logits"])
        if name not in held:
            raise MissingAttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return held[name]

    @property
    def support(self) -> Any:
        return constraints.integer_interval(0, self._num_events - 1)

    @property
    def param_shape(self) -> Any:
        """The shape of the probabilities."""
        return (self.probs if "probs" in self.__dict__ else self.logits).shape

    @property
    def mean(self) -> Any:
        return constant(np.full(self._extended_shape(), math.nan, raw(self.probs).dtype))

    @property
    def variance(self) -> Any:
        return self.mean

    @property
    def mode(self) -> Any:
        return constant(np.argmax(raw(self.probs), axis=-1))

    def sample(self, sample_shape: Any = ()) -> Any:
        return constant(self._drawn(self._extended_shape(sample_shape)))

    def _drawn(self, shape: Any) -> Any:
        upper = np.cumsum(np.asarray(raw(self.probs), np.float64), axis=-1)
        u = np.asarray(draw("random", size=tuple(shape))) * upper[..., -1]
        if upper.ndim == 1:
            found = np.searchsorted(upper, u, side="right")
        else:
            found = (u[..., None] >= upper).sum(-1)
        return np.minimum(found, self._num_events - 1).astype(np.int64)

    def log_prob(self, value: Any) -> Any:
        chosen = np.asarray(raw(self._checked(value))).astype(np.int64)
        shape = np.broadcast_shapes(chosen.shape, tuple(self.batch_shape))
        chosen = np.broadcast_to(chosen, shape)[..., None]
        logits = self.logits
        if np.shape(raw(logits))[:-1] != shape:
            logits = ag.broadcast_to(logits, (*shape, self._num_events))
        return ag.squeeze(ag.take_along_axis(logits, chosen, axis=-1), -1)

    def entropy(self) -> Any:
        low = float(np.finfo(raw(self.logits).dtype).min)
        return -ag.sum(ag.clip(self.logits, low, None) * self.probs, axis=-1)

    def enumerate_support(self, expand: bool = True) -> Any:
        values = np.arange(self._num_events).reshape(-1, *[1] * len(self.batch_shape))
        shape = (self._num_events, *self.batch_shape)
        return constant(np.broadcast_to(values, shape) if expand else values)


class _OverCategories(Distribution):
    """A distribution of vectors with an element for each category."""

    arg_constraints: ClassVar[Any] = {
        "probs": constraints.simplex,
        "logits": constraints.real_vector,
    }

    def __init__(
        self, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        self._categorical = Categorical(probs, logits, validate_args)
        base = self._categorical
        super().__init__(base.batch_shape, (base._num_events,), validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        new = super().expand(batch_shape)
        new._categorical = self._categorical.expand(batch_shape)
        return new

    @property
    def probs(self) -> Any:
        """The probabilities of the categories."""
        return self._categorical.probs

    @property
    def logits(self) -> Any:
        """Their logarithms."""
        return self._categorical.logits

    @property
    def param_shape(self) -> Any:
        """The shape of the probabilities."""
        return self._categorical.param_shape

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class OneHotCategorical(_OverCategories):
    """A category as a vector of zeros with a 1 in it."""

    has_enumerate_support = True
    support = constraints.one_hot

    @property
    def mean(self) -> Any:
        return self.probs

    @property
    def mode(self) -> Any:
        return self._hot(np.asarray(raw(self._categorical.mode)))

    @property
    def variance(self) -> Any:
        return self.probs * (1 - self.probs)

    def _hot(self, chosen: Any) -> Any:
        return constant(np.eye(self._categorical._num_events, dtype=raw(self.probs).dtype)[chosen])

    def sample(self, sample_shape: Any = ()) -> Any:
        return self._hot(self._categorical._drawn((*sample_shape, *self.batch_shape)))

    def log_prob(self, value: Any) -> Any:
        return self._categorical.log_prob(constant(np.argmax(raw(self._checked(value)), -1)))

    def entropy(self) -> Any:
        return self._categorical.entropy()

    def enumerate_support(self, expand: bool = True) -> Any:
        return self._hot(np.asarray(raw(self._categorical.enumerate_support(expand))))


class OneHotCategoricalStraightThrough(OneHotCategorical):
    """One whose gradient is that of its probabilities."""

    has_rsample = True

    def rsample(self, sample_shape: Any = ()) -> Any:
        chosen = OneHotCategorical.sample(self, sample_shape)
        return chosen + (self.probs - constant(self.probs))


class RelaxedOneHotCategorical(_OverCategories):
    """A one-hot vector made smooth, so that it has gradients: the Gumbel softmax."""

    has_rsample = True
    support = constraints.simplex

    def __init__(
        self,
        temperature: Any,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        self.temperature = temperature
        super().__init__(probs, logits, validate_args)

    def rsample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        u = clamp_probs(drawn("random", shape, raw(self.logits).dtype))
        return ag.softmax((self.logits - ag.log(-ag.log(u))) / self.temperature, axis=-1)

    def log_prob(self, value: Any) -> Any:
        k, t = self._categorical._num_events, tensor(self.temperature)
        log_value = ag.log(self._checked(value))
        score = self.logits - log_value * t
        scale = (k - 1) * ag.log(t) + math.lgamma(k)
        total = ag.sum(score - ag.logsumexp(score, axis=-1, keepdims=True), axis=-1)
        return total + scale - ag.sum(log_value, axis=-1)


class Multinomial(_OverCategories):
    """How often each category is drawn in `total_count` draws."""

    def __init__(
        self,
        total_count: int = 1,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        self.total_count = total_count
        super().__init__(probs, logits, validate_args)

    @property
    def support(self) -> Any:
        return constraints.multinomial(self.total_count)

    @property
    def mean(self) -> Any:
        return self.probs * self.total_count

    @property
    def variance(self) -> Any:
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Any:
        p = np.asarray(raw(self.probs), np.float64)
        p = p / p.sum(-1, keepdims=True)
        shape = (*sample_shape, *self.batch_shape)
        found = np.asarray(draw("multinomial", self.total_count, p, size=shape))
        return constant(found.astype(raw(self.probs).dtype))

    def log_prob(self, value: Any) -> Any:
        value = self._checked(value)
        logits = self.logits
        zero = (np.asarray(raw(value)) == 0) & np.isneginf(raw(logits))
        logits = ag.where(zero, 0.0, logits) if zero.any() else logits
        norm = ag.gammaln(ag.sum(value, axis=-1) + 1) - ag.sum(ag.gammaln(value + 1), axis=-1)
        return norm + ag.sum(logits * value, axis=-1)

    def entropy(self) -> Any:
        n = self.total_count
        counts = Binomial(n, self.probs, validate_args=False)
        up_to_n = counts.enumerate_support(False)[1:]
        repeated = ag.sum(ag.exp(counts.log_prob(up_to_n)) * ag.gammaln(up_to_n + 1), axis=(0, -1))
        return n * self._categorical.entropy() - math.lgamma(n + 1) + repeated
