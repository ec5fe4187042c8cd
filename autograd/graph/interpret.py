"""The one interpreter: what a node's inputs are, how it runs, and how a cotangent goes back.

Values may be arrays or Tensors, or anything else that ops give way to, as symbols are (see
`autograd.engine.dispatch`). A reader of graphs brings what it does at a node, and no walk, no
reading of inputs or rules of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from autograd.engine.node import Node, constant_value
from autograd.engine.row import OUTPUT, Cotangents
from autograd.sweep.cotangent import filled

__all__ = ["apply", "inputs_of", "interpret", "pull_back", "saved_of"]


def inputs_of(node: Node, values: dict[Node, Any]) -> list[Any]:
    """The values of a node's inputs, where `values` has those of its parents."""
    return [values[i] if type(i) is Node else constant_value(i) for i in node.inputs]


def apply(node: Node, inputs: Sequence[Any]) -> Any:
    """What a node's op gives for these inputs, which need not be those that it was recorded with.

    Arrays give arrays, Tensors are recorded anew, and symbols give symbols.
    """
    if node.op is OUTPUT:
        return inputs[0][node.params[0]]
    return node.op.record(*inputs, **node.parameters())


def interpret(
    nodes: Iterable[Node],
    values: dict[Node, Any],
    run: Callable[[Node, list[Any]], Any] = apply,
) -> dict[Node, Any]:
    """Fill up `values`, which has those of the leaves, with what `run` gives for each other node.

    >>> import autograd as ag
    >>> x = ag.Tensor(2.0, requires_grad=True, name="x")
    >>> graph = ag.Graph(x * x + 1)
    >>> list(interpret(graph.nodes, {graph.leaves[0]: 3.0}).values())
    [3.0, 9.0, 10.0]
    """
    for node in nodes:
        if not node.is_leaf:
            values[node] = run(node, inputs_of(node, values))
    return values


def saved_of(node: Node, inputs: Sequence[Any], out: Any) -> tuple[Any, ...]:
    """What the node's rules would have been left if it had been recorded with these values."""
    needs = tuple([type(source) is Node for source in node.inputs])
    return node.op.pack(needs, list(inputs), out, node.params)


def pull_back(
    nodes: Sequence[Node],
    cotangents: dict[Node, Any],
    pull: Callable[[Node, Any], Sequence[Any]],
) -> dict[Node, Any]:
    """Fill up `cotangents`, which has those of the roots, with what `pull` gives for each node.

    This is the sweep in its plain form: without hooks, leaves' `.grad` and freeing. `nodes` are in
    topological order; `pull(node, g)` gives a cotangent, or None, for each input.
    """
    for node in reversed(nodes):
        if node.is_leaf or node not in cotangents:
            continue
        if type(cotangents[node]) is Cotangents:
            cotangents[node] = filled(cotangents[node], node)
        for source, new in zip(node.inputs, pull(node, cotangents[node]), strict=True):
            if new is not None:
                cotangents[source] = cotangents[source] + new if source in cotangents else new
    return cotangents
