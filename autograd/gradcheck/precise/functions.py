"""NumPy's ufuncs and functions on precise values.

Most functions only move, add and multiply numbers, or compare them; these NumPy runs itself on
arrays of objects. The others stand in a table. What is in neither is refused by its name.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.errors import UnsupportedError
from autograd.gradcheck.precise.digits import context, lifted
from autograd.gradcheck.precise.scalars import PREDICATES, SCALARS, named
from autograd.gradcheck.precise.value import COMPLEX, REAL, Precise, bind, numbers_of, wrapped

__all__ = ["FUNCTIONS", "apply", "normal", "truth"]

_DIRECT = {"add", "subtract", "multiply", "negative"}  # of objects they are what they should be
_REDUCED = _DIRECT | {"maximum", "minimum"}
_PRODUCTS = {"matmul", "vecdot", "matvec", "vecmat"}


@functools.cache
def _elementwise(name: str, inputs: int) -> Any:
    function = PREDICATES[name] if name in PREDICATES else named(name)
    return np.frompyfunc(function, inputs, 1)


def apply(name: str, *inputs: Any) -> Any:
    """A scalar function of `scalars.py`, element by element."""
    return wrapped(_elementwise(name, len(inputs))(*map(numbers_of, inputs)))


def truth(name: str, *inputs: Any) -> Any:
    """A predicate of `scalars.py`, element by element, as booleans."""
    return np.asarray(_elementwise(name, len(inputs))(*map(numbers_of, inputs))).astype(bool)[()]


def run_ufunc(ufunc: np.ufunc, method: str, inputs: Any, kwargs: dict[str, Any]) -> Any:
    """A ufunc, or one of its methods."""
    name, options = ufunc.__name__, {k: v for k, v in kwargs.items() if k != "dtype"}
    name = "conjugate" if name == "conj" else name
    if name == "modf":
        whole = apply("trunc", *inputs)
        return inputs[0] - whole, whole
    if method == "__call__" and name in PREDICATES and not options:
        return truth(name, *inputs)
    if name in _PRODUCTS:
        return normal(ufunc(*map(numbers_of, inputs), **options))
    if name not in SCALARS and name not in ("logical_and", "logical_or"):
        raise UnsupportedError(f"np.{name} is not known to numbers of many digits")
    direct = name in (_DIRECT if method == "__call__" else _REDUCED) or name not in SCALARS
    run = ufunc if direct else _elementwise(name, ufunc.nin)
    if method == "__call__":
        return wrapped(run(*map(numbers_of, inputs), **options))
    first, *others = inputs
    if method == "at":
        others = [others[0], *map(numbers_of, others[1:])]
        run.at(first.numbers, *others)
        return None
    if method == "outer":
        others = list(map(numbers_of, others))
    return normal(getattr(run, method)(numbers_of(first), *others, **options))


def run_function(function: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
    """One of NumPy's functions."""
    name = function.__name__
    known = FUNCTIONS.get(name)
    if known is not None:
        return known(*args, **kwargs)
    if name not in _PLAIN:
        raise UnsupportedError(f"np.{name} is not known to numbers of many digits")
    options = {k: _bare(v) for k, v in kwargs.items() if k not in ("dtype", "like")}
    return normal(function(*map(_bare, args), **options))


# Functions that are right on arrays of objects.
_PLAIN = frozenset((
    "reshape", "ravel", "transpose", "permute_dims", "matrix_transpose", "swapaxes", "moveaxis",
    "rollaxis", "flip", "fliplr", "flipud", "roll", "rot90", "expand_dims", "squeeze",
    "broadcast_to", "broadcast_arrays", "concatenate", "concat", "stack", "vstack", "hstack",
    "dstack", "column_stack", "atleast_1d", "atleast_2d", "atleast_3d", "split", "array_split",
    "hsplit", "vsplit", "dsplit", "unstack", "tile", "repeat", "pad", "take", "take_along_axis",
    "put_along_axis", "compress", "choose", "select", "where", "tril", "triu", "diag", "diagflat",
    "diagonal", "trace", "copy", "copyto", "append", "insert", "delete", "resize", "sum", "prod",
    "max", "min", "amax", "amin", "ptp", "cumsum", "cumprod", "cumulative_sum", "cumulative_prod",
    "diff", "ediff1d", "argmax", "argmin", "argsort", "sort", "searchsorted", "nonzero",
    "flatnonzero", "argwhere", "unique", "dot", "vdot", "inner", "outer", "kron", "tensordot",
    "einsum", "cross", "trapezoid", "convolve", "correlate", "polyval", "all", "any", "place",
    "put", "putmask",
))  # fmt: skip


def _bare(value: Any) -> Any:
    if type(value) is Precise:
        return value.numbers
    if isinstance(value, (list, tuple)):
        return type(value)([_bare(part) for part in value])
    return getattr(value, "_value", value)


def normal(found: Any) -> Any:
    """A result whose numbers are all mpmath's: NumPy fills in zeros and ones of its own."""
    if isinstance(found, (tuple, list)):
        return type(found)([normal(part) for part in found])
    if isinstance(found, np.ndarray) and found.dtype == object:
        odd = [i for i, v in enumerate(found.flat) if not hasattr(v, "_mpf_")
               and not hasattr(v, "_mpc_") and not hasattr(v, "exact")]  # fmt: skip
        if odd:
            found = found.copy()
            for i in odd:
                found.flat[i] = lifted(found.flat[i] or 0)[()]  # an empty sum of products is None
    elif found is None or type(found) in (int, float, complex):
        found = lifted(found or 0)
    return wrapped(found)


def _full(shape: Any, value: Any) -> Any:
    found = np.empty(shape, object)
    found[...] = numbers_of(value)
    return Precise(found)


def _like(value: float) -> Callable[..., Any]:
    def make(x: Any, dtype: Any = None, shape: Any = None, **_: Any) -> Any:
        shape = np.shape(_bare(x)) if shape is None else shape
        kind = np.dtype(dtype or getattr(x, "dtype", REAL)).kind
        return _full(shape, value) if kind in "fc" else np.full(shape, value, dtype)

    return make


def _full_like(x: Any, value: Any, dtype: Any = None, shape: Any = None, **_: Any) -> Any:
    return _full(np.shape(_bare(x)) if shape is None else shape, value)


def _mean(x: Any, axis: Any = None, keepdims: bool = False, **_: Any) -> Any:
    total = np.sum(x, axis=axis, keepdims=keepdims)
    return total / (x.size // max(np.size(_bare(total)), 1))


def _var(
    x: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False, correction: Any = None,
    **_: Any,
) -> Any:  # fmt: skip
    away = x - _mean(x, axis=axis, keepdims=True)
    squares = np.real(away * np.conj(away)) if x.dtype == COMPLEX else away * away
    total = np.sum(squares, axis=axis, keepdims=keepdims)
    count = x.size // max(np.size(_bare(total)), 1)
    return total / (count - (ddof if correction is None else correction))


def _clip(x: Any, a_min: Any = None, a_max: Any = None, **kwargs: Any) -> Any:
    low, high = kwargs.get("min", a_min), kwargs.get("max", a_max)
    x = x if low is None else np.maximum(x, low)
    return x if high is None else np.minimum(x, high)


def _round(x: Any, decimals: int = 0, **_: Any) -> Any:
    return np.rint(x * 10**decimals) / 10**decimals if decimals else np.rint(x)


def _real(x: Any) -> Any:
    return apply("real", x) if x.dtype == COMPLEX else x


def _result_type(*values: Any) -> Any:
    return np.result_type(*[v.dtype if type(v) is Precise else v for v in values])


def _vector_norm(x: Any, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    size, along = np.abs(x), {"axis": axis, "keepdims": keepdims}
    if ord in (np.inf, -np.inf):
        return (np.max if ord > 0 else np.min)(size, **along)
    if ord == 0:
        return np.sum(np.where(size > 0, size / size, 0), **along)
    total = np.sum(size**ord, **along)
    return np.sqrt(total) if ord == 2 else total ** (lifted(1)[()] / lifted(ord)[()])


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    if ord not in (None, 2, "fro") or (ord == 2 and x.ndim > 1 and axis is None):
        raise UnsupportedError(f"np.linalg.norm of order {ord} of numbers of many digits")
    return _vector_norm(x, axis, keepdims)


def _nan_to_num(
    x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    most = np.finfo(REAL).max
    x = np.where(x == np.inf, most if posinf is None else posinf, x)
    x = np.where(x == -np.inf, -most if neginf is None else neginf, x)
    return np.where(np.isnan(x), nan, x)


def _sorted_part(x: Any, kth: Any, axis: int = -1, **_: Any) -> Any:
    return np.sort(x, axis=axis)


def _isclose(
    x: Any, y: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Any:
    both = np.isnan(x) & np.isnan(y) & equal_nan
    return (np.abs(x - y) <= atol + rtol * np.abs(y)) | (x == y) | both


def _without_nan(function: Callable[..., Any], sign: int) -> Callable[..., Any]:
    def run(x: Any, *args: Any, **kwargs: Any) -> Any:
        return function(np.where(np.isnan(x), -sign * np.inf, x), *args, **kwargs)

    return run


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "shape": lambda x: x.shape,
    "ndim": lambda x: x.ndim,
    "size": lambda x, axis=None: x.size if axis is None else x.shape[axis],
    "count_nonzero": lambda x, *args, **kwargs: np.count_nonzero(x != 0, *args, **kwargs),
    "nanmax": _without_nan(np.max, 1),
    "nanmin": _without_nan(np.min, -1),
    "ascontiguousarray": lambda x, *_, **__: x,
    "zeros_like": _like(0.0),
    "ones_like": _like(1.0),
    "empty_like": _like(0.0),
    "full_like": _full_like,
    "mean": _mean,
    "var": _var,
    "std": lambda x, *args, **kwargs: np.sqrt(_var(x, *args, **kwargs)),
    "clip": _clip,
    "round": _round,
    "around": _round,
    "real": _real,
    "imag": lambda x: apply("imag", x),
    "angle": lambda x, deg=False: np.arctan2(np.imag(x), np.real(x)),
    "sinc": lambda x: apply("sinc", x),
    "i0": lambda x: apply("bessel", 0, x),
    "result_type": _result_type,
    "iscomplexobj": lambda x: x.dtype == COMPLEX,
    "isrealobj": lambda x: x.dtype != COMPLEX,
    "can_cast": lambda x, to, **kwargs: np.can_cast(x.dtype, to, **kwargs),
    "norm": _norm,
    "vector_norm": _vector_norm,
    "nan_to_num": _nan_to_num,
    "partition": _sorted_part,
    "argpartition": lambda x, kth, axis=-1, **_: np.argsort(x, axis=axis),
    "isneginf": lambda x: truth("equal", x, -context().inf),
    "isposinf": lambda x: truth("equal", x, context().inf),
    "isclose": _isclose,
}


bind("ufunc", run_ufunc)
bind("function", run_function)
