"""What pictures show of a plan: the graph of its call, with a panel for each kernel."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compiler.face.shown import kernels_of
from autograd.engine.modes import Scope
from autograd.engine.node import Node, new_node
from autograd.graph.graph import Graph

__all__ = ["graph_by_kernels"]


def graph_by_kernels(plan: Any) -> Graph:
    """The graph along which gradients flow in the call, each op in the kernel that does its work.

    An op of which a product and a loop do a part, as of a layer with a bias, is in the later one's
    panel, which tells both.
    """
    panels = _panels(plan)
    tape = plan.program.graph.tape
    new: dict[Node, Node] = {}
    for node in tape.nodes:
        if node.is_leaf:
            new[node] = node
            continue
        links = tuple(new.get(x, x) if type(x) is Node else x for x in node.inputs)
        scope = panels.get(plan.made.get(node), node.scope)
        new[node] = copy = new_node(node.op, links, np.False_, scope)
        copy.params, copy.spec, copy.saved = node.params, node.spec, node.saved
        copy.extra = node.extra
    graph = Graph.__new__(Graph)
    graph.call, graph.nodes = None, tuple(new.values())
    graph.outputs = tuple(new[node] for node in tape.outputs)
    return graph


def _panels(plan: Any) -> dict[Node, Scope]:
    """A panel for each kernel that ends an op, with the others that do a part of it.

    It says for which modules they work.
    """
    together: dict[int, list[Node]] = {}
    kernels = kernels_of(plan)
    for node, all_of_it in kernels.items():
        together.setdefault(max(all_of_it), []).append(node)
    found = {}
    for nodes in together.values():
        numbers = sorted({number for node in nodes for number in kernels[node]})
        name = f"kernel{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers))}"
        modules = dict.fromkeys(repr(node.scope) for node in nodes if node.scope is not None)
        found.update(dict.fromkeys(nodes, Scope(name, ", ".join(modules))))
    return found
