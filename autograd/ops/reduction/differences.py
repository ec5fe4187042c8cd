"""Differences of neighbours along an axis, and what undoes them: the integral."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.ranges import Length
from autograd.engine.typed import Tensor
from autograd.errors import AxisError
from autograd.extend import Array, composite, draw, sample, samples
from autograd.ops.reduction.recurrence import along
from autograd.ops.shape.join import concat


@composite(
    "xₜ₊₁ − xₜ",
    samples=samples(
        lambda: sample(draw(4)),
        lambda: sample(draw(2, 4), n=2, axis=-1),
        lambda: sample(draw(4, 2), axis=0, prepend=0.0, append=np.ones((1, 2), np.float32)),
        lambda: sample(draw(1, 2), n=2, axis=0),
    ),
    reference=lambda x, **params: np.diff(x, **params),
)
def diff(
    x: Array, /, n: Length = 1, axis: int = -1, prepend: Array = None, append: Array = None
) -> Array:
    """The differences of neighbours along an axis, n times over.

    `prepend` and `append` are put at the ends first, unless n is 0; a scalar stands for one slice
    of it. Booleans differ where they are not equal.

    Shape: (..., N, ...) -> (..., N - n, ...) along `axis`, and never less than 0.

    >>> import autograd as ag
    >>> ag.diff(ag.Tensor([1.0, 4.0, 9.0]))
    Tensor([3., 5.], dtype=float32)
    """
    x = x if hasattr(x, "dtype") else np.asarray(x)
    if not -np.ndim(x) <= axis < np.ndim(x):
        raise AxisError(f"diff: x is {np.shape(x)} and has no axis {axis}")
    if n and (prepend is not None or append is not None):
        one = list(np.shape(x))
        one[axis] = 1
        slice_of_zeros = np.zeros_like(x, shape=tuple(one))
        ends = [
            slice_of_zeros + end if end is not None and np.ndim(end) == 0 else end
            for end in (prepend, append)
        ]
        parts = [part for part in (ends[0], x, ends[1]) if part is not None]
        x = concat(parts, axis=axis)
    for _ in range(min(n, x.shape[axis])):
        later, earlier = x[along(axis, slice(1, None))], x[along(axis, slice(None, -1))]
        x = np.not_equal(later, earlier) if x.dtype == bool else later - earlier
    return x


@composite(
    "∫ y dx",
    wide=True,
    samples=samples(
        lambda: sample(draw(5)),
        lambda: sample(draw(3, 2), axis=0, dx=0.5),
        lambda: sample(draw(2, 4), np.cumsum(draw(4, low=0.5, seed=1))),
        lambda: sample(draw(2, 4), draw(2, 4, seed=1)),
    ),
    reference=lambda y, x=None, **params: np.trapezoid(y, x, **params),
)
def _trapezoid(y: Array, x: Array = None, /, dx: Any = 1.0, axis: int = -1) -> Array:
    y = y if hasattr(y, "dtype") else np.asarray(y)
    y = y + 0.0 if y.dtype.kind in "biu" else y  # sums of small integers would wrap around
    if not -np.ndim(y) <= axis < np.ndim(y):
        raise AxisError(f"trapezoid: y is {np.shape(y)} and has no axis {axis}")
    step: Array = dx
    if x is not None:
        step = diff(x, axis=-1 if np.ndim(x) == 1 else axis)
        if np.ndim(step) == 1:
            shape = [1] * np.ndim(y)
            shape[axis] = -1
            step = np.reshape(step, tuple(shape))
    pairs = y[along(axis, slice(1, None))] + y[along(axis, slice(None, -1))]
    return np.sum(step * pairs, axis=axis) / 2


def trapezoid(y: Array, x: Array = None, dx: Any = 1.0, axis: int = -1) -> Tensor:
    """The integral of y along an axis by the trapezoidal rule, at points x or at a distance dx.

    `x` is 1-D along the axis, or broadcasts with y. The gradient flows back to both, and to `dx`.

    Shape: (..., N, ...) -> the same without `axis`. Integers give floats.

    >>> import autograd as ag
    >>> ag.trapezoid(ag.Tensor([1.0, 2.0, 3.0]))
    Tensor(4., dtype=float32)
    """
    return _trapezoid(y, x, dx, axis)
