"""NumPy's reductions, on lazy values."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.compiler.lower.operands import is_none, refuse_others
from autograd.errors import UnsupportedError

__all__ = ["REDUCTIONS", "UFUNCS", "sum_in_runs"]


def _axes(x: Any, axis: Any) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(x.ndim))
    return tuple(sorted(normalize_axis_tuple(axis, x.ndim)))


def _reduced_shape(x: Any, axes: tuple[int, ...], keepdims: bool) -> tuple[int, ...]:
    if keepdims:
        return tuple(1 if a in axes else n for a, n in enumerate(x.shape))
    return tuple(n for a, n in enumerate(x.shape) if a not in axes)


_SUMMED = {"b": np.dtype(np.int_), "i": np.dtype(np.int_), "u": np.dtype(np.uint)}


def _dtype_of(name: str, x: Any) -> np.dtype[Any]:
    if name in ("any", "all"):
        return np.dtype(np.bool_)
    if name in ("argmax", "argmin"):
        return np.dtype(np.intp)
    if name in ("sum", "prod") and x.dtype.kind in "biu" and x.dtype.itemsize < 8:
        return _SUMMED[x.dtype.kind]
    own: np.dtype[Any] = x.dtype
    return own


_FROM: dict[str, Callable[[Any, Any], Any]] = {
    "sum": np.add, "prod": np.multiply, "max": np.maximum, "min": np.minimum,
}  # fmt: skip


def _reduction(name: str) -> Callable[..., Any]:
    def reduce(
        x: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False,
        initial: Any = None, **others: Any,
    ) -> Any:  # fmt: skip
        if name in ("max", "min", "any", "all") and dtype is not None:
            dtype, out = None, dtype  # its place in these signatures
        refuse_others(name, others)
        x = x if dtype is None else x.astype(np.dtype(dtype), copy=False)
        axes, keepdims = _axes(x, axis), keepdims is True or keepdims == 1
        shape, of = _reduced_shape(x, axes, keepdims), _dtype_of(name, x)
        if name in ("max", "min") and 0 in (x.shape[a] for a in axes):
            if is_none(initial):
                raise UnsupportedError(f"np.{name} of no numbers")
            return np.full_like(x, initial, of, shape=shape)
        found = x.write("reduce", name, (x,), (axes, keepdims), shape, of)
        if not is_none(initial):
            found = _FROM[name](found, initial)
        return found if is_none(out) else out.assign(found)

    return reduce


def sum_in_runs(x: Any, axes: tuple[int, ...]) -> Any:
    """A sum in double precision, whose axes stay, of short sums in the precision of x.

    It is what kernels compute, where `np.sum(x, dtype=np.float64)` widens each number.
    """
    shape, wide = _reduced_shape(x, axes := _axes(x, axes), True), np.dtype(np.float64)
    if x.dtype.kind != "f" or x.dtype.itemsize < 4:
        raise UnsupportedError(f"a sum in runs of {x.dtype}")
    return x.write("reduce", "sum", (x,), (axes, True), shape, wide)


def _arg(name: str) -> Callable[..., Any]:
    def reduce(x: Any, axis: Any = None, out: Any = None, keepdims: Any = False) -> Any:
        axes, keepdims = _axes(x, axis), keepdims is True
        shape = _reduced_shape(x, axes, keepdims)
        if out is not None or 0 in (x.shape[a] for a in axes):
            raise UnsupportedError(f"np.{name} of no numbers")
        return x.write("reduce", name, (x,), (axes, keepdims), shape, _dtype_of(name, x))

    return reduce


def _mean(x: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False,
          **others: Any) -> Any:  # fmt: skip
    refuse_others("mean", others)
    own = x.dtype if dtype is None else np.dtype(dtype)
    if own.kind in "biu":
        own = np.dtype(np.float64)
    if own.itemsize == 2:
        raise UnsupportedError("np.mean of half precision")
    count = math.prod(x.shape[a] for a in _axes(x, axis))
    found = np.sum(x, axis=axis, dtype=own, keepdims=keepdims) / count
    return found if is_none(out) else out.assign(found)


def _var(x: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0,
         keepdims: Any = False, correction: Any = None, **others: Any) -> Any:  # fmt: skip
    refuse_others("var", {"out": out, "dtype": dtype, **others})
    ddof = ddof if is_none(correction) else correction
    if x.dtype.kind != "f" or x.dtype.itemsize == 2:
        raise UnsupportedError(f"np.var of {x.dtype}")
    count = math.prod(x.shape[a] for a in _axes(x, axis))
    off = x - np.mean(x, axis=axis, keepdims=True)
    return np.sum(off * off, axis=axis, keepdims=keepdims) / max(count - ddof, 0)


def _vector_norm(x: Any, axis: Any = None, keepdims: Any = False, ord: float = 2) -> Any:
    if x.dtype.kind not in "fc":
        raise UnsupportedError(f"np.linalg.vector_norm of {x.dtype}")
    over = {"axis": axis, "keepdims": keepdims}
    size = np.abs(x)
    if math.isinf(ord):
        return np.max(size, **over) if ord > 0 else np.min(size, **over)
    if ord == 0:
        return np.sum((x != 0).astype(size.dtype), **over)
    if ord == 1:
        return np.sum(size, **over)
    return (
        np.sqrt(np.sum(size * size, **over))
        if ord == 2
        else (np.sum(size**ord, **over) ** (1 / ord))
    )


UFUNCS: dict[str, Callable[..., Any]] = {  # whose `reduce` it is
    "add": _reduction("sum"), "multiply": _reduction("prod"), "maximum": _reduction("max"),
    "minimum": _reduction("min"), "logical_or": _reduction("any"),
    "logical_and": _reduction("all"),
}  # fmt: skip

REDUCTIONS: dict[str, Callable[..., Any]] = {
    **{name: _reduction(name) for name in ("sum", "prod", "max", "min", "any", "all")},
    "amax": _reduction("max"), "amin": _reduction("min"), "argmax": _arg("argmax"),
    "argmin": _arg("argmin"), "mean": _mean, "var": _var,
    "vector_norm": _vector_norm,
    "std": lambda *args, **kwargs: np.sqrt(_var(*args, **kwargs)),
}  # fmt: skip
