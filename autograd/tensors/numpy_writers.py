"""NumPy's functions that write into a Tensor: by `x[...] = v`, as part of the graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engine.operands import joined, raw, tensor_types
from autograd.errors import ArgumentError, ShapeError, UnsupportedError
from autograd.ops.indexing.index import setitem
from autograd.ops.indexing.take import put_along_axis
from autograd.ops.shape.rank import ravel
from autograd.ops.shape.shape import broadcast_to, reshape

__all__ = ["WRITERS", "put"]

Writer = Callable[..., None]


def _writer(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A function that gives the new value of its first argument, as one that writes it there."""

    def define(new_value: Callable[..., Any]) -> Callable[..., Any]:
        def write(x: Any, *args: Any, **kwargs: Any) -> None:
            if type(x) in tensor_types:
                x[...] = new_value(x, *map(joined, args), **kwargs)
                return
            values = (*args, *kwargs.values())
            if any(getattr(v, "_node", None) is not None for v in map(joined, values)):
                raise UnsupportedError(
                    f"np.{name} writes into an array, which keeps no gradient, and that of a value "
                    "would be lost.\n  Write into a Tensor, autograd.zeros(...), or build the "
                    "array from its parts: autograd.where, autograd.stack."
                )
            getattr(np, name)(x, *map(raw, args), **{k: raw(v) for k, v in kwargs.items()})

        WRITERS[getattr(np, name)] = write
        return write

    return define


WRITERS: dict[Any, Writer] = {}


@_writer("copyto")
def _copied(x: Any, src: Any, casting: str = "same_kind", where: Any = True) -> Any:
    if where is True:
        return broadcast_to(src, np.shape(x))
    return np.where(raw(where), src, x)


@_writer("putmask")
def _masked(x: Any, mask: Any, values: Any) -> Any:
    places = np.flatnonzero(np.broadcast_to(raw(mask), np.shape(x)))
    return _put_flat(x, places, _cycled(values, places))


@_writer("place")
def _placed(x: Any, mask: Any, vals: Any) -> Any:
    places = np.flatnonzero(np.broadcast_to(raw(mask), np.shape(x)))
    return _put_flat(x, places, _cycled(vals, np.arange(len(places))))


@_writer("put")
def put(x: Any, ind: Any, v: Any, mode: str = "raise") -> Any:
    size = int(np.prod(np.shape(x)))
    places = np.take(np.arange(size), np.ravel(raw(ind)), mode=mode)  # type: ignore[call-overload]
    return _put_flat(x, places, _cycled(v, np.arange(len(places))))


@_writer("put_along_axis")
def _put_along(x: Any, indices: Any, values: Any, axis: int | None = -1) -> Any:
    return put_along_axis(x, raw(indices), values, axis)


@_writer("fill_diagonal")
def _diagonal(x: Any, val: Any, wrap: bool = False) -> Any:
    shape = np.shape(x)
    if len(shape) < 2:
        raise ShapeError(f"np.fill_diagonal: x is {shape}; it needs two axes, at least")
    if len(shape) > 2 and len(set(shape)) != 1:
        raise ShapeError(f"np.fill_diagonal: x is {shape}; of more than two axes all are as long")
    size = int(np.prod(shape))
    step = 1 + int(np.sum(np.cumprod(shape[:0:-1])))
    places = np.arange(0, size if wrap or len(shape) > 2 else shape[1] ** 2, step)
    places = places[places < size]
    return _put_flat(x, places, _cycled(val, np.arange(len(places))))


def _cycled(values: Any, places: Any) -> Any:
    """The values in order, as many as there are places, over and over."""
    flat = ravel(np.asarray(values) if not hasattr(values, "dtype") else values)
    if not flat.size and len(places):
        raise ArgumentError("there is no value to write")
    return flat[places % max(flat.size, 1)]


def _put_flat(x: Any, places: Any, values: Any) -> Any:
    """x with values at places of its flat form, the last of those that meet."""
    order = len(places) - 1 - np.unique(places[::-1], return_index=True)[1]
    values = values.astype(x.dtype) if x.dtype.kind in "fc" else values
    flat = setitem(reshape(x, (-1,)), values[order], places[order])
    return reshape(flat, np.shape(x))
