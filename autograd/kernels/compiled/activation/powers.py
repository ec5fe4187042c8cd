"""The length of (x, y) in one pass: in double precision squares of single precision are exact."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.kernels.compiled.parallel.loops import elementwise, exact

__all__ = ["hypot"]

Array = Any


def hypot(x: Array, y: Array) -> Any:
    return elementwise(_hypot, x, y)


@exact
def _hypot(x: Array, y: Array, out: Array) -> None:
    infinite = np.float32(np.inf)
    for i in range(x.size):
        a, b = np.float64(x[i]), np.float64(y[i])
        found = np.float32(math.sqrt(a * a + b * b))
        out[i] = infinite if (abs(x[i]) == infinite) | (abs(y[i]) == infinite) else found
