"""Activation functions that bend at 0: the rectifier and its kin.

Formulas and defaults are PyTorch's. At a kink the derivative is that of the flat side.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograd.extend import Array, Sample, composite, draw, elementwise, op, sample
from autograd.kernels.activation import piecewise as kernel
from autograd.kernels.activation.relu import relu as _relu
from autograd.kernels.activation.relu import relu_pull
from autograd.ops.elementwise.extremes import clip
from autograd.ops.shape.shape import reshape

_ANY = (-2.0, 2.0)
_WIDE = (-8.0, 8.0)
_BENT_AT_0 = elementwise(_ANY, away_from=(0.0,), kinks=(0.0, 1000.0, -1000.0))

# Self-normalising constants (Klambauer et al., 2017), solved to double precision
_SELU_ALPHA = 1.6732632423543772848170429916717
_SELU_SCALE = 1.0507009873554804934193349852946


@op(
    "max(x, 0)",
    x=lambda g, out: relu_pull(g, out),
    elementwise=True,
    real_only=True,
    samples=_BENT_AT_0,
    reference=lambda x: np.where(x > 0, x, 0.0),
)
def relu(x: Array, /) -> Array:
    """x where it is positive, else 0; its derivative at 0 is 0.

    Source: Nair and Hinton, Rectified linear units improve restricted Boltzmann machines (2010).

    Shape: any -> the same. Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.relu(ag.Tensor([-1.0, 2.0]))
    Tensor([0., 2.], dtype=float32)
    """
    return _relu(x)


@op(
    "min(max(x, 0), 6)",
    x=lambda g, out: kernel.hardtanh_pull(g, out, 0, 6),
    elementwise=True,
    real_only=True,
    samples=elementwise(_WIDE, away_from=(0.0, 6.0), kinks=(0.0, 6.0)),
    reference=lambda x: np.where(x > 0, np.where(x < 6, x, 6.0), 0.0),
)
def relu6(x: Array, /) -> Array:
    """x cut off at 0 and at 6 (Howard et al., 2017); its derivative at both is 0.

    Shape: any -> the same. Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.relu6(ag.Tensor([-1.0, 2.0, 8.0]))
    Tensor([0., 2., 6.], dtype=float32)
    """
    return np.clip(x, 0, 6)


def _leaky_samples() -> Iterator[Sample]:
    yield from _BENT_AT_0()
    yield sample(draw(2, 3, away_from=(0.0,)), negative_slope=0.2)


@op(
    "leaky relu x",
    x=lambda g, x, negative_slope: kernel.leaky_relu_pull(g, x, negative_slope),
    elementwise=True,
    real_only=True,
    samples=_leaky_samples,
    reference=lambda x, negative_slope=0.01: x * (x > 0) + negative_slope * x * (x <= 0),
)
def leaky_relu(x: Array, /, negative_slope: float = 0.01) -> Array:
    """x where it is positive, else negative_slope * x (Maas et al., 2013).

    The derivative at 0 is negative_slope.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.leaky_relu(ag.Tensor([-1.0, 2.0]))
    Tensor([-0.01,  2.  ], dtype=float32)
    """
    return kernel.leaky_relu(x, negative_slope)


@composite(
    "prelu x",
    real_only=True,
    samples=lambda: (
        sample(draw(2, 3, away_from=(0.0,)), draw(3)),
        sample(draw(2, 3, 4, away_from=(0.0,)), draw(3), label="channels"),
        sample(draw(2, 3, away_from=(0.0,)), draw(), label="one weight"),
        sample(draw(3, away_from=(0.0,)), draw(1), label="1-d"),
        sample(draw(low=-2.0, high=-1.0), draw(1), label="0-d"),
        sample(draw(0, 3), draw(3), label="empty"),
    ),
    reference=lambda x, weight: (
        np.maximum(x, 0)
        + np.moveaxis(np.moveaxis(np.minimum(x, 0), x.ndim > 1, -1) * weight, -1, x.ndim > 1)
        if x.ndim
        else x * weight[0]
    ),
)
def prelu(x: Array, weight: Array, /) -> Array:
    """x where it is positive, else weight * x, with a weight to learn (He et al., 2015).

    The derivative at 0 is the weight.

    Shape: (N, C, ...) and a weight (C,), (1,) or () -> the shape of x. Complex numbers raise
    DTypeError. Another length raises ShapeError.

    >>> import autograd as ag
    >>> ag.prelu(ag.Tensor([[-1.0, 2.0], [-3.0, -4.0]]), ag.Tensor([0.25, 0.5]))
    Tensor([[-0.25,  2.  ],
            [-0.75, -2.  ]], dtype=float32)
    """
    if (weight.size > 1 and x.ndim > 2) or (weight.size == 1 and weight.ndim > x.ndim):
        weight = reshape(weight, (weight.size,)[: x.ndim] + (1,) * (x.ndim - 2))
    return relu(x) + weight * clip(x, None, 0)


def _elu(x: Array, alpha: float = 1.0) -> Array:
    return np.array([t if t > 0 else alpha * np.expm1(t) for t in x.flat]).reshape(x.shape)


def _elu_samples() -> Iterator[Sample]:
    yield from _BENT_AT_0()
    yield sample(draw(2, 3, away_from=(0.0,)), alpha=0.7)


@op(
    "elu x",
    x=lambda g, x, alpha: kernel.elu_pull(g, x, 1, alpha, 1),
    elementwise=True,
    real_only=True,
    samples=_elu_samples,
    reference=_elu,
)
def elu(x: Array, /, alpha: float = 1.0) -> Array:
    """x where it is positive, else alpha * (exp(x) - 1); alpha >= 0 (Clevert et al., 2016).

    The derivative at 0 is alpha.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.elu(ag.Tensor([-100.0, 2.0]))
    Tensor([-1.,  2.], dtype=float32)
    """
    return kernel.elu(x, 1, alpha, 1)


def d_selu_x(g: Array, x: Array) -> Array:
    return kernel.elu_pull(g, x, _SELU_SCALE, _SELU_SCALE * _SELU_ALPHA, 1)


@op(
    "selu x",
    x=d_selu_x,
    elementwise=True,
    real_only=True,
    samples=_BENT_AT_0,
    reference=lambda x: _SELU_SCALE * _elu(x, _SELU_ALPHA),
)
def selu(x: Array, /) -> Array:
    """elu with the scale and alpha that keep mean 0 and variance 1 (Klambauer et al., 2017).

    The derivative at 0 is that of the left side, scale * alpha ≈ 1.758.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.selu(ag.Tensor([-1.0, 2.0])), 4)
    Tensor([-1.1113,  2.1014], dtype=float32)
    """
    return kernel.elu(x, _SELU_SCALE, _SELU_SCALE * _SELU_ALPHA, 1)


@op(
    "celu x",
    x=lambda g, x, alpha: kernel.elu_pull(g, x, 1, alpha, alpha),
    elementwise=True,
    real_only=True,
    samples=_elu_samples,
    reference=lambda x, alpha=1.0: alpha * _elu(x / alpha),
)
def celu(x: Array, /, alpha: float = 1.0) -> Array:
    """x where it is positive, else alpha * (exp(x / alpha) - 1), smooth at 0 (Barron, 2017).

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.celu(ag.Tensor([-100.0, 2.0]), alpha=0.5)
    Tensor([-0.5,  2. ], dtype=float32)
    """
    return kernel.elu(x, 1, alpha, alpha)
