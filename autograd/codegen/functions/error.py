"""The error function: x + x Q(x²) near 0, 1 − exp(P(x − 0.9)) beyond."""

from __future__ import annotations

from autograd.codegen.functions import coefficients as fitted
from autograd.codegen.functions.exponential import exp
from autograd.codegen.functions.parts import copysign, fma, horner, minimum
from autograd.codegen.node import Node, select

__all__ = ["erf"]


def erf(x: Node) -> Node:
    itemsize = x.dtype.itemsize
    size, square = abs(x), x * x
    near = fma(size, horner(square, fitted.ERF[itemsize]), size)
    beyond = minimum(size, fitted.END[itemsize]) - fitted.FAR
    far = 1.0 - exp(horner(beyond, fitted.ERFC[itemsize]))
    return copysign(select(size < fitted.FAR, near, far), x)
