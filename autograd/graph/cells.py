"""Cells: places that hold numbers between two calls, beside the values of Tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.node import Node
from autograd.engine.operands import tensor_types
from autograd.engine.outputs import wrap

__all__ = ["Cell", "Gradient", "Moment"]


class Cell:
    """A place that a program reads when it begins, and writes to when it ends."""

    tensor: Any  # the Tensor that it belongs to
    kind: str  # what it is of that Tensor

    def read(self) -> Any:
        """The raw value, or None if there is none."""
        raise NotImplementedError  # pragma: no cover

    def write(self, value: Any) -> None:
        """Put a value there; None takes it away."""
        raise NotImplementedError  # pragma: no cover


class Gradient(Cell):
    """The `.grad` of a leaf."""

    kind = "grad"
    drops_first = False  # whether a call lets go of the old one before it computes anything

    def __init__(self, tensor: Any) -> None:
        self.tensor = tensor

    @property
    def leaf(self) -> Node | None:
        node: Node | None = self.tensor._node
        return node

    def read(self) -> Any:
        leaf = self.leaf
        grad = None if leaf is None or leaf.extra is None else leaf.extra.grad
        return None if grad is None else grad._value

    def write(self, value: Any) -> None:
        if self.leaf is not None:
            self.leaf.more().grad = None if value is None else wrap(value)


class Moment(Cell):
    """What an optimizer keeps of a parameter: an array or a number."""

    def __init__(self, optimizer: Any, tensor: Any, kind: str) -> None:
        self.optimizer = optimizer
        self.tensor = tensor
        self.kind = kind

    def read(self) -> Any:
        if self.tensor not in self.optimizer.state:
            return None
        found = self.optimizer.state[self.tensor].get(self.kind)
        return found._value if type(found) in tensor_types else found

    def write(self, value: Any) -> None:
        entry = self.optimizer.state[self.tensor]
        old = entry.get(self.kind)
        if not isinstance(value, np.ndarray):
            entry[self.kind] = value
        elif type(old) in tensor_types and type(old._value) is np.ndarray:
            old._value[...] = value  # where the optimizer's chunks have it
        else:
            entry[self.kind] = wrap(value)
