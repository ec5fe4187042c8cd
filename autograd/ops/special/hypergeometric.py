"""Kummer's confluent hypergeometric function.

Sources: its series, DLMF 13.2.2, and Kummer's transformation, 13.2.39, after which it has terms of
one sign wherever 0 <= a <= b.
"""

from __future__ import annotations

import math

import numpy as np

from autograd.extend import Array, elementwise, op
from autograd.ops.special.double import Floats, in_double, pieces, widened
from autograd.ops.special.incomplete import without_derivative

_SMALL = 1e3  # terms of a polynomial, which is right to 1e-13 then
_LOST = 200.0  # units in the last place that may be lost where terms cancel


def _series(a: Floats, b: Floats, x: Floats) -> Floats:
    """Σ (a)ₖ xᵏ / ((b)ₖ k!): NaN where more cancels than may."""
    term, total, size, k = np.ones_like(x), np.ones_like(x), np.ones_like(x), 0
    going = np.isfinite(x)
    while going.any():
        term = np.where(going, term * ((a + k) / (b + k) * (x / (k + 1))), 0)
        total, size, k = total + term, size + np.abs(term), k + 1
        settled = (k > np.abs(x)) & (k > np.abs(a)) & (k > -b)
        going = going & np.isfinite(total) & ~(settled & (np.abs(term) < 1e-17 * np.abs(total)))
        going = going & (term != 0) & (k < 5000)
    end = np.where((x == math.inf) & (a > 0) & (b > 0), math.inf, math.nan)
    total = np.where(np.isfinite(x), total, end)
    near = (a <= 0) & (a == np.floor(a)) & (size < _SMALL)  # a zero of a polynomial
    return np.where((size > _LOST * np.abs(total)) & ~near, math.nan, total)


def _reflected(a: Floats, b: Floats, x: Floats) -> Floats:
    return np.exp(x) * _series(b - a, b, -x)


def _kummer(a: Floats, b: Floats, x: Floats) -> Floats:
    whole = (b <= 0) & (b == np.floor(b))  # a pole, unless the series ends before it
    ends = (a <= 0) & (a == np.floor(a)) & ((a > b) | ~whole)
    plain = ends | (x >= 0) | (np.abs(x) < 0.5)
    usual = ~whole | ends
    return pieces((usual & plain, usual), (_series, _reflected), a, b, x)


_kummer_of = in_double(_kummer)


def _d_hyp1f1(g: Array, a: Array, b: Array, x: Array) -> Array:
    return g * (a / b * _hyp1f1(a + 1, b + 1, x))


@op(
    "M(a, b, x)",
    x=lambda g, a, b, x: _d_hyp1f1(g, widened(a, x), widened(b, x), x),
    elementwise=True,
    real_only=True,
    samples=elementwise((0.3, 2.0), (2.2, 4.0), (-3.0, 3.0)),
    reference="scipy.special.hyp1f1",
)
def _hyp1f1(a: Array, b: Array, x: Array, /) -> Array:
    return _kummer_of(a, b, x)


def hyp1f1(a: Array, b: Array, x: Array) -> Array:
    """Kummer's confluent hypergeometric function ₁F₁(a; b; x), elementwise.

    It is accurate for `a` and `b` with 0 <= a <= b and any `x` down to -700, for a negative whole
    a, and wherever the terms of the series cancel by no more than two digits; where they do, it is
    NaN, as at b = 0, -1, -2, ... It has a derivative by x; `a` and `b` that require a gradient
    raise UnsupportedError.

    Shape: a, b and x broadcast -> their common shape. Integers give floats; complex numbers raise
    DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.special.hyp1f1(1.0, 2.0, ag.Tensor([0.0, 1.0])), 4)
    Tensor([1.    , 1.7183], dtype=float32)
    """
    without_derivative("hyp1f1", a=a, b=b)
    return _hyp1f1(a, b, x)
