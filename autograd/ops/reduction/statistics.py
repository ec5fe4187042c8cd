"""Statistics: variance, standard deviation, the mean with weights."""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np

from autograd.engine.dispatch import is_symbolic
from autograd.errors import ShapeError
from autograd.extend import Array, composite, draw, op, sample, samples
from autograd.kernels.activation.powers import powers_hold
from autograd.ops.elementwise.powers import quotient
from autograd.ops.reduction.reduce import Axis, count, mean, spread, sum

_SHAPES = samples(
    lambda: sample(draw(2, 3)),
    lambda: sample(draw(2, 3), axis=0),
    lambda: sample(draw(2, 3, 4), axis=(0, -1), keepdims=True),
    lambda: sample(draw()),
)
_SPREADS = samples(
    lambda: sample(draw(2, 3), axis=-1, correction=1),
    lambda: sample(draw(4), ddof=1),
    lambda: sample(draw(0, 3), axis=1, label="no slices"),
)


def freedom(shape: tuple[int, ...], axis: Axis, correction: float, ddof: float | None) -> float:
    """The degrees of freedom: the number of elements less the correction."""
    return max(count(shape, axis) - (correction if ddof is None else ddof), 0)


def _variance(x: Array, axis: Axis, keepdims: bool, correction: float) -> Array:
    """np.var; of an array of floats at once what it comes to after 5 µs of questions."""
    usual = type(x) is np.ndarray and x.ndim and x.dtype.char in "fd"
    n = count(x.shape, axis) if usual else 0
    if n <= max(correction, 0):
        return np.var(x, axis=axis, keepdims=keepdims, correction=correction)
    below = x - np.add.reduce(x, axis=axis, keepdims=True) / n
    np.multiply(below, below, out=below)
    return np.add.reduce(below, axis=axis, keepdims=keepdims) / (n - correction)  # type: ignore[call-overload]


def d_var(
    g: Array,
    x: Array,
    x_shape: tuple[int, ...],
    axis: Axis,
    keepdims: bool,
    correction: float,
    ddof: float | None,
) -> Array:
    slope = g * 2 / freedom(x_shape, axis, correction, ddof)
    return spread(slope, axis, keepdims) * (x - np.mean(x, axis=axis, keepdims=True))


@op(
    "var x",
    wide=True,
    x=d_var,
    real_only=True,
    samples=lambda: chain(_SHAPES(), _SPREADS()),
    reference=lambda x, ddof=0, correction=0, **params: np.var(x, ddof=ddof + correction, **params),
)
def var(
    x: Array,
    /,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    correction: float = 0,
    ddof: float | None = None,
) -> Array:
    """The mean squared distance from the mean: Σ (x − mean x)² / (n − correction).

    `correction=1` estimates the variance of what x was drawn from; `ddof` is NumPy's name for it.
    NaN where n is 0.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`. Integers give
    floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.var(ag.Tensor([1.0, 2.0, 3.0]), correction=1)
    Tensor(1., dtype=float32)
    """
    correction = correction if ddof is None else ddof
    return _variance(x, axis, keepdims, correction)


def d_std(
    g: Array,
    x: Array,
    out: Array,
    x_shape: tuple[int, ...],
    axis: Axis,
    keepdims: bool,
    correction: float,
    ddof: float | None,
) -> Array:
    if count(x_shape, axis) == 1:  # 0 (or NaN), whatever the element is
        return spread(g * out, axis, keepdims)
    slope = quotient(x - np.mean(x, axis=axis, keepdims=True), spread(out, axis, keepdims))
    return spread(g / freedom(x_shape, axis, correction, ddof), axis, keepdims) * slope


@op(
    "std x",
    wide=True,
    x=d_std,
    real_only=True,
    samples=lambda: chain(
        _SHAPES(),
        _SPREADS(),
        samples(lambda: sample(np.ones((2, 3)), axis=1, label="constant", smooth=False))(),
    ),
    reference=lambda x, ddof=0, correction=0, **params: np.std(x, ddof=ddof + correction, **params),
)
def std(
    x: Array,
    /,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    correction: float = 0,
    ddof: float | None = None,
) -> Array:
    """The standard deviation √var; its gradient is 0 where all elements are equal.

    `correction` (or `ddof`) is that of `var`. Second derivatives are NaN where the elements are
    equal.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`. Integers give
    floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.std(ag.Tensor([1.0, 2.0, 3.0]), correction=1)
    Tensor(1., dtype=float32)
    """
    correction = correction if ddof is None else ddof
    with np.errstate(over="ignore", under="ignore"):
        out = np.sqrt(_variance(x, axis, keepdims, correction))
        if not x.size or x.dtype.kind != "f":
            return out
        if not is_symbolic(x) and powers_hold(out, 2):
            return out
        scale = np.max(np.abs(x), axis=axis, keepdims=True)  # squares are too large or too small
        scale = np.where(np.isfinite(scale) & (scale > 0), scale, 1)
        out = np.std(x / scale, axis=axis, keepdims=True, correction=correction) * scale
    return (out if keepdims else np.squeeze(out, axis))[()]


@composite(
    "Σ w x / Σ w",
    wide=True,
    samples=samples(
        lambda: sample(draw(2, 3)),
        lambda: sample(draw(2, 3), draw(2, 3, low=0.5, seed=1)),
        lambda: sample(draw(2, 3), draw(3, low=0.5, seed=1), axis=-1, keepdims=True),
        lambda: sample(draw(2, 3), draw(2, low=0.5, seed=1), axis=0),
    ),
    reference=lambda x, weights=None, **params: np.average(x, weights=weights, **params),
)
def _average(
    x: Array, weights: Array = None, /, axis: Axis = None, keepdims: bool = False
) -> Array:
    if weights is None:
        return mean(x, axis=axis, keepdims=keepdims)
    shape = np.shape(x)
    if np.shape(weights) != shape:
        if not isinstance(axis, int) or np.shape(weights) != (shape[axis:][:1] or None):
            raise ShapeError(
                f"average: weights are {np.shape(weights)}; x is {shape}, axis is {axis}.\n"
                "  Give one weight per element, or along one axis one weight per slice."
            )
        lengths = [1] * len(shape)
        lengths[axis] = -1
        weights = np.reshape(weights, tuple(lengths))
    total = sum(weights, axis=axis, keepdims=keepdims)
    return sum(weights * x, axis=axis, keepdims=keepdims) / total


def average(
    x: Array,
    axis: Axis = None,
    weights: Array = None,
    *,
    keepdims: bool = False,
    returned: bool = False,
) -> Any:
    """The mean with weights: Σ w x / Σ w.

    `weights` have the shape of x, or are 1-D along a single axis; None weighs all the same. With
    `returned` a pair: the mean, and the sum of the weights.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`. Integers give
    floats. Weights of another shape raise ShapeError.

    >>> import autograd as ag
    >>> ag.average(ag.Tensor([1.0, 3.0]), weights=ag.Tensor([3.0, 1.0]))
    Tensor(1.5, dtype=float32)
    """
    found = _average(x, weights, axis, keepdims)
    if not returned:
        return found
    x = x if hasattr(x, "dtype") else np.asarray(x)
    weights = 1.0 if weights is None else weights
    if np.ndim(weights) == 1 and np.ndim(x) > 1 and isinstance(axis, int):
        weights = np.reshape(weights, tuple(-1 if a == axis % np.ndim(x) else 1
                                            for a in range(np.ndim(x))))  # fmt: skip
    ones = np.ones(np.shape(x), np.result_type(found))
    return found, sum(weights * ones, axis=axis, keepdims=keepdims)
