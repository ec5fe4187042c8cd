"""Mixtures of distributions of one family."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

import autograd as ag
from autograd.errors import ArgumentError
from autograd.extend import raw
from nn.torch.distributions.distribution import Distribution
from nn.torch.distributions.parameters import constant

__all__ = ["MixtureSameFamily"]


class MixtureSameFamily(Distribution):
    """One of several distributions of a family, the last axis of a batch, chosen each time."""

    arg_constraints: ClassVar[Any] = {}

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
    def support(self) -> Any:
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
        return (
            f"MixtureSameFamily(\n  {self.mixture_distribution},\n  {self.component_distribution})"
        )
