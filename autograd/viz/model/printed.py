"""Printed rules as a picture shows them: with the names of the picture, tidied."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd.engine.node import Node
from autograd.engine.row import Op
from autograd.graph.formula import Symbol
from autograd.graph.interpret import apply
from autograd.viz.model.numbers import number

__all__ = ["INFIX", "expression", "power_sign", "rename", "sign", "tidy", "tidy_arrays"]

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
    """The sign of an op with the literal numbers among its inputs: `2 ×`, `( )³`, `max(0, ·)`."""
    if not literals:
        return sign(op)
    texts = {position: number(value) for position, value in literals.items()}
    if op.name == "power":
        exponent = texts.get(1)
        if exponent is None:
            return f"{texts[0]}^( )"
        return f"( ){exponent.translate(_RAISED)}" if exponent.isdigit() else f"( )^{exponent}"
    if op.name in INFIX:
        return f"{texts[0]} {sign(op)}" if 0 in texts else f"{sign(op)} {texts[1]}"
    count = max(len(op.inputs), max(texts) + 1)
    return f"{sign(op)}({', '.join(texts.get(i, '·') for i in range(count))})"


def rename(text: str, names: Mapping[str, str]) -> str:
    """A formula with other names; function names and keywords stay.

    >>> rename("g · exp(x) + f(axis=0)", {"g": "G", "x": "w", "f": "q", "axis": "a"})
    'G · exp(w) + f(axis=0)'
    """
    known = sorted(names, key=len, reverse=True)
    if not known:
        return text
    pattern = rf"(?<![\w.])({'|'.join(map(re.escape, known))})(?![A-Za-z0-9_(]|=(?!=))"
    return re.sub(pattern, lambda match: names[match.group()], text)


def tidy(text: str) -> str:
    """Scalar mathematics: literal conditions decided, `2 · e` as `2e`, floats shortened.

    >>> tidy("where(False, 0, 2 · e ** array(1)) · x")
    '2e · x'
    """
    text = re.sub(r"array\((−?[\d.]+)\)", r"\1", text)
    text = re.sub(r"(?<![\w.])\d+(\.\d+)?(e[+−-]?\d+)?(?![\w.])", _short, text)
    text = re.sub(r" \*\* 1(?![\w.])", "", text)
    text = re.sub(r" \*\* (\d+)(?![\w.])", lambda m: m[1].translate(_RAISED), text)
    text = _decided(text)
    return re.sub(r"(?<![\w.)])(\d+) · (?=[^\W\d][₀-₉]*(?![\w(\[]))", r"\1", text)


def _short(match: re.Match[str]) -> str:
    return number(float(match[0].replace("−", "-")))


def tidy_arrays(text: str) -> str:
    """Mathematics of arrays: `⊙` elementwise, `·` for the matrix product, tightly set.

    >>> tidy_arrays("xᵀ @ G"), tidy_arrays("G · h · (1 − h)")
    ('xᵀ·G', 'G⊙h⊙(1−h)')
    """
    text = tidy(text).replace(" · ", "⊙").replace(" @ ", "·")
    return re.sub(r" ([−+/]) ", r"\1", text)


def _decided(text: str) -> str:
    """`where(False, a, b)` as `b`, and `where(True, a, b)` as `a`."""
    while match := re.search(r"\bwhere\((True|False), ", text):
        parts, depth, start = [], 0, match.end()
        for i in range(match.end(), len(text)):
            if text[i] in "([":
                depth += 1
            elif text[i] in ")]" and depth:
                depth -= 1
            elif text[i] in ",)" and not depth:
                parts.append(text[start:i].strip())
                start = i + 1
                if text[i] == ")":
                    break
        if len(parts) != 2:
            return text
        kept = parts[0] if match[1] == "True" else parts[1]
        alone = match.start() == 0 and start == len(text)
        kept = kept if alone or re.fullmatch(r"[\w.]+|[\w.]+ · [\w.]+", kept) else f"({kept})"
        text = text[: match.start()] + kept + text[start:]
    return text


def expression(
    order: Sequence[Node], leaves: Mapping[Node, str], inputs_of: Mapping[Node, tuple[Any, ...]]
) -> str | None:
    """The formula of the last node in terms of the leaves, or None where it is too long.

    `inputs_of` gives a node's inputs: Nodes, Symbols for named values, or plain numbers.
    """
    known: dict[Node, Any] = {n: Symbol(name, n.saved[0]) for n, name in leaves.items()}
    with np.errstate(all="ignore"):
        for node in order:
            if node in known:
                continue
            inputs = tuple(known[i] if type(i) is Node else i for i in inputs_of[node])
            function = _PYTHON.get(node.op.name)
            if node.is_leaf or node.op.params or node.op.outputs != 1:
                return None
            known[node] = function(*inputs) if function else apply(node, inputs)
            if len(known[node].text) > _LONGEST:
                return None
    return tidy(known[order[-1]].text)
