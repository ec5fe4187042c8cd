"""Numbers in few words: how many, how large, and where the first bad one is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engine.operands import raw

__all__ = ["described", "found_in"]


def described(value: Any) -> str:
    """Dtype, shape, range and mean of numbers, and how many of them are none.

    >>> described(np.array([1.0, np.nan, 3.0]))
    'float64 (3,), 1 to 3, mean 2, 1 NaN'
    >>> described(2.0)
    'the number 2.0'
    """
    if isinstance(value, (tuple, list)):
        return "; ".join(map(described, value))
    number = raw(value)
    if number is None or not isinstance(number, (np.ndarray, np.generic)):
        return f"the number {number!r}" if isinstance(number, (int, float, complex)) else "nothing"
    if number.ndim == 0:
        return f"the {number.dtype} number {number.item()!r}"
    text = f"{number.dtype} {number.shape}"
    if number.dtype.kind not in "fciu" or not number.size:
        return text
    sizes = np.abs(np.asarray(number)) if number.dtype.kind == "c" else np.asarray(number)
    finite = sizes[np.isfinite(sizes)].astype(np.float64)
    if finite.size:
        of = " in modulus" if number.dtype.kind == "c" else ""
        text += f", {finite.min():.4g} to {finite.max():.4g}{of}, mean {finite.mean():.4g}"
    for kind, test in (("NaN", np.isnan), ("infinite", np.isinf)):
        if count := np.count_nonzero(test(number)):
            text += f", {count} {kind}"
    return text


def found_in(value: Any, kind: str, test: Callable[..., Any]) -> str:
    """How many numbers a test finds, and where the first of them is.

    >>> found_in(np.array([1.0, np.nan, 3.0]), "NaN", np.isnan)
    'NaN in 1 of 3 numbers, the first at [1]'
    """
    if isinstance(value, (tuple, list)):
        value = next(v for v in value if test(raw(v)).any())
    number = np.asarray(raw(value))
    if number.ndim == 0:
        return kind
    at = np.argwhere(test(number))
    place = ", ".join(map(str, at[0]))
    return f"{kind} in {len(at)} of {number.size} numbers, the first at [{place}]"
