"""Arithmetic, comparisons and functions of single numbers."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

import autograd as ag
from autograd.extend import raw
from nn.onnx.table import Call, plain, row

plain(
    __name__,
    {
        "Abs": ag.abs,
        "Acos": ag.arccos,
        "Acosh": ag.arccosh,
        "Asin": ag.arcsin,
        "Asinh": ag.arcsinh,
        "Atan": ag.arctan,
        "Atanh": ag.arctanh,
        "BitwiseNot": ag.bitwise_not,
        "Ceil": ag.ceil,
        "Cos": ag.cos,
        "Cosh": ag.cosh,
        "Erf": ag.erf,
        "Exp": ag.exp,
        "Floor": ag.floor,
        "IsNaN": ag.isnan,
        "Log": ag.log,
        "Neg": ag.negative,
        "Not": ag.logical_not,
        "Reciprocal": ag.reciprocal,
        "Round": ag.round,
        "Sigmoid": ag.sigmoid,
        "Sign": ag.sign,
        "Sin": ag.sin,
        "Sinh": ag.sinh,
        "Sqrt": ag.sqrt,
        "Tan": ag.tan,
        "Tanh": ag.tanh,
    },
    since=1,
)
plain(
    __name__,
    {
        "Add": ag.add,
        "And": ag.logical_and,
        "BitwiseAnd": ag.bitwise_and,
        "BitwiseOr": ag.bitwise_or,
        "BitwiseXor": ag.bitwise_xor,
        "Greater": ag.greater,
        "GreaterOrEqual": ag.greater_equal,
        "Less": ag.less,
        "LessOrEqual": ag.less_equal,
        "Mul": ag.multiply,
        "Or": ag.logical_or,
        "Sub": ag.subtract,
        "Where": ag.where,
        "Xor": ag.logical_xor,
    },
)


@row("Equal")
def equal(call: Call, x: Any, y: Any) -> Any:
    """Whether numbers, or texts, are the same."""
    if raw(x).dtype.kind in "OUT":
        return ag.Tensor(np.asarray(raw(x) == raw(y), dtype=bool))
    return ag.equal(x, y)


@row("Div")
def div(call: Call, x: Any, y: Any) -> Any:
    """The quotient; of whole numbers it is cut towards zero."""
    if raw(x).dtype.kind not in "iu":
        return ag.divide(x, y)
    a, b = raw(x), raw(y)
    if not np.all(b):
        return ag.Tensor(a // b)  # NumPy's word on it
    quotient = np.abs(a) // np.abs(b) if a.dtype.kind == "i" else a // b
    return ag.Tensor(np.asarray(quotient * np.sign(a) * np.sign(b), a.dtype))


@row("Mod")
def mod(call: Call, x: Any, y: Any) -> Any:
    """The remainder: of the divisor's sign, or with `fmod` of the dividend's."""
    return (ag.fmod if call("fmod", 0) else ag.mod)(x, y)


@row("Pow")
def power(call: Call, x: Any, y: Any) -> Any:
    """A power, in the type of its base."""
    dtype = raw(x).dtype
    if dtype.kind in "iu":
        with np.errstate(all="ignore"):
            return ag.Tensor(np.asarray(np.power(raw(x), raw(y)), dtype))
    y = y if raw(y).dtype == dtype else ag.astype(y, dtype)
    return ag.power(x, y)


@row("BitShift")
def bit_shift(call: Call, x: Any, y: Any) -> Any:
    """Bits moved to the left or to the right."""
    return (ag.left_shift if call("direction") == "LEFT" else ag.right_shift)(x, y)


@row("IsInf")
def is_inf(call: Call, x: Any) -> Any:
    """Where the infinities of the signs that are asked for are."""
    positive, negative = call("detect_positive", 1), call("detect_negative", 1)
    found = np.zeros(raw(x).shape, bool)
    if positive:
        found = found | np.isposinf(raw(x))
    if negative:
        found = found | np.isneginf(raw(x))
    return ag.Tensor(np.asarray(found))


def _folded(function: Any) -> Any:
    return lambda call, first, *others: functools.reduce(function, others, first)


row("Max", since=6)(_folded(ag.maximum))
row("Min", since=6)(_folded(ag.minimum))
row("Sum", since=6)(_folded(ag.add))


@row("Mean", since=6)
def mean(call: Call, *inputs: Any) -> Any:
    """The mean of some arrays, number by number."""
    return functools.reduce(ag.add, inputs) / len(inputs)


@row("Clip", since=1)
def clip(call: Call, x: Any, low: Any = None, high: Any = None) -> Any:
    """Numbers held between two bounds."""
    low = call("min") if low is None else low
    high = call("max") if high is None else high
    dtype = raw(x).dtype
    if low is not None:
        x = ag.maximum(x, ag.Tensor(np.asarray(low, dtype)) if isinstance(low, float) else low)
    if high is not None:
        x = ag.minimum(x, ag.Tensor(np.asarray(high, dtype)) if isinstance(high, float) else high)
    return x


@row("Identity", since=1)
def identity(call: Call, x: Any) -> Any:
    """What comes in."""
    return x
