"""What a capture keeps of the values it meets: guards, Tensors as they were, and identities."""

from __future__ import annotations

import weakref
from functools import partial
from sys import getrefcount
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.mutation import owner_of
from autograd.engine.node import Node
from autograd.engine.operands import tensor_types

__all__ = ["LARGE", "Guard", "Held", "Known"]


LARGE = 1 << 14  # bytes


class Guard(NamedTuple):
    """What Python saw of a value, and went on by: a replay that finds another one must stop."""

    value: Any  # None: nothing that a replay finds will do
    what: str
    where: str | None


class Held:
    """A Tensor or an array that was there when the call came to it, as it was then."""

    __slots__ = ("found", "inner", "node", "value", "view")

    def __init__(self, found: Any, value: Any, node: Node) -> None:
        self.found = weakref.ref(found)
        self.value = value
        self.node = node
        self.inner: Any = None
        # a view of another's array is read at every run too, though the call alone has the view
        self.view = found if isinstance(found, np.ndarray) and found.base is not None else None
        if type(found) in tensor_types:
            leaf = found._node
            saved = leaf.saved if leaf is not None and leaf.is_leaf else None
            spec = None if leaf is None else leaf.spec
            self.inner = (leaf, getattr(found, "_left", None), saved, spec)

    def is_alone(self) -> bool:
        """Whether nobody but this holds the view, and nobody beside it the memory that it shows."""
        return self.view is not None and _references(self) == _ALONE

    def put_back(self, tensor: Any) -> None:
        """Undo what the call did to a Tensor."""
        tensor._value = self.value
        tensor._node, tensor._left, saved, spec = self.inner
        if saved is not None:
            tensor._node.saved, tensor._node.spec = saved, spec


class Known(dict[int, tuple[Node, Any]]):
    """The nodes of values by their identity, as long as there are such values.

    Small ones stay alive, so that no other gets their identity; large arrays do not, or a trace
    would hold all that a call computes.
    """

    __slots__ = ("__weakref__",)

    def note(self, value: Any, node: Node) -> None:
        """Note what a value comes from."""
        key = id(value)
        if type(value) is not np.ndarray or value.nbytes < LARGE:
            self[key] = node, value
            return
        self[key] = node, weakref.ref(value, partial(_gone, weakref.ref(self), key))


def _gone(known: weakref.ref[Known], key: int, _: object) -> None:
    here = known()
    if here is not None:
        here.pop(key, None)


def _references(held: Any) -> tuple[int, int]:
    """How many hold a view, and how many the memory that it shows."""
    view = held.view
    return getrefcount(view), getrefcount(owner_of(view))


_ALONE = _references(SimpleNamespace(view=np.empty(2)[:1]))  # where nobody has them beside
