"""What an op is given beside Tensors of the graph: kept as it was when the op was recorded.

The user's arrays are the user's, who may write to them before backward (one buffer in a loop). So
a graph keeps copies of them, also of those that a Tensor by `asarray` shares memory with. A copy
costs less than the op itself does, and less than a fingerprint that backward could compare (which
reads the array twice, and tells after the fact). A large array that comes again with the same
numbers, as the matrix of an unrolled iteration does, is not copied again. The memory of all other
Tensors needs no copy: it is never changed while something refers to it (see tensors/inplace.py).
"""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from autograd.engine.dispatch import KNOWN
from autograd.engine.mutation import owner_of

__all__ = [
    "LARGE",
    "PLAIN",
    "are_same",
    "bind_tensor",
    "handed_over",
    "is_shared",
    "kept",
    "kept_params",
    "share",
    "shared",
]

LARGE = 1 << 16  # bytes; copying less takes less time than looking for an earlier copy
shared: dict[int, weakref.ref[Any]] = {}  # by id: arrays of the user that Tensors lie in
_copies: dict[int, tuple[Any, Any]] = {}  # by id: references to an array, and to its last copy
_NOTHING = (lambda: None, lambda: None)
PLAIN = KNOWN - {np.ndarray}  # what nobody can write to, and parameters mostly are
_tensor: Any = ()  # set by tensor.py, as a Tensor may be a part of an index


def bind_tensor(tensor: type) -> None:
    """Tell what a Tensor is."""
    global _tensor
    _tensor = tensor


def share(array: np.ndarray[Any, Any]) -> None:
    """Note that a Tensor lies in an array of the user's."""
    owner = owner_of(array)
    key = id(owner)
    if key not in shared:
        shared[key] = weakref.ref(owner, lambda _: shared.pop(key, None))


def is_shared(value: Any) -> bool:
    """Whether the value of a Tensor lies in an array of the user's."""
    return bool(shared) and isinstance(value, np.ndarray) and id(owner_of(value)) in shared


def kept(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A copy that nobody else writes to: the last one, if the array still holds its numbers."""
    if array.nbytes < LARGE:
        return array.copy("K")
    source, last = _copies.get(id(array), _NOTHING)
    copy = last() if source() is array else None
    if copy is None or not (copy is array or are_same(array, copy)):
        copy = _copied(array)
        _remember(array, copy)
    return copy


def handed_over(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A new array that nobody will write to, so that graphs need no copy of it."""
    if array.nbytes >= LARGE:
        _remember(array, array)
    return array


def _remember(array: np.ndarray[Any, Any], copy: np.ndarray[Any, Any]) -> None:
    key = id(array)
    forget = weakref.ref(array, lambda _: _copies.pop(key, None))
    _copies[key] = (forget, weakref.ref(copy))


def kept_params(params: dict[str, Any]) -> dict[str, Any]:
    """Static parameters with copies of the arrays, Tensors and lists in them."""
    found = params
    for name, value in params.items():
        if type(value) not in PLAIN and (new := _kept_in(value)) is not value:
            found = {**found, name: new}
    return found


def _kept_in(value: Any) -> Any:
    kind = type(value)
    if kind is tuple:
        for part in value:
            if type(part) not in PLAIN:
                return tuple([_kept_in(p) for p in value])
        return value
    if kind is list:
        return [_kept_in(part) for part in value]
    if isinstance(value, np.ndarray):
        return kept(value)
    if isinstance(value, _tensor):
        return kept(value._value) if is_shared(value._value) else value._value
    return value


def _copied(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A copy of the same layout; of what is repeated by broadcasting, once."""
    if array.size and 0 in array.strides:
        once = tuple(slice(0, 1) if stride == 0 else slice(None) for stride in array.strides)
        return np.broadcast_to(array[once].copy("K"), array.shape)
    return array.copy("K")


def are_same(array: np.ndarray[Any, Any], copy: np.ndarray[Any, Any]) -> bool:
    """Whether both hold the same numbers, down to the sign of zero (and NaN where it can be)."""
    if array.shape != copy.shape or array.dtype != copy.dtype:
        return False
    if array.itemsize in (1, 2, 4, 8):
        bits = f"u{array.itemsize}"
        array, copy = array.view(bits), copy.view(bits)
    return bool(np.array_equal(array, copy))
