"""Modified Bessel functions times the exponential that keeps them in range, and Kₙ itself.

Their derivatives are a family of their own, of an order and a number of derivatives: the difference
of two of them would lose the digits that e⁻ˣ Iₙ(x) and its neighbours have in common.

Sources: Hankel's expansion, DLMF 10.40.1; the integrals of Iₙ and Kₙ, DLMF 10.32.3 and 10.32.9, by
the trapezoidal rule (Trefethen and Weideman, 2014), for Kₙ in u, where cosh t = 1 + u²/x; near 0
their series, DLMF 10.25.2 and 10.31.2.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from autograd.engine.ranges import Length
from autograd.extend import Array, Samples, elementwise, op, sample
from autograd.ops.elementwise.arithmetic import subtract
from autograd.ops.elementwise.exponential import exp
from autograd.ops.special.cylinder import hankel_terms
from autograd.ops.special.double import Floats, in_double, pieces

_FAR = 25.0  # beyond, Hankel's expansion holds to double precision
_ANGLES = tuple(math.pi * (k + 0.5) / 36 for k in range(36))
_STEP = 0.125
_NODES = tuple(_STEP * (k + 0.5) for k in range(50))  # where e^(−u²) is not 0 to double precision


def _combined(values: dict[int, Floats], n: int, derivatives: int) -> Floats:
    """The central difference of order 2m, over 2ᵐ: (fₙ₋₁ − 2fₙ + fₙ₊₁)/2, m times over."""
    total = 0.0
    for j in range(2 * derivatives + 1):
        order = abs(n + derivatives - j)
        total = total + (-1) ** j * math.comb(2 * derivatives, j) * values[order]
    return total / 2**derivatives


def _orders(n: int, derivatives: int) -> range:
    return range(max(0, n - derivatives), max(n, derivatives - n) + derivatives + 1)


# ---- the first kind ------------------------------------------------------------------------------


def _i_series(x: Floats, n: int) -> Floats:
    """Σ (x/2)²ᵏ⁺ⁿ / (k! (k + n)!), all of one sign: nothing cancels."""
    term = (x / 2) ** n / math.factorial(n)
    total, square = term, x * x / 4
    for k in range(1, 20):
        term = term * square / (k * (k + n))
        total = total + term
    return total


def _i_near(x: Floats, n: int, derivatives: int) -> Floats:
    shrunk = np.exp(-x)
    found = {k: shrunk * _i_series(x, k) for k in _orders(n, derivatives)}
    return _combined(found, n, derivatives)


def _i_by_angles(x: Floats, n: int, derivatives: int) -> Floats:
    total = np.zeros_like(x)
    for angle in _ANGLES:
        rise = 2 * math.sin(angle / 2) ** 2  # 1 − cos θ
        total += np.exp(-x * rise) * (rise**derivatives * math.cos(n * angle) / len(_ANGLES))
    return (-1) ** derivatives * total


def _i_far(x: Floats, n: int, derivatives: int) -> Floats:
    inverse, total = 1 / x, np.zeros_like(x)
    terms = hankel_terms(n, 30)
    for k in range(len(terms) - 1, -1, -1):
        rising = math.prod(k + 0.5 + j for j in range(derivatives))
        total = (-1) ** k * terms[k] * rising + total * inverse
    return (-inverse) ** derivatives * total / np.sqrt(2 * math.pi * x)


def _i_scaled(x: Floats, n: int, derivatives: int) -> Floats:
    size, of_order = np.abs(x), {"n": n, "derivatives": derivatives}
    found = pieces(
        (size < 2, size < _FAR, size >= _FAR),
        [partial(piece, **of_order) for piece in (_i_near, _i_by_angles, _i_far)],
        size,
    )
    if (n + derivatives) % 2:
        return np.where(x < 0, -found, np.where((x == 0) & (n % 2 == 0), 0.0, found))
    return np.where((x == 0) & (n % 2 == 1) & (derivatives > 1), 0.0, found)


# ---- the second kind -----------------------------------------------------------------------------


def _k_near(x: Floats, n: int, derivatives: int) -> Floats:
    i0, i1, square = _i_series(x, 0), _i_series(x, 1), x * x / 4
    term, harmonic, series = np.ones_like(x), 0.0, np.zeros_like(x)
    for k in range(1, 14):
        term, harmonic = term * square / (k * k), harmonic + 1 / k
        series = series + harmonic * term
    k0 = series - (np.log(x / 2) + np.euler_gamma) * i0
    found = {0: k0, 1: (1 / x - i1 * k0) / i0}
    for k in range(1, max(_orders(n, derivatives))):
        found[k + 1] = found[k - 1] + 2 * k / x * found[k]
    grown, sign = np.exp(x), (-1) ** derivatives
    value = sign * grown * _combined(found, n, derivatives)
    return np.where(np.isnan(value), sign * math.inf, value)


def _k_by_nodes(x: Floats, n: int, derivatives: int) -> Floats:
    total, inverse = np.zeros_like(x), 1 / x
    for u in _NODES:
        rise = u * u * inverse  # cosh t − 1
        before, here = np.ones_like(x), 1 + rise
        for _ in range(n - 1):  # cosh nt, by Chebyshev's recurrence
            before, here = here, 2 * (1 + rise) * here - before
        weight = math.exp(-u * u) * rise**derivatives / np.sqrt(1 + 0.5 * rise)
        total = total + (weight * here if n else weight)
    return (-1) ** derivatives * _STEP * np.sqrt(2 * inverse) * total


def _k_scaled(x: Floats, n: int, derivatives: int) -> Floats:
    of_order = {"n": n, "derivatives": derivatives}
    return pieces(
        ((x >= 0) & (x < 1), x >= 1),
        (partial(_k_near, **of_order), partial(_k_by_nodes, **of_order)),
        x,
    )


_i_of, _k_of = in_double(_i_scaled), in_double(_k_scaled)


# ---- the ops -------------------------------------------------------------------------------------


def _of_orders(low: float, *kinks: float) -> Samples:
    def drawn() -> Any:
        cases = list(elementwise((low, 5.0), kinks=kinks)())
        for n, derivatives in ((0, 0), (1, 0), (0, 1)):
            for s in cases[: 1 if n or derivatives else None]:
                yield sample(
                    *s.inputs, n=n, derivatives=derivatives, label=s.label, smooth=s.smooth
                )

    return drawn


def _scipy_i(x: Array, n: int, derivatives: int) -> Array:
    from scipy.special import ive

    x = np.asarray(x)
    if not derivatives:
        return ive(n, x)
    slope = 0.5 * (ive(n - 1, x) + ive(n + 1, x)) - np.sign(x) * ive(n, x)
    return slope


def _scipy_k(x: Array, n: int, derivatives: int) -> Array:
    from scipy.special import kve

    return kve(n, x) - 0.5 * (kve(n - 1, x) + kve(n + 1, x)) if derivatives else kve(n, x)


@op(
    "e⁻ˣ Iₙ(x)",
    x=lambda g, x, n, derivatives: g * _scaled_bessel_i(x, n, derivatives + 1),
    elementwise=True,
    real_only=True,
    samples=_of_orders(0.2, 0.0, -2.0, 30.0, -30.0),
    reference=_scipy_i,
)
def _scaled_bessel_i(x: Array, /, n: Length, derivatives: Length = 0) -> Array:
    """A derivative of e^(−|x|) Iₙ(x): 0 at 0 where it jumps."""
    return _i_of(x, n=n, derivatives=derivatives)


@op(
    "eˣ Kₙ(x)",
    x=lambda g, x, n, derivatives: g * _scaled_bessel_k(x, n, derivatives + 1),
    elementwise=True,
    real_only=True,
    samples=_of_orders(0.2, 30.0),
    reference=_scipy_k,
)
def _scaled_bessel_k(x: Array, /, n: Length, derivatives: Length = 0) -> Array:
    """A derivative of eˣ Kₙ(x)."""
    return _k_of(x, n=n, derivatives=derivatives)


def i0e(x: Array) -> Array:
    """e^(-|x|) times the modified Bessel function of the first kind of order 0, elementwise.

    Even, and 0 at infinity. Its derivative at 0, where it has a kink, is taken as 0.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.special.i0e(ag.Tensor([0.0, 1000.0])), 4)
    Tensor([1.    , 0.0126], dtype=float32)
    """
    return _scaled_bessel_i(x, 0)


def i1e(x: Array) -> Array:
    """e^(-|x|) times the modified Bessel function of the first kind of order 1, elementwise.

    Odd, and 0 at infinity.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.special.i1e(ag.Tensor([0.0, 1000.0])), 4)
    Tensor([0.    , 0.0126], dtype=float32)
    """
    return _scaled_bessel_i(x, 1)


def scaled_modified_bessel_k0(x: Array) -> Array:
    """e^x times the modified Bessel function of the second kind of order 0, elementwise.

    Infinite at 0, and NaN below.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.special.scaled_modified_bessel_k0(ag.Tensor([1.0, 1000.0])), 4)
    Tensor([1.1445, 0.0396], dtype=float32)
    """
    return _scaled_bessel_k(x, 0)


def scaled_modified_bessel_k1(x: Array) -> Array:
    """e^x times the modified Bessel function of the second kind of order 1, elementwise.

    Infinite at 0, and NaN below.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.special.scaled_modified_bessel_k1(ag.Tensor([1.0, 1000.0])), 4)
    Tensor([1.6362, 0.0396], dtype=float32)
    """
    return _scaled_bessel_k(x, 1)


def modified_bessel_k0(x: Array) -> Array:
    """The modified Bessel function of the second kind of order 0, elementwise.

    Infinite at 0, and NaN below.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.special.modified_bessel_k0(ag.Tensor([1.0, 2.0])), 4)
    Tensor([0.421 , 0.1139], dtype=float32)
    """
    return exp(subtract(0.0, x)) * _scaled_bessel_k(x, 0)


def modified_bessel_k1(x: Array) -> Array:
    """The modified Bessel function of the second kind of order 1, elementwise.

    Infinite at 0, and NaN below.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.special.modified_bessel_k1(ag.Tensor([1.0, 2.0])), 4)
    Tensor([0.6019, 0.1399], dtype=float32)
    """
    return exp(subtract(0.0, x)) * _scaled_bessel_k(x, 1)
