"""Functions of one number in single precision, which loops turn into vector code.

NumPy's are called through pointers, and the C library's take a number at a time.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.activation.gelu import ABOVE, BELOW, OVER, UNDER
from autograd.kernels.compiled.parallel.loops import fused

__all__ = [
    "below", "cut", "decay", "decay_less_one", "erf", "largest", "sigmoid", "soft_part", "tanh",
]  # fmt: skip

_F = np.float32

_LOG2_E = _F(1.4426950408889634)
_LN2_HIGH, _LN2_LOW = _F(0.693145751953125), _F(1.4286068203094172e-06)  # the first in 15 digits
_SHIFT = _F(1.5 * 2**23)  # added to a number it leaves no digit behind the point
_LOWEST = _F(-87.33654)

# (eʳ − 1 − r)/r² for |r| ≤ ½ ln 2: least squares, reweighted to the smallest largest error of eʳ
# (Lawson), which is 3e-9.
_E0, _E1, _E2, _E3, _E4 = map(
    _F,
    (0.4999999344771355, 0.1666652063053273, 0.041668388058025294, 0.008368717016954175,
     0.0013814598475929564),
)  # fmt: skip

_A0, _A1, _A2, _A3, _A4, _A5 = map(_F, ABOVE)
_B0, _B1, _B2, _B3, _B4, _B5 = map(_F, BELOW)
_O0, _O1, _O2, _O3, _O4 = map(_F, OVER)
_D0, _D1, _D2, _D3, _D4, _D5 = map(_F, UNDER)

# tanh(x) / x in powers of x² up to 9.02, where tanh reaches 1, fitted likewise: 2e-8.
_T0, _T1, _T2, _T3, _T4 = map(
    _F,
    (0.999999979031311, 0.13379721522074378, 0.003494038723814945, 2.058354599679385e-05,
     1.3319153941592283e-08),
)  # fmt: skip
_U1, _U2, _U3, _U4 = map(
    _F,
    (0.46713036767087573, 0.02587108927474195, 0.0003283099489042284, 7.76205466446507e-07),
)
_END = _F(9.02)

# 2 artanh(t) / t in powers of t² for t up to 1/3, fitted likewise: 4e-9.
_L0, _L1, _L2, _L3, _L4 = map(
    _F,
    (2.0000000079216123, 0.6666631466951972, 0.40024910616736364, 0.2796060013056986,
     0.2817834016866402),
)  # fmt: skip

_ONE, _TWO, _ZERO, _FAR = _F(1), _F(2), _F(0), _F(4.2)
_BIAS, _DIGITS = np.int32(127), np.int32(23)
_LEAST, _REST, _SIGN = np.int32(-(2**31)), np.int32(2**31 - 1), np.int32(31)


@fused
def cut(x: Any, low: Any, high: Any) -> Any:
    """x within the bounds; NaN stays."""
    return min(max(x, low), high) if x == x else x


@fused
def decay(x: Any) -> Any:
    """eˣ for x ≤ 0, to a relative error of 1.5e-7: eʳ·2ⁿ, with 2ⁿ from its bits.

    It is 0 below 2⁻¹²⁶, where NumPy still has a few digits.
    """
    near = max(x, _LOWEST)
    n = (near * _LOG2_E + _SHIFT) - _SHIFT
    r = (near - n * _LN2_HIGH) - n * _LN2_LOW
    q = _E0 + r * (_E1 + r * (_E2 + r * (_E3 + r * _E4)))
    power = np.int32((np.int32(n) + _BIAS) << _DIGITS).view(np.float32)
    value = (_ONE + (r + r * r * q)) * power
    return value if x >= _LOWEST else (_ZERO if x == x else x)


@fused
def decay_less_one(x: Any) -> Any:
    """eˣ − 1 for x ≤ 0, to a relative error of 3e-7: 2ⁿ·(eʳ − 1) + (2ⁿ − 1), as in `decay`."""
    near = max(x, _LOWEST)
    n = (near * _LOG2_E + _SHIFT) - _SHIFT
    r = (near - n * _LN2_HIGH) - n * _LN2_LOW
    q = _E0 + r * (_E1 + r * (_E2 + r * (_E3 + r * _E4)))
    power = np.int32((np.int32(n) + _BIAS) << _DIGITS).view(np.float32)
    value = power * (r + r * r * q) + (power - _ONE)
    return value if x >= _LOWEST else (-_ONE if x == x else x)


@fused
def soft_part(x: Any) -> Any:
    """log(1 + z) for z = e to the power of −|x|, by 2 artanh(z / (2 + z)), to 3e-7."""
    z = decay(-abs(x))
    t = z / (_TWO + z)
    s = t * t
    return t * (_L0 + s * (_L1 + s * (_L2 + s * (_L3 + s * _L4))))


@fused
def sigmoid(x: Any) -> Any:
    """1/(1 + e⁻ˣ), by e to the power of −|x|, which cannot overflow."""
    z = decay(-abs(x))
    return (_ONE if x >= _ZERO else z) / (_ONE + z)


@fused
def tanh(x: Any) -> Any:
    """The hyperbolic tangent to a relative error of 4e-7, as one rational approximation."""
    y = min(max(x, -_END), _END)
    s = y * y
    above = _T0 + s * (_T1 + s * (_T2 + s * (_T3 + s * _T4)))
    below = _ONE + s * (_U1 + s * (_U2 + s * (_U3 + s * _U4)))
    value = min(max(y * above / below, -_ONE), _ONE)
    value = _ONE if x >= _END else value
    value = -_ONE if x <= -_END else value
    return value if x == x else x


@fused
def erf(x: Any) -> Any:
    """The error function, as in NumPy: one rational approximation for all x."""
    y = min(max(x, -_FAR), _FAR)
    s = y * y
    above = _A0 + s * (_A1 + s * (_A2 + s * (_A3 + s * (_A4 + s * _A5))))
    below = _B0 + s * (_B1 + s * (_B2 + s * (_B3 + s * (_B4 + s * _B5))))
    value = min(max(y * above / below, -_ONE), _ONE)
    return value if x == x else x


@fused
def below(t: Any) -> Any:
    """Φ(−t) / exp(−t²/2) for t ≥ 0, where Φ is the normal distribution function, as in NumPy."""
    above = _O0 + t * (_O1 + t * (_O2 + t * (_O3 + t * _O4)))
    return above / (_D0 + t * (_D1 + t * (_D2 + t * (_D3 + t * (_D4 + t * _D5)))))


@fused
def largest(row: Any) -> Any:
    """The largest number, or NaN if there is one with a plus sign.

    By their bits as integers: those of negative numbers, turned round, are in order with others,
    and unlike a maximum of floating numbers that of integers is vector code.
    """
    most = _LEAST
    for i in range(row.size):
        bits = np.float32(row[i]).view(np.int32)
        most = max(most, np.int32(bits ^ (np.int32(bits >> _SIGN) & _REST)))
    return np.int32(most ^ (np.int32(most >> _SIGN) & _REST)).view(np.float32)
