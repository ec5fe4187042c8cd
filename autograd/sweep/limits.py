"""Where values coincide, and the rule of a decomposition reads 0/0: what its limit is made of.

Equal eigenvalues leave the choice of their vectors open, and the rule divides what the vectors'
cotangents say of a turn among them by the gap of 0 between the values. If the function does not
depend on the choice, then both are 0, and the quotient has a limit: let the values move apart along
a direction, the vectors staying as they are; both parts grow along a line, and their slopes divide.

The slope of a cotangent is a second derivative. So a sweep to which it matters records itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd.engine.modes import enable_grad
from autograd.engine.node import Node, Ties, new_node, reachable
from autograd.engine.operands import tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.row import LEAF, OUTPUT

__all__ = ["Rated", "matters", "with_slopes"]


class Rated(tuple[Any, ...]):
    """Cotangents, with their slopes as the outputs move along the ways of `ties`."""

    ties: Ties
    parting: tuple[Any, ...]  # as the values part
    bending: tuple[Any, ...]  # the slopes of `parting`, as the values part further
    turning: tuple[Any, ...]  # as the vectors turn


def matters(order: Iterable[Node]) -> bool:
    """Whether a sweep goes through another output than the values of a node where some coincide."""
    for node in order:
        if node.op is OUTPUT and node.x.extra is not None:
            ties = node.x.extra.ties
            if ties is not None and node.params[0] != ties.values:
                return True
    return False


def with_slopes(node: Node, g: tuple[Any, ...], sweep: Callable[..., Any]) -> Rated:
    """The cotangents of a node where values coincide, with their slopes."""
    ties: Ties = node.extra.ties  # type: ignore[union-attr, assignment]
    rated = Rated(g)
    rated.ties = ties
    way = {ties.values: ties.part}
    rated.parting = _slopes(node, g, way, sweep)
    rated.bending = _slopes(node, rated.parting, way, sweep)
    rated.turning = _slopes(node, g, ties.turn, sweep)
    return rated


def _slopes(
    node: Node, g: tuple[Any, ...], way: dict[int, Any], sweep: Callable[..., Any]
) -> tuple[Any, ...]:
    """The derivatives of cotangents as outputs of the node move along a way.

    The recorded sweep leads from the cotangents back to the outputs. Pulled through it once, u
    becomes Jᵀu; pulled through what was recorded of that, the way t becomes J t.
    """
    found = [np.zeros(part.shape, part.dtype) for part in g]
    live = [i for i, part in enumerate(g) if type(part) in tensor_types and part._node is not None]
    ends = [g[i]._node for i in live]
    links = {
        n: way[n.params[0]]
        for n in reachable(ends)
        if n.op is OUTPUT and n.x is node and n.params[0] in way
    }
    if not links:
        return tuple(found)
    seeds = [_leaf(found[i]) for i in live]
    once = {"accumulate": False, "retain_graph": True, "create_graph": True}
    pulled = sweep(ends, seeds, inputs=links, **once)
    with enable_grad():
        total = np.real(sum(np.sum(h * links[n]) for n, h in pulled.items()))
    if getattr(total, "_node", None) is not None:
        one = wrap(np.ones_like(total._value))
        pushed = sweep([total._node], [one], inputs=[s._node for s in seeds], **once)
        for i, seed in zip(live, seeds, strict=True):
            found[i] = pushed.get(seed._node, found[i])
    return tuple(found)


def _leaf(value: Any) -> Any:
    return wrap(value, new_node(LEAF, (), value))
