"""Bessel functions of the first and second kind, and spherical ones of the first.

Sources: backward recurrence, Miller (1952), normalised by DLMF 10.12.4; Neumann's series of Y₀ in
the Jₖ, DLMF 10.8.3, and its derivative; Hankel's expansions, DLMF 10.17.3.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from autograd.engine.ranges import Length
from autograd.extend import Array, Samples, elementwise, op, sample
from autograd.ops.special.double import Floats, in_double, pieces

_FAR = 25.0  # beyond, Hankel's expansions hold to double precision
_NEAR = 0.5  # below, power series do
_TOP = 72  # J of this order is 0 to double precision below _FAR


def _power_series(x: Floats, n: int) -> Floats:
    """Jₙ(x) = Σ (−1)ᵏ (x/2)²ᵏ⁺ⁿ / (k! (n + k)!)."""
    term = (x / 2) ** n / math.factorial(n)
    total, square = term, -x * x / 4
    for k in range(1, 12):
        term = term * square / (k * (n + k))
        total = total + term
    return total


def _all_orders(x: Floats) -> list[Floats]:
    """J₀(x), J₁(x), ... to where they are 0, for x below _FAR."""
    small = x < _NEAR
    safe = np.where(small, 1.0, x)
    above, here = np.zeros_like(x), np.full_like(x, 1e-200)
    found, total = [above, here], np.zeros_like(x)
    for k in range(_TOP, 0, -1):
        above, here = here, 2 * k / safe * here - above
        found.append(here)
        if k % 2:  # here is of the even order k − 1
            total += here if k == 1 else 2 * here
    orders = [f / total for f in found[:0:-1]]
    for k in range(18):
        orders[k] = np.where(small, _power_series(x, k), orders[k])
    for k in range(18, len(orders)):
        orders[k] = np.where(small, 0.0, orders[k])
    return orders


def hankel_terms(n: int, count: int) -> list[float]:
    """aₖ(n) = (4n² − 1²)(4n² − 3²) ... (4n² − (2k − 1)²) / (k! 8ᵏ), DLMF 10.17.1."""
    terms = [1.0]
    for k in range(1, count):
        terms.append(terms[-1] * (4 * n * n - (2 * k - 1) ** 2) / (8 * k))
    return terms


def _hankel(x: Floats, n: int) -> tuple[Floats, Floats]:
    """J and Y of order 0 or 1, for x beyond _FAR."""
    square, even, odd = -1 / (x * x), np.zeros_like(x), np.zeros_like(x)
    terms = hankel_terms(n, 28)
    for k in range(len(terms) - 2, -1, -2):
        even, odd = even * square + terms[k], odd * square + terms[k + 1]
    odd = odd / x
    sine, cosine = np.sin(x), np.cos(x)
    one, other = (cosine + sine, sine - cosine) if n == 0 else (sine - cosine, -cosine - sine)
    scale = 1 / np.sqrt(math.pi * x)
    return scale * (one * even - other * odd), scale * (other * even + one * odd)


def _raised(x: Floats, before: Floats, found: Floats, n: int) -> Floats:
    """The function of order n from those of orders 0 and 1: fₖ₊₁ = (2k/x) fₖ − fₖ₋₁."""
    if n == 0:
        return before
    for k in range(1, n):
        before, found = found, np.where(np.isinf(found), found, 2 * k / x * found - before)
    return found


def _far(x: Floats, n: int, kind: int) -> Floats:
    found = _raised(x, _hankel(x, 0)[kind], _hankel(x, 1)[kind], n)
    return np.where(np.isinf(x), 0.0, found)


def _y_near(x: Floats, n: int) -> Floats:
    orders = _all_orders(x)
    log = np.log(x) - math.log(2) + np.euler_gamma
    y0, y1 = log * orders[0], (log - 1) * orders[1] - orders[0] / x
    for k in range(1, _TOP // 2):
        sign = (-1) ** k
        y0 = y0 - 2 * sign / k * orders[2 * k]
        y1 = y1 - sign * (2 * k + 1) / (k * (k + 1)) * orders[2 * k + 1]
    found = _raised(x, 2 / math.pi * y0, 2 / math.pi * y1, n)
    return np.where(x == 0, -math.inf, found)


def _j(x: Floats, n: int) -> Floats:
    size = np.abs(x)
    found = pieces(
        (size < _FAR, size >= _FAR),
        (lambda x: _all_orders(x)[n], partial(_far, n=n, kind=0)),
        size,
    )
    return np.where(np.signbit(x), -found, found) if n % 2 else found


def _y(x: Floats, n: int) -> Floats:
    near, far = (x >= 0) & (x < _FAR), x >= _FAR
    return pieces((near, far), (partial(_y_near, n=n), partial(_far, n=n, kind=1)), x)


_j_of, _y_of = in_double(_j), in_double(_y)


def _of_orders(low: float, *kinks: float) -> Samples:
    def drawn() -> Any:
        cases = list(elementwise((low, 6.0), kinks=kinks)())
        for n in (0, 1, 3):
            for s in cases[: None if n == 1 else 1]:
                yield sample(*s.inputs, n=n, label=s.label, smooth=s.smooth)

    return drawn


def _scipy_j(x: Array, n: int) -> Array:
    from scipy.special import jn

    return jn(n, x)


def _scipy_y(x: Array, n: int) -> Array:
    from scipy.special import yn

    return np.where(np.asarray(x) == 0, -np.inf, yn(n, x))


def _d_bessel_j(g: Array, x: Array, n: int) -> Array:
    if n == 0:
        return -g * _bessel_j(x, 1)
    return g * (0.5 * (_bessel_j(x, n - 1) - _bessel_j(x, n + 1)))


@op(
    "Jₙ(x)",
    x=_d_bessel_j,
    elementwise=True,
    real_only=True,
    samples=_of_orders(-6.0, 0.0, 30.0, -30.0),
    reference=_scipy_j,
)
def _bessel_j(x: Array, /, n: Length) -> Array:
    """The Bessel function of the first kind of order n < 20."""
    return _j_of(x, n=n)


def _d_bessel_y(g: Array, x: Array, n: int) -> Array:
    if n == 0:
        return -g * _bessel_y(x, 1)
    return g * (0.5 * (_bessel_y(x, n - 1) - _bessel_y(x, n + 1)))


@op(
    "Yₙ(x)",
    x=_d_bessel_y,
    elementwise=True,
    real_only=True,
    samples=_of_orders(0.3, 30.0),
    reference=_scipy_y,
)
def _bessel_y(x: Array, /, n: Length) -> Array:
    """The Bessel function of the second kind."""
    return _y_of(x, n=n)


def bessel_j0(x: Array) -> Array:
    """The Bessel function of the first kind of order 0, elementwise.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.special.bessel_j0(ag.Tensor([0.0, 1.0])), 4)
    Tensor([1.    , 0.7652], dtype=float32)
    """
    return _bessel_j(x, 0)


def bessel_j1(x: Array) -> Array:
    """The Bessel function of the first kind of order 1, elementwise.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.special.bessel_j1(ag.Tensor([0.0, 1.0])), 4)
    Tensor([0.    , 0.4401], dtype=float32)
    """
    return _bessel_j(x, 1)


def bessel_y0(x: Array) -> Array:
    """The Bessel function of the second kind of order 0, elementwise.

    It is -inf at 0, and NaN below.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.special.bessel_y0(ag.Tensor([1.0, 2.0])), 4)
    Tensor([0.0883, 0.5104], dtype=float32)
    """
    return _bessel_y(x, 0)


def bessel_y1(x: Array) -> Array:
    """The Bessel function of the second kind of order 1, elementwise.

    It is -inf at 0, and NaN below.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.special.bessel_y1(ag.Tensor([1.0, 2.0])), 4)
    Tensor([-0.7812, -0.107 ], dtype=float32)
    """
    return _bessel_y(x, 1)


# ---- spherical -----------------------------------------------------------------------------------


def _spherical_series(x: Floats, n: int) -> Floats:
    """jₙ(x) = xⁿ Σ (−x²/2)ᵏ / (k! (2n + 2k + 1)!!), DLMF 10.53.1."""
    term, square = x**n / math.prod(range(1, 2 * n + 2, 2)), -x * x / 2
    total = term
    for k in range(1, 30):
        term = term * square / (k * (2 * n + 2 * k + 1))
        total = total + term
    return total


def _spherical_recurrence(x: Floats, n: int) -> Floats:
    before, found = np.cos(x) / x, np.sin(x) / x
    for k in range(n):
        before, found = found, (2 * k + 1) / x * found - before
    return np.where(np.isinf(x), 0.0, found)


def _spherical(x: Floats, n: int) -> Floats:
    size = np.abs(x)
    near = size < (n + 2 if n else 0.0)
    found = pieces(
        (near | (size == 0), size > 0),
        (partial(_spherical_series, n=n), partial(_spherical_recurrence, n=n)),
        size,
    )
    return np.where(np.signbit(x), -found, found) if n % 2 else found


_spherical_of = in_double(_spherical)


def _scipy_spherical(x: Array, n: int) -> Array:
    from scipy.special import spherical_jn

    x = np.asarray(x)
    return spherical_jn(n, np.abs(x)) * np.sign(x) ** n


def _d_spherical(g: Array, x: Array, n: int) -> Array:
    if n == 0:
        return -g * _spherical_bessel(x, 1)
    below, above = _spherical_bessel(x, n - 1), _spherical_bessel(x, n + 1)
    return g * ((n * below - (n + 1) * above) / (2 * n + 1))


@op(
    "jₙ(x)",
    x=_d_spherical,
    elementwise=True,
    real_only=True,
    samples=_of_orders(-6.0, 0.0, 30.0, -30.0),
    reference=_scipy_spherical,
)
def _spherical_bessel(x: Array, /, n: Length) -> Array:
    """The spherical Bessel function of the first kind of order n."""
    return _spherical_of(x, n=n)


def spherical_bessel_j0(x: Array) -> Array:
    """The spherical Bessel function of the first kind of order 0: sin(x) / x, and 1 at 0.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.special.spherical_bessel_j0(ag.Tensor([0.0, 1.0])), 4)
    Tensor([1.    , 0.8415], dtype=float32)
    """
    return _spherical_bessel(x, 0)
