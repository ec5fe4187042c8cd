"""Indexing: NumPy's whole indexing, and assignment as a function.

An integer array may name an element twice. Then reading adds two cotangents up, and writing keeps
the last value in the order of the index (C order), so that only this one gets a cotangent.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.engine.dispatch import KNOWN, is_symbolic
from autograd.engine.faults import diagnose
from autograd.engine.modes import captures, capturing
from autograd.engine.operands import operand
from autograd.engine.trail import note_decision
from autograd.errors import DTypeError, ShapeError
from autograd.extend import Array, draw, op, sample, samples
from autograd.kernels.matrix.gathering import moved_rows
from autograd.ops.elementwise.compare import not_equal
from autograd.ops.indexing.index_hints import (
    describe,
    explain,
    index_parts,
    normal_index,
    selected,
)

Shape = tuple[int, ...]


def assign(tensor: Any, target: Array, value: Any, key: Any) -> None:
    """`target[key] = value` on raw arrays, with our own error."""
    try:
        _write(target, operand(value, setitem.op), key)  # type: ignore[attr-defined]
    except (ValueError, TypeError, IndexError) as error:
        raise diagnose(setitem.op, error, (tensor, value), {"index": key}) from None  # type: ignore[attr-defined]


def with_choice(result: Any, key: Any, counts: bool = False) -> Any:
    """A result of indexing, which notes it if Tensors in the index depend on a leaf.

    `counts` says that a mask in the index decides about the shape of the result.
    """
    if type(key) is int:
        return result  # the most frequent
    for part in index_parts(key):
        ends = (part.start, part.stop, part.step) if type(part) is slice else (part,)
        for end in ends:
            left = None if type(end) in KNOWN else getattr(end, "_left", None)
            if left is not None and not is_symbolic(result):
                if counts and end.dtype == bool:
                    note_decision(end, "the number of elements that a mask names")
                if result._node is None:
                    result._left = left
                else:
                    result._node.more().choice = left
    return result


# ---- which elements an index names ---------------------------------------------------------------


def is_basic(index: Any) -> bool:
    """Whether an index is made of integers, slices, None and ... alone: the result is a view."""
    for part in index if isinstance(index, tuple) else (index,):
        if type(part) not in _BASIC and (isinstance(part, bool) or not isinstance(part, _WHOLE)):
            return False
    return True


_BASIC = frozenset({int, slice, type(None), type(Ellipsis)})
_WHOLE = (int, np.integer)  # and what derives from them, but for booleans


def _may_repeat(index: Any) -> bool:
    """Whether an index has integer arrays; integers, slices and masks name no element twice."""
    return any(isinstance(p, np.ndarray) and p.dtype.kind in "iu" for p in index_parts(index))


def _repeated(shape: Shape, index: Any) -> np.ndarray[Any, Any] | None:
    """The numbers of the elements that an index names if it names one twice, else None.

    The number of an element is its place in the flat array. Axes behind the last one that the
    index touches are left out while looking for repetitions.
    """
    if not _may_repeat(index):
        return None
    touched = _touched(index, len(shape))
    head, tail = shape[:touched], shape[touched:]
    numbers = np.asarray(np.arange(math.prod(head)).reshape(head)[index])
    named = np.zeros(math.prod(head), bool)
    named[numbers] = True
    if np.count_nonzero(named) == numbers.size:
        return None
    if not tail:
        return numbers
    inner = np.arange(math.prod(tail)).reshape(tail)
    return numbers.reshape(numbers.shape + (1,) * len(tail)) * inner.size + inner


def _touched(index: Any, ndim: int) -> int:
    """How many leading axes an index can name; all if there is an ellipsis."""
    if any(part is Ellipsis for part in index_parts(index)):
        return ndim
    return sum(_consumes(part) for part in index_parts(index))


def _consumes(part: Any) -> int:
    if part is None:
        return 0
    is_mask = isinstance(part, (bool, np.bool_)) or getattr(part, "dtype", None) == np.bool_
    return np.ndim(part) if is_mask else 1


def _write(target: Array, v: Array, index: Any) -> None:
    """`target[index] = v`; where an element is named twice the last value stays."""
    numbers = _repeated(target.shape, index)
    v = _without_leading_ones(v)
    try:
        if numbers is None:
            target[index] = v
        else:
            # NumPy leaves the order of such writes open when there are several axes
            target.flat[numbers.ravel()] = np.broadcast_to(v, numbers.shape).ravel()
    except ValueError as error:
        if "read-only" in str(error):
            raise
        taken = selected(target.shape, index).shape
        raise ShapeError(
            f"setitem: v is {np.shape(v)} and does not fit x[i], which is {taken}; "
            f"x is {target.shape}, i is {describe(index)}"
        ) from None


def _without_leading_ones(v: Array) -> Array:
    """v without leading axes of length 1, which broadcasting implies and some writes refuse."""
    shape = old = np.shape(v)
    while shape[:1] == (1,):
        shape = shape[1:]
    return v if shape == old else np.reshape(v, shape)


# ---- the ops -------------------------------------------------------------------------------------


@op(
    "x[i]",
    x=lambda g, x_shape, index: put_at(g, x_shape, index),
    linear=True,
    views=lambda x, index: is_basic(index),
    samples=samples(
        lambda: sample(draw(4, 3), index=(slice(None, None, -2), 1)),
        lambda: sample(draw(4, 3), index=(Ellipsis, None, slice(1, 3))),
        lambda: sample(draw(4, 3), index=np.array([0, 2, 0]), label="duplicates"),
        lambda: sample(draw(2, 4, 3), index=(1, Ellipsis, np.array([2, 2])), label="mixed"),
        lambda: sample(draw(4, 3), index=np.array([[True, False, True]] * 4), label="mask"),
        lambda: sample(draw(2, 3), index=(..., np.array([True, False, True])), label="columns"),
        lambda: sample(draw(3), index=1),
        lambda: sample(draw(), index=()),
        lambda: sample(draw(), index=np.True_),
        lambda: sample(draw(0, 3), index=(slice(None), 1)),
        lambda: sample(draw(3, 2), index=np.array([False] * 3), label="empty"),
    ),
    reference=lambda x, index: np.asarray(x)[index],
    hint=lambda x, index: explain(x, index),
)
def getitem(x: Array, /, index: Any) -> Array:
    """x[index], with all of NumPy's indexing.

    What is read twice gets its gradients added. A slice is a view, which cannot be assigned to.

    Shape: that of NumPy's x[index]. An index out of range, or one that is no integer, boolean,
    slice, None or ..., is an error.

    >>> import autograd as ag
    >>> ag.getitem(ag.Tensor([1.0, 2.0, 3.0]), slice(None, None, -1))
    Tensor([3., 2., 1.], dtype=float32)
    """
    return x[index]


def _added_at(v: Array, shape: Shape, index: Any) -> Array:
    out = np.zeros(shape, v.dtype)
    np.add.at(out, index, v)
    return out


@op(
    "0[i] ← v",
    wide=True,
    v=lambda g, index: getitem(g, index),
    linear=True,
    samples=samples(
        lambda: sample(draw(3), shape=(2, 3), index=1),
        lambda: sample(draw(3), shape=(4,), index=np.array([0, 2, 0]), label="duplicates"),
        lambda: sample(draw(3, 2), shape=(4, 2), index=np.array([1, 1, -3]), label="rows"),
        lambda: sample(
            draw(2, 3), shape=(2, 4), index=(..., np.array([1, 1, -3])), label="ellipsis"
        ),
        lambda: sample(draw(2), shape=(3,), index=np.array([True, False, True]), label="mask"),
        lambda: sample(draw(1), shape=(3,), index=np.array([1, 1]), label="broadcast"),
        lambda: sample(draw(), shape=(4,), index=2),
        lambda: sample(draw(0), shape=(4,), index=slice(0, 0)),
    ),
    reference=_added_at,
)
def put_at(v: Array, /, shape: Shape, index: Any) -> Array:
    """Zeros of a shape with v added at an index: what indexing does to a cotangent.

    `v` broadcasts to the shape of x[index]; what is named twice is added twice.

    Shape: any -> `shape`.

    >>> import autograd as ag
    >>> ag.put_at(ag.Tensor([1.0, 2.0]), (3,), [0, 0])
    Tensor([3., 0., 0.], dtype=float32)
    """
    shape, index = tuple(shape), normal_index(index)
    if not _may_repeat(index):
        out = np.zeros_like(v, shape=shape, order="C")
        out[index] = v
        return out
    touched = _touched(index, len(shape))
    head, tail = shape[:touched], shape[touched:]
    numbers = np.asarray(np.arange(math.prod(head)).reshape(head)[index])
    rows = np.broadcast_to(v, numbers.shape + tail).reshape(numbers.size, math.prod(tail))
    return moved_rows(rows, None, numbers.reshape(-1), math.prod(head)).reshape(shape)


def d_setitem_v(g: Array, x_shape: Shape, index: Any) -> Array:
    taken = getitem(g, index)
    traced = bool(captures) and capturing() is not None  # where another run may repeat others
    if not _may_repeat(index) or (not traced and _repeated(x_shape, index) is None):
        return taken
    # by ops, so that a call that is traced sees that it goes by the index
    size = math.prod(x_shape)
    numbers = getitem(np.arange(size).reshape(x_shape), index)
    order = np.arange(math.prod(np.shape(numbers))).reshape(np.shape(numbers))
    last = getitem(setitem(np.zeros(size, order.dtype), order, numbers), numbers)
    return setitem(taken, 0, not_equal(last, order))


def _assigned(x: Array, v: Array, index: Any) -> Array:
    out = np.array(x)
    out[index] = v
    return out


@op(
    "x[i] ← v",
    x=lambda g, index: setitem(g, 0, index),
    v=d_setitem_v,
    linear=True,
    samples=samples(
        lambda: sample(draw(4, 3), draw(3), index=1),
        lambda: sample(draw(4, 3), draw(2, 1, seed=1), index=(slice(None, None, 2), slice(1, 3))),
        lambda: sample(draw(4), draw(2, seed=1), index=np.array([3, 0])),
        lambda: sample(draw(4), draw(3, seed=1), index=np.array([3, 0, 3]), label="duplicates"),
        lambda: sample(draw(3, 2), draw(2, seed=1), index=np.array([1, 1]), label="rows"),
        lambda: sample(draw(4), draw(seed=1), index=np.array([True, False, True, False])),
        lambda: sample(draw(2), draw(1, 1, 2, seed=1), index=slice(None), label="leading axes"),
        lambda: sample(draw(), draw(seed=1), index=()),
        lambda: sample(draw(4), draw(0), index=slice(0, 0)),
    ),
    reference=_assigned,
    hint=lambda x, v, index: explain(x, index),
)
def setitem(x: Array, v: Array, /, index: Any) -> Array:
    """A copy of x in which x[index] is v; the last value where an element is named twice.

    What was replaced gets the gradient 0.

    Shape: that of x; `v` broadcasts to x[index], or ShapeError is raised.

    >>> import autograd as ag
    >>> ag.setitem(ag.Tensor([1.0, 2.0, 3.0]), 0.0, slice(1, None))
    Tensor([1., 0., 0.], dtype=float32)
    """
    out = np.array(x)
    given = np.result_type(v)
    if not (type(v) in (bool, int, float) or np.can_cast(given, out.dtype, "same_kind")):
        raise DTypeError(
            f"x is {out.dtype} and cannot hold v, which is {given}; convert one of them"
        )
    _write(out, v, normal_index(index))
    return out if out.ndim else out[()]
