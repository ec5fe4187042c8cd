"""The dtypes of the face, which are NumPy's, by TensorFlow's names."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from autograd.engine.dtypes import as_dtype

__all__ = ["dtype_of"]

float16, float32, float64 = (np.dtype(name) for name in ("float16", "float32", "float64"))
half, double = float16, float64
int8, int16, int32, int64 = (np.dtype(name) for name in ("int8", "int16", "int32", "int64"))
uint8, uint16 = np.dtype("uint8"), np.dtype("uint16")
complex64, complex128 = np.dtype("complex64"), np.dtype("complex128")
bool = np.dtype("bool")


def dtype_of(dtype: Any) -> np.dtype[Any]:
    """The dtype that TensorFlow means: `"float"` and Python's float are float32 there.

    >>> dtype_of("float"), dtype_of("double")
    (dtype('float32'), dtype('float64'))
    """
    is_float = dtype is builtins.float or (isinstance(dtype, str) and dtype == "float")
    return float32 if is_float else as_dtype(dtype)
