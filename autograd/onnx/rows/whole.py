"""Whole numbers and places: divisors, bins, what is in a set, places in a grid, polynomials."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.onnx.rows.indexing import placed_in_mode
from autograd.onnx.sizes import product
from autograd.onnx.table import ROWS, refuse, row
from autograd.onnx.values import Value

__all__: list[str] = []


def _divisor(b: Any, x: Value, y: Value, shape: Any) -> Value:
    """Euclid's, of all pairs at once, until no rest is left."""
    zero, one = b.constant(np.int64(0)), b.constant(np.int64(1))
    first = [b.expand(b.unary("Abs", v), shape) for v in (x, y)]

    def goes_on(rest: Value) -> Value:
        return b.reduce("ReduceMax", rest) > zero

    def turn(_: Value, state: Any) -> Any:
        whole, rest = state
        done = b.compare("Equal", rest, zero)
        left = b.binary("Mod", whole, b.where(done, one, rest))
        new = [b.where(done, whole, rest), b.where(done, zero, left)]
        return goes_on(new[1]), new, []

    (found, _), _ = b.loop(turn, None, goes_on(first[1]), first)
    return found


def _of_pairs(write: Any) -> Any:
    def made(b: Any, node: Any, x: Any, y: Any) -> Value:
        x, y = (b.operand(v).astype(np.int64) for v in (x, y))
        if 0 in node.shape:
            return b.constant(np.zeros(node.shape, node.dtype))
        return write(b, x, y, _divisor(b, x, y, node.shape)).astype(node.dtype)

    return made


def _lcm(b: Any, x: Value, y: Value, divisor: Value) -> Value:
    one = b.constant(np.int64(1))
    by = b.where(b.compare("Equal", divisor, 0), one, divisor)
    return b.unary("Abs", b.binary("Div", x, by) * y)


row("gcd")(_of_pairs(lambda b, x, y, divisor: divisor))
row("lcm")(_of_pairs(_lcm))


@row("isreal")
def _isreal(b: Any, node: Any, x: Any) -> Value:
    return b.expand(b.constant(np.True_), node.shape)


@row("iscomplex")
def _iscomplex(b: Any, node: Any, x: Any) -> Value:
    return b.expand(b.constant(np.False_), node.shape)


def _column(b: Any, x: Value) -> Value:
    return b.reshape(x, (*x.shape, 1))


@row("isin")
def _isin(b: Any, node: Any, x: Any, y: Any, assume_unique: bool = False,
          invert: bool = False) -> Value:  # fmt: skip
    x, y, _ = b.pair(x, y)
    if 0 in y.shape:
        return b.expand(b.constant(np.bool_(invert)), node.shape)
    same = b.compare("Equal", _column(b, x), b.reshape(y, (product(y.shape),)))
    found = b.cast(b.reduce("ReduceMax", same.astype(np.int64), (-1,)), bool)
    return b.logic("Not", found) if invert else found


@row("digitize")
def _digitize(b: Any, node: Any, x: Any, bins: Any, right: bool = False) -> Value:
    """How many bins are passed: of those that rise, or of those that fall."""
    x, bins, dtype = b.pair(x, bins)
    if 0 in bins.shape:
        return b.expand(b.constant(np.int64(0)), node.shape)
    column = _column(b, x)
    rise = b.compare("Less" if right else "LessOrEqual", bins, column)
    fall = b.compare("GreaterOrEqual" if right else "Greater", bins, column)
    if dtype.kind == "f":
        rise = b.logic("Or", rise, b.unary_bool("IsNaN", column))
    ends = [b.reshape(b.sliced(bins, 0, k, k + 1), ()) for k in (0, bins.shape[0] - 1)]
    found = b.where(ends[0] > ends[1], fall.astype(np.int64), rise.astype(np.int64))
    return b.reduce("ReduceSum", found, (-1,))


def _without_nan(name: str, low: float) -> Any:
    def write(b: Any, node: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        x = b.operand(x)
        if x.dtype.kind == "f":
            x = b.where(b.unary_bool("IsNaN", x), b.constant(low, x.dtype), x)
        return ROWS[name](b, node, x, axis=axis, keepdims=keepdims)

    return write


row("nanargmax")(_without_nan("argmax", -np.inf))
row("nanargmin")(_without_nan("argmin", np.inf))


@row("ravel_multi_index")
def _ravel_multi_index(b: Any, node: Any, *xs: Any, dims: Any, mode: Any = "raise",
                       order: str = "C") -> Value:  # fmt: skip
    modes = mode if isinstance(mode, (tuple, list)) else [mode] * len(dims)
    steps = np.cumprod([1, *(dims[:0:-1] if order == "C" else dims[:-1])])
    steps = steps[::-1] if order == "C" else steps
    found: Any = b.constant(np.int64(0))
    for x, n, how, step in zip(xs, dims, modes, steps, strict=True):
        place = placed_in_mode(b, b.operand(x).astype(np.int64), n, how)
        found = found + place * b.constant(np.int64(step))
    return b.expand(found, node.shape)


@row("convolve")
def _convolve(b: Any, node: Any, x: Any, y: Any) -> Value:
    """Rows of products, each one place further than the one before: their sum."""
    x, y = b.constant(x, node.dtype), b.constant(y, node.dtype)
    n, m = x.shape[0], y.shape[0]
    rows = b.reshape(y, (m, 1)) * x
    wide = b.concat([rows, b.expand(b.constant(0, x.dtype), (m, m))], 1)
    flat = b.sliced(b.reshape(wide, (m * (n + m),)), 0, 0, m * (n + m - 1))
    return b.reduce("ReduceSum", b.reshape(flat, (m, n + m - 1)), (0,))


refuse("it is the order of complex numbers, which have no operators there", "complex_order")
refuse("every order inside of the parts is right, and runtimes have none of them; sort instead",
       "argpartition")  # fmt: skip
refuse("complex numbers have no order there", "complex_order")
