"""Ops that move elements, and join and split arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from autograd.onnx.sizes import Size
from autograd.onnx.table import row
from autograd.onnx.values import Value

__all__ = ["flipped"]


@row("reshape", "broadcast_to", "expand_dims", "squeeze")
def _reshape(b: Any, node: Any, x: Any, *_: Any, **__: Any) -> Value:
    return (b.expand if node.op.name == "broadcast_to" else b.reshape)(x, node.shape)


@row("permute_dims")
def _permute(b: Any, node: Any, x: Value, axes: Any = None) -> Value:
    return b.transpose(x, range(x.ndim)[::-1] if axes is None else axes)


@row("matrix_transpose")
def _matrix_transpose(b: Any, node: Any, x: Value) -> Value:
    return _swapaxes(b, node, x, -1, -2)


@row("swapaxes")
def _swapaxes(b: Any, node: Any, x: Value, axis1: int, axis2: int) -> Value:
    axes = list(range(x.ndim))
    axes[axis1], axes[axis2] = axes[axis2], axes[axis1]
    return b.transpose(x, axes)


@row("moveaxis")
def _moveaxis(b: Any, node: Any, x: Value, source: Any, destination: Any) -> Value:
    return b.transpose(x, moved(x.ndim, source, destination))


def moved(rank: int, source: Any, destination: Any) -> list[int]:
    """The order of axes where some have gone elsewhere."""
    source, destination = (normalize_axis_tuple(a, rank) for a in (source, destination))
    order = [n for n in range(rank) if n not in source]
    for to, at in sorted(zip(destination, source, strict=True)):
        order.insert(to, at)
    return order


def flipped(b: Any, x: Value, axes: Any) -> Value:
    """A value with its elements in reverse along some axes."""
    axes = [int(a) for a in axes]
    if not axes:
        return x
    ends = [np.full(len(axes), -1), np.full(len(axes), np.iinfo(np.int64).min), np.array(axes),
            np.full(len(axes), -1)]  # fmt: skip
    given = [b.constant(e.astype(np.int64)) for e in ends]
    return b.op("Slice", x, *given, shape=x.shape, dtype=x.dtype)


@row("flip")
def _flip(b: Any, node: Any, x: Value, axis: Any = None) -> Value:
    return flipped(b, x, range(x.ndim) if axis is None else normalize_axis_tuple(axis, x.ndim))


@row("roll")
def _roll(b: Any, node: Any, x: Value, shift: Any, axis: Any = None) -> Value:
    if axis is None:
        from autograd.onnx.sizes import product

        flat = b.reshape(x, (product(x.shape),))
        return b.reshape(_rolled(b, flat, shift if not isinstance(shift, tuple) else sum(shift), 0),
                         x.shape)  # fmt: skip
    axes = axis if isinstance(axis, tuple) else (axis,)
    shifts = shift if isinstance(shift, tuple) else (shift,) * len(axes)
    axes = axes * len(shifts) if len(axes) == 1 else axes
    for s, a in zip(shifts, axes, strict=True):
        x = _rolled(b, x, s, normalize_axis_index(a, x.ndim))
    return x


def _rolled(b: Any, x: Value, shift: Any, axis: int) -> Value:
    n = x.shape[axis]
    if n == 0:
        return x
    if type(n) is not Size:
        shift %= n
    if not shift:
        return x
    if type(n) is Size and shift < 0:
        parts = b.sliced(x, axis, -shift, n), b.sliced(x, axis, 0, -shift)
    else:
        parts = b.sliced(x, axis, n - shift, n), b.sliced(x, axis, 0, n - shift)
    return b.concat(parts, axis)


@row("concat")
def _concat(b: Any, node: Any, *xs: Any, axis: int = 0) -> Value:
    return b.concat([b.constant(x, node.dtype) for x in xs], axis)


@row("stack")
def _stack(b: Any, node: Any, *xs: Any, axis: int = 0) -> Value:
    axis = normalize_axis_index(axis, len(node.shape))
    shape = (*node.shape[:axis], 1, *node.shape[axis + 1 :])
    return b.concat([b.reshape(b.constant(x, node.dtype), shape) for x in xs], axis)


@row("split")
def _split(b: Any, node: Any, x: Value, indices_or_sections: Any, axis: int = 0) -> Any:
    axis = normalize_axis_index(axis, x.ndim)
    lengths = [s[0][axis] for s in node.spec]
    found, start = [], 0
    for n in lengths:
        stop = start + n
        found.append(b.sliced(x, axis, start, stop, length=n))
        start = stop
    return tuple(found)


@row("unstack")
def _unstack(b: Any, node: Any, x: Value, axis: int = 0) -> Any:
    axis = normalize_axis_index(axis, x.ndim)
    shape = (*x.shape[:axis], *x.shape[axis + 1 :])
    return tuple(b.reshape(b.sliced(x, axis, i, i + 1), shape) for i in range(x.shape[axis]))


@row("zero_pad")
def _zero_pad(b: Any, node: Any, x: Value, pad_width: Any) -> Value:
    if not x.ndim:
        return x
    if x.dtype.kind == "b":
        return _zero_pad(b, node, x.astype(np.int64), pad_width).astype(bool)
    widths = [w for w, _ in pad_width] + [w for _, w in pad_width]
    return b.op("Pad", x, b.shape_of(widths), b.constant(0, x.dtype), shape=node.shape,
                dtype=x.dtype)  # fmt: skip


@row("tril")
def _tril(b: Any, node: Any, x: Value, k: int = 0) -> Value:
    return b.where(b.triangle(node.shape[-2:], k, True), x, b.constant(0, x.dtype))


@row("triu")
def _triu(b: Any, node: Any, x: Value, k: int = 0) -> Value:
    return b.where(b.triangle(node.shape[-2:], k, False), x, b.constant(0, x.dtype))


def _off_diagonal(b: Any, x: Value, offset: int, axis1: int, axis2: int, n: Any) -> Value:
    """The diagonal as the last axis, by a gather from flat matrices."""
    axis1, axis2 = (normalize_axis_index(a, x.ndim) for a in (axis1, axis2))
    rest = [a for a in range(x.ndim) if a not in (axis1, axis2)]
    x = b.transpose(x, [*rest, axis1, axis2])
    rows, columns = x.shape[-2:]
    flat = b.reshape(x, (*x.shape[:-2], rows * columns))
    steps = b.arange(n)
    places = steps * b.number(columns + 1) + b.number(
        -offset * columns if offset < 0 else b_offset(offset)
    )
    return b.op("Gather", flat, places, shape=(*flat.shape[:-1], n), dtype=x.dtype,
                axis=flat.ndim - 1)  # fmt: skip


def b_offset(offset: int) -> int:
    """Of an offset to the right: as many columns."""
    return offset


@row("diagonal")
def _diagonal(b: Any, node: Any, x: Value, offset: int = 0, axis1: int = 0,
              axis2: int = 1) -> Value:  # fmt: skip
    return _off_diagonal(b, x, offset, axis1, axis2, node.shape[-1])


@row("trace")
def _trace(b: Any, node: Any, x: Value, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Value:
    axis1, axis2 = (normalize_axis_index(a, x.ndim) for a in (axis1, axis2))
    rest = [a for a in range(x.ndim) if a not in (axis1, axis2)]
    x = b.transpose(x, [*rest, axis1, axis2])
    rows = b.reshape(b.arange(x.shape[-2]), (x.shape[-2], 1))
    columns = b.arange(x.shape[-1])
    on = b.compare("Equal", columns, rows + offset)
    kept = b.where(on, x, b.constant(0, x.dtype)).astype(node.dtype)
    return b.reduce("ReduceSum", kept, (-2, -1))


@row("put_diagonal")
def _put_diagonal(b: Any, node: Any, v: Value, shape: Any, offset: int = 0, axis1: int = 0,
                  axis2: int = 1) -> Value:  # fmt: skip
    """By a row of the matrix each: the diagonal's element where the column is its own."""
    rank = len(shape)
    axis1, axis2 = (normalize_axis_index(a, rank) for a in (axis1, axis2))
    rest = [a for a in range(rank) if a not in (axis1, axis2)]
    rows, columns = shape[axis1], shape[axis2]
    lead, first = v.shape[:-1], max(0, -offset)
    if type(rows) is Size or type(columns) is Size:
        n = v.shape[-1]
    else:
        n = min(rows - first, columns - max(0, offset))
    v = b.expand(v, (*lead, n))
    padded = b.op("Pad", b.reshape(v, (*lead, n)), b.shape_of(
        [*(0,) * len(lead), first, *(0,) * len(lead), rows - n - first]),
        b.constant(0, v.dtype), shape=(*lead, rows), dtype=v.dtype)  # fmt: skip
    on = b.compare("Equal", b.arange(columns),
                   b.reshape(b.arange(rows), (rows, 1)) + offset)  # fmt: skip
    whole = b.where(on, b.reshape(padded, (*lead, rows, 1)), b.constant(0, v.dtype))
    order = [*rest, axis1, axis2]
    return b.transpose(whole, [order.index(a) for a in range(rank)])
