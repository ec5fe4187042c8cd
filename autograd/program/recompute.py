"""Recompute or save: cheap values that a backward pass needs are made again where it needs them.

A value that is kept from the forward pass to a rule takes memory all that while. Where it follows
by one cheap op from values that are there anyway, the rule gets it made anew, of the same bits.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.node import Node, new_node
from autograd.engine.row import COMPUTED
from autograd.graph.call import links_of
from autograd.program.instructions import PULL
from autograd.program.passes import SOURCES, last_uses, relinked, shared_with, with_nodes

__all__ = ["CHEAP", "recomputation"]

CHEAP = frozenset((
    "abs", "add", "equal", "greater", "greater_equal", "less", "less_equal", "maximum", "minimum",
    "multiply", "negative", "not_equal", "relu", "square", "subtract", "where",
))  # fmt: skip
SMALLEST = 1 << 14  # bytes that are worth it


def recomputation(program: Any, cheap: frozenset[str] = CHEAP, smallest: int = SMALLEST) -> Any:
    """With values of `cheap` ops made again for rules, rather than kept since the forward pass.

    Only where what they are made of is there anyway; `smallest` is how many bytes are worth it.

    >>> import autograd as ag
    >>> from autograd.program.recompute import recomputation
    >>> w = ag.ones(3).requires_grad_()
    >>> def call(x):
    ...     ag.sin(w * x).sum().backward()
    >>> program = ag.trace(call, ag.ones(3))
    >>> len(recomputation(program, smallest=1)) > len(program)
    True
    """
    instead, before = _made_again(program, cheap, smallest)
    nodes: list[Node] = []
    new: dict[Node, Node] = {}
    for node in program.nodes:
        for again in before.get(node, ()):
            nodes.append(relinked(again, new))
            if nodes[-1] is not again:
                new[again] = nodes[-1]
        own = {old: new.get(again, again) for old, again in instead.get(node, {}).items()}
        nodes.append(relinked(node, new | own))
        if nodes[-1] is not node:
            new[node] = nodes[-1]
    return with_nodes(program, nodes, new)


def _made_again(program: Any, cheap: frozenset[str], smallest: int) -> tuple[Any, Any]:
    """What each rule reads instead of what, and what is made again before it."""
    uses, number = last_uses(program), {node: i for i, node in enumerate(program.nodes)}
    readers: dict[Node, list[Node]] = {}
    for node in program.nodes:
        for source in links_of(node):
            readers.setdefault(source, []).append(node)
    instead: dict[Node, dict[Node, Node]] = {}
    before: dict[Node, list[Node]] = {}
    kept = {*program.outputs, *program.call.guards}
    for node in program.nodes:
        late = [reader for reader in readers.get(node, ()) if reader.op is PULL]
        if not late or node in kept or not _is_worth_it(node, cheap, smallest):
            continue
        early = [number[reader] for reader in readers[node] if reader.op is not PULL]
        is_waiting = max(early, default=number[node]) + 1 < number[late[0]]
        end = number[late[-1]]

        def is_there(x: Node, end: int = end) -> bool:
            if x.op in SOURCES:  # but a step may be about to change it where it lies
                return all(number[r] > end for r in readers[x] if r.op is COMPUTED)
            return uses[x] >= end

        if is_waiting and all(map(is_there, links_of(node))):
            again = _copied(node)
            before.setdefault(late[0], []).append(again)
            for reader in late:
                instead.setdefault(reader, {})[node] = again
    return instead, before


def _is_worth_it(node: Node, cheap: frozenset[str], smallest: int) -> bool:
    if node.op.name not in cheap or node.op in SOURCES or not node.op.elementwise:
        return False
    if type(node.spec) is not tuple or (node.extra is not None and node.extra.is_linked):
        return False
    shape, dtype = node.spec
    return int(np.prod(shape)) * dtype.itemsize >= smallest and not shared_with(node)


def _copied(node: Node) -> Node:
    again = new_node(node.op, node.inputs, np.False_, node.scope)
    again.params, again.spec, again.saved = node.params, node.spec, node.saved
    again.extra = node.extra
    return again
