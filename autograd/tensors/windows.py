"""Windows: how what is written to a view of a Tensor reaches the Tensor.

A view keeps the numbers that it was taken with, as all Tensors do. Writing to it changes its base
at its place, and then the view shows what is there. A view whose base has changed since raises:
what would be computed from its old numbers would overwrite the new ones.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from sys import getrefcount
from types import SimpleNamespace
from typing import Any
from weakref import getweakrefcount, ref

import numpy as np

from autograd.engine.constants import is_shared
from autograd.engine.modes import capturing, current_mode, no_grad
from autograd.engine.mutation import owner_of
from autograd.engine.operands import tensor_types
from autograd.engine.views import DETACHED, Step, View
from autograd.errors import InPlaceError
from autograd.ops.indexing import index
from autograd.ops.indexing.index_hints import index_parts
from autograd.ops.shape.axes import transpose
from autograd.ops.shape.join import unstack
from autograd.ops.shape.shape import reshape

__all__ = [
    "in_order", "is_fresh", "is_number", "is_small", "is_what_lies_there", "laid_as", "mode_of",
    "place", "placed", "refresh", "renew", "renewed", "room", "show", "taken",
    "view_of",
]  # fmt: skip

Array = np.ndarray[Any, Any]
SMALL = 1 << 16  # bytes that a view copies after a write, rather than hold on to its base's memory
_IN_ORDER = ("reshape", "squeeze", "expand_dims")  # ops that leave the numbers in their order
_GETITEM = index.getitem.op  # type: ignore[attr-defined]
_RESHAPE = reshape.op  # type: ignore[attr-defined]
_UNSTACK = unstack.op  # type: ignore[attr-defined]


def view_of(tensor: Any) -> View | str | None:
    """What a Tensor is a view of; a string where it refuses; None for one that is nobody's view.

    A view whose base nobody else can see any more, as after `x = x.reshape(3, 2)`, is its own.
    """
    given = getattr(tensor, "_origin", None)
    if type(given) is not tuple:
        return given
    if type(given[0]) is ref:
        if given[0]() is not None:
            return View.of(given)
        if type(tensor._value) is np.ndarray and not _is_alone(tensor):
            op = given[1]
            return "detach" if op is None else str(op.name)  # there may be views beside it
    elif _is_seen(given):
        return View.of(given)
    tensor._origin = None
    return None


def _is_seen(given: Any) -> bool:
    """Whether somebody beside the view can see its base: by a name, a graph, another view."""
    base = given[0]
    is_leaf = base._node is not None and base.is_leaf
    del base
    return is_leaf or _holders(given) > _ALONE or getweakrefcount(given[0]) > 0


def _holders(given: Any) -> int:
    held = given[0]
    return getrefcount(held)


def is_number(tensor: Any) -> bool:
    """Whether a Tensor is an element, which is no view for NumPy, or the copy of a number."""
    if isinstance(tensor._value, np.ndarray):
        return False
    origin = getattr(tensor, "_origin", None)
    if type(origin) is not tuple:
        return True
    view = View.of(origin)
    if not (path := view.path()):
        base = view.tensor  # the `.data` of a leaf is the leaf
        return base is None or not base.is_leaf
    op, params, number = path[-1]
    return number is not None or (op is _GETITEM and Ellipsis not in index_parts(params["index"]))


def _is_alone(tensor: Any) -> bool:
    """Whether nothing but this Tensor shows its memory, now that the base is gone."""
    return all(map(operator.le, _references(tensor), _OWN if tensor._value.base is None else _PART))


def _references(tensor: Any) -> tuple[int, int]:
    array = tensor._value
    owner = owner_of(array)
    return getrefcount(array), getrefcount(owner)


# what one holder counts as, here: of a base, of an array, of a part of one
_ALONE = _holders((object(),))
_OWN = _references(SimpleNamespace(_value=np.empty(1)))
_PART = _references(SimpleNamespace(_value=np.empty(2)[:1]))


def mode_of(view: View) -> AbstractContextManager[Any]:
    """In which mode to write: a leaf's `.data` and `detach()` lie outside the graph."""
    base = view.tensor
    if not view.is_detached:
        return nullcontext()
    if not base.is_leaf:
        raise InPlaceError(
            f"{base._label()} is not a leaf; its value follows from its inputs.\n"
            "  To change numbers outside the graph take a copy first: y.detach().copy()."
        )
    return no_grad()


# ---- where the numbers lie -----------------------------------------------------------------------


def place(array: Any, view: View) -> Any:
    """The part of the base's array that a view shows, as an array that shares memory with it."""
    for op, params, number in view.path():
        before = array
        if op is _UNSTACK:  # one row, without the others
            array = np.moveaxis(before, params["axis"], 0)[number, ...]
            continue
        if op is _GETITEM and isinstance(before, np.ndarray):  # of one element an array too
            parts = index_parts(params["index"])
            array = before[parts if Ellipsis in parts else (*parts, Ellipsis)]
            continue
        array = op.narrow(before, **params)
        if number is not None:
            array = array[number]
    return array


def _shows(array: Any, source: Any) -> bool:
    return owner_of(array) is owner_of(source)


def renew(tensor: Any, view: View, what: str) -> View:
    """See that a view shows what lies there now, and may be written to."""
    base = view.tensor
    try:
        there = place(base._value, view)
    except (ValueError, IndexError):
        there = None  # it has another shape
    since = 0 if base._node is None else base._node.number
    for each in (view, *(whole for _, whole in view.on_the_way())):
        if there is None:
            break
        if _overlaps(np.asarray(there if each is view else place(base._value, each))):
            op = each.path()[-1][0].name
            raise InPlaceError(
                f"{what} on the result of {op}: several of its elements are one number of "
                f"{base._label()}.\n  Write to {base._label()} itself, or take a copy first: "
                "x = x.copy()."
            )
    changed = view.value != id(base._value) if capturing() else not _same(tensor._value, there)
    if changed or there is None:
        label = base._label()
        raise InPlaceError(
            f"{what}: {label} has changed since its {_called(view)} was taken, and the change "
            f"would be lost.\n  Take it again after the change: d = x{_spelled(view)}."
        )
    if since != view.node and not view.is_detached:  # the same numbers, from another node
        refresh(tensor, view)
        return renewed(view)
    return view


def _overlaps(array: Array) -> bool:
    """Whether several elements are one, as where an axis was broadcast."""
    if 0 not in array.strides or not array.size:
        return False
    return any(n > 1 and not step for n, step in zip(array.shape, array.strides, strict=True))


def _called(view: View) -> str:
    path = view.path()
    return ".data" if not path else "slice" if path[-1][0] is _GETITEM else path[-1][0].name


def _spelled(view: View) -> str:
    path = view.path()
    return ".data" if not path else "[i]" if path[-1][0] is _GETITEM else f".{path[-1][0].name}()"


def _same(shown: Any, there: Any) -> bool:
    """Whether a view shows the numbers that are there: at once, where it is the same memory."""
    if there is None:
        return False
    if isinstance(shown, np.ndarray) and isinstance(there, np.ndarray):
        if shown is there or (shown.base is not None and _shows(shown, there)):
            return True
        return np.array_equal(shown, there, equal_nan=shown.dtype.kind in "fc")
    return bool(shown == there or (shown != shown and there != there))


# ---- writing -------------------------------------------------------------------------------------


def room(array: Any, view: View, what: str) -> Array:
    """Where to write what a view shall show, in the memory of its base."""
    there: Array = place(array, view)
    if _shows(there, array):
        there.flags.writeable = True  # which NumPy's diagonals are not
        return there
    raise InPlaceError(f"{what}: {view.path()[-1][0].name} had to copy; write to the base itself")


def placed(view: View, result: Any, what: str) -> Any:
    """The base with new numbers at the place of a view, as part of the graph."""
    path, base = view.path(), view.tensor
    if (capture := capturing()) and any(op is _RESHAPE for op, _, _ in path):
        capture.writes_reshaped = True
    if not path:
        return result
    if len(path) == 1 and path[0][0] is _GETITEM:
        return index.setitem(base, result, path[0][1]["index"])
    if all(op.name in _IN_ORDER for op, _, _ in path):
        return reshape(result, base.shape)
    if result.dtype != base.dtype:
        raise InPlaceError(
            f"{what} on the {path[-1][0].name} part of {base._label()}, in the graph: write it as "
            "a whole, x = autograd.complex(real, imag)."
        )
    where = place(np.arange(base.size).reshape(base.shape), view)
    flat = index.setitem(reshape(base, (-1,)), reshape(result, (-1,)), where.reshape(-1))
    return reshape(flat, base.shape)


def laid_as(base: Any, whole: Any) -> Any:
    """The numbers in the order in memory that those of the base have, by ops."""
    old, new = base._value, whole._value
    if not isinstance(old, np.ndarray) or old.strides == new.strides or 0 in old.strides:
        return whole
    axes = tuple(int(i) for i in np.argsort([-abs(s) for s in old.strides], kind="stable"))
    back = tuple(int(i) for i in np.argsort(axes))
    return transpose(in_order(transpose(whole, axes)), back)


def in_order(x: Any) -> Any:
    """The same numbers, one after the other in memory, by ops."""
    return index.setitem(np.zeros(x.shape, x.dtype), x, Ellipsis)


def is_small(value: Any) -> bool:
    """Whether what a view shows is a copy after a write."""
    return isinstance(value, np.ndarray) and value.nbytes <= SMALL and bool(value.ndim)


def show(tensor: Any, view: View, value: Any) -> None:
    """Let a view show what has been written where it lies."""
    base = view.tensor
    if view.path() and is_small(value):
        value = value.copy()
    tensor._value = value if value.ndim or type(value) is not np.ndarray else value[()]
    if base._node is None:
        tensor._node, tensor._left = None, getattr(base, "_left", None)
    tensor._origin = renewed(view).noted()


def renewed(view: View) -> View:
    """The same view of its base as it is now."""
    base = view.tensor
    since = 0 if base._node is None else base._node.number
    return View(view.base, view.steps, since, id(base._value), view.through)


def refresh(tensor: Any, view: View, keep: bool = True) -> None:
    """Take a view anew: from the graph where one is recorded; without `keep`, a copy if small."""
    result = taken(view.tensor, view.steps)
    value = result._value
    if not keep and view.path() and isinstance(value, np.ndarray) and value.nbytes <= SMALL:
        value = value if is_shared(value) else value.copy()
    tensor._value = value
    if current_mode().records or result._node is not None or view.tensor._node is None:
        tensor._node, tensor._left = result._node, getattr(result, "_left", None)
    tensor._origin = renewed(view).noted()


def taken(base: Any, steps: Sequence[Step]) -> Any:
    """The view of a Tensor that some steps make."""
    result = base
    for op, params, number in steps:
        if op is _UNSTACK:
            before = (slice(None),) * (params["axis"] % result.ndim)
            result = index.getitem(result, (*before, number))
            continue
        result = result.detach() if op is None else op.record(result, **params)
        if number is not None:
            result = result[number]
    return result


def is_what_lies_there(tensor: Any, key: Any, value: Any) -> bool:
    """Whether `tensor[key]` is that very view already, as at the end of `x[i] += v`."""
    if type(value) not in tensor_types or type(getattr(value, "_origin", None)) is not tuple:
        return False
    found, whole = View.of(value._origin), getattr(tensor, "_origin", None)
    base: Any = tensor
    path: tuple[Any, ...] = ()
    if type(whole) is tuple and (view := View.of(whole)).tensor is not None:
        base, path = view.tensor, view.path()
    if found.tensor is not base or len(found.path()) != len(path) + (key is not DETACHED):
        return False
    if key is not DETACHED:
        last = found.path()[-1]
        if last[0] is not _GETITEM or not _equal(last[1]["index"], key):
            return False
    if not all(mine is theirs or mine == theirs for mine, theirs in zip(path, found.path())):  # noqa: B905
        return False
    return is_fresh(value, found)


def is_fresh(tensor: Any, view: View) -> bool:
    """Whether a view shows what its base has now, by the same node of the graph."""
    now = renewed(view)
    if now.node != view.node or (capturing() and now.value != view.value):
        return False
    return _same(tensor._value, place(view.tensor._value, view))


def _equal(one: Any, other: Any) -> bool:
    return index.is_basic(other) and index_parts(one) == index_parts(other)
