"""A reverse sweep of the picture's own, which keeps what each edge carries.

It runs on replayed values, so it neither needs what the recorded graph had saved nor touches any
`.grad`, and it runs no hooks. Each rule is evaluated through its printed form: the number that an
edge carries and the formula beside it are one and the same object.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.engine.node import Node
from autograd.engine.row import OUTPUT
from autograd.engine.watch import Watch
from autograd.graph import interpret
from autograd.graph.formula import Symbol, printed_rules
from autograd.graph.graph import Graph
from autograd.sweep.pull import input_name, pull

__all__ = ["Pull", "Pullback", "input_names", "pull_back", "pulls_of", "sweep"]


@dataclass(frozen=True, slots=True)
class Pull:
    """What one input of an op receives."""

    rule: Symbol  # the vector-Jacobian product, in g and the op's own names
    contribution: Any  # what arrives at the input: of its shape and dtype
    summed: tuple[int, ...]  # axes of the rule's value that un-broadcasting sums over


@dataclass(frozen=True, slots=True)
class Pullback:
    """The cotangent of every node, what every edge carries, and the order of the sweep."""

    cotangents: dict[Node, Any]
    pulls: dict[tuple[Node, int], Pull]
    order: tuple[Node, ...]


class _Printed(Watch):
    """Evaluates every rule through its printed form, and keeps what goes along the edges."""

    def __init__(self, values: dict[Node, Any]) -> None:
        self.values = values
        self.pulls: dict[tuple[Node, int], Pull] = {}
        self.rules: dict[str, Symbol] = {}  # of the node whose rules run

    def pull(self, node: Node, g: Any) -> list[Any]:
        inputs, out = tuple(interpret.inputs_of(node, self.values)), self.values[node]
        if node.op is not OUTPUT:
            self.rules = printed_rules(node.op, inputs, node.parameters(), g, out)
        return pull(node, g, interpret.saved_of(node, inputs, out), (self,))

    def rule(self, node: Node, position: int | None, rule: Any, /, g: Any, *saved: Any) -> Any:
        if position is not None:
            return np.asarray(self.rules[input_name(node, position)].value)
        found = map(self.rules.get, input_names(node))
        return [symbol and np.asarray(symbol.value) for symbol in found]

    def passed(self, node: Node, position: int, g: Any) -> None:
        name = input_name(node, position)
        rule = self.rules[name]
        summed = _summed(np.asarray(rule.value), g.shape)
        self.pulls[node, position] = Pull(rule, g, summed)


def pull_back(graph: Graph, values: dict[Node, Any]) -> Pullback:
    """Sweep back from the outputs, each with the cotangent 1."""
    printed = _Printed(values)
    seeds: dict[Node, Any] = {}
    for output in graph.outputs:
        one = np.ones_like(values[output])
        seeds[output] = seeds[output] + one if output in seeds else one
    with np.errstate(all="ignore"):  # a rule for an input that needs no gradient may not be defined
        cotangents = interpret.pull_back(graph.nodes, seeds, printed.pull)
    order = (n for n in reversed(graph.nodes) if not n.is_leaf and n.op is not OUTPUT)
    return Pullback(cotangents, printed.pulls, tuple(n for n in order if n in cotangents))


def sweep(
    nodes: Sequence[Node],
    values: dict[Node, Any],
    seeds: dict[Node, Any],
    through: Callable[[Any], Any] = lambda g: g,
) -> dict[Node, Any]:
    """The cotangents of all nodes, from those of some; `nodes` are in topological order.

    Each cotangent goes `through` a function before it is handed on.
    """
    printed = _Printed(values)
    with np.errstate(all="ignore"):
        return interpret.pull_back(
            nodes, dict(seeds), lambda node, g: printed.pull(node, through(g))
        )


def pulls_of(node: Node, values: dict[Node, Any], g: Any) -> dict[int, Pull]:
    """What the inputs of a node receive for the cotangent g of its output."""
    printed = _Printed(values)
    printed.pull(node, g)
    return {position: pull for (_, position), pull in printed.pulls.items()}


def input_names(node: Node) -> tuple[str, ...]:
    """The op's own names for a node's inputs, as its printed rules use them."""
    return tuple(input_name(node, position) for position in range(len(node.inputs)))


def _summed(value: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    lead = value.ndim - len(shape)
    return tuple(
        axis
        for axis in range(value.ndim)
        if axis < lead or (shape[axis - lead] == 1 and value.shape[axis] != 1)
    )
