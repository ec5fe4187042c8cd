"""What NumPy's functions give for Tensors where no op of the same name does."""

from __future__ import annotations

import builtins
import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd as ag
from autograd.engine.operands import raw, tensor_types
from autograd.errors import ArgumentError, ShapeError, UnsupportedError
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
    _, *told = theirs(raw(a), True, return_inverse, return_counts, axis, **options)
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


def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """One array after the other."""
    arr, values = array(arr), array(values)
    if axis is None:
        arr, values, axis = arr.ravel(), values.ravel(), 0
    return ag.concatenate([arr, values], axis=axis)


def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    """Of each element the choice of the first condition that holds."""
    if len(condlist) != len(choicelist):
        raise ArgumentError(
            f"select: {len(condlist)} conditions and {len(choicelist)} choices; one for each"
        )
    result = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        result = ag.where(raw(condition), choice, result)
    return result


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
        return np.where(raw(condition))
    return ag.where(raw(condition), *given)


@whole
def make_diagonal(D: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Matrices with the last axis of an array as their diagonal."""
    if (offset, axis1, axis2) != (0, -1, -2):
        raise UnsupportedError("make_diagonal takes offset=0, axis1=-1, axis2=-2 alone")
    return D[..., None] * np.eye(D.shape[-1])


def clip(a: Any, a_min: Any = None, a_max: Any = None, **named: Any) -> Any:
    """`np.clip`, by the names that its bounds have had."""
    return ag.clip(a, named.get("min", a_min), named.get("max", a_max))


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
        chosen = pick(raw(a), axis=axis, keepdims=True) == raw(a)
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
    is_zero = raw(squares) == 0  # where the gradient is 0, too
    return ag.where(is_zero, 0.0, ag.sqrt(ag.where(is_zero, 1.0, squares)))


def rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    """An axis moved before another."""
    axis, start = axis % a.ndim, start + a.ndim if start < 0 else start
    return ag.moveaxis(a, axis, start - 1 if axis < start else start)


def partition(a: Any, kth: Any, axis: int | None = -1, **options: Any) -> Any:
    """The elements, those before a place not larger than those behind it."""
    if axis is None:
        a, axis = a.ravel(), -1
    order = np.argpartition(raw(a), kth, axis, **options)
    return ag.take_along_axis(a, order, axis=axis)


def real_if_close(a: Any, tol: float = 100) -> Any:
    """The real part, if that is all there is."""
    return ag.real(a) if np.isrealobj(np.real_if_close(raw(a), tol)) else a


def gradient(f: Any, *spacing: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Central differences, one-sided at the ends."""
    if edge_order != 1:
        raise UnsupportedError("np.gradient of a Tensor: edge_order is 1")
    axes = range(f.ndim) if axis is None else [axis] if isinstance(axis, int) else list(axis)
    steps = list(spacing) or [1.0]
    steps = steps * len(axes) if len(steps) == 1 else steps
    if len(steps) != len(axes):
        raise ArgumentError(f"np.gradient: {len(steps)} spacings for {len(axes)} axes")
    slopes = [_slope(ag.moveaxis(f, k, 0), h) for k, h in zip(axes, steps, strict=True)]
    slopes = [ag.moveaxis(slope, 0, k) for slope, k in zip(slopes, axes, strict=True)]
    return slopes[0] if len(slopes) == 1 else tuple(slopes)


def _slope(f: Any, step: Any) -> Any:
    """Differences along the first axis, whose places are given or equally far apart."""
    if len(f) < 2:
        raise ShapeError("np.gradient needs two elements along its axis, at least")
    if np.ndim(raw(step)) == 0:
        inner = (f[2:] - f[:-2]) / (2.0 * step)
        gaps = (step, step)
    else:
        h = ag.diff(step) if type(step) in tensor_types else np.diff(step)
        gaps = (h[0], h[-1])
        h = h.reshape((-1,) + (1,) * (f.ndim - 1))
        before, after = h[:-1], h[1:]
        change = after / before * (f[1:-1] - f[:-2]) + before / after * (f[2:] - f[1:-1])
        inner = change / (before + after)
    ends = (f[1:2] - f[:1]) / gaps[0], (f[-1:] - f[-2:-1]) / gaps[1]
    return ag.concatenate([ends[0], inner, ends[1]])


def linspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, **options: Any) -> Any:
    """Equal steps between two values."""
    if options.keys() - {"dtype", "axis"}:
        raise UnsupportedError("np.linspace of a Tensor takes no retstep: stop - start tells it")
    shape = (num,) + (1,) * builtins.max(np.ndim(raw(start)), np.ndim(raw(stop)))
    steps = np.linspace(0.0, 1.0, num, endpoint).reshape(shape)
    result = start * (1.0 - steps) + stop * steps
    return ag.moveaxis(result, 0, options.get("axis", 0))


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
