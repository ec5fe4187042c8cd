"""Paths through a graph: the product along one, in symbols, in formulas and in numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from autograd.viz.model.local import bar, is_same
from autograd.viz.model.model import Edge
from autograd.viz.model.numbers import clip, number, symbol

__all__ = [
    "conjugates", "cut", "derivative_line", "formulas_along", "names_along", "numbers_along",
    "product_along", "symbols_along",
]  # fmt: skip

_WIDEST = 40  # characters of a name
_LONGEST = 12  # factors that are written out; of more, the first and the last


def conjugates(edge: Edge) -> bool:
    """Whether the conjugate of its derivative is the factor in the product along a path."""
    local = edge.derivation
    return local is not None and local.barred is None and np.iscomplexobj(local.value)


def _named(name: str) -> str:
    return symbol(clip(name, _WIDEST))


def names_along(edges: Sequence[Edge]) -> tuple[str, ...]:
    """The tensors on the way, the output first: of an op of several outputs the one it led by."""
    if not edges:
        return ()
    return (edges[0].target.outputs[0].name, *(edge.source.name for edge in edges))


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


def _derivative_formula(edge: Edge) -> str:
    """`2e`, in parentheses where it is a sum; conjugated where it is complex, as it multiplies."""
    text = edge.multiplier or _derivative_number(edge)[1:-1]  # of a rule without a formula
    return f"({text})" if re.search(" [+−/] |^−", text) else text


def symbols_along(edges: Sequence[Edge]) -> str:
    """`∂L/∂p · ∂p/∂w`, with a bar over what is complex."""
    names = dict(zip(edges, pairwise(map(_named, names_along(edges))), strict=True))

    def write(edge: Edge) -> str:
        text = f"∂{names[edge][0]}/∂{names[edge][1]}"
        return bar(f"({text})") if conjugates(edge) else text

    return _along(edges, write, " · ")


def formulas_along(edges: Sequence[Edge]) -> str:
    """`2e · x`."""
    return _along(edges, _derivative_formula, " · ")


def numbers_along(edges: Sequence[Edge], contribution: Any) -> str:
    """`(−6)(1)(1)(3)`; nothing where that product is not the contribution of the path.

    The factor of a complex input is the conjugate of its derivative; a real input of a complex
    output takes the real part of what came so far.
    """
    if any(edge.derivation is None or edge.derivation.barred is not None for edge in edges):
        return ""
    if np.ndim(contribution):  # of the output itself, from which no path leads
        return ""
    with np.errstate(all="ignore"):
        holds = is_same(product_along(edges), contribution)
    return _along(edges, _derivative_number, "") if holds else ""


def _derivative_number(edge: Edge) -> str:
    value = number(edge.local)
    return f"({bar(value) if conjugates(edge) else value})"


def _along(edges: Sequence[Edge], write: Callable[[Edge], str], sign: str) -> str:
    """The factors, and Re( ) about those up to a real input of a complex output."""
    parts: list[str] = []
    for edge in edges:
        parts.append(write(edge))
        if edge.derivation is not None and edge.derivation.is_real:
            parts = [f"Re({sign.join(cut(parts, '…'))})"]
    return sign.join(cut(parts, "…"))


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
