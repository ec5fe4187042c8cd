"""How functions of several numbers are computed: flat, in double precision, piece by piece.

Nothing here is an op, and nothing is recorded.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.engine.dispatch import is_symbolic
from autograd.errors import UnsupportedError

__all__: list[str] = []

Floats = Any  # a flat array of float64
Where = Any  # a mask of it

_PART = 1 << 15  # numbers at a time: what is alive in a loop over terms stays in cache


def in_double(function: Callable[..., Floats], typed: int | None = None) -> Callable[..., Any]:
    """A function of flat arrays of float64 as one of arrays and numbers, which broadcast.

    The result has the dtype of the inputs, or of the first `typed` of them.
    """

    @functools.wraps(function)
    def run(*inputs: Any, **params: Any) -> Any:
        if any(map(is_symbolic, inputs)):
            raise UnsupportedError("its terms are counted in double precision")
        common = np.result_type(*inputs[:typed])
        dtype = common if common.kind == "f" else np.dtype(np.float64)
        arrays = np.broadcast_arrays(*(np.asarray(x, np.float64) for x in inputs))
        shape, flat = arrays[0].shape, [np.ravel(x) for x in arrays]
        found = np.empty(flat[0].size, dtype)
        with np.errstate(all="ignore"):
            for start in range(0, found.size, _PART):
                at = slice(start, start + _PART)
                found[at] = function(*(x[at] for x in flat), **params)
        return found.reshape(shape)[()]

    return run


def pieces(
    masks: Sequence[Where], functions: Sequence[Callable[..., Floats]], *inputs: Floats
) -> Floats:
    """Each function of the numbers where its mask is the first that holds; NaN where none does."""
    found = np.full(inputs[0].shape, math.nan)
    left = np.ones(inputs[0].shape, bool)
    for mask, function in zip(masks, functions, strict=True):
        here = left & mask
        if here.any():
            found[here] = function(*(x[here] for x in inputs))
            left &= ~here
    return found


def widened(parameter: Any, x: Any) -> Any:
    """A parameter in the digits of x, where these are more: what is added to it is kept."""
    if is_symbolic(parameter) or is_symbolic(x) or not hasattr(parameter, "astype"):
        return parameter
    return parameter.astype(np.result_type(parameter.dtype, x.dtype))
