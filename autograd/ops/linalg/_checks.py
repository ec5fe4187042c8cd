"""What LAPACK's functions ask of their matrices, said before anything is computed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograd.engine.dispatch import is_symbolic
from autograd.engine.operands import joined
from autograd.errors import MatrixError, SingularMatrixError
from autograd.extend import Array, here, raw


def matrices(name: str, x: Array, square: bool = False) -> Array:
    """x, or a MatrixError unless it has two axes or more, and (`square`) the last two are equal.

    >>> matrices("det", np.ones((2, 3)), square=True)
    Traceback (most recent call last):
    ...
    autograd.errors.MatrixError: det: expected square matrices (..., n, n), got (2, 3)
    """
    x = joined(x)
    shape = np.shape(x)
    if len(shape) < 2 or (square and shape[-2] != shape[-1]):
        wanted = "square matrices (..., n, n)" if square else "matrices (..., m, n)"
        raise MatrixError(f"{name}: expected {wanted}, got {shape}{here()}")
    return x if hasattr(x, "dtype") else np.asarray(x)


def as_inexact(x: Array) -> Array:
    """x, integers and booleans as float64: what LAPACK computes in."""
    return x.astype(np.float64) if x.dtype.kind in "biu" else x


def unless_singular(name: str, why: str, compute: Callable[[], Array]) -> Array:
    """What is computed by an inverse, or a LinAlgError that says what has no derivative."""
    try:
        return compute()
    except np.linalg.LinAlgError:
        raise SingularMatrixError(f"{name}: {why}{here()}") from None


def regular_enough(x: Array) -> Array:
    """x, or LAPACK's error where nothing but rounding keeps it from being singular."""
    if not is_symbolic(x):
        eps = float(np.finfo(x.dtype).eps)
        if np.any(np.linalg.cond(raw(x)) * eps * x.shape[-1] > 1):
            raise np.linalg.LinAlgError("Singular matrix")
    return x
