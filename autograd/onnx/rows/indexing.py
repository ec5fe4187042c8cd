"""Indexing: slices, gathers and scatters."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import ExportError
from autograd.onnx.sizes import Size, product
from autograd.onnx.table import row
from autograd.onnx.values import Value

__all__ = ["placed_in_mode", "sliced_by"]


def parts_of(x: Value, index: Any) -> list[Any]:
    """An index as one part for each axis, with None for new ones."""
    parts = list(index) if isinstance(index, tuple) else [index]
    taken = sum(_takes(p) for p in parts)
    rest = [slice(None)] * (x.ndim - taken)
    for at, p in enumerate(parts):
        if p is Ellipsis:
            return [*parts[:at], *rest, *parts[at + 1 :]]
    return [*parts, *rest]


def _takes(p: Any) -> int:
    if p is None or p is Ellipsis:
        return 0
    if getattr(p, "dtype", None) == np.bool_:
        return int(p.ndim)
    return 1


def sliced_by(b: Any, x: Value, index: Any, shape: Any) -> Value:
    """A window on a value, by whole numbers, slices and new axes."""
    axes, starts, stops, steps, lengths = [], [], [], [], list(x.shape)
    axis = 0
    for p in parts_of(x, index):
        if p is None:
            continue
        if type(p) is slice:
            if (p.start, p.stop, p.step) != (None, None, None):
                step = 1 if p.step is None else int(p.step)
                ends = _ends(p.start, p.stop, step)
                axes.append(axis)
                starts.append(ends[0])
                stops.append(ends[1])
                steps.append(step)
                lengths[axis] = None
        else:
            axes.append(axis)
            starts.append(p)
            steps.append(1)
            stops.append(_LAST if type(p) is not Size and p == -1 else p + 1)
            lengths[axis] = 1
        axis += 1
    found = x
    if axes:
        given = [b.shape_of(v) for v in (starts, stops, axes, steps)]
        found = b.op("Slice", x, *given, shape=[0 if n is None else n for n in lengths],
                     dtype=x.dtype)  # fmt: skip
        if (
            shape == tuple(shape)
            and len(shape) == x.ndim
            and not any(p is None or not isinstance(p, slice) for p in parts_of(x, index))
        ):
            return Value(b, found.name, shape, x.dtype)
    if not axes and tuple(shape) == x.shape:
        return x
    return b.reshape(found, shape)


_LAST = np.iinfo(np.int64).max


def _ends(start: Any, stop: Any, step: int) -> tuple[Any, Any]:
    if step > 0:
        return 0 if start is None else start, _LAST if stop is None else stop
    return -1 if start is None else start, -_LAST if stop is None else stop


def _is_basic(index: Any) -> bool:
    parts = index if isinstance(index, tuple) else (index,)
    return all(p is None or p is Ellipsis or type(p) is slice or type(p) is Size
               or (isinstance(p, (int, np.integer)) and not isinstance(p, (bool, np.bool_)))
               for p in parts)  # fmt: skip


@row("getitem")
def _getitem(b: Any, node: Any, x: Value, index: Any) -> Value:
    if _is_basic(index):
        return sliced_by(b, x, index, node.shape)
    parts = parts_of(x, index)
    masks = [p for p in parts if getattr(p, "dtype", None) == np.bool_]
    if masks and type(masks[0]) is Value:
        return _masked(b, node, x, parts)
    x, at, places = _advanced(b, x, parts)
    return _gathered(b, node, x, at, places)


def _masked(b: Any, node: Any, x: Value, parts: list[Any]) -> Value:
    if len(parts) != 1 or parts[0].ndim != x.ndim:
        raise ExportError("getitem: a mask that was computed names whole elements only")
    flat = b.reshape(x, (product(x.shape),))
    mask = b.reshape(parts[0], (product(x.shape),))
    return b.op("Compress", flat, mask, shape=node.shape, dtype=x.dtype, axis=0)


def _advanced(b: Any, x: Value, parts: list[Any]) -> tuple[Value, list[int], list[Value]]:
    """Slices done, masks as places: the axes that are indexed by arrays, and their indices."""
    listed: list[Any] = []
    for p in parts:
        dtype = getattr(p, "dtype", None)
        if isinstance(p, (bool, np.bool_)) or (dtype == np.bool_ and not p.ndim):
            raise ExportError("a single truth value is no index there; write an if around it")
        if dtype == np.bool_:
            listed += np.nonzero(np.asarray(p))
        elif isinstance(p, (list, np.ndarray, np.generic)):
            listed.append(np.asarray(p))
        else:
            listed.append(p)
    arrays = [k for k, p in enumerate(listed) if isinstance(p, (np.ndarray, Value))]
    numbers = [k for k, p in enumerate(listed) if isinstance(p, (int, np.integer))]
    arrays = sorted([*arrays, *numbers])  # beside arrays a number is one
    basic = tuple(slice(None) if k in arrays else p for k, p in enumerate(listed))
    if any(p is None for p in basic) or any(p != slice(None) for p in basic):
        shape = _lengths(x, basic)
        x = sliced_by(b, x, basic, shape)
    return x, arrays, [b.operand(listed[k]).astype(np.int64) for k in arrays]


def _lengths(x: Value, basic: Any) -> tuple[Any, ...]:
    found: list[Any] = []
    axis = 0
    for p in basic:
        if p is None:
            found.append(1)
            continue
        n = x.shape[axis]
        axis += 1
        if p == slice(None):
            found.append(n)
        elif type(n) is Size:
            found.append(Size(tuple(len(range(*p.indices(v))) for v in n.values)))
        else:
            found.append(len(range(*p.indices(n))))
    return tuple(found)


def _gathered(b: Any, node: Any, x: Value, at: list[int], places: list[Value]) -> Value:
    if len(at) == 1 and x.dtype.kind != "c":
        (axis,), (place,) = at, places
        shape = (*x.shape[:axis], *place.shape, *x.shape[axis + 1 :])
        return b.op("Gather", x, place, shape=shape, dtype=x.dtype, axis=axis)
    order = [*at, *(a for a in range(x.ndim) if a not in at)]
    from autograd.onnx.values import broadcast

    lead = broadcast([p.shape for p in places])
    stacked = b.concat([b.reshape(b.expand(p, lead), (*lead, 1)) for p in places], -1)
    rest = tuple(x.shape[a] for a in order[len(at) :])
    found = b.op("GatherND", b.transpose(x, order), stacked, shape=(*lead, *rest), dtype=x.dtype)
    if at == list(range(at[0], at[0] + len(at))) and at[0]:  # side by side: they stay there
        back = [*range(len(lead), len(lead) + at[0]), *range(len(lead)),
                *range(len(lead) + at[0], found.ndim)]  # fmt: skip
        return b.transpose(found, back)
    return found


@row("take")
def _take(b: Any, node: Any, x: Any, indices: Any, axis: Any = None, mode: str = "raise") -> Value:
    x, places = b.operand(x), b.operand(indices).astype(np.int64)
    if axis is None:
        x, axis = b.reshape(x, (product(x.shape),)), 0
    x = x if x.ndim else b.reshape(x, (1,))
    axis %= x.ndim
    places = placed_in_mode(b, places, x.shape[axis], mode)
    shape = (*x.shape[:axis], *places.shape, *x.shape[axis + 1 :])
    return b.op("Gather", x, places, shape=shape, dtype=x.dtype, axis=axis)


def placed_in_mode(b: Any, places: Value, n: Any, mode: str) -> Value:
    if mode == "wrap":
        return b.binary("Mod", places, n)
    if mode == "clip":
        return b.binary("Min", b.binary("Max", places, 0), b.operand(n) - 1)
    return places


@row("take_along_axis")
def _take_along_axis(b: Any, node: Any, x: Any, indices: Any, axis: Any = -1) -> Value:
    x, places = b.operand(x), b.operand(indices).astype(np.int64)
    if axis is None:
        x, axis = b.reshape(x, (product(x.shape),)), 0
    axis %= x.ndim
    lead = [1 if a == axis else n for a, n in enumerate(x.shape)]
    from autograd.onnx.values import broadcast

    others = [1 if a == axis else n for a, n in enumerate(places.shape)]
    common = broadcast([tuple(lead), tuple(others)])
    x = b.expand(x, [x.shape[a] if a == axis else n for a, n in enumerate(common)])
    places = b.expand(places, [places.shape[a] if a == axis else n for a, n in enumerate(common)])
    return b.op("GatherElements", x, places, shape=node.shape, dtype=x.dtype, axis=axis)


@row("add_along_axis")
def _add_along_axis(b: Any, node: Any, v: Value, indices: Any, shape: Any, axis: Any = -1) -> Value:
    places = b.operand(indices).astype(np.int64)
    if axis is None:
        flat = _added_along(b, v, places, (product(shape),), 0)
        return b.reshape(flat, shape)
    return _added_along(b, v, places, shape, axis % len(shape))


def _added_along(b: Any, v: Value, places: Value, shape: Any, axis: int) -> Value:
    from autograd.onnx.values import broadcast

    common = broadcast([v.shape, places.shape])
    zeros = b.expand(b.constant(0, v.dtype), shape)
    return b.op("ScatterElements", zeros, b.expand(places, common), b.expand(v, common),
                shape=shape, dtype=v.dtype, axis=axis, reduction="add")  # fmt: skip


@row("extreme_at")
def _extreme_at(b: Any, node: Any, x: Value, index: Any, src: Value, axis: Any,
                largest: bool = True) -> Value:  # fmt: skip
    if b.opset < 18:
        raise ExportError(
            "ScatterElements with extrema is there since opset 18; export with opset=18"
        )
    places, shape = b.operand(index).astype(np.int64), node.shape
    return b.op("ScatterElements", b.constant(x, node.dtype), places, b.constant(src, node.dtype),
                shape=shape, dtype=node.dtype, axis=axis % len(shape),
                reduction="max" if largest else "min")  # fmt: skip


@row("add_at")
def _add_at(b: Any, node: Any, v: Value, indices: Any, shape: Any, axis: Any = None,
            mode: str = "raise") -> Value:  # fmt: skip
    """Rows added at their places: the places come first for ScatterND."""
    places = b.operand(indices).astype(np.int64)
    whole = shape
    if axis is None:
        shape, axis = (product(shape),), 0
    axis %= len(shape)
    places = placed_in_mode(b, places, shape[axis], mode)
    order = [*range(axis, axis + places.ndim), *range(axis), *range(axis + places.ndim, v.ndim)]
    turned = (shape[axis], *shape[:axis], *shape[axis + 1 :])
    zeros = b.expand(b.constant(0, v.dtype), turned)
    at = b.reshape(places, (*places.shape, 1))
    found = b.op("ScatterND", zeros, at, b.transpose(v, order), shape=turned, dtype=v.dtype,
                 reduction="add")  # fmt: skip
    back = [*range(1, axis + 1), 0, *range(axis + 1, len(shape))]
    return b.reshape(b.transpose(found, back), whole)


@row("masked_fill")
def _masked_fill(b: Any, node: Any, x: Any, mask: Any, value: Any) -> Value:
    x = b.constant(x, node.dtype)
    found = b.where(mask, b.constant(value, node.dtype), x)
    return b.expand(found, node.shape)


def _numbers(b: Any, shape: Any) -> Value:
    """The number of each element of an array of a shape."""
    return b.reshape(b.arange(product(shape)), shape)


def _scattered(b: Any, x: Value, v: Value, index: Any, shape: Any, reduction: str) -> Value:
    """Elements of x at an index replaced, or added to: by their numbers in the flat array."""
    numbers = _numbers(b, shape)
    call = _Call(_index_shape(shape, index))
    places = _getitem(b, call, numbers, index)
    places = Value(b, places.name, call.shape, np.int64)
    flat = b.reshape(x, (product(shape),))
    n = product(call.shape)
    v = b.reshape(v, v.shape[max(0, v.ndim - len(call.shape)) :])
    at = b.reshape(places, (n, 1))
    updates = b.reshape(b.expand(v.astype(x.dtype), call.shape), (n,))
    found = b.op("ScatterND", flat, at, updates, shape=flat.shape, dtype=x.dtype,
                 reduction=reduction)  # fmt: skip
    return b.reshape(found, shape)


class _Call:
    def __init__(self, shape: Any) -> None:
        self.shape = shape


def _index_shape(shape: Any, index: Any) -> Any:
    """The shape of what an index takes."""
    if any(type(n) is Size for n in shape):
        return _varied_shape(shape, index)
    stand_ins = tuple(np.zeros(p.shape, int) if type(p) is Value else p
                      for p in (index if isinstance(index, tuple) else (index,)))  # fmt: skip
    return np.broadcast_to(False, shape)[stand_ins].shape


def _varied_shape(shape: Any, index: Any) -> Any:
    if not _is_basic(index):
        raise ExportError("an index of arrays into an array of any length is not exported")
    count = next(len(n.values) for n in shape if type(n) is Size)
    own = [[n.values[k] if type(n) is Size else n for n in shape] for k in range(count)]
    from autograd.onnx.sizes import together

    return together([np.broadcast_to(False, s)[index].shape for s in own], "an index")


@row("setitem")
def _setitem(b: Any, node: Any, x: Any, v: Any, index: Any) -> Value:
    x = b.constant(x, node.dtype)
    mask = index[0] if isinstance(index, tuple) and len(index) == 1 else index
    v = b.constant(v, node.dtype)
    if type(mask) is Value and mask.dtype == bool and mask.ndim == x.ndim and v.ndim == 0:
        return b.where(mask, v, x)
    return _scattered(b, x, v, index, node.shape, "none")


@row("put_at")
def _put_at(b: Any, node: Any, v: Any, shape: Any, index: Any) -> Value:
    v = b.constant(v, node.dtype)
    zeros = b.expand(b.constant(0, node.dtype), shape)
    return _scattered(b, zeros, v, index, shape, "add")
