"""The error function's tail without its exponential: erfcx, its derivatives, and log ndtr.

The derivatives of erfcx are repeated integrals of erfc, scaled likewise, which decrease fast and
have one sign: ψₙ(x) = exp(x²) iⁿerfc(x), of which ψₙ' = −2 (n + 1) ψₙ₊₁ (DLMF 7.18).

Sources: erfcx by what erfc is made of; for ψₙ the recurrence DLMF 7.18.7, and beyond 1 the
continued fraction that follows from it (Gautschi, 1967).
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from autograd.engine.ranges import Length
from autograd.extend import Array, elementwise, op, sample
from autograd.ops.special import approximations
from autograd.ops.special.double import Floats, in_double, pieces

_ROOT_PI = math.sqrt(math.pi)


def _square_parts(x: Floats) -> tuple[Floats, Floats]:
    """x² as a number and a small rest that it lacks (Veltkamp)."""
    scaled = x * (2.0**27 + 1)
    high = scaled - (scaled - x)
    return high * high, (x - high) * (x + high)


def _growing(x: Floats) -> Floats:
    """exp(x²), without the rounding of the square."""
    high, low = _square_parts(x)
    return np.exp(high) * np.exp(low)


def _far(x: Floats) -> Floats:
    square, total = 0.5 / (x * x), 1.0
    for k in range(13, 0, -2):
        total = 1 - k * square * total
    return total / (_ROOT_PI * x)


def _left(x: Floats) -> Floats:
    far = x < -26.7
    x = np.where(far, -1.0, x)
    return np.where(far, math.inf, _growing(x) * approximations.erfc(x))


def _tail(x: Floats) -> Floats:
    return approximations.scaled_tail(x)


def _erfcx(x: Floats) -> Floats:
    """exp(x²) erfc(x)."""
    return pieces((x < 1.25, x < 20, x >= 20), (_left, _tail, _far), x)


def _by_recurrence(x: Floats, n: int) -> Floats:
    before, here = 2 / _ROOT_PI, _erfcx(x)
    for k in range(1, n + 1):
        before, here = here, (before - 2 * x * here) / (2 * k)
    return np.where(x < -26.7, math.inf, here)


def _ratio(x: Floats, n: int) -> Floats:
    """rₙ = ψₙ / ψₙ₋₁ = 1 / (2x + 2 (n + 1) rₙ₊₁)."""
    found = 1 / (2 * x)
    for k in range(250, n - 1, -1):
        found = 1 / (2 * x + 2 * (k + 1) * found)
    return found


def _by_fraction(x: Floats, n: int) -> Floats:
    """ψₙ = ψ₀ r₁ ... rₙ."""
    ratio = _ratio(x, n)
    found = _erfcx(x) * ratio
    for k in range(n - 1, 0, -1):
        ratio = 1 / (2 * x + 2 * (k + 1) * ratio)
        found = found * ratio
    return found


def _integral(x: Floats, n: int) -> Floats:
    if n == 0:
        return _erfcx(x)
    near, far = partial(_by_recurrence, n=n), partial(_by_fraction, n=n)
    return pieces((x < 1, x >= 1), (near, far), x)


_integral_of = in_double(_integral)


def _samples() -> Any:
    cases = list(elementwise((-1.5, 4.0), kinks=(-5.0, 0.0, 1.25, 30.0, 1e30))())
    for n in (0, 1):
        for s in cases[: 1 if n else None]:
            yield sample(*s.inputs, n=n, label=s.label, smooth=s.smooth)


def _scipy_integral(x: Array, n: int) -> Array:
    from scipy.special import erfcx

    x = np.asarray(x)
    if n == 0:
        return erfcx(x)
    far = np.abs(x) > 1e3
    near = np.where(far, 1, x)
    return np.where(far, 0.5 / np.where(far, x * x, 1) / _ROOT_PI,
                    1 / _ROOT_PI - near * erfcx(near))  # fmt: skip


@op(
    "exp(x²) iⁿerfc x",
    x=lambda g, x, n: g * (-2 * (n + 1) * _erfc_integral(x, n + 1)),
    elementwise=True,
    real_only=True,
    samples=_samples,
    reference=_scipy_integral,
)
def _erfc_integral(x: Array, /, n: Length) -> Array:
    """exp(x²) times the n-th repeated integral of erfc."""
    return _integral_of(x, n=n)


def erfcx(x: Array) -> Array:
    """exp(x²) erfc(x), elementwise: 1/(√π x) far out, and infinite where exp(x²) is, on the left.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.special.erfcx(ag.Tensor([0.0, 100.0])), 4)
    Tensor([1.    , 0.0056], dtype=float32)
    """
    return _erfc_integral(x, 0)


# ---- the normal distribution ---------------------------------------------------------------------


def _normal_tail(t: Floats) -> Floats:
    """Φ(−t) for t >= 0, to full relative accuracy: t²/2 is not rounded."""
    high, low = _square_parts(np.minimum(t, 40.0))
    return 0.5 * np.exp(-0.5 * high) * np.exp(-0.5 * low) * _erfcx(t * math.sqrt(0.5))


def _log_left(x: Floats) -> Floats:
    return -0.5 * x * x + np.log(0.5 * _erfcx(-x * math.sqrt(0.5)))


def _log_ndtr(x: Floats) -> Floats:
    masks = (x == -math.inf, x < -1, x >= -1)
    found = (np.copy, _log_left, _log_right)
    return pieces(masks, found, x)


def _log_right(x: Floats) -> Floats:
    below = np.log(0.5 * approximations.erfc(np.minimum(x, 0) * -math.sqrt(0.5)))
    return np.where(x < 0, below, 0.0 + np.log1p(-_normal_tail(np.abs(x))))


_log_ndtr_of = in_double(_log_ndtr)


def _hazard(x: Floats) -> Floats:
    """φ(x) / Φ(x): on the left without their exponentials, on the right without rounding x²/2."""
    left = math.sqrt(2 / math.pi) / _erfcx(np.minimum(x, 0) * -math.sqrt(0.5))
    high, low = _square_parts(np.clip(x, 0, 40.0))
    density = np.exp(-0.5 * high) * np.exp(-0.5 * low) / math.sqrt(2 * math.pi)
    right = density / (1 - _normal_tail(np.maximum(x, 0)))
    return np.where(x < 0, left, np.where(x > 40, 0.0, right))


def _excess_left(x: Floats) -> Floats:
    t = x * -math.sqrt(0.5)
    far = math.sqrt(2) * _ratio(np.maximum(t, 1.0), 1)
    near = np.where(t < 1, t, 0.0)
    return np.where(t < 1, math.sqrt(2) * _by_recurrence(near, 1) / _erfcx(near), far)


def _excess(x: Floats) -> Floats:
    return pieces((x < 0, x >= 0), (_excess_left, lambda x: x + _hazard(x)), x)


_hazard_of, _excess_of = in_double(_hazard), in_double(_excess)


def _plain_hazard(x: Array) -> Array:
    from scipy.stats import norm

    return np.exp(norm.logpdf(x) - norm.logcdf(x))


@op(
    "φ(x) / Φ(x)",
    x=lambda g, x, out: g * (-out * _normal_excess(x)),
    elementwise=True,
    real_only=True,
    samples=elementwise((-6.0, 4.0)),
    reference=_plain_hazard,
)
def _normal_hazard(x: Array, /) -> Array:
    """The derivative of log_ndtr: Mills' ratio, upside down."""
    return _hazard_of(x)


@op(
    "x + φ(x) / Φ(x)",
    x=lambda g, x, out: g * (1 - _normal_hazard(x) * out),
    elementwise=True,
    real_only=True,
    samples=elementwise((-6.0, 4.0)),
    reference=lambda x: x + _plain_hazard(x),
)
def _normal_excess(x: Array, /) -> Array:
    """How far beyond x a normal number lies on average, of those that do, with its sign turned."""
    return _excess_of(x)


@op(
    "log Φ(x)",
    x=lambda g, x: g * _normal_hazard(x),
    elementwise=True,
    real_only=True,
    samples=elementwise((-6.0, 4.0), kinks=(-1e10, -40.0, 0.0, 20.0, 40.0)),
    reference="scipy.special.log_ndtr",
)
def log_ndtr(x: Array, /) -> Array:
    """The logarithm of ndtr, elementwise, accurate in both tails.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.special.log_ndtr(ag.Tensor([0.0, -10.0])), 3)
    Tensor([ -0.693, -53.231], dtype=float32)
    """
    return _log_ndtr_of(x)
