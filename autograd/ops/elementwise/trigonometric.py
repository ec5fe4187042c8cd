"""Trigonometric functions, their inverses, and degrees."""

from __future__ import annotations

import math

import numpy as np

from autograd.engine.dispatch import as_array
from autograd.extend import Array, Sample, elementwise, op, sample
from autograd.kernels.activation.powers import hypot
from autograd.ops.elementwise.arithmetic import one_less_square
from autograd.ops.elementwise.powers import per_square

_ANY = (-2.0, 2.0)


@op(
    "sin x",
    x=lambda g, x: g * np.cos(x),
    elementwise=True,
    samples=elementwise(_ANY, complex_=True),
)
def sin(x: Array, /) -> Array:
    """The sine of x in radians, elementwise.

    Shape: any -> the same. Integers give floats.

    >>> import autograd as ag
    >>> ag.round(ag.sin(ag.Tensor([0.0, 1.0])), 4)
    Tensor([0.    , 0.8415], dtype=float32)
    """
    return np.sin(x)


@op(
    "cos x",
    x=lambda g, x: -g * np.sin(x),
    elementwise=True,
    samples=elementwise(_ANY, complex_=True),
)
def cos(x: Array, /) -> Array:
    """The cosine of x in radians, elementwise.

    Shape: any -> the same. Integers give floats.

    >>> import autograd as ag
    >>> ag.round(ag.cos(ag.Tensor([0.0, 1.0])), 4)
    Tensor([1.    , 0.5403], dtype=float32)
    """
    return np.cos(x)


@op(
    "tan x",
    x=lambda g, out: g * (1 + out * out),
    elementwise=True,
    samples=elementwise((-1.2, 1.2), complex_=True),
)
def tan(x: Array, /) -> Array:
    """The tangent of x in radians, elementwise.

    Shape: any -> the same. Integers give floats.

    >>> import autograd as ag
    >>> ag.round(ag.tan(ag.Tensor([0.0, 1.0])), 4)
    Tensor([0.    , 1.5574], dtype=float32)
    """
    return np.tan(x)


@op(
    "asin x",
    x=lambda g, x: g / np.sqrt(one_less_square(x)),
    elementwise=True,
    samples=elementwise((-0.8, 0.8), complex_=True),
    reference="numpy.arcsin",
)
def asin(x: Array, /) -> Array:
    """The angle in [-π/2, π/2] whose sine is x, elementwise, for -1 <= x <= 1 (NaN beyond).

    Its derivative is infinite at the ends.

    Shape: any -> the same. Integers give floats.

    >>> import autograd as ag
    >>> ag.round(ag.asin(ag.Tensor([0.0, 1.0])), 4)
    Tensor([0.    , 1.5708], dtype=float32)
    """
    return np.arcsin(x)


arcsin = asin


@op(
    "acos x",
    x=lambda g, x: -g / np.sqrt(one_less_square(x)),
    elementwise=True,
    samples=elementwise((-0.8, 0.8), complex_=True),
    reference="numpy.arccos",
)
def acos(x: Array, /) -> Array:
    """The angle in [0, π] whose cosine is x, elementwise, for -1 <= x <= 1 (NaN beyond).

    Its derivative is infinite at the ends.

    Shape: any -> the same. Integers give floats.

    >>> import autograd as ag
    >>> ag.round(ag.acos(ag.Tensor([0.0, 1.0])), 4)
    Tensor([1.5708, 0.    ], dtype=float32)
    """
    return np.arccos(x)


arccos = acos


@op(
    "atan x",
    x=lambda g, x: g / (1 + x * x),
    elementwise=True,
    samples=elementwise(_ANY),
    reference="numpy.arctan",
)
def atan(x: Array, /) -> Array:
    """The angle in (-π/2, π/2) whose tangent is x, elementwise.

    Shape: any -> the same. Integers give floats.

    >>> import autograd as ag
    >>> ag.round(ag.atan(ag.Tensor([0.0, 1.0])), 4)
    Tensor([0.    , 0.7854], dtype=float32)
    """
    return np.arctan(x)


arctan = atan


@op(
    "π/180 · x",
    x=lambda g: g * (math.pi / 180),
    elementwise=True,
    linear=True,
    real_only=True,
    samples=elementwise((-180.0, 180.0)),
)
def deg2rad(x: Array, /) -> Array:
    """Degrees as radians, elementwise.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.deg2rad(ag.Tensor([90.0, 180.0])), 4)
    Tensor([1.5708, 3.1416], dtype=float32)
    """
    return np.deg2rad(x)


radians = deg2rad


@op(
    "180/π · x",
    x=lambda g: g * (180 / math.pi),
    elementwise=True,
    linear=True,
    real_only=True,
    samples=elementwise((-3.0, 3.0)),
)
def rad2deg(x: Array, /) -> Array:
    """Radians as degrees, elementwise.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.rad2deg(ag.Tensor([0.5, 1.0])), 4)
    Tensor([28.6479, 57.2958], dtype=float32)
    """
    return np.rad2deg(x)


degrees = rad2deg


def d_atan2_y(g: Array, y: Array, x: Array) -> Array:
    return g * per_square(x, hypot(x, y))


def d_atan2_x(g: Array, y: Array, x: Array) -> Array:
    return -g * per_square(y, hypot(x, y))


@op(
    "atan2(y, x)",
    y=d_atan2_y,
    x=d_atan2_x,
    elementwise=True,
    real_only=True,
    samples=elementwise(_ANY, _ANY, away_from=(0.0,), kinks=(0.0,)),
    reference="numpy.arctan2",
)
def atan2(y: Array, x: Array, /) -> Array:
    """The angle of the point (x, y) in (-π, π], elementwise; its gradient is 0 at the origin.

    Second derivatives at the origin are NaN.

    Shape: x and y broadcast -> their common shape. Integers give floats; complex numbers raise
    DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.atan2(ag.Tensor([1.0, -1.0]), ag.Tensor([1.0, -1.0])), 4)
    Tensor([ 0.7854, -2.3562], dtype=float32)
    """
    return np.arctan2(y, x)


arctan2 = atan2


def _sinc_near_0(u: Array, order: int) -> Array:
    """Σₘ cos((m + k) π/2) uᵐ / (m! (m + k + 1)), of which every other term is 0; |u| < k + 2."""
    total, m = np.zeros_like(u), order % 2
    term = u if m else np.ones_like(u)  # uᵐ / m!
    for _ in range(order + 20):
        total = total + term * ((-1) ** ((m + order) // 2) / (m + order + 1))
        term = term * u * u / ((m + 1) * (m + 2))
        m += 2
    return total


def _sinc_far(u: Array, order: int) -> Array:
    """From u f = sin u, differentiated k times: u f⁽ᵏ⁾ + k f⁽ᵏ⁻¹⁾ = sin(u + kπ/2)."""
    f = np.sin(u) / u
    for k in range(1, order + 1):
        f = ((np.cos(u), -np.sin(u), -np.cos(u), np.sin(u))[(k - 1) % 4] - k * f) / u
    return f


def _by_quadrature(x: Array, order: int) -> Array:
    """sinc x = ∫₀¹ cos(πxt) dt, differentiated under the integral; Gauss and Legendre."""
    nodes, weights = np.polynomial.legendre.leggauss(40)
    t = math.pi * (nodes + 1) / 2
    return np.cos(np.multiply.outer(x, t) + order * math.pi / 2) @ (weights / 2 * t**order)


@op(
    "sinc⁽ᵏ⁾ x",
    x=lambda g, x, order: g * sinc_derivative(x, order + 1),
    elementwise=True,
    samples=lambda: (
        Sample(s.inputs, {"order": order}, s.label)
        for order in (1, 2)
        for s in (*elementwise((-3.0, 3.0))(), sample(np.array([0.0, 1e-9, 1e-3]), label="near 0"))
    ),
    reference=_by_quadrature,
)
def sinc_derivative(x: Array, /, order: int) -> Array:
    """The k-th derivative of sinc, accurate also near 0, where the quotients of its formula cancel.

    >>> import autograd as ag
    >>> ag.ops.elementwise.trigonometric.sinc_derivative(ag.Tensor([0.0, 1.0]), 1)
    Tensor([ 0., -1.], dtype=float32)
    """
    u = as_array(math.pi * x)
    near = np.abs(u) < order + 2
    found: Array = np.where(
        near,
        _sinc_near_0(np.where(near, u, 0), order),
        _sinc_far(np.where(near, order + 2, u), order),
    )
    return (math.pi**order * found)[()]


@op(
    "sinc x",
    x=lambda g, x: g * sinc_derivative(x, 1),
    elementwise=True,
    samples=lambda: (*elementwise((-3.0, 3.0))(), sample(np.array([0.0, 1.0]), label="zeros")),
)
def sinc(x: Array, /) -> Array:
    """sin(πx) / (πx), elementwise, and 1 at 0; exact at 0 in every derivative.

    Shape: any -> the same. Integers give floats.

    >>> import autograd as ag
    >>> ag.round(ag.sinc(ag.Tensor([0.0, 0.5])), 4)
    Tensor([1.    , 0.6366], dtype=float32)
    """
    return np.sinc(x)
