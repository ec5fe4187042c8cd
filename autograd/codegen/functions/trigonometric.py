"""Sine, cosine, tangent: x = j π/2 + r by π/2 in three parts, and polynomials in r.

In single precision r is found in double. Where |x| is 2³⁰ or more, as many digits of π are taken as
it needs (far.py).
"""

from __future__ import annotations

import math

import numpy as np

from autograd.codegen.functions import coefficients as fitted
from autograd.codegen.functions.parts import fma, horner, in_double, rint, where_odd
from autograd.codegen.node import Node, library, select

__all__ = ["cos", "sin", "tan"]

_FAR = 2.0**30


def _reduced(x: Node) -> tuple[Node, Node]:
    wide = x.astype(np.float64)
    wide = select(abs(wide) < _FAR, wide, 0.0)
    j = rint(wide * (2 / math.pi))
    first, second, third = fitted.HALF_PI
    r = fma(j, -second, fma(j, -first, wide))
    r = fma(j, -third, r) if x.dtype.itemsize == 8 else r
    whole, far = x.astype(np.float64), abs(x) >= _FAR
    j = select(far, library("far_quadrant", whole, where=far), j)
    r = select(far, library("far_rest", whole, where=far), r)
    return j.astype(np.int32), r.astype(x.dtype)


def _sine(r: Node) -> Node:
    square = r * r
    return fma(r * square, horner(square, fitted.SIN[r.dtype.itemsize]), r)


def _beyond(square: Node, first: Node) -> Node:
    """cos(r) − first, where that is 1 − r²/2."""
    rest = (1.0 - first) - square * 0.5
    return fma(square * square, horner(square, fitted.COS[square.dtype.itemsize]), rest)


def _cosine(r: Node) -> Node:
    square = r * r
    first = 1.0 - square * 0.5
    return first + _beyond(square, first)


def _finished(name: str, x: Node, found: Node) -> Node:
    kept = x.equals(x) if name == "cos" else abs(x) > 0.0  # else NaN, or a 0 with its sign
    found = select(kept, found, x)
    return select(abs(x) < math.inf, found, x - x)


def sin(x: Node) -> Node:
    j, r = _reduced(x)
    found = where_odd(j, _cosine(r), _sine(r))
    return _finished("sin", x, select((j & 2).equals(0), found, -found))


def cos(x: Node) -> Node:
    j, r = _reduced(x)
    found = where_odd(j, _sine(r), _cosine(r))
    return _finished("cos", x, select(((j + 1) & 2).equals(0), found, -found))


@in_double
def tan(x: Node) -> Node:
    """By r in two parts, since near π/4 the tangent doubles what r has lost."""
    far = abs(x) >= _FAR
    j, r = _reduced(x)
    wide = select(far, 0.0, x)
    turns = rint(wide * (2 / math.pi))
    first, second, third = fitted.HALF_PI
    product = turns * first
    below = fma(turns, first, -product)
    near = wide - product
    high = near - below
    lost = (near - high) - below
    low = fma(turns, -second, high - r) + (lost - turns * third)
    low = select(far, library("far_low", x, where=far), low)
    s, c = _sine(r), _cosine(r)
    square = r * r
    half = 1.0 - square * 0.5
    s_low = (r - s) + r * square * horner(square, fitted.SIN[8]) + low * c
    c_low = (half - c) + _beyond(square, half) - low * s
    above, below = where_odd(j, -c, s), where_odd(j, s, c)
    above_low, below_low = where_odd(j, -c_low, s_low), where_odd(j, s_low, c_low)
    found = above / below
    found = found + (fma(-found, below, above) + (above_low - found * below_low)) / below
    return _finished("tan", x, found)
