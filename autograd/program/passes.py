"""Passes: programs made from programs, which do the same to the bit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from autograd.engine.modes import uncaptured
from autograd.engine.node import Node, new_node
from autograd.engine.row import COMPUTED, CONSTANT, DRAW, INPUT, OUTPUT, WRITE
from autograd.graph.call import Call, Slot, links_of
from autograd.graph.interpret import inputs_of
from autograd.graph.naming import HELD
from autograd.graph.pytree import mapped, nested
from autograd.graph.replay import run_in
from autograd.graph.structure import key_of
from autograd.program.instructions import EFFECT, PULL, accumulated, zeroed
from autograd.program.program import Program

__all__ = [
    "MAY_HAND_ON", "common_subexpressions", "constant_folding", "dead_code", "last_uses",
    "relinked", "rewritten", "shared_with", "with_nodes",
]  # fmt: skip

LARGEST = 1 << 20  # bytes of what is folded
DOES = (DRAW, WRITE, EFFECT)  # more than giving a value
SOURCES = (INPUT, *HELD, DRAW)
# ops that are no views, but give an input itself, or a view of it, for some arguments
MAY_HAND_ON = frozenset(("astype", "border", "diag", "repeat", "tile"))


def dead_code(program: Program) -> Program:
    """Without what no output, write, effect or check depends on; inputs and draws stay.

    >>> import autograd as ag
    >>> from autograd.program.passes import common_subexpressions, dead_code
    >>> program = common_subexpressions(ag.trace(lambda x: ag.exp(x) * ag.exp(x), ag.ones(2)))
    >>> [node.op.name for node in dead_code(program)]
    ['input', 'exp', 'multiply']
    """
    live = dict.fromkeys([
        *program.outputs, *program.call.guards,
        *(node for node in program.nodes if node.op in (INPUT, *DOES)),
    ])  # fmt: skip
    for node in (stack := list(live)):  # while it grows
        for source in links_of(node):
            if source not in live:
                live[source] = None
                stack.append(source)
    return program.changed(
        program.call, [node for node in program.nodes if node in live], program.outputs
    )


def common_subexpressions(program: Program) -> Program:
    """With what is computed twice from the same values computed once."""
    number: dict[Node, int] = {}
    first: dict[Any, Node] = {}

    def become(node: Node) -> Node:
        key = _key(node, number)
        found = node if key is None else first.setdefault(key, node)
        number.setdefault(found, len(number))
        return found

    return dead_code(rewritten(program, become))


def constant_folding(program: Program) -> Program:
    """With what follows from constants alone computed now."""
    values: dict[Node, Any] = {}

    def become(node: Node) -> Node:
        if node.op is CONSTANT and node.params[0] is None:
            values[node] = node.saved[0]
            return node
        known = [source in values for source in links_of(node)]
        if not known or not all(known) or node.op in DOES or node in program.call.guards:
            return node
        if node.op is COMPUTED and not _is_plain(node.params[0]):
            return node
        with uncaptured:
            values[node] = value = run_in(values)(node, inputs_of(node, values))
        return node if isinstance(value, (tuple, list)) else _constant(node, value, values)

    return dead_code(rewritten(program, become))


def last_uses(program: Program) -> dict[Node, int]:
    """The number of the last instruction that reads the memory of each value: then it is free.

    A view that is made of a value reads its memory. What is returned or written is read at the
    end, after the last instruction.
    """
    found: dict[Node, int] = {}
    for number, node in enumerate(program.nodes):
        found.setdefault(node, number)
        for source in links_of(node):
            found[source] = number
    end = len(program.nodes)
    for node in program.nodes:
        if node.op is WRITE:
            found[node] = end
            found.update(dict.fromkeys(links_of(node), end))
    found |= dict.fromkeys(program.outputs, end)
    for node in reversed(program.nodes):
        for source in shared_with(node):
            found[source] = max(found[source], found[node])
    return found


def shared_with(node: Node) -> list[Node]:
    """The values in whose memory that of a node may lie."""
    op = node.op
    if op is PULL or op is OUTPUT:
        return [x for x in node.inputs if type(x) is Node]  # a rule may hand on its cotangent
    if op is COMPUTED:
        function = node.params[0]
        fresh = getattr(function, "gives_numbers", False) or function in (accumulated, zeroed)
        return [] if fresh else links_of(node)
    if op.views or op.composite or op.name in MAY_HAND_ON:
        return links_of(node)
    return []


# ---- how it is done ------------------------------------------------------------------------------


def rewritten(program: Program, become: Callable[[Node], Node]) -> Program:
    """Each instruction in its turn, with its sources rewritten, as what `become` makes of it."""
    new: dict[Node, Node] = {}
    nodes: dict[Node, None] = {}
    for node in program.nodes:
        found = become(relinked(node, new))
        nodes[found] = None
        if found is not node:
            new[node] = found
    return with_nodes(program, list(nodes), new)


def with_nodes(program: Program, nodes: Sequence[Node], new: Mapping[Node, Node]) -> Program:
    """The program of other instructions, where `new` tells what has taken the place of which."""
    call = _relinked_call(program.call, new)
    return program.changed(call, nodes, [new.get(node, node) for node in program.outputs])


def relinked(node: Node, new: Mapping[Node, Node]) -> Node:
    """The node itself, or where its sources have changed a copy that reads the new ones."""
    if not any(source in new for source in links_of(node)):
        return node

    def link(x: Any) -> Any:
        return new.get(x, x) if type(x) is Node else x

    copy = new_node(node.op, tuple(map(link, node.inputs)), np.False_, node.scope)
    copy.params, copy.spec, copy.saved = mapped(link, node.params), node.spec, node.saved
    copy.extra = node.extra
    return copy


def _relinked_call(call: Call, new: Mapping[Node, Node]) -> Call:
    def link(x: Any) -> Any:
        return Slot(new.get(x.node, x.node), x.is_leaf) if type(x) is Slot else x

    changed = Call(call.function, call.args, call.kwargs)
    changed.result, changed.refused, changed.tape = (
        nested(link, call.result),
        call.refused,
        call.tape,
    )
    for node, guards in call.guards.items():
        changed.guards[new.get(node, node)] = [
            *changed.guards.get(new.get(node, node), ()),
            *guards,
        ]
    return changed


def _key(node: Node, number: Mapping[Node, int]) -> Any:
    """What two instructions share that give the same value; None: it is one of a kind."""
    if node.op in SOURCES or node.op in DOES:
        return None
    if node.op is COMPUTED and not _is_plain(node.params[0]):
        return None
    inputs = tuple(
        number[x] if type(x) is Node else (type(x).__name__, key_of(x, number)) for x in node.inputs
    )
    params = node.params
    if node.op is COMPUTED and isinstance(params[0], partial):
        params = (params[0].func, tuple(sorted(params[0].keywords.items())))
    return (node.op.name, inputs, key_of(params, number), repr(node.spec))


def _is_plain(function: Any) -> bool:
    """Whether what a function gives follows from its inputs alone."""
    return not getattr(function, "gives_numbers", False)


def _constant(node: Node, value: Any, values: dict[Node, Any]) -> Node:
    if getattr(value, "nbytes", LARGEST + 1) > LARGEST:
        return node
    constant = new_node(CONSTANT, (), np.False_, node.scope)
    constant.params, constant.spec, constant.saved = (None,), node.spec, (value,)
    constant.more().where = node.where
    values[constant] = value
    return constant
