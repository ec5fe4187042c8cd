"""What NumPy's functions give for Tensors where no op of the same name does."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

import autograd as ag
from autograd.engine.operands import raw, tensor_types
from autograd.engine.trail import seen
from autograd.errors import UnsupportedError
from autograd.numpy.numpy_wrapper import holds, whole
from autograd.numpy.pieces import block, vectorize  # noqa: F401 (for the face)
from autograd.ops.shape.rank import in_order
from autograd.tensors.nested import join


def array(
    object: Any, dtype: Any = None, *, copy: Any = True, ndmin: int = 0, **options: Any
) -> Any:
    """An array of Tensors, numbers and nested lists of them, which gradients flow back through."""
    if dtype is not None and np.dtype(dtype) == np.object_:
        return _objects(object)
    result = object if type(object) in tensor_types else join(object)
    result = result if dtype is None else result.astype(dtype)
    if result.ndim < ndmin:
        result = result.reshape((1,) * (ndmin - result.ndim) + result.shape)
    return result


def _objects(values: Any) -> Any:
    """An array of objects: the Tensors of a list one by one, whatever their shapes are."""
    places = np.empty(len(values), np.object_)
    for k, value in enumerate(values):
        places[k] = value
    return places


def asarray(a: Any, dtype: Any = None, *options: Any, **more: Any) -> Any:
    """The array itself, or one of the Tensors that lists hold."""
    return array(a, dtype)


asanyarray = ascontiguousarray = asfortranarray = asarray


def full(shape: Any, fill_value: Any, dtype: Any = None, **options: Any) -> Any:
    """An array that repeats a value."""
    return ag.broadcast_to(array(fill_value, dtype), shape)


def _of_parts(ours: Any, theirs: Any) -> Any:
    """A function that joins arrays, which may come one by one, from a generator or a dict."""

    @whole
    @functools.wraps(theirs)
    def function(arrays: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(arrays, (list, tuple, np.ndarray)) and type(arrays) not in tensor_types:
            arrays = list(arrays)
        if holds(arrays):
            return ours([ag.asarray(a) for a in arrays], *args, **kwargs)
        return theirs(arrays, *args, **kwargs)

    return function


concatenate = concat = _of_parts(ag.concatenate, np.concatenate)
stack, vstack, hstack = (
    _of_parts(getattr(ag, name), getattr(np, name)) for name in ("stack", "vstack", "hstack")
)
dstack = _of_parts(ag.dstack, np.dstack)
column_stack, row_stack = _of_parts(ag.column_stack, np.column_stack), vstack


def full_like(a: Any, fill_value: Any, dtype: Any = None, *options: Any, **named: Any) -> Any:
    """An array of another's shape and dtype that repeats a value."""
    dtype = a.dtype if dtype is None else dtype
    shape = named.get("shape")
    return full(a.shape if shape is None else shape, fill_value, dtype)


def unique(
    ar: Any,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    **options: Any,
) -> Any:
    """The elements in order, each once: the gradient goes to the first of those that are equal."""
    a = array(ar)
    theirs: Any = np.unique
    _, *told = theirs(seen(a), True, return_inverse, return_counts, axis, **options)
    values = ag.ravel(a)[told[0]] if axis is None else ag.take(a, told[0], axis=axis)
    found = (values, *(told if return_index else told[1:]))
    return found if len(found) > 1 else values


def unique_values(x: Any) -> Any:
    """The elements in order, each once."""
    return unique(x)


def reshape(a: Any, shape: Any, order: Any = "C", **named: Any) -> Any:
    """The elements in another shape, read and placed row by row or column by column."""
    return in_order(array(a), shape, order)


def ravel(a: Any, order: Any = "C") -> Any:
    """All elements on one axis, row by row or column by column."""
    return in_order(array(a), -1, order)


@whole
def where(condition: Any, *choices: Any, **named: Any) -> Any:
    """`np.where`, which gives a number as it is where no array is chosen from."""
    given = [*choices, *(named[k] for k in ("x", "y") if k in named)]
    if len(given) == 2 and not any(holds(v) for v in (condition, *given)):
        if isinstance(condition, (bool, np.bool_)) and not any(map(np.ndim, given)):
            plain = not any(hasattr(v, "dtype") for v in given)
            return (given[0] if condition else given[1]) if plain else np.where(condition, *given)
        if isinstance(condition, (bool, np.bool_)) and all(isinstance(v, list) for v in given):
            return given[0] if condition else given[1]
        return np.where(condition, *given)
    if not given:
        return np.where(seen(condition))
    return ag.where(raw(condition), *given)


@whole
def make_diagonal(D: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Matrices with the last axis of an array as their diagonal."""
    if (offset, axis1, axis2) != (0, -1, -2):
        raise UnsupportedError("make_diagonal takes offset=0, axis1=-1, axis2=-2 alone")
    return D[..., None] * np.eye(D.shape[-1])


def _lists(split: Any) -> Any:
    def function(ary: Any, indices_or_sections: Any, *axis: Any, **named: Any) -> list[Any]:
        return list(split(ary, indices_or_sections, *axis, **named))

    return function


split, array_split = _lists(ag.split), _lists(ag.array_split)
hsplit, vsplit, dsplit = _lists(ag.hsplit), _lists(ag.vsplit), _lists(ag.dsplit)


def _picked(pick: Any, function: Any) -> Any:
    """`max` or `min`, which order complex numbers by their real parts, as NumPy does."""

    def picked(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False) -> Any:
        if not np.iscomplexobj(raw(ag.asarray(a))):
            return function(a, axis=axis, keepdims=bool(keepdims))
        numbers = seen(a)
        chosen = pick(numbers, axis=axis, keepdims=True) == numbers
        shared = chosen / np.sum(chosen, axis=axis, keepdims=True)
        return ag.sum(a * shared, axis=axis, keepdims=bool(keepdims))

    return picked


max = amax = _picked(np.max, ag.max)
min = amin = _picked(np.min, ag.min)


def var(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, **named: Any
) -> Any:
    """The variance: of complex numbers, the mean of squared moduli."""
    a = array(a, dtype)
    if not np.iscomplexobj(raw(a)):
        return ag.var(a, axis=axis, ddof=ddof, **named)
    far = a - ag.mean(a, axis=axis, keepdims=True)
    squares = ag.real(far * ag.conj(far))
    total = ag.sum(squares, axis=axis, **named)
    return total * (total.size / a.size) / (1 - ddof * total.size / a.size)


def std(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, **named: Any
) -> Any:
    """The standard deviation."""
    a = array(a, dtype)
    if not np.iscomplexobj(raw(a)):
        return ag.std(a, axis=axis, ddof=ddof, **named)
    squares = var(a, axis, None, None, ddof, **named)
    is_zero = np.equal(squares, 0)  # where the gradient is 0, too
    return ag.where(is_zero, 0.0, ag.sqrt(ag.where(is_zero, 1.0, squares)))


class _Joined:
    """`np.r_[...]` and `np.c_[...]`, also of Tensors."""

    def __init__(self, theirs: Any, as_columns: bool) -> None:
        self._theirs, self._as_columns = theirs, as_columns

    def __getitem__(self, key: Any) -> Any:
        parts: Any = key if isinstance(key, tuple) else (key,)
        if not any(map(holds, parts)):
            return self._theirs[key]
        if any(isinstance(part, str) for part in parts):
            raise UnsupportedError("np.r_ and np.c_ of Tensors take no text; use np.concatenate")
        parts = [self._theirs[p] if isinstance(p, slice) else array(p) for p in parts]
        if self._as_columns:
            return ag.concatenate([p if p.ndim > 1 else p.reshape((-1, 1)) for p in parts], axis=-1)
        return ag.concatenate([ag.atleast_1d(p) for p in parts])


r_, c_ = _Joined(np.r_, False), _Joined(np.c_, True)
r_.is_whole = c_.is_whole = True  # type: ignore[attr-defined]
numpy_version = np.__version__
