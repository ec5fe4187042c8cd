"""The chain rule written out: the product along every path from the output to a parameter."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograd.viz.model.local import is_same
from autograd.viz.model.model import Card, Edge, Model
from autograd.viz.model.numbers import number
from autograd.viz.model.paths import (
    formulas_along,
    numbers_along,
    product_along,
    symbols_along,
)
from autograd.viz.scene.scene import Box, row
from autograd.viz.scene.style import (
    GRADIENT,
    LOCAL,
    MONO,
    MUTED,
    NAN,
    SANS,
    Text,
    text_width,
)

__all__ = ["chain_rule", "paths_to"]

_PATHS, _LETTERS, _LINES = 3, 100, 8  # the most that is written out
_FONTS = (
    (14, SANS, True), (13, MONO, False), (13, MONO, False), (13, MONO, False), (14, MONO, True),
)  # fmt: skip


def paths_to(card: Card) -> Iterator[list[Edge]]:
    """Every path from a card to the roots, the edge next to the root first."""
    stack: list[tuple[Card, list[Edge]]] = [(card, [])]
    while stack:
        here, path = stack.pop()
        if here.kind == "loss":
            yield path
        for edge in reversed(here.uses):
            if edge.contribution is not None and len(edge.target.outputs) == 1:
                stack.append((edge.target.outputs[0], [edge, *path]))


def chain_rule(model: Model) -> Box | None:
    """A box with a line for each parameter; None where the lines would be long."""
    flows = [edge for edge in model.edges if edge.contribution is not None]
    if len(model.outputs) != 1 or any(edge.local is None for edge in flows):
        return None
    lines = [line for card in model.cards if card.kind == "param" and (line := _line(model, card))]
    lines = lines[:_LINES]
    if not lines:
        return None
    widths = [
        max(text_width(line[column], *font) for line in lines) + 18
        for column, font in enumerate(_FONTS)
    ]
    title = Text("Chain rule: multiply along a path, add where paths meet", 12, MUTED, SANS)
    rows = [row(title, height=30)]
    for name, product, formula, numbers, result in lines:
        ink = NAN if "NaN" in result or "∞" in result else GRADIENT
        rows.append(row(
            Text(name, 14, GRADIENT, SANS, bold=True, width=widths[0]),
            Text(product, 13, LOCAL, width=widths[1]),
            Text(formula, 13, LOCAL, width=widths[2]),
            Text(numbers, 13, LOCAL, width=widths[3]),
            Text(result, 14, ink, bold=True),
            height=26,
        ))  # fmt: skip
    return Box("rule", "rule", sum(widths) + 12, tuple(rows))


def _line(model: Model, card: Card) -> tuple[str, str, str, str, str] | None:
    paths: list[list[Edge]] = []
    for path in paths_to(card):
        paths.append(path)
        if len(paths) > _PATHS:
            return None
    product = "= " + " + ".join(symbols_along(path) for path in paths)
    formula = "= " + " + ".join(formulas_along(path) for path in paths)
    with np.errstate(all="ignore"):
        parts = [numbers_along(path, product_along(path)) for path in paths]
        holds = all(parts) and is_same(sum(map(product_along, paths)), card.gradient)
    numbers = "= " + " + ".join(parts) if holds else "= …"
    if max(map(len, (product, formula, numbers))) > _LETTERS or not paths[0]:
        return None
    name = f"∂{model.outputs[0].name}/∂{card.name}"
    return name, product, formula, numbers, f"= {number(card.gradient)}"
