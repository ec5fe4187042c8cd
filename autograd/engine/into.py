"""`out=`: a result that is written where the caller says."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.operands import raw, tensor_types
from autograd.errors import DTypeError, ShapeError, UnsupportedError

__all__ = ["into"]


def into(out: Any, result: Any) -> Any:
    """`out`, after a result is written to it: a Tensor, by `out[...] = result`, or an array.

    An array cannot hold a gradient: where it would be lost, that raises.
    """
    if out is None:
        return result
    if np.shape(out) != np.shape(result):
        raise ShapeError(f"out is {np.shape(out)}, and the result {np.shape(result)}")
    if not np.can_cast(result.dtype, out.dtype, "same_kind"):
        raise DTypeError(
            f"out is {out.dtype} and does not hold the result, which is {result.dtype}"
        )
    if type(out) in tensor_types:
        out[...] = result
        return out
    if getattr(result, "_node", None) is not None:
        raise UnsupportedError(
            "out= is an array, which keeps no gradient, and the result requires grad: the gradient "
            "would be lost.\n  Take the result itself, y = f(x), or give a Tensor as out."
        )
    out[...] = raw(result)
    return out
