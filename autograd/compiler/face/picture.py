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

    An op of which a product and a loop do a part, as of a layer with a bias, is in the later one.
    """
    kernels = kernels_of(plan)
    tape = plan.program.graph.tape
    new: dict[Node, Node] = {}
    for node in tape.nodes:
        if node.is_leaf:
            new[node] = node
            continue
        links = tuple(new.get(x, x) if type(x) is Node else x for x in node.inputs)
        kernel = kernels.get(plan.made.get(node))
        scope = node.scope if kernel is None else Scope(kernel, "kernel")
        new[node] = copy = new_node(node.op, links, np.False_, scope)
        copy.params, copy.spec, copy.saved = node.params, node.spec, node.saved
        copy.extra = node.extra
    graph = Graph.__new__(Graph)
    graph.call, graph.nodes = None, tuple(new.values())
    graph.outputs = tuple(new[node] for node in tape.outputs)
    return graph
