"""Comparisons and logic: questions with a yes or a no, so without a derivative."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from autograd.extend import Array, Sample, elementwise, op, sample

_PAIRS = elementwise((-2.0, 2.0), (-2.0, 2.0), kinks=(0.0, 1.0))
_TRUTHS = elementwise((-2.0, 2.0), (-2.0, 2.0), kinks=((0.0, 1.0), (1.0, 0.0), (0.0, 0.0)))
_TRUTH = elementwise((-2.0, 2.0), kinks=(0.0,))
_ODD = elementwise((-2.0, 2.0), kinks=(math.nan, math.inf, -math.inf))


@op("x = y", samples=_PAIRS)
def equal(x: Array, y: Array, /) -> Array:
    """Whether x == y, elementwise; not differentiable.

    Shape: x and y broadcast -> their common shape. Gives booleans.

    >>> import autograd as ag
    >>> ag.equal(ag.Tensor([1.0, 2.0, 3.0]), 2)
    Tensor([False,  True, False], dtype=bool)
    """
    return x == y


@op("x ≠ y", samples=_PAIRS)
def not_equal(x: Array, y: Array, /) -> Array:
    """Whether x != y, elementwise; not differentiable.

    Shape: x and y broadcast -> their common shape. Gives booleans.

    >>> import autograd as ag
    >>> ag.not_equal(ag.Tensor([1.0, 2.0, 3.0]), 2)
    Tensor([ True, False,  True], dtype=bool)
    """
    return x != y


@op("x < y", real_only=True, samples=_PAIRS)
def less(x: Array, y: Array, /) -> Array:
    """Whether x < y, elementwise; not differentiable.

    Shape: x and y broadcast -> their common shape. Gives booleans. Complex numbers raise
    DTypeError.

    >>> import autograd as ag
    >>> ag.less(ag.Tensor([1.0, 2.0, 3.0]), 2)
    Tensor([ True, False, False], dtype=bool)
    """
    return x < y


@op("x ≤ y", real_only=True, samples=_PAIRS)
def less_equal(x: Array, y: Array, /) -> Array:
    """Whether x <= y, elementwise; not differentiable.

    Shape: x and y broadcast -> their common shape. Gives booleans. Complex numbers raise
    DTypeError.

    >>> import autograd as ag
    >>> ag.less_equal(ag.Tensor([1.0, 2.0, 3.0]), 2)
    Tensor([ True,  True, False], dtype=bool)
    """
    return x <= y


@op("x > y", real_only=True, samples=_PAIRS)
def greater(x: Array, y: Array, /) -> Array:
    """Whether x > y, elementwise; not differentiable.

    Shape: x and y broadcast -> their common shape. Gives booleans. Complex numbers raise
    DTypeError.

    >>> import autograd as ag
    >>> ag.greater(ag.Tensor([1.0, 2.0, 3.0]), 2)
    Tensor([False, False,  True], dtype=bool)
    """
    return x > y


@op("x ≥ y", real_only=True, samples=_PAIRS)
def greater_equal(x: Array, y: Array, /) -> Array:
    """Whether x >= y, elementwise; not differentiable.

    Shape: x and y broadcast -> their common shape. Gives booleans. Complex numbers raise
    DTypeError.

    >>> import autograd as ag
    >>> ag.greater_equal(ag.Tensor([1.0, 2.0, 3.0]), 2)
    Tensor([False,  True,  True], dtype=bool)
    """
    return x >= y


@op("x ∧ y", samples=_TRUTHS)
def logical_and(x: Array, y: Array, /) -> Array:
    """Whether both x and y are true (not 0), elementwise.

    Shape: x and y broadcast -> their common shape. Gives booleans; NaN counts as true.

    >>> import autograd as ag
    >>> ag.logical_and(ag.Tensor([True, True, False]), ag.Tensor([True, False, False]))
    Tensor([ True, False, False], dtype=bool)
    """
    return np.logical_and(x, y)


@op("x ∨ y", samples=_TRUTHS)
def logical_or(x: Array, y: Array, /) -> Array:
    """Whether x or y is true (not 0), elementwise.

    Shape: x and y broadcast -> their common shape. Gives booleans; NaN counts as true.

    >>> import autograd as ag
    >>> ag.logical_or(ag.Tensor([True, True, False]), ag.Tensor([True, False, False]))
    Tensor([ True,  True, False], dtype=bool)
    """
    return np.logical_or(x, y)


@op("x ⊻ y", samples=_TRUTHS)
def logical_xor(x: Array, y: Array, /) -> Array:
    """Whether just one of x and y is true (not 0), elementwise.

    Shape: x and y broadcast -> their common shape. Gives booleans; NaN counts as true.

    >>> import autograd as ag
    >>> ag.logical_xor(ag.Tensor([True, True, False]), ag.Tensor([True, False, False]))
    Tensor([False,  True, False], dtype=bool)
    """
    return np.logical_xor(x, y)


@op("¬x", samples=_TRUTH)
def logical_not(x: Array, /) -> Array:
    """Whether x is false (0), elementwise.

    Shape: any -> the same. Gives booleans; NaN counts as true.

    >>> import autograd as ag
    >>> ag.logical_not(ag.Tensor([True, False]))
    Tensor([False,  True], dtype=bool)
    """
    return np.logical_not(x)


@op("x = nan", samples=_ODD)
def isnan(x: Array, /) -> Array:
    """Whether x is NaN, elementwise; of complex numbers one part at least.

    Shape: any -> the same. Gives booleans.

    >>> import autograd as ag
    >>> ag.isnan(ag.Tensor([1.0, float("inf"), float("nan")]))
    Tensor([False, False,  True], dtype=bool)
    """
    return np.isnan(x)


@op("|x| = ∞", samples=_ODD)
def isinf(x: Array, /) -> Array:
    """Whether x is infinite, elementwise; of complex numbers one part at least.

    Shape: any -> the same. Gives booleans.

    >>> import autograd as ag
    >>> ag.isinf(ag.Tensor([1.0, float("inf"), float("nan")]))
    Tensor([False,  True, False], dtype=bool)
    """
    return np.isinf(x)


@op("|x| < ∞", samples=_ODD)
def isfinite(x: Array, /) -> Array:
    """Whether x is neither infinite nor NaN, elementwise; of complex numbers neither part.

    Shape: any -> the same. Gives booleans.

    >>> import autograd as ag
    >>> ag.isfinite(ag.Tensor([1.0, float("inf"), float("nan")]))
    Tensor([ True, False, False], dtype=bool)
    """
    return np.isfinite(x)


@op("x = ∞", real_only=True, samples=_ODD)
def isposinf(x: Array, /) -> Array:
    """Whether x is positive infinity, elementwise.

    Shape: any -> the same. Gives booleans. Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.isposinf(ag.Tensor([1.0, float("inf"), float("nan")]))
    Tensor([False,  True, False], dtype=bool)
    """
    return np.isposinf(x)


@op("x = −∞", real_only=True, samples=_ODD)
def isneginf(x: Array, /) -> Array:
    """Whether x is negative infinity, elementwise.

    Shape: any -> the same. Gives booleans. Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.isneginf(ag.Tensor([1.0, float("inf"), float("nan")]))
    Tensor([False, False, False], dtype=bool)
    """
    return np.isneginf(x)


def _near() -> Iterator[Sample]:
    yield from _PAIRS()
    x = np.array([1.0, 1.0, np.nan, np.inf])
    y = np.array([1.0 + 1e-7, 1.1, np.nan, np.inf])
    yield sample(x, y, label="near")
    yield sample(x, y, rtol=0.2, equal_nan=True)


@op("x ≈ y", samples=_near)
def isclose(
    x: Array,
    y: Array,
    /,
    rtol: float = 1e-05,
    atol: float = 1e-08,
    equal_nan: bool = False,
) -> Array:
    """Whether |x - y| <= atol + rtol * |y|, elementwise.

    NaN is close to NaN only with `equal_nan`.

    Shape: x and y broadcast -> their common shape. Gives booleans.

    >>> import autograd as ag
    >>> ag.isclose(ag.Tensor([1.0, 2.0]), ag.Tensor([1.000001, 2.1]))
    Tensor([ True, False], dtype=bool)
    """
    return np.isclose(x, y, rtol, atol, equal_nan)
