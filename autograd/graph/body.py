"""Body: a function as data, which an instruction of control flow runs: its nodes, from inputs on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autograd.engine.node import Node
from autograd.graph.pytree import flat

__all__ = ["Body", "bodies_of"]


class Body:
    """The nodes of a function, run on arrays or on Tensors; `inputs` give the order of operands.

    `flows` says along which operands of a node gradients went when the function was traced: what
    was detached, or computed under `no_grad`, is a constant for them.
    """

    __slots__ = ("_runs", "flows", "inputs", "nodes", "outputs")

    def __init__(
        self,
        nodes: Sequence[Node],
        inputs: Sequence[Node],
        outputs: Sequence[Node],
        flows: Mapping[Node, tuple[bool, ...]],
    ) -> None:
        self.nodes = tuple(nodes)
        self.inputs = tuple(inputs)
        self.outputs = tuple(outputs)
        self.flows = flows
        self._runs: dict[str, Any] = {}  # what was made of it: calls on arrays, its rule

    def made(self, what: str, make: Any) -> Any:
        """What is made of it once, and kept beside it."""
        if what not in self._runs:
            self._runs[what] = make()
        return self._runs[what]

    def __repr__(self) -> str:
        from autograd.graph.table import table

        ends = {node: i for i, node in enumerate(self.nodes)}
        return f"{table(self.nodes)}\n-> {', '.join(f'#{ends[node]}' for node in self.outputs)}"


def bodies_of(node: Node) -> list[Body]:
    """The functions that a node of control flow runs."""
    return [x for x in flat(node.params) if type(x) is Body]
