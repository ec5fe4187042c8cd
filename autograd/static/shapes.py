"""What is known of a shape before a run, as TensorFlow shows it."""

from __future__ import annotations

import math
from typing import Any

__all__ = ["Dimension", "TensorShape", "shown_shape"]


class Dimension(int):
    """The length of an axis; `value` is the same."""

    @property
    def value(self) -> int:
        return int(self)


class TensorShape(tuple[Any, ...]):
    """The length of each axis, None where a run will tell."""

    __slots__ = ()

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


def shown_shape(shape: Any) -> str:
    """A shape in text, with ? where a run will tell."""
    if shape is None:
        return "<unknown>"
    lengths = ", ".join("?" if n is None else str(n) for n in shape)
    return f"({lengths},)" if len(shape) == 1 else f"({lengths})"
