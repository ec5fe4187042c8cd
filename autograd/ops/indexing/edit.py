"""Elements put in, left out, or repeated along an axis: NumPy's insert, delete, append, resize."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.engine.trail import seen
from autograd.errors import ArgumentError, AxisError, DTypeError, ShapeError
from autograd.extend import Array, composite, draw, sample, samples
from autograd.ops.indexing.take import take
from autograd.ops.shape.join import concat
from autograd.ops.shape.rank import ravel
from autograd.ops.shape.shape import broadcast_to, reshape


@composite(
    "x, y",
    samples=samples(
        lambda: sample(draw(2, 3), draw(2)),
        lambda: sample(draw(2, 3), draw(2, 1), axis=1),
        lambda: sample(draw(), draw(0)),
    ),
)
def append(x: Array, values: Array, /, axis: int | None = None) -> Array:
    """One array behind the other: flat, or along an axis.

    `values` have the axes of x where an `axis` is given.

    Shape: (..., N, ...) and (..., M, ...) -> (..., N + M, ...) along `axis`; without it flat.

    >>> import autograd as ag
    >>> ag.append(ag.Tensor([1.0]), ag.Tensor([2.0, 3.0]))
    Tensor([1., 2., 3.], dtype=float32)
    """
    if axis is None:
        return concat([ravel(x), ravel(values)])
    return concat([x, values], axis=axis)


def _places(obj: Any, length: int, what: str) -> np.ndarray[Any, Any]:
    """The places that a slice, a mask, a number or a list names, counted from the front."""
    obj = obj if isinstance(obj, slice) else seen(obj)
    if isinstance(obj, slice):
        return np.arange(*obj.indices(length))
    given = np.asarray(obj)
    if given.dtype == bool:
        return np.flatnonzero(given)
    given = given.astype(int) if given.size == 0 else given
    if given.dtype.kind not in "iu":
        raise ArgumentError(
            f"{what}: obj must be whole numbers, a slice or a mask, not {obj!r:.60}"
        )
    if np.any((given < -length) | (given > length - (what == "delete"))):
        raise ArgumentError(f"{what}: {obj!r:.60} is out of range for {length} elements")
    return np.where(given < 0, given + length, given)


def _rows(x: Array, axis: int | None, what: str) -> tuple[Array, int]:
    if axis is None:
        return ravel(x), 0
    ndim = np.ndim(x)
    if not -ndim <= axis < ndim:
        raise AxisError(f"{what}: x is {np.shape(x)} and has no axis {axis}")
    return x, axis % ndim


@composite(
    "x but xᵢ",
    samples=samples(
        lambda: sample(draw(2, 3), obj=[0, -2]),
        lambda: sample(draw(2, 3), obj=1, axis=1),
        lambda: sample(draw(4, 2), obj=slice(None, None, 2), axis=0),
    ),
)
def delete(x: Array, /, obj: Any, axis: int | None = None) -> Array:
    """x without the slices at some places of an axis, or of the flat array.

    `obj` names the places: a number, several, a mask or a slice. Others are errors.

    Shape: (..., N, ...) -> (..., N - count, ...) along `axis`; without it flat.

    >>> import autograd as ag
    >>> ag.delete(ag.Tensor([1.0, 2.0, 3.0]), 1)
    Tensor([1., 3.], dtype=float32)
    """
    rows, axis = _rows(x, axis, "delete")
    length = np.shape(rows)[axis]
    kept = np.delete(np.arange(length), _places(obj, length, "delete"))
    return take(rows, kept, axis=axis)


@composite(
    "x, v at i",
    samples=samples(
        lambda: sample(draw(2, 3), draw(2), obj=[0, -2]),
        lambda: sample(draw(2, 3), draw(2), obj=1, axis=1),
        lambda: sample(draw(3), draw(), obj=[3, 1, 1]),
        lambda: sample(draw(2, 3), draw(3), obj=[0, 2], axis=0),
    ),
    reference=lambda x, values, obj, axis=None: np.insert(x, obj, values, axis),
)
def _insert(x: Array, values: Array, /, obj: Any, axis: int | None = None) -> Array:
    rows, axis = _rows(x, axis, "insert")
    shape, ndim = np.shape(rows), np.ndim(rows)
    places = _places(obj, shape[axis], "insert")
    if places.ndim == 0:  # one slice, or several, at one place
        values = values if np.ndim(values) == ndim else np.expand_dims(values, axis)
        count = np.shape(values)[axis] if np.ndim(values) else 1
        places = np.full(count, int(places))
    wanted = (*shape[:axis], len(places), *shape[axis + 1 :])
    learned = getattr(values, "requires_grad", False)
    if learned and not np.can_cast(values.dtype, rows.dtype, "same_kind"):
        raise DTypeError(f"insert: x is {rows.dtype} and cannot hold values, which require grad")
    values = broadcast_to(values, wanted).astype(rows.dtype)
    order = np.argsort(_order(shape[axis], places), kind="stable")
    return take(concat([rows, values], axis=axis), order, axis=axis)


def _order(length: int, places: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Keys that put what comes in before the element whose place it takes."""
    return np.concatenate([np.arange(length) + 0.5, places.astype(float)])


def insert(x: Array, obj: Any, values: Array, axis: int | None = None) -> Array:
    """x with values put in before some places of an axis, or of the flat array.

    `obj` names the places: a number, several, a mask or a slice. `values` broadcast to the slices
    that come in, in the dtype of x.

    Shape: (..., N, ...) -> (..., N + count, ...) along `axis`; without it flat.

    >>> import autograd as ag
    >>> ag.insert(ag.Tensor([1.0, 3.0]), 1, 2.0)
    Tensor([1., 2., 3.], dtype=float32)
    """
    return _insert(x, values, obj, axis)


@composite(
    "x, x, …",
    samples=samples(
        lambda: sample(draw(2, 3), new_shape=(3, 3)),
        lambda: sample(draw(2, 3), new_shape=4),
        lambda: sample(draw(), new_shape=(2, 2)),
    ),
)
def resize(x: Array, /, new_shape: int | tuple[int, ...]) -> Array:
    """The elements of x in another shape, from the start again where there are too few of them.

    Shape: any -> `new_shape`; zeros where x is empty.

    >>> import autograd as ag
    >>> ag.resize(ag.Tensor([1.0, 2.0]), 3)
    Tensor([1., 2., 1.], dtype=float32)
    """
    shape = (new_shape,) if isinstance(new_shape, int) else tuple(new_shape)
    if any(n < 0 for n in shape):
        raise ShapeError(f"resize: new_shape is {shape}; no length is negative")
    count, size = int(np.prod(shape)), int(np.prod(np.shape(x)))
    if not size:
        return np.zeros_like(x, shape=shape)
    return reshape(take(ravel(x), np.arange(count) % size), shape)


@composite(
    "x but zeros at its ends",
    counts=True,
    samples=samples(
        lambda: sample(np.array([0.0, 0.0, 1.5, 0.0, -2.0, 0.0]), smooth=False),
        lambda: sample(np.array([0.0, 2.0, 0.0]), trim="b", smooth=False),
        lambda: sample(np.array([0.0, 0.0]), smooth=False),
    ),
)
def trim_zeros(x: Array, /, trim: str = "fb", axis: Any = None) -> Array:
    """x without the zeros before the first and behind the last element that is none.

    `trim` names the ends: "f" the front, "b" the back, "fb" both. Others are errors.

    Shape: (N,) -> (`count`,); of more axes each of those in `axis` (None for all) is cut.

    >>> import autograd as ag
    >>> ag.trim_zeros(ag.Tensor([0.0, 1.0, 0.0]))
    Tensor([1.], dtype=float32)
    """
    trim = trim.lower()
    if trim not in ("f", "b", "fb", "bf"):
        raise ArgumentError(f"trim_zeros: trim is 'f', 'b' or 'fb', not {trim!r}")
    ndim = np.ndim(x)
    try:
        axes = range(ndim) if axis is None else normalize_axis_tuple(axis, ndim)
    except np.exceptions.AxisError as error:
        raise AxisError(f"trim_zeros: {error}; x is {np.shape(x)}") from None
    index: list[Any] = [slice(None)] * ndim
    found = np.nonzero(seen(x))
    for a in axes:
        places, length = found[a], np.shape(x)[a]
        first = int(np.min(places, initial=length)) if "f" in trim else 0
        last = int(np.max(places, initial=-1)) + 1 if "b" in trim else length
        index[a] = slice(first, max(first, last)) if len(places) else slice(0, 0)
    return x[tuple(index)]
