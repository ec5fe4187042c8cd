"""Batch: the values of all examples, to which ops give way as to the value of one."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engine.operands import raw
from autograd.errors import MissingAttributeError
from autograd.tensors import numpy_protocol
from autograd.tensors.tensor import Tensor

__all__ = ["Batch", "bind"]

# functions of NumPy's that ask for shape and dtype alone
_OF_SHAPES = frozenset(
    (np.shape, np.ndim, np.zeros_like, np.ones_like, np.full_like, np.empty_like)
)
_run: Callable[..., Any] | None = None  # what runs ops; told by run.py, which knows the rules


def bind(run: Callable[..., Any]) -> None:
    """Tell what an op gives where an input of it, or a static parameter, is a Batch."""
    global _run
    _run = run


class Batch:
    """A value with one more axis than it has for one example: the first.

    To whoever computes with it, it is a Tensor of one example, with the operators, methods and
    functions of Tensors, and what an op gives for it is a Batch again. So rules that are run with
    one for a cotangent, or a tangent, are run for all examples at once.
    """

    __slots__ = ("value",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, value: Any) -> None:
        self.value = value  # an array or a Tensor

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape[1:]  # type: ignore[no-any-return]

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.value.dtype  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        return self.value.ndim - 1  # type: ignore[no-any-return]

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def itemsize(self) -> int:
        return self.dtype.itemsize

    @property
    def requires_grad(self) -> bool:
        return getattr(self.value, "requires_grad", False) is True

    def example(self) -> Any:
        """An array of the shape and dtype of one example, whose numbers mean nothing."""
        return np.broadcast_to(np.ones((), self.dtype), self.shape)

    def __repr__(self) -> str:
        return f"<Batch of {len(raw(self.value))}: {self.dtype} {self.shape}>"

    def __autograd_op__(self, op: Any, inputs: tuple[Any, ...], params: dict[str, Any]) -> Any:
        return _run(op, inputs, params, self.value.shape[0])  # type: ignore[misc]

    __array_ufunc__ = numpy_protocol.array_ufunc

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any
    ) -> Any:
        if function in _OF_SHAPES or numpy_protocol.verdict(function) == "answers":
            given = [x.example() if type(x) is Batch else raw(x) for x in args]
            return function(*given, **kwargs)
        return numpy_protocol.array_function(self, function, types, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        """A method or property of Tensors, which is written in ops."""
        found = None if name.startswith("_") else getattr(Tensor, name, None)
        if isinstance(found, property) and found.fget is not None:
            return found.fget(self)
        if not callable(found):
            raise MissingAttributeError(f"a batch of examples has no .{name}")
        return found.__get__(self)


_BINARY = "add sub mul truediv floordiv mod divmod pow matmul and or xor lshift rshift"
_OTHERS = "neg pos abs invert eq ne lt le gt ge getitem len iter"
for _name in [*_BINARY.split(), *(f"r{n}" for n in _BINARY.split()), *_OTHERS.split()]:
    setattr(Batch, f"__{_name}__", getattr(Tensor, f"__{_name}__"))  # looked up in the class
