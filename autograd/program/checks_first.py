"""What may stop a run comes before all that changes anything."""

from __future__ import annotations

from autograd.engine.node import Node
from autograd.engine.row import COMPUTED
from autograd.graph.call import links_of
from autograd.program.instructions import EFFECT
from autograd.program.program import Program

__all__ = ["changes_things", "checks_first"]


def changes_things(node: Node) -> bool:
    """Whether it writes where things lie, as the step of an optimizer, or has an effect."""
    return node.op is EFFECT or hasattr(node.params[:1] and node.params[0], "in_place")


def checks_first(program: Program) -> tuple[Program, bool]:
    """The program with checks of labels and values before the first step, where they can be.

    A second loss may have labels of its own, or a value that a layer looks at, after a first
    optimizer's step. Also whether all that may ask for another trace stands before any step.
    """
    nodes = program.nodes
    begin = next((k for k, node in enumerate(nodes) if changes_things(node)), len(nodes))
    changed: set[Node] = set()  # what follows from what was changed
    early: set[Node] = set()
    is_safe = True
    for node in nodes[begin:]:
        links = links_of(node)
        if changes_things(node) or not changed.isdisjoint(links):
            changed.add(node)
        is_check = node.op is COMPUTED and all(map(_is_given, links))
        if node in changed:
            is_safe = is_safe and node not in program.call.guards
        elif node in program.call.guards or is_check:
            early.add(node)
    for node in reversed(nodes[begin:]):
        if node in early:
            early.update(links_of(node))
    first = [node for node in nodes[begin:] if node in early]
    rest = [node for node in nodes[begin:] if node not in early]
    if not first:
        return program, is_safe
    return program.changed(program.call, (*nodes[:begin], *first, *rest), program.outputs), is_safe


def _is_given(node: Node) -> bool:
    """Whether it is a source, or shows one in another shape or dtype."""
    while (
        not node.is_leaf and len(links_of(node)) == 1 and (node.op.views or node.op.name in CASTS)
    ):
        (node,) = links_of(node)
    return node.is_leaf


CASTS = ("astype", "cast", "copy")
