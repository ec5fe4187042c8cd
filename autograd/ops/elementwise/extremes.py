"""The larger and the smaller of two numbers, and clipping between bounds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograd.extend import Array, Sample, draw, elementwise, op, sample

_ANY = (-2.0, 2.0)


def _pairs() -> Iterator[Sample]:
    yield from elementwise(_ANY, _ANY, kinks=((0.0, 0.0), (1.0, 1.0)))()


def _pairs_with_nan() -> Iterator[Sample]:
    yield from _pairs()
    nan = np.nan
    yield sample(np.array([nan, 1.0, nan]), np.array([2.0, nan, nan]), label="nan", smooth=False)


def half_each(g: Array, wins: Array, loses: Array) -> Array:
    """Ties share the gradient evenly: half for winning, half for not losing.

    The sum of two masks times 0.5 would be float64 whatever g is; so g is multiplied first.
    """
    return 0.5 * (g * wins + g * np.logical_not(loses))


def _above(x: Array, y: Array) -> Array:
    return np.logical_or(x > y, x != x)  # NaN is above all numbers


def _below(x: Array, y: Array) -> Array:
    return np.logical_or(x < y, x != x)


@op(
    "max(x, y)",
    x=lambda g, x, y: half_each(g, _above(x, y), _above(y, x)),
    y=lambda g, x, y: half_each(g, _above(y, x), _above(x, y)),
    elementwise=True,
    real_only=True,
    samples=_pairs,
)
def maximum(x: Array, y: Array, /) -> Array:
    """The larger of x and y, elementwise; NaN if either is.

    Ties share the gradient evenly, and a NaN takes it.

    Shape: x and y broadcast -> their common shape. Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.maximum(ag.Tensor([1.0, 5.0]), 2)
    Tensor([2., 5.], dtype=float32)
    """
    return np.maximum(x, y)


@op(
    "min(x, y)",
    x=lambda g, x, y: half_each(g, _below(x, y), _below(y, x)),
    y=lambda g, x, y: half_each(g, _below(y, x), _below(x, y)),
    elementwise=True,
    real_only=True,
    samples=_pairs,
)
def minimum(x: Array, y: Array, /) -> Array:
    """The smaller of x and y, elementwise; NaN if either is.

    Ties share the gradient evenly, and a NaN takes it.

    Shape: x and y broadcast -> their common shape. Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.minimum(ag.Tensor([1.0, 5.0]), 2)
    Tensor([1., 2.], dtype=float32)
    """
    return np.minimum(x, y)


@op(
    "fmax(x, y)",
    x=lambda g, x, y: half_each(g, _below(y, x), _below(x, y)),  # here NaN is below all
    y=lambda g, x, y: half_each(g, _below(x, y), _below(y, x)),
    elementwise=True,
    real_only=True,
    samples=_pairs_with_nan,
)
def fmax(x: Array, y: Array, /) -> Array:
    """The larger of x and y, elementwise, or the one that is not NaN.

    Ties share the gradient evenly.

    Shape: x and y broadcast -> their common shape. Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.fmax(ag.Tensor([1.0, float("nan")]), 2)
    Tensor([2., 2.], dtype=float32)
    """
    return np.fmax(x, y)


@op(
    "fmin(x, y)",
    x=lambda g, x, y: half_each(g, _above(y, x), _above(x, y)),
    y=lambda g, x, y: half_each(g, _above(x, y), _above(y, x)),
    elementwise=True,
    real_only=True,
    samples=_pairs_with_nan,
)
def fmin(x: Array, y: Array, /) -> Array:
    """The smaller of x and y, elementwise, or the one that is not NaN.

    Ties share the gradient evenly.

    Shape: x and y broadcast -> their common shape. Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.fmin(ag.Tensor([1.0, float("nan")]), 2)
    Tensor([1., 2.], dtype=float32)
    """
    return np.fmin(x, y)


def _unless_crossed(mask: Array, min: Array, max: Array) -> Array:
    """Where the bounds leave nothing between them, the result is max, whatever x and min are."""
    if min is None or max is None:
        return mask
    if isinstance(min, (int, float)) and isinstance(max, (int, float)):  # written in the program
        return mask if min < max else 0 * mask
    return np.logical_and(mask, min < max)


def _or_crossed(mask: Array, min: Array, max: Array) -> Array:
    return mask if min is None else np.logical_or(mask, min >= max)


def _clip_samples() -> Iterator[Sample]:
    yield from elementwise(_ANY, (-1.2, -1.0), (1.0, 1.2), kinks=((1.0, -1.0, 1.0),))()
    x = draw(2, 3, away_from=(0.5,))
    yield sample(x, 0.5, None, label="below")
    yield sample(x, None, 0.5, label="above")
    yield sample(x, None, None, label="nowhere")


@op(
    "clip x",
    x=lambda g, x, out, min, max: g * _unless_crossed(x == out, min, max),
    min=lambda g, x, out, min, max: g * _unless_crossed(x < out, min, max),
    max=lambda g, x, out, min, max: g * _or_crossed(x > out, min, max),
    elementwise=True,
    real_only=True,
    samples=_clip_samples,
)
def clip(x: Array, min: Array = None, max: Array = None, /) -> Array:
    """x, but min where it is smaller and max where it is larger; either bound may be None.

    The gradient passes to x between the bounds and at them, and to a bound where x lies beyond it.
    Where min exceeds max the result is max, which then gets the gradient.

    Shape: x, min and max broadcast -> their common shape. Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.clip(ag.Tensor([-3.0, 0.5, 3.0]), -1, max=1)
    Tensor([-1. ,  0.5,  1. ], dtype=float32)
    """
    if type(x) in (int, float):  # a weak number, which np.clip would make float64
        x = np.result_type(x, *(bound for bound in (min, max) if bound is not None)).type(x)
    return np.clip(x, min, max)
