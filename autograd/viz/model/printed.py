"""The signs of ops, and the formula of a whole graph."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd.engine.node import Node
from autograd.engine.row import Op
from autograd.graph.formula import Symbol
from autograd.graph.interpret import apply
from autograd.viz.model.mathematics import mathematics
from autograd.viz.model.numbers import number
from autograd.viz.model.numbers import symbol as named

__all__ = ["INFIX", "expression", "power_sign", "sign"]

_RAISED = str.maketrans("0123456789−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
INFIX = {"add": "+", "subtract": "−", "multiply": "×", "divide": "÷", "matmul": "@"}
_SIGNS = {
    **INFIX, "negative": "−( )", "square": "( )²", "power": "( )ʸ", "sqrt": "√", "sum": "Σ",
    "prod": "Π", "mean": "μ", "sigmoid": "σ", "abs": "|·|", "absolute": "|·|", "getitem": "[i]",
    "norm": "‖·‖", "cross_entropy": "ℓ",
}  # fmt: skip
_PYTHON: dict[str, Callable[..., Any]] = {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul,
    "divide": operator.truediv, "power": operator.pow, "negative": operator.neg,
    "matmul": operator.matmul, "square": lambda x: x**2,
}  # fmt: skip
_LONGEST = 60  # characters of an expression that is written out in a title


def sign(op: Op) -> str:
    """The sign of an op in a dark box; its name where it has none."""
    return _SIGNS.get(op.name, op.name)


def power_sign(op: Op, literals: Mapping[int, Any]) -> str:
    """The sign of an op with the literal numbers among its inputs: `2 ×`, `( )³`, `max(0, ·)`.

    An input that was left out is None among them, and a dash: `clip(·, –, 2)`.
    """
    if all(value is None for value in literals.values()):
        return sign(op)
    counts = op.name in INFIX  # in a sum or a product a truth value is 0 or 1
    texts = {
        position: "–"
        if value is None
        else _grouped(number(int(value) if counts and _is_truth(value) else value))
        for position, value in literals.items()
    }
    if op.name == "power":
        exponent = texts.get(1)
        if exponent is None:
            return f"{texts[0]}^( )"
        return f"( ){exponent.translate(_RAISED)}" if exponent.isdigit() else f"( )^{exponent}"
    if op.name in INFIX:
        return f"{texts[0]} {sign(op)}" if 0 in texts else f"{sign(op)} {texts[1]}"
    count = max(len(op.inputs), max(texts) + 1)
    return f"{sign(op)}({', '.join(texts.get(i, '·') for i in range(count))})"


def _is_truth(value: Any) -> bool:
    return bool(np.asarray(value).dtype.kind == "b")


def _grouped(text: str) -> str:
    return f"({text})" if " " in text else text


def expression(
    order: Sequence[Node], leaves: Mapping[Node, str], inputs_of: Mapping[Node, tuple[Any, ...]]
) -> str | None:
    """The formula of the last node in terms of the leaves, or None where it is too long.

    `inputs_of` gives a node's inputs: Nodes, a name and its value, or plain numbers.
    """
    names: dict[str, str] = {}
    symbols: dict[str, Any] = {}

    def symbol(name: str, value: Any) -> Any:
        if name not in symbols:
            letter = f"v{len(names)}"
            symbols[name], names[letter] = Symbol(letter, value), named(name)
        return symbols[name]

    known: dict[Node, Any] = {n: symbol(name, n.saved[0]) for n, name in leaves.items()}
    with np.errstate(all="ignore"):
        for node in order:
            if node in known:
                continue
            inputs = tuple(
                known[i] if type(i) is Node else symbol(*i) if type(i) is tuple else i
                for i in inputs_of[node]
            )
            function = _PYTHON.get(node.op.name)
            if node.is_leaf or node.op.params or node.op.outputs != 1:
                return None
            known[node] = function(*inputs) if function else apply(node, inputs)
            if len(known[node].text) > 2 * _LONGEST:
                return None
    values = {each.text: each.value for each in symbols.values()}
    arrays = any(np.ndim(value) for value in values.values())
    text = mathematics(known[order[-1]].text, names, values, arrays=arrays)
    return text if 0 < len(text) <= _LONGEST else None
