"""What is known of a shape before a run, as TensorFlow shows it."""

from __future__ import annotations

import math
from typing import Any

from autograd.errors import ShapeError

__all__ = ["Dimension", "TensorShape", "Unknown", "known_lengths", "shown_shape"]


class Dimension(int):
    """The length of an axis; `value` is the same."""

    @property
    def value(self) -> int:
        return int(self)


class Unknown:
    """The length of an axis that a run will tell: equal to None, with None as its `value`."""

    value = None

    def __eq__(self, other: object) -> bool:
        return other is None or type(other) is Unknown

    def __hash__(self) -> int:
        return hash(None)

    def __bool__(self) -> bool:
        return False

    def __int__(self) -> int:
        raise ShapeError("this length is known in a run: shape(x)[axis] is a symbol of it")

    __index__ = __int__

    def __repr__(self) -> str:
        return "?"


class TensorShape(tuple[Any, ...]):
    """The length of each axis; None, or Unknown where one is asked for, where a run will tell."""

    __slots__ = ()

    def __getitem__(self, which: Any) -> Any:
        found = super().__getitem__(which)
        if found is None:
            return Unknown()
        return TensorShape(found) if isinstance(which, slice) else found

    @property
    def ndims(self) -> int:
        return len(self)

    def as_list(self) -> list[int | None]:
        """The lengths as a list."""
        return [None if n is None else int(n) for n in self]

    def is_fully_defined(self) -> bool:
        """Whether all lengths are known."""
        return None not in self

    def num_elements(self) -> int | None:
        """How many elements there are, None where a run will tell."""
        return math.prod(self) if self.is_fully_defined() else None


def known_lengths(given: Any) -> tuple[int | None, ...]:
    """Lengths as they are given, None where a run will tell."""
    return tuple(None if n is None or type(n) is Unknown else int(n) for n in given)


def shown_shape(shape: Any) -> str:
    """A shape in text, with ? where a run will tell."""
    if shape is None:
        return "<unknown>"
    lengths = ", ".join("?" if n is None else str(n) for n in shape)
    return f"({lengths},)" if len(shape) == 1 else f"({lengths})"
