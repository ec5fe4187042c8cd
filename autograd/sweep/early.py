"""Leaves that are told of as soon as their gradients are whole, and not at the end of the sweep.

A sweep comes to leaves last, since they are the oldest nodes. Who sends gradients away while the
sweep goes on (see nn/parallel) listens: the leaves that it listens for come right after the first
node that has read them, behind which nothing adds to their gradients.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from weakref import ref

from autograd.engine.node import Node

__all__ = ["LISTENERS", "Listener", "heard_of", "listening", "said_of"]


class Listener:
    """Told, in each sweep that adds to the gradients of its Tensors, when each of them is whole."""

    def __init__(self) -> None:
        self.leaves: dict[Node, int] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "leaves": {}}  # a copy listens when it is asked to

    def listen(self, tensors: Iterable[Any]) -> None:
        """Listen for these, by their numbers; to be called again when they may have new nodes."""
        if any(t._node not in self.leaves for t in tensors):
            self.leaves = {t._node: i for i, t in enumerate(tensors) if t._node is not None}
        if ref(self) not in LISTENERS:
            LISTENERS.append(ref(self, LISTENERS.remove))

    def ignore(self) -> None:
        """Listen no more."""
        if ref(self) in LISTENERS:
            LISTENERS.remove(ref(self))

    def begin(self, numbers: list[int], create_graph: bool) -> None:
        """A sweep begins that comes to the Tensors with these numbers."""

    def whole(self, number: int) -> None:
        """The gradient of one of them is whole, and lies in its `.grad`."""

    def end(self) -> None:
        """The sweep is over."""

    def stop(self) -> None:
        """The sweep has ended in an error."""

    def says(self, number: int) -> str:
        """What becomes of the gradient of one of them, for pictures."""
        return ""


# In the order in which they began to listen, which is the same on all processes.
LISTENERS: list[ref[Listener]] = []


def _in_order() -> list[Listener]:
    return [listener for each in LISTENERS if (listener := each()) is not None]


def listening(
    order: list[Node], wanted: frozenset[Node] | None, create_graph: bool
) -> list[Listener]:
    """Who is told of this sweep, whose order is changed for them."""
    found = []
    for listener in _in_order():
        leaves = listener.leaves
        mine = [n for n in order if n in leaves and (wanted is None or n in wanted)]
        if mine:
            _bring_forward(order, mine)
            listener.begin([leaves[node] for node in mine], create_graph)
            found.append(listener)
    return found


def _bring_forward(order: list[Node], leaves: list[Node]) -> None:
    """Put each of the leaves right before the first node that reads it."""
    moved, left, new = frozenset(leaves), dict.fromkeys(leaves), list[Node]()
    for node in order:
        if node in moved:
            continue
        for parent in node.many or (node.x, node.y):
            if type(parent) is Node and parent in left:
                del left[parent]
                new.append(parent)
        new.append(node)
    order[:] = [*left, *new]  # first those that nothing reads


def heard_of(leaf: Node) -> None:
    """Tell who listens for a leaf that its gradient is whole."""
    for listener in _in_order():
        number = listener.leaves.get(leaf)
        if number is not None:
            listener.whole(number)


def said_of(leaf: Node) -> str:
    """What becomes of the gradient of a leaf, for pictures."""
    found = ((listener, listener.leaves.get(leaf)) for listener in _in_order())
    return "; ".join(filter(None, (each.says(n) for each, n in found if n is not None)))
