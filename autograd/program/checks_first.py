"""What may stop a run comes before all that changes anything."""

from __future__ import annotations

from autograd.engine.node import Node
from autograd.engine.row import COMPUTED, OUTPUT, WRITE
from autograd.graph.call import links_of
from autograd.program.instructions import EFFECT, PULL, accumulated, zeroed
from autograd.program.program import Program

__all__ = ["changes_things", "checks_first", "may_be_undone"]


def changes_things(node: Node) -> bool:
    """Whether it writes where things lie, as the step of an optimizer, or has an effect."""
    return node.op is EFFECT or hasattr(node.params[:1] and node.params[0], "in_place")


def checks_first(program: Program) -> Program:
    """The program with checks of labels and values before the first step, where they can be.

    A second loss may have labels of its own, or a value that a layer looks at, after a first
    optimizer's step.
    """
    nodes = program.nodes
    begin = next((k for k, node in enumerate(nodes) if changes_things(node)), len(nodes))
    changed: set[Node] = set()  # what follows from what was changed
    early: set[Node] = set()
    for node in nodes[begin:]:
        links = links_of(node)
        if changes_things(node) or not changed.isdisjoint(links):
            changed.add(node)
        is_check = node.op is COMPUTED and all(map(_is_given, links))
        if node not in changed and (node in program.call.guards or is_check):
            early.add(node)
    for node in reversed(nodes[begin:]):
        if node in early:
            early.update(links_of(node))
    first = [node for node in nodes[begin:] if node in early]
    rest = [node for node in nodes[begin:] if node not in early]
    if not first:
        return program
    return program.changed(program.call, (*nodes[:begin], *first, *rest), program.outputs)


def may_be_undone(program: Program) -> set[Node]:
    """The steps and effects behind which a run may stop, by the values that it finds there.

    Such a step does not write where things lie, and such an effect is taken back: so a run that
    stops has done nothing, and the call itself may.
    """
    found: set[Node] = set()
    ahead: list[Node] = []
    for node in program.nodes:
        if changes_things(node):
            ahead.append(node)
        elif ahead and (node in program.call.guards or _may_fail(node)):
            found.update(ahead)
            ahead.clear()
    return found


def _may_fail(node: Node) -> bool:
    """Whether an instruction may raise for some values and not for others."""
    if node.is_leaf or node.op in (OUTPUT, WRITE):
        return False
    if node.op is COMPUTED:
        return node.params[0] not in (accumulated, zeroed)
    op = node.params[0] if node.op is PULL else node.op
    return not op.forward.__module__.startswith(ROOMS)


def _is_given(node: Node) -> bool:
    """Whether it is a source, or shows one in another shape or dtype."""
    while (
        not node.is_leaf and len(links_of(node)) == 1 and (node.op.views or node.op.name in CASTS)
    ):
        (node,) = links_of(node)
    return node.is_leaf


CASTS = ("astype", "cast", "copy")
# whose ops take all values: not those of indexing, of linalg, of losses, nor ops of the user's own
ROOMS = tuple(
    [f"autograd.ops.{room}." for room in (
        "activation", "elementwise", "product", "reduction", "shape", "special")]
    + [f"nn.{room}." for room in (
        "activation", "attention", "convolution", "linear", "normalization", "padding", "pooling",
        "recurrent", "resampling")]
)  # fmt: skip
