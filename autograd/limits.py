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

from autograd.modes import enable_grad
from autograd.node import Node, new_node, reachable
from autograd.op import LEAF, OUTPUT
from autograd.recorder import tensor_types, wrap

__all__ = ["Rated", "matters", "with_slopes"]


class Rated(tuple[Any, ...]):
    """Cotangents, with their slopes as the values part, and the direction in which those do."""

    slopes: tuple[Any, ...]
    split: Any


def matters(order: Iterable[Node]) -> bool:
    """Whether a sweep goes through another output than the values of a node where some coincide."""
    for node in order:
        if node.op is OUTPUT and (split := node.x.extra.split) and node.params[0] != split[0]:
            return True
    return False


def with_slopes(node: Node, g: tuple[Any, ...], sweep: Callable[..., Any]) -> Rated:
    """The cotangents of a node where values coincide, with their slopes."""
    index, split = node.extra.split  # type: ignore[union-attr, misc]
    rated = Rated(g)
    rated.split = split
    rated.slopes = slopes(node, g, index, split, sweep)
    return rated


def slopes(
    node: Node, g: tuple[Any, ...], index: int, direction: Any, sweep: Callable[..., Any]
) -> tuple[Any, ...]:
    """The derivatives of cotangents as an output of the node moves along a direction.

    The recorded sweep leads from the cotangents back to the outputs. Pulled through it once, u
    becomes Jᵀu; pulled through what was recorded of that, the direction t becomes J t.
    """
    found = [np.zeros(part.shape, part.dtype) for part in g]
    live = [i for i, part in enumerate(g) if type(part) in tensor_types and part._node is not None]
    ends = [g[i]._node for i in live]
    links = [n for n in reachable(ends) if n.op is OUTPUT and n.x is node and n.params[0] == index]
    if not links:
        return tuple(found)
    seeds = [_leaf(found[i]) for i in live]
    once = {"accumulate": False, "retain_graph": True, "create_graph": True}
    pulled = sweep(ends, seeds, inputs=links, **once)
    with enable_grad():
        total = sum(np.sum(h * direction) for h in pulled.values())
    if getattr(total, "_node", None) is not None:
        one = wrap(np.ones_like(total._value))
        pushed = sweep([total._node], [one], inputs=[s._node for s in seeds], **once)
        for i, seed in zip(live, seeds, strict=True):
            found[i] = pushed.get(seed._node, found[i])
    return tuple(found)


def _leaf(value: Any) -> Any:
    return wrap(value, new_node(LEAF, (), value))
