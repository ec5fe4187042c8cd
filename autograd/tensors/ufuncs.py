"""NumPy's ufuncs on Tensors: `out=`, `where=`, `dtype=`, and the methods reduce, at, outer, ...

A ufunc that is one of our ops is recorded as that op; what NumPy adds to every ufunc stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.engine.into import into
from autograd.engine.operands import raw
from autograd.errors import ArgumentError, AxisError, DTypeError, ShapeError, UnsupportedError
from autograd.ops.indexing.index import setitem
from autograd.ops.indexing.take import add_at
from autograd.ops.reduction import cumulative, reduce, search
from autograd.ops.shape.axes import moveaxis
from autograd.ops.shape.join import stack, unstack
from autograd.ops.shape.rank import expand_dims
from autograd.ops.shape.shape import astype, broadcast_to, reshape

__all__ = ["called", "method_of"]

Recorded = Callable[..., Any]

# what reduces and accumulates by an op of its own; all others go element by element
_REDUCED: dict[str, Recorded] = {
    "add": reduce.sum, "multiply": reduce.prod, "maximum": reduce.max, "minimum": reduce.min,
    "logical_and": search.all, "logical_or": search.any, "logaddexp": reduce.logsumexp,
}  # fmt: skip
_ACCUMULATED: dict[str, Recorded] = {
    "add": cumulative.cumsum, "multiply": cumulative.cumprod,
    "maximum": cumulative.cummax, "minimum": cumulative.cummin,
}  # fmt: skip
_UNSEEN = ("order", "subok", "signature", "sig")  # they say nothing about the numbers


def called(ufunc: np.ufunc, mine: Recorded, inputs: Sequence[Any], options: dict[str, Any]) -> Any:
    """`np.exp(x, out=y, where=mask, dtype="float64")`."""
    options = {k: v for k, v in options.items() if k not in _UNSEEN}
    out, where = options.pop("out", None), options.pop("where", True)
    dtype, casting = options.pop("dtype", None), options.pop("casting", "same_kind")
    if dtype is not None and np.dtype(dtype) != bool:
        inputs = [_cast(ufunc, x, np.dtype(dtype), casting) for x in inputs]

    axes, keepdims = options.pop("axes", None), options.pop("keepdims", False)

    def run(*given: Any) -> Any:
        if axes is not None:
            return _along(ufunc, mine, given, axes, keepdims)
        result = mine(*given, **options)
        return expand_dims(result, options.get("axis", -1)) if keepdims else result

    if where is True:
        return _stored(out, run(*inputs))
    return _stored(out, _selected(run, inputs, where, out))


def _along(ufunc: np.ufunc, mine: Recorded, given: Any, axes: Any, keepdims: bool) -> Any:
    """A function of matrices, such as matmul, whose axes are named for each input and the result.

    >>> np.matmul.signature
    '(n?,k),(k,m?)->(n?,m?)'
    """
    places = [part if isinstance(part, tuple) else (part,) for part in axes]
    last = [tuple(range(-len(part), 0)) for part in places]
    moved = [
        moveaxis(x, part, ends) for x, part, ends in zip(given, places, last, strict=False)
    ]  # fmt: skip
    result = mine(*moved)
    if keepdims:
        result = expand_dims(result, -1)
        return moveaxis(result, -1, places[0][0])
    return moveaxis(result, last[-1], places[-1]) if len(places) > len(given) else result


def _cast(ufunc: np.ufunc, x: Any, dtype: np.dtype[Any], casting: Any) -> Any:
    """An input in the dtype that a ufunc is to compute in."""
    if isinstance(x, (bool, int, float, complex)):
        return dtype.type(x)
    if not np.can_cast(x.dtype, dtype, casting):
        raise DTypeError(f"np.{ufunc.__name__}: {x.dtype} is not cast to {dtype} by {casting!r}")
    return x.astype(dtype)


def _stored(out: Any, result: Any) -> Any:
    if out is None:
        return result
    if not isinstance(result, tuple):
        return _spread_into(out[0] if isinstance(out, tuple) else out, result)
    return tuple(r if o is None else _spread_into(o, r) for o, r in zip(out, result, strict=True))


def _spread_into(out: Any, result: Any) -> Any:
    """`out` may have more elements than the result, which is repeated then."""
    if np.shape(out) != np.shape(result) and np.ndim(result) <= np.ndim(out):
        result = broadcast_to(result, np.shape(out))
    return into(out, result)


def _selected(run: Recorded, inputs: Sequence[Any], where: Any, out: Any) -> Any:
    """The ufunc of the elements that a mask chooses; the others are those of out, or 0.

    The others are not computed, so that no NaN of theirs comes into a gradient.
    """
    mask = np.asarray(raw(where), bool)
    base = None if out is None else out[0]
    shapes = [np.shape(x) for x in inputs] + ([] if base is None else [np.shape(base)])
    shape = np.broadcast_shapes(mask.shape, *shapes)
    mask = np.broadcast_to(mask, shape)
    found = run(*[
        x if isinstance(x, (bool, int, float, complex)) else broadcast_to(x, shape)[mask]
        for x in inputs
    ])  # fmt: skip
    if isinstance(found, tuple):
        raise UnsupportedError("where= of a ufunc with two results: write autograd.where")
    return setitem(np.zeros(shape, found.dtype) if base is None else base, found, mask)


# ---- methods -------------------------------------------------------------------------------------


def method_of(ufunc: np.ufunc, mine: Recorded, method: str, inputs: Any, options: Any) -> Any:
    """`np.add.reduce(x)`, `np.multiply.outer(x, y)`, `np.add.at(x, i, v)`, ..."""
    if method != "at" and method != "outer" and (ufunc.nin != 2 or ufunc.signature is not None):
        raise ArgumentError(f"np.{ufunc.__name__}.{method}: only functions of two numbers have it")
    return _METHODS[method](ufunc, mine, *inputs, **options)


def _reduced(
    ufunc: np.ufunc,
    mine: Recorded,
    array: Any,
    axis: Any = 0,
    dtype: Any = None,
    out: Any = None,
    keepdims: bool = False,
    initial: Any = np._NoValue,
    where: Any = True,
) -> Any:
    own = _REDUCED.get(ufunc.__name__)
    array = array if dtype is None or np.dtype(dtype) == bool else astype(array, dtype)
    plain = initial is np._NoValue and where is True
    if own is not None and (plain or own not in (reduce.logsumexp, search.all, search.any)):
        more = {} if initial is np._NoValue or initial is None else {"initial": initial}
        more |= {} if where is True else {"where": where}
        result = own(array, axis=axis, keepdims=keepdims, **more)
    else:
        result = _folded(ufunc, mine, array, axis, keepdims, initial, where)
    return _stored(out, result)


def _folded(
    ufunc: np.ufunc, mine: Recorded, array: Any, axis: Any, keepdims: bool, initial: Any, where: Any
) -> Any:
    """A reduction, one slice after the other."""
    shape, rows, masks = _slices(ufunc, array, axis, where)
    total = ufunc.identity if initial is np._NoValue and where is not True else initial
    if isinstance(total, (bool, int, float)) and where is not True:
        total = np.asarray(total, array.dtype)
    if total is np._NoValue or total is None:
        if not rows and ufunc.identity is None:
            raise ShapeError(f"np.{ufunc.__name__}.reduce: there is no element, and no identity")
        total, rows, masks = (
            (rows[0], rows[1:], masks[1:]) if rows else (ufunc.identity, rows, masks)
        )
    for row, mask in zip(rows, masks, strict=True):
        if mask is None:
            total = mine(total, row)
        else:
            total = broadcast_to(total, row.shape)
            total = _selected(mine, (total, row), mask, (total,))
    if not rows and np.shape(total) == ():
        total = broadcast_to(total, tuple(n for n in shape if n != -1))
    if not keepdims:
        return total
    return reshape(total, tuple(1 if n == -1 else n for n in shape))


def _slices(ufunc: np.ufunc, array: Any, axis: Any, where: Any) -> tuple[Any, list[Any], list[Any]]:
    """The shape, with -1 for what is reduced; the slices in order; the mask of each."""
    ndim = np.ndim(array)
    axes = tuple(range(ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    try:
        axes = np.lib.array_utils.normalize_axis_tuple(axes, ndim)
    except np.exceptions.AxisError as error:
        raise AxisError(f"np.{ufunc.__name__}.reduce: {error}") from None
    shape = tuple(-1 if a in axes else n for a, n in enumerate(np.shape(array)))
    kept = tuple(n for n in shape if n != -1)

    def rows(x: Any) -> list[Any]:
        front = moveaxis(x, axes, tuple(range(len(axes)))) if axes else x
        count = int(np.prod([np.shape(x)[a] for a in axes]))
        return list(unstack(reshape(front, (count, *kept))))

    found = rows(array)
    if where is True:
        return shape, found, [None] * len(found)
    mask = np.broadcast_to(np.asarray(raw(where), bool), np.shape(array))
    return shape, found, rows(mask)


def _accumulated(
    ufunc: np.ufunc, mine: Recorded, array: Any, axis: int = 0, dtype: Any = None, out: Any = None
) -> Any:
    array = array if dtype is None else astype(array, dtype)
    own = _ACCUMULATED.get(ufunc.__name__)
    if own is not None:
        return _stored(out, own(array, axis=axis))
    rows = list(unstack(array, axis=axis))
    for i in range(1, len(rows)):
        rows[i] = mine(rows[i - 1], rows[i])
    return _stored(out, stack(rows, axis=axis) if rows else array)


def _outer(ufunc: np.ufunc, mine: Recorded, a: Any, b: Any, /, **options: Any) -> Any:
    if ufunc.nin != 2 or ufunc.signature is not None:
        raise ArgumentError(f"np.{ufunc.__name__}.outer: only functions of two numbers have it")
    spread = reshape(a, np.shape(a) + (1,) * np.ndim(b)) if np.ndim(b) else a
    return called(ufunc, mine, (spread, b), options)


def _reduced_at(
    ufunc: np.ufunc,
    mine: Recorded,
    array: Any,
    indices: Any,
    axis: int = 0,
    dtype: Any = None,
    out: Any = None,
) -> Any:
    array = moveaxis(array if dtype is None else astype(array, dtype), axis, 0)
    starts, n = np.asarray(raw(indices), int), np.shape(array)[0]
    if starts.ndim != 1 or np.any((starts < 0) | (starts >= n)):
        raise ArgumentError(f"np.{ufunc.__name__}.reduceat: indices go from 0 to {n - 1}, in a row")
    ends = [*starts[1:].tolist(), n]
    parts = [
        _reduced(ufunc, mine, array[start:end]) if start < end else array[start]
        for start, end in zip(starts.tolist(), ends, strict=True)
    ]
    return _stored(out, moveaxis(stack(parts), 0, axis))


def _changed_at(ufunc: np.ufunc, mine: Recorded, a: Any, indices: Any, *b: Any) -> None:
    """`np.add.at(x, i, v)`: what is named twice is changed twice."""
    shape, size = np.shape(a), int(np.prod(np.shape(a)))
    places = np.arange(size).reshape(shape)[_raw_index(indices)]
    values = [reshape(broadcast_to(v, places.shape), (-1,)) for v in b]
    flat, places = reshape(a, (size,)), places.ravel()
    if ufunc.__name__ in ("add", "subtract"):
        flat = mine(flat, add_at(values[0], places, (size,)))
    else:
        for turn in _turns(places):
            there = places[turn]
            flat = setitem(flat, mine(flat[there], *[v[turn] for v in values]), there)
    into(a, reshape(flat, shape))


def _raw_index(indices: Any) -> Any:
    return tuple(map(raw, indices)) if isinstance(indices, tuple) else raw(indices)


def _turns(places: Any) -> list[Any]:
    """The numbers of the places, each place at most once in a turn."""
    order = np.argsort(places, kind="stable")
    ranked = places[order]
    first = np.searchsorted(ranked, ranked)
    turn = np.empty(len(places), int)
    turn[order] = np.arange(len(places)) - first
    return [np.flatnonzero(turn == k) for k in range(int(np.max(turn, initial=-1)) + 1)]


_METHODS: dict[str, Callable[..., Any]] = {
    "reduce": _reduced, "accumulate": _accumulated, "outer": _outer, "reduceat": _reduced_at,
    "at": _changed_at,
}  # fmt: skip
