"""Reductions, sorts and searches."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.errors import ExportError
from autograd.onnx.sizes import product
from autograd.onnx.table import refuse, row
from autograd.onnx.values import Value

__all__ = ["REDUCTIONS", "sorted_along"]


def _axes(x: Value, axis: Any) -> tuple[int, ...]:
    return tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim)


def _sum(b: Any, x: Value, axes: Any, keepdims: bool, dtype: Any) -> Value:
    return b.reduce("ReduceSum", x.astype(dtype), axes, keepdims)


def _prod(b: Any, x: Value, axes: Any, keepdims: bool, dtype: Any) -> Value:
    return b.reduce("ReduceProd", x.astype(dtype), axes, keepdims)


def _extreme(kind: str) -> Any:
    def function(b: Any, x: Value, axes: Any, keepdims: bool, dtype: Any) -> Value:
        found = b.reduce(kind, x, axes, keepdims)
        if x.dtype.kind != "f":
            return found
        nan = b.unary_bool("IsNaN", x).astype(np.int64)  # runtimes lose NaN on the way
        seen = b.reduce("ReduceMax", nan, axes, keepdims) > 0
        return b.where(seen, np.array(np.nan, x.dtype), found)

    return function


def _truth(kind: str) -> Any:
    def function(b: Any, x: Value, axes: Any, keepdims: bool, dtype: Any) -> Value:
        return b.reduce(kind, x.astype(bool).astype(np.int64), axes, keepdims).astype(bool)

    return function


REDUCTIONS = {
    "sum": _sum, "prod": _prod, "max": _extreme("ReduceMax"), "min": _extreme("ReduceMin"),
    "any": _truth("ReduceMax"), "all": _truth("ReduceMin"),
}  # fmt: skip


def _reduction(name: str) -> Any:
    def write(b: Any, node: Any, x: Any, axis: Any = None, dtype: Any = None,
              keepdims: bool = False) -> Value:  # fmt: skip
        x = b.operand(x)
        axes = _axes(x, axis)
        if name in ("any", "all") and 0 in (x.shape[a] for a in axes):
            return b.expand(b.constant(name == "all"), node.shape)
        return REDUCTIONS[name](b, x, axes, keepdims, node.dtype).astype(node.dtype)

    return write


for _name in REDUCTIONS:
    row(_name)(_reduction(_name))


def found_at(b: Any, kind: str, x: Value, axis: Any, keepdims: bool, shape: Any) -> Value:
    """Where the first extreme lies; NaN is the first of all, as in NumPy."""
    if axis is None:
        x, axis = b.reshape(x, (product(x.shape),)), 0
        if x.shape == () or not x.ndim:
            return b.constant(np.int64(0))
    axis %= x.ndim
    if x.dtype.kind == "b" or x.dtype in (np.int8, np.int16, np.uint16, np.uint32):
        x = x.astype(np.int64)
    short = (*x.shape[:axis], 1, *x.shape[axis + 1 :])
    found = b.op(kind, x, shape=short, dtype=np.int64, axis=axis, keepdims=1)
    if x.dtype.kind == "f":
        nan = b.unary_bool("IsNaN", x).astype(np.int64)
        first = b.op("ArgMax", nan, shape=short, dtype=np.int64, axis=axis, keepdims=1)
        seen = b.reduce("ReduceMax", nan, (axis,), True) > 0
        found = b.where(seen, first, found)
    return b.reshape(found, shape)


@row("argmax")
def _argmax(b: Any, node: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Value:
    return found_at(b, "ArgMax", b.operand(x), axis, keepdims, node.shape)


@row("argmin")
def _argmin(b: Any, node: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Value:
    return found_at(b, "ArgMin", b.operand(x), axis, keepdims, node.shape)


@row("count_nonzero")
def _count(b: Any, node: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Value:
    x = b.cast(b.operand(x), bool).astype(np.int64)
    return b.reduce("ReduceSum", x, _axes(x, axis), keepdims)


def _nan(kind: str, worst: float) -> Any:
    def write(b: Any, node: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Value:
        x = b.operand(x)
        if x.dtype.kind != "f":
            return b.reduce(kind, x, _axes(x, axis), keepdims)
        nan = b.unary_bool("IsNaN", x)
        kept = b.where(nan, np.array(worst, x.dtype), x)
        found = b.reduce(kind, kept, _axes(x, axis), keepdims)
        nothing = b.reduce("ReduceMin", nan.astype(np.int64), _axes(x, axis), keepdims) > 0
        return b.where(nothing, np.array(np.nan, x.dtype), found)

    return write


row("nanmax")(_nan("ReduceMax", -np.inf))
row("nanmin")(_nan("ReduceMin", np.inf))


def sorted_along(b: Any, x: Value, axis: int, k: Any, descending: bool) -> tuple[Value, Value]:
    """The first k values in order, and their places; equal ones in the order in which they lie."""
    axis %= x.ndim
    wide = x.dtype
    if x.dtype.kind in "bu" or x.dtype.itemsize < 4:
        x = x.astype(np.int64 if x.dtype.kind in "biu" else np.float32)
    shape = (*x.shape[:axis], k, *x.shape[axis + 1 :])
    values, places = b.ops(
        "TopK", x, b.shape_of([k]), specs=[(shape, x.dtype), (shape, np.int64)], axis=axis,
        largest=int(descending), sorted=1,
    )  # fmt: skip
    return values.astype(wide), places


@row("sort")
def _sort(b: Any, node: Any, x: Any, axis: int = -1, *, descending: bool = False,
          stable: bool = True) -> Any:  # fmt: skip
    x = b.operand(x)
    if not x.ndim:
        return x, b.constant(np.int64(0))
    return sorted_along(b, x, axis, x.shape[axis], descending)


@row("argsort")
def _argsort(b: Any, node: Any, x: Any, axis: int = -1, *, descending: bool = False,
             stable: bool = True) -> Value:  # fmt: skip
    found: Value = _sort(b, node, x, axis, descending=descending)[1]
    return found


@row("topk")
def _topk(b: Any, node: Any, x: Value, k: int, axis: int = -1, largest: bool = True) -> Any:
    return sorted_along(b, x, axis, k, largest)


@row("ranked")
def _ranked(b: Any, node: Any, x: Value, ranks: Any, axis: int = -1) -> Any:
    values, places = sorted_along(b, x, axis, x.shape[axis], False)
    at = b.constant(np.array(ranks, np.int64) % x.shape[axis])
    axis %= x.ndim
    shape = (*x.shape[:axis], len(ranks), *x.shape[axis + 1 :])
    return tuple(b.op("Gather", v, at, shape=shape, dtype=v.dtype, axis=axis)
                 for v in (values, places))  # fmt: skip


@row("between")
def _between(b: Any, node: Any, x: Value, rank: int, part: float) -> Any:
    values, places = sorted_along(b, x, -1, x.shape[-1], False)
    at = b.constant(np.array([rank, rank + 1], np.int64))
    shape = (*x.shape[:-1], 2)
    both, which = (b.op("Gather", v, at, shape=shape, dtype=v.dtype, axis=x.ndim - 1)
                   for v in (values, places))  # fmt: skip
    low, high = (b.reshape(b.sliced(both, -1, k, k + 1), x.shape[:-1]) for k in (0, 1))
    found = low + (high - low) * b.constant(part, x.dtype)
    nan = b.reduce("ReduceMax", b.unary_bool("IsNaN", x).astype(np.int64), (-1,)) > 0
    return b.where(nan, np.array(np.nan, x.dtype), found), which


@row("bincount")
def _bincount(b: Any, node: Any, x: Any, weights: Any = None, minlength: int = 0) -> Value:
    if node.shape[0] != minlength:
        raise ExportError("bincount: how many numbers there are depends on the values; give it "
                          f"minlength={node.shape[0]} for as many")  # fmt: skip
    places = b.operand(x).astype(np.int64)
    ones = b.constant(1 if weights is None else weights, node.dtype)
    zeros = b.expand(b.constant(0, node.dtype), node.shape)
    return b.op("ScatterElements", zeros, places, b.expand(ones, places.shape), shape=node.shape,
                dtype=node.dtype, axis=0, reduction="add")  # fmt: skip


@row("argwhere")
def _argwhere(b: Any, node: Any, x: Value) -> Value:
    found = b.op("NonZero", b.cast(x, bool), shape=(x.ndim, node.shape[0]), dtype=np.int64)
    return b.transpose(found, (1, 0))


@row("flatnonzero")
def _flatnonzero(b: Any, node: Any, x: Value) -> Value:
    flat = b.reshape(b.cast(x, bool), (product(x.shape),))
    found = b.op("NonZero", flat, shape=(1, node.shape[0]), dtype=np.int64)
    return b.reshape(found, node.shape)


@row("nonzero")
def _nonzero(b: Any, node: Any, x: Value) -> tuple[Value, ...]:
    (count,), dtype = node.spec[0]
    found = b.op("NonZero", b.cast(x, bool), shape=(x.ndim, count), dtype=dtype)
    rows = [b.constant(np.int64(axis)) for axis in range(x.ndim)]
    return tuple(b.op("Gather", found, r, shape=(count,), dtype=dtype, axis=0) for r in rows)


refuse("how many it gives depends on the values, which no shape here can say", "unique")


@row("searchsorted")
def _searchsorted(b: Any, node: Any, x: Any, v: Any, side: str = "left") -> Value:
    """How many are before: a NaN is after all numbers."""
    x, v, dtype = b.pair(x, v)
    column = b.reshape(v, (*v.shape, 1))
    before = b.compare("Less" if side == "left" else "LessOrEqual", x, column)
    if dtype.kind == "f":
        late = b.unary_bool("IsNaN", column)
        if side == "left":
            late = b.logic("And", late, b.logic("Not", b.unary_bool("IsNaN", x)))
        before = b.logic("Or", before, late)
    return b.reduce("ReduceSum", before.astype(np.int64), (-1,))
