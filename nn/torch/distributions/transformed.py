"""Distributions made of others: transformed, or with fewer axes in the batch."""

from __future__ import annotations

from typing import Any, ClassVar

import autograd as ag
from autograd.errors import ArgumentError, ArgumentTypeError
from nn.torch.distributions import constraints
from nn.torch.distributions.distribution import Distribution
from nn.torch.distributions.transform import ComposeTransform, Transform, sum_rightmost

__all__ = ["Independent", "TransformedDistribution"]


class Independent(Distribution):
    """A distribution of which the last axes of the batch are axes of one outcome."""

    arg_constraints: ClassVar[Any] = {}

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
    def support(self) -> Any:
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

    arg_constraints: ClassVar[Any] = {}

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
    def support(self) -> Any:
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
