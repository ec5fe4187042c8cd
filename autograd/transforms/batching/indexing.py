"""Rules of indexing: the axis of examples is read whole, or named by a number for each example."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engine.operands import raw
from autograd.transforms.batching.axes import after
from autograd.transforms.batching.batch import Batch
from autograd.transforms.batching.call import Call, do, ndim, shape_of

__all__ = ["RULES"]

WHOLE = slice(None)


def _parts(index: Any) -> tuple[Any, ...]:
    return index if type(index) is tuple else (index,)


def _is_array(part: Any) -> bool:
    return (
        part is not None and part is not Ellipsis and not isinstance(part, (slice, int, np.integer))
    )


def _moved_front(parts: tuple[Any, ...]) -> int | None:
    """How many axes of arrays NumPy puts first, as it does where others stand between them."""
    arrays = [_is_array(p) for p in parts]
    if not any(arrays):
        return None
    named = [i for i, p in enumerate(parts) if _is_array(p) or isinstance(p, (int, np.integer))]
    if named[-1] - named[0] + 1 == len(named):
        return None
    shapes = [_index_shape(p) for p in parts if _is_array(p)]
    return len(np.broadcast_shapes(*shapes))


def _index_shape(part: Any) -> tuple[int, ...]:
    value = np.asarray(raw(part))
    return (int(np.count_nonzero(value)),) if value.dtype == bool else value.shape


def _is_odd(parts: tuple[Any, ...]) -> bool:
    """Whether an index has what reads an axis that is not there: a boolean number."""
    return any(isinstance(p, (bool, np.bool_)) or (_is_array(p) and _is_truth(p)) for p in parts)


def _is_truth(part: Any) -> bool:
    value = raw(part.value if type(part) is Batch else part)
    return np.ndim(value) == 0 and np.asarray(value).dtype.kind == "b"


def of_getitem(call: Call) -> Any:
    parts = _parts(call.params["index"])
    if any(type(p) is Batch for p in parts):
        index = _paired(parts, call.size, call.batched[0])
        return _of_places(call, parts) if index is None else call.run(call.inputs[0], index=index)
    if _is_odd(parts):
        return NotImplemented
    found = call.run(call.inputs[0], index=(WHOLE, *parts))
    first = _moved_front(parts)
    return found if first is None else do("moveaxis", found, source=first, destination=0)


def _paired(parts: tuple[Any, ...], size: int, is_batched: bool) -> tuple[Any, ...] | None:
    """An index of arrays of whole numbers alone, some for each example, with the examples'."""
    for part in parts:
        value = raw(part.value if type(part) is Batch else part)
        if isinstance(value, (bool, slice)) or value is None or value is Ellipsis:
            return None
        if np.asarray(value).dtype.kind not in "iu":
            return None
    rank = max(ndim(p.value) - 1 if type(p) is Batch else ndim(p) for p in parts)
    found = [_lined_up(p.value, rank) if type(p) is Batch else p for p in parts]
    own = np.arange(size).reshape(size, *(1,) * rank)
    return (own, *found) if is_batched else tuple(found)


def _places(x: Any, parts: tuple[Any, ...]) -> Any:
    """What an index with a part of each example names in an array that they share."""
    values = [raw(p.value if type(p) is Batch else p) for p in parts]
    if _is_odd(parts) or any(type(p) is Batch and p.dtype.kind == "b" for p in parts):
        return NotImplemented
    lengths = [len(_index_shape(p)) for p in parts if type(p) is not Batch and _is_array(p)]
    rank = max([*lengths, *(ndim(p.value) - 1 for p in parts if type(p) is Batch)])
    index = tuple([_lined_up(p.value, rank) if type(p) is Batch else p for p in parts])
    named = [k for k, p in enumerate(parts) if _is_array(p) or isinstance(p, (int, np.integer))]
    found = do("getitem", x, index=index)
    if named[-1] - named[0] + 1 != len(named):
        return found  # NumPy puts what arrays name first, where others stand between them
    rest = sum(p is not None and p is not Ellipsis for p in parts)
    rest += sum(np.ndim(v) - 1 for v in values if _is_array(v) and np.asarray(v).dtype.kind == "b")
    before = [len(shape_of(x)) - rest if p is Ellipsis else 1 for p in parts[: named[0]]]
    return do("moveaxis", found, source=sum(before), destination=0)


def _flat_places(shape: tuple[int, ...], parts: tuple[Any, ...], size: int) -> Any:
    """The index of what each example names among the numbers of all, which lie in rows."""
    found = _places(np.arange(math.prod(shape)).reshape(shape), parts)
    if found is NotImplemented:
        return found
    return np.arange(size).reshape(size, *(1,) * (ndim(found) - 1)), found


def _of_places(call: Call, parts: tuple[Any, ...]) -> Any:
    if not call.batched[0]:
        return _places(call.inputs[0], parts)
    index = _flat_places(call.shape(0), parts, call.size)
    return index if index is NotImplemented else do("getitem", call.flat(0), index=index)


def _lined_up(numbers: Any, rank: int) -> Any:
    """Numbers of each example, with as many axes for it as the others have."""
    size, *shape = shape_of(numbers)
    return do("reshape", numbers, shape=(size, *(1,) * (rank - len(shape)), *shape))


def of_put_at(call: Call) -> Any:
    parts, shape = _parts(call.params["index"]), (call.size, *call.params["shape"])
    if any(type(p) is Batch for p in parts):
        if (index := _paired(parts, call.size, True)) is not None:
            chosen = len(np.broadcast_shapes(*map(shape_of, index))) + len(shape) - len(index)
            return call.run(_spread(call, 0, chosen - 1), shape=shape, index=index)
        index = _flat_places(shape[1:], parts, call.size)
        if index is NotImplemented:
            return index
        v = _spread(call, 0, ndim(index[1]) - 1)
        flat = call.run(v, shape=(call.size, math.prod(shape[1:])), index=index)
        return do("reshape", flat, shape=shape)
    if _is_odd(parts):
        return NotImplemented
    return call.run(_at_places(call, 0, parts, shape[1:]), shape=shape, index=(WHOLE, *parts))


def of_setitem(call: Call) -> Any:
    parts = _parts(call.params["index"])
    if any(type(p) is Batch for p in parts):
        return _set_places(call, parts)
    if _is_odd(parts):
        return NotImplemented
    v = _at_places(call, 1, parts, call.shape(0))
    return call.run(call.front(0), v, index=(WHOLE, *parts))


def _at_places(call: Call, k: int, parts: tuple[Any, ...], shape: tuple[int, ...]) -> Any:
    """What is written to the same places of all examples, which NumPy may put behind arrays."""
    chosen = np.broadcast_to(np.False_, shape)[tuple(raw(p) for p in parts)].ndim
    v, first = _spread(call, k, chosen), _moved_front(parts)
    if first is None:
        return v
    if call.batched[k]:
        return do("moveaxis", v, source=0, destination=first)
    behind = chosen - first
    return do("expand_dims", v, axis=ndim(v) - behind) if ndim(v) > behind else v


def _spread(call: Call, k: int, rank: int) -> Any:
    """What is written, so that it broadcasts to places of so many axes for each example."""
    if call.ndim(k) <= rank:
        return call.lifted(k, rank)
    own = call.shape(k)[call.ndim(k) - rank :]  # NumPy lets axes of length 1 before them go
    return do("reshape", call.inputs[k], shape=(call.size, *own) if call.batched[k] else own)


def _set_places(call: Call, parts: tuple[Any, ...]) -> Any:
    """Where the places differ: among the numbers of all examples, which lie in rows."""
    mask = parts[0].value if len(parts) == 1 else None
    if mask is not None and mask.dtype == bool and not call.ndim(1):
        mask, v = (_filled_up(x, call.ndim(0) + 1) for x in (mask, call.front(1)))
        return do("where", mask, do("cast", v, dtype=call.inputs[0].dtype), call.front(0))
    index = _flat_places(call.shape(0), parts, call.size)
    if index is NotImplemented:
        return index
    flat = call.run(call.flat(0), _spread(call, 1, ndim(index[1]) - 1), index=index)
    return do("reshape", flat, shape=(call.size, *call.shape(0)))


def _filled_up(x: Any, rank: int) -> Any:
    """A value with axes of length 1 behind its own."""
    shape = shape_of(x)
    return do("reshape", x, shape=(*shape, *(1,) * (rank - len(shape))))


def of_take(call: Call) -> Any:
    axis, rank = call.params.get("axis"), call.ndim(0)
    x, indices = call.inputs
    if not call.batched[1]:
        if axis is None or not rank:
            return call.run(call.flat(0), indices, axis=1)
        return call.run(x, indices, axis=after(axis, rank))
    if not call.batched[0]:
        found = call.run(x, indices)
        return found if axis is None or not rank else do(
            "moveaxis", found, source=int(axis) % rank, destination=0
        )  # fmt: skip
    at = 0 if axis is None or not rank else int(axis) % rank
    x = (
        call.flat(0)
        if axis is None or not rank
        else do("moveaxis", x, source=at + 1, destination=1)
    )
    inner = ndim(indices) - 1
    own = np.arange(call.size).reshape(call.size, *(1,) * inner)
    places = _in_range(indices, shape_of(x)[1], call.params.get("mode", "raise"))
    found = do("getitem", x, index=(own, places))
    return _put_after(found, 1, inner, at)


def _in_range(indices: Any, length: int, mode: str) -> Any:
    if mode == "wrap":
        return do("remainder", indices, length)
    return do("clip", indices, 0, length - 1) if mode == "clip" else indices


def _put_after(x: Any, first: int, count: int, before: int) -> Any:
    """An array whose `count` axes from `first` on come `before` axes later."""
    if not count or not before:
        return x
    source = tuple(range(first, first + count))
    return do("moveaxis", x, source=source, destination=tuple(a + before for a in source))


def of_add_at(call: Call) -> Any:
    shape, axis = call.params["shape"], call.params.get("axis")
    v, indices = call.front(0), call.inputs[1]
    if not call.batched[1]:
        if axis is not None:
            return call.run(v, indices, shape=(call.size, *shape), axis=after(axis, len(shape)))
        flat = call.run(v, indices, shape=(call.size, math.prod(shape)), axis=1)
        return do("reshape", flat, shape=(call.size, *shape))
    whole = (math.prod(shape),) if axis is None else shape
    at = 0 if axis is None else int(axis) % len(shape)
    inner = ndim(indices) - 1
    length, rest = whole[at], (*whole[:at], *whole[at + 1 :])
    if at and inner:
        source = tuple(range(1 + at, 1 + at + inner))
        v = do("moveaxis", v, source=source, destination=tuple(range(1, 1 + inner)))
    elif at:
        return NotImplemented
    places = do("remainder", _in_range(indices, length, call.params.get("mode", "raise")), length)
    own = np.arange(call.size).reshape(call.size, *(1,) * inner) * length
    count = math.prod(shape_of(indices))
    rows = do("reshape", v, shape=(count, *rest))
    places = do("reshape", do("add", places, own), shape=(count,))
    found = call.run(rows, places, shape=(call.size * length, *rest), axis=0, mode="raise")
    found = do("reshape", found, shape=(call.size, length, *rest))
    found = do("moveaxis", found, source=1, destination=at + 1)
    return do("reshape", found, shape=(call.size, *shape))


def of_take_along(call: Call) -> Any:
    axis = call.params.get("axis", -1)
    if axis is None:
        return call.run(call.flat(0), call.front(1), axis=1)
    return call.run(*call.fronts(), axis=after(axis, call.ndim(0)))


def of_add_along(call: Call) -> Any:
    shape, axis = call.params["shape"], call.params.get("axis", -1)
    if axis is None:
        flat = call.run(*call.fronts(), shape=(call.size, math.prod(shape)), axis=1)
        return do("reshape", flat, shape=(call.size, *shape))
    return call.run(*call.fronts(), shape=(call.size, *shape), axis=after(axis, len(shape)))


def of_extreme_at(call: Call) -> Any:
    return call.run(*call.fronts(), axis=after(call.params["axis"], call.ndim(0)))


RULES: dict[str, Callable[[Call], Any]] = {
    "getitem": of_getitem,
    "put_at": of_put_at,
    "setitem": of_setitem,
    "take": of_take,
    "add_at": of_add_at,
    "take_along_axis": of_take_along,
    "add_along_axis": of_add_along,
    "extreme_at": of_extreme_at,
}
