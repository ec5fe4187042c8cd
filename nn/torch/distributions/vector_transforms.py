"""Transforms of vectors and matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd.extend import raw
from nn.torch.distributions import constraints
from nn.torch.distributions.parameters import Size, clamp_probs, constant
from nn.torch.distributions.transform import Transform

__all__ = ["LowerCholeskyTransform", "SoftmaxTransform", "StickBreakingTransform"]


class SoftmaxTransform(Transform):
    """Shares in proportion to eˣ; their sum is lost."""

    domain = constraints.real_vector
    codomain = constraints.simplex

    def _call(self, x: Any) -> Any:
        return ag.softmax(x, axis=-1)

    def _inverse(self, y: Any) -> Any:
        return ag.log(y)


class StickBreakingTransform(Transform):
    """Shares of a stick, of which each number breaks a piece off: (..., K) -> (..., K + 1)."""

    bijective = True
    domain = constraints.real_vector
    codomain = constraints.simplex

    def _offset(self, x: Any) -> Any:
        size = np.shape(raw(x))[-1]
        return constant(np.log(np.arange(size, 0, -1)).astype(raw(x).dtype))

    def _padded(self, x: Any, before: bool, value: float) -> Any:
        axes = [(0, 0)] * (np.ndim(raw(x)) - 1)
        return ag.pad(x, [*axes, (1, 0) if before else (0, 1)], constant_values=value)

    def _call(self, x: Any) -> Any:
        z = clamp_probs(ag.sigmoid(x - self._offset(x)))
        left = ag.cumprod(1 - z, axis=-1)
        return self._padded(z, False, 1.0) * self._padded(left, True, 1.0)

    def _inverse(self, y: Any) -> Any:
        crop = y[..., :-1]
        left = 1 - ag.cumsum(crop, axis=-1)
        left = ag.clip(left, float(np.finfo(raw(y).dtype).tiny), None)
        return ag.log(crop) - ag.log(left) + self._offset(crop)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        x = x - self._offset(x)
        return ag.sum(-x + ag.log_sigmoid(x) + ag.log(y[..., :-1]), axis=-1)

    def forward_shape(self, shape: Any) -> Any:
        return Size((*shape[:-1], shape[-1] + 1))

    def inverse_shape(self, shape: Any) -> Any:
        return Size((*shape[:-1], shape[-1] - 1))


class LowerCholeskyTransform(Transform):
    """A lower triangle whose diagonal is positive, of any square matrix."""

    domain = constraints.independent(constraints.real, 2)
    codomain = constraints.lower_cholesky

    def _diagonal(self, values: Any, x: Any) -> Any:
        eye = constant(np.eye(np.shape(raw(x))[-1], dtype=raw(x).dtype))
        return ag.tril(x, -1) + eye * ag.expand_dims(values, -1)

    def _call(self, x: Any) -> Any:
        return self._diagonal(ag.exp(ag.diagonal(x, axis1=-2, axis2=-1)), x)

    def _inverse(self, y: Any) -> Any:
        return self._diagonal(ag.log(ag.diagonal(y, axis1=-2, axis2=-1)), y)
