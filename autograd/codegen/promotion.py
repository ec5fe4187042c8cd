"""Operands of a formula as nodes, with the dtypes that NumPy gives them beside each other."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.codegen.node import BOOL, Node, constant
from autograd.errors import UnsupportedError

__all__ = ["as_node", "common", "kind_of", "node_of"]


def node_of(x: Any) -> Node:
    """The node of what a formula gives, also of what ends a loop."""
    node = x if isinstance(x, Node) else getattr(x, "node", None)
    return node if isinstance(node, Node) else as_node(x)


def as_node(x: Any, dtype: np.dtype[Any] | None = None) -> Node:
    """The node of a value or a number, in a dtype."""
    node = x if isinstance(x, Node) else getattr(x, "node", None)
    if isinstance(node, Node):
        if node.op == "reduce" and not node.data.goes_on:
            raise UnsupportedError(
                f"np.{node.data.kind} without keepdims=True ends a loop: what follows it "
                "belongs outside"
            )
        return node if dtype is None or node.dtype is dtype else node.astype(dtype)
    kind_of(x)
    number = np.asarray(x)[()]
    if dtype is not None and number.dtype.kind == "f" and dtype.kind == "f":
        with np.errstate(over="ignore"):
            number = number.astype(dtype)
    return constant(number, number.dtype if dtype is None else dtype)


def kind_of(x: Any) -> Any:
    """What NumPy's promotion asks of an operand: its dtype, or that it is Python's."""
    node = x if isinstance(x, Node) else getattr(x, "node", None)
    if isinstance(node, Node):
        return node.dtype
    if isinstance(x, bool):
        return BOOL
    if isinstance(x, (int, float)) and not isinstance(x, np.generic):
        return type(x)
    array = np.asarray(x)
    if array.ndim or array.dtype.kind not in "biuf":
        what = f"an array of shape {array.shape}" if array.ndim else f"{array.dtype} {array}"
        raise UnsupportedError(f"a formula of a loop holds {what}: make it an argument")
    return array.dtype


def common(*operands: Any) -> np.dtype[Any]:
    """The dtype of a choice between operands; Python's numbers take that of the others."""
    kinds = [kind_of(x) for x in operands]
    return np.result_type(*(kind if isinstance(kind, np.dtype) else kind(0) for kind in kinds))
