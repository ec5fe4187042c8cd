"""Which graphs are swept, and pushed through, with a Batch: those whose rules are formulas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.engine.node import Node, reachable
from autograd.engine.operands import tensor_types
from autograd.engine.row import OPS, OUTPUT, Op
from autograd.graph.body import bodies_of

__all__ = ["takes_batches"]

OURS = ("autograd.", "nn.")


def takes_batches(outputs: Sequence[Any]) -> bool:
    """Whether all that runs between leaves and outputs, some of them Tensors, are formulas of ours.

    What users write (hooks, a Function, ops) is promised a Tensor, and may do with it what no
    formula does; the rules of ops with bodies, and those where values coincide, record themselves.
    """
    ends = [y._node for y in outputs if type(y) in tensor_types and y._node is not None]
    nodes = reachable(ends)
    return all(map(_is_formula, {node.op for node in nodes})) and not any(map(_is_else, nodes))


def _is_formula(op: Op) -> bool:
    """Whether it is an op of ours, or none that runs."""
    if op is OUTPUT or not op.inputs:
        return True
    return OPS.get(op.name) is op and op.signed.__module__.startswith(OURS)


def _is_else(node: Node) -> bool:
    """Whether what runs at a node is more than its op's formulas."""
    extra = node.extra
    if extra is not None and (extra.hooks or extra.ties is not None):
        return True
    return bool(node.params and node.op is not OUTPUT and bodies_of(node))
