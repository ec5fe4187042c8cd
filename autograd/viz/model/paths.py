"""Paths through a graph: the product along one, in symbols, in formulas and in numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.viz.model.local import bar, is_same
from autograd.viz.model.model import Edge
from autograd.viz.model.numbers import clip, number, symbol

__all__ = [
    "cut", "derivative_formula", "derivative_line", "derivative_symbol", "numbers_along",
    "product_along",
]  # fmt: skip

_LONGEST = 12  # factors that are written out; of more, the first and the last


def derivative_symbol(edge: Edge) -> str:
    """`∂p/∂w`."""
    return f"∂{symbol(edge.target.outputs[0].name)}/∂{symbol(edge.source.name)}"


def derivative_line(edge: Edge, names: int = 99, longest: int = 99) -> str:
    """`∂p/∂w = x = 3`; the formula is left out where it is the number itself, or long.

    Of an op that is not holomorphic also ∂p/∂w̄, or that alone where the other is 0.
    """
    local, source = edge.derivation, symbol(clip(edge.source.name, names))
    assert local is not None
    head = f"∂{symbol(clip(edge.target.outputs[0].name, names))}/∂"
    value = number(local.value)
    if local.barred is not None:
        own = f"{head}{source} = {value}, " if np.any(local.value) else ""
        return f"{own}{head}{bar(source)} = {number(local.barred)}"
    formula = edge.derivative if len(edge.derivative) <= longest else ""
    return f"{head}{source} = " + " = ".join(dict.fromkeys(filter(None, (formula, value))))


def derivative_formula(edge: Edge) -> str:
    """`2e`, in parentheses where it is a sum; conjugated where it is complex, as it multiplies."""
    text = edge.multiplier or "…"
    return f"({text})" if re.search(" [+−/] |^−", text) else text


def numbers_along(edges: Sequence[Edge], contribution: Any) -> str:
    """`(−6)(1)(1)(3)`; nothing where that product is not the contribution of the path.

    The factor of a complex input is the conjugate of its derivative; a real input of a complex
    output takes the real part of what came so far.
    """
    text: list[str] = []
    for edge in edges:
        local = edge.derivation
        if local is None or local.barred is not None:
            return ""
        value = number(local.value)
        text.append(f"({bar(value) if np.iscomplexobj(local.value) else value})")
        if local.is_real:
            text = [f"Re({''.join(cut(text, '…'))})"]
    with np.errstate(all="ignore"):
        holds = is_same(product_along(edges), contribution)
    return "".join(cut(text, "…")) if holds else ""


def product_along(edges: Sequence[Edge]) -> Any:
    """The number that `numbers_along` writes out."""
    value: Any = 1.0
    for edge in edges:
        assert edge.derivation is not None
        value = edge.derivation.times(value)
    return value


def cut(parts: list[str], dots: str) -> list[str]:
    """The first and the last of many."""
    if len(parts) <= _LONGEST:
        return parts
    return [*parts[: _LONGEST // 2], dots, *parts[-_LONGEST // 2 :]]
