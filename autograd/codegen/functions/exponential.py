"""Exponentials and what is made of them: x = n log 2 + r, and a polynomial for eʳ."""

from __future__ import annotations

import math
from typing import Any

from autograd.codegen.functions import coefficients as fitted
from autograd.codegen.functions.parts import (
    copysign,
    estrin,
    fma,
    horner,
    maximum,
    minimum,
    power_of_2,
    rint,
    scaled,
    whole,
)
from autograd.codegen.node import Node, constant, select

__all__ = ["cosh", "exp", "exp2", "exp2_of_rest", "exp_times", "expm1", "sinh", "tanh"]

# Below and above these eˣ is 0 and infinite; below the last eˣ − 1 is −1
_REACH = {4: (-104.0, 89.0, -20.0), 8: (-746.0, 710.0, -40.0)}
_ONE = {4: 10.0, 8: 20.0}  # from where on tanh(x) is 1
_REACH_2 = {4: (-152.0, 129.0), 8: (-1077.0, 1025.0)}


def _less_one(r: Node) -> Node:
    """eʳ − 1 for |r| <= log(2)/2."""
    return fma(r * r, horner(r, fitted.EXP[r.dtype.itemsize]), r)


def _of_rest(r: Node) -> Node:
    """eʳ for |r| <= log(2)/2."""
    return fma(fma(horner(r, fitted.EXP[r.dtype.itemsize]), r, 1.0), r, 1.0)


def _reduced(x: Node) -> tuple[Node, Node]:
    high, low = fitted.LN2[x.dtype.itemsize]
    n = rint(x * (1 / math.log(2)))
    return n, fma(n, -low, fma(n, -high, x))


def exp(x: Node) -> Node:
    low, high, _ = _REACH[x.dtype.itemsize]
    n, r = _reduced(minimum(maximum(x, low), high))
    return scaled(_of_rest(r), n)


def exp2(x: Node) -> Node:
    low, high = _REACH_2[x.dtype.itemsize]
    x = minimum(maximum(x, low), high)
    n = rint(x)
    return scaled(exp2_of_rest(x - n), n)


def exp2_of_rest(x: Node) -> Node:
    """2ˣ for |x| <= ½."""
    return _of_rest(x * math.log(2))


def expm1(x: Node) -> Node:
    """2ⁿ (eʳ − 1) + (2ⁿ − 1), halved so that 2ⁿ does not overflow before the result does."""
    _, high, low = _REACH[x.dtype.itemsize]
    n, r = _reduced(minimum(maximum(x, low), high))
    near = _less_one(r)
    half = power_of_2(whole(n) - 1, x.dtype)
    far = fma(half, near, half - 0.5) * 2.0
    return copysign(select(n.equals(0), near, far), x)


def tanh(x: Node) -> Node:
    """a − a·a/(h + 1) with h = (e²ˣ − 1)/2 = 2ⁿ⁻¹ (eʳ − 1) + (2ⁿ⁻¹ − ½); a is h near 0, else 1.

    n is taken rather small, r from −log(2)/4 on, so that little cancels in the sum. For n > 0 an
    error of r hardly shows, so that log(2) may be one number. Chains of tanh wait for each step,
    so that what can be is done side by side.
    """
    size = minimum(abs(x), _ONE[x.dtype.itemsize])
    n = rint(fma(size, 2 / math.log(2), -0.25))
    r = fma(n, -math.log(2), size + size)
    c = fitted.EXP_ABOVE[x.dtype.itemsize]
    pairs = [fma(r, odd, even) for even, odd in zip(c[::2], c[1::2], strict=True)]
    less_one = fma(r * r, estrin(r * r, pairs), r)
    power = scaled(constant(0.5, x.dtype), n)
    a = select(size < 0.55, fma(power, less_one, power - 0.5), 1.0)
    return copysign(fma(-a, a / fma(power, less_one, power + 0.5), a), x)


def exp_times(x: Node, factor: Any, power: float) -> Node:
    """eˣ · factor · 2^power for positive x, which overflows where that does, and not before.

    The factor may be as small as 1/√x.
    """
    _, high, _ = _REACH[x.dtype.itemsize]
    n, r = _reduced(minimum(x, high * 1.6))
    return scaled(_of_rest(r) * factor, n + power)


def _halves(x: Node) -> Node:
    """eˣ/2 for large x."""
    return exp_times(x, 1.0, -1.0)


def sinh(x: Node) -> Node:
    size = abs(x)
    t = expm1(size)
    near = fma(-t, t * 0.5 / (t + 1.0), t)
    return copysign(select(size < 20.0, near, _halves(size)), x)


def cosh(x: Node) -> Node:
    size = abs(x)
    e = exp(size)
    return select(size < 20.0, (e + 1.0 / e) * 0.5, _halves(size))
