"""Transforms of numbers, beside those of vectors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd.extend import raw
from nn.torch.distributions import constraints
from nn.torch.distributions.parameters import Size, tensor
from nn.torch.distributions.transform import (
    ComposeTransform,
    IndependentTransform,
    ReshapeTransform,
    Transform,
    identity_transform,
    sum_rightmost,
)
from nn.torch.distributions.vector_transforms import (
    LowerCholeskyTransform,
    SoftmaxTransform,
    StickBreakingTransform,
)
from nn.torch.tensor import as_face

__all__ = [
    "AbsTransform",
    "AffineTransform",
    "ComposeTransform",
    "ExpTransform",
    "IndependentTransform",
    "LowerCholeskyTransform",
    "PowerTransform",
    "ReshapeTransform",
    "SigmoidTransform",
    "SoftmaxTransform",
    "SoftplusTransform",
    "StickBreakingTransform",
    "TanhTransform",
    "Transform",
    "identity_transform",
]


class ExpTransform(Transform):
    """eˣ."""

    bijective = True
    codomain = constraints.positive

    def _call(self, x: Any) -> Any:
        return ag.exp(x)

    def _inverse(self, y: Any) -> Any:
        return ag.log(y)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return x


class PowerTransform(Transform):
    """x to the power of `exponent`."""

    bijective = True
    domain = constraints.positive
    codomain = constraints.positive

    def __init__(self, exponent: Any, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.exponent = tensor(exponent)

    def _call(self, x: Any) -> Any:
        return x**self.exponent

    def _inverse(self, y: Any) -> Any:
        return y ** (1 / self.exponent)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return ag.log(ag.abs(self.exponent * y / x))


class SigmoidTransform(Transform):
    """1 / (1 + e⁻ˣ)."""

    bijective = True
    codomain = constraints.unit_interval

    def _call(self, x: Any) -> Any:
        dtype = raw(x).dtype
        low, eps = float(np.finfo(dtype).tiny), float(np.finfo(dtype).eps)
        return ag.clip(ag.sigmoid(x), low, 1.0 - eps)

    def _inverse(self, y: Any) -> Any:
        dtype = raw(y).dtype
        y = ag.clip(y, float(np.finfo(dtype).tiny), 1.0 - float(np.finfo(dtype).eps))
        return ag.log(y) - ag.log1p(-y)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return -ag.softplus(-x) - ag.softplus(x)


class SoftplusTransform(Transform):
    """log(1 + eˣ)."""

    bijective = True
    codomain = constraints.positive

    def _call(self, x: Any) -> Any:
        return ag.softplus(x)

    def _inverse(self, y: Any) -> Any:
        return ag.log(-ag.expm1(-y)) + y

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return -ag.softplus(-x)


class TanhTransform(Transform):
    """tanh x."""

    bijective = True
    codomain = constraints.interval(-1.0, 1.0)

    def _call(self, x: Any) -> Any:
        return ag.tanh(x)

    def _inverse(self, y: Any) -> Any:
        return ag.arctanh(y)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return 2.0 * (math.log(2.0) - x - ag.softplus(-2.0 * x))


class AbsTransform(Transform):
    """|x|, which has no one inverse."""

    codomain = constraints.positive

    def _call(self, x: Any) -> Any:
        return ag.abs(x)

    def _inverse(self, y: Any) -> Any:
        return y


class AffineTransform(Transform):
    """loc + scale · x."""

    bijective = True

    def __init__(self, loc: Any, scale: Any, event_dim: int = 0, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.loc, self.scale, self.event_dim = loc, scale, event_dim
        if event_dim:
            self.domain = self.codomain = constraints.independent(constraints.real, event_dim)

    @property
    def sign(self) -> Any:
        return ag.sign(tensor(self.scale))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AffineTransform):
            return False
        pairs = ((self.loc, other.loc), (self.scale, other.scale))
        return all(np.array_equal(raw(a), raw(b)) for a, b in pairs)

    __hash__ = object.__hash__

    def _call(self, x: Any) -> Any:
        return self.loc + self.scale * x

    def _inverse(self, y: Any) -> Any:
        return (y - self.loc) / self.scale

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        found = ag.log(ag.abs(tensor(self.scale)))
        found = ag.broadcast_to(found, np.broadcast_shapes(np.shape(raw(x)), np.shape(raw(found))))
        return as_face(sum_rightmost(found, self.event_dim))

    def forward_shape(self, shape: Any) -> Any:
        shapes = (np.shape(raw(self.loc)), np.shape(raw(self.scale)))
        return Size(np.broadcast_shapes(tuple(shape), *shapes))

    inverse_shape = forward_shape
