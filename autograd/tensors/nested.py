"""Nested lists, and arrays of objects, that hold Tensors: joined to one, which records them."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.operands import holds_tensor, tensor_types
from autograd.errors import DTypeError, ShapeError
from autograd.ops.shape.join import stack
from autograd.ops.shape.shape import astype

__all__ = ["join"]


def join(data: Any) -> Any:
    """The lists as a Tensor, stacked level by level, so that gradients flow back to its parts.

    Its dtype is that of the Tensors and arrays in it; Python's own numbers beside them are weak.
    """
    try:
        dtype = np.result_type(*_kinds(data))
    except TypeError as error:
        raise DTypeError(f"a list of Tensors holds numbers beside them: {error}") from None
    if dtype.kind not in "biufc":
        raise DTypeError(f"a list of Tensors holds numbers beside them, not {dtype}")
    try:
        return _level(data, dtype)
    except ShapeError:
        raise ShapeError("a Tensor needs rows of equal length; the nested lists differ") from None


def _level(data: Any, dtype: np.dtype[Any]) -> Any:
    if type(data) in tensor_types:
        return data if data.dtype == dtype else astype(data, dtype)
    if holds_tensor(data):
        return stack([_level(item, dtype) for item in data])
    return np.asarray(data, dtype)


def _kinds(data: Any) -> set[Any]:
    """What decides about the dtype: dtypes, and one number of each of Python's kinds."""
    if hasattr(data, "dtype") and data.dtype != object:
        return {data.dtype}
    if isinstance(data, (list, tuple, np.ndarray)):
        return set().union(*map(_kinds, data))
    return {type(data)(0)} if isinstance(data, (int, float, complex)) else {np.asarray(data).dtype}
