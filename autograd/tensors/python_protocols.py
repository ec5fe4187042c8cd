"""Protocols for Tensor: len, iteration, conversion to numbers, copying, pickling, DLPack."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np

from autograd.engine.modes import capturing
from autograd.engine.outputs import wrap
from autograd.engine.pickles import Named, class_of, public
from autograd.engine.trail import note_decision, note_exit, note_read, warn_lost
from autograd.errors import ArgumentError, ConversionError, InPlaceError, ShapeError
from autograd.ops.shape import join, shape

__all__ = ["PythonProtocols"]

VERSIONS = ("2021.12", "2022.12", "2023.12", "2024.12", "2025.12")  # of the array API standard


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

    def __dlpack__(self: Any, **options: Any) -> Any:
        """The memory itself, for another library: `torch.from_dlpack(x)`, `np.from_dlpack(x)`.

        A Tensor that requires grad raises, since the gradient would end there.
        """
        if self._node is not None:
            raise ConversionError(
                f"{self._label()} requires grad, and another library would go on without its "
                "gradient.\n  Give it x.detach() to leave the graph on purpose."
            )
        note_read(self, "__dlpack__")
        note_decision(self, "__dlpack__")
        array = np.asarray(self._value)
        if min(array.strides, default=0) < 0:  # PyTorch ends the process over them
            if options.get("copy") is False:
                raise ConversionError(f"{self._label()} runs backwards in memory: it needs a copy")
            array = array.copy()
        old = (options.get("max_version") or (0,))[0] < 1  # a consumer that knows no read-only flag
        if old and not array.flags.writeable and options.get("copy") is None:
            array = array.copy()
        try:
            return array.__dlpack__(**options)
        except BufferError as error:
            raise ConversionError(f"{self._label()} of {self.dtype}: {error}") from None

    def __dlpack_device__(self: Any) -> tuple[int, int]:
        device: tuple[int, int] = np.asarray(self._value).__dlpack_device__()
        return device

    def __array_namespace__(self, *, api_version: str | None = None) -> ModuleType:
        """The functions of the array API standard for Tensors: the package `autograd` itself."""
        if api_version is not None and api_version not in VERSIONS:
            raise ArgumentError(
                f"there is no version {api_version!r:.40} of the array API standard here; "
                f"there are {', '.join(VERSIONS)}"
            )
        return sys.modules["autograd"]

    @property
    def device(self) -> Any:
        """Where the numbers are: always "cpu"."""
        return "cpu"

    def to_device(self: Any, device: Any, /, *, stream: Any = None) -> Any:
        """The Tensor itself, for device "cpu"; others, and a `stream`, raise ArgumentError.

        >>> import autograd as ag
        >>> ag.Tensor([1.0]).to_device("cpu")
        Tensor([1.], dtype=float32)
        """
        if str(device) != "cpu" or stream is not None:
            raise ArgumentError(
                f"to_device: all is done on the CPU, without streams; got {device!r:.40}"
            )
        return self

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
