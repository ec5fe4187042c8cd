"""Expressions evaluated by NumPy: where llvmlite is not, and to hold native code to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.codegen.functions.table import FUNCTIONS
from autograd.codegen.node import Node, entry, in_order, number_of
from autograd.codegen.primitives import PRIMITIVES, of_library

__all__ = ["evaluate"]


def evaluate(roots: Sequence[Node], arrays: Sequence[Any]) -> list[Any]:
    """The roots' numbers for the arrays that the entries stand for.

    >>> from autograd.codegen.node import entry
    >>> evaluate([entry(0, "float64") * 2.0], [np.array([1.0, 2.0])])
    [array([2., 4.])]
    """
    known: dict[int, Any] = {}
    with np.errstate(all="ignore"):
        for node in in_order(roots):
            known[node.number] = _value(node, [known[a.number] for a in node.args], arrays)
    return [known[root.number] for root in roots]


def _value(node: Node, args: list[Any], arrays: Sequence[Any]) -> Any:
    if node.op == "entry":
        return arrays[node.data]
    if node.op == "constant":
        return number_of(node)
    if node.op == "call":
        return of_library(node.data, *args)
    if node.op in ("convert", "bitcast"):
        return PRIMITIVES[node.op](*args, node.dtype)
    if node.op in PRIMITIVES:
        return PRIMITIVES[node.op](*args)
    function = FUNCTIONS[node.op]
    if function.in_numpy is not None:
        return function.in_numpy(*args)
    formula = function.formula(*(entry(i, a.dtype) for i, a in enumerate(node.args)))
    return evaluate([formula], args)[0]
