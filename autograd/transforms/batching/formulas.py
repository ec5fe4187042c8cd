"""Which graphs are swept, and pushed through, with a Batch: those whose rules are formulas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.engine.node import Node, reachable
from autograd.engine.operands import tensor_types
from autograd.engine.row import OPS, OUTPUT
from autograd.graph.body import bodies_of

__all__ = ["takes_batches"]

OURS = ("autograd.", "nn.")


def takes_batches(outputs: Sequence[Any]) -> bool:
    """Whether all that runs between leaves and outputs, some of them Tensors, are formulas of ours.

    What users write (hooks, a Function, ops) is promised a Tensor, and may do with it what no
    formula does; the rules of ops with bodies, and those where values coincide, record themselves.
    """
    ends = [y._node for y in outputs if type(y) in tensor_types and y._node is not None]
    return all(map(_has_formulas, reachable(ends)))


def _has_formulas(node: Node) -> bool:
    op, extra = node.op, node.extra
    if extra is not None and (extra.hooks or extra.ties is not None):
        return False
    if op is OUTPUT or node.is_leaf:
        return True
    is_ours = OPS.get(op.name) is op and op.signed.__module__.startswith(OURS)
    return is_ours and not bodies_of(node)
