"""Tensors with other numbers at some places: by masks, indices, and what is reduced there."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.errors import ArgumentError, ArgumentTypeError, DTypeError
from autograd.extend import raw
from nn.torch.functions.calling import axis_of, filled, made
from nn.torch.functions.indexing import from_front, index_of
from nn.torch.promotion import cast

# ---- putting -------------------------------------------------------------------------------------


def _held(input: Any, value: Any, name: str) -> Any:
    """What is put into a Tensor: of its dtype, or a number that it can hold."""
    array, dtype = raw(value), raw(input).dtype
    if hasattr(array, "dtype"):
        return cast(value, dtype)
    if dtype.kind in "iu" and (array != array or array in (np.inf, -np.inf)):
        raise DTypeError(f"{name}: {input.dtype} cannot hold {value}")
    return dtype.type(value)


def masked_fill(input: Any, mask: Any, value: Any) -> Any:
    """With `value` where the mask is true."""
    if raw(mask).dtype != bool:
        if raw(mask).dtype != np.uint8:
            raise DTypeError(f"masked_fill: mask must be of booleans, not {mask.dtype}")
        mask = cast(mask, bool)
    return autograd.masked_fill(input, mask, _held(input, value, "masked_fill"))


def masked_scatter(input: Any, mask: Any, source: Any) -> Any:
    """With the elements of `source` one after the other where the mask is true."""
    here = np.broadcast_to(raw(mask), input.shape)
    values = autograd.getitem(autograd.reshape(source, -1), slice(int(here.sum())))
    return autograd.setitem(input, cast(values, raw(input).dtype), here)


def _reduced(name: str, reduce: Any) -> Any:
    known = ("sum", "prod", "mean", "amax", "amin", "add", "multiply", None)
    if reduce not in known:
        raise ArgumentError(f"{name}: reduce is one of {known[:5]}, got {reduce!r}")
    return {"add": "sum", "multiply": "prod"}.get(reduce, reduce)


def scatter(
    input: Any, dim: int, index: Any, src: Any = None, *, reduce: Any = None, **kwargs: Any
) -> Any:
    """With `src`, a Tensor or a number (`value`), at places along `dim`."""
    src = kwargs.pop("value", src)
    if kwargs or src is None:
        raise ArgumentTypeError("scatter: takes dim, index, and src or value")
    axis = axis_of(input, dim)
    from_front(index, input.shape[axis] if input.ndim else 1, "scatter")
    if reduce is not None:
        if not hasattr(src, "dtype"):
            src = autograd.full(index.shape, src, dtype=raw(input).dtype)
        return scatter_reduce(input, dim, index, src, _reduced("scatter", reduce))
    if hasattr(raw(src), "dtype") and raw(src).dtype != raw(input).dtype:
        raise DTypeError(f"scatter: src is {src.dtype} and the Tensor {input.dtype}")
    if not raw(index).size:
        return autograd.copy(input)
    return autograd.scatter(input, axis, index, _held(input, src, "scatter"))


def scatter_add(input: Any, dim: int, index: Any, src: Any) -> Any:
    """With `src` added at places along `dim`."""
    axis = axis_of(input, dim)
    from_front(index, input.shape[axis] if input.ndim else 1, "scatter_add")
    if raw(src).dtype != raw(input).dtype:
        raise DTypeError(f"scatter_add: src is {src.dtype} and the Tensor {input.dtype}")
    return autograd.scatter_add(input, axis, index, src)


def scatter_reduce(
    input: Any, dim: int, index: Any, src: Any, reduce: str, *, include_self: bool = True
) -> Any:
    """With what `reduce` makes of the elements of `src` that go to one place."""
    reduce, axis = _reduced("scatter_reduce", reduce), axis_of(input, dim)
    from_front(index, input.shape[axis], "scatter_reduce")
    src = autograd.getitem(src, tuple(slice(n) for n in index.shape))
    shape, places = input.shape, raw(index)
    hits = autograd.scatter_add(np.zeros(shape, np.int64), axis, places, np.ones_like(places))
    hit = np.asarray(raw(hits))
    base = input
    if not include_self:
        unit = {"prod": 1, "amax": -np.inf, "amin": np.inf}.get(reduce, 0)
        if raw(input).dtype.kind in "iu" and unit in (np.inf, -np.inf):
            limits = np.iinfo(raw(input).dtype)
            unit = limits.max if unit > 0 else limits.min
        base = autograd.masked_fill(input, hit > 0, raw(input).dtype.type(unit))
    if reduce == "sum":
        return autograd.scatter_add(base, axis, index, src)
    if reduce == "mean":
        count = np.maximum(hit + (1 if include_self else 0), 1)
        total = autograd.scatter_add(base, axis, index, src)
        whole = raw(input).dtype.kind in "iu"
        return total // count if whole else total / count.astype(raw(input).dtype)
    return _one_by_one(base, axis, places, src, reduce)


_PAIRWISE = {
    "prod": autograd.multiply, "amax": autograd.maximum, "amin": autograd.minimum,
}  # fmt: skip


def _one_by_one(base: Any, axis: int, places: Any, src: Any, reduce: str) -> Any:
    """Slice after slice of the source, in which no place is met twice."""
    for i in range(places.shape[axis]):
        one = (*(slice(None),) * axis, slice(i, i + 1))
        at = places[one]
        here = autograd.gather(base, axis, at)
        both = _PAIRWISE[reduce](here, autograd.getitem(src, one))
        base = autograd.scatter(base, axis, at, both)
    return base


def index_add(
    input: Any, dim: int, index: Any, source: Any, *, alpha: Any = 1, out: Any = None
) -> Any:
    """With slices of `source` added at places along `dim`."""
    axis = axis_of(input, dim)
    from_front(index, input.shape[axis], "index_add")
    if raw(source).dtype != raw(input).dtype:
        raise DTypeError(f"index_add: source is {source.dtype} and the Tensor {input.dtype}")
    added = source if alpha == 1 else source * alpha
    return filled(out, autograd.index_add(input, axis, index, added))


def _slices(input: Any, dim: int, index: Any, name: str) -> Any:
    axis = axis_of(input, dim)
    from_front(index, input.shape[axis], name)
    return (*(slice(None),) * axis, np.reshape(raw(index), -1))


def index_copy(input: Any, dim: int, index: Any, source: Any) -> Any:
    """With slices of `source` at places along `dim`."""
    return autograd.setitem(input, source, _slices(input, dim, index, "index_copy"))


def index_fill(input: Any, dim: int, index: Any, value: Any) -> Any:
    """With a number in the slices at places along `dim`."""
    place = _slices(input, dim, index, "index_fill")
    return autograd.setitem(input, _held(input, value, "index_fill"), place)


def index_put(input: Any, indices: Any, values: Any, accumulate: bool = False) -> Any:
    """With `values` at the places that the indices name, or added there."""
    key = index_of(tuple(slice(None) if i is None else i for i in indices), input.shape)
    if accumulate:
        return input + autograd.put_at(values, tuple(input.shape), key)
    return autograd.setitem(input, values, key)


def put(input: Any, index: Any, source: Any, accumulate: bool = False) -> Any:
    """With `source` at places in the flat Tensor, or added there."""
    flat = autograd.reshape(input, -1)
    there = index_put(
        flat, (autograd.reshape(index, -1),), autograd.reshape(source, -1), accumulate
    )
    return autograd.reshape(there, input.shape)


def select_scatter(input: Any, src: Any, dim: int, index: int) -> Any:
    """With `src` as one slice along `dim`."""
    return autograd.setitem(input, src, (*(slice(None),) * axis_of(input, dim), index))


def slice_scatter(
    input: Any, src: Any, dim: int = 0, start: Any = None, end: Any = None, step: int = 1
) -> Any:
    """With `src` as slices along `dim`."""
    place = (*(slice(None),) * axis_of(input, dim), slice(start, end, step))
    return autograd.setitem(input, src, place)


def diagonal_scatter(input: Any, src: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    """With `src` on the diagonal of two dimensions."""
    numbers = np.arange(input.size).reshape(input.shape)
    place = np.unravel_index(np.diagonal(numbers, offset, dim1, dim2), input.shape)
    return autograd.setitem(input, src, place)


def tril_indices(
    row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None
) -> Any:
    """The places of a lower triangle, a row of rows and a row of columns."""
    return made(np.array(np.tril_indices(row, offset, col), np.int64))


def triu_indices(
    row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None
) -> Any:
    """The places of an upper triangle, a row of rows and a row of columns."""
    return made(np.array(np.triu_indices(row, offset, col), np.int64))


def unravel_index(indices: Any, shape: Any) -> Any:
    """Places in the flat Tensor as an index for each dimension."""
    found = np.unravel_index(raw(indices), tuple(shape) if np.iterable(shape) else (shape,))
    return tuple(made(np.asarray(f, np.int64)) for f in found)
