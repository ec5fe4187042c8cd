"""Changing a Tensor: the law that Tensors behave like values.

`x += v` and `x[i] = v` make a new value for x, as part of the graph. Outside the graph, and on a
leaf under `no_grad` (an optimizer's step), they write where x lies (see inplace.py): no number
changes but x's own. What is written to a view is written to the Tensor whose numbers it shows (see
windows.py); a view that cannot do so refuses. `x.data` is x itself, outside the graph.

`change` is what all of them are made of, and any other method that writes in place is:
`x.zero_()` is `change(x, autograd.zeros_like)`.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from threading import RLock
from typing import Any

import numpy as np

from autograd.engine import mutation
from autograd.engine.dispatch import KNOWN
from autograd.engine.dtypes import as_numpy_does, to_value
from autograd.engine.modes import captures, capturing, current_mode, no_grad
from autograd.engine.operands import joined, raw, tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.typed import Tensor
from autograd.engine.views import DETACHED, View
from autograd.errors import InPlaceError
from autograd.ops.indexing import index
from autograd.ops.indexing.index_hints import normal_index, refuse_symbol
from autograd.ops.shape.shape import astype
from autograd.sweep.leaks import SOME, grown
from autograd.system.forks import forkable
from autograd.tensors import living, windows
from autograd.tensors.inplace import check_shape, lies_elsewhere, replace, room, write

# Threads may write to parts of one Tensor at once, which moves its memory.
_writing = forkable(RLock())
next_sum = count(1).__next__  # of all `+=`

__all__ = ["change", "operator", "overwrite", "set_data", "set_item"]


def operator(function: Callable[..., Any], sign: str) -> Callable[[Any, Any], Tensor]:
    """`x += v` and its like, made from the function of the operator."""
    what, adds = f"x {sign}= v", sign == "+"

    def in_place(tensor: Any, other: Any) -> Any:
        if as_numpy_does() and current_mode().records and _names_anew(tensor):
            return function(tensor, other)
        if windows.is_number(tensor):
            tensor._origin = None  # it is no view, in NumPy too
        found = change(tensor, lambda x: function(x, other), what, f"base[i] = base[i] {sign} v")
        if adds and next_sum() % SOME == 0:
            grown(tensor._node)
        return found

    return in_place


def _names_anew(tensor: Any) -> bool:
    """Whether `x += v` gives its name another value, where a function of arrays is differentiated.

    Numbers do not change in NumPy, nor do arguments, and parts of them, in HIPS autograd and JAX.
    """
    view = windows.view_of(tensor)
    base = tensor if type(view) is not View or view.is_detached else view.tensor
    return windows.is_number(tensor) or base._node in current_mode().starts


def change(
    tensor: Any,
    function: Callable[[Any], Any],
    what: str = "a change in place",
    instead: str = "base[i] = v",
) -> Any:
    """Change a Tensor in place to what a function makes of it, by the one law; returns it.

    The result has the Tensor's shape, and is cast to its dtype. What the Tensor is a view of
    changes with it; a result of the graph moves on to a new node; a leaf that requires grad raises
    outside of `no_grad`. `what` is what the error calls it, and `instead` what to write.
    """
    if (view := _window(tensor, what, instead)) is not None:
        return _write_through(tensor, view, what, lambda: function(tensor))
    _refuse_leaf(tensor, what)
    result = function(tensor)
    if type(result) not in tensor_types:
        return result  # of a symbol, which the name stands for from now on
    if tensor._node is not None and tensor.is_leaf and not current_mode().records:
        check_shape(tensor, result, what)
        write(tensor, result._value)
        return tensor
    return _adopt(tensor, result, what)


def set_item(tensor: Any, key: Any, value: Any) -> None:
    """`x[i] = v`."""
    view = _window(tensor, "x[i] = v", "base[i, j] = v")
    _refuse_leaf(tensor if view is None or view.is_detached else view.tensor, "x[i] = v")
    if type(value) not in KNOWN and type(value) not in tensor_types:
        refuse_symbol(value)
    given, key, value = key, normal_index(key, True), joined(value)
    if windows.is_what_lies_there(tensor, key, value):  # the end of `x[i] += v`
        if view is not None and not windows.is_fresh(tensor, view):
            windows.refresh(tensor, view)
        return
    if view is not None:
        _write_through(
            tensor, view, "x[i] = v",
            lambda: index.with_choice(_set(tensor, value, key), given),
            lambda target: index.assign(tensor, target, raw(value), key), value,
        )  # fmt: skip
        return
    needs_grad = tensor._node is not None or getattr(value, "_node", None) is not None
    if needs_grad and current_mode().records:
        _adopt(tensor, index.with_choice(index.setitem(tensor, value, key), given), "x[i] = v")
        return
    if captures and capturing():
        replace(tensor, _set(tensor, value, key))
        return
    source = raw(value)
    _write_in_memory(tensor, lambda array: index.assign(tensor, array, source, key),
                     lambda array: _part(array, key), _left(value))  # fmt: skip
    if tensor._node is None:
        index.with_choice(tensor, given)


def set_data(tensor: Any, value: Any) -> None:
    """`x.data = v`: a new value for a leaf, of any shape."""
    if getattr(value, "_value", None) is tensor._value:
        return  # as in `x.data += v`, which has written already
    origin = windows.view_of(tensor)
    if windows.is_what_lies_there(tensor, DETACHED, value):
        if type(origin) is View and not windows.is_fresh(tensor, origin):
            windows.refresh(tensor, origin)
        return
    if origin is not None and isinstance(tensor._value, np.ndarray):
        raise InPlaceError(
            "x.data = v on a view, which would change the view alone.\n  Write x[...] = v (under "
            "`with autograd.no_grad():` for a leaf that requires grad), or take a copy first: "
            "x = x.copy()."
        )
    if capturing() and getattr(value, "dtype", None) != tensor.dtype and hasattr(value, "_value"):
        value = astype(value, tensor.dtype)
    living.forget(tensor)
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


def overwrite(tensor: Any, value: Any, function: str) -> None:
    """`write` for a function that fills the Tensors that a user hands it."""
    if (view := _window(tensor, function, "base[i] = a Tensor that is filled")) is None:
        write(tensor, value)
        return
    with no_grad():
        numbers = np.broadcast_to(np.asarray(value, tensor.dtype), tensor.shape)
        _write_through(tensor, view, function, lambda: wrap(numbers.copy()))


def _set(tensor: Any, value: Any, key: Any) -> Any:
    """What an assignment outside the graph makes of a value: it casts as NumPy does."""
    if getattr(value, "dtype", tensor.dtype) != tensor.dtype:
        value = astype(value, tensor.dtype)
    return index.setitem(tensor, value, key)


def _left(value: Any) -> str | None:
    """What the value left a graph by, if it comes from one, here where nothing is recorded."""
    node = getattr(value, "_node", None)
    return "no_grad" if node is not None else getattr(value, "_left", None)


def _part(array: Any, key: Any) -> Any:
    """The memory that an assignment touched: a view of it, or all of it for index arrays."""
    touched = array[key] if index.is_basic(key) else array
    return touched if isinstance(touched, np.ndarray) else array


def _window(tensor: Any, what: str, instead: str) -> View | None:
    """What the Tensor is a view of, if it is one; raises where a change would be lost."""
    origin = windows.view_of(tensor)
    if isinstance(origin, str):
        source = "a slice" if origin in ("getitem", "unstack") else origin
        raise InPlaceError(
            f"{what} on the result of {source}, which does not reach the Tensor it was taken from: "
            f"the change would be lost.\n  Assign to the original: {instead} (on a leaf that "
            f"requires grad under `with autograd.no_grad():`), or take a copy first: x = x.copy()."
        )
    return origin


def _refuse_leaf(tensor: Any, what: str) -> None:
    """Raise where an in-place change would break the leaf's gradient."""
    node, mode = tensor._node, current_mode()
    if node is not None and node.is_leaf and mode.records and node not in mode.starts:
        raise InPlaceError(
            f"{what} on {tensor._label()}, a leaf that requires grad: its gradient would belong "
            "to a value that is gone.\n  Write x = x ... for a new Tensor, or change it under "
            "`with autograd.no_grad():`."
        )


def _adopt(tensor: Any, result: Any, what: str) -> Any:
    """Become `result`, which must have the same shape and fit the dtype."""
    result = _fitting(tensor, result, what)
    views = living.let_go(tensor)
    if result._node is None and tensor._node is None and lies_elsewhere(tensor):
        tensor._value[...] = result._value
        mutation.mutated(tensor._value, tensor._name)
    else:
        tensor._value = result._value
    tensor._node = result._node
    tensor._left = getattr(result, "_left", None)
    tensor._origin = None
    living.take_anew(views)
    if tensor._name is not None:
        tensor.name = tensor._name
    return tensor


def _fitting(tensor: Any, result: Any, what: str) -> Any:
    """A result in the shape of a Tensor, which it must have, and in its dtype."""
    check_shape(tensor, result, what)
    if result._value.dtype == tensor._value.dtype:
        return result
    if not np.can_cast(result.dtype, tensor.dtype, "same_kind"):
        raise InPlaceError(
            f"{what}: the result is {result.dtype} and {tensor._label()} is {tensor.dtype}; "
            "write x = x ... to change the dtype"
        )
    return astype(result, tensor.dtype)


def _write_in_memory(
    tensor: Any, change: Callable[[Any], None], part: Callable[[Any], Any], left: str | None
) -> None:
    """Let a function write where a leaf or constant lies, outside the graph, and note it."""
    is_leaf = tensor._node is not None and tensor.is_leaf
    with _writing, living.shown_anew(tensor):
        array, old = room(tensor)
        change(array)
        if not is_leaf:
            tensor._left = _left(tensor) or left
            tensor._node = None
        else:
            for changed in (array, old):
                if isinstance(changed, np.ndarray):
                    mutation.mutated(part(changed), tensor._label())
        if not array.ndim:
            replace(tensor, array[()])


def _write_through(
    tensor: Any,
    view: View,
    what: str,
    function: Callable[[], Any],
    assign: Callable[[Any], None] | None = None,
    value: Any = None,
) -> Any:
    """Change a view, and its base at that place.

    `function` gives the view's new value; `assign`, where the graph has no part in it, writes
    `value` to the memory at once.
    """
    with windows.mode_of(view), _writing:
        view = windows.renew(tensor, view, what)
        base, records = view.tensor, current_mode().records
        _refuse_leaf(base, what)
        in_graph = records and (base._node or getattr(value, "_node", None)) is not None
        if assign is None or in_graph or capturing():
            value = function()
            refuse_symbol(value)
            value = _fitting(tensor, value, what)
            if records and (base._node or value._node) is not None:
                return _write_in_graph(tensor, view, what, value)
            if capturing():
                return _write_in_capture(tensor, view, what, value)
            new, assign = value._value, lambda target: np.copyto(target, new)
        views = [(tensor, view), *view.on_the_way()]
        for x, _ in views:
            x._value = None  # so that nobody but the base holds its memory
        try:
            _write_in_memory(base, lambda array: assign(windows.room(array, view, what)),
                             lambda array: windows.place(array, view), _left(value))  # fmt: skip
        finally:
            for x, its_view in views:
                windows.show(x, its_view, windows.place(base._value, its_view))
    return tensor


def _write_in_capture(tensor: Any, view: View, what: str, result: Any) -> Any:
    """What `_write_through` does in memory, by ops that leave all numbers laid out as it would."""
    base = view.tensor
    whole = windows.laid_as(base, windows.placed(view, result, what))
    replace(base, whole)
    if base._node is None:
        base._left = _left(base) or _left(result)
    for x, its_view in ((tensor, view), *view.on_the_way()):
        windows.refresh(x, its_view)
        if its_view.path() and windows.is_small(x._value):
            x._value = windows.in_order(x)._value
    return tensor


def _write_in_graph(tensor: Any, view: View, what: str, result: Any) -> Any:
    """Let a view, and its base at that place, move on to new nodes."""
    base, whole = view.tensor, windows.placed(view, result, what)
    views = view.on_the_way()
    if current_mode().records and whole._node is not None:
        _adopt(base, whole, what)
    else:
        with living.shown_anew(base):
            replace(base, whole)
    tensor._value, tensor._node = result._value, result._node
    tensor._left, tensor._origin = getattr(result, "_left", None), windows.renewed(view).noted()
    for x, its_view in views:
        windows.refresh(x, its_view)
    return tensor
