"""Powers: xʸ = 2^(y log₂ |x|) in double precision for single; the C library's for double."""

from __future__ import annotations

import math

import numpy as np

from autograd.codegen.functions.exponential import exp2
from autograd.codegen.functions.logarithm import log2
from autograd.codegen.functions.parts import copysign, fma, rint, sqrt
from autograd.codegen.node import Node, library, select

__all__ = ["cbrt", "hypot", "power"]


def power(x: Node, y: Node) -> Node:
    if x.dtype.itemsize == 8:
        return library("pow", x, y)
    size = abs(x)
    found = exp2(y.astype(np.float64) * log2(size.astype(np.float64))).astype(x.dtype)
    found = select(y.equals(0.0) | size.equals(1.0), 1.0, found)
    found = select(x.equals(1.0) | y.equals(0.0), 1.0, select(y.differs(y), y, found))
    half = y * 0.5
    whole = rint(y).equals(y)
    odd = whole & rint(half).differs(half)
    found = select(odd, copysign(found, x), found)
    undefined = (x < 0.0) & (x > -math.inf) & ~whole & y.equals(y)
    return select(undefined, math.nan, found)


def cbrt(x: Node) -> Node:
    """2^(log₂|x| / 3), and in double precision a step of Newton's from there."""
    size = abs(x).astype(np.float64)
    tiny = size < 2.0**-900
    size = select(tiny, size * 2.0**99, size)
    root = exp2(log2(size) * (1 / 3))
    if x.dtype.itemsize == 8:
        square = root * root
        off = fma(square, root, -size) + fma(root, root, -square) * root
        root = root - off / (square * 3.0)
    root = select(tiny, root * 2.0**-33, root).astype(x.dtype)
    ordinary = (size > 0.0) & (size < math.inf)
    return copysign(select(ordinary, root, x), x)


def hypot(x: Node, y: Node) -> Node:
    if x.dtype.itemsize == 8:
        return library("hypot", x, y)
    wide = [v.astype(np.float64) for v in (x, y)]
    found = sqrt(wide[0] * wide[0] + wide[1] * wide[1]).astype(x.dtype)
    infinite = abs(x).equals(math.inf) | abs(y).equals(math.inf)
    return select(infinite, math.inf, found)
