"""NumPy's functions that are no ufuncs, on lazy values: as instructions, or as each other."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compiler.instruction import Instruction
from autograd.compiler.lower.joining import JOINING
from autograd.compiler.lower.operands import common, is_none, lazy_in, refuse_others
from autograd.compiler.lower.products import PRODUCTS
from autograd.compiler.lower.reductions import REDUCTIONS
from autograd.compiler.lower.views import VIEWS
from autograd.compiler.lower.writer import broadcast
from autograd.errors import UnsupportedError

__all__ = ["ARRAY_FUNCTIONS"]


def _where(condition: Any, x: Any = None, y: Any = None) -> Any:
    if x is None or y is None:
        raise UnsupportedError("np.where of a condition alone has a shape that values decide")
    given = (condition, x, y)
    return lazy_in(*given).write("elementwise", "where", given, (), broadcast(given), common(x, y))


def _clip(x: Any, low: Any = None, high: Any = None, out: Any = None, **others: Any) -> Any:
    low, high = others.pop("a_min", low), others.pop("a_max", high)
    low, high = others.pop("min", low), others.pop("max", high)
    refuse_others("clip", others)
    found = x.copy() if is_none(low) else _bounded(x, low, np.less, np.maximum)
    found = found if is_none(high) else _bounded(found, high, np.greater, np.minimum)
    return found if out is None else out.assign(found)


def _bounded(x: Any, bound: Any, is_beyond: Any, nearer: Any) -> Any:
    """As np.clip does: −0 is not below 0, and stays."""
    if isinstance(bound, int) and x.dtype.kind in "iu":
        info = np.iinfo(x.dtype)
        if not info.min <= bound <= info.max:
            raise UnsupportedError(f"np.clip of {x.dtype} by {bound}")
    if not isinstance(bound, (int, float, np.generic)) or bound != bound:
        return nearer(x, bound)
    if type(bound := x.writer.operand(bound, x.dtype)) is Instruction:
        bound = x.of(bound)
    return np.where(is_beyond(x, bound), bound, x)


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
    return x.write("elementwise", "real", (x,), (), x.shape, _real_dtype(x))


def _imag(x: Any) -> Any:
    if x.dtype.kind != "c":
        return np.zeros_like(x)
    return x.write("elementwise", "imag", (x,), (), x.shape, _real_dtype(x))


def _copy(x: Any, *_: Any, **__: Any) -> Any:
    return x.copy()


def _result_type(*operands: Any) -> np.dtype[Any]:
    known = (np.dtype, type, str)
    dtypes = [np.dtype(x) for x in operands if isinstance(x, known)]
    values = [x for x in operands if not isinstance(x, known)]
    return np.result_type(*dtypes, *([common(*values)] if values else []))


def _real_dtype(x: Any) -> np.dtype[Any]:
    return np.empty(0, x.dtype).real.dtype


def _angle(x: Any, deg: bool = False) -> Any:
    found = np.arctan2(np.imag(x), np.real(x)) if x.dtype.kind == "c" else np.arctan2(0, x)
    return found * (180 / math.pi) if deg else found


def _isclose(
    x: Any, y: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Any:
    if any(getattr(v, "dtype", np.dtype(float)).kind != "f" for v in (x, y)):
        raise UnsupportedError("np.isclose of numbers that are not floats")
    near = np.less_equal(np.abs(x - y), atol + rtol * np.abs(y))
    found = near & np.isfinite(y) | (x == y)
    return found | (np.isnan(x) & np.isnan(y)) if equal_nan else found


def _nan_to_num(
    x: Any, copy: bool = True, nan: float = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    if x.dtype.kind != "f":
        raise UnsupportedError(f"np.nan_to_num of {x.dtype}")
    most = np.finfo(x.dtype).max
    x = np.where(np.isnan(x), x.dtype.type(nan), x)
    x = np.where(x == math.inf, most if posinf is None else x.dtype.type(posinf), x)
    return np.where(x == -math.inf, -most if neginf is None else x.dtype.type(neginf), x)


def _round(x: Any, decimals: int = 0, out: Any = None) -> Any:
    if x.dtype.kind != "f" or out is not None:
        raise UnsupportedError(f"np.round of {x.dtype}")
    if not decimals:
        return np.rint(x)
    scale = 10.0 ** abs(decimals)
    return np.rint(x * scale) / scale if decimals > 0 else np.rint(x / scale) * scale


def _sinc(x: Any) -> Any:
    if x.dtype.kind != "f":
        raise UnsupportedError(f"np.sinc of {x.dtype}")
    y = math.pi * x
    y = np.where(y != 0, y, np.finfo(x.dtype).eps)
    return np.sin(y) / y


def _i0(x: Any) -> Any:
    dtype = x.dtype if x.dtype.kind == "f" else np.dtype(np.float64)
    return x.write("elementwise", "i0", (x,), (), x.shape, dtype, np.i0)


def _triangle(is_lower: bool) -> Callable[..., Any]:
    def triangle(x: Any, k: int = 0) -> Any:
        rows, columns = x.shape[-2:]
        mask = np.tri(rows, columns, k if is_lower else k - 1, bool)
        zero = x.dtype.type(0)
        return np.where(mask, x, zero) if is_lower else np.where(mask, zero, x)

    return triangle


ARRAY_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **REDUCTIONS, **VIEWS, **PRODUCTS, **JOINING,
    "where": _where, "clip": _clip, "full_like": _full_like, "zeros_like": _like(0),
    "ones_like": _like(1), "empty_like": _empty_like, "copyto": _copyto, "copy": _copy,
    "real": _real, "imag": _imag, "angle": _angle, "isclose": _isclose,
    "isposinf": lambda x: x == math.inf, "isneginf": lambda x: x == -math.inf,
    "nan_to_num": _nan_to_num, "round": _round, "around": _round, "i0": _i0, "sinc": _sinc,
    "tril": _triangle(True), "triu": _triangle(False),
    "result_type": _result_type, "iscomplexobj": lambda x: x.dtype.kind == "c",
    "isrealobj": lambda x: x.dtype.kind != "c", "shape": lambda x: x.shape,
    "ndim": lambda x: x.ndim,
    "size": lambda x, axis=None: x.size if axis is None else x.shape[axis],
}  # fmt: skip
