"""Which dtype operands meet in, as PyTorch has it: the kind decides before the width.

A whole number never widens a floating one (int64 with float32 is float32), a Tensor without axes
does not widen one with axes, and Python's own numbers give nothing but their kind.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Any

import numpy as np

import autograd
from autograd.engine.dtypes import get_default_dtype
from autograd.extend import raw

__all__ = ["cast", "common", "floating", "promote", "result_dtype"]

_RANK = {"b": 0, "u": 1, "i": 1, "f": 2, "c": 3}
_PYTHON = {bool: np.dtype(bool), int: np.dtype(np.int64)}


def promote(a: np.dtype[Any], b: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype of two of equal weight."""
    if a == b:
        return a
    ranks = _RANK[a.kind], _RANK[b.kind]
    if ranks[0] != ranks[1] and max(ranks) < 3:
        return a if ranks[0] > ranks[1] else b
    if max(ranks) == 3 and min(ranks) < 2:
        return a if ranks[0] == 3 else b
    return np.promote_types(a, b)


def _of_python(value: Any) -> np.dtype[Any]:
    known = _PYTHON.get(type(value))
    if known is not None:
        return known
    default = get_default_dtype()
    return np.result_type(default, np.complex64) if isinstance(value, complex) else default


def _combined(higher: Any, lower: Any) -> Any:
    """What dimensions weigh more for: the lower has a say by its kind alone."""
    if higher is None or lower is None:
        return lower if higher is None else higher
    if higher.kind == "f" and lower.kind == "c":
        return np.result_type(higher, np.complex64)
    if higher.kind in "fc":
        return higher
    return promote(higher, lower) if higher.kind == "b" or lower.kind in "fc" else higher


def result_dtype(values: Iterable[Any]) -> np.dtype[Any]:
    """The dtype in which Tensors, arrays and Python's numbers meet."""
    with_axes: list[Any] = []
    without: list[Any] = []
    numbers: list[Any] = []
    for value in map(raw, values):
        if hasattr(value, "dtype"):
            (with_axes if np.ndim(value) else without).append(np.dtype(value.dtype))
        else:
            numbers.append(_of_python(value))
    tiers = [reduce(promote, tier) if tier else None for tier in (with_axes, without, numbers)]
    found: np.dtype[Any] = _combined(tiers[0], _combined(tiers[1], tiers[2]))
    return found


def cast(value: Any, dtype: Any) -> Any:
    """A Tensor in another dtype, differentiably; Python's numbers are weak, and stay."""
    array = raw(value)
    if not hasattr(array, "dtype") or array.dtype == dtype:
        return value
    return autograd.astype(value, dtype) if array is not value else np.asarray(value).astype(dtype)


def common(*values: Any) -> Any:
    """The values in the dtype that they meet in; numbers alone stay."""
    dtype = result_dtype(values)
    return tuple(cast(value, dtype) for value in values)


def floating(value: Any) -> Any:
    """A Tensor of integers or booleans in the default dtype; any other as it is."""
    kind = getattr(raw(value), "dtype", None)
    if kind is not None and kind.kind in "biu":
        return cast(value, get_default_dtype())
    return value
