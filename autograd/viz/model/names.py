"""What to call things: the user's names, variables of the caller, module paths, op names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from autograd.engine.constants import are_same
from autograd.engine.node import Constant, Node
from autograd.engine.operands import tensor_types
from autograd.viz.model.numbers import subscript

__all__ = ["Names", "Unique"]


class Names:
    """Finds the names of nodes and constants in a mapping such as `locals()`, by identity.

    A graph keeps copies of the user's arrays. A copy has the name of the variable that holds its
    numbers, if there is just one such.
    """

    def __init__(self, variables: Mapping[str, Any]) -> None:
        self._of_nodes: dict[Node, str] = {}
        self._of_values: dict[int, str] = {}
        self._arrays: dict[Any, list[Any]] = {}  # by shape and dtype
        self._models: dict[str, tuple[str, list[Any]]] = {}  # by variable: class, parameters
        self._alive: list[Any] = []  # an id means nothing once its object is gone
        for name, value in tuple(variables.items()):
            if not name.startswith("_"):
                if _is_model(value):
                    members = [p for _, p in value.named_parameters()]
                    self._models[name] = type(value).__name__, members
                for full_name, item in _named_items(name, value):
                    self._learn(full_name, item)

    def _learn(self, name: str, item: Any) -> None:
        if type(item) in tensor_types:
            if item._node is not None:
                self._of_nodes.setdefault(item._node, name)
            else:
                self._learn_value(name, item._value)
            self._alive.append(item)
        elif isinstance(item, (np.ndarray, np.generic)):
            self._learn_value(name, item)
            self._alive.append(item)

    def _learn_value(self, name: str, value: Any) -> None:
        if id(value) not in self._of_values and isinstance(value, np.ndarray):
            self._arrays.setdefault((value.shape, value.dtype), []).append(value)
        if not isinstance(value, np.bool_):  # there are only two, whoever holds them
            self._of_values.setdefault(id(value), name)

    def of_model(self, kind: str, nodes: Mapping[Node, Any]) -> str | None:
        """The variable that holds the model of a class that has most parameters in a graph."""
        inside = {
            name: sum(p._node in nodes for p in members)
            for name, (own, members) in self._models.items()
            if own == kind
        }
        best = max(inside, key=inside.__getitem__, default=None)
        return best if best is not None and inside[best] else None

    def of_node(self, node: Node) -> str | None:
        return node.name or self._of_nodes.get(node)

    def of_tensor(self, tensor: Any) -> str | None:
        """The variable that holds a Tensor, in a graph or not."""
        if tensor._node is not None:
            return self.of_node(tensor._node)
        return self._of_values.get(id(tensor._value))

    def original(self, value: Any) -> Any:
        """The array of a variable that this is a graph's copy of; for all else the value itself."""
        if id(value) in self._of_values or not isinstance(value, np.ndarray):
            return value
        known = self._arrays.get((value.shape, value.dtype), ())
        same = [array for array in known if are_same(array, value)]
        return same[0] if len(same) == 1 else value

    def of_constant(self, value: Any) -> str | None:
        """The name of an input that needs no gradient; None for a literal number."""
        if isinstance(value, Constant):
            return value.name
        return self._of_values.get(id(self.original(value)))


def _named_items(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """A variable; the parameters of a module by their paths; the members of a list or a dict."""
    if _is_model(value):
        yield from value.named_parameters()
    elif isinstance(value, (list, tuple)):
        yield from ((f"{name}[{i}]", item) for i, item in enumerate(value))
    elif isinstance(value, dict):
        yield from ((f"{name}[{key!r}]", item) for key, item in tuple(value.items()))
    else:
        yield name, value


def _is_model(value: Any) -> bool:
    return callable(getattr(value, "named_parameters", None)) and not isinstance(value, type)


class Unique:
    """Gives every name once: a name that was given already gets a subscript.

    >>> unique = Unique()
    >>> unique("add"), unique("add"), unique("w")
    ('add', 'add₂', 'w')
    """

    def __init__(self) -> None:
        self._given: set[str] = set()
        self._count: dict[str, int] = {}

    def __call__(self, name: str) -> str:
        fresh = name
        while fresh in self._given:
            self._count[name] = self._count.get(name, 1) + 1
            fresh = name + subscript(self._count[name])
        self._given.add(fresh)
        return fresh
