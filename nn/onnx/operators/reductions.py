"""Sums, extremes and running sums along axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd as ag
from autograd.extend import raw
from nn.onnx.budget import sized
from nn.onnx.table import Call, number, row

_Function = Callable[..., Any]


def _kept(x: Any, found: Any) -> Any:
    return found if raw(found).dtype == raw(x).dtype else ag.astype(found, raw(x).dtype)


def _lowest(dtype: Any, sign: int) -> Any:
    if dtype.kind == "b":
        return sign > 0
    if dtype.kind == "f":
        return sign * np.inf
    info = np.iinfo(dtype)
    return info.max if sign > 0 else info.min


def _extreme(function: _Function, sign: int) -> _Function:
    def reduce(x: Any, axis: Any, keepdims: bool) -> Any:
        numbers = raw(x)
        if numbers.size:
            if numbers.dtype.kind == "b":
                whole = ag.astype(x, np.uint8)
                return ag.astype(function(whole, axis=axis, keepdims=keepdims), bool)
            return function(x, axis=axis, keepdims=keepdims)
        shape = np.sum(numbers, axis=axis, keepdims=keepdims).shape
        return ag.Tensor(np.full(shape, _lowest(numbers.dtype, sign), numbers.dtype))

    return reduce


_REDUCTIONS: dict[str, _Function] = {
    "ReduceSum": ag.sum,
    "ReduceMean": ag.mean,
    "ReduceProd": ag.prod,
    "ReduceMax": _extreme(ag.max, -1),
    "ReduceMin": _extreme(ag.min, 1),
    "ReduceL1": lambda x, **how: ag.sum(ag.abs(x), **how),
    "ReduceL2": lambda x, **how: ag.sqrt(ag.sum(x * x, **how)),
    "ReduceLogSum": lambda x, **how: ag.log(ag.sum(x, **how)),
    "ReduceLogSumExp": ag.logsumexp,
    "ReduceSumSquare": lambda x, **how: ag.sum(x * x, **how),
}


def _reduction(function: _Function) -> _Function:
    def reduce(call: Call, x: Any, axes: Any = None) -> Any:
        found = call.option("axes", axes)
        keepdims = bool(call("keepdims", 1))
        if not found:
            found = [] if call("noop_with_empty_axes", 0) else None
        axis = None if found is None else tuple(found)
        if not raw(x).size:  # which may have any lengths beside that of 0
            away = range(x.ndim) if axis is None else [a % x.ndim for a in axis]
            sized(n for i, n in enumerate(x.shape) if i not in away)
        return _kept(x, function(x, axis=axis, keepdims=keepdims))

    return reduce


for _name, _function in _REDUCTIONS.items():
    row(_name, since=1)(_reduction(_function))


def _place(function: _Function) -> _Function:
    def find(call: Call, x: Any) -> Any:
        axis, keepdims = call("axis", 0), bool(call("keepdims", 1))
        numbers = raw(x)
        if call("select_last_index", 0):
            found = numbers.shape[axis] - 1 - function(np.flip(numbers, axis), axis=axis)
        else:
            found = function(numbers, axis=axis)
        found = np.expand_dims(found, axis) if keepdims else found
        return ag.Tensor(np.asarray(found, np.int64))

    return find


row("ArgMax", since=1)(_place(np.argmax))
row("ArgMin", since=1)(_place(np.argmin))


def _running(function: _Function, first: int) -> _Function:
    def run(call: Call, x: Any, axis: Any) -> Any:
        where = int(number(axis))
        dtype = raw(x).dtype
        x = ag.flip(x, where) if call("reverse", 0) else x
        if call("exclusive", 0):
            before = [slice(None)] * x.ndim
            before[where] = slice(0, 1)
            head = ag.full_like(x[tuple(before)], first)
            before[where] = slice(0, -1)
            x = ag.concat([head, x[tuple(before)]], axis=where)
        found = function(x, axis=where)
        found = ag.flip(found, where) if call("reverse", 0) else found
        return ag.astype(found, dtype) if raw(found).dtype != dtype else found

    return run


row("CumSum")(_running(ag.cumsum, 0))
row("CumProd")(_running(ag.cumprod, 1))


@row("TopK", since=1)
def topk(call: Call, x: Any, k: Any = None) -> Any:
    """The k largest or smallest numbers, and where they are: of equal ones the first."""
    axis, count = call("axis", -1), call.option("k", k)
    count = count[0] if isinstance(count, list) else count
    numbers = raw(x)
    if call("largest", 1):
        backwards = np.flip(numbers, axis)
        order = np.flip(np.argsort(backwards, axis=axis, kind="stable"), axis)
        order = numbers.shape[axis] - 1 - order
    else:
        order = np.argsort(numbers, axis=axis, kind="stable")
    order = np.take(order, np.arange(count), axis)
    places = ag.Tensor(order.astype(np.int64))
    return ag.take_along_axis(x, places, axis=axis), places


@row("Unique")
def unique(call: Call, x: Any) -> Any:
    """The different numbers, where each is first, which each is, and how often."""
    axis, ordered = call("axis"), call("sorted", 1)
    _, first, inverse, counts = np.unique(
        raw(x), return_index=True, return_inverse=True, return_counts=True, axis=axis
    )
    inverse = inverse.reshape(-1)
    if not ordered:
        order = np.argsort(first)
        rank = np.argsort(order)
        first, counts, inverse = first[order], counts[order], rank[inverse]
    flat = x.reshape(-1) if axis is None else x
    places = ag.Tensor(first.astype(np.int64))
    found = ag.take(flat, places, axis=0 if axis is None else axis)
    return found, places, *(ag.Tensor(a.astype(np.int64)) for a in (inverse, counts))


@row("NonZero")
def nonzero(call: Call, x: Any) -> Any:
    """Where numbers are not 0, a row an axis."""
    sized(raw(x).shape, copies=max(1, raw(x).ndim))
    return ag.Tensor(np.array(np.nonzero(raw(x)), np.int64))


@row("LpNormalization", since=1)
def lp_normalization(call: Call, x: Any) -> Any:
    """x divided by its norm along an axis; 0 where that is 0."""
    axis, p = call("axis", -1), call("p", 2)
    if p == 1:
        norm = ag.sum(ag.abs(x), axis=axis, keepdims=True)
    else:
        square = ag.sum(x * x, axis=axis, keepdims=True)
        norm = ag.where(square == 0, square, ag.sqrt(ag.where(square == 0, square + 1, square)))
    return ag.where(norm == 0, ag.zeros_like(x), x / ag.where(norm == 0, norm + 1, norm))
