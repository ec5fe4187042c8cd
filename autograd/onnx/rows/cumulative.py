"""Running sums, products and extremes, and recurrences: CumSum, or a Scan of steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.onnx.functions import FUNCTIONS, maximum, minimum
from autograd.onnx.rows.shapes import moved
from autograd.onnx.sizes import product
from autograd.onnx.table import row
from autograd.onnx.values import Value

__all__: list[str] = []


@row("cumsum")
def _cumsum(b: Any, node: Any, x: Any, axis: Any = None, dtype: Any = None) -> Value:
    x = b.constant(x, node.dtype)
    if axis is None:
        x, axis = b.reshape(x, (product(x.shape),)), 0
    wide = x.astype(np.int64) if x.dtype.kind in "bu" or x.dtype.itemsize < 4 else x
    found = b.op("CumSum", wide, b.constant(np.int64(axis % x.ndim)), shape=x.shape,
                 dtype=wide.dtype)  # fmt: skip
    return found.astype(node.dtype)


def _running(step: Any) -> Any:
    def write(b: Any, node: Any, x: Any, axis: int = 0) -> Value:
        x = b.constant(x, node.dtype)
        if 0 in x.shape:
            return x
        lead = b.transpose(x, moved(x.ndim, axis, 0))
        first = b.reshape(b.sliced(lead, 0, 0, 1), lead.shape[1:])
        rest = b.sliced(lead, 0, 1, lead.shape[0])

        def turn(state: Any, own: Any) -> Any:
            new = step(b, state[0], own[0])
            return [new], [new]

        _, (made,) = b.scan(turn, [first], [rest], False)
        whole = b.concat([b.reshape(first, (1, *first.shape)), made], 0)
        return b.transpose(whole, moved(x.ndim, 0, axis))

    return write


row("cumprod")(_running(lambda b, x, y: x * y))
row("cummax")(_running(maximum))
row("cummin")(_running(minimum))
row("logcumsumexp")(_running(FUNCTIONS["logaddexp"]))


@row("linear_recurrence")
def _linear_recurrence(b: Any, node: Any, a: Any, x: Any, axis: int = -1, *,
                       reverse: bool = False) -> Value:  # fmt: skip
    a, x = b.constant(a, node.dtype), b.constant(x, node.dtype)
    if 0 in x.shape:
        return x
    order = moved(x.ndim, axis, 0)
    a, x = b.transpose(a, order), b.transpose(x, order)
    start = b.expand(b.constant(0, node.dtype), x.shape[1:])

    def turn(state: Any, own: Any) -> Any:
        new = own[0] * state[0] + own[1]
        return [new], [new]

    _, (made,) = b.scan(turn, [start], [a, x], reverse)
    return b.transpose(made, moved(x.ndim, 0, axis))


@row("shift")
def _shift(
    b: Any, node: Any, x: Any, axis: int, fill: float = 0, *, reverse: bool = False
) -> Value:
    x = b.constant(x, node.dtype)
    axis %= x.ndim
    n = x.shape[axis]
    if n == 0:
        return x
    edge = b.expand(b.constant(fill, x.dtype), (*x.shape[:axis], 1, *x.shape[axis + 1 :]))
    if reverse:
        return b.concat([b.sliced(x, axis, 1, n), edge], axis)
    return b.concat([edge, b.sliced(x, axis, 0, n - 1)], axis)


@row("move_rows")
def _move_rows(b: Any, node: Any, x: Any, source: Any, target: Any, count: Any) -> Value:
    x = b.constant(x, node.dtype)
    source, target = (b.operand(i).astype(np.int64) for i in (source, target))
    shape = (*source.shape, *x.shape[1:])
    rows = b.op("Gather", x, source, shape=shape, dtype=x.dtype, axis=0)
    zeros = b.expand(b.constant(0, x.dtype), node.shape)
    return b.op("ScatterND", zeros, b.reshape(target, (*target.shape, 1)), rows, shape=node.shape,
                dtype=x.dtype, reduction="add")  # fmt: skip
