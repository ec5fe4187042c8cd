"""The modified Bessel function of order 0: Chebyshev's series up to 8, and beyond in 1/x."""

from __future__ import annotations

import math
from collections.abc import Sequence

from autograd.codegen.functions import coefficients as fitted
from autograd.codegen.functions.exponential import exp_times
from autograd.codegen.functions.parts import fma, in_double, maximum, minimum, sqrt
from autograd.codegen.node import Node, select

__all__ = ["i0"]


def _series(t: Node, coefficients: Sequence[float]) -> Node:
    """By Clenshaw's recurrence."""
    twice = t + t
    b, after = t * 0.0 + coefficients[-1], t * 0.0
    for c in coefficients[-2:0:-1]:
        b, after = fma(twice, b, c - after), b
    return fma(t, b, coefficients[0] - after)


@in_double
def i0(x: Node) -> Node:
    size = abs(x)
    near = _series(minimum(size, 8.0) * 0.25 - 1.0, fitted.I0_NEAR)
    large = maximum(size, 8.0)
    far = _series(16.0 / large - 1.0, fitted.I0_FAR) / sqrt(large)
    found = exp_times(size, select(size < 8.0, near, far), 0.0)
    return select(size < math.inf, found, size - size)  # NaN, as NumPy has it
