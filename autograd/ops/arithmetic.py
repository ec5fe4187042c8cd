"""Arithmetic: the operators, powers, quotients and remainders.

Forwards are Python's operators, not ufuncs: on NumPy scalars `x * y` takes a tenth of the time of
`np.multiply(x, y)`, and on arrays it is the same ufunc.
"""

from __future__ import annotations

import numpy as np

from autograd.op import Array, op
from autograd.samples import elementwise

__all__ = [
    "add",
    "divide",
    "multiply",
    "negative",
    "pow",
    "power",
    "square",
    "subtract",
    "true_divide",
]

_ANY = (-2.0, 2.0)
_POSITIVE = (0.3, 3.0)


@op(
    "x + y",
    x=lambda g: g,
    y=lambda g: g,
    elementwise=True,
    linear=True,
    samples=elementwise(_ANY, _ANY, complex_=True),
    reference="numpy.add",
)
def add(x: Array, y: Array, /) -> Array:
    """x + y, elementwise, with broadcasting.

    >>> import autograd as ag
    >>> ag.add(ag.Tensor([1.0, 2.0]), 1)
    Tensor([2., 3.], dtype=float32)
    """
    return x + y


@op(
    "x − y",
    x=lambda g: g,
    y=lambda g: -g,
    elementwise=True,
    linear=True,
    samples=elementwise(_ANY, _ANY, complex_=True),
    reference="numpy.subtract",
)
def subtract(x: Array, y: Array, /) -> Array:
    """x - y, elementwise, with broadcasting.

    >>> import autograd as ag
    >>> ag.subtract(ag.Tensor([1.0, 2.0]), 1)
    Tensor([0., 1.], dtype=float32)
    """
    return x - y


@op(
    "x · y",
    x=lambda g, y: g * y,
    y=lambda g, x: g * x,
    elementwise=True,
    samples=elementwise(_ANY, _ANY, complex_=True),
    reference="numpy.multiply",
)
def multiply(x: Array, y: Array, /) -> Array:
    """x * y, elementwise, with broadcasting.

    >>> import autograd as ag
    >>> ag.multiply(ag.Tensor([1.0, 2.0]), 3)
    Tensor([3., 6.], dtype=float32)
    """
    return x * y


@op(
    "x / y",
    x=lambda g, y: g / y,
    y=lambda g, out, y: -g * out / y,
    elementwise=True,
    samples=elementwise(_ANY, _POSITIVE, complex_=True),
    reference="numpy.divide",
)
def divide(x: Array, y: Array, /) -> Array:
    """x / y, elementwise, with broadcasting; integers give floating results.

    >>> import autograd as ag
    >>> ag.divide(ag.Tensor([1.0, 2.0]), 4)
    Tensor([0.25, 0.5 ], dtype=float32)
    """
    return x / y


true_divide = divide


@op(
    "−x",
    x=lambda g: -g,
    elementwise=True,
    linear=True,
    samples=elementwise(_ANY, complex_=True),
    reference="numpy.negative",
)
def negative(x: Array, /) -> Array:
    """-x, elementwise.

    >>> import autograd as ag
    >>> ag.negative(ag.Tensor([1.0, -2.0]))
    Tensor([-1.,  2.], dtype=float32)
    """
    return -x


@op(
    "x²",
    x=lambda g, x: g * (2 * x),
    elementwise=True,
    samples=elementwise(_ANY, complex_=True),
    reference="numpy.square",
)
def square(x: Array, /) -> Array:
    """x², elementwise.

    >>> import autograd as ag
    >>> ag.square(ag.Tensor([1.0, -2.0]))
    Tensor([1., 4.], dtype=float32)
    """
    return x * x


def d_power_x(g: Array, x: Array, y: Array) -> Array:
    # where y is 0 the derivative is 0 for every x, also at x = 0 where x**(y-1) is infinite
    return g * np.where(y == 0, 0, y * x ** np.where(y == 0, 1, y - 1))


def d_power_y(g: Array, x: Array, y: Array, out: Array) -> Array:
    # 0**y is 0 for y > 0, so its slope in y is 0: keep log(0) out of it
    return g * out * np.log(np.where(x == 0, 1, x))


@op(
    "xʸ",
    x=d_power_x,
    y=d_power_y,
    elementwise=True,
    samples=elementwise(_POSITIVE, _ANY),
    reference="numpy.power",
)
def power(x: Array, y: Array, /) -> Array:
    """x to the power y, elementwise, with broadcasting.

    The derivative with respect to y is taken as 0 where x is 0, and is NaN where x is negative.

    >>> import autograd as ag
    >>> ag.power(ag.Tensor([2.0, 3.0]), 2)
    Tensor([4., 9.], dtype=float32)
    """
    return x**y


pow = power
