"""An echo: what a rule of an optimizer is run on to learn its numbers, and of what it is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Echo", "echoed"]


_FLOATS = frozenset((float, np.float32, np.float64))  # the usual ones, told quickly


class Echoed(NamedTuple):
    """What a rule is made of, with None in the place of each number, and these numbers."""

    structure: list[Any]
    numbers: list[Any]


class Echo:
    """A value that is all arrays of a rule, and notes the operations and numbers it meets."""

    __slots__ = ("dtype", "numbers", "structure")
    __hash__ = None  # type: ignore[assignment]
    shape: tuple[int, ...] = ()
    ndim = 0
    size = 1

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self.dtype = dtype
        self.structure: list[Any] = []
        self.numbers: list[Any] = []

    def note(self, what: Any, *operands: Any) -> Echo:
        """Note an operation; its result."""
        structure = self.structure
        structure.append(what)
        for x in operands:
            if x is self:
                continue
            if type(x) in _FLOATS or isinstance(x, (float, np.floating)):
                self.numbers.append(x)
                structure.append(None)
            else:
                structure.append(x)
        return self

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **_: Any) -> Echo:
        return self.note(ufunc, *inputs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return self.note(function, *args)

    def __autograd_op__(self, op: Any, inputs: Any, params: Any) -> Echo:
        return self.note(op, *inputs)

    def __getitem__(self, index: Any) -> Echo:
        return self

    def __neg__(self) -> Echo:
        return self.note("neg")

    def __abs__(self) -> Echo:
        return self.note("abs")


def _operator(name: str) -> Callable[[Echo, Any], Echo]:
    def forward(self: Echo, other: Any) -> Echo:
        return self.note(name, other)

    return forward


for _name in ("add", "sub", "mul", "truediv", "pow"):
    for _kind in ("", "r", "i"):
        setattr(Echo, f"__{_kind}{_name}__", _operator(_kind + _name))
for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(Echo, f"__{_name}__", _operator(_name))


def echoed(rule: Callable[..., None], dtype: np.dtype[Any], arrays: int, scratch: int) -> Echoed:
    """What a rule is made of now, for parameters of a dtype with so many arrays of state."""
    echo = Echo(dtype)
    rule(echo, echo, [echo] * arrays, [echo] * scratch)
    return Echoed(echo.structure, echo.numbers)
