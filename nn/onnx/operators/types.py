"""Numbers in another type."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

import autograd as ag
from autograd.extend import raw
from nn.onnx.table import Call, row
from nn.onnx.tensors import dtype_of, held


def _texts(numbers: Any) -> Any:
    """Numbers as texts, as ONNX writes them."""

    def text(n: Any) -> str:
        if numbers.dtype.kind != "f":
            return str(n)
        return "NaN" if np.isnan(n) else "INF" if n == np.inf else "-INF" if n < -1e308 else str(n)

    return np.array([text(n) for n in numbers.reshape(-1)], object).reshape(numbers.shape)


def _small_float(numbers: Any, dtype: Any, saturate: bool) -> Any:
    """Numbers in 8 bits: what is too large is the largest, or infinite, or NaN."""
    wide = numbers.astype(np.float32)
    with np.errstate(all="ignore"):
        found = wide.astype(dtype)
    if saturate and dtype.itemsize == 1 and dtype.kind != "i":
        top = float(importlib.import_module("ml_dtypes").finfo(dtype).max)  # comes with onnx
        large = ~np.isnan(wide) & ~(np.abs(found.astype(np.float32)) <= top)
        found = np.where(large, np.copysign(top, wide).astype(dtype), found)
    return found


def _cast(call: Call, x: Any, dtype: Any) -> Any:
    numbers = raw(x)
    name = np.dtype(dtype).name
    if isinstance(x, ag.Tensor) and np.dtype(dtype).kind in "fiub" and "float8" not in name:
        with np.errstate(all="ignore"):
            floats = numbers.dtype.kind == np.dtype(dtype).kind == "f"
            return ag.astype(x, dtype) if floats else held(numbers.astype(dtype))
    if np.dtype(dtype).kind in "OUT":
        return _texts(numbers)
    if numbers.dtype.kind in "OUT":
        numbers = np.array([float(str(t)) for t in numbers.reshape(-1)]).reshape(numbers.shape)
    if "float8" in name or "float4" in name or "bfloat16" in name:
        if name == "float8_e8m0fnu":
            return held(_power_of_two(numbers, dtype, call("round_mode", "up"), call))
        return held(_small_float(numbers, np.dtype(dtype), bool(call("saturate", 1))))
    if "int4" in name or "int2" in name:
        whole = numbers.astype(np.float32).astype(np.int64)
        bits = 4 if "4" in name else 2
        whole = whole & (2**bits - 1)
        if not name.startswith("u"):
            whole = np.where(whole >= 2 ** (bits - 1), whole - 2**bits, whole)
        return held(whole.astype(dtype))
    with np.errstate(all="ignore"):
        return held(numbers.astype(dtype))


def _power_of_two(numbers: Any, dtype: Any, mode: str, call: Call) -> Any:
    """The power of two beside a number, as the mode of rounding says."""
    wide = np.asarray(numbers, np.float32)
    bits = wide.view(np.uint32)
    exponent = ((bits >> 23) & 0xFF).astype(np.int64)
    rest = bits & 0x7FFFFF
    if mode == "up":
        more = rest > 0
    elif mode == "nearest":
        more = rest >= 0x400000
    else:
        more = np.zeros(rest.shape, bool)
    code = exponent + np.where((exponent > 0) | (rest > 0x400000), more, False)
    top = 254 if call("saturate", 1) else 255
    code = np.where(np.isnan(wide), 255, np.minimum(code, top))
    return code.astype(np.uint8).view(dtype)


@row("Cast", since=6)
def cast(call: Call, x: Any) -> Any:
    """x in the type `to`."""
    return _cast(call, x, dtype_of(call("to")))


@row("CastLike", since=15)
def cast_like(call: Call, x: Any, like: Any) -> Any:
    """x in the type of another array."""
    return _cast(call, x, raw(like).dtype)


@row("BitCast", since=26)
def bit_cast(call: Call, x: Any) -> Any:
    """The bits of x read as another type of the same width."""
    return held(np.asarray(raw(x)).view(dtype_of(call("to"))))
