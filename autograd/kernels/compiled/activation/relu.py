"""A relu and its pull-back, each in one pass."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled.parallel.loops import elementwise, exact

__all__ = ["relu", "relu_pull"]

Array = Any


def relu(x: Array) -> Any:
    return elementwise(_relu, x)


@exact
def _relu(x: Array, out: Array) -> None:
    zero = np.float32(0)
    for i in range(x.size):
        out[i] = x[i] if x[i] > zero or x[i] != x[i] else zero


def relu_pull(g: Array, out: Array) -> Any:
    """The result lies in memory as `out` does, whatever the order of g."""
    return elementwise(_pull, g, out)


@exact
def _pull(g: Array, out: Array, found: Array) -> None:
    one, zero = np.float32(1), np.float32(0)
    for i in range(g.size):
        found[i] = g[i] * (one if out[i] > zero else zero)
