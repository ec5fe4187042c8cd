"""NumPy's functions that are no ufuncs, on lazy values: as instructions, or as each other."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from autograd.compiler.lower.writer import broadcast, kind_of
from autograd.errors import UnsupportedError

__all__ = ["ARRAY_FUNCTIONS", "REDUCTIONS"]


def _is_none(x: Any) -> bool:
    return x is None or x is np._NoValue


def lazy_in(*values: Any) -> Any:
    """The first lazy value among some."""
    for x in values:
        if hasattr(type(x), "__autograd_op__"):
            return x
    raise UnsupportedError("no value of a formula is where one is needed")


def _common(*operands: Any) -> np.dtype[Any]:
    """The dtype of a choice between operands; Python's numbers take that of the others."""
    kinds = [kind_of(x) for x in operands]
    return np.result_type(*(kind if isinstance(kind, np.dtype) else kind(0) for kind in kinds))


def _refuse_others(name: str, others: dict[str, Any]) -> None:
    if given := [k for k, v in others.items() if not _is_none(v)]:
        raise UnsupportedError(f"np.{name} with {', '.join(given)}")


# ---- elementwise -------------------------------------------------------------------------------


def _where(condition: Any, x: Any = None, y: Any = None) -> Any:
    if x is None or y is None:
        raise UnsupportedError("np.where of a condition alone has a shape that values decide")
    given = (condition, x, y)
    return lazy_in(*given).write("elementwise", "where", given, (), broadcast(given), _common(x, y))


def _clip(x: Any, low: Any = None, high: Any = None, out: Any = None, **others: Any) -> Any:
    low, high = others.pop("a_min", low), others.pop("a_max", high)
    low, high = others.pop("min", low), others.pop("max", high)
    _refuse_others("clip", others)
    found = x if _is_none(low) else np.maximum(x, low)
    found = found if _is_none(high) else np.minimum(found, high)
    found = +found if found is x else found
    return found if out is None else out.assign(found)


def _like(value: float) -> Callable[..., Any]:
    def like(x: Any, dtype: Any = None, order: Any = "K", subok: Any = True, shape: Any = None,
             **_: Any) -> Any:  # fmt: skip
        return _full_like(x, value, dtype, shape=shape)

    return like


def _full_like(x: Any, value: Any, dtype: Any = None, shape: Any = None, **_: Any) -> Any:
    dtype = x.dtype if dtype is None else np.dtype(dtype)
    shape = x.shape if shape is None else (shape,) if isinstance(shape, int) else tuple(shape)
    if hasattr(type(value), "__autograd_op__"):
        return np.broadcast_to(value.astype(dtype), shape).copy()
    whole = np.broadcast_to(np.asarray(value, dtype), shape)
    return lazy_in(x, value).lifted(whole)


def _empty_like(x: Any, dtype: Any = None, order: Any = "K", subok: Any = True, shape: Any = None,
                **_: Any) -> Any:  # fmt: skip
    shape = x.shape if shape is None else (shape,) if isinstance(shape, int) else tuple(shape)
    return x.empty(shape, x.dtype if dtype is None else np.dtype(dtype))


def _copyto(target: Any, value: Any, casting: str = "same_kind", where: Any = True) -> None:
    target.assign(value if where is True else np.where(where, value, target))


def _real(x: Any) -> Any:
    if x.dtype.kind != "c":
        return x
    return x.write("elementwise", "real", (x,), (), x.shape, x.real_dtype)


def _imag(x: Any) -> Any:
    if x.dtype.kind != "c":
        return np.zeros_like(x)
    return x.write("elementwise", "imag", (x,), (), x.shape, x.real_dtype)


def _copy(x: Any, *_: Any, **__: Any) -> Any:
    return x.copy()


def _result_type(*operands: Any) -> np.dtype[Any]:
    known = (np.dtype, type, str)
    dtypes = [np.dtype(x) for x in operands if isinstance(x, known)]
    values = [x for x in operands if not isinstance(x, known)]
    return np.result_type(*dtypes, *([_common(*values)] if values else []))


# ---- reductions --------------------------------------------------------------------------------


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
        _refuse_others(name, others)
        x = x if dtype is None else x.astype(np.dtype(dtype), copy=False)
        axes, keepdims = _axes(x, axis), keepdims is True or keepdims == 1
        if _is_none(initial) and name in ("max", "min") and 0 in (x.shape[a] for a in axes):
            raise UnsupportedError(f"np.{name} of no numbers")
        shape, of = _reduced_shape(x, axes, keepdims), _dtype_of(name, x)
        found = x.write("reduce", name, (x,), (axes, keepdims), shape, of)
        if not _is_none(initial):
            found = _FROM[name](found, initial)
        return found if _is_none(out) else out.assign(found)

    return reduce


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
    _refuse_others("mean", others)
    own = x.dtype if dtype is None else np.dtype(dtype)
    if own.kind in "biu":
        own = np.dtype(np.float64)
    if own.itemsize == 2:
        raise UnsupportedError("np.mean of half precision")
    count = math.prod(x.shape[a] for a in _axes(x, axis))
    found = np.sum(x, axis=axis, dtype=own, keepdims=keepdims) / count
    return found if _is_none(out) else out.assign(found)


def _var(x: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0,
         keepdims: Any = False, **others: Any) -> Any:  # fmt: skip
    _refuse_others("var", {"out": out, "dtype": dtype, **others})
    if x.dtype.kind != "f" or x.dtype.itemsize == 2:
        raise UnsupportedError(f"np.var of {x.dtype}")
    count = math.prod(x.shape[a] for a in _axes(x, axis))
    off = x - np.mean(x, axis=axis, keepdims=True)
    return np.sum(off * off, axis=axis, keepdims=keepdims) / max(count - ddof, 0)


REDUCTIONS: dict[str, Callable[..., Any]] = {
    "add": _reduction("sum"), "multiply": _reduction("prod"), "maximum": _reduction("max"),
    "minimum": _reduction("min"), "logical_or": _reduction("any"),
    "logical_and": _reduction("all"),
}  # fmt: skip


# ---- views -------------------------------------------------------------------------------------


def _reshape(x: Any, shape: Any, order: str = "C", **others: Any) -> Any:
    _refuse_others("reshape", others)
    if order != "C":
        raise UnsupportedError("np.reshape in another order")
    shape = (int(shape),) if isinstance(shape, (int, np.integer)) else tuple(map(int, shape))
    if -1 in shape:
        rest = -math.prod(shape)
        shape = tuple((x.size // rest if rest else 0) if n == -1 else n for n in shape)
    if math.prod(shape) != x.size:
        raise UnsupportedError(f"np.reshape of {x.shape} to {shape}")
    return x if shape == x.shape else x.view("reshape", (shape,), shape)


def _transpose(x: Any, axes: Any = None) -> Any:
    axes = range(x.ndim)[::-1] if axes is None else axes
    axes = tuple(normalize_axis_index(int(a), x.ndim) for a in axes)
    if axes == tuple(range(x.ndim)):
        return x
    return x.view("transpose", (axes,), tuple(x.shape[a] for a in axes))


def _swapaxes(x: Any, a: int, b: int) -> Any:
    axes = list(range(x.ndim))
    a, b = normalize_axis_index(a, x.ndim), normalize_axis_index(b, x.ndim)
    axes[a], axes[b] = axes[b], axes[a]
    return _transpose(x, axes)


def _moveaxis(x: Any, source: Any, destination: Any) -> Any:
    source = normalize_axis_tuple(source, x.ndim)
    destination = normalize_axis_tuple(destination, x.ndim)
    order = [n for n in range(x.ndim) if n not in source]
    for to, at in sorted(zip(destination, source, strict=True)):
        order.insert(to, at)
    return _transpose(x, order)


def _broadcast_to(x: Any, shape: Any, subok: bool = False) -> Any:
    shape = (shape,) if isinstance(shape, int) else tuple(map(int, shape))
    if np.broadcast_shapes(x.shape, shape) != shape:
        raise UnsupportedError(f"np.broadcast_to of {x.shape} to {shape}")
    return x if shape == x.shape else x.view("broadcast_to", (shape,), shape)


def _expand_dims(x: Any, axis: Any) -> Any:
    axis = axis if isinstance(axis, (tuple, list)) else (axis,)
    axes = normalize_axis_tuple(axis, x.ndim + len(axis))
    lengths = iter(x.shape)
    return _reshape(x, [1 if a in axes else next(lengths) for a in range(x.ndim + len(axes))])


def _squeeze(x: Any, axis: Any = None) -> Any:
    axes = [a for a, n in enumerate(x.shape) if n == 1] if axis is None else _axes(x, axis)
    return _reshape(x, [n for a, n in enumerate(x.shape) if a not in axes])


def _flip(x: Any, axis: Any = None) -> Any:
    axes = _axes(x, axis)
    return x[tuple(slice(None, None, -1 if a in axes else None) for a in range(x.ndim))]


def _broadcast_arrays(*xs: Any, **_: Any) -> tuple[Any, ...]:
    shape, some = broadcast(xs), lazy_in(*xs)
    return tuple(np.broadcast_to(some.lifted(x), shape) for x in xs)


# ---- products ----------------------------------------------------------------------------------


def _matmul(x: Any, y: Any) -> Any:
    some = lazy_in(x, y)
    x, y = some.lifted(x), some.lifted(y)
    dtype = np.matmul.resolve_dtypes((x.dtype, y.dtype, None))[-1]
    left = x if x.ndim > 1 else x.reshape(1, -1)
    right = y if y.ndim > 1 else y.reshape(-1, 1)
    if left.shape[-1] != right.shape[-2] or not x.ndim or not y.ndim:
        raise UnsupportedError(f"np.matmul of {x.shape} and {y.shape}")
    lead = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    shape = (*lead, left.shape[-2], right.shape[-1])
    found = some.write("product", "matmul", (left, right), (), shape, dtype)
    if x.ndim > 1 and y.ndim > 1:
        return found
    rows = shape[-2:-1] if x.ndim > 1 else ()
    columns = shape[-1:] if y.ndim > 1 else ()
    return found.reshape(*lead, *rows, *columns) if lead + rows + columns else found.reshape(())


def _dot(x: Any, y: Any, out: Any = None) -> Any:
    some = lazy_in(x, y)
    if not np.ndim(x) or not np.ndim(y):
        found = np.multiply(x, y)
    elif np.ndim(x) <= 2 and np.ndim(y) <= 2:
        found = np.matmul(some.lifted(x), some.lifted(y))
    else:
        raise UnsupportedError("np.dot of more than two axes")
    return found if out is None else out.assign(found)


def _vecdot(x: Any, y: Any, axis: int = -1) -> Any:
    return np.sum(np.conj(x) * y, axis=axis)


ARRAY_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "where": _where, "clip": _clip, "full_like": _full_like, "zeros_like": _like(0),
    "ones_like": _like(1), "empty_like": _empty_like, "copyto": _copyto, "real": _real,
    "imag": _imag, "copy": _copy,
    "result_type": _result_type, "iscomplexobj": lambda x: x.dtype.kind == "c",
    "isrealobj": lambda x: x.dtype.kind != "c", "shape": lambda x: x.shape,
    "ndim": lambda x: x.ndim,
    "size": lambda x, axis=None: x.size if axis is None else x.shape[axis],
    **{name: _reduction(name) for name in ("sum", "prod", "max", "min", "any", "all")},
    "amax": _reduction("max"), "amin": _reduction("min"), "argmax": _arg("argmax"),
    "argmin": _arg("argmin"), "mean": _mean, "var": _var,
    "std": lambda *args, **kwargs: np.sqrt(_var(*args, **kwargs)),
    "reshape": _reshape, "ravel": lambda x, order="C": _reshape(x, -1, order),
    "transpose": _transpose, "swapaxes": _swapaxes, "moveaxis": _moveaxis,
    "broadcast_to": _broadcast_to, "expand_dims": _expand_dims, "squeeze": _squeeze,
    "flip": _flip, "broadcast_arrays": _broadcast_arrays, "matmul": _matmul, "dot": _dot,
    "matrix_transpose": lambda x: np.swapaxes(x, -1, -2), "vecdot": _vecdot,
}  # fmt: skip
