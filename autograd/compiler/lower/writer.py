"""The writer: what instructions are noted in, and what stands for the operands of one."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import lru_cache
from typing import Any

import numpy as np

from autograd.compiler.instruction import Instruction
from autograd.engine.node import Node
from autograd.errors import DTypeError, UnsupportedError

__all__ = ["Writer", "broadcast", "kind_of", "promoted"]

_PYTHON = (bool, int, float, complex)


class Writer:
    """The list of instructions that is being written, and for which node of the program."""

    def __init__(self) -> None:
        self.instructions: list[Instruction] = []
        self.origin: Node | None = None
        # what stands for a float of Python, where floats are read anew at each run
        self.number_of: Callable[[Any, Any], Instruction] | None = None
        self.whole: Collection[str] = ()  # ops that are one call each, for who reads
        self._constants: dict[int, Instruction] = {}

    def add(
        self,
        kind: str,
        name: str,
        inputs: tuple[Any, ...],
        params: tuple[Any, ...],
        shape: tuple[int, ...] | None,
        dtype: np.dtype[Any] | None,
        function: Callable[..., Any] | None = None,
    ) -> Instruction:
        new = Instruction(kind, name, inputs, params, shape, dtype, self.origin, function)
        self.instructions.append(new)
        return new

    def operand(self, x: Any, dtype: np.dtype[Any] | None = None) -> Any:
        """What an instruction has for an operand: an instruction, or a number.

        A float that is read at each run is a source, of the dtype that is needed here.
        """
        found = getattr(x, "instruction", None)
        if found is not None:
            return found
        if self.number_of is not None and isinstance(x, (float, np.floating)):
            return self.number_of(x, getattr(x, "dtype", dtype))
        if isinstance(x, (*_PYTHON, np.generic)):
            return x
        if not isinstance(x, np.ndarray):
            raise UnsupportedError(f"a formula has a {type(x).__name__} for an operand")
        if not x.ndim:
            return x[()]
        return self.constant(x)

    def number(self, value: Any, dtype: Any) -> Instruction:
        """A number that is read at each run, and is this one now."""
        return self.add("source", "number", (), (value,), (), np.dtype(dtype))

    def constant(self, value: Any) -> Instruction:
        """The instruction of an array that no run changes; one for each array."""
        known = self._constants.get(id(value))
        if known is None:
            known = self.add("constant", "constant", (), (value,), value.shape, value.dtype)
            self._constants[id(value)] = known
        return known

    def forget(self, count: int) -> None:
        """Forget all but so many instructions."""
        for instruction in self.instructions[count:]:
            if instruction.kind == "constant":
                self._constants.pop(id(instruction.params[0]), None)
        del self.instructions[count:]


def kind_of(x: Any) -> Any:
    """What NumPy's promotion asks of an operand: its dtype, or that it is Python's."""
    dtype = getattr(x, "dtype", None)
    if dtype is not None:
        return dtype
    return np.dtype(np.bool_) if isinstance(x, bool) else type(x)


def promoted(ufunc: np.ufunc, operands: tuple[Any, ...]) -> tuple[np.dtype[Any], ...]:
    """The dtypes in which a ufunc computes, and of what it gives."""
    return _promoted(ufunc, tuple(map(kind_of, operands)))


@lru_cache(maxsize=4096)
def _promoted(ufunc: np.ufunc, kinds: tuple[Any, ...]) -> tuple[np.dtype[Any], ...]:
    try:
        return ufunc.resolve_dtypes((*kinds, *[None] * ufunc.nout))
    except TypeError:
        shown = ", ".join(getattr(k, "name", None) or k.__name__ for k in kinds)
        raise DTypeError(f"np.{ufunc.__name__} is not defined for {shown}") from None


def broadcast(operands: tuple[Any, ...]) -> tuple[int, ...]:
    """The common shape of operands."""
    found: tuple[int, ...] = ()
    for x in operands:
        shape = getattr(x, "shape", ())
        if shape and shape != found:
            found = np.broadcast_shapes(found, shape) if found else shape
    return found
