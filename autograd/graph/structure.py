"""What makes two graphs the same: their ops, and how they are linked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd.engine.node import Node, constant_value
from autograd.engine.row import WRITE
from autograd.graph.body import Body
from autograd.graph.call import links_of
from autograd.graph.naming import SOURCES

__all__ = ["key_of", "outline", "structure"]

NAMED = (*SOURCES, WRITE)  # what tells these apart is their name


def structure(nodes: Sequence[Node], outputs: Sequence[Node]) -> list[tuple[Any, ...]]:
    """The ops, what they are linked to, and on which shapes and dtypes they are."""
    number = {node: i for i, node in enumerate(nodes)}
    return [
        (
            node.op.name,
            tuple(number[i] if type(i) is Node else _constant_key(i) for i in node.inputs),
            node.name if node.op in NAMED else key_of(node.params, number),
            repr(node.spec),
        )
        for node in nodes
    ] + [(tuple(number[node] for node in outputs),)]


def outline(nodes: Sequence[Node], outputs: Sequence[Node]) -> list[Any]:
    """The structure without shapes: which ops, on what."""
    number = {node: i for i, node in enumerate(nodes)}
    return [(node.op.name, [number[source] for source in links_of(node)]) for node in nodes] + [
        [number[node] for node in outputs]
    ]


def _constant_key(value: Any) -> Any:
    """A constant's kind, not its value: other data through the same model is the same structure."""
    value = constant_value(value)
    return ("constant", np.shape(value), str(getattr(value, "dtype", type(value).__name__)))


def key_of(value: Any, number: Mapping[Node, int]) -> Any:
    """Static parameters to the last element: they decide what an op does."""
    if type(value) is Node:
        return number[value]
    if isinstance(value, np.ndarray):
        return (value.shape, str(value.dtype), value.tobytes())
    if type(value) is Body:
        return tuple(structure(value.nodes, value.outputs))
    if isinstance(value, tuple):
        return tuple(key_of(part, number) for part in value)
    return repr(value)
