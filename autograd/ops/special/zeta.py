"""Hurwitz' zeta function, and the multivariate gamma function.

Source: Euler and Maclaurin's sum, DLMF 25.11.5 with its remainder expanded.
"""

from __future__ import annotations

import math

import numpy as np

from autograd.engine.arguments import checked
from autograd.engine.ranges import Count
from autograd.extend import Array, elementwise, op
from autograd.ops.elementwise.arithmetic import subtract
from autograd.ops.special.double import Floats, in_double, widened
from autograd.ops.special.gamma import gammaln
from autograd.ops.special.incomplete import without_derivative

_TERMS = 12
_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)


def _positive(s: Floats, q: Floats) -> Floats:
    """Σ (q + k)⁻ˢ for s > 1 and q > 0."""
    total = np.zeros_like(q)
    for k in range(_TERMS):
        total = total + (q + k) ** -s
    end = q + _TERMS
    last = end**-s
    total = total + np.where(last > 0, end * last / (s - 1) + 0.5 * last, 0)
    factor = last * s / end
    for k, b in enumerate(_BERNOULLI, 1):
        total = total + np.where(last > 0, b / math.factorial(2 * k) * factor, 0)
        factor = factor * (s + 2 * k - 1) * (s + 2 * k) / (end * end)
    return total


def _hurwitz(s: Floats, q: Floats) -> Floats:
    """For q below 0, from all whole steps on both sides less those that are further below."""
    part = q - np.floor(q)
    below, pole, whole = q < 0, (part == 0) & (q <= 0), s == np.floor(s)
    s_safe, q_safe = np.where(s > 1, s, 2.0), np.where(q > 0, q, 1.0)
    found = _positive(s_safe, q_safe)
    if below.any():
        part, mirrored = np.where(part > 0, part, 0.5), np.where(below, 1 - q, 1.0)
        sign = np.where(s_safe % 2 == 0, 1.0, -1.0)
        rest = _positive(s_safe, 1 - part) - _positive(s_safe, mirrored)
        found = np.where(below, _positive(s_safe, part) + sign * rest, found)
        found = np.where(below & ~whole, math.nan, found)
    found = np.where(np.isinf(q), np.where(q > 0, 0.0, math.nan), found)
    found = np.where(
        np.isinf(s) & (q > 0), np.where(q > 1, 0, np.where(q == 1, 1, math.inf)), found
    )
    found = np.where(pole | (s == 1), math.inf, found)
    return np.where((s < 1) | np.isnan(s) | np.isnan(q), math.nan, found)


_zeta_of = in_double(_hurwitz)


@op(
    "ζ(s, q)",
    q=lambda g, s, q: g * (-s * _zeta(widened(s, q) + 1, q)),
    elementwise=True,
    real_only=True,
    samples=elementwise((1.3, 6.0), (0.4, 5.0)),
    reference="scipy.special.zeta",
)
def _zeta(s: Array, q: Array, /) -> Array:
    return _zeta_of(s, q)


def zeta(s: Array, q: Array) -> Array:
    """Hurwitz' zeta function Σ (q + k)⁻ˢ over k = 0, 1, 2, ..., elementwise; Riemann's for q = 1.

    For `s` > 1: it is infinite at 1, and NaN below. At `q` = 0, -1, -2, ... it is infinite, and
    between them NaN unless s is whole. It has a derivative by `q`; an `s` that requires a gradient
    raises UnsupportedError.

    Shape: s and q broadcast -> their common shape. Integers give floats; complex numbers raise
    DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.special.zeta(ag.Tensor([2.0, 4.0]), 1.0), 4)
    Tensor([1.6449, 1.0823], dtype=float32)
    """
    without_derivative("zeta", s=s)
    return _zeta(s, q)


@checked
def multigammaln(a: Array, d: Count) -> Array:
    """The logarithm of the multivariate gamma function of dimension `d`, elementwise.

    It is π^(d(d − 1)/4) Π Γ(a − j/2) over j = 0 ... d − 1, for a > (d − 1)/2.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.special.multigammaln(ag.Tensor([2.0, 3.0]), 2), 4)
    Tensor([0.4516, 1.5502], dtype=float32)
    """
    total = gammaln(a) + d * (d - 1) / 4 * math.log(math.pi)
    for j in range(1, d):
        total = total + gammaln(subtract(a, j / 2))
    return total
