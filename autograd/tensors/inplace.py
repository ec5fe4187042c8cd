"""The memory of Tensors: how their numbers are written, so that no other number changes.

A leaf or constant is written to where it lies when nothing else refers to the memory (no view, no
other Tensor, no array, no graph), else to a copy, which is its own from then on. Every change of a
leaf is noted, so that a graph which still needs the old value raises. What users write, and which
Tensors it reaches, is decided in assignment.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from sys import getrefcount
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograd.engine import mutation
from autograd.engine.constants import is_shared
from autograd.engine.modes import captures, capturing
from autograd.engine.node import spec_of
from autograd.engine.operands import faces, tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.row import LEAF
from autograd.engine.views import living as registry
from autograd.errors import ShapeError
from autograd.graph.replay import replaced
from autograd.tensors import living

__all__ = [
    "check_shape", "is_unshared", "lies_elsewhere", "opened", "own", "read_together",
    "renewed", "replace", "rewrite", "room", "window", "write", "write_together",
]  # fmt: skip


def write(tensor: Any, value: Any) -> None:
    """Change the value of a leaf or constant, in its own dtype, and note it."""
    if captures and (capture := capturing()):
        replace(tensor, capture.computed(_filled, (tensor, value)))
        return
    if not isinstance(tensor._value, np.ndarray):
        replace(tensor, tensor._value.dtype.type(value))
        return
    views = living.let_go(tensor)
    array = own(tensor)
    try:
        if getattr(value, "dtype", None) == array.dtype:
            array[...] = value
        else:
            np.copyto(array, value, casting="same_kind")
        mutation.mutated(array, tensor._name)
    finally:
        living.take_anew(views)


@contextmanager
def opened(tensors: Sequence[Any]) -> Iterator[None]:
    """A block that writes to the arrays of Tensors where they lie, which are theirs alone."""
    views = [v for t in tensors for v in living.let_go(t)] if registry else []
    for tensor in tensors:
        if not is_unshared(tensor):
            own(tensor)
    try:
        yield
    finally:
        mutation.mutated_together([t._value for t in tensors], [t._name for t in tensors])
        living.take_anew(views)


def read_together(tensors: Iterable[Any], parts: Iterable[np.ndarray[Any, Any]]) -> None:
    """Copy the values of several Tensors into arrays of their shapes."""
    for tensor, part in zip(tensors, parts, strict=True):
        part[...] = tensor._value


def write_together(tensors: Iterable[Any], values: Iterable[Any]) -> None:
    """`write` for several Tensors, with arrays of their shapes and dtypes: a step of training."""
    arrays, names, views = [], [], list[Any]()
    for tensor, value in zip(tensors, values, strict=True):
        if type(tensor._value) is not np.ndarray or (captures and capturing()):
            write(tensor, value)
            continue
        views += living.let_go(tensor)
        array = own(tensor)
        array[...] = value
        arrays.append(array)
        names.append(tensor._name)
    mutation.mutated_together(arrays, names)
    living.take_anew(views)


def _filled(old: Any, value: Any) -> Any:
    """What `write` makes of a value, as an array of its own."""
    array = np.empty_like(old)
    np.copyto(array, value, casting="same_kind")
    return array if array.ndim else array[()]


def replace(tensor: Any, value: Any) -> None:
    """Give a leaf or constant another array, of any shape and dtype; old graphs keep theirs."""
    if type(value) in tensor_types:
        value = value._value
    living.forget(tensor, np.shape(value))
    if captures and (capture := capturing()):
        capture.holds(tensor)  # though nothing has read it
    tensor._value = value
    node = tensor._node
    if node is not None and node.op is LEAF:
        mutation.outdated(node, node.saved[0])
        node.spec, node.saved = spec_of(value), (value,)


def renewed(tensor: Any, value: Any) -> None:
    """Give a Tensor a new value, which nobody else has; what lives in its memory shows it."""
    if type(tensor) not in faces:
        replaced(tensor, value)
        return
    with living.shown_anew(tensor):
        if lies_elsewhere(tensor):
            tensor._value[...] = value
            mutation.mutated(tensor._value, tensor._name)
        else:
            replaced(tensor, value)


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


def own(tensor: Any) -> np.ndarray[Any, Any]:
    """The memory of a leaf or constant, to be written to: a copy if others refer to it.

    Graphs that have saved the value of a leaf shall know that it is gone.
    """
    if is_unshared(tensor) or lies_elsewhere(tensor):
        return tensor._value  # type: ignore[no-any-return]
    array, old = room(tensor)
    if old is not None and tensor._node is not None and tensor._node.is_leaf:
        mutation.mutated(old, tensor._name)
    return array


def room(tensor: Any) -> tuple[np.ndarray[Any, Any], Any]:
    """An array that is the Tensor's alone, and the shared one that it replaces, or None."""
    old = None
    if not (is_unshared(tensor) or lies_elsewhere(tensor)):
        old = tensor._value
        replace(tensor, np.array(old))
    return tensor._value, old


def lies_elsewhere(tensor: Any) -> bool:
    """Whether it is a Tensor of a face in an array of the user's, who shall see what is written."""
    value = tensor._value
    if type(tensor) not in faces or not is_shared(value) or not value.flags.writeable:
        return False
    return not (captures and capturing())  # a trace changes nothing


def _references(tensor: Any) -> int:
    value = tensor._value
    return getrefcount(value)


_ALONE = _references(SimpleNamespace(_value=np.empty(1)))  # what one owner counts as, here
_WITH_NODE = _ALONE + 1  # a leaf's node holds its value too


def is_unshared(tensor: Any) -> bool:
    """Whether nothing but this Tensor refers to its memory: a view would count as a reference."""
    value, node = tensor._value, tensor._node
    owners = _ALONE if node is None or node.op is not LEAF else _WITH_NODE
    return getrefcount(value) <= owners and value.base is None and value.flags.writeable


def check_shape(tensor: Any, result: Any, what: str) -> None:
    if result._value.shape != tensor._value.shape:
        raise ShapeError(
            f"{what}: the result is {result.shape} and does not fit {tensor._label()}, "
            f"which is {tensor.shape}"
        )
