"""Taking and putting by indices and masks; `x[key]` of the face."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.errors import (
    ArgumentError,
    DTypeError,
    IndexRangeError,
    ShapeError,
)
from autograd.extend import raw
from nn.torch.functions.calling import axis_of, filled, made
from nn.torch.promotion import cast, result_dtype

# ---- x[key] --------------------------------------------------------------------------------------


_ENDS = frozenset((int, type(None)))


def _part(part: Any) -> Any:
    """One part of an index, as NumPy takes it."""
    if type(part) is int or part is None or part is Ellipsis or type(part) is bool:
        return part
    if type(part) is slice:
        step = part.step
        if step is None and type(part.start) in _ENDS and type(part.stop) in _ENDS:
            return part
        if step is not None and int(step) < 1:
            raise ArgumentError("a slice with a step below 1 has no meaning here; use torch.flip")
        return slice(*(None if v is None else int(v) for v in (part.start, part.stop, step)))
    array = np.asarray(raw(part))
    if array.size and array.ndim and array.dtype.kind in "ib":
        return array  # as most are
    if array.dtype == np.uint8:
        return array.astype(bool)  # masks of old programs
    if array.dtype.kind == "f" and (array.size or array is raw(part)):
        raise IndexRangeError(f"an index is of whole numbers, booleans or slices, got {part!r:.80}")
    if array.ndim == 0 and array.dtype.kind in "iu":
        return int(array)
    return array if array.size else array.astype(bool if array.dtype == bool else np.int64)


def index_of(key: Any, shape: Any) -> Any:
    """A key as NumPy's index of the same elements, in the same order of dimensions."""
    if type(key) is int or type(key) is slice:
        return _part(key)
    if isinstance(key, tuple):
        parts = tuple(map(_part, key))
        kinds = {*map(type, parts)}
        return _numbers_first(parts, shape) if {np.ndarray, int} <= kinds else parts
    return _part(key)


def _numbers_first(parts: Any, shape: Any) -> Any:
    """NumPy joins whole numbers with index arrays; PyTorch takes them first.

    Where that makes a difference, the index is of arrays alone, one for each dimension.
    """
    if not any(type(p) is slice or p is None or p is Ellipsis for p in parts):
        return parts
    numbers = np.arange(np.prod(shape, dtype=np.int64)).reshape(shape)
    first = tuple(slice(None) if isinstance(p, np.ndarray) else p for p in parts)
    for place, part in enumerate(parts):  # a mask stands for several dimensions
        if isinstance(part, np.ndarray) and part.dtype == bool and part.ndim > 1:
            first = (*first[:place], *(slice(None),) * part.ndim, *first[place + 1 :])
    taken = numbers[first]
    rest = tuple(
        part if isinstance(part, np.ndarray) or part is Ellipsis else slice(None)
        for part in parts
        if type(part) is not int
    )
    return np.unravel_index(taken[rest], shape)


def _as_index(index: Any, name: str) -> Any:
    if raw(index).dtype.kind not in "iu":
        raise DTypeError(f"{name}: index must be of whole numbers, not {index.dtype}")
    return index


def from_front(index: Any, count: int, name: str) -> Any:
    """An index that must not be negative or too large."""
    array = np.asarray(raw(_as_index(index, name)))
    low, high = np.minimum.reduce, np.maximum.reduce  # the methods of an array take 1 µs more each
    if array.size and (low(array, axis=None) < 0 or high(array, axis=None) >= count):
        raise IndexRangeError(f"{name}: index out of range; there are 0 to {count - 1}")
    return index


# ---- taking --------------------------------------------------------------------------------------


def gather(input: Any, dim: int, index: Any, *, sparse_grad: bool = False, out: Any = None) -> Any:
    """The elements at places along `dim`, of the size of `index`."""
    axis = axis_of(input, dim)
    from_front(index, raw(input).shape[axis] if input.ndim else 1, "gather")
    if not input.ndim or (not index.ndim and input.ndim == 1):
        return filled(out, autograd.take(autograd.reshape(input, -1), index))
    return filled(out, autograd.gather(input, axis, index))


def index_select(input: Any, dim: int, index: Any, *, out: Any = None) -> Any:
    """The slices at places along `dim`."""
    axis = axis_of(input, dim)
    if index.ndim > 1:
        raise ShapeError(f"index_select: index must be 1-D, got {index.shape}")
    if not input.ndim:
        return filled(out, autograd.copy(input))
    from_front(index, input.shape[axis], "index_select")
    flat = index if index.ndim else autograd.reshape(index, 1)
    return filled(out, autograd.take(input, flat, axis))


def take(input: Any, index: Any) -> Any:
    """The elements at places in the flat Tensor."""
    return autograd.take(input, _as_index(index, "take"))


def take_along_dim(input: Any, indices: Any, dim: Any = None) -> Any:
    """The elements at places along `dim`, which broadcast."""
    if dim is None:
        return take(input, autograd.reshape(indices, -1))
    return autograd.take_along_axis(input, indices, axis_of(input, dim))


def masked_select(input: Any, mask: Any, *, out: Any = None) -> Any:
    """The elements where the mask is true, in a row."""
    return filled(out, autograd.masked_select(input, mask))


def nonzero(input: Any, *, as_tuple: bool = False, out: Any = None) -> Any:
    """The places of what is not zero, a row each; or, as a tuple, an index for each dimension."""
    if as_tuple:
        return autograd.nonzero(input if input.ndim else autograd.reshape(input, 1))
    return filled(out, autograd.argwhere(input))


def argwhere(input: Any) -> Any:
    """The places of what is not zero, a row each."""
    return nonzero(input)


def where(condition: Any, input: Any = None, other: Any = None, *, out: Any = None) -> Any:
    """`input` where the condition is true, else `other`; of the condition alone, its places."""
    if input is None and other is None:
        return nonzero(condition, as_tuple=True)
    is_true = raw(condition)
    if getattr(is_true, "dtype", None) not in (np.bool_, np.uint8):
        raise DTypeError(f"where: condition must be of booleans, not {condition.dtype}")
    if getattr(raw(input), "dtype", None) == getattr(raw(other), "dtype", False):
        chosen = autograd.where(cast(condition, bool), input, other)
        return filled(out, made(chosen) if not hasattr(chosen, "requires_grad") else chosen)
    dtype = result_dtype((input, other))
    x, y = (cast(v, dtype) if hasattr(raw(v), "dtype") else dtype.type(v) for v in (input, other))
    chosen = autograd.where(cast(condition, bool), x, y)
    return filled(out, made(chosen) if not hasattr(chosen, "requires_grad") else chosen)
