"""Values: what a formula is run on so that it is written down. NumPy's names, dtypes and promotion.

A Value stands for one element of each array, so it has no axes. It answers operators, ufuncs,
NumPy's functions and `__autograd_op__`, hence all formulas and rules of elementwise ops run on it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.codegen.array_functions import ARRAY_FUNCTIONS, OPS
from autograd.codegen.names import UFUNCS
from autograd.codegen.node import Node, entry
from autograd.codegen.promotion import as_node, kind_of
from autograd.errors import DTypeError, UnsupportedError

__all__ = ["Value", "argument"]


class Value(np.lib.mixins.NDArrayOperatorsMixin):
    """A number of a formula."""

    __slots__ = ("node",)
    __hash__ = None  # type: ignore[assignment]

    shape: tuple[int, ...] = ()
    ndim = 0
    size = 1

    def __init__(self, node: Node) -> None:
        self.node = node

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.node.dtype

    @property
    def real(self) -> Value:
        return self

    def __repr__(self) -> str:
        return f"Value({self.node!r})"

    def astype(self, dtype: Any, **_: Any) -> Value:
        return Value(self.node.astype(dtype))

    def copy(self) -> Value:
        return self

    def __getitem__(self, index: Any) -> Value:
        if index == () or index is Ellipsis:
            return self
        raise UnsupportedError(f"a loop goes over whole arrays: [{index!r}] belongs outside it")

    def __bool__(self) -> bool:
        raise UnsupportedError(
            "a formula of a loop cannot branch on a number, which differs from element to "
            "element: use np.where"
        )

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise UnsupportedError("a value of a formula has no numbers yet, and makes no array")

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if "out" in kwargs and kwargs["out"][0] is inputs[0]:  # x += y, a new number
            del kwargs["out"]
        if method != "__call__" or kwargs or ufunc.__name__ not in UFUNCS:
            what = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
            raise UnsupportedError(f"np.{what} has no loop" + (" with keywords" if kwargs else ""))
        kinds = [kind_of(x) for x in inputs]
        try:
            dtypes = ufunc.resolve_dtypes((*kinds, *[None] * ufunc.nout))
        except TypeError:
            shown = ", ".join(getattr(kind, "name", None) or kind.__name__ for kind in kinds)
            raise DTypeError(f"np.{ufunc.__name__} is not defined for {shown}") from None
        nodes = [as_node(x, dtype) for x, dtype in zip(inputs, dtypes, strict=False)]
        return _valued(UFUNCS[ufunc.__name__](*nodes))

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any
    ) -> Any:
        known = ARRAY_FUNCTIONS.get(function.__name__)
        if known is None:
            raise UnsupportedError(f"np.{function.__name__} has no loop")
        return _valued(known(*args, **kwargs))

    def __autograd_op__(self, op: Any, inputs: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """One of our own ops: its forward, run on values."""
        own = OPS.get(op.name)
        return _valued(own(*inputs, **params) if own else op.narrow(*inputs, **params))


def _valued(found: Any) -> Any:
    if isinstance(found, tuple):
        return tuple(map(_valued, found))
    return Value(found) if isinstance(found, Node) else found


def argument(number: int, dtype: Any) -> Value:
    """What a formula is given as its argument of this number."""
    return Value(entry(number, dtype))
