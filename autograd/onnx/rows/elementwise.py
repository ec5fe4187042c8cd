"""Elementwise ops: those of NumPy by the names that it has for them, and the activations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.onnx.functions import BOOLEAN, COMPARISONS, FUNCTIONS
from autograd.onnx.table import refuse, row
from autograd.onnx.values import Value

__all__: list[str] = []

_NUMPY = {  # ours by NumPy's, where they differ
    "abs": "absolute", "asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2",
    "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh", "conj": "conjugate",
    "bitwise_invert": "invert", "bitwise_left_shift": "left_shift",
    "bitwise_right_shift": "right_shift",
}  # fmt: skip
_OURS = {theirs: ours for ours, theirs in _NUMPY.items()}


def _enter() -> None:
    not_ops = {"fabs", "true_divide", "astype"}
    for name, function in FUNCTIONS.items():
        if name not in not_ops:
            row(_OURS.get(name, name))(_in_dtype(function))
    for table in (COMPARISONS, BOOLEAN):
        for name, function in table.items():
            row(name)(_as_it_is(function))


def _in_dtype(function: Any) -> Any:
    def write(b: Any, node: Any, *inputs: Any) -> Value:
        common = node.dtype if node.dtype.kind != "b" else np.result_type(*inputs_dtypes(inputs))
        return function(b, *[b.constant(x, common) for x in inputs]).astype(node.dtype)

    return write


def inputs_dtypes(inputs: Any) -> list[Any]:
    """The dtypes of operands, or the numbers themselves, as promotion wants them."""
    return [getattr(x, "dtype", x) for x in inputs]


def _as_it_is(function: Any) -> Any:
    return lambda b, node, *inputs: function(b, *_alike(b, inputs))


def _alike(b: Any, inputs: Any) -> list[Value]:
    like = next((x.dtype for x in inputs if hasattr(x, "dtype")), None)
    return [b.operand(x, like) for x in inputs]


_enter()


@row("where")
def _where(b: Any, node: Any, condition: Any, x: Any, y: Any) -> Value:
    return b.where(condition, b.constant(x, node.dtype), b.constant(y, node.dtype))


@row("cast")
def _cast(b: Any, node: Any, x: Value, dtype: Any) -> Value:
    return b.cast(x, dtype)


@row("round")
def _round(b: Any, node: Any, x: Value, decimals: int = 0) -> Value:
    if x.dtype.kind != "f":
        return x
    if not decimals:
        return b.unary("Round", x)
    scale = 10.0 ** abs(decimals)
    if decimals > 0:
        return b.unary("Round", x * scale) / scale
    return b.unary("Round", x / scale) * scale


@row("modf")
def _modf(b: Any, node: Any, x: Any) -> tuple[Value, Value]:
    x = b.constant(x, node.spec[0][1] if type(node.spec[0]) is tuple else node.spec[0])
    whole = FUNCTIONS["trunc"](b, x)
    rest = b.where(b.unary_bool("IsInf", x), 0.0, x - whole)
    copysign = FUNCTIONS["copysign"]
    return copysign(b, rest, x), whole


@row("ldexp")
def _ldexp(b: Any, node: Any, x: Any, n: Any) -> Value:
    factor = b.binary("Pow", b.constant(np.float64(2)), b.operand(n).astype(np.float64))
    return (b.operand(x).astype(np.float64) * factor).astype(node.dtype)


@row("step")
def _step(b: Any, node: Any, x: Any) -> Value:
    return FUNCTIONS["heaviside"](b, b.constant(x, node.dtype), b.constant(0, node.dtype))


@row("angle")
def _angle(b: Any, node: Any, x: Value) -> Value:
    x = b.constant(x, node.dtype)
    found = b.where(BOOLEAN["signbit"](b, x), math.pi, 0.0).astype(node.dtype)
    return b.where(b.unary_bool("IsNaN", x), x, found)


@row("relu")
def _relu(b: Any, node: Any, x: Value) -> Value:
    if x.dtype.kind == "f":
        return b.unary("Relu", x)
    return FUNCTIONS["maximum"](b, x, b.constant(0, x.dtype))


@row("sigmoid")
def _sigmoid(b: Any, node: Any, x: Any) -> Value:
    """In double precision the runtime's is exact; in single it stops at e⁻¹⁸, far from zero."""
    x = b.constant(x, node.dtype)
    return 1.0 / (1.0 + b.unary("Exp", -x))


def _soft(kind: str) -> Any:
    def write(b: Any, node: Any, x: Any, axis: Any = -1) -> Value:
        x = b.constant(x, node.dtype)
        axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        if len([*axes]) == 1 and x.ndim:
            return b.unary(kind, x, axis=next(iter(axes)) % x.ndim)
        off = x - b.reduce("ReduceMax", x, axes, True)
        sums = b.reduce("ReduceSum", b.unary("Exp", off), axes, True)
        if kind == "LogSoftmax":
            return off - b.unary("Log", sums)
        return b.unary("Exp", off) / sums

    return write


row("softmax")(_soft("Softmax"))
row("log_softmax")(_soft("LogSoftmax"))


@row("bitwise_count")
def _bitwise_count(b: Any, node: Any, x: Any) -> Value:
    """Byte by byte: a table says how many bits each has."""
    x = b.operand(x)
    size = x.dtype.itemsize
    wide = (x if x.dtype.kind in "ub" else b.unary("Abs", x)).astype(np.uint64)
    table = b.constant(np.array([n.bit_count() for n in range(256)]))
    found: Any = b.constant(np.int64(0))
    for k in range(size):
        shift = b.constant(np.uint64(8 * k))
        part = b.op("BitShift", wide, shift, shape=x.shape, dtype=np.uint64, direction="RIGHT")
        byte = b.binary("Mod", part, b.constant(np.uint64(256))).astype(np.int64)
        found = found + b.op("Gather", table, byte, shape=x.shape, dtype=np.int64, axis=0)
    return found.astype(node.dtype)


refuse("it looks at the bits of numbers, for which ONNX has no operator", "nextafter", "spacing",
       "frexp")  # fmt: skip
