"""Special functions of probability: the error function and its kin, entropies."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from autograd.extend import Array, Sample, elementwise, op, sample
from autograd.ops.elementwise.arithmetic import real_part, undefined
from autograd.ops.special import approximations

_HUGE = (1000.0, -1000.0, 1e30, -1e30)
_WIDE = elementwise((-3.0, 3.0), kinks=_HUGE)


@op(
    "exp(−x²)",
    x=lambda g, x, out: g * (-2 * out * x),
    elementwise=True,
    real_only=True,
    samples=_WIDE,
    reference=lambda x: np.exp(-(np.minimum(np.abs(x), 1e9) ** 2)),
)
def gaussian(x: Array, /) -> Array:
    """exp(-x²), elementwise, without overflow.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.gaussian(ag.Tensor([0.0, 1.0, 1e30])), 4)
    Tensor([1.    , 0.3679, 0.    ], dtype=float32)
    """
    y = np.minimum(np.abs(x), 40)
    return np.exp(-y * y)


def _d_erf(g: Array, x: Array) -> Array:
    return g * (gaussian(x) * (2 / math.sqrt(math.pi)))


@op(
    "erf x",
    x=_d_erf,
    elementwise=True,
    real_only=True,
    samples=_WIDE,
    reference="scipy.special.erf",
)
def erf(x: Array, /) -> Array:
    """The error function 2/√π ∫₀ˣ exp(-t²) dt, elementwise.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.erf(ag.Tensor([0.0, 1.0])), 4)
    Tensor([0.    , 0.8427], dtype=float32)
    """
    return approximations.erf(x)


def _d_erfc(g: Array, x: Array) -> Array:
    return -g * (gaussian(x) * (2 / math.sqrt(math.pi)))


@op(
    "erfc x",
    x=_d_erfc,
    elementwise=True,
    real_only=True,
    samples=_WIDE,
    reference="scipy.special.erfc",
)
def erfc(x: Array, /) -> Array:
    """1 - erf(x), elementwise, accurate also where it is tiny.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.erfc(ag.Tensor([0.0, 1.0])), 4)
    Tensor([1.    , 0.1573], dtype=float32)
    """
    return approximations.erfc(x)


def _inverse_samples() -> Iterator[Sample]:
    yield from elementwise((-0.8, 0.8), kinks=(-1.0, 0.0, 1.0))()
    yield sample(np.array([0.88, -0.9]), label="tails")
    yield sample(np.array([1e-300, 1 - 1e-12, -1 + 1e-16]), label="far tails", smooth=False)


@op(
    "erf⁻¹ x",
    x=lambda g, out: g * (np.exp(out * out) * (math.sqrt(math.pi) / 2)),
    elementwise=True,
    real_only=True,
    samples=_inverse_samples,
    reference="scipy.special.erfinv",
)
def erfinv(x: Array, /) -> Array:
    """The inverse of erf, elementwise, for -1 <= x <= 1 (infinite at the ends, NaN beyond).

    Its derivative is infinite at the ends.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.erfinv(ag.Tensor([0.0, 0.5])), 4)
    Tensor([0.    , 0.4769], dtype=float32)
    """
    return approximations.erfinv(x)


def _d_ndtr(g: Array, x: Array) -> Array:
    return g * (gaussian(x * math.sqrt(0.5)) * (1 / math.sqrt(2 * math.pi)))


@op(
    "Φ(x)",
    x=_d_ndtr,
    elementwise=True,
    real_only=True,
    samples=_WIDE,
    reference="scipy.special.ndtr",
)
def ndtr(x: Array, /) -> Array:
    """The distribution function of the standard normal, elementwise.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.ndtr(ag.Tensor([0.0, -1.0])), 4)
    Tensor([0.5   , 0.1587], dtype=float32)
    """
    return 0.5 * approximations.erfc(x * -math.sqrt(0.5))


@op(
    "Φ⁻¹(x)",
    x=lambda g, out: g * (np.exp(0.5 * out * out) * math.sqrt(2 * math.pi)),
    elementwise=True,
    real_only=True,
    samples=elementwise((0.1, 0.9), kinks=(0.0, 0.5, 1.0, 1e-300)),
    reference="scipy.special.ndtri",
)
def ndtri(x: Array, /) -> Array:
    """The quantile of the standard normal, the inverse of ndtr, elementwise (Wichura, 1988).

    For 0 <= x <= 1: infinite at the ends, as is its derivative, and NaN beyond.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.ndtri(ag.Tensor([0.5, 0.975])), 4)
    Tensor([0.  , 1.96], dtype=float32)
    """
    return approximations.ndtri(x)


def _outside(x: Array, y: Array) -> Array:
    """Where log y is no number but x log y is 0, and its derivatives are taken as 0 as well."""
    return np.logical_and(x == 0, real_part(y) <= 0)


def d_xlogy_x(g: Array, x: Array, y: Array) -> Array:
    outside = _outside(x, y)
    return g * np.where(outside, 0, np.log(undefined(y, outside)))


def d_xlogy_y(g: Array, x: Array, y: Array) -> Array:
    outside = _outside(x, y)
    return g * np.where(outside, 0, x / undefined(y, outside))


def _xlogy_samples() -> Iterator[Sample]:
    yield from elementwise((0.2, 2.0), (0.3, 3.0))()
    yield sample(np.zeros(3), np.array([0.0, 0.5, 2.0]), label="x is 0", smooth=False)


@op(
    "x log y",
    x=d_xlogy_x,
    y=d_xlogy_y,
    elementwise=True,
    wide=True,
    samples=_xlogy_samples,
    reference="scipy.special.xlogy",
)
def xlogy(x: Array, y: Array, /) -> Array:
    """x * log(y), elementwise, and 0 where x is 0, even if y is 0 too.

    The derivative in x is 0 where x is 0 and y <= 0; a second one is NaN there.

    Shape: x and y broadcast -> their common shape. Integers give floats.

    >>> import autograd as ag
    >>> ag.xlogy(ag.Tensor([0.0, 2.0]), ag.Tensor([0.0, 1.0]))
    Tensor([0., 0.], dtype=float32)
    """
    if type(y) in (int, float):  # a weak number, which np.where would make float64
        y = np.result_type(x, y).type(y)
    zero = np.logical_and(x == 0, np.logical_not(np.isnan(y)))
    return x * np.log(np.where(zero, 1, y))


def _nothing(x: Array, y: Array) -> Array:
    """Where log(1 + y) is no number but x log(1 + y) is 0, as are its derivatives."""
    return np.logical_and(x == 0, real_part(y) <= -1)


def _d_xlog1py_x(g: Array, x: Array, y: Array) -> Array:
    outside = _nothing(x, y)
    return g * np.where(outside, 0, np.log1p(undefined(y, outside)))


def _d_xlog1py_y(g: Array, x: Array, y: Array) -> Array:
    outside = _nothing(x, y)
    return g * np.where(outside, 0, x / (undefined(y, outside) + 1))


@op(
    "x log(1 + y)",
    x=_d_xlog1py_x,
    y=_d_xlog1py_y,
    elementwise=True,
    wide=True,
    real_only=True,
    samples=_xlogy_samples,
    reference="scipy.special.xlog1py",
)
def xlog1py(x: Array, y: Array, /) -> Array:
    """x * log(1 + y), elementwise, and 0 where x is 0, even if y is -1; exact for tiny y.

    The derivative in x is 0 where x is 0 and y <= -1; a second one is NaN there.

    Shape: x and y broadcast -> their common shape. Integers give floats; complex numbers raise
    DTypeError.

    >>> import autograd as ag
    >>> ag.special.xlog1py(ag.Tensor([0.0, 2.0]), ag.Tensor([-1.0, 0.0]))
    Tensor([0., 0.], dtype=float32)
    """
    if type(y) in (int, float):  # a weak number, which np.where would make float64
        y = np.result_type(x, y).type(y)
    zero = np.logical_and(x == 0, np.logical_not(np.isnan(y)))
    return x * np.log1p(np.where(zero, 0, y))


@op(
    "−x log x",
    x=lambda g, x: -g * (np.log(x) + 1),
    elementwise=True,
    real_only=True,
    samples=elementwise((0.2, 2.0)),
    reference="scipy.special.entr",
)
def entr(x: Array, /) -> Array:
    """-x * log(x), elementwise: 0 at 0, where its derivative is infinite, and -inf below.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.entr(ag.Tensor([0.0, 0.5])), 4)
    Tensor([0.    , 0.3466], dtype=float32)
    """
    x = x + 0.0  # the negative of what has no sign would wrap around
    found = np.where(x < 0, -np.inf, -x * np.log(np.where(x > 0, x, 1)) + 0.0)
    return found if found.ndim else found[()]
