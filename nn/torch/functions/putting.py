"""Tensors with other numbers at some places: by masks, indices, and what is reduced there."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

import autograd
from autograd.errors import (
    ArgumentError,
    ArgumentTypeError,
    DTypeError,
    IndexRangeError,
    ShapeError,
)
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
    return autograd.masked_scatter(input, _mask("masked_scatter", mask), _alike(input, source))


def _mask(name: str, mask: Any) -> Any:
    if raw(mask).dtype != bool:
        raise DTypeError(f"{name}: mask must be of booleans, not {mask.dtype}")
    return mask


def _alike(input: Any, src: Any, name: str = "masked_scatter", what: str = "source") -> Any:
    if raw(src).dtype != raw(input).dtype:
        raise DTypeError(f"{name}: {what} is {src.dtype} and the Tensor {input.dtype}")
    return src


# ---- along a dimension ---------------------------------------------------------------------------


def _with_numbers(function: Any) -> Any:
    """Let a Tensor without dimensions be one of one element, as are its index and source."""

    def line(value: Any) -> Any:
        is_number = isinstance(value, autograd.Tensor) and not value.ndim
        return autograd.reshape(value, 1) if is_number else value

    @functools.wraps(function)
    def call(input: Any, dim: Any, index: Any, *src: Any, out: Any = None, **options: Any) -> Any:
        if raw(input).ndim:
            return filled(out, function(input, axis_of(input, dim), index, *src, **options))
        options = {name: line(value) for name, value in options.items()}
        axis = axis_of(input, dim)
        found = function(line(input), axis, line(index), *map(line, src), **options)
        return filled(out, autograd.reshape(found, ()))

    return call


_OLDER = {"add": "sum", "multiply": "prod"}


@_with_numbers
def scatter(
    input: Any, dim: Any, index: Any, src: Any = None, *, reduce: Any = None, **kwargs: Any
) -> Any:
    """With `src`, a Tensor or a number (`value`), at places along `dim`."""
    given = () if "value" in kwargs else ("src",)
    src = kwargs.pop("value", src)
    if kwargs or src is None:
        raise ArgumentTypeError("scatter: takes dim, index, and src or value")
    if reduce is not None:
        if reduce not in _OLDER:
            raise ArgumentError(f"scatter: reduce is 'add' or 'multiply', got {reduce!r}")
        if not hasattr(src, "dtype"):
            src = autograd.full(index.shape, src, dtype=raw(input).dtype)
        return scatter_reduce(input, dim, index, src, _OLDER[reduce])
    if hasattr(raw(src), "dtype"):
        _alike(input, src, "scatter", "src")
        if "src" in given and src.ndim != input.ndim:
            raise ShapeError("scatter: src has as many dimensions as the Tensor; or give value=")
    if not raw(index).size:
        return autograd.copy(input)
    from_front(index, input.shape[dim], "scatter")
    return autograd.scatter(input, dim, index, _held(input, src, "scatter"))


@_with_numbers
def scatter_add(input: Any, dim: Any, index: Any, src: Any) -> Any:
    """With `src` added at places along `dim`."""
    return scatter_reduce(input, dim, index, src, "sum")


@_with_numbers
def scatter_reduce(
    input: Any, dim: Any, index: Any, src: Any, reduce: Any, *, include_self: bool = True
) -> Any:
    """With what `reduce` makes of the elements of `src` that go to one place."""
    if not raw(index).size:
        return autograd.copy(input)
    from_front(index, input.shape[dim], "scatter_reduce")
    _alike(input, src, "scatter_reduce", "src")
    return autograd.scatter_reduce(input, dim, index, src, reduce, include_self=include_self)


@_with_numbers
def index_reduce(
    input: Any, dim: Any, index: Any, source: Any, reduce: Any, *, include_self: bool = True
) -> Any:
    """With what `reduce` makes of the slices of `source` that go to one place along `dim`."""
    from_front(index, input.shape[dim], "index_reduce")
    if reduce not in ("prod", "mean", "amax", "amin"):
        raise ArgumentError(f"index_reduce: reduce is prod, mean, amax or amin, got {reduce!r}")
    _alike(input, source, "index_reduce")
    return autograd.index_reduce(input, dim, index, source, reduce, include_self=include_self)


@_with_numbers
def index_add(input: Any, dim: Any, index: Any, source: Any, *, alpha: Any = 1) -> Any:
    """With slices of `source`, times `alpha`, added at places along `dim`."""
    from_front(index, input.shape[dim], "index_add")
    _alike(input, source, "index_add")
    if raw(input).dtype.kind in "iu":
        alpha = int(alpha)
    elif isinstance(alpha, complex):
        source, alpha = source * alpha, 1
    return autograd.index_add(input, dim, _row(index), source, alpha=alpha)


def _row(index: Any) -> Any:
    if index.ndim > 1:
        raise ShapeError(f"index must be 1-D, got {tuple(index.shape)}")
    return index if index.ndim else autograd.reshape(index, 1)


@_with_numbers
def index_copy(input: Any, dim: Any, index: Any, source: Any) -> Any:
    """With slices of `source` at places along `dim`."""
    from_front(index, input.shape[dim], "index_copy")
    _alike(input, source, "index_copy")
    source = source if source.ndim else autograd.reshape(source, 1)
    return autograd.index_copy(input, dim, index, source)


@_with_numbers
def index_fill(input: Any, dim: Any, index: Any, value: Any) -> Any:
    """With a number in the slices at places along `dim`."""
    if raw(index).dtype != np.int64:
        raise DTypeError(f"index_fill: index must be of torch.int64, not {index.dtype}")
    return autograd.index_fill(input, dim, _row(index), _held(input, value, "index_fill"))


# ---- at indices, in slices -----------------------------------------------------------------------


def index_put(input: Any, indices: Any, values: Any, accumulate: bool = False) -> Any:
    """With `values` at the places that the indices name, or added there."""
    if any(not isinstance(i, autograd.Tensor) for i in indices):
        raise ArgumentTypeError("index_put: indices are Tensors, from the first dimension on")
    key = index_of(tuple(indices), input.shape)
    _alike(input, values, "index_put", "values")
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
    src = cast(src, raw(input).dtype)
    return autograd.select_scatter(input, src, axis_of(input, dim), index)


def slice_scatter(
    input: Any, src: Any, dim: int = 0, start: Any = None, end: Any = None, step: int = 1
) -> Any:
    """With `src` as slices along `dim`."""
    src = cast(src, raw(input).dtype)
    return autograd.slice_scatter(input, src, axis_of(input, dim), start, end, step)


def diagonal_scatter(input: Any, src: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    """With `src` on the diagonal of two dimensions."""
    return autograd.diagonal_scatter(input, cast(src, raw(input).dtype), offset, dim1, dim2)


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
    lengths, found, left = tuple(shape) if np.iterable(shape) else (shape,), [], indices
    whole = int(np.prod(lengths))
    array = raw(indices)
    if array.size and (array.min() < 0 or array.max() >= whole):
        raise IndexRangeError(f"unravel_index: there are 0 to {whole - 1} in {lengths}")
    for length in reversed(lengths):
        found.append(autograd.remainder(left, length))
        left = autograd.floor_divide(left, length)
    return tuple(reversed(found))
