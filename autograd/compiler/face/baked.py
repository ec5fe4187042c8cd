"""Numbers that a trace has made of arrays by NumPy alone, and that its program holds as they were.

`x * a / a.sum()` reads the array `a` at each run; its sum is a constant. Where the numbers of an
array are others than before, the call is traced again: if that gives the same constants, the plan
is still good. An array of which most numbers have changed by and by, and no constant with them, is
not looked at again.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from autograd.engine.constants import are_same
from autograd.engine.mutation import owner_of
from autograd.engine.node import Node, constant_value
from autograd.engine.row import CONSTANT
from autograd.graph.naming import SOURCES
from autograd.program.program import Program
from autograd.program.surroundings import some_of

__all__ = ["ReadArrays", "baked"]

LARGEST = 1 << 16  # bytes of an array that is compared whole
LITERALS = (bool, int, float, complex, str, np.generic, slice, type(None))


class ReadArrays:
    """Arrays that a program reads, with which NumPy may have computed too."""

    def __init__(self, arrays: list[tuple[str, Any, Any]]) -> None:
        self.owners = {id(owner_of(array)) for _, array, _ in arrays}
        found = [(array, some_of(array, LARGEST).copy()) for _, array, _ in arrays]
        self._then = [(array, then, np.zeros(then.shape, bool)) for array, then in found]

    @property
    def are_any(self) -> bool:
        """Whether there are any to be compared."""
        return bool(self._then)

    def hold(self) -> bool:
        """Whether they hold the numbers that they did."""
        return all(are_same(some_of(array, LARGEST), then) for array, then, _ in self._then)

    def take(self) -> None:
        """Their numbers are good, though others."""
        found = []
        for array, then, changed in self._then:
            now = some_of(array, LARGEST)
            changed |= now != then
            if 2 * np.count_nonzero(changed) <= now.size:
                found.append((array, now.copy(), changed))
        self._then = found


def baked(program: Program, owners: set[int]) -> list[Any]:
    """All that a program holds as it was, but for what it reads of arrays with these owners."""
    number = {node: i for i, node in enumerate(program.nodes)}

    def key(x: Any) -> Any:
        if type(x) is Node:
            return number.get(x)
        x = constant_value(x)
        if isinstance(x, np.ndarray):
            return x.shape, str(x.dtype), x.tobytes()
        if isinstance(x, LITERALS):
            return repr(x)
        if isinstance(x, (tuple, list)):
            return tuple(map(key, x))
        if isinstance(x, dict):
            return tuple((name, key(part)) for name, part in x.items())
        if isinstance(x, partial):
            return key(x.func), key(x.args), key(x.keywords)
        return type(x).__name__

    def held(node: Node) -> Any:
        array = node.params[0]
        if array is None:
            return key(node.saved[0])
        is_read = not isinstance(array, np.ndarray) or id(owner_of(array)) in owners
        return node.name if is_read else key(array)

    return [
        held(node) if node.op is CONSTANT
        else node.op.name if node.op in SOURCES
        else (node.op.name, repr(node.spec), key(node.inputs), key(node.params))
        for node in program.nodes
    ]  # fmt: skip
