"""Arithmetic: the operators and powers.

Forwards are Python's operators, not ufuncs: on NumPy scalars `x * y` takes a tenth of the time of
`np.multiply(x, y)`, and on arrays it is the same ufunc.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from autograd.extend import Array, Sample, draw, elementwise, hands_on, op, sample
from autograd.kernels.activation.powers import power as _power

_ANY = (-2.0, 2.0)
_POSITIVE = (0.3, 3.0)


@op(
    "x + y",
    x=hands_on,
    y=hands_on,
    elementwise=True,
    linear=True,
    samples=elementwise(_ANY, _ANY, complex_=True),
)
def add(x: Array, y: Array, /) -> Array:
    """x + y, elementwise.

    Shape: x and y broadcast -> their common shape. Booleans: the logical or.

    >>> import autograd as ag
    >>> ag.add(ag.Tensor([1.0, 2.0]), 1)
    Tensor([2., 3.], dtype=float32)
    """
    return x + y


@op(
    "x − y",
    x=hands_on,
    y=lambda g: -g,
    elementwise=True,
    linear=True,
    samples=elementwise(_ANY, _ANY, complex_=True),
)
def subtract(x: Array, y: Array, /) -> Array:
    """x - y, elementwise.

    Shape: x and y broadcast -> their common shape. Booleans raise DTypeError.

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
    multilinear=True,
    samples=elementwise(_ANY, _ANY, complex_=True),
)
def multiply(x: Array, y: Array, /) -> Array:
    """x * y, elementwise.

    Shape: x and y broadcast -> their common shape.

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
)
def divide(x: Array, y: Array, /) -> Array:
    """x / y, elementwise.

    Shape: x and y broadcast -> their common shape. Integers give floats.

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
)
def negative(x: Array, /) -> Array:
    """-x, elementwise.

    Shape: any -> the same. Booleans raise DTypeError.

    >>> import autograd as ag
    >>> ag.negative(ag.Tensor([1.0, -2.0]))
    Tensor([-1.,  2.], dtype=float32)
    """
    return -x


@op(
    "+x",
    x=hands_on,
    elementwise=True,
    linear=True,
    samples=elementwise(_ANY, complex_=True),
)
def positive(x: Array, /) -> Array:
    """+x, elementwise: x itself.

    Shape: any -> the same. Booleans raise DTypeError.

    >>> import autograd as ag
    >>> ag.positive(ag.Tensor([1.0, -2.0]))
    Tensor([ 1., -2.], dtype=float32)
    """
    return +x


@op(
    "x²",
    x=lambda g, x: g * (2 * x),
    elementwise=True,
    samples=elementwise(_ANY, complex_=True),
)
def square(x: Array, /) -> Array:
    """x², elementwise.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> ag.square(ag.Tensor([1.0, -2.0]))
    Tensor([1., 4.], dtype=float32)
    """
    return x * x


@op(
    "1 − x²",
    x=lambda g, x: g * (-2 * x),
    elementwise=True,
    samples=elementwise((-0.8, 0.8), complex_=True),
    reference=lambda x: 1 - np.square(x),
)
def one_less_square(x: Array, /) -> Array:
    """1 - x², accurate near ±1, and so is its derivative near 0, where that of the product is not.

    >>> import autograd as ag
    >>> ag.ops.elementwise.arithmetic.one_less_square(ag.Tensor([0.0, 0.5]))
    Tensor([1.  , 0.75], dtype=float32)
    """
    return (1 - x) * (1 + x)


def undefined(x: Array, where: Array) -> Array:
    """x, but NaN at places where its value must not count; nor then does any derivative by it."""
    return x + np.where(where, np.nan, np.zeros_like(x))


def real_part(y: Array) -> Array:
    """What orders numbers: of complex ones the real part."""
    return np.real(y) if np.iscomplexobj(y) else y


def d_power_x(g: Array, x: Array, y: Array) -> Array:
    if isinstance(y, (int, float)):  # x**2, x**-0.5: the exponent is written in the program
        if y == 2:
            return g * (2 * x)
        return g * (y * _power(x, y - 1)) if y else np.zeros_like(g)
    return g * power_slope(x, y)


def d_power_y(g: Array, x: Array, y: Array, out: Array) -> Array:
    if isinstance(x, (int, float)):
        log = math.log(x) if x > 0 else math.nan
        return g * out * (log if x else np.where(y < 0, -math.inf, 0))
    return g * out * power_log(x, y)


def d_power_slope_x(g: Array, x: Array, y: Array) -> Array:
    below = np.where(np.logical_and(x == 0, y == 0), 1, y) - 1  # 0 times infinity is meant as 0
    return g * (y * power_slope(x, below))


def d_power_slope_y(g: Array, x: Array, y: Array) -> Array:
    """NaN where the slope, 0 or 1 or infinite, jumps with y: where x is 0 and y at most 1."""
    jumps = np.logical_and(x == 0, real_part(y) <= 1)
    return g * np.where(jumps, np.nan, _power(x, y - 1) * (1 + y * power_log(x, y)))


@op(
    "y xʸ⁻¹",
    x=d_power_slope_x,
    y=d_power_slope_y,
    elementwise=True,
    wide=True,
    samples=elementwise(_POSITIVE, _ANY),
    reference=lambda x, y: y * np.power(x, y - 1),
)
def power_slope(x: Array, y: Array, /) -> Array:
    """The derivative of x**y with respect to x: 0 where y is 0, for x**0 is constant.

    >>> import autograd as ag
    >>> ag.ops.elementwise.arithmetic.power_slope(ag.Tensor([0.0, 2.0]), ag.Tensor([0.0, 3.0]))
    Tensor([ 0., 12.], dtype=float32)
    """
    base = np.where(np.logical_and(x == 0, y == 0), 1, x)
    return y * _power(base, y - 1)


@op(
    "log x",
    # where x is 0: 0**y itself has a derivative by x where y is above 1
    x=lambda g, x, y: (
        g / np.where(np.logical_and(x == 0, real_part(y) > 1), np.inf, np.where(x == 0, np.nan, x))
    ),
    y=lambda g: np.zeros_like(g),
    elementwise=True,
    wide=True,
    samples=elementwise(_POSITIVE, _ANY),
    reference=lambda x, y: np.log(x) + 0 * y,
)
def power_log(x: Array, y: Array, /) -> Array:
    """The factor log x in the derivative of x**y with respect to y; NaN where x is negative.

    0**y is 0 for positive y, and so is its derivative: there 0 stands for the logarithm.

    >>> import autograd as ag
    >>> ag.ops.elementwise.arithmetic.power_log(ag.Tensor([0.0, 1.0]), ag.Tensor([2.0, 2.0]))
    Tensor([0., 0.], dtype=float32)
    """
    base = x if np.iscomplexobj(x) else np.where(x < 0, math.nan, x)
    return np.log(np.where(np.logical_and(x == 0, real_part(y) >= 0), 1, base))


def _power_samples() -> Iterator[Sample]:
    yield from elementwise(_POSITIVE, _ANY)()
    for y in (-1, 0, 1, 2, 3):
        yield sample(draw(2, 3, away_from=[0]), y)
    yield sample(draw(2, 3, low=0.3), 0.5)
    yield sample(draw(2, 3, low=-1.0, complex_=True), 3, label="complex")
    yield sample(np.zeros(2), 2, label="0 squared")
    yield sample(np.zeros(2), 3, label="0 cubed")
    yield sample(np.zeros(3), np.array([0.0, 1.0, 2.0]), label="0 to several", smooth=False)
    yield sample(draw(2, 3, away_from=[0]), np.array([0, 2, 3], np.int16), label="whole exponents")
    yield sample(2, draw(2, 3), label="constant base")


@op(
    "xʸ",
    x=d_power_x,
    y=d_power_y,
    elementwise=True,
    samples=_power_samples,
)
def power(x: Array, y: Array, /) -> Array:
    """x to the power y, elementwise.

    The derivative with respect to y is 0 where x is 0 (-∞ if y < 0), and NaN where x is negative.

    Shape: x and y broadcast -> their common shape. Integers stay integers, and a negative exponent
    of integers is an error: see `float_power`.

    >>> import autograd as ag
    >>> ag.power(ag.Tensor([2.0, 3.0]), 2)
    Tensor([4., 9.], dtype=float32)
    """
    return _power(x, y)


pow = power
