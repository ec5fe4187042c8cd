"""Changing a Tensor: the law that Tensors behave like values, and its one exception.

`x += v` and `x[i] = v` make a new value for x, as part of the graph. Only a leaf that requires grad
is changed where it lies, under `no_grad` (an optimizer's step), and every such change is noted, so
that a graph which still needs the old value raises. Outside the graph `x[i] = v` writes in place
when nothing else refers to the memory (no view, no other Tensor, no graph), else to a copy.
"""

from __future__ import annotations

from collections.abc import Callable
from sys import getrefcount
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograd import mutation
from autograd.dtypes import to_value
from autograd.errors import InPlaceError, ShapeError
from autograd.modes import current_mode
from autograd.ops import index
from autograd.ops.index_hints import normal_index
from autograd.ops.shape import astype
from autograd.recorder import joined

__all__ = ["operator", "own", "set_data", "set_item", "write"]

_SET_ITEM = "x[i] = v"


def write(tensor: Any, value: Any) -> None:
    """Change a leaf's value where it lies, and note it."""
    own = tensor._value
    if isinstance(own, np.ndarray):
        if getattr(value, "dtype", None) == own.dtype:
            own[...] = value
        else:
            np.copyto(own, value, casting="same_kind")
        mutation.mutated(own, tensor._label())
    else:
        tensor._value = tensor._value.dtype.type(value)
        if tensor._node is not None:
            tensor._node.saved = (tensor._value,)


def set_data(tensor: Any, value: Any) -> None:
    """`x.data = v`: a new value for a leaf, of any shape."""
    value = to_value(value, tensor.dtype, copy=False)
    if not tensor.is_leaf:
        raise InPlaceError(f"{tensor._label()} is not a leaf; its value follows from its inputs")
    if value.shape == tensor.shape:
        write(tensor, value)
        return
    tensor._value = value.copy()
    if tensor._node is not None:
        tensor._become_leaf()


def set_item(tensor: Any, key: Any, value: Any) -> None:
    """`x[i] = v`."""
    _refuse(tensor, _SET_ITEM, "Assign to the original at once: base[i, j] = v.")
    key, value = normal_index(key), joined(value)
    needs_grad = tensor._node is not None or getattr(value, "_node", None) is not None
    if needs_grad and current_mode().records:
        _adopt(tensor, index.setitem(tensor, value, key), _SET_ITEM)
        return
    raw, old = getattr(value, "_value", value), tensor._value
    if tensor._node is not None and tensor.is_leaf and isinstance(old, np.ndarray):
        index.assign(tensor, old, raw, key)
        mutation.mutated(_part(old, key), tensor._label())
        return
    del old
    index.assign(tensor, own(tensor), raw, key)
    value = tensor._value if tensor._value.ndim else tensor._value[()]
    if tensor._node is not None and tensor.is_leaf:
        write(tensor, value)
    else:
        tensor._value, tensor._node = value, None


def own(tensor: Any) -> np.ndarray[Any, Any]:
    """The memory of a Tensor that is no leaf, to be written to: a copy if others refer to it."""
    if not isinstance(tensor._value, np.ndarray) or not _is_unshared(tensor):
        tensor._value = np.array(tensor._value)
    array: np.ndarray[Any, Any] = tensor._value
    return array


def _part(array: np.ndarray[Any, Any], key: Any) -> np.ndarray[Any, Any]:
    """The memory that an assignment touched: a view of it, or all of it for index arrays."""
    touched = array[key] if index.is_basic(key) else array
    return touched if isinstance(touched, np.ndarray) else array


def _references(tensor: Any) -> int:
    return getrefcount(tensor._value)


_ALONE = _references(SimpleNamespace(_value=np.empty(1)))  # what one owner counts as, here


def _is_unshared(tensor: Any) -> bool:
    """Whether nothing but this Tensor refers to its memory: a view would count as a reference."""
    value = tensor._value
    if value.base is not None or not value.flags.writeable:
        return False
    del value
    return _references(tensor) <= _ALONE


def operator(function: Callable[..., Any], sign: str) -> Any:
    """`x += v` and its like, made from the function of the operator."""

    def in_place(tensor: Any, other: Any) -> Any:
        what = f"x {sign}= v"
        _refuse(tensor, what, f"Assign to the original: base[i] = base[i] {sign} v.")
        result = function(tensor, other)
        if tensor._node is not None and tensor.is_leaf and not current_mode().records:
            _check_shape(tensor, result, what)
            write(tensor, result._value)
            return tensor
        return _adopt(tensor, result, what)

    return in_place


def _adopt(tensor: Any, result: Any, what: str) -> Any:
    """Become `result`, which must have the same shape and fit the dtype."""
    _check_shape(tensor, result, what)
    if result.dtype != tensor.dtype:
        if not np.can_cast(result.dtype, tensor.dtype, "same_kind"):
            raise InPlaceError(
                f"{what}: the result is {result.dtype} and {tensor._label()} is {tensor.dtype}; "
                "write x = x ... to change the dtype"
            )
        result = astype(result, tensor.dtype)
    tensor._value, tensor._node = result._value, result._node
    if tensor._name is not None:
        tensor.name = tensor._name
    return tensor


def _check_shape(tensor: Any, result: Any, what: str) -> None:
    if result.shape != tensor.shape:
        raise ShapeError(
            f"{what}: the result is {result.shape} and does not fit {tensor._label()}, "
            f"which is {tensor.shape}"
        )


def _refuse(tensor: Any, what: str, instead: str) -> None:
    """Raise where an in-place change would be lost, or would break the leaf's gradient."""
    origin = getattr(tensor, "_origin", None)
    if origin == "slice":
        raise InPlaceError(
            f"{what} on the result of a slice: Tensors are values, so the Tensor it was taken "
            f"from would not change.\n  {instead}"
        )
    if origin == "data" and what == _SET_ITEM:  # x.data += v is meant: Python assigns it back
        raise InPlaceError(
            "x.data[i] = v: x.data is a value of its own, so x would not change.\n  Write "
            "`with autograd.no_grad(): x[i] = v`."
        )
    if tensor._node is not None and tensor.is_leaf and current_mode().records:
        raise InPlaceError(
            f"{what} on {tensor._label()}, a leaf that requires grad: its gradient would belong "
            "to a value that is gone.\n  Write x = x ... for a new Tensor, or change it under "
            "`with autograd.no_grad():`."
        )
