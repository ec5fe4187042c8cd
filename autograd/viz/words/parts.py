"""A part of a tensor of a graph, such as w[0, 0]: which places it takes of what has w's shape."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.engine.modes import no_grad
from autograd.engine.node import Node
from autograd.engine.row import OUTPUT
from autograd.graph.interpret import interpret
from autograd.viz.model.settings import index_text

__all__ = ["Part", "part_of"]


@dataclass(frozen=True, slots=True)
class Part:
    """Places of a tensor, as indexing, `reshape`, a transpose and their kin take them."""

    base: Node
    nodes: tuple[Node, ...]  # from the base on

    def named(self, base: str) -> str:
        """`w[0, 0]`, `reshape(w)`."""
        for node in self.nodes:
            if node.op.name == "getitem":
                base += index_text(node.parameters()["index"])
            elif node.op is not OUTPUT:
                base = f"{node.op.name}({base})"
            else:
                base += f"[{node.params[0]}]"
        return base

    def of(self, array: Any) -> Any:
        """The same places of an array."""
        with no_grad():
            values = interpret(self.nodes, {self.base: np.asarray(array)})
        return np.asarray(values[self.nodes[-1]])


def part_of(node: Node, known: Collection[Node]) -> Part | None:
    """The part of one of the known tensors that a node takes; None if it is something else."""
    nodes = [node]
    while nodes[0] not in known:
        taken = nodes[0]
        if taken.is_leaf or not (taken.op is OUTPUT or _takes(taken)):
            return None
        source = taken.inputs[0]
        if type(source) is not Node:
            return None
        nodes.insert(0, source)
    return Part(nodes[0], tuple(nodes[1:]))


def _takes(node: Node) -> bool:
    """Whether an op gives elements of its input as they are, in another order or shape."""
    return node.op.name == "getitem" or node.op.views is True
