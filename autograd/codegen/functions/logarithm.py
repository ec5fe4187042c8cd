"""Logarithms: x = 2ᵏ(1 + f) with √½ <= 1 + f < √2, and log(1 + f) by s = f / (2 + f)."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from autograd.codegen.functions import coefficients as fitted
from autograd.codegen.functions.parts import bits_of, copysign, fma, horner
from autograd.codegen.node import Node, constant, select

__all__ = ["log", "log1p", "log2", "log2_in_two", "log10"]


class _Parts(NamedTuple):
    k: Node  # the exponent
    f: Node  # the fraction less 1
    half: Node  # f²/2
    rest: Node  # log(1 + f) is f − half + rest


def _split(x: Node) -> tuple[Node, Node]:
    """k and f of a positive number that is not denormal."""
    info = np.finfo(x.dtype)
    root = int(np.asarray(math.sqrt(0.5), x.dtype).view(f"i{x.dtype.itemsize}"))
    bits = bits_of(x) - root
    fraction = ((bits & ((1 << info.nmant) - 1)) + root).view(x.dtype)
    return (bits >> info.nmant).astype(x.dtype), fraction - 1.0


def _series(k: Node, f: Node) -> _Parts:
    s = f / (f + 2.0)
    square = s * s
    half = f * f * 0.5
    ratio = horner(square, fitted.LOG[f.dtype.itemsize]) * square
    return _Parts(k, f, half, s * (half + ratio))


def _lifted(x: Node) -> tuple[Node, Node]:
    """A number times a power of 2 that makes it normal, and what that adds to its exponent."""
    info = np.finfo(x.dtype)
    lift, none = constant(info.nmant + 2, x.dtype), constant(0, x.dtype)
    tiny = x < float(info.smallest_normal)
    return select(tiny, x * 2.0 ** (info.nmant + 2), x), select(tiny, -lift, none)


def _parts(x: Node) -> _Parts:
    lifted, added = _lifted(x)
    k, f = _split(lifted)
    return _series(k + added, f)


def _with_ends(x: Node, found: Node) -> Node:
    """The logarithm where x is 0, negative, infinite or NaN."""
    found = select(x < math.inf, found, x)  # infinite, or NaN
    return select(x > 0.0, found, select(x.equals(0.0), -math.inf, x * 0.0 + _nan(x)))


def _nan(x: Node) -> Node:
    return select(x.equals(x), math.nan, x)


def log(x: Node) -> Node:
    k, f, half, rest = _parts(x)
    high, low = fitted.LN2[x.dtype.itemsize]
    return _with_ends(x, fma(k, high, f - (half - (rest + k * low))))


def log1p(x: Node) -> Node:
    """log u with u = 1 + x, and the rounding of u made good; x itself is f where u is near 1."""
    u = x + 1.0
    k, f = _split(u)
    lost = select(x < 1.0, x - (u - 1.0), 1.0 - (u - x)) / u
    near = k.equals(0.0)
    k, f, half, rest = _series(k, select(near, x, f))
    high, low = fitted.LN2[x.dtype.itemsize]
    lost = select(near, 0.0 * x, lost)
    found = fma(k, high, f - (half - (rest + fma(k, low, lost))))
    return copysign(_with_ends(u, found), x)


def _of_base(x: Node, per: tuple[float, float], of_2: tuple[float, float]) -> Node:
    """The logarithm in another base: k of_2 + per log(1 + f), the products in two parts."""
    k, f, half, rest = _parts(x)
    product = f * per[0]
    below = fma(f, per[0], -product) + fma(f, per[1], (rest - half) * per[0])
    whole = k * of_2[0]
    total = whole + product
    return _with_ends(x, total + ((product - (total - whole)) + fma(k, of_2[1], below)))


def log2(x: Node) -> Node:
    return _of_base(x, fitted.PER_LN2[x.dtype.itemsize], (1.0, 0.0))


def log2_in_two(x: Node) -> tuple[Node, Node]:
    """log₂ of a number in two parts, to some 2⁻⁶⁴ of itself, in single precision 2⁻³².

    log(1 + f) = 2s + ⅔s³ + s⁵(...): the first two terms in two parts each.
    """
    lifted, k = _lifted(x)
    more, f = _split(lifted)
    d = f + 2.0
    inverse = 1.0 / d
    s = f * inverse
    s_low = (fma(-s, d, f) - s * (f - (d - 2.0))) * inverse
    square = s * s
    square_low = fma(s, s, -square) + s * s_low * 2.0
    size = x.dtype.itemsize
    rest = horner(square, fitted.LOG[size][1:]) * square
    first, first_low = fitted.TWO_THIRDS[size]
    ratio = square * first
    ratio_low = fma(square, first, -ratio) + square * first_low + square_low * first
    ratio_low = ratio_low + rest * square
    cubic = s * ratio
    cubic_low = fma(s, ratio, -cubic) + s * ratio_low + s_low * ratio
    total = s * 2.0 + cubic
    total_low = (s * 2.0 - total) + cubic + cubic_low + s_low * 2.0
    per, per_low = fitted.PER_LN2[size]
    product = total * per
    product_low = fma(total, per, -product) + total * per_low + total_low * per
    whole = k + more
    high = whole + product
    return _with_ends(x, high), (product - (high - whole)) + product_low


def log10(x: Node) -> Node:
    size = x.dtype.itemsize
    return _of_base(x, fitted.PER_LN10[size], fitted.LOG10_2[size])
