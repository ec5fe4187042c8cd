"""Transform: an invertible function of outcomes, and what it does to a density."""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import MissingMethodError
from autograd.extend import raw
from nn.torch.distributions import constraints
from nn.torch.distributions.parameters import Size, constant

__all__ = [
    "ComposeTransform",
    "IndependentTransform",
    "ReshapeTransform",
    "Transform",
    "identity_transform",
    "sum_rightmost",
]


def sum_rightmost(value: Any, dim: int) -> Any:
    """The sum over the last axes."""
    return ag.sum(value, axis=tuple(range(-dim, 0))) if dim else value


class Transform:
    """Base of all transforms: a subclass writes `_call`, `_inverse`, `log_abs_det_jacobian`."""

    bijective = False
    domain: Any = constraints.real
    codomain: Any = constraints.real
    sign: Any = 1

    def __init__(self, cache_size: int = 0) -> None:
        self._cache_size = cache_size
        self._cached: Any = (None, None)

    def __call__(self, x: Any) -> Any:
        """The transformed value."""
        if self._cache_size and self._cached[0] is x:
            return self._cached[1]
        y = self._call(x)
        if self._cache_size:
            self._cached = (x, y)
        return y

    def _inv_call(self, y: Any) -> Any:
        if self._cache_size and self._cached[1] is y:
            return self._cached[0]
        x = self._inverse(y)
        if self._cache_size:
            self._cached = (x, y)
        return x

    @property
    def inv(self) -> Any:
        """The inverse transform."""
        return _Inverse(self)

    def with_cache(self, cache_size: int = 1) -> Transform:
        """The transform itself; its last value is kept from now on."""
        self._cache_size = cache_size
        return self

    def _call(self, x: Any) -> Any:
        raise MissingMethodError(f"{type(self).__name__} has no _call()")

    def _inverse(self, y: Any) -> Any:
        raise MissingMethodError(f"{type(self).__name__} has no _inverse()")

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        """log |dy/dx|, for x and what it was transformed into."""
        raise MissingMethodError(f"{type(self).__name__} has no log_abs_det_jacobian()")

    def forward_shape(self, shape: Any) -> Any:
        """The shape of what is transformed from a shape."""
        return Size(shape)

    def inverse_shape(self, shape: Any) -> Any:
        """The shape that is transformed into a shape."""
        return Size(shape)

    def __eq__(self, other: object) -> bool:
        return self is other or (type(other) is type(self) and not self._parts())

    def _parts(self) -> Any:
        return {n: v for n, v in self.__dict__.items() if n not in ("_cache_size", "_cached")}

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class _Inverse(Transform):
    """A transform backwards."""

    def __init__(self, transform: Any) -> None:
        super().__init__()
        self._inv = transform
        self.domain, self.codomain = transform.codomain, transform.domain
        self.bijective, self.sign = transform.bijective, transform.sign

    @property
    def inv(self) -> Any:
        return self._inv

    def __call__(self, x: Any) -> Any:
        return self._inv._inv_call(x)

    def _inv_call(self, y: Any) -> Any:
        return self._inv(y)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return -self._inv.log_abs_det_jacobian(y, x)

    def forward_shape(self, shape: Any) -> Any:
        return self._inv.inverse_shape(shape)

    def inverse_shape(self, shape: Any) -> Any:
        return self._inv.forward_shape(shape)

    def __repr__(self) -> str:
        return f"_InverseTransform({self._inv!r})"


class ComposeTransform(Transform):
    """Transforms one after the other."""

    def __init__(self, parts: Sequence[Any], cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.parts = [*parts]
        self.bijective = all(part.bijective for part in parts)

    @property
    def sign(self) -> Any:
        return functools.reduce(operator.mul, (part.sign for part in self.parts), 1)

    @property
    def domain(self) -> Any:
        if not self.parts:
            return constraints.real
        return _wider(self.parts[0].domain, _event_dim(self.parts, "domain"))

    @property
    def codomain(self) -> Any:
        if not self.parts:
            return constraints.real
        return _wider(self.parts[-1].codomain, _event_dim(self.parts, "codomain"))

    def __call__(self, x: Any) -> Any:
        for part in self.parts:
            x = part(x)
        return x

    def _inv_call(self, y: Any) -> Any:
        for part in reversed(self.parts):
            y = part._inv_call(y)
        return y

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        total: Any = 0.0
        event_dim = self.domain.event_dim
        for part in self.parts:
            after = part(x)
            found = part.log_abs_det_jacobian(x, after)
            total = total + sum_rightmost(found, event_dim - part.domain.event_dim)
            event_dim += part.codomain.event_dim - part.domain.event_dim
            x = after
        return total

    def forward_shape(self, shape: Any) -> Any:
        for part in self.parts:
            shape = part.forward_shape(shape)
        return shape

    def inverse_shape(self, shape: Any) -> Any:
        for part in reversed(self.parts):
            shape = part.inverse_shape(shape)
        return shape

    def __repr__(self) -> str:
        shown = ",\n    ".join(map(repr, self.parts))
        return f"ComposeTransform(\n    {shown}\n)"


def _event_dim(parts: Sequence[Any], side: str) -> int:
    """How many axes one event of several transforms has, where they begin, or end."""
    steps = [part.codomain.event_dim - part.domain.event_dim for part in parts]
    if side == "domain":
        found = parts[-1].codomain.event_dim
        for part, step in zip(reversed(parts), reversed(steps), strict=True):
            found = max(found - step, part.domain.event_dim)
        return found
    found = parts[0].domain.event_dim
    for part, step in zip(parts, steps, strict=True):
        found = max(found + step, part.codomain.event_dim)
    return found


def _wider(constraint: Any, event_dim: int) -> Any:
    more = event_dim - constraint.event_dim
    return constraints.independent(constraint, more) if more > 0 else constraint


identity_transform = ComposeTransform([])


class IndependentTransform(Transform):
    """A transform of which the last axes count as one event."""

    def __init__(
        self, base_transform: Any, reinterpreted_batch_ndims: int, cache_size: int = 0
    ) -> None:
        super().__init__(cache_size)
        self.base_transform, self._dims = base_transform, reinterpreted_batch_ndims
        self.bijective, self.sign = base_transform.bijective, base_transform.sign
        self.domain = constraints.independent(base_transform.domain, reinterpreted_batch_ndims)
        self.codomain = constraints.independent(base_transform.codomain, reinterpreted_batch_ndims)

    def _call(self, x: Any) -> Any:
        return self.base_transform(x)

    def _inverse(self, y: Any) -> Any:
        return self.base_transform.inv(y)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return sum_rightmost(self.base_transform.log_abs_det_jacobian(x, y), self._dims)


class ReshapeTransform(Transform):
    """Another shape of the last axes."""

    bijective = True

    def __init__(self, in_shape: Any, out_shape: Any, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.in_shape, self.out_shape = Size(in_shape), Size(out_shape)
        self.domain = constraints.independent(constraints.real, len(in_shape))
        self.codomain = constraints.independent(constraints.real, len(out_shape))

    def _lead(self, x: Any, shape: Any) -> Any:
        found = np.shape(raw(x))
        return found[: len(found) - len(shape)]

    def _call(self, x: Any) -> Any:
        return ag.reshape(x, (*self._lead(x, self.in_shape), *self.out_shape))

    def _inverse(self, y: Any) -> Any:
        return ag.reshape(y, (*self._lead(y, self.out_shape), *self.in_shape))

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return constant(np.zeros(self._lead(x, self.in_shape), raw(x).dtype))

    def forward_shape(self, shape: Any) -> Any:
        return Size((*shape[: len(shape) - len(self.in_shape)], *self.out_shape))

    def inverse_shape(self, shape: Any) -> Any:
        return Size((*shape[: len(shape) - len(self.out_shape)], *self.in_shape))
