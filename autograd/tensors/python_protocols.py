"""Python's own protocols for Tensor: len, iteration, conversion to numbers, copying, pickling."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.engine.modes import capturing
from autograd.engine.outputs import wrap
from autograd.engine.pickles import Named, class_of, public
from autograd.engine.trail import note_decision, note_exit, warn_lost
from autograd.errors import ConversionError, InPlaceError, ShapeError
from autograd.ops.shape import join, shape

__all__ = ["PythonProtocols"]


class PythonProtocols:
    """Mixed into Tensor, which provides the attributes used here."""

    __slots__ = ()

    def __len__(self: Any) -> int:
        if self.ndim == 0:
            raise ConversionError("len() of a 0-d Tensor")
        length: int = self.shape[0]
        return length

    def __iter__(self: Any) -> Iterator[Any]:
        if self.ndim == 0:
            raise ConversionError("iteration over a 0-d Tensor")
        rows: tuple[Any, ...] = join.unstack(self)
        return iter(rows)

    def __contains__(self: Any, value: Any) -> bool:
        note_decision(self, "a look for a value")
        return bool(np.any(self._value == getattr(value, "_value", value)))

    def __bool__(self: Any) -> bool:
        if self.size != 1:
            raise ShapeError(
                f"the truth value of a Tensor of shape {self.shape} is ambiguous; "
                "use .any() or .all()"
            )
        note_decision(self, "the truth value")
        return bool(self._value)

    def __float__(self: Any) -> float:
        note_exit("NumPy", self._node, "float()")
        if self._node is not None and not _is_printed():
            warn_lost(self._node, "x.item()")
        return float(self.item())

    def __int__(self: Any) -> int:
        note_exit("NumPy", self._node, "int()")
        note_decision(self, "the integer")
        return int(self.item())

    def __complex__(self: Any) -> complex:
        note_exit("NumPy", self._node, "complex()")
        warn_lost(self._node, "x.item()")
        return complex(self.item())

    def __index__(self: Any) -> int:
        if self.dtype.kind not in "iub" or self.ndim:
            raise ConversionError(
                f"only a 0-d integer Tensor is an index, not {self.dtype} {self.shape}"
            )
        return int(self)

    def __copy__(self: Any) -> Any:
        new: Any = object.__new__(type(self))  # the same value at the same place in the graph
        new._value, new._node = self._value, self._node
        new._left = getattr(self, "_left", None)
        new._name = self._name
        return new

    def __deepcopy__(self: Any, memo: dict[int, Any]) -> Any:
        if not self.is_leaf:
            raise InPlaceError(
                f"deepcopy of {self._label()}, the result of {self._op_name()}: only leaves can be "
                "copied without their graph.\n  Use y.detach() or copy.copy(y)."
            )
        grad = None if self.grad is None else self.grad._value.copy()
        value = shape.copy(self)._value if capturing() else self._value.copy()
        new = rebuild(type(self), value, self._node is not None, self._name, grad)
        memo[id(self)] = new
        return new

    def __reduce__(self: Any) -> tuple[Any, ...]:
        if not self.is_leaf:
            raise InPlaceError(
                f"pickle of {self._label()}: only leaves can be pickled; detach() it"
            )
        grad = None if self.grad is None else self.grad._value
        parts = (public(type(self)), self._value, self._node is not None, self._name, grad)
        return rebuild, parts

    def __format__(self: Any, spec: str) -> str:
        if self.ndim == 0 or (spec and self._value.size == 1):
            number = self.item()
            return format(number, spec) if spec else str(self._value)
        return str(self)


def _is_printed() -> bool:
    """Whether `"%.3f" % x` asks for the number, which then is meant to leave the graph."""
    from opcode import opmap  # late: only where a gradient may be lost

    asks = sys._getframe(2)  # no other operator asks for a float than the one of text
    return asks.f_code.co_code[asks.f_lasti] == opmap["BINARY_OP"]


def rebuild(kind: Named, value: Any, requires_grad: bool, name: str | None, grad: Any) -> Any:
    """A leaf from its parts: what unpickling and deepcopy call."""
    new: Any = object.__new__(class_of(kind))
    new._value, new._node, new._left, new._name = value, None, None, name
    if requires_grad:
        new._become_leaf()
        new.grad = None if grad is None else wrap(grad)
    return new


rebuild.__module__, rebuild.__qualname__ = "autograd", "_rebuild"  # where pickles find it
