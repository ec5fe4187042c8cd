"""The logistic function and its inverse, and the logarithm of a sum, whose slope it is."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from autograd.extend import Array, Sample, elementwise, op, sample
from autograd.kernels.activation import sigmoid as kernel

_LN2 = math.log(2)


@op(
    "σ(x)",
    x=lambda g, out: g * (out * (1 - out)),
    elementwise=True,
    real_only=True,
    samples=elementwise((-3.0, 3.0), kinks=(1000.0, -1000.0, 1e30, -1e30)),
    reference="scipy.special.expit",
)
def sigmoid(x: Array, /) -> Array:
    """1 / (1 + exp(-x)), the logistic function, elementwise, without overflow.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.sigmoid(ag.Tensor([-1000.0, 0.0, 1000.0]))
    Tensor([0. , 0.5, 1. ], dtype=float32)
    """
    return kernel.sigmoid(x)


expit = sigmoid


@op(
    "log(x / (1 − x))",
    x=lambda g, x: g / x + g / (1 - x),
    elementwise=True,
    real_only=True,
    samples=elementwise((0.1, 0.9)),
    reference="scipy.special.logit",
)
def logit(x: Array, /) -> Array:
    """log(x / (1 - x)), the inverse of the sigmoid, elementwise, for 0 < x < 1.

    ±∞ at the ends, NaN beyond.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.logit(ag.Tensor([0.5, 0.9])), 4)
    Tensor([0.    , 2.1972], dtype=float32)
    """
    x = x + 0.0  # integers without a sign would wrap around
    rest = 1 - x
    near = np.logical_and(x > 0.25, x < 0.75)  # where 2x − 1 is exact, and the quotient about 1
    beside = np.where(near, x + x - 1, 0) / np.where(near, rest, 1)
    found = np.where(near, np.log1p(beside), np.log(np.divide(x, rest)))
    return found if found.ndim else found[()]


def _ahead(x: Array, y: Array, out: Array) -> Array:
    """x − y, of which σ is x's share, however coarsely `out` is rounded; none, if both are −∞."""
    return x - np.where(out == -np.inf, 0, y)


def _log_pairs() -> Iterator[Sample]:
    yield from elementwise((-2.0, 2.0), (-2.0, 2.0))()
    x, y = np.array([-np.inf, -np.inf, 1e5]), np.array([-np.inf, 1.0, -1e5])
    yield sample(x, y, label="far apart", smooth=False)


@op(
    "log(eˣ + eʸ)",
    x=lambda g, x, y, out: g * sigmoid(_ahead(x, y, out)),
    y=lambda g, x, y, out: g * sigmoid(_ahead(y, x, out)),
    elementwise=True,
    real_only=True,
    samples=_log_pairs,
)
def logaddexp(x: Array, y: Array, /) -> Array:
    """log(exp(x) + exp(y)), elementwise, without overflow: a smooth maximum.

    The gradient is the softmax of x and y, and 0 where both are -∞.

    Shape: x and y broadcast -> their common shape. Integers give floats; complex numbers raise
    DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.logaddexp(ag.Tensor([0.0, 1000.0]), 0), 4)
    Tensor([6.931e-01, 1.000e+03], dtype=float32)
    """
    return kernel.logaddexp(x, y)


@op(
    "log₂(2ˣ + 2ʸ)",
    x=lambda g, x, y, out: g * sigmoid(_LN2 * _ahead(x, y, out)),
    y=lambda g, x, y, out: g * sigmoid(_LN2 * _ahead(y, x, out)),
    elementwise=True,
    real_only=True,
    samples=_log_pairs,
)
def logaddexp2(x: Array, y: Array, /) -> Array:
    """log2(2**x + 2**y), elementwise, without overflow.

    The gradient is 0 where x and y are both -∞.

    Shape: x and y broadcast -> their common shape. Integers give floats; complex numbers raise
    DTypeError.

    >>> import autograd as ag
    >>> ag.logaddexp2(ag.Tensor([0.0, 1000.0]), 0)
    Tensor([   1., 1000.], dtype=float32)
    """
    return np.logaddexp2(x, y)
