"""How the special functions are computed: rational and asymptotic approximations, vectorised.

Nothing here is an op, and nothing is recorded. Accuracy is that of the input's dtype: Python floats
as coefficients leave float32 arrays float32.

Sources: erf and erfc, Sun Microsystems' fdlibm (s_erf.c, 1993); the normal quantile, Wichura,
algorithm AS 241 (1988).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.engine.dispatch import as_array, is_symbolic
from autograd.kernels.activation import gelu as gaussian
from autograd.kernels.parallel.blocks import block_by_block, polynomial

__all__: list[str] = []

Floats = Any  # a floating ndarray or NumPy scalar


def floating(x: Any) -> Any:
    """x as a floating array of at least single precision; integers become float64."""
    x = as_array(x)
    if x.dtype.kind not in "biuf":
        raise TypeError(f"expected numbers, got an array of {x.dtype}")
    return x if x.dtype.kind == "f" else x.astype(np.float64)


def by_interval(
    x: Any,
    ends: Sequence[float],
    pieces: Sequence[Callable[[Any], Any]],
    *,
    wide: bool = False,
) -> Any:
    """A function given by one piece per interval, each evaluated on its own elements alone.

    Piece k serves ends[k - 1] <= x < ends[k]; NaN goes to the last one. With `wide` narrower floats
    are computed in float64, for pieces that lose digits to cancellation; float16 always is.
    """
    x = floating(x)
    if x.dtype.itemsize < 4 or (wide and x.dtype.itemsize < 8):
        return by_interval(x.astype(np.float64), ends, pieces).astype(x.dtype)
    if is_symbolic(x):
        return _chosen(x, ends, pieces)
    limits = np.asarray(ends, x.dtype)

    def evaluate(block: Floats) -> Floats:
        interval = np.searchsorted(limits, block, side="right")
        found = np.empty_like(block)
        for number, piece in enumerate(pieces):
            here = interval == number
            if here.any():
                found[here] = piece(block[here])
        return found

    return block_by_block(evaluate, x)


def _chosen(x: Any, ends: Sequence[float], pieces: Sequence[Callable[[Any], Any]]) -> Any:
    """The same of a symbol: all pieces, of which one is chosen."""
    found = pieces[0](x)
    for end, piece in zip(ends, pieces[1:], strict=True):
        found = np.where(x < end, found, piece(x))
    return found


def ratio(x: Any, above: Sequence[float], below: Sequence[float]) -> Any:
    """One polynomial over another."""
    return polynomial(x, above) / polynomial(x, below)


# ---- erf and erfc -------------------------------------------------------------------------------

_ERF_AT_1 = 8.45062911510467529297e-01  # erf(1) in single precision
_NEAR_0 = (
    (1.28379167095512558561e-01, -3.25042107247001499370e-01, -2.84817495755985104766e-02,
     -5.77027029648944159157e-03, -2.37630166566501626084e-05),
    (1.0, 3.97917223959155352819e-01, 6.50222499887672944485e-02, 5.08130628187576562776e-03,
     1.32494738004321644526e-04, -3.96022827877536812320e-06),
)  # fmt: skip
_NEAR_1 = (
    (-2.36211856075265944077e-03, 4.14856118683748331666e-01, -3.72207876035701323847e-01,
     3.18346619901161753674e-01, -1.10894694282396677476e-01, 3.54783043256182359371e-02,
     -2.16637559486879084300e-03),
    (1.0, 1.06420880400844228286e-01, 5.40397917702171048937e-01, 7.18286544141962662868e-02,
     1.26171219808761642112e-01, 1.36370839120290507362e-02, 1.19844998467991074170e-02),
)  # fmt: skip
_TAIL = (
    (-9.86494403484714822705e-03, -6.93858572707181764372e-01, -1.05586262253232909814e+01,
     -6.23753324503260060396e+01, -1.62396669462573470355e+02, -1.84605092906711035994e+02,
     -8.12874355063065934246e+01, -9.81432934416914548592e+00),
    (1.0, 1.96512716674392571292e+01, 1.37657754143519042600e+02, 4.34565877475229228821e+02,
     6.45387271733267880336e+02, 4.29008140027567833386e+02, 1.08635005541779435134e+02,
     6.57024977031928170135e+00, -6.04244152148580987438e-02),
)  # fmt: skip
_FAR_TAIL = (
    (-9.86494292470009928597e-03, -7.99283237680523006574e-01, -1.77579549177547519889e+01,
     -1.60636384855821916062e+02, -6.37566443368389627722e+02, -1.02509513161107724954e+03,
     -4.83519191608651397019e+02),
    (1.0, 3.03380607434824582924e+01, 3.25792512996573918826e+02, 1.53672958608443695994e+03,
     3.19985821950859553908e+03, 2.55305040643316442583e+03, 4.74528541206955367215e+02,
     -2.24409524465858183362e+01),
)  # fmt: skip


def _erf_near_0(x: Floats) -> Floats:
    return x + x * ratio(x * x, *_NEAR_0)


def _above_erf_1(x: Floats) -> Floats:
    """erf(x) less the rounded erf(1), for x from 0.84 to 1.25."""
    return ratio(x - 1, *_NEAR_1)


def gaussian_of(x: Floats, plus: Any = 0.0) -> Floats:
    """exp(-x² + plus) without the rounding error of x²: x is cut into two short parts."""
    scaled = x * (2.0**12 + 1 if x.dtype == np.float32 else 2.0**27 + 1)
    high = scaled - (scaled - x)  # Veltkamp: the upper half of x's digits, so high² is exact
    return np.exp(-high * high) * np.exp((high - x) * (high + x) + plus)


def _erfc_tail(x: Floats) -> Floats:
    return gaussian_of(x, ratio(1 / (x * x), *_TAIL) - 0.5625) / x


def _erfc_far_tail(x: Floats) -> Floats:
    return gaussian_of(x, ratio(1 / (x * x), *_FAR_TAIL) - 0.5625) / x


def erf(x: Any) -> Any:
    """The error function, to a relative error of 1.2e-16, or 4e-7 in single precision.

    In single precision it is one formula for all x, ten times as fast: gelu needs it so.
    """
    x = floating(x)
    if x.dtype == np.float32:
        return gaussian.erf(x)
    y = by_interval(
        np.abs(x),
        (0.84375, 1.25, 1 / 0.35, 6.0),
        (
            _erf_near_0,
            lambda y: _ERF_AT_1 + _above_erf_1(y),
            lambda y: 1 - _erfc_tail(y),
            lambda y: 1 - _erfc_far_tail(y),
            lambda y: np.where(np.isnan(y), y, 1),
        ),
    )
    return np.copysign(y, x)


_ENDS = (-6.0, -0.84375, 0.84375, 1.25, 1 / 0.35, 28.0)
_PIECES: tuple[Callable[[Any], Any], ...] = (
    lambda x: np.full_like(x, 2),
    lambda x: 1 + erf(-x),
    lambda x: 1 - _erf_near_0(x),
    lambda x: (1 - _ERF_AT_1) - _above_erf_1(x),
    _erfc_tail,
    _erfc_far_tail,
    lambda x: np.where(np.isnan(x), x, 0),
)


def erfc(x: Any) -> Any:
    """1 - erf(x), to a relative error of 1e-15 also where it is tiny."""
    return by_interval(x, _ENDS, _PIECES)


def scaled_tail(x: Floats) -> Floats:
    """exp(x²) erfc(x) for x from 1.25 to 28."""
    near = x < 1 / 0.35
    inverse = 1 / (x * x)
    exponent = np.where(near, ratio(inverse, *_TAIL), ratio(inverse, *_FAR_TAIL))
    return np.exp(exponent - 0.5625) / x


def normal_tail(t: Any) -> Any:
    """Φ(−t) for t ≥ 0, where Φ is the normal distribution function."""
    return 0.5 * by_interval(t * math.sqrt(0.5), _ENDS[2:], _PIECES[2:])


# ---- the normal quantile ------------------------------------------------------------------------

_CENTRE = (
    (3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
     1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
     3.3430575583588128105e4, 2.5090809287301226727e3),
    (1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
     2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4,
     5.2264952788528545610e3),
)  # fmt: skip
_OUTSIDE = (
    (1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
     3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
     2.27238449892691845833e-2, 7.74545014278341407640e-4),
    (1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
     1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
     1.05075007164441684324e-9),
)  # fmt: skip
_FAR_OUTSIDE = (
    (6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
     2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
     2.71155556874348757815e-5, 2.01033439929228813265e-7),
    (1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
     7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
     2.04426310338993978564e-15),
)  # fmt: skip


def _quantile(distance: Any, tail: Any) -> Any:
    """The normal quantile of p, given p - 1/2 and the smaller of p and 1 - p."""
    tail, distance = floating(tail), floating(distance)
    if tail.dtype == np.float16:
        wide = _quantile(distance.astype(np.float32), tail.astype(np.float32))
        return wide.astype(np.float16)
    with np.errstate(divide="ignore", invalid="ignore"):  # the ends are infinite, beyond is NaN
        r = np.sqrt(-np.log(tail))
    outside = by_interval(
        r,
        (5.0, 100.0),
        (
            lambda r: ratio(r - 1.6, *_OUTSIDE),
            lambda r: ratio(r - 5, *_FAR_OUTSIDE),
            lambda r: r,  # infinity and NaN
        ),
    )
    near = np.abs(distance) <= 0.425
    centre = np.where(near, distance, 0)
    inside = centre * ratio(0.180625 - centre * centre, *_CENTRE)
    return np.where(near, inside, np.copysign(outside, distance))[()]


def ndtri(p: Any) -> Any:
    """The standard normal quantile of a probability."""
    return _quantile(p - 0.5, np.minimum(p, 1 - p))


def erfinv(y: Any) -> Any:
    """The inverse of erf: the normal quantile of (1 + y) / 2, over √2."""
    return _quantile(0.5 * y, 0.5 * (1 - np.abs(y))) * math.sqrt(0.5)
