"""Ops that put, add and pick numbers at places, and that run along an axis, on precise values.

In double precision these are kernels. Where numbers go is read off the op that takes them from
there, asked for the places themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engine.op import OPS, Array
from autograd.gradcheck.precise.digits import lifted
from autograd.gradcheck.precise.functions import apply
from autograd.gradcheck.precise.value import numbers_of, plain_index, wrapped

__all__ = ["PLACES"]


def _added(v: Any, places: Array, shape: Any) -> Any:
    """Zeros of a shape with v added at these places, as often as they are named."""
    found = lifted(np.zeros(shape)).ravel()
    np.add.at(found, np.ravel(places), np.broadcast_to(numbers_of(v), np.shape(places)).ravel())
    return wrapped(found.reshape(shape))


def _places(shape: Any) -> Array:
    return np.arange(int(np.prod(shape, dtype=int))).reshape(shape)


def _add_at(v: Any, indices: Any, shape: Any, axis: Any = None, mode: str = "raise") -> Any:
    taken = OPS["take"].record(_places(shape), indices, axis=axis, mode=mode)
    return _added(v, np.asarray(taken), shape)


def _add_along_axis(v: Any, indices: Any, shape: Any, axis: Any = -1) -> Any:
    taken = OPS["take_along_axis"].record(_places(shape), indices, axis=axis)
    return _added(v, np.asarray(taken), shape)


def _extreme_at(x: Any, index: Any, src: Any, axis: int, largest: bool = True) -> Any:
    found = numbers_of(x).copy()
    taken = OPS["take_along_axis"].record(_places(found.shape), index, axis=axis)
    ufunc = np.maximum if largest else np.minimum
    ufunc.at(found.reshape(-1), np.ravel(np.asarray(taken)), numbers_of(src).ravel())
    return wrapped(found)


def _put_at(v: Any, shape: Any, index: Any) -> Any:
    return _added(v, _places(shape)[plain_index(index)], shape)


def _setitem(x: Any, v: Any, index: Any) -> Any:
    found = numbers_of(x).copy()
    found[plain_index(index)] = numbers_of(v)
    return wrapped(found)


def _move_rows(x: Any, source: Any, target: Any, count: int) -> Any:
    rows = numbers_of(x)[np.asarray(source)]
    found = lifted(np.zeros((count, *rows.shape[1:])))
    np.add.at(found, np.asarray(target), rows)
    return wrapped(found)


def _topk(x: Any, k: int, axis: int = -1, largest: bool = True) -> Any:
    order = np.argsort(-x if largest else x, axis=axis, stable=True)
    order = np.take(order, np.arange(k), axis=axis)
    return np.take_along_axis(x, order, axis), order


def _accumulated(ufunc: np.ufunc) -> Callable[..., Any]:
    return lambda x, axis=0: wrapped(ufunc.accumulate(numbers_of(x), axis=axis))


def _logcumsumexp(x: Any, axis: int) -> Any:
    def both(a: Any, b: Any) -> Any:
        return apply("logaddexp", a, b).numbers[()]

    return wrapped(np.frompyfunc(both, 2, 1).accumulate(numbers_of(x), axis=axis, dtype=object))


def _linear_recurrence(a: Any, b: Any, axis: int = -1, reverse: bool = False) -> Any:
    shape = np.broadcast_shapes(np.shape(numbers_of(a)), np.shape(numbers_of(b)))
    factors, terms = (np.moveaxis(np.broadcast_to(numbers_of(x), shape), axis, 0) for x in (a, b))
    found, h = np.empty(factors.shape, object), lifted(np.zeros(factors.shape[1:]))
    for t in range(len(found))[:: -1 if reverse else 1]:
        found[t] = h = factors[t] * h + terms[t]
    return wrapped(np.moveaxis(found, 0, axis))


PLACES: dict[str, Callable[..., Any]] = {
    "add_at": _add_at,
    "add_along_axis": _add_along_axis,
    "extreme_at": _extreme_at,
    "put_at": _put_at,
    "setitem": _setitem,
    "move_rows": _move_rows,
    "topk": _topk,
    "cummax": _accumulated(np.maximum),
    "cummin": _accumulated(np.minimum),
    "cumprod": _accumulated(np.multiply),
    "logcumsumexp": _logcumsumexp,
    "linear_recurrence": _linear_recurrence,
}
