"""Cotangents: making what a rule returned fit its input, and what was saved fit the graph."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import prod
from sys import getrefcount
from typing import Any

import numpy as np

from autograd.engine.dtypes import HALF
from autograd.engine.modes import captures
from autograd.engine.node import Node
from autograd.engine.operands import tensor_types
from autograd.engine.outputs import output, wrap
from autograd.engine.row import OPS, Cotangents
from autograd.errors import GradientError, GradientShapeError, shown
from autograd.kernels.parallel.copies import LARGE, copied

__all__ = [
    "OFF_THE_PATH",
    "added",
    "conform",
    "conjugate",
    "filled",
    "is_filled_in",
    "kept",
    "lifted",
    "take",
    "unbroadcast",
]


_FEW = 1 << 13  # so many are filled in (1 to 2 µs) before np.broadcast_to has a view (3 to 4)

OFF_THE_PATH = object()  # in the place of a cotangent: the node leads to no wanted input


def conjugate(g: Any) -> Any:
    """Between the engine's transposes and the gradients that users see; nothing for real values."""
    return np.conj(g) if g.dtype.kind == "c" else g


def conform(g: Any, node: Node) -> Any:
    """Make what a rule returned fit its input: un-broadcast, real part, dtype, NumPy scalar."""
    if type(g) is Cotangents:
        return g
    spec = node.spec
    shape, dtype = spec if type(spec) is tuple else ((), np.dtype(spec))
    if not hasattr(g, "dtype"):
        g = _number(g, dtype)
    if g.shape != shape:
        given = g.shape
        try:
            g = unbroadcast(g, shape)
        except ValueError:
            raise GradientShapeError(
                f"the rule gave a cotangent of shape {given} for an input of shape {shape}; it "
                "must be of that shape, or broadcast with it"
            ) from None
    if g.dtype != dtype:
        if g.dtype.kind == "c" and dtype.kind != "c":
            g = np.real(g)
        g = g.astype(dtype)
    return g[()] if type(g) is np.ndarray and type(spec) is type else g


def _number(g: Any, dtype: Any) -> Any:
    """What a rule gave that is neither an array nor a Tensor, as an array."""
    if g is None:
        raise GradientError("the rule gave None; where no gradient flows leave the rule out")
    try:
        return np.asarray(g, dtype)
    except (TypeError, ValueError):
        raise GradientError(f"the rule gave {shown(g)}, which is no cotangent") from None


def unbroadcast(g: Any, shape: tuple[int, ...]) -> Any:
    """Sum a cotangent over the axes along which its input was repeated; expand where it is smaller.

    >>> import numpy as np
    >>> unbroadcast(np.ones((2, 3)), (3,))
    array([2., 2., 2.])
    >>> unbroadcast(np.ones((3, 1)), (1, 2)).shape
    (1, 2)
    """
    lead = g.ndim - len(shape)
    if lead > 0 and g.shape[lead:] == shape:
        if lead == 1 and type(g) is np.ndarray and g.dtype != HALF:
            return np.add.reduce(g, axis=0)
        return _sum(g, tuple(range(lead)), keepdims=False)
    axes = tuple(range(lead)) + tuple(
        axis
        for axis in range(max(lead, 0), g.ndim)
        if shape[axis - lead] == 1 and g.shape[axis] != 1
    )
    if axes:
        g = _sum(g, axes, keepdims=True)
    if lead > 0:
        g = np.reshape(g, g.shape[lead:])
    return g if g.shape == shape else _expand(g, shape)


def _sum(g: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    if type(g) is np.ndarray and g.dtype != HALF:  # as np.sum does, 3 µs later
        return np.add.reduce(g, axis=axes, keepdims=keepdims)  # type: ignore[call-overload]
    return OPS["sum"].record(g, axis=axes, keepdims=keepdims)  # half precision in single


def _expand(g: Any, shape: tuple[int, ...]) -> Any:
    if type(g) in tensor_types:
        return OPS["broadcast_to"].record(g, shape=shape)
    if isinstance(g, (np.ndarray, np.generic)) and prod(shape) <= _FEW:
        whole = np.empty(shape, g.dtype)
        whole[...] = g
        return whole
    return np.broadcast_to(g, shape)


def filled(g: Cotangents, node: Node) -> tuple[Any, ...]:
    """The cotangents of all outputs, zero for those that nothing depends on."""
    return tuple(g[i] if i in g else _zeros(spec) for i, spec in enumerate(node.spec))


def is_filled_in(g: Any, spec: Any) -> bool:
    """Whether it is what `filled` puts where there is no cotangent, which nothing changes."""
    return type(g) is np.ndarray and type(spec) is tuple and g is _zeros(spec)


@lru_cache(maxsize=1024)
def _zeros(spec: Any) -> Any:
    """One zero that is all elements: nothing is filled, and a rule may see by its strides of 0
    that there is no cotangent.
    """
    return np.broadcast_to(spec[1].type(0), spec[0]) if type(spec) is tuple else spec(0)


def take(cotangents: dict[Node, Any], node: Node) -> tuple[Any, int]:
    """A cotangent out of the dict, and how many references to it there are (`kept` asks)."""
    g = cotangents.pop(node)
    return g, getrefcount(g)


_UNSHARED = take({None: np.empty(1)}, None)[1]  # type: ignore[dict-item, arg-type]


def added(old: Any, references: int, new: Any) -> Any:
    """`old + new`, written into `old` when nothing else refers to it."""
    if type(new) is np.ndarray and old.dtype == new.dtype and old.shape == new.shape:
        mine = references == _UNSHARED
        mine = mine and (old.flags.writeable if old.base is None else _shows_all(old))
        return np.add(old, new, out=old) if mine else old + new
    return old + new


def kept(g: Any, references: int) -> Any:
    """`g` as an array that nothing else refers to: itself when that is so already, else a copy."""
    if type(g) in tensor_types:
        return wrap(kept(g._value, 0), g._node)
    if isinstance(g, np.ndarray):
        if references == _UNSHARED and (g.flags.writeable if g.base is None else _shows_all(g)):
            return g
        # turning the order in memory costs much more
        return copied(g) if g.size >= LARGE else g.copy(order="K")
    return g


def _shows_all(g: np.ndarray[Any, Any]) -> bool:
    """Whether a view is of all the memory of an array that nothing else refers to."""
    # but for some bytes before it that align it
    whole = type(g.base) is np.ndarray and 0 <= g.base.nbytes - g.nbytes < _LINE
    return whole and g.flags.writeable and _viewers(g) == _VIEWED


def _viewers(g: np.ndarray[Any, Any]) -> int:
    """References to the array that g is a view of, one of which is g's."""
    return getrefcount(g.base)


_LINE = 64
_VIEWED = _viewers(np.empty(2)[::-1])


def lifted(node: Node, saved: tuple[Any, ...]) -> tuple[Any, ...]:
    """What a node saved, as Tensors that hang on the graph where the values came from."""
    op = node.op
    if not saved:
        return ()
    count = len(op.inputs)
    if op.variadic:
        lifted = [None if saved[0] is None else _lift_all(saved[0], node.inputs)]
    else:
        lifted = _lift_all(saved[:count], node.inputs)
    out = saved[count] if len(saved) > count else None
    if type(out) is tuple:
        out = tuple(output(node, i, value) for i, value in enumerate(out))
    elif out is not None:
        out = wrap(out, node)
    return (*lifted, out, *saved[count + 1 :])


def _lift_all(values: Iterable[Any], inputs: Sequence[Any]) -> list[Any]:
    # in a trace numbers without axes too, which NumPy alone would compute with, unseen
    arrays = (np.ndarray, np.generic) if captures else np.ndarray
    return [
        value
        if value is None
        else wrap(value, source)
        if type(source) is Node
        else wrap(value)
        if isinstance(value, arrays)
        else value
        for value, source in zip(values, inputs, strict=False)
    ]
