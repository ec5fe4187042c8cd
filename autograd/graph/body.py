"""Body: a function as data, which an instruction of control flow runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autograd.engine.node import Node

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
        return f"<Body of {len(self.nodes)} instructions>"


def bodies_of(node: Node) -> list[tuple[str, Body]]:
    """The functions that a node of control flow runs, with what they are to it."""
    if node.op.name == "pull":
        return []  # it reads those of the node whose rule it runs
    found = []
    for name, value in zip(node.op.params, node.params, strict=False):
        if type(value) is Body:
            found.append((name, value))
        elif name == "bodies":
            found += list(zip(("true", "false"), value, strict=True))
    return found
