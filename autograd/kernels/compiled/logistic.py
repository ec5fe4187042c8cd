"""The logistic function in one pass."""

from __future__ import annotations

from typing import Any

from autograd.kernels.compiled import formulas
from autograd.kernels.compiled.loops import elementwise, fused

__all__ = ["logistic"]

Array = Any


def logistic(x: Array) -> Any:
    return elementwise(_logistic, x)


@fused
def _logistic(x: Array, out: Array) -> None:
    for i in range(x.size):
        out[i] = formulas.logistic(x[i])
