"""Nested lists, tuples and dicts of arrays as one vector, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd as ag
from autograd.engine.operands import raw, tensor_types
from autograd.errors import ShapeError

__all__ = ["flatten", "flatten_func"]


def flatten(value: Any) -> tuple[Any, Callable[[Any], Any]]:
    """The numbers in a nested `value` as a vector, and the function that nests such a one again.

    Dicts are gone through in the order of their keys, sorted.

    >>> vector, unflatten = flatten({"b": 1.0, "a": (np.ones(2), 3.0)})
    >>> vector
    array([1., 1., 3., 1.])
    >>> unflatten(vector)["a"][0]
    array([1., 1.])
    """
    leaves = _leaves(value)
    traced = any(type(leaf) in tensor_types for leaf in leaves)
    if not leaves:
        vector: Any = np.array([])
    elif traced:
        vector = ag.concatenate([ag.ravel(leaf) for leaf in leaves])
    else:
        vector = np.concatenate([np.ravel(leaf) for leaf in leaves])
    size = vector.shape[0]

    def unflatten(flat: Any) -> Any:
        if np.shape(raw(flat)) != (size,):
            raise ShapeError(f"unflatten takes {size} numbers, not shape {np.shape(raw(flat))}")
        return _nested(value, _Reader(flat))

    return vector, unflatten


class _Reader:
    """The next parts of a vector."""

    def __init__(self, flat: Any) -> None:
        self.flat, self.start = flat, 0

    def part(self, like: Any) -> Any:
        like = raw(like)
        size = int(np.size(like))
        part = self.flat[self.start : self.start + size]
        self.start += size
        part = part.reshape(np.shape(like))
        kind = np.asarray(like).dtype
        if (
            kind != part.dtype
            and kind.kind in "fc"
            and not (kind.kind == "f" and part.dtype == "c")
        ):
            part = part.astype(kind)
        return part if type(part) in tensor_types or np.ndim(like) else part[()]


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for key in sorted(value) for leaf in _leaves(value[key])]
    if isinstance(value, (list, tuple)):
        return [leaf for part in value for leaf in _leaves(part)]
    return [value]


def _nested(value: Any, reader: _Reader) -> Any:
    if isinstance(value, dict):
        found = {key: _nested(value[key], reader) for key in sorted(value)}
        return {key: found[key] for key in value}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(_nested(part, reader) for part in value))
    if isinstance(value, (list, tuple)):
        return type(value)(_nested(part, reader) for part in value)
    return reader.part(value)


def flatten_func(
    func: Callable[..., Any], example: Any
) -> tuple[Callable[..., Any], Callable[[Any], Any], Any]:
    """A function of nested values as one of vectors; with it unflatten and the vector of `example`.

    `func` takes a value nested like `example`, and gives a nested one.

    >>> squares, unflatten, vector = flatten_func(lambda p: {"s": p["x"] ** 2}, {"x": 3.0})
    >>> squares(vector)
    array([9.])
    """
    vector, unflatten = flatten(example)

    def of_vectors(flat: Any, *args: Any) -> Any:
        return flatten(func(unflatten(flat), *args))[0]

    return of_vectors, unflatten, vector
