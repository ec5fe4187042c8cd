"""Questions about dtypes and shapes: limits, kinds, what promotes to what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.dtypes import as_dtype, get_default_dtype
from autograd.errors import ArgumentError, ArgumentTypeError, DTypeError, ShapeError, shown

__all__ = [
    "KINDS", "FloatLimits", "IntegerLimits", "broadcast_shapes", "can_cast", "finfo", "iinfo",
    "isdtype", "result_type",
]  # fmt: skip

# the kinds of dtypes by the standard's names, as NumPy's letters
KINDS = {
    "bool": "b",
    "signed integer": "i",
    "unsigned integer": "u",
    "integral": "iu",
    "real floating": "f",
    "complex floating": "c",
    "numeric": "iufc",
}


class FloatLimits(NamedTuple):
    """What `finfo` says of a floating dtype."""

    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: np.dtype[Any]


class IntegerLimits(NamedTuple):
    """What `iinfo` says of an integer dtype."""

    bits: int
    max: int
    min: int
    dtype: np.dtype[Any]


def _dtype_of(given: Any) -> np.dtype[Any]:
    """A dtype, or that of an array."""
    dtype = getattr(given, "dtype", None)
    return as_dtype(dtype if isinstance(dtype, np.dtype) else given)


def _named(what: str, read: Callable[[Any], np.dtype[Any]], given: Any) -> np.dtype[Any]:
    """A dtype, or an error that says which argument is none."""
    try:
        return read(given)
    except DTypeError as error:
        raise DTypeError(f"{what}: {error}") from None


def finfo(type: Any, /) -> FloatLimits:
    """The limits of a floating dtype: bits, eps, max, min, smallest_normal.

    `type` is a dtype, or a Tensor that has it. Of a complex dtype those of its parts. Others raise
    DTypeError.

    >>> import autograd as ag
    >>> ag.finfo(ag.float32).bits, ag.finfo(ag.Tensor([1.0])).eps
    (32, 1.1920928955078125e-07)
    """
    dtype = _dtype_of(type)
    if dtype.kind not in "fc":
        raise DTypeError(f"finfo: {dtype} is no floating dtype; iinfo has the limits of integers")
    info = np.finfo(dtype)
    eps, largest, smallest = float(info.eps), float(info.max), float(info.smallest_normal)
    return FloatLimits(info.bits, eps, largest, -largest, smallest, info.dtype)


def iinfo(type: Any, /) -> IntegerLimits:
    """The limits of an integer dtype: bits, max, min.

    `type` is a dtype, or a Tensor that has it. Others raise DTypeError.

    >>> import autograd as ag
    >>> ag.iinfo(ag.int8).max, ag.iinfo(ag.uint8).min
    (127, 0)
    """
    dtype = _dtype_of(type)
    if dtype.kind not in "iu":
        raise DTypeError(f"iinfo: {dtype} is no integer dtype; finfo has the limits of floating")
    info = np.iinfo(dtype)
    return IntegerLimits(info.bits, int(info.max), int(info.min), dtype)


def isdtype(dtype: Any, kind: Any) -> bool:
    """Whether a dtype is of a kind, or is one of several kinds or dtypes in a tuple.

    Kinds are "bool", "signed integer", "unsigned integer", "integral", "real floating",
    "complex floating" and "numeric"; other text is an error.

    >>> import autograd as ag
    >>> ag.isdtype(ag.int8, "integral"), ag.isdtype(ag.bool, ("numeric", ag.float32))
    (True, False)
    """
    if hasattr(dtype, "__array__") and not isinstance(dtype, type):
        raise DTypeError(f"isdtype: {shown(dtype)} is an array; write x.dtype")
    dtype = as_dtype(dtype)
    kinds = kind if isinstance(kind, tuple) else (kind,)
    return any(_is_of(dtype, one) for one in kinds)


def _is_of(dtype: np.dtype[Any], kind: Any) -> bool:
    if isinstance(kind, str):
        if kind not in KINDS:
            raise ArgumentError(f"isdtype: no kind is called {kind!r:.60}; there are {[*KINDS]}")
        return dtype.kind in KINDS[kind]
    return dtype == _named("isdtype: kind", as_dtype, kind)


def can_cast(from_: Any, to: Any, /) -> bool:
    """Whether every value of a dtype, or of the dtype of a Tensor, is one of the dtype `to`.

    What is no dtype raises DTypeError.

    >>> import autograd as ag
    >>> ag.can_cast(ag.int8, ag.int16), ag.can_cast(ag.Tensor([1.0]), ag.int64)
    (True, False)
    """
    return bool(np.can_cast(_named("can_cast: from_", _dtype_of, from_),
                            _named("can_cast: to", as_dtype, to)))  # fmt: skip


def result_type(*arrays_and_dtypes: Any) -> np.dtype[Any]:
    """The dtype that arrays, dtypes and numbers promote to, by NumPy's rules.

    Python's numbers are weak: they ask for a kind, never for more bits. Of them alone it is the
    default dtype. One of `arrays_and_dtypes` that is none of the three raises DTypeError, and
    nothing at all ArgumentTypeError.

    >>> import autograd as ag
    >>> ag.result_type(ag.int8, ag.uint8), ag.result_type(ag.Tensor([1.0]), 2)
    (dtype('int16'), dtype('float32'))
    """
    if not arrays_and_dtypes:
        raise ArgumentTypeError("result_type: give at least one array or dtype")
    plain = (bool, int, float, complex)
    given = [x if type(x) in plain else _dtype_of(x) for x in arrays_and_dtypes]
    found = np.result_type(*given)
    numbers_alone = all(type(x) in plain for x in given)
    if numbers_alone and found.kind in "fc":
        return np.result_type(get_default_dtype(), *given)
    return found


def broadcast_shapes(*shapes: Any) -> tuple[int, ...]:
    """The shape that shapes broadcast to.

    Those that do not broadcast raise ShapeError.

    >>> import autograd as ag
    >>> ag.broadcast_shapes((3, 1), (4,), ())
    (3, 4)
    """
    try:
        return np.broadcast_shapes(*shapes)
    except (ValueError, TypeError):
        listed = ", ".join(f"{shape!r:.60}" for shape in shapes)
        raise ShapeError(f"broadcast_shapes: these do not broadcast: {listed}") from None
