"""A reverse sweep of the picture's own, which keeps what each edge carries.

It runs on replayed values, so it neither needs what the recorded graph had saved nor touches any
`.grad`, and it runs no hooks. Each rule is evaluated through its printed form: the number that an
edge carries and the formula beside it are one and the same object.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.engine.node import Constant, Node
from autograd.engine.row import OUTPUT
from autograd.graph.formula import Symbol, local_derivative, printed_rules
from autograd.graph.graph import Graph
from autograd.sweep.cotangent import unbroadcast

__all__ = ["Pull", "Pullback", "input_names", "pull_back", "pulls_of", "raw_inputs"]


@dataclass(frozen=True, slots=True)
class Pull:
    """What one input of an op receives."""

    rule: Symbol  # the vector-Jacobian product, in g and the op's own names
    local: Symbol | None  # ∂out/∂in, for an op on scalars that has one output
    contribution: Any  # what arrives at the input: of its shape and dtype
    summed: tuple[int, ...]  # axes of the rule's value that un-broadcasting sums over


@dataclass(frozen=True, slots=True)
class Pullback:
    """The cotangent of every node, what every edge carries, and the order of the sweep."""

    cotangents: dict[Node, Any]
    pulls: dict[tuple[Node, int], Pull]
    order: tuple[Node, ...]


def pull_back(graph: Graph, values: dict[Node, Any]) -> Pullback:
    """Sweep back from the outputs, each with the cotangent 1."""
    cotangents: dict[Node, Any] = {}
    pulls: dict[tuple[Node, int], Pull] = {}
    order = []
    for output in graph.outputs:
        _arrive(cotangents, output, np.ones_like(values[output]))
    with np.errstate(all="ignore"):  # a rule for an input that needs no gradient may not be defined
        for node in reversed(graph.nodes):
            if node.is_leaf or node not in cotangents:
                continue
            if node.op is OUTPUT:
                parts = cotangents.setdefault(node.inputs[0], {})
                _arrive(parts, node.params[0], cotangents[node])
                continue
            order.append(node)
            if isinstance(cotangents[node], dict):
                cotangents[node] = _filled(cotangents[node], values[node])
            for position, pull in pulls_of(node, values, cotangents[node]).items():
                pulls[node, position] = pull
                _arrive(cotangents, node.inputs[position], pull.contribution)
    return Pullback(cotangents, pulls, tuple(order))


def raw_inputs(node: Node, values: dict[Node, Any]) -> tuple[Any, ...]:
    """The values of a node's inputs."""
    return tuple(
        values[i] if type(i) is Node else i.value if type(i) is Constant else i for i in node.inputs
    )


def input_names(node: Node) -> tuple[str, ...]:
    """The op's own names for a node's inputs, as its printed rules use them."""
    op = node.op
    if op.variadic:
        return tuple(f"{op.inputs[0]}[{i}]" for i in range(len(node.inputs)))
    return op.inputs


def _arrive(cotangents: dict[Any, Any], key: Any, g: Any) -> None:
    cotangents[key] = cotangents[key] + g if key in cotangents else g


def _filled(parts: dict[int, Any], outs: tuple[Any, ...]) -> tuple[Any, ...]:
    """The cotangents of all outputs of an op, zero for those that nothing depends on."""
    return tuple(parts[i] if i in parts else np.zeros_like(out) for i, out in enumerate(outs))


def pulls_of(node: Node, values: dict[Node, Any], g: Any) -> dict[int, Pull]:
    """What the inputs of a node receive for the cotangent g of its output."""
    op, inputs, out = node.op, raw_inputs(node, values), values[node]
    rules = printed_rules(op, inputs, node.parameters(), g, out)
    locals_: dict[str, Symbol] = {}
    if not isinstance(out, tuple) and all(np.ndim(v) == 0 for v in (out, *inputs)):
        locals_ = local_derivative(op, inputs, node.parameters(), out)
    return {
        position: _pull(rules[name], locals_.get(name), parent)
        for position, (name, parent) in enumerate(zip(input_names(node), node.inputs, strict=True))
        if type(parent) is Node and name in rules
    }


def _pull(rule: Symbol, local: Symbol | None, parent: Node) -> Pull:
    value = np.asarray(rule.value)
    fitted = unbroadcast(value, parent.shape)
    if fitted.dtype.kind == "c" and parent.dtype.kind != "c":
        fitted = fitted.real
    fitted = fitted.astype(parent.dtype)
    return Pull(rule, local, fitted if fitted.ndim else fitted[()], _summed(value, parent.shape))


def _summed(value: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    lead = value.ndim - len(shape)
    return tuple(
        axis
        for axis in range(value.ndim)
        if axis < lead or (shape[axis - lead] == 1 and value.shape[axis] != 1)
    )
