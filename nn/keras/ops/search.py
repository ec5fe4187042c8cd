"""Where things are in arrays, how often, and whether: keras.ops.numpy's positions and truths."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from nn.keras.backend import tensor
from nn.keras.ops.lifting import whole

TABLE: dict[str, Any] = {}


def _entry(function: Any) -> Any:
    TABLE[function.__name__] = function
    return function


def _array(x: Any) -> Any:
    return np.asarray(tensor(x).detach())


def _position(name: str) -> Any:
    def position(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        x = tensor(x)
        if axis is None and keepdims:
            return whole(getattr(ag, name)(x)).reshape((1,) * x.ndim)
        return whole(getattr(ag, name)(x, axis=axis, keepdims=keepdims))

    return position


TABLE |= {name: _position(name) for name in ("argmax", "argmin")}


@_entry
def argsort(x: Any, axis: Any = -1) -> Any:
    """The numbers of the elements in rising order; of the flat x for None."""
    x = tensor(x)
    return whole(ag.argsort(ag.ravel(x) if axis is None else x, axis=-1 if axis is None else axis))


@_entry
def count_nonzero(x: Any, axis: Any = None) -> Any:
    """How many elements are not 0."""
    return whole(ag.sum(tensor(x) != 0, axis=axis))


@_entry
def nonzero(x: Any) -> Any:
    """The places of what is not 0, a row for each axis."""
    return whole(tensor(np.stack(np.nonzero(_array(x)))))


@_entry
def searchsorted(sorted_sequence: Any, values: Any, side: str = "left") -> Any:
    """Where values belong in a rising sequence."""
    given: Any = (_array(sorted_sequence), _array(values), side)
    return whole(tensor(np.searchsorted(*given)))


@_entry
def digitize(x: Any, bins: Any) -> Any:
    """The number of the bin of each value."""
    return whole(tensor(np.digitize(_array(x), _array(bins))))


@_entry
def bincount(x: Any, weights: Any = None, minlength: int = 0, sparse: bool = False) -> Any:
    """How often each whole number occurs; along the last axis."""
    rows = _array(x)
    given = None if weights is None else _array(weights)
    length = max(minlength, int(rows.max(initial=-1)) + 1)
    flat = rows.reshape(-1, rows.shape[-1])
    parts = None if given is None else given.reshape(flat.shape)
    found = np.stack([
        np.bincount(row, None if parts is None else parts[i], length)
        for i, row in enumerate(flat)
    ]).reshape(*rows.shape[:-1], length)  # fmt: skip
    return tensor(found.astype("int32" if given is None else given.dtype))


@_entry
def unique(
    x: Any, sorted: bool = True, return_index: bool = False, return_inverse: bool = False,
    return_counts: bool = False, axis: Any = None, size: Any = None, fill_value: Any = None,
) -> Any:  # fmt: skip
    """The different values, in rising order."""
    given: Any = (_array(x), return_index, return_inverse, return_counts, axis)
    found: Any = np.unique(*given)
    if not isinstance(found, tuple):
        return tensor(found)
    return tensor(found[0]), *(whole(tensor(part)) for part in found[1:])


@_entry
def isin(x1: Any, x2: Any, assume_unique: bool = False, invert: bool = False) -> Any:
    """Whether each element of x1 is in x2."""
    return tensor(np.isin(_array(x1), _array(x2), assume_unique, invert))


@_entry
def allclose(
    x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Any:
    """Whether all elements are nearly the same."""
    return tensor(np.allclose(_array(x1), _array(x2), rtol, atol, equal_nan))


@_entry
def size(x: Any) -> Any:
    """The number of elements."""
    return tensor(np.int64(math.prod(tensor(x).shape)))


@_entry
def ndim(x: Any) -> int:
    """The number of axes."""
    return int(tensor(x).ndim)


@_entry
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """Powers of x, a column for each."""
    x = tensor(x)
    powers = np.arange(x.shape[0] if N is None else N, dtype=x.dtype)
    return x[:, None] ** (powers if increasing else powers[::-1].copy())


@_entry
def unravel_index(indices: Any, shape: Any) -> Any:
    """Numbers of flat places as numbers for each axis."""
    return tuple(whole(tensor(part)) for part in np.unravel_index(_array(indices), shape))
