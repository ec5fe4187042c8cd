"""Inverse functions of angles, and of the hyperbolic ones."""

from __future__ import annotations

import math

import numpy as np

from autograd.codegen.functions import coefficients as fitted
from autograd.codegen.functions.logarithm import log, log1p
from autograd.codegen.functions.parts import (
    copysign,
    fma,
    horner,
    in_double,
    maximum,
    minimum,
    sign_bit,
    sqrt,
)
from autograd.codegen.node import Node, constant, select

__all__ = ["acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh"]

_EIGHTH = math.sqrt(2.0) - 1.0  # tan(π/8)
_LARGE = 2.0**28  # beyond it 1 is nothing beside the square, in double precision


def _parts_of_pi(x: Node, halves: float) -> tuple[float, float]:
    """So many halves of π as a sum of two numbers of a dtype."""
    first, second, _ = fitted.HALF_PI
    high = float(x.dtype.type(first * halves))
    return high, (first * halves - high) + second * halves


def _small_atan(u: Node) -> Node:
    """atan(u) − u for |u| <= tan(π/8)."""
    square = u * u
    return u * square * horner(square, fitted.ATAN[u.dtype.itemsize])


def _turned(size: Node, one: Node) -> tuple[Node, Node, Node]:
    """u with atan(size / one) = angle + atan(u), and the angle, in two parts."""
    middle, far = size > one * _EIGHTH, size * _EIGHTH > one
    u = select(far, -one, select(middle, size - one, size))
    u = u / select(far, size, select(middle, size + one, one))
    parts = [
        select(far, half, select(middle, quarter, constant(0, u.dtype)))
        for half, quarter in zip(_parts_of_pi(u, 1.0), _parts_of_pi(u, 0.5), strict=True)
    ]
    return u, parts[0], parts[1]


def atan(x: Node) -> Node:
    u, high, low = _turned(abs(x), constant(1, x.dtype))
    return copysign(high + (low + _small_atan(u) + u), x)


@in_double
def atan2(y: Node, x: Node) -> Node:
    """By the smaller over the larger, and from there to the angle's octant."""
    below, above = minimum(abs(x), abs(y)), maximum(abs(x), abs(y))
    alike = below.equals(above)  # both 0, or both infinite, too
    ratio = select(alike, select(above > 0.0, 1.0, above), below / above)
    u, high, low = _turned(ratio, constant(1, x.dtype))
    rest = low + _small_atan(u)
    for swaps, halves in ((abs(y) > abs(x), 1.0), (sign_bit(x), 2.0)):
        of_pi, less = _parts_of_pi(x, halves)
        high, u, rest = (
            select(swaps, of_pi - high, high),
            select(swaps, -u, u),
            select(swaps, less - rest, rest),
        )
    return copysign(high + (u + rest), y)


def _small_asin(x: Node, square: Node) -> Node:
    """asin(x) − x for |x| <= ½."""
    return x * square * horner(square, fitted.ASIN[x.dtype.itemsize])


def _root(size: Node) -> tuple[Node, Node, Node]:
    """√((1 − x)/2) for ½ <= x <= 1, its square, and what its rounding took away."""
    square = (1.0 - size) * 0.5
    root = sqrt(square)
    lost = fma(-root, root, square) / (root + root)
    return root, square, select(root > 0.0, lost, root)


def asin(x: Node) -> Node:
    """x + x³P(x²) up to ½, and beyond π/2 − 2 asin √((1 − x)/2)."""
    size = abs(x)
    near = size + _small_asin(size, size * size)
    root, square, lost = _root(size)
    high, low = _parts_of_pi(x, 1.0)
    rest = _small_asin(root, square) + lost
    far = fma(root, -2.0, high) + (low - rest * 2.0)
    return copysign(select(size > 0.5, far, near), x)


def acos(x: Node) -> Node:
    size = abs(x)
    high, low = _parts_of_pi(x, 1.0)
    near = high - (x - (low - _small_asin(x, x * x)))
    root, square, lost = _root(size)
    rest = _small_asin(root, square) + lost
    right = (root + rest) * 2.0
    left = (high - root) + (low - rest)
    return select(size > 0.5, select(x > 0.0, right, left + left), near)


@in_double
def asinh(x: Node) -> Node:
    size = abs(x)
    square = size * size
    near = log1p(size + square / (sqrt(square + 1.0) + 1.0))
    return copysign(select(size < _LARGE, near, log(size) + math.log(2.0)), x)


@in_double
def acosh(x: Node) -> Node:
    above = x - 1.0
    near = log1p(above + sqrt(above * (above + 2.0)))
    found = select(x < _LARGE, near, log(x) + math.log(2.0))
    return select(x < 1.0, float(np.nan), found)


@in_double
def atanh(x: Node) -> Node:
    size = abs(x)
    twice = size + size
    return copysign(log1p(select(size < 0.5, twice + twice * size / (1.0 - size),
                                 twice / (1.0 - size))) * 0.5, x)  # fmt: skip
