"""The table of functions: what an expression may name beside primitives, and how each is read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from autograd.codegen.functions import (
    bessel,
    error,
    exponential,
    inverse,
    logarithm,
    parts,
    power,
    trigonometric,
)
from autograd.codegen.node import Node, library

__all__ = ["FUNCTIONS", "Function"]


class Function(NamedTuple):
    """A function of numbers in one floating dtype."""

    formula: Callable[..., Node]
    in_numpy: Callable[..., Any] | None  # None: NumPy reads the formula
    ulps: float  # how far it is from the exact number, in units in the last place of the result


def _library(name: str, ulps: float, in_numpy: Callable[..., Any]) -> Function:
    return Function(partial(library, name), in_numpy, ulps)


FUNCTIONS: dict[str, Function] = {
    "scale": Function(parts.in_two_steps, lambda x, n: np.ldexp(x, n.astype(np.int32)), 0),
    "exp": Function(exponential.exp, np.exp, 2),
    "exp2": Function(exponential.exp2, np.exp2, 2),
    "expm1": Function(exponential.expm1, np.expm1, 2),
    "log": Function(logarithm.log, np.log, 2),
    "log2": Function(logarithm.log2, np.log2, 2),
    "log10": Function(logarithm.log10, np.log10, 2),
    "log1p": Function(logarithm.log1p, np.log1p, 2),
    "sinh": Function(exponential.sinh, np.sinh, 2),
    "cosh": Function(exponential.cosh, np.cosh, 2),
    "tanh": Function(exponential.tanh, np.tanh, 2),
    "sin": Function(trigonometric.sin, np.sin, 2),
    "cos": Function(trigonometric.cos, np.cos, 2),
    "tan": Function(trigonometric.tan, np.tan, 2),
    "erf": Function(error.erf, None, 2),
    "i0": Function(bessel.i0, np.i0, 4),
    "power": Function(power.power, np.power, 2),
    "hypot": Function(power.hypot, np.hypot, 2),
    "cbrt": Function(power.cbrt, np.cbrt, 2),
    "arcsin": Function(inverse.asin, np.arcsin, 2),
    "arccos": Function(inverse.acos, np.arccos, 2),
    "arctan": Function(inverse.atan, np.arctan, 2),
    "arctan2": Function(inverse.atan2, np.arctan2, 2),
    "arcsinh": Function(inverse.asinh, np.arcsinh, 2),
    "arccosh": Function(inverse.acosh, np.arccosh, 2),
    "arctanh": Function(inverse.atanh, np.arctanh, 2),
    "fmod": _library("fmod", 0, np.fmod),
    "nextafter": _library("nextafter", 0, np.nextafter),
}
