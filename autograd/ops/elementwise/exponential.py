"""Elementwise functions of one variable: exponential, logarithmic, hyperbolic; and where."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from autograd.engine.dtypes import default_of
from autograd.extend import Array, Sample, draw, elementwise, op, sample
from autograd.kernels.activation.choice import choose
from autograd.ops.elementwise.arithmetic import one_less_square

_ANY = (-2.0, 2.0)
_POSITIVE = (0.3, 3.0)
_LN2 = math.log(2)
_LN10 = math.log(10)


@op(
    "eˣ",
    x=lambda g, out: g * out,
    elementwise=True,
    samples=elementwise(_ANY, complex_=True),
)
def exp(x: Array, /) -> Array:
    """e to the power x, elementwise.

    Shape: any -> the same. Integers give floats.

    >>> import autograd as ag
    >>> ag.round(ag.exp(ag.Tensor([0.0, 1.0])), 4)
    Tensor([1.    , 2.7183], dtype=float32)
    """
    return np.exp(x)


@op(
    "eˣ − 1",
    x=lambda g, x: g * np.exp(x),  # out + 1 would lose the digits of small ones
    elementwise=True,
    samples=elementwise(_ANY, complex_=True),
)
def expm1(x: Array, /) -> Array:
    """exp(x) - 1, elementwise, accurate for small x.

    Shape: any -> the same. Integers give floats.

    >>> import autograd as ag
    >>> ag.round(ag.expm1(ag.Tensor([0.0, 1e-06])), 7)
    Tensor([0.e+00, 1.e-06], dtype=float32)
    """
    out = np.expm1(x)
    if isinstance(out, (np.ndarray, np.generic)) and out.dtype.kind == "c":
        finite = np.isfinite(out) & np.isfinite(x)
        if not finite.all():  # where NumPy's is NaN, though exp is not
            return np.where(finite, out, np.exp(x) - 1)
    return out


@op(
    "2ˣ",
    x=lambda g, out: g * (out * _LN2),
    elementwise=True,
    samples=elementwise(_ANY, complex_=True),
)
def exp2(x: Array, /) -> Array:
    """2 to the power x, elementwise.

    Shape: any -> the same. Integers give floats.

    >>> import autograd as ag
    >>> ag.exp2(ag.Tensor([0.0, 3.0]))
    Tensor([1., 8.], dtype=float32)
    """
    return np.exp2(x)


@op(
    "log x",
    x=lambda g, x: g / x,
    elementwise=True,
    samples=elementwise(_POSITIVE, complex_=True),
)
def log(x: Array, /) -> Array:
    """The natural logarithm, elementwise; -∞ at 0, NaN below.

    Shape: any -> the same. Integers give floats. Complex numbers have the cut along the negative
    real axis.

    >>> import autograd as ag
    >>> ag.round(ag.log(ag.Tensor([1.0, 10.0])), 4)
    Tensor([0.    , 2.3026], dtype=float32)
    """
    return np.log(x)


@op(
    "log₂ x",
    x=lambda g, x: g / (x * _LN2),
    elementwise=True,
    samples=elementwise(_POSITIVE, complex_=True),
)
def log2(x: Array, /) -> Array:
    """The logarithm to base 2, elementwise; -∞ at 0, NaN below.

    Shape: any -> the same. Integers give floats.

    >>> import autograd as ag
    >>> ag.log2(ag.Tensor([1.0, 8.0]))
    Tensor([0., 3.], dtype=float32)
    """
    return np.log2(x)


@op(
    "log₁₀ x",
    x=lambda g, x: g / (x * _LN10),
    elementwise=True,
    samples=elementwise(_POSITIVE, complex_=True),
)
def log10(x: Array, /) -> Array:
    """The logarithm to base 10, elementwise; -∞ at 0, NaN below.

    Shape: any -> the same. Integers give floats.

    >>> import autograd as ag
    >>> ag.round(ag.log10(ag.Tensor([1.0, 1000.0])), 4)
    Tensor([0., 3.], dtype=float32)
    """
    return np.log10(x)


@op(
    "log(1 + x)",
    x=lambda g, x: g / (1 + x),
    elementwise=True,
    samples=elementwise((-0.6, 2.0), complex_=True),
)
def log1p(x: Array, /) -> Array:
    """log(1 + x), elementwise, accurate for small x; -∞ at -1, NaN below.

    Shape: any -> the same. Integers give floats.

    >>> import autograd as ag
    >>> ag.round(ag.log1p(ag.Tensor([0.0, 1e-06])), 7)
    Tensor([0.e+00, 1.e-06], dtype=float32)
    """
    return np.log1p(x)


@op(
    "sinh x",
    x=lambda g, x: g * np.cosh(x),
    elementwise=True,
    samples=elementwise(_ANY, complex_=True),
)
def sinh(x: Array, /) -> Array:
    """The hyperbolic sine, elementwise.

    Shape: any -> the same. Integers give floats.

    >>> import autograd as ag
    >>> ag.round(ag.sinh(ag.Tensor([0.0, 1.0])), 4)
    Tensor([0.    , 1.1752], dtype=float32)
    """
    return np.sinh(x)


@op(
    "cosh x",
    x=lambda g, x: g * np.sinh(x),
    elementwise=True,
    samples=elementwise(_ANY, complex_=True),
)
def cosh(x: Array, /) -> Array:
    """The hyperbolic cosine, elementwise.

    Shape: any -> the same. Integers give floats.

    >>> import autograd as ag
    >>> ag.round(ag.cosh(ag.Tensor([0.0, 1.0])), 4)
    Tensor([1.    , 1.5431], dtype=float32)
    """
    return np.cosh(x)


@op(
    "tanh x",
    x=lambda g, out: g * (1 - out * out),
    elementwise=True,
    samples=elementwise((-1.2, 1.2), complex_=True),
)
def tanh(x: Array, /) -> Array:
    """The hyperbolic tangent, elementwise.

    Shape: any -> the same. Integers give floats.

    >>> import autograd as ag
    >>> ag.tanh(ag.Tensor(0.0))
    Tensor(0., dtype=float32)
    """
    return np.tanh(x)


@op(
    "asinh x",
    x=lambda g, x: g / np.sqrt(x * x + 1),
    elementwise=True,
    samples=elementwise(_ANY),
    reference="numpy.arcsinh",
)
def asinh(x: Array, /) -> Array:
    """The inverse hyperbolic sine, elementwise.

    Shape: any -> the same. Integers give floats.

    >>> import autograd as ag
    >>> ag.round(ag.asinh(ag.Tensor([0.0, 1.0])), 4)
    Tensor([0.    , 0.8814], dtype=float32)
    """
    return np.arcsinh(x)


arcsinh = asinh


@op(
    "acosh x",
    x=lambda g, x: g / (np.sqrt(x - 1) * np.sqrt(x + 1)),
    elementwise=True,
    samples=elementwise((1.3, 3.0), complex_=True),
    reference="numpy.arccosh",
)
def acosh(x: Array, /) -> Array:
    """The inverse hyperbolic cosine, elementwise, for x >= 1 (NaN below).

    Shape: any -> the same. Integers give floats.

    >>> import autograd as ag
    >>> ag.round(ag.acosh(ag.Tensor([1.0, 2.0])), 4)
    Tensor([0.   , 1.317], dtype=float32)
    """
    return np.arccosh(x)


arccosh = acosh


@op(
    "atanh x",
    x=lambda g, x: g / one_less_square(x),
    elementwise=True,
    samples=elementwise((-0.8, 0.8), complex_=True),
    reference="numpy.arctanh",
)
def atanh(x: Array, /) -> Array:
    """The inverse hyperbolic tangent, elementwise, for -1 < x < 1 (±∞ at the ends, NaN beyond).

    Shape: any -> the same. Integers give floats.

    >>> import autograd as ag
    >>> ag.round(ag.atanh(ag.Tensor([0.0, 0.5])), 4)
    Tensor([0.    , 0.5493], dtype=float32)
    """
    return np.arctanh(x)


arctanh = atanh


_NUMBERS = (bool, int, float, complex)  # Python's, which have the default precision


def _where_samples() -> Iterator[Sample]:
    for s in elementwise((-1.0, 1.0), _ANY, _ANY)():
        condition, x, y = s.inputs
        yield sample(np.asarray(condition > 0), x, y, label=s.label)
    yield sample(
        np.array([True, False]), draw(2, complex_=True), draw(2, seed="y"), label="complex"
    )


@op(
    "x if c else y",
    x=lambda g, condition: choose(condition, g, 0),
    y=lambda g, condition: choose(condition, 0, g),
    elementwise=True,
    samples=_where_samples,
)
def where(condition: Array, x: Array, y: Array, /) -> Array:
    """x where the condition holds, else y, elementwise.

    What was not chosen gets the gradient 0. If its own derivative is infinite or NaN there, 0 times
    that is NaN: make the argument harmless first, as in `where(x > 0, log(where(x > 0, x, 1)), 0)`.

    Shape: condition, x and y broadcast -> their common shape.

    >>> import autograd as ag
    >>> ag.where([True, False], ag.Tensor([1.0, 2.0]), 0)
    Tensor([1., 0.], dtype=float32)
    """
    chosen: Array = choose(condition, x, y)
    if type(x) in _NUMBERS and type(y) in _NUMBERS and chosen.dtype.kind in "fc":
        chosen = chosen.astype(default_of(chosen.dtype.kind))
    return chosen if chosen.ndim else chosen[()]


def _numpys_where(condition: Array, x: Array = None, y: Array = None, /) -> Array:
    """NumPy's, which of a condition alone gives the places where it holds."""
    return np.nonzero(condition) if x is None and y is None else where(condition, x, y)


where.numpys_own = _numpys_where  # type: ignore[attr-defined]
