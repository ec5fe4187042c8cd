"""Numbers as whole ones with a scale and a zero point."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd.extend import raw
from autograd.onnx.library import library
from nn.onnx.budget import sized, spread
from nn.onnx.operators.convolutions import conv
from nn.onnx.operators.products import matmul
from nn.onnx.operators.types import cast
from nn.onnx.table import Call, row
from nn.onnx.tensors import dtype_of, held


def _spread(scale: Any, x: Any, axis: int, block: int) -> Any:
    """A scale (or zero point) for each number: one, one along an axis, or one for each block."""
    if scale.ndim == 0 or scale.size == 1:
        return scale.reshape(()) if scale.size == 1 else scale
    axis %= x.ndim
    if scale.ndim == 1 and not block:
        shape = [1] * x.ndim
        shape[axis] = -1
        spread(x, raw(scale).reshape(shape))
        return scale.reshape(shape)
    size = block or -(-x.shape[axis] // scale.shape[axis])
    index = [slice(None)] * x.ndim
    index[axis] = slice(0, x.shape[axis])
    sized((size, *scale.shape))
    repeated = (ag if isinstance(scale, ag.Tensor) else np).repeat(scale, size, axis=axis)
    return repeated[tuple(index)]


def _limits(dtype: Any) -> tuple[int, int] | None:
    name = dtype.name
    if dtype.kind in "iu":
        return int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
    bits = {"int4": 4, "uint4": 4, "int2": 2, "uint2": 2}.get(name)
    if bits is None:
        return None
    return (0, 2**bits - 1) if name[0] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def _quantized(numbers: Any, scale: Any, zero: Any, dtype: Any) -> Any:
    limits = _limits(dtype)
    if limits is None:
        return raw(cast(Call("Cast", "", 25, 1, {"to": _code(dtype)}), held(numbers / scale)))
    zero = np.asarray(zero).astype(np.int64)
    return np.clip(np.rint(numbers / scale) + zero, *limits).astype(dtype)


def _code(dtype: Any) -> int:
    return int(library("helper").np_dtype_to_tensor_dtype(dtype))


@row("QuantizeLinear", since=10)
def quantize_linear(call: Call, x: Any, scale: Any, zero: Any = None) -> Any:
    """x / scale + zero, rounded and held in the range of the type."""
    axis, block = call("axis", 1), call("block_size", 0)
    numbers = raw(x).astype(np.float32) if raw(x).dtype.kind != "f" else raw(x)
    dtype = dtype_of(call("output_dtype", 0) or 2) if zero is None else raw(zero).dtype
    offset = np.zeros((), np.int8) if zero is None else _spread(raw(zero), numbers, axis, block)
    factor = _spread(np.asarray(raw(scale)).astype(numbers.dtype), numbers, axis, block)
    if call("precision", 0):
        exact = dtype_of(call("precision"))
        numbers, factor = numbers.astype(exact), factor.astype(exact)
    return held(_quantized(numbers, factor, offset, dtype))


@row("DequantizeLinear", since=10)
def dequantize_linear(call: Call, x: Any, scale: Any, zero: Any = None) -> Any:
    """(x - zero) scale."""
    axis, block = call("axis", 1), call("block_size", 0)
    wanted = dtype_of(call("output_dtype")) if call("output_dtype", 0) else raw(scale).dtype
    numbers = raw(x).astype(np.float32)
    if zero is not None:
        numbers = numbers - _spread(raw(zero).astype(np.float32), numbers, axis, block)
    factor = _spread(scale, numbers, axis, block)
    if not isinstance(scale, ag.Tensor):
        return held((numbers * np.asarray(factor).astype(np.float32)).astype(wanted))
    found = ag.Tensor(numbers.astype(raw(scale).dtype)) * factor
    return found if raw(found).dtype == wanted else held(raw(found).astype(wanted))


@row("DynamicQuantizeLinear", since=11)
def dynamic_quantize_linear(call: Call, x: Any) -> Any:
    """x in 8 bits, with the scale and the zero point that its range asks for."""
    numbers = raw(x)
    low, high = min(0, numbers.min(initial=0)), max(0, numbers.max(initial=0))
    scale = np.float32((high - low) / 255) or np.float32(1)
    zero = np.uint8(np.clip(np.rint(-low / scale), 0, 255))
    found = np.clip(np.rint(numbers / scale) + np.float32(zero), 0, 255).astype(np.uint8)
    return ag.Tensor(found), ag.Tensor(np.float32(scale)), ag.Tensor(np.uint8(zero))


def _real(x: Any, scale: Any, zero: Any, axis: int) -> Any:
    numbers = raw(x).astype(np.float64)
    offset = _spread(np.asarray(raw(zero)).astype(np.float64), numbers, axis, 0)
    factor = _spread(np.asarray(raw(scale)).astype(np.float64), numbers, axis, 0)
    return ag.Tensor((numbers - offset) * factor)


@row("QLinearMatMul", since=10)
def qlinear_matmul(call: Call, *inputs: Any) -> Any:
    """The product of quantized matrices, quantized."""
    a, a_scale, a_zero, b, b_scale, b_zero, scale, zero = inputs
    rows = _real(a, a_scale, a_zero, -2)
    product = raw(matmul(call, rows, _real(b, b_scale, b_zero, -1)))
    factor = np.asarray(raw(scale)).astype(np.float64)
    return held(_quantized(product, factor, raw(zero), raw(zero).dtype))


@row("QLinearConv", since=10)
def qlinear_conv(call: Call, *inputs: Any) -> Any:
    """The correlation of quantized arrays, quantized."""
    x, x_scale, x_zero, w, w_scale, w_zero, scale, zero, *bias = inputs
    found = raw(conv(call, _real(x, x_scale, x_zero, 1), _real(w, w_scale, w_zero, 0)))
    if bias and bias[0] is not None:
        unit = raw(x_scale).astype(np.float64) * raw(w_scale).astype(np.float64)
        found = found + (raw(bias[0]) * unit).reshape(1, -1, *[1] * (found.ndim - 2))
    return held(_quantized(found, raw(scale).astype(np.float64), raw(zero), raw(zero).dtype))
