"""Algebraic simplification: what two instructions say in one, or none, where it is exact.

Only what gives the same bits for all numbers, signed zeros, infinities and NaN is rewritten:
x·1, x − 0, −(−x), |−x|, but neither x + 0, which is another zero for −0, nor x·0, nor x − (−y),
where a NaN has another sign. A value is put in the place of another only where both lie in memory
in the same order, since sums depend on that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engine.node import Node, constant_value, new_node
from autograd.engine.row import COMPUTED, CONSTANT, OPS, OUTPUT
from autograd.program.instructions import PULL
from autograd.program.passes import SOURCES, dead_code, rewritten

__all__ = ["simplification"]

Rule = Callable[[Node], Node | None]


def simplification(program: Any) -> Any:
    """With exact identities used: x·1 is x, −(−x) is x, |−x| is |x|.

    >>> import autograd as ag
    >>> from autograd.program.algebra import simplification
    >>> program = ag.trace(lambda x: ag.exp(x) * 1 - ag.abs(-x), ag.ones(2))
    >>> [node.op.name for node in simplification(program)]
    ['input', 'exp', 'abs', 'subtract']
    """

    def become(node: Node) -> Node:
        rule = RULES.get(node.op.name)
        if rule is None or _is_linked(node) or not _is_real(node):
            return node
        return rule(node) or node

    return dead_code(rewritten(program, become))


def _twice(node: Node) -> Node | None:
    """−(−x)."""
    inner = node.inputs[0]
    return _same(node, inner.inputs[0]) if _is(inner, "negative") else None


def _times(node: Node) -> Node | None:
    """x·1, 1·x."""
    x, y = node.inputs
    if _is_number(y, 1):
        return _same(node, x)
    return _same(node, y) if _is_number(x, 1) else None


def _over(node: Node) -> Node | None:
    """x / 1."""
    return _same(node, node.inputs[0]) if _is_number(node.inputs[1], 1) else None


def _plus(node: Node) -> Node | None:
    """x + (−0)."""
    x, y = node.inputs
    return _same(node, x) if _is_number(y, 0) and np.signbit(constant_value(y)) else None


def _minus(node: Node) -> Node | None:
    """x − 0."""
    x, y = node.inputs
    return _same(node, x) if _is_number(y, 0) and not np.signbit(constant_value(y)) else None


def _size(node: Node) -> Node | None:
    """|−x|, ||x||."""
    inner = node.inputs[0]
    if _is(inner, "negative") or _is(inner, "abs"):
        return _new(node, node.op.name, inner.inputs[0])
    return None


def _again(node: Node) -> Node | None:
    """max(x, x), min(x, x)."""
    x, y = node.inputs
    return _same(node, x) if x is y else None


RULES: dict[str, Rule] = {
    "negative": _twice,
    "multiply": _times,
    "divide": _over,
    "add": _plus,
    "subtract": _minus,
    "abs": _size,
    "maximum": _again,
    "minimum": _again,
}


# ---- how it is done ------------------------------------------------------------------------------


def _is(x: Any, name: str) -> bool:
    return type(x) is Node and x.op.name == name and not _is_linked(x) and x.op is OPS[name]


def _is_linked(node: Node) -> bool:
    return node.extra is not None and node.extra.is_linked


def _is_real(node: Node) -> bool:
    """Whether the numbers are such that signs alone change: complex products round otherwise."""
    specs = [node.spec, *(x.spec for x in node.inputs if type(x) is Node)]
    return all(_dtype(spec) is not None and _dtype(spec).kind in "fi" for spec in specs)


def _dtype(spec: Any) -> Any:
    if type(spec) is tuple:
        return spec[1]
    return None if isinstance(spec, list) or spec is None else np.dtype(spec)


def _is_number(x: Any, number: int) -> bool:
    value = constant_value(x) if type(x) is not Node else None
    return type(value) in (int, float) and value == number


def _same(node: Node, x: Any) -> Node | None:
    """`x` in the place of a node, where nothing can tell them apart."""
    if type(x) is not Node or repr(x.spec) != repr(node.spec):
        return None
    is_fresh = x.op.elementwise and not x.op.views and x.op.name != "astype"
    is_scalar = type(x.spec) is not tuple
    if x.op in (*SOURCES, COMPUTED, CONSTANT, OUTPUT, PULL):
        return x if is_scalar else None
    return x if is_fresh or is_scalar else None


def _new(node: Node, name: str, *inputs: Any) -> Node:
    """Another op in the place of a node."""
    copy = new_node(OPS[name], inputs, np.False_, node.scope)
    copy.params, copy.spec, copy.saved = (), node.spec, node.saved
    copy.extra = node.extra
    return copy
