"""Reciprocals, roots, and functions of two legs: what is a power but not written with **."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograd.engine.dispatch import is_symbolic
from autograd.extend import Array, Sample, draw, elementwise, op, sample
from autograd.kernels.activation.powers import hypot as _hypot
from autograd.ops.elementwise.arithmetic import d_power_x, d_power_y

_ANY = (-2.0, 2.0)
_POSITIVE = (0.3, 3.0)


@op(
    "1/x",
    x=lambda g, out: -g * out * out,
    elementwise=True,
    samples=elementwise(_POSITIVE, complex_=True),
)
def reciprocal(x: Array, /) -> Array:
    """1/x, elementwise; of integers cut off to integers, as in NumPy.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> ag.reciprocal(ag.Tensor([2.0, -4.0]))
    Tensor([ 0.5 , -0.25], dtype=float32)
    """
    return np.reciprocal(x)


@op(
    "√x",
    x=lambda g, out: 0.5 * g / out,
    elementwise=True,
    samples=elementwise(_POSITIVE, complex_=True),
)
def sqrt(x: Array, /) -> Array:
    """The non-negative square root, elementwise; its derivative is infinite at 0.

    NaN for negative x; of complex numbers the root with real part >= 0.

    Shape: any -> the same. Integers give floats.

    >>> import autograd as ag
    >>> ag.sqrt(ag.Tensor([4.0, 9.0]))
    Tensor([2., 3.], dtype=float32)
    """
    return np.sqrt(x)


@op(
    "∛x",
    x=lambda g, out: g / (3 * out * out),
    elementwise=True,
    real_only=True,
    samples=elementwise(_ANY, away_from=(0.0,)),
)
def cbrt(x: Array, /) -> Array:
    """The cube root, elementwise, also of negative numbers; its derivative is infinite at 0.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.cbrt(ag.Tensor([-8.0, 27.0])), 4)
    Tensor([-2.,  3.], dtype=float32)
    """
    return np.cbrt(x)


def _float_power_samples() -> Iterator[Sample]:
    yield from elementwise(_POSITIVE, _ANY)()
    yield sample(draw(2, 3, away_from=[0]), -2)


@op(
    "xʸ",
    x=d_power_x,
    y=d_power_y,
    elementwise=True,
    samples=_float_power_samples,
)
def float_power(x: Array, y: Array, /) -> Array:
    """x to the power y in double precision, whatever the dtypes, so that negative y suit integers.

    Shape: x and y broadcast -> their common shape. Gives float64 (complex128 of complex numbers).

    >>> import autograd as ag
    >>> ag.float_power(ag.Tensor([2, 4]), -1)
    Tensor([0.5 , 0.25], dtype=float64)
    """
    return np.float_power(x, y)


def _nan_for_0(y: Array) -> Array:
    return np.where(y == 0, np.nan, y)


@op(
    "x / y",
    x=lambda g, y: g / _nan_for_0(y),
    y=lambda g, y, out: -g * out / _nan_for_0(y),
    elementwise=True,
    samples=elementwise(_ANY, _POSITIVE),
    reference="numpy.divide",
)
def quotient(x: Array, y: Array, /) -> Array:
    """x / y, and x where y is 0: for slopes of lengths y, which have none of their own there.

    A length of 0 has the subgradient 0, x being 0 as well; its second derivatives are NaN.

    >>> import autograd as ag
    >>> ag.ops.elementwise.powers.quotient(ag.Tensor([0.0, 3.0]), ag.Tensor([0.0, 5.0]))
    Tensor([0. , 0.6], dtype=float32)
    """
    zero = y == 0
    return x / np.where(zero, 1, y) if is_symbolic(y) or np.any(zero) else x / y


def per_square(x: Array, r: Array) -> Array:
    """x / r² without overflow, and 0 where r is."""
    return quotient(quotient(x, r), r)


@op(
    "√(x² + y²)",
    x=lambda g, x, out: g * quotient(x, out),
    y=lambda g, y, out: g * quotient(y, out),
    elementwise=True,
    real_only=True,
    samples=elementwise(_ANY, _ANY, kinks=(0.0,)),
)
def hypot(x: Array, y: Array, /) -> Array:
    """The length of the vector (x, y), elementwise, without overflow; its gradient is 0 at 0.

    Second derivatives at 0 are NaN.

    Shape: x and y broadcast -> their common shape. Integers give floats; complex numbers raise
    DTypeError.

    >>> import autograd as ag
    >>> ag.hypot(ag.Tensor([3.0, 5.0]), ag.Tensor([4.0, 12.0]))
    Tensor([ 5., 13.], dtype=float32)
    """
    return _hypot(x, y)


@op(
    "x + w·(y − x)",
    x=lambda g, w: g * (1 - w),
    y=lambda g, w: g * w,
    w=lambda g, x, y: g * (y - x),
    elementwise=True,
    wide=True,
    samples=elementwise(_ANY, _ANY, _ANY),
    reference=lambda x, y, w: (1 - w) * x + w * y,
)
def lerp(x: Array, y: Array, w: Array, /) -> Array:
    """The point a fraction w of the way from x to y: linear interpolation, elementwise.

    No w is refused: beyond 0 and 1 the line goes on.

    Shape: x, y and w broadcast -> their common shape. Integers give floats.

    >>> import autograd as ag
    >>> ag.lerp(ag.Tensor([0.0, 10.0]), ag.Tensor([1.0, 20.0]), 0.5)
    Tensor([ 0.5, 15. ], dtype=float32)
    """
    return x + w * (y - 1.0 * x)  # 1.0: the difference of small integers would wrap around
