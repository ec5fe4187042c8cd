"""Changing a Tensor: the law that Tensors behave like values.

`x += v` and `x[i] = v` make a new value for x, as part of the graph. Outside the graph, and on a
leaf under `no_grad` (an optimizer's step), they write where x lies when nothing else refers to the
memory (no view, no other Tensor, no array, no graph), else to a copy, which is x's from then on: so
no number changes but x's own. Every change of a leaf is noted, so that a graph which still needs
the old value raises. A view of another Tensor refuses to be written to: the change would be lost.
`x.data` is x itself, outside the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from sys import getrefcount
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograd.engine import mutation
from autograd.engine.dispatch import KNOWN
from autograd.engine.dtypes import to_value
from autograd.engine.modes import captures, capturing, current_mode, no_grad
from autograd.engine.node import spec_of
from autograd.engine.operands import joined, raw, tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.row import LEAF
from autograd.engine.typed import Tensor
from autograd.errors import InPlaceError, ShapeError, UnsupportedError
from autograd.ops.indexing import index
from autograd.ops.indexing.index_hints import normal_index, refuse_symbol
from autograd.ops.shape.shape import astype

__all__ = [
    "operator", "overwrite", "own", "read_together", "replace", "rewrite", "set_data", "set_item",
    "window", "write", "write_together",
]  # fmt: skip


def write(tensor: Any, value: Any) -> None:
    """Change the value of a leaf or constant, in its own dtype, and note it."""
    if captures and (capture := capturing()):
        replace(tensor, capture.computed(_filled, (tensor, value)))
        return
    if not isinstance(tensor._value, np.ndarray):
        replace(tensor, tensor._value.dtype.type(value))
        return
    array = own(tensor)
    if getattr(value, "dtype", None) == array.dtype:
        array[...] = value
    else:
        np.copyto(array, value, casting="same_kind")
    mutation.mutated(array, tensor._name)


def read_together(tensors: Iterable[Any], parts: Iterable[np.ndarray[Any, Any]]) -> None:
    """Copy the values of several Tensors into arrays of their shapes."""
    for tensor, part in zip(tensors, parts, strict=True):
        part[...] = tensor._value


def write_together(tensors: Iterable[Any], values: Iterable[Any]) -> None:
    """`write` for several Tensors, with arrays of their shapes and dtypes: a step of training."""
    arrays, names = [], []
    for tensor, value in zip(tensors, values, strict=True):
        if type(tensor._value) is not np.ndarray or (captures and capturing()):
            write(tensor, value)
            continue
        array = own(tensor)
        array[...] = value
        arrays.append(array)
        names.append(tensor._name)
    mutation.mutated_together(arrays, names)


def _filled(old: Any, value: Any) -> Any:
    """What `write` makes of a value, as an array of its own."""
    array = np.empty_like(old)
    np.copyto(array, value, casting="same_kind")
    return array if array.ndim else array[()]


def overwrite(tensor: Any, value: Any, function: str) -> None:
    """`write` for a function that fills the Tensors that a user hands it."""
    if (owner := _owner(tensor)) is not None:
        _write_through(tensor, owner, lambda: overwrite(owner, value, function))
        return
    _refuse_view(tensor, function, "base[i] = a Tensor that is filled")
    write(tensor, value)


def replace(tensor: Any, value: Any) -> None:
    """Give a leaf or constant another array, of any shape and dtype; old graphs keep theirs."""
    if type(value) in tensor_types:
        value = value._value
    tensor._value = value
    node = tensor._node
    if node is not None and node.op is LEAF:
        node.spec, node.saved = spec_of(value), (value,)


def rewrite(tensor: Any, change: Callable[[Any], Any]) -> None:
    """Let a function write to a Tensor's array; what the Tensor was recorded as is gone."""
    array = own(tensor)
    change(array)
    tensor._value = array if array.ndim else array[()]
    tensor._node = tensor._left = None


def window(array: np.ndarray[Any, Any]) -> Any:
    """A Tensor that shows an array which others write to; writing to the Tensor is refused."""
    tensor = wrap(array)
    tensor._origin = "getitem"
    return tensor


def set_data(tensor: Any, value: Any) -> None:
    """`x.data = v`: a new value for a leaf, of any shape."""
    if getattr(value, "_value", None) is tensor._value:
        return  # as in `x.data += v`, which has written already
    if capturing() and getattr(value, "dtype", None) != tensor.dtype and hasattr(value, "_value"):
        value = astype(value, tensor.dtype)
    value = to_value(value, tensor.dtype, copy=False)
    if not tensor.is_leaf:
        raise InPlaceError(f"{tensor._label()} is not a leaf; its value follows from its inputs")
    if value.shape == tensor.shape:
        write(tensor, value)
        return
    if captures and (capture := capturing()):
        capture.refuse(f"a new shape for the data of {tensor._label()}")
    tensor._value = value.copy()
    if tensor._node is not None:
        tensor._become_leaf()


def set_item(tensor: Any, key: Any, value: Any) -> None:
    """`x[i] = v`."""
    if (owner := _owner(tensor)) is not None:
        _write_through(tensor, owner, lambda: set_item(owner, key, value))
        return
    if (mode := current_mode()).depth and mode.records and (tensor.is_leaf or _is_view(tensor)):
        raise UnsupportedError(
            f"x[i] = v on {tensor._label()}, which is being differentiated by: arrays are not "
            "written into there.\n  Build a new one: np.where(mask, v, x), np.concatenate([...]), "
            "or np.array([...]), of autograd.numpy."
        )
    _refuse_view(tensor, "x[i] = v", "base[i, j] = v")
    _refuse_leaf(tensor, "x[i] = v")
    if type(value) not in KNOWN and type(value) not in tensor_types:
        refuse_symbol(value)
    given, key, value = key, normal_index(key, True), joined(value)
    needs_grad = tensor._node is not None or getattr(value, "_node", None) is not None
    if needs_grad and current_mode().records:
        _adopt(tensor, index.with_choice(index.setitem(tensor, value, key), given), "x[i] = v")
        return
    if captures and capturing():
        replace(tensor, _set(tensor, value, key))
        return
    source, is_leaf = raw(value), tensor._node is not None and tensor.is_leaf
    array, old = _room(tensor)
    index.assign(tensor, array, source, key)
    if not is_leaf:
        tensor._left = _left(tensor) or _left(value)
        tensor._node = None
        index.with_choice(tensor, given)
    else:
        for changed in (array, old):
            mutation.mutated(_part(changed, key), tensor._label())
    if not array.ndim:
        replace(tensor, array[()])


def _set(tensor: Any, value: Any, key: Any) -> Any:
    """What an assignment outside the graph makes of a value: it casts as NumPy does."""
    if getattr(value, "dtype", tensor.dtype) != tensor.dtype:
        value = astype(value, tensor.dtype)
    return index.setitem(tensor, value, key)


def _left(value: Any) -> str | None:
    """What the value left a graph by, if it comes from one, here where nothing is recorded."""
    node = getattr(value, "_node", None)
    return "no_grad" if node is not None else getattr(value, "_left", None)


def own(tensor: Any) -> np.ndarray[Any, Any]:
    """The memory of a leaf or constant, to be written to: a copy if others refer to it.

    Graphs that have saved the value of a leaf shall know that it is gone.
    """
    if _is_unshared(tensor):
        return tensor._value  # type: ignore[no-any-return]
    array, old = _room(tensor)
    if old is not None and tensor._node is not None and tensor._node.is_leaf:
        mutation.mutated(old, tensor._name)
    return array


def _room(tensor: Any) -> tuple[np.ndarray[Any, Any], Any]:
    """An array that is the Tensor's alone, and the shared one that it replaces, or None."""
    old = None
    if not _is_unshared(tensor):
        old = tensor._value
        replace(tensor, np.array(old))
    return tensor._value, old


def _part(array: Any, key: Any) -> Any:
    """The memory that an assignment touched: a view of it, or all of it for index arrays."""
    if not isinstance(array, np.ndarray):
        return None
    touched = array[key] if index.is_basic(key) else array
    return touched if isinstance(touched, np.ndarray) else array


def _references(tensor: Any) -> int:
    value = tensor._value
    return getrefcount(value)


_ALONE = _references(SimpleNamespace(_value=np.empty(1)))  # what one owner counts as, here
_WITH_NODE = _ALONE + 1  # a leaf's node holds its value too


def _is_unshared(tensor: Any) -> bool:
    """Whether nothing but this Tensor refers to its memory: a view would count as a reference."""
    value, node = tensor._value, tensor._node
    owners = _ALONE if node is None or node.op is not LEAF else _WITH_NODE
    return getrefcount(value) <= owners and value.base is None and value.flags.writeable


def operator(function: Callable[..., Any], sign: str) -> Callable[[Any, Any], Tensor]:
    """`x += v` and its like, made from the function of the operator."""

    def in_place(tensor: Any, other: Any) -> Any:
        what = f"x {sign}= v"
        if (mode := current_mode()).depth and mode.records:
            return function(tensor, other)  # in a differentiated function it names a new value
        if (owner := _owner(tensor)) is not None:
            return _write_through(tensor, owner, lambda: in_place(owner, other))
        if isinstance(tensor._value, np.ndarray):  # a number is no view, in NumPy too
            _refuse_view(tensor, what, f"base[i] = base[i] {sign} v")
        _refuse_leaf(tensor, what)
        result = function(tensor, other)
        if type(result) not in tensor_types:
            return result  # of a symbol, which the name stands for from now on
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
    tensor._left = getattr(result, "_left", None)
    if tensor._name is not None:
        tensor.name = tensor._name
    return tensor


def _check_shape(tensor: Any, result: Any, what: str) -> None:
    if result.shape != tensor.shape:
        raise ShapeError(
            f"{what}: the result is {result.shape} and does not fit {tensor._label()}, "
            f"which is {tensor.shape}"
        )


def _is_view(tensor: Any) -> bool:
    return isinstance(getattr(tensor, "_origin", None), str)


def _refuse_view(tensor: Any, what: str, instead: str) -> None:
    """Raise where an in-place change would be lost."""
    origin = getattr(tensor, "_origin", None)
    if isinstance(origin, str):
        source = "a slice" if origin in ("getitem", "unstack") else origin
        raise InPlaceError(
            f"{what} on the result of {source}: Tensors are values, so the Tensor it was taken "
            f"from would not change.\n  Assign to the original: {instead} (on a leaf that requires "
            f"grad under `with autograd.no_grad():`), or take a copy first: x = x.copy()."
        )


def _refuse_leaf(tensor: Any, what: str) -> None:
    """Raise where an in-place change would break the leaf's gradient."""
    if tensor._node is not None and tensor.is_leaf and current_mode().records:
        raise InPlaceError(
            f"{what} on {tensor._label()}, a leaf that requires grad: its gradient would belong "
            "to a value that is gone.\n  Write x = x ... for a new Tensor, or change it under "
            "`with autograd.no_grad():`."
        )


def _owner(data: Any) -> Any:
    """The Tensor whose `.data` this is, or None."""
    origin = getattr(data, "_origin", None)
    return None if isinstance(origin, str) else origin


def _write_through(data: Any, owner: Any, change: Callable[[], Any]) -> Any:
    """Change the Tensor whose `.data` this is, and show its new value."""
    if not owner.is_leaf:
        raise InPlaceError(f"{owner._label()} is not a leaf; its value follows from its inputs")
    if data._value is not owner._value:
        raise InPlaceError(
            f"{owner._label()} has changed since its .data was taken, and the change would be lost."
            "\n  Take it again: d = x.data."
        )
    data._value = None  # so that the owner alone holds its memory
    try:
        with no_grad():
            change()
    finally:
        data._value = owner._value
    return data
