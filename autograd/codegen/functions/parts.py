"""What formulas share: polynomials, the parts of a floating-point number, choices by its size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.codegen.node import Node, make, select

__all__ = [
    "bits_of", "copysign", "estrin", "fma", "horner", "in_double", "in_two_steps", "maximum",
    "minimum", "power_of_2", "rint", "scaled", "sign_bit", "sqrt", "where_odd", "whole",
]  # fmt: skip

_SIGNED = {2: np.dtype(np.int16), 4: np.dtype(np.int32), 8: np.dtype(np.int64)}


def fma(x: Any, y: Any, z: Any) -> Node:
    """x·y + z, rounded once."""
    return make("fma", x, y, z)


def rint(x: Node) -> Node:
    return make("rint", x)


def sqrt(x: Node) -> Node:
    return make("sqrt", x)


def copysign(x: Any, sign: Any) -> Node:
    return make("copysign", x, sign)


def minimum(x: Node, y: Any) -> Node:
    return make("minimum", x, y)


def maximum(x: Node, y: Any) -> Node:
    return make("maximum", x, y)


def horner(x: Node, coefficients: Sequence[float]) -> Node:
    """c₀ + c₁x + c₂x² + ..."""
    total = fma(x, coefficients[-1], coefficients[-2])
    for c in coefficients[-3::-1]:
        total = fma(total, x, c)
    return total


def estrin(x: Node, terms: Sequence[Any]) -> Node:
    """t₀ + t₁x + t₂x² + ... in pairs, and pairs of pairs: half as long a way as Horner's."""
    while len(terms) > 1:
        alone = terms[len(terms) // 2 * 2 :]
        pairs = [fma(x, b, a) for a, b in zip(terms[::2], terms[1::2], strict=False)]
        terms, x = [*pairs, *alone], x * x
    return terms[0]  # type: ignore[no-any-return]


def bits_of(x: Node) -> Node:
    """The bits of a floating-point number, as a signed integer."""
    return x.view(_SIGNED[x.dtype.itemsize])


def sign_bit(x: Node) -> Node:
    """Whether the sign is −, that of 0 and NaN too."""
    return bits_of(x) < 0


def power_of_2(n: Node, dtype: np.dtype[Any]) -> Node:
    """2ⁿ for a whole n that the exponents of normal numbers reach."""
    info = np.finfo(dtype)
    signed = n.astype(_SIGNED[dtype.itemsize])
    return ((signed + info.maxexp - 1) << info.nmant).view(dtype)


def scaled(x: Node, n: Node) -> Node:
    """x · 2ⁿ for a whole number n in floating point, which some processors do in one step."""
    return make("scale", x, n)


def in_two_steps(x: Node, n: Node) -> Node:
    """The same for |n| up to twice the largest exponent, rounded once if x is near 1."""
    n = whole(n)
    half = n >> 1
    return x * power_of_2(half, x.dtype) * power_of_2(n - half, x.dtype)


def whole(x: Node) -> Node:
    """A rounded number as an integer."""
    return x.astype(np.int32)


def in_double(formula: Callable[..., Node]) -> Callable[..., Node]:
    """The same formula, worked out in double precision where single is asked for."""

    def careful(*args: Node) -> Node:
        if args[0].dtype.itemsize == 8:
            return formula(*args)
        return formula(*(a.astype(np.float64) for a in args)).astype(args[0].dtype)

    return careful


def where_odd(j: Node, odd: Node, even: Node) -> Node:
    return select((j & 1).differs(0), odd, even)
