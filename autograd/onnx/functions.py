"""NumPy's elementwise functions, by their names, in ONNX's operators.

ONNX has no log1p, expm1, hypot, ..., and runtimes have few of the others in double precision: there
they are written with exponentials and logarithms, in ways that lose no digits near zero.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.onnx.values import Value

__all__ = ["BOOLEAN", "COMPARISONS", "FUNCTIONS", "maximum"]

Function = Callable[..., Value]  # (builder, *operands in one dtype) -> a value


def _direct(kind: str, wide: Function | None = None) -> Function:
    """An operator; in double precision its formula, where runtimes lack it there."""

    def function(b: Any, x: Value) -> Value:
        if wide is not None and x.dtype == np.float64:
            return wide(b, x)
        return b.unary(kind, x)

    return function


def _unary(kind: str) -> Function:
    return lambda b, x: b.unary(kind, x)


def _binary(kind: str) -> Function:
    return lambda b, x, y: b.binary(kind, x, y)


def expm1(b: Any, x: Value) -> Value:
    """Tanh is exact near zero: eˣ − 1 = tanh(x/2)·(eˣ + 1)."""
    return b.unary("Tanh", x * 0.5) * (b.unary("Exp", x) + 1.0)


def log1p(b: Any, x: Value) -> Value:
    """log(1 + x), with what was lost in 1 + x given back (Kahan)."""
    whole = x + 1.0
    off = whole - 1.0
    safe = b.where(b.compare("Equal", off, 0.0), 1.0, off)
    found = b.unary("Log", whole) * (x / safe)
    lost = b.logic("Or", b.compare("Equal", off, 0.0), b.unary_bool("IsInf", x))
    return b.where(lost, x, found)


def _tan(b: Any, x: Value) -> Value:
    return b.unary("Sin", x) / b.unary("Cos", x)


def _cosh(b: Any, x: Value) -> Value:
    half = b.unary("Exp", b.unary("Abs", x) - math.log(2))
    return half + 0.25 / half


def _sinh(b: Any, x: Value) -> Value:
    """By tanh where it is small, and by the exponential alone far out."""
    return b.unary("Tanh", x) * _cosh(b, x)


def _atan(b: Any, x: Value) -> Value:
    """The arc of single precision, and what is between it and x: tan(a − c) of a small angle."""
    near = b.unary("Atan", x.astype(np.float32)).astype(np.float64)
    sin, cos = b.unary("Sin", near), b.unary("Cos", near)
    d = (x * cos - sin) / (cos + x * sin)
    found = near + (d - d * d * d / 3.0)
    return b.where(b.unary_bool("IsInf", x), b.unary("Sign", x) * (math.pi / 2), found)


def _asin(b: Any, x: Value) -> Value:
    root = b.unary("Sqrt", (1.0 - x) * (1.0 + x))
    return _atan(b, x / (1.0 + root)) * 2.0


def _acos(b: Any, x: Value) -> Value:
    return _atan(b, b.unary("Sqrt", (1.0 - x) / (1.0 + x))) * 2.0


def _asinh(b: Any, x: Value) -> Value:
    size = b.unary("Abs", x)
    root = b.unary("Sqrt", size * size + 1.0)
    return b.unary("Sign", x) * log1p(b, size + size * size / (root + 1.0))


def _acosh(b: Any, x: Value) -> Value:
    off = x - 1.0
    return log1p(b, off + b.unary("Sqrt", off * (x + 1.0)))


def _atanh(b: Any, x: Value) -> Value:
    return (log1p(b, x) - log1p(b, -x)) * 0.5


def _atan2(b: Any, y: Value, x: Value) -> Value:
    atan = FUNCTIONS["arctan"]
    zero = b.logic("And", b.compare("Equal", x, 0.0), b.compare("Equal", y, 0.0))
    steep = b.unary("Abs", y) > b.unary("Abs", x)
    over, under = b.where(steep, x, y), b.where(steep, y, x)
    found = atan(b, over / b.where(zero, 1.0, under))
    turned = b.where(_signbit(b, y), -math.pi, math.pi).astype(x.dtype)
    flat = b.where(_signbit(b, x), found + turned, found)
    upright = b.where(_signbit(b, y), -math.pi / 2, math.pi / 2).astype(x.dtype) - found
    return b.where(steep, upright, flat)


def _signbit(b: Any, x: Value) -> Value:
    """Minus zero as well: its reciprocal is below zero."""
    if x.dtype.kind != "f":
        return b.compare("Less", x, 0)
    return b.logic("Or", x < 0.0, b.unary("Reciprocal", x) < 0.0)


def _copysign(b: Any, x: Value, y: Value) -> Value:
    size = b.unary("Abs", x)
    return b.where(_signbit(b, y), -size, size)


def _hypot(b: Any, x: Value, y: Value) -> Value:
    x, y = b.unary("Abs", x), b.unary("Abs", y)
    large, small = maximum(b, x, y), minimum(b, x, y)
    ratio = small / b.where(b.compare("Equal", large, 0.0), 1.0, large)
    found = large * b.unary("Sqrt", ratio * ratio + 1.0)
    return b.where(b.unary_bool("IsInf", large), large, found)


def _extreme(kind: str, sign: str) -> Function:
    def function(b: Any, x: Value, y: Value) -> Value:
        x, y, dtype = b.pair(x, y)
        if dtype.kind == "b":
            return b.logic("Or" if kind == "Max" else "And", x, y)
        if dtype.kind != "f":
            return b.binary(kind, x, y)
        found = b.where(b.compare(sign, x, y), x, y)  # Max and Min of runtimes differ about NaN
        return b.where(b.unary_bool("IsNaN", x), x, found)

    return function


maximum, minimum = _extreme("Max", "Greater"), _extreme("Min", "Less")


def _ignoring(nearer: Function) -> Function:
    def function(b: Any, x: Value, y: Value) -> Value:
        x, y, dtype = b.pair(x, y)
        if dtype.kind != "f":
            return nearer(b, x, y)
        found = nearer(b, b.where(b.unary_bool("IsNaN", x), y, x), y)
        return b.where(b.unary_bool("IsNaN", y), x, found)

    return function


def _logaddexp(b: Any, x: Value, y: Value) -> Value:
    large = maximum(b, x, y)
    off = b.unary("Abs", x - y)
    same = b.compare("Equal", x, y)  # infinities too
    step = log1p(b, b.unary("Exp", -b.where(same, 0.0, off)))
    return large + b.where(same, math.log(2), step)


def _logaddexp2(b: Any, x: Value, y: Value) -> Value:
    two = math.log(2)
    return _logaddexp(b, x * two, y * two) / two


def _floor_divide(b: Any, x: Value, y: Value) -> Value:
    if x.dtype.kind == "f":  # as NumPy: by the remainder, which is exact
        rest = _remainder(b, x, y)
        safe = b.where(b.compare("Equal", y, 0.0), 1.0, y)
        quotient = (x - rest) / safe
        whole = b.unary("Floor", quotient)
        found = b.where(quotient - whole > 0.5, whole + 1.0, whole)
        return b.where(b.compare("Equal", y, 0.0), x / y, found)
    safe = b.where(b.compare("Equal", y, 0), 1, y)
    found = (x - b.binary("Mod", x, safe)) / safe
    return b.where(b.compare("Equal", y, 0), 0, found)


def _remainder(b: Any, x: Value, y: Value) -> Value:
    if x.dtype.kind != "f":
        safe = b.where(b.compare("Equal", y, 0), 1, y)
        return b.where(b.compare("Equal", y, 0), 0, b.binary("Mod", x, safe))
    rest = b.binary("Mod", x, y, fmod=1)
    other = b.logic("And", b.logic("Not", b.compare("Equal", rest, 0.0)),
                    b.logic("Xor", rest < 0.0, y < 0.0))  # fmt: skip
    return b.where(other, rest + y, rest)


def _fmod(b: Any, x: Value, y: Value) -> Value:
    if x.dtype.kind != "f":
        safe = b.where(b.compare("Equal", y, 0), 1, y)
        return b.where(b.compare("Equal", y, 0), 0, b.binary("Mod", x, safe, fmod=1))
    return b.binary("Mod", x, y, fmod=1)


def _power(b: Any, x: Value, y: Value) -> Value:
    return b.binary("Pow", x, y)


def _square(b: Any, x: Value) -> Value:
    return x * x


def _trunc(b: Any, x: Value) -> Value:
    if x.dtype.kind != "f":
        return x
    return b.where(x < 0.0, b.unary("Ceil", x), b.unary("Floor", x))


def _whole(kind: str) -> Function:
    return lambda b, x: b.unary(kind, x) if x.dtype.kind == "f" else x


def _cbrt(b: Any, x: Value) -> Value:
    """Of a power that was rounded a step of Newton's gives the last digits."""
    size = b.unary("Abs", x)
    root = size ** (1 / 3)
    zero = b.logic("Or", b.compare("Equal", size, 0.0), b.unary_bool("IsInf", x))
    safe = b.where(zero, 1.0, root)
    found = root - (root - size / (safe * safe)) / 3.0
    return b.unary("Sign", x) * b.where(zero, size, found)


def _log_of(base: float) -> Function:
    return lambda b, x: b.unary("Log", x) / math.log(base)


def _sign(b: Any, x: Value) -> Value:
    found = b.unary("Sign", x)
    return found if x.dtype.kind != "f" else b.where(b.unary_bool("IsNaN", x), x, found)


def _heaviside(b: Any, x: Value, h: Value) -> Value:
    found = b.where(x < 0.0, 0.0, b.where(x > 0.0, 1.0, h)).astype(x.dtype)
    return b.where(b.unary_bool("IsNaN", x), x, found)


def _abs(b: Any, x: Value) -> Value:
    return x if x.dtype.kind in "bu" else b.unary("Abs", x)


def _negative(b: Any, x: Value) -> Value:
    return x * -1 if x.dtype.kind == "u" and x.dtype.itemsize < 8 else b.unary("Neg", x)


def _bits(kind: str) -> Function:
    def function(b: Any, x: Value, y: Value) -> Value:
        if x.dtype.kind == "b":
            return b.logic(kind, x, y)
        return b.op(f"Bitwise{kind}", x, y, shape=_both(x, y), dtype=x.dtype)

    return function


def _both(x: Value, y: Value) -> Any:
    from autograd.onnx.values import broadcast

    return broadcast([x.shape, y.shape])


def _invert(b: Any, x: Value) -> Value:
    if x.dtype.kind == "b":
        return b.logic("Not", x)
    return b.op("BitwiseNot", x, shape=x.shape, dtype=x.dtype)


def _left_shift(b: Any, x: Value, n: Value) -> Value:
    """By a product with a power of two, which is whole."""
    factor = b.binary("Pow", b.constant(np.int64(2)), n.astype(np.int64))
    return (x.astype(np.int64) * factor).astype(x.dtype)


def _right_shift(b: Any, x: Value, n: Value) -> Value:
    factor = b.binary("Pow", b.constant(np.int64(2)), n.astype(np.int64))
    return _floor_divide(b, x.astype(np.int64), factor).astype(x.dtype)


FUNCTIONS: dict[str, Function] = {
    "add": _binary("Add"), "subtract": _binary("Sub"), "multiply": _binary("Mul"),
    "divide": _binary("Div"), "true_divide": _binary("Div"), "power": _power,
    "float_power": _power, "negative": _negative, "positive": lambda b, x: x,
    "conjugate": lambda b, x: x, "real": lambda b, x: x, "copy": lambda b, x: x,
    "astype": lambda b, x: x,
    "imag": lambda b, x: x * 0, "square": _square, "absolute": _abs, "fabs": _abs,
    "reciprocal": _unary("Reciprocal"), "sqrt": _unary("Sqrt"), "cbrt": _cbrt,
    "exp": _unary("Exp"), "log": _unary("Log"),
    "exp2": lambda b, x: b.unary("Exp", x * math.log(2)),
    "log2": _log_of(2), "log10": _log_of(10), "expm1": expm1, "log1p": log1p,
    "sin": _unary("Sin"), "cos": _unary("Cos"), "tan": _direct("Tan", _tan),
    "arcsin": _direct("Asin", _asin), "arccos": _direct("Acos", _acos),
    "arctan": _direct("Atan", _atan), "arctan2": _atan2, "sinh": _direct("Sinh", _sinh),
    "cosh": _direct("Cosh", _cosh), "tanh": _unary("Tanh"), "arcsinh": _direct("Asinh", _asinh),
    "arccosh": _direct("Acosh", _acosh), "arctanh": _direct("Atanh", _atanh),
    "hypot": _hypot, "maximum": maximum, "minimum": minimum,
    "fmax": _ignoring(maximum), "fmin": _ignoring(minimum), "logaddexp": _logaddexp,
    "logaddexp2": _logaddexp2, "floor_divide": _floor_divide, "remainder": _remainder,
    "fmod": _fmod, "floor": _whole("Floor"), "ceil": _whole("Ceil"), "rint": _whole("Round"),
    "trunc": _trunc, "sign": _sign, "copysign": _copysign, "heaviside": _heaviside,
    "deg2rad": lambda b, x: x * (math.pi / 180), "rad2deg": lambda b, x: x * (180 / math.pi),
    "bitwise_and": _bits("And"), "bitwise_or": _bits("Or"), "bitwise_xor": _bits("Xor"),
    "invert": _invert, "left_shift": _left_shift, "right_shift": _right_shift,
}  # fmt: skip

COMPARISONS: dict[str, Function] = {
    "equal": lambda b, x, y: b.compare("Equal", x, y),
    "not_equal": lambda b, x, y: b.logic("Not", b.compare("Equal", x, y)),
    "less": lambda b, x, y: b.compare("Less", x, y),
    "less_equal": lambda b, x, y: b.compare("LessOrEqual", x, y),
    "greater": lambda b, x, y: b.compare("Greater", x, y),
    "greater_equal": lambda b, x, y: b.compare("GreaterOrEqual", x, y),
}


def _finite(b: Any, x: Value) -> Value:
    return b.logic("Not", b.logic("Or", b.unary_bool("IsNaN", x), b.unary_bool("IsInf", x)))


BOOLEAN: dict[str, Function] = {  # what gives truth values, and takes its operands as they are
    "logical_and": lambda b, x, y: b.logic("And", x, y),
    "logical_or": lambda b, x, y: b.logic("Or", x, y),
    "logical_xor": lambda b, x, y: b.logic("Xor", x, y),
    "logical_not": lambda b, x: b.logic("Not", x),
    "isnan": lambda b, x: b.unary_bool("IsNaN", x),
    "isinf": lambda b, x: b.unary_bool("IsInf", x),
    "isfinite": _finite, "signbit": _signbit,
    "isposinf": lambda b, x: b.unary_bool("IsInf", x, detect_negative=0),
    "isneginf": lambda b, x: b.unary_bool("IsInf", x, detect_positive=0),
}  # fmt: skip
