"""Values that coincide, and the quotients by their gaps."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.diagnose import here
from autograd.op import Array, Op

__all__ = ["inverse_or_0", "quotient", "size_of", "tied"]

# Equal values come out of LAPACK some units in the last place of the largest apart. Half as many
# digits as there are are lost by a quotient as far apart as the root of this.
TIE = 10.0
# What should vanish, in units in the last place of what it is the difference of.
ROUNDING = 1000.0


def inverse_or_0(x: Array) -> Array:
    """1 / x, and 0 where x is 0."""
    return np.where(x == 0, 0, 1 / np.where(x == 0, 1, x))


def tied(gaps: Array, values: Array) -> Array:
    """Whether gaps between the values (..., n), or between them and 0, are no more than rounding.

    >>> tied(np.array([0.0, 1e-16, 1e-9]), np.array([1.0, 1.0, 1.0])).tolist()
    [True, True, False]
    """
    units = TIE * math.sqrt(values.shape[-1]) * np.finfo(values.dtype).eps
    largest = np.max(np.abs(values), axis=-1, initial=0)
    return np.abs(gaps) <= units * largest.reshape(
        largest.shape + (1,) * (gaps.ndim - largest.ndim)
    )


def size_of(*parts: Array) -> Any:
    """The largest modulus in matrices (..., m, n), as (..., 1, 1): to tell rounding by."""
    if any(map(Op.is_symbolic, parts)):
        return None
    return sum(np.max(np.abs(_raw(p)), axis=(-2, -1), keepdims=True, initial=0) for p in parts)


def quotient(
    name: str,
    part: Callable[[Any], Array],
    g: Any,
    gaps: Array,
    part_gaps: Callable[[Array], Array],
    values: Array,
    size: Any,
    among: bool = False,
) -> Array:
    """part(g) / gaps, where `part` is linear in the cotangents g; at gaps of 0 its limit.

    `part_gaps` makes the gaps of values, `size` tells what part(g) may be by rounding. Between
    a value and itself (`among` them) there is no gap, and the quotient is 0.
    """
    whole = part(g)
    if Op.is_symbolic(gaps):
        return inverse_or_0(gaps) * whole
    mask = tied(_raw(gaps), _raw(values))
    if among:
        mask = mask & ~np.eye(gaps.shape[-1], dtype=bool)
    if not mask.any():
        return inverse_or_0(gaps) * whole
    mask = np.broadcast_to(mask, whole.shape)
    rounding = ROUNDING * math.sqrt(values.shape[-1]) * np.finfo(values.dtype).eps
    wrong = mask & (np.abs(_raw(whole)) > rounding * size)
    if hasattr(g, "slopes"):
        limit = part(g.slopes) / np.where(mask, part_gaps(g.split), 1)
    else:
        limit = np.zeros_like(_raw(whole))
        wrong = wrong | (mask & (size > 0))
    if wrong.any():
        _warn(name, _raw(values), wrong)
    far = inverse_or_0(np.where(mask, 0, gaps)) * whole
    return np.where(wrong, np.nan, np.where(mask, limit, far))


def _raw(x: Any) -> Any:
    return getattr(x, "_value", x)


def _warn(name: str, values: Array, wrong: Array) -> None:
    """Name the values that coincide."""
    *stack, row, column = (int(i) for i in np.argwhere(wrong)[0])
    of_matrix = values[tuple(stack)]
    count = len(of_matrix)
    equal = ", ".join(f"{of_matrix[i]:.6g}" for i in sorted({row, column}) if i < count)
    where = f" of matrix {tuple(stack)}" if stack else ""
    warnings.warn(
        f"{name}: values{where} coincide ({equal}), so their vectors are not determined, and the "
        "result depends on which were chosen.\n  Its gradient is NaN. Functions that do not depend "
        f"on the choice, such as (V * f(w)) @ V.mT, have one{here()}",
        RuntimeWarning,
        stacklevel=2,
    )
