"""Reductions of a part of the elements: NumPy's `where=`, `initial=`, `dtype=`, `mean=` and `out=`.

The ops themselves take none of them; a call that names one comes here (see `Op.form`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engine.diagnose import refuse_complex
from autograd.engine.into import into
from autograd.engine.op import form_of
from autograd.errors import ArgumentError
from autograd.extend import Array
from autograd.ops.reduction import nan, reduce, search, statistics
from autograd.ops.reduction.reduce import Axis, count
from autograd.ops.shape.shape import astype, broadcast_to

__all__: list[str] = []


def _array(x: Array, dtype: Any = None) -> Array:
    x = x if hasattr(x, "dtype") else np.asarray(x)
    return x if dtype is None or x.dtype == dtype else astype(x, dtype)


def _kept(x: Array, where: Any, fill: Any) -> Array:
    if where is None or where is True:
        return x
    fill = np.asarray(fill, x.dtype) if isinstance(fill, (bool, int, float)) else fill
    return np.where(where, x, fill)


@form_of(reduce.sum)
def _sum(
    x: Array,
    axis: Axis = None,
    dtype: Any = None,
    keepdims: bool = False,
    *,
    out: Any = None,
    initial: Any = None,
    where: Any = None,
) -> Array:
    total = reduce.sum(_kept(_array(x), where, 0), axis, dtype, keepdims)
    return into(out, total if initial is None else total + initial)


@form_of(reduce.prod)
def _prod(
    x: Array,
    axis: Axis = None,
    dtype: Any = None,
    keepdims: bool = False,
    *,
    out: Any = None,
    initial: Any = None,
    where: Any = None,
) -> Array:
    total = reduce.prod(_kept(_array(x), where, 1), axis, dtype, keepdims)
    return into(out, total if initial is None else total * initial)


def _extremum(choose: Any, between: Any) -> Callable[..., Any]:
    def extremum(
        x: Array,
        axis: Axis = None,
        keepdims: bool = False,
        *,
        out: Any = None,
        initial: Any = None,
        where: Any = None,
    ) -> Array:
        x = _array(x)
        if initial is None:
            if where is not None and where is not True:
                raise ArgumentError(
                    f"{choose.__name__}(where=) needs initial=, the value where nothing is chosen"
                )
            return into(out, choose(x, axis, keepdims))
        if count(np.shape(x), axis):
            return into(out, between(choose(_kept(x, where, initial), axis, keepdims), initial))
        shape = np.sum(np.zeros(np.shape(x), bool), axis, keepdims=keepdims).shape
        return into(out, broadcast_to(_array(initial, x.dtype), shape))

    extremum.__name__ = choose.__name__
    return extremum


form_of(reduce.max)(_extremum(reduce.max, np.maximum))
form_of(reduce.min)(_extremum(reduce.min, np.minimum))
form_of(nan.nanmax)(_extremum(nan.nanmax, np.fmax))
form_of(nan.nanmin)(_extremum(nan.nanmin, np.fmin))


def _how_many(x: Array, axis: Axis, where: Any, dtype: Any) -> Any:
    """The number of elements that a mask keeps, by slice, with the axes kept as length 1."""
    here = np.broadcast_to(np.asarray(where, bool), np.shape(x))
    return np.sum(here, axis=axis, keepdims=True, dtype=dtype)


def _shown(x: Array, axis: Axis, keepdims: bool) -> Array:
    return x if keepdims else np.squeeze(x, tuple(range(np.ndim(x))) if axis is None else axis)


@form_of(reduce.mean)
def _mean(
    x: Array,
    axis: Axis = None,
    dtype: Any = None,
    keepdims: bool = False,
    *,
    out: Any = None,
    where: Any = None,
) -> Array:
    x = _array(x)
    if where is None or where is True:
        return into(out, reduce.mean(x, axis, dtype, keepdims))
    x = _array(x + 0.0 if x.dtype.kind in "biu" else x, dtype)
    total = reduce.sum(_kept(x, where, 0), axis, None, True)
    mean = total / _how_many(x, axis, where, np.result_type(total))
    return into(out, _shown(mean, axis, keepdims))


def _spread(
    x: Array, axis: Axis, dtype: Any, correction: Any, mean: Any, where: Any
) -> tuple[Array, Array]:
    """The variance with the axes kept, and the number of degrees of freedom."""
    x = _array(x)
    refuse_complex("var", (x,))
    x = _array(x + 0.0 if x.dtype.kind in "biu" else x, dtype)
    where = True if where is None else where
    middle = _mean(x, axis, None, True, where=where) if mean is None else mean
    far = _kept(x - middle, where, 0)
    squares = np.real(far * np.conj(far)) if np.iscomplexobj(far) else far * far
    free = _how_many(x, axis, where, np.result_type(squares)) - correction
    total = reduce.sum(squares, axis, None, True)
    return total, np.maximum(free, 0)


@form_of(statistics.var, ("correction", "ddof"))
def _var(
    x: Array,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    correction: Any = 0,
    ddof: Any = None,
    dtype: Any = None,
    out: Any = None,
    mean: Any = None,
    where: Any = None,
) -> Array:
    total, free = _spread(x, axis, dtype, correction if ddof is None else ddof, mean, where)
    return into(out, _shown(total / free, axis, keepdims))


@form_of(statistics.std, ("correction", "ddof"))
def _std(
    x: Array,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    correction: Any = 0,
    ddof: Any = None,
    dtype: Any = None,
    out: Any = None,
    mean: Any = None,
    where: Any = None,
) -> Array:
    total, free = _spread(x, axis, dtype, correction if ddof is None else ddof, mean, where)
    squares = _shown(total / free, axis, keepdims)
    flat = np.equal(squares, 0)  # where the gradient is 0, too
    return into(out, np.where(flat, 0 * squares, np.sqrt(np.where(flat, 1, squares))))


@form_of(search.all)
def _all(
    x: Array, axis: Axis = None, keepdims: bool = False, *, out: Any = None, where: Any = None
) -> Array:
    return into(out, search.all(_kept(np.not_equal(x, 0), where, True), axis, keepdims))


@form_of(search.any)
def _any(
    x: Array, axis: Axis = None, keepdims: bool = False, *, out: Any = None, where: Any = None
) -> Array:
    return into(out, search.any(_kept(np.not_equal(x, 0), where, False), axis, keepdims))
