"""Rounding, whose derivative is 0, and division with a remainder.

At the jumps themselves, where there is no derivative, the same formulas hold.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograd.extend import Array, Sample, composite, draw, elementwise, hands_on, op, sample

_DIVISOR = (1.5, 2.5)  # a quotient in (-0.2, 0.8): the samples add other whole parts
_STEPS = elementwise(
    (-1.8, 1.8), away_from=(-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5), kinks=(-1, 0, 1)
)


def _quotients() -> Iterator[Sample]:
    yield from elementwise((0.2, 1.2), _DIVISOR, kinks=((0.0, 1.0), (2.0, 1.0), (-2.0, 1.0)))()
    parts = np.array([-3, -1, 2])
    for sign, label in ((1.0, "positive divisor"), (-1.0, "negative divisor")):
        y = sign * draw(2, 3, low=1.5, high=2.5)
        yield sample((parts + draw(2, 3, low=0.2, high=0.8)) * y, y, label=label)


def _no_slope(g: Array) -> Array:
    return np.zeros_like(g)


@op("⌊x⌋", x=_no_slope, elementwise=True, real_only=True, samples=_STEPS)
def floor(x: Array, /) -> Array:
    """The largest whole number not above x, elementwise; its derivative is 0.

    Shape: any -> the same. Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.floor(ag.Tensor([1.5, -1.5]))
    Tensor([ 1., -2.], dtype=float32)
    """
    return np.floor(x)


@op("⌈x⌉", x=_no_slope, elementwise=True, real_only=True, samples=_STEPS)
def ceil(x: Array, /) -> Array:
    """The smallest whole number not below x, elementwise; its derivative is 0.

    Shape: any -> the same. Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.ceil(ag.Tensor([1.5, -1.5]))
    Tensor([ 2., -1.], dtype=float32)
    """
    return np.ceil(x)


@op(
    "trunc x",
    x=_no_slope,
    elementwise=True,
    real_only=True,
    samples=_STEPS,
)
def trunc(x: Array, /) -> Array:
    """x rounded towards 0, elementwise; its derivative is 0.

    Shape: any -> the same. Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.trunc(ag.Tensor([1.5, -1.5]))
    Tensor([ 1., -1.], dtype=float32)
    """
    return np.trunc(x)


fix = trunc


@op("rint x", x=_no_slope, elementwise=True, real_only=True, samples=_STEPS)
def rint(x: Array, /) -> Array:
    """The nearest whole number, a half to the even one, elementwise; its derivative is 0.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.rint(ag.Tensor([0.5, 1.5]))
    Tensor([0., 2.], dtype=float32)
    """
    return np.rint(x)


def _round_samples() -> Iterator[Sample]:
    yield from _STEPS()
    yield sample(np.array([0.123, -4.567, 8.9]), decimals=1)
    yield sample(np.array([123.0, -456.0]), decimals=-2)


@op(
    "round x",
    x=_no_slope,
    elementwise=True,
    samples=_round_samples,
)
def round(x: Array, /, decimals: int = 0) -> Array:
    """x to a number of decimals, a half to the even digit, elementwise; its derivative is 0.

    `decimals` below 0 round before the point. Of complex numbers both parts are rounded.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> ag.round(ag.Tensor([1.25, -3.6]), decimals=1)
    Tensor([ 1.2, -3.6], dtype=float32)
    """
    return np.round(x, decimals)


around = round


@op(
    "⌊x / y⌋",
    x=_no_slope,
    y=_no_slope,
    elementwise=True,
    real_only=True,
    samples=_quotients,
)
def floor_divide(x: Array, y: Array, /) -> Array:
    """x // y, elementwise, rounded down; its derivative is 0.

    By 0: ±∞ or NaN of floats, 0 of integers, with NumPy's warning. With infinite numbers it is
    x / y, as the array API standard has it: ∞ // 2 is ∞ and 1 // -∞ is -0, NumPy's NaN and -1.

    Shape: x and y broadcast -> their common shape. Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.floor_divide(ag.Tensor([7.0, -7.0]), 2)
    Tensor([ 3., -4.], dtype=float32)
    """
    quotient = x // y
    if isinstance(quotient, (np.ndarray, np.generic)) and quotient.dtype.kind == "f":
        infinite = np.isinf(x) | np.isinf(y)
        if infinite.any():
            return np.where(infinite, np.divide(x, y, dtype=quotient.dtype), quotient)
    elif getattr(getattr(quotient, "dtype", None), "kind", "") == "f":  # of a traced call
        return np.where(np.isinf(x) | np.isinf(y), x / y, quotient)
    return quotient


@op(
    "x mod y",
    x=hands_on,
    y=lambda g, x, y: -g * floor_divide(x, y),
    elementwise=True,
    real_only=True,
    samples=_quotients,
)
def remainder(x: Array, y: Array, /) -> Array:
    """x % y = x - y * floor(x / y), elementwise, with the sign of y.

    Its derivatives are 1 by x and -floor(x / y) by y, also where it jumps.

    Shape: x and y broadcast -> their common shape. Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.remainder(ag.Tensor([7.0, -7.0]), 3)
    Tensor([1., 2.], dtype=float32)
    """
    return x % y


mod = remainder


@op(
    "fmod(x, y)",
    x=hands_on,
    # rint: (x - out) / y is whole but for rounding, and x / y may round to the next whole number
    y=lambda g, x, y, out: -g * np.rint((x - out) / y),
    elementwise=True,
    real_only=True,
    samples=_quotients,
)
def fmod(x: Array, y: Array, /) -> Array:
    """x - y * trunc(x / y), elementwise, with the sign of x, as in C.

    Its derivatives are 1 by x and -trunc(x / y) by y, also where it jumps.

    Shape: x and y broadcast -> their common shape. Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.fmod(ag.Tensor([7.0, -7.0]), 3)
    Tensor([ 1., -1.], dtype=float32)
    """
    return np.fmod(x, y)


@composite("divmod(x, y)", outputs=2, real_only=True, samples=_quotients)
def divmod(x: Array, y: Array, /) -> tuple[Array, Array]:
    """x // y and x % y, elementwise, as a tuple.

    Shape: x and y broadcast -> twice their common shape. Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.divmod(ag.Tensor([7.0, -7.0]), 3)[0]
    Tensor([ 2., -3.], dtype=float32)
    """
    return floor_divide(x, y), remainder(x, y)


@op(
    "modf x",
    x=lambda g: g[0],
    outputs=2,
    real_only=True,
    samples=_STEPS,
)
def modf(x: Array, /) -> tuple[Array, Array]:
    """The fractional and the whole part of x, elementwise, both with its sign.

    The derivatives are 1 and 0.

    Shape: any -> twice the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.modf(ag.Tensor([1.25, -1.25]))[0]
    Tensor([ 0.25, -0.25], dtype=float32)
    """
    return np.modf(x)


@op(
    "x · 2ⁿ",
    x=lambda g, n: np.ldexp(g, n),
    elementwise=True,
    linear=True,
    real_only=True,
    samples=lambda: (
        sample(draw(2, 3), np.array([-1, 0, 3])),
        sample(draw(), np.array(2), label="0-d"),
        sample(draw(0, 2), np.array([1, 2]), label="empty"),
        sample(draw(3, 1), np.array([-1, 2]), label="broadcast"),
    ),
    reference=lambda x, n: x * 2.0**n,
)
def ldexp(x: Array, n: Array, /) -> Array:
    """x times 2 to the power of the whole number n, elementwise.

    n gets no gradient.

    Shape: x and n broadcast -> their common shape. Integers give floats; complex numbers raise
    DTypeError. n must be integers.

    >>> import autograd as ag
    >>> ag.ldexp(ag.Tensor([1.0, -3.0]), 2)
    Tensor([  4., -12.], dtype=float32)
    """
    return np.ldexp(x, n)


@op(
    "frexp x",
    x=lambda g, out: np.ldexp(g[0], -out[1]),
    outputs=2,
    real_only=True,
    samples=elementwise((2.1, 3.9)),
)
def frexp(x: Array, /) -> tuple[Array, Array]:
    """The mantissa m, of size 0.5 to 1, and the whole exponent n of x = m * 2**n.

    The gradient reaches m alone, as if n were constant.

    Shape: any -> twice the same. Integers give floats; complex numbers raise DTypeError. n is
    int32.

    >>> import autograd as ag
    >>> ag.frexp(ag.Tensor([3.0, -10.0]))[0]
    Tensor([ 0.75 , -0.625], dtype=float32)
    """
    return np.frexp(x)
