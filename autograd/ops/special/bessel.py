"""Modified Bessel functions of the first kind."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from autograd.engine.dispatch import is_symbolic
from autograd.extend import Array, Sample, elementwise, op, sample
from autograd.ops.special.approximations import by_interval

# e^(-x) I₁(x) / x on [0, 8] in Chebyshev polynomials of x/4 − 1, and √x e^(-x) I₁(x) beyond in
# those of 16/x − 1; interpolated at 120 Chebyshev points with 40 digits by mpmath.
_NEAR = (
    0.12629359322181682, -0.17641651835783406, 0.1026436586898471,
    -0.05294598120809499, 0.024726449030626516, -0.010564084894626197,
    0.004156422944312888, -0.0015135724506312532, 0.0005122859561685758,
    -0.00016176081582589674, 4.781565107550054e-05, -1.3273163656039436e-05,
    3.4702513081376785e-06, -8.568720264695455e-07, 2.0032947535521353e-07,
    -4.445059128796328e-08, 9.381537386495773e-09, -1.8872497517228294e-09,
    3.625590281552117e-10, -6.663489723502027e-11, 1.1736186298890901e-11,
    -1.9839743977649436e-12, 3.223793365945575e-13, -5.042185504727912e-14,
    7.600684294735408e-15, -1.1055969477353862e-15, 1.5536319577362005e-16,
    -2.111421214358166e-17, 2.7779141127610464e-18,
)  # fmt: skip
_FAR = (
    0.38928811750914005, -0.009761097491361469, -0.00011058893876262371,
    -3.882564808877691e-06, -2.512236237870209e-07, -2.6314688468895196e-08,
    -3.835380385964237e-09, -5.589743462196584e-10, -1.8974958123505413e-11,
    3.2526035830154884e-11, 1.4125807436613782e-11, 2.0356285441470896e-12,
    -7.198551776245908e-13, -4.0835511110921974e-13, -2.1015418427726643e-14,
    4.272440016711951e-14, 1.0420276984128802e-14, -3.8144030724370075e-15,
    -1.8803547755107825e-15, 3.3082023109209285e-16, 2.96262899764595e-16,
    -3.209525921993424e-17, -4.6503053684893586e-17, 4.414348323071708e-18,
    7.517296310842105e-18, -1.242193275194891e-18,
)  # fmt: skip


_OVER = 700.0  # e^x overflows beyond, and I₀ and I₁ a little later


def _chebyshev(t: Any, coefficients: Sequence[float]) -> Any:
    """Σ cₖ Tₖ(t) by Clenshaw's recurrence."""
    b, after = t * 0, t * 0
    for c in coefficients[:0:-1]:
        b, after = 2 * t * b - after + c, b
    return t * b - after + coefficients[0]


@op(
    "I₀(x)",
    x=lambda g, x: g * i1(x),
    elementwise=True,
    real_only=True,
    samples=elementwise((-3.0, 3.0), kinks=(0.0, 20.0, -20.0)),
    reference="scipy.special.i0",
)
def i0(x: Array, /) -> Array:
    """The modified Bessel function of order 0, elementwise.

    Even, at least 1, and infinite where exp(|x|) overflows.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.i0(ag.Tensor([0.0, 1.0])), 4)
    Tensor([1.    , 1.2661], dtype=float32)
    """
    with np.errstate(over="ignore", invalid="ignore"):
        found, size = np.i0(x)[()], np.abs(x)
        if is_symbolic(x) or np.any(size > _OVER):
            found = np.where(size > _OVER, _far_i0(size), found)[()]
    return found


def _far_i0(x: Any) -> Any:
    """√(2π x) I₀ e^(-x) in 1/(8 x); the exponential in two halves, which overflow no sooner."""
    t = 1 / (8.0 * np.minimum(np.maximum(x, _OVER), 1e30))
    series = 1 + t * (1 + t * (4.5 + t * (37.5 + t * (459.375 + t * 7441.875))))
    half = np.exp(x / 2)
    return half * (half * (series * np.sqrt(4 * t / math.pi)))


def _by_series(x: Any, n: int) -> Any:
    """Σ (x/2)²ᵏ⁺ⁿ / (k! (k + n)!), all of one sign: nothing cancels."""
    half = x / 2
    term = half**n / math.factorial(n)
    total = term
    for k in range(1, 45):
        term = term * half * half / (k * (k + n))
        total = total + term
    return total


def _by_recurrence(x: Any, n: int) -> Any:
    """Iₖ₊₁ = Iₖ₋₁ − (2k/x) Iₖ from below, which is accurate while k is small beside x."""
    before: Any = i0(x)
    found: Any = i1(x)
    for k in range(1, n):
        endless = np.isinf(found)
        less = 2 * k / x * np.where(endless, 0, found)
        before, found = found, np.where(endless, found, before - less)
    return found


def _scipy_bessel(x: Array, n: int) -> Array:
    from scipy.special import iv

    return iv(n, x)


def _bessel_samples() -> Iterator[Sample]:
    for n in (2, 3):
        for s in elementwise((-3.0, 3.0), kinks=(0.0, 20.0, -20.0))():
            yield sample(*s.inputs, n=n, label=s.label, smooth=s.smooth)


@op(
    "Iₙ(x)",
    x=lambda g, x, n: g * (0.5 * _order(x, n - 1) + 0.5 * _bessel_i(x, n + 1)),
    elementwise=True,
    real_only=True,
    samples=_bessel_samples,
    reference=_scipy_bessel,
)
def _bessel_i(x: Array, /, n: int) -> Array:
    """The modified Bessel function of order n > 1: what the derivatives of I₀ and I₁ consist of."""
    size = by_interval(
        np.abs(x),
        (15.0,),
        (lambda x: _by_series(x, n), lambda x: _by_recurrence(x, n)),
        wide=True,
    )
    return np.copysign(size, x) if n % 2 else size


def _order(x: Array, n: int) -> Array:
    return i1(x) if n == 1 else _bessel_i(x, n)


def _far_i1(x: Any) -> Any:
    """The exponential in two halves, which overflow no sooner than I₁."""
    half = np.exp(x / 2)
    return half * (half * (_chebyshev(16 / x - 1, _FAR) / np.sqrt(np.minimum(x, 1e300))))


@op(
    "I₁(x)",
    x=lambda g, x: g * (0.5 * i0(x) + 0.5 * _bessel_i(x, 2)),
    elementwise=True,
    real_only=True,
    samples=elementwise((-3.0, 3.0), kinks=(0.0, 20.0, -20.0)),
    reference="scipy.special.i1",
)
def i1(x: Array, /) -> Array:
    """The modified Bessel function of order 1, elementwise: the derivative of i0.

    Odd: i1(-x) = -i1(x).

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.i1(ag.Tensor([0.0, 1.0])), 4)
    Tensor([0.    , 0.5652], dtype=float32)
    """
    size = by_interval(
        np.abs(x),
        (8.0,),
        (
            lambda x: x * np.exp(x) * _chebyshev(x / 4 - 1, _NEAR),
            _far_i1,
        ),
        wide=True,
    )
    return np.copysign(size, x)
