"""Indexing: NumPy's whole indexing, and assignment as a function.

An integer array may name an element twice. Then reading adds two cotangents up, and writing keeps
the last value in the order of the index (C order), so that only this one gets a cotangent.
"""

from __future__ import annotations

import math
import operator
import re
from typing import Any

import numpy as np

from autograd.diagnose import diagnose
from autograd.errors import DTypeError, ShapeError
from autograd.op import Array, op
from autograd.ops.join import unstack
from autograd.recorder import operand
from autograd.samples import draw, sample, samples

__all__ = ["getitem", "put_at", "setitem", "unstack"]

Shape = tuple[int, ...]


def normal_index(key: Any) -> Any:
    """An index as NumPy takes it: Tensors become arrays or integers, lists become arrays."""
    if isinstance(key, tuple):
        return tuple(normal_index(part) for part in key)
    if key is None or key is Ellipsis or isinstance(key, (int, np.ndarray, np.generic)):
        return key
    if isinstance(key, slice):
        parts = (key.start, key.stop, key.step)
        if all(part is None or isinstance(part, int) for part in parts):
            return key
        return slice(*(None if part is None else operator.index(part) for part in parts))
    value = getattr(key, "_value", None)
    if value is not None:
        return value
    array = np.asarray(key)
    return array if array.size else array.astype(np.intp)  # NumPy reads x[[]] so


def assign(tensor: Any, target: Array, value: Any, key: Any) -> None:
    """`target[key] = value` on raw arrays, with our own error."""
    try:
        _write(target, operand(value, setitem.op), key)  # type: ignore[attr-defined]
    except (ValueError, TypeError, IndexError) as error:
        raise diagnose(setitem.op, error, (tensor, value), {"index": key}) from None  # type: ignore[attr-defined]


# ---- which elements an index names ---------------------------------------------------------------


def _parts(index: Any) -> tuple[Any, ...]:
    return index if isinstance(index, tuple) else (index,)


def is_basic(index: Any) -> bool:
    """Whether an index is made of integers, slices, None and ... alone: the result is a view."""
    basic = (int, np.integer, slice, type(None), type(Ellipsis))
    return all(isinstance(part, basic) and not isinstance(part, bool) for part in _parts(index))


def _repeated(shape: Shape, index: Any) -> np.ndarray[Any, Any] | None:
    """The numbers of the elements that an index names if it names one twice, else None.

    The number of an element is its place in the flat array. Axes behind the last one that the
    index touches are left out while looking for repetitions.
    """
    if not any(isinstance(p, np.ndarray) and p.dtype.kind in "iu" for p in _parts(index)):
        return None  # integers, slices and masks name no element twice
    touched = _touched(index, len(shape))
    head, tail = shape[:touched], shape[touched:]
    numbers = np.asarray(np.arange(math.prod(head)).reshape(head)[index])
    if np.unique(numbers).size == numbers.size:
        return None
    if not tail:
        return numbers
    inner = np.arange(math.prod(tail)).reshape(tail)
    return numbers.reshape(numbers.shape + (1,) * len(tail)) * inner.size + inner


def _touched(index: Any, ndim: int) -> int:
    """How many leading axes an index can name; all if there is an ellipsis."""
    if any(part is Ellipsis for part in _parts(index)):
        return ndim
    return sum(_consumes(part) for part in _parts(index))


def _consumes(part: Any) -> int:
    if part is None:
        return 0
    is_mask = isinstance(part, (bool, np.bool_)) or getattr(part, "dtype", None) == np.bool_
    return np.ndim(part) if is_mask else 1


def _write(target: Array, v: Array, index: Any) -> None:
    """`target[index] = v`; where an element is named twice the last value stays."""
    numbers = _repeated(target.shape, index)
    try:
        if numbers is None:
            target[index] = v
        else:
            # NumPy leaves the order of such writes open when there are several axes
            target.flat[numbers.ravel()] = _spread(v, numbers.shape, target.dtype).ravel()
    except ValueError as error:
        taken = _selected(target.shape, index).shape
        raise ShapeError(
            f"setitem: v is {np.shape(v)} and does not fit x[i], which is {taken}; "
            f"x is {target.shape}, i is {_describe(index)}: {error}"
        ) from None


def _spread(v: Array, shape: Shape, dtype: Any) -> Array:
    """v repeated to a shape by the rule of assignment, which also drops leading axes of length 1."""
    spread = np.empty_like(v, shape=shape, dtype=dtype)
    spread[...] = v
    return spread


# ---- errors --------------------------------------------------------------------------------------


def _selected(shape: Shape, index: Any) -> Any:
    """What an index selects from an array of this shape; the array itself takes no memory."""
    return np.broadcast_to(np.False_, shape)[index]


def _describe(index: Any) -> str:
    shown = []
    for part in _parts(index):
        if isinstance(part, slice):
            ends = ("" if p is None else str(p) for p in (part.start, part.stop, part.step))
            shown.append(":".join(ends).removesuffix(":") or ":")
        elif isinstance(part, np.ndarray):
            shown.append(f"{part.dtype}{list(part.shape)}")
        else:
            shown.append("..." if part is Ellipsis else str(part))
    return f"[{', '.join(shown)}]"


def explain(x: Any, index: Any) -> str | None:
    """What is wrong with an index of x, and the likely fix; None if nothing is."""
    shape, name = np.shape(x), getattr(x, "name", None) or "x"
    index = normal_index(index)
    try:
        _selected(shape, index)
    except IndexError as error:
        text = str(error)
        return (
            f"{text}; {name} is {shape}, the index is {_describe(index)}.{_fix(text, shape, index)}"
        )
    return None


def _fix(text: str, shape: Shape, index: Any) -> str:
    if found := re.search("out of bounds for axis .* with size ([0-9]+)", text):
        size = int(found[1])
        return f"\n  Valid are {-size} to {size - 1}." if size else "\n  That axis is empty."
    if text.startswith("too many indices"):
        return "\n  A 0-d Tensor has one element: x[()], or x.item()." if not shape else ""
    if text.startswith("boolean index"):
        return _mask_fix(shape, index)
    if text.startswith("shape mismatch"):
        return (
            "\n  Index arrays are read side by side; for every combination of rows and columns use "
            "x[numpy.ix_(rows, columns)]."
        )
    if "integer" in text:
        return "\n  Positions must be integers, i.astype('int64'); a mask must be boolean, x > 0."
    return ""


def _mask_fix(shape: Shape, index: Any) -> str:
    if isinstance(index, np.ndarray):
        for axis in range(1, len(shape) - index.ndim + 1):
            if shape[axis : axis + index.ndim] == index.shape:
                return f"\n  The mask fits further back: did you mean x[{':, ' * axis}mask]?"
    return "\n  A mask has the shape of the axes in whose place it stands."


# ---- the ops -------------------------------------------------------------------------------------


@op(
    "x[i]",
    x=lambda g, x_shape, index: put_at(g, x_shape, index),
    linear=True,
    samples=samples(
        lambda: sample(draw(4, 3), index=(slice(None, None, -2), 1)),
        lambda: sample(draw(4, 3), index=(Ellipsis, None, slice(1, 3))),
        lambda: sample(draw(4, 3), index=np.array([0, 2, 0]), label="duplicates"),
        lambda: sample(draw(2, 4, 3), index=(1, Ellipsis, np.array([2, 2])), label="mixed"),
        lambda: sample(draw(4, 3), index=np.array([[True, False, True]] * 4), label="mask"),
        lambda: sample(
            draw(2, 3),
            index=(np.array([0, 1, 1]), np.array([True, False, True])[:1])
            if False
            else (slice(None), np.array([True, False, True])),
            label="part mask",
        ),
        lambda: sample(draw(3), index=1),
        lambda: sample(draw(), index=()),
        lambda: sample(draw(), index=np.True_),
        lambda: sample(draw(0, 3), index=(slice(None), 1)),
        lambda: sample(draw(3, 2), index=np.array([], int)),
    ),
    reference=lambda x, index: np.asarray(x)[index],
    hint=lambda x, index: explain(x, index),
)
def getitem(x: Array, /, index: Any) -> Array:
    """x[index], with all of NumPy's indexing.

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

    >>> import autograd as ag
    >>> ag.put_at(ag.Tensor([1.0, 2.0]), (3,), [0, 0])
    Tensor([3., 0., 0.], dtype=float32)
    """
    index = normal_index(index)
    out = np.zeros_like(v, shape=shape, order="C")
    numbers = _repeated(out.shape, index)
    if numbers is None:
        out[index] = v
    else:  # NumPy adds five times faster at flat numbers than at an index of several axes
        np.add.at(out.reshape(-1), numbers.ravel(), np.broadcast_to(v, numbers.shape).ravel())
    return out


def d_setitem_v(g: Array, x_shape: Shape, index: Any) -> Array:
    taken = getitem(g, index)
    numbers = _repeated(x_shape, index)
    if numbers is None:
        return taken
    order = np.arange(numbers.size)
    last = np.empty(math.prod(x_shape), order.dtype)
    last[numbers.ravel()] = order
    return setitem(taken, 0, last[numbers] != order.reshape(numbers.shape))


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
    """A copy of x in which x[index] is v. Where an index names an element twice the last value stays.

    >>> import autograd as ag
    >>> ag.setitem(ag.Tensor([1.0, 2.0, 3.0]), 0.0, slice(1, None))
    Tensor([1., 0., 0.], dtype=float32)
    """
    out = np.array(x)
    given = np.result_type(v)
    if not (np.isscalar(v) or np.can_cast(given, out.dtype, "same_kind")):
        raise DTypeError(
            f"x is {out.dtype} and cannot hold v, which is {given}; convert one of them"
        )
    _write(out, v, normal_index(index))
    return out if out.ndim else out[()]
