"""Nested containers of Tensors as flat lists, and the checks that two of them are alike."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.engine.operands import raw, tensor_types
from autograd.engine.outputs import wrap
from autograd.errors import ArgumentTypeError, DTypeError, ShapeError
from autograd.graph.pytree import nested
from autograd.tensors.tensor import Tensor

__all__ = [
    "as_tensor",
    "check_alike",
    "check_called",
    "filled",
    "is_wider",
    "leaves",
    "named",
    "paired",
]

NUMBERS = (bool, int, float, complex)


def as_tensor(value: Any, what: str) -> Any:
    """A leaf as a Tensor: Tensors as they are, arrays and numbers wrapped."""
    if type(value) in tensor_types:
        return value
    if isinstance(value, NUMBERS):
        return Tensor(value)
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "biufc":
        return wrap(value if value.ndim else np.asarray(value)[()])
    raise ArgumentTypeError(
        f"{what} is {type(value).__name__}: leaves are Tensors, arrays and numbers, in tuples, "
        "lists and dicts"
    )


def check_called(function: Any, name: str, call: str, count: int) -> None:
    """That a function may be called as `call` says, with so many arguments."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # of what is not written in Python
        return
    try:
        signature.bind(*[None] * count)
    except TypeError:
        raise ArgumentTypeError(f"{name} is called as {call}, and takes {signature}") from None


def leaves(value: Any) -> list[Any]:
    """All that lies in nested containers, without None."""
    return [leaf for _, leaf in named(value, "")]


def named(value: Any, name: str) -> list[tuple[str, Any]]:
    """The same with where each leaf lies: `carry['h'][0]`."""
    return [(path, leaf) for path, leaf, _ in paired(value, value, name, name)]


def filled(like: Any, values: Iterator[Any]) -> Any:
    """The containers of `like` around other leaves, in the order of `leaves`."""
    return nested(lambda x: None if x is None else next(values), like)


def paired(like: Any, other: Any, name: str, what: str) -> Iterator[tuple[str, Any, Any]]:
    """Where each leaf lies, the leaf, and that of another container of the same structure."""
    if isinstance(like, dict):
        if not isinstance(other, dict) or other.keys() != like.keys():
            raise _differs(name, like, other, what)
        for key in like:
            yield from paired(like[key], other[key], f"{name}[{key!r}]", what)
    elif isinstance(like, (tuple, list)):
        if not isinstance(other, (tuple, list)) or len(other) != len(like):
            raise _differs(name, like, other, what)
        for number, (a, b) in enumerate(zip(like, other, strict=True)):
            yield from paired(a, b, f"{name}[{number}]", what)
    elif like is None or other is None:
        if like is not other:
            raise _differs(name, like, other, what)
    elif isinstance(other, (dict, tuple, list)):
        raise _differs(name, like, other, what)
    else:
        yield name, like, other


def _differs(name: str, like: Any, other: Any, what: str) -> ArgumentTypeError:
    return ArgumentTypeError(
        f"{what}: {name} is {_outline(like)} first, and {_outline(other)} then: it keeps its "
        "structure"
    )


def _outline(value: Any) -> str:
    if isinstance(value, dict):
        return f"a dict of {', '.join(map(repr, value)) or 'nothing'}"
    if isinstance(value, (tuple, list)):
        return f"a {type(value).__name__} of {len(value)}"
    return "None" if value is None else "a leaf"


def check_alike(name: str, first: Any, then: Any, what: str) -> None:
    """Raise if two leaves differ in shape or dtype."""
    old, new = raw(first), raw(then)
    if np.shape(old) != np.shape(new):
        raise ShapeError(
            f"{what}: {name} has shape {np.shape(old)} first, and {np.shape(new)} then: it keeps "
            "its shape"
        )
    if old.dtype != new.dtype:
        raise DTypeError(
            f"{what}: {name} is {old.dtype} first, and {new.dtype} then: it keeps its dtype; "
            f"write x.astype({str(old.dtype)!r})"
        )


def is_wider(old: Any, new: Any) -> bool:
    """Whether a number of Python's, which is `old` so far, may become of the dtype `new`."""
    order = "biufc"
    return order.index(old.kind) <= order.index(new.kind)
