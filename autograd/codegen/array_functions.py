"""NumPy's functions that are no ufuncs, and ops of ours whose forward no formula can be run on."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.codegen.node import BOOL, Node, constant, make, select
from autograd.codegen.promotion import as_node, common
from autograd.codegen.reductions import reduced, widened
from autograd.errors import UnsupportedError

__all__ = ["ARRAY_FUNCTIONS", "OPS"]


def _where(condition: Any, x: Any, y: Any) -> Any:
    dtype = common(x, y)
    truth = as_node(condition)
    truth = truth if truth.dtype == BOOL else truth.differs(0)
    return select(truth, as_node(x, dtype), as_node(y, dtype))


def _clip(x: Any, low: Any = None, high: Any = None, **_: Any) -> Any:
    x = x if low is None else np.maximum(x, low)
    x = x if high is None else np.minimum(x, high)
    return +x if x is not None else x


def _full_like(x: Any, value: Any, dtype: Any = None, **_: Any) -> Any:
    node = as_node(value)
    return node.astype(as_node(x).dtype if dtype is None else np.dtype(dtype))


def _like(value: float) -> Callable[..., Any]:
    return lambda x, dtype=None, **_: _full_like(x, value, dtype)


def _real_of(x: Any) -> Any:
    return as_node(x)


def _angle(x: Any, deg: bool = False) -> Any:
    found = np.arctan2(0, x)
    return found * (180 / math.pi) if deg else found


def _nan_to_num(
    x: Any, copy: bool = True, nan: float = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    if x.dtype.kind != "f":
        return x
    most = float(np.finfo(x.dtype).max)
    x = np.where(np.isnan(x), nan, x)
    x = np.where(x == math.inf, most if posinf is None else posinf, x)
    return np.where(x == -math.inf, -most if neginf is None else neginf, x)


def _round(x: Any, decimals: int = 0, **_: Any) -> Any:
    if x.dtype.kind != "f" and decimals >= 0:
        return x
    if x.dtype.kind != "f":
        raise UnsupportedError("round: a loop does not round integers to tens")
    if not decimals:
        return np.rint(x)
    scale = 10.0 ** abs(decimals)
    return np.rint(x * scale) / scale if decimals > 0 else np.rint(x / scale) * scale


def _sinc(x: Any) -> Any:
    y = math.pi * np.where(x == 0, 1e-20, x)
    return np.sin(y) / y


def _isclose(
    x: Any, y: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Any:
    near = np.abs(x - y) <= atol + rtol * np.abs(y)
    found = (near & np.isfinite(y)) | (x == y)
    return found | (np.isnan(x) & np.isnan(y)) if equal_nan else found


def _infinite(sign: float) -> Callable[[Any], Any]:
    return lambda x: x == sign * math.inf if x.dtype.kind == "f" else constant(False, BOOL)


def _reduction(kind: str) -> Callable[..., Node]:
    def reduce(x: Any, axis: Any = None, keepdims: Any = False, **others: Any) -> Node:
        if kind == "sum" and others.get("dtype") is not None:
            return widened(reduce(x, axis, keepdims), others["dtype"])
        if given := [k for k, v in others.items() if v is not None and v is not np._NoValue]:
            raise UnsupportedError(f"np.{kind} of a loop takes no {', '.join(given)}")
        return reduced(kind, as_node(x), axis, keepdims)

    return reduce


_REDUCTIONS = ("sum", "mean", "max", "min", "prod", "any", "all", "argmax", "argmin")


def _result_type(*operands: Any) -> np.dtype[Any]:
    known = (np.dtype, type, str)
    dtypes = [np.dtype(x) for x in operands if isinstance(x, known)]
    values = [x for x in operands if not isinstance(x, known)]
    return np.result_type(*dtypes, *([common(*values)] if values else []))


def _floating(name: str) -> Callable[[Any], Any]:
    """A function of floats; integers become float64."""

    def apply(x: Any) -> Any:
        node = as_node(x)
        return make(name, node if node.dtype.kind == "f" else node.astype(np.float64))

    return apply


ARRAY_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "where": _where, "clip": _clip, "copy": _real_of, "real": _real_of, "imag": _like(0),
    "angle": _angle, "full_like": _full_like, "zeros_like": _like(0), "ones_like": _like(1),
    "empty_like": _like(0), "nan_to_num": _nan_to_num, "round": _round, "around": _round,
    "sinc": _sinc, "isclose": _isclose, "isposinf": _infinite(1.0), "isneginf": _infinite(-1.0),
    "iscomplexobj": lambda x: False, "isrealobj": lambda x: True,
    "shape": lambda x: (), "ndim": lambda x: 0, "size": lambda x: 1, "result_type": _result_type,
    **{kind: _reduction(kind) for kind in _REDUCTIONS},
    "i0": _floating("i0"), "amax": _reduction("max"), "amin": _reduction("min"),
}  # fmt: skip


def _quotient(x: Any, y: Any) -> Any:
    """x / y, and x where y is 0; the op looks first whether there is a 0."""
    return x / np.where(y == 0, 1, y)


OPS: dict[str, Callable[..., Any]] = {
    "erf": _floating("erf"), "quotient": _quotient,
    **{kind: ARRAY_FUNCTIONS[kind] for kind in _REDUCTIONS},
}  # fmt: skip
