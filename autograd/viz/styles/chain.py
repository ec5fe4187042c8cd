"""The chain rule written out: the product along every path from the output to a parameter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np

from autograd.viz.model.local import is_same
from autograd.viz.model.model import Card, Edge, Model
from autograd.viz.model.numbers import clip, number, symbol
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

_PATHS, _LETTERS = 3, 72  # the most that is written out, of paths and in a column
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


def chain_rule(model: Model, most: float) -> Box | None:
    """A box with a line for each parameter; what would be wider than `most` is left out in part."""
    counts = _count(model)
    lines = [_line(model, c, counts[c]) for c in model.cards if c.kind == "param"]
    if not lines:
        return None
    widths = _widths(lines)
    if sum(widths) > most:
        lines = [(*line[:2], "", *line[3:]) for line in lines]
        widths = _widths(lines)
    title = Text("Chain rule: multiply along a path, add where paths meet", 12, MUTED, SANS)
    rows = [row(title, height=30)]
    for line in lines:
        ink = NAN if "NaN" in line[-1] or "∞" in line[-1] else GRADIENT
        inks = (GRADIENT, LOCAL, LOCAL, LOCAL, ink)
        columns = zip(line, inks, widths, _FONTS, strict=True)
        rows.append(row(
            *(Text(text, size, colour, font, bold=bold, width=width)
              for text, colour, width, (size, font, bold) in columns),
            height=26,
        ))  # fmt: skip
    width = max(sum(widths), title.needs) + 12
    return Box("rule", "rule", width, tuple(rows))


def _widths(lines: list[tuple[str, ...]]) -> list[int]:
    return [
        max(text_width(line[column], *font) if line[column] else -18 for line in lines) + 18
        for column, font in enumerate(_FONTS)
    ]


def _line(model: Model, card: Card, count: int) -> tuple[str, ...]:
    """Name, product along the paths in symbols, in formulas, in numbers, and the gradient."""
    name = " + ".join(symbol(clip(out.name, 16)) for out in model.outputs)
    name = clip(f"({name})" if len(model.outputs) > 1 else name, 24)
    head = f"∂{name}/∂{symbol(clip(card.name, 16))}"
    result = f"= {number(card.gradient)}"
    paths = list(islice(paths_to(card), _PATHS)) if 0 < count <= _PATHS else []
    if not paths or not all(paths):
        return head, _sum(count), "", "", result
    product = _shown(paths, symbols_along)
    if len(product) > _LETTERS:
        product = _shown(paths, lambda path: symbols_along([path[0]]) + " · … · "
                         + symbols_along([path[-1]]))  # fmt: skip
    if len(product) > _LETTERS:
        product = _sum(count)
    if any(edge.local is None for path in paths for edge in path):
        return head, product, "", "", result
    formula = _shown(paths, formulas_along)
    with np.errstate(all="ignore"):
        parts = [numbers_along(path, product_along(path)) for path in paths]
        holds = all(parts) and is_same(sum(map(product_along, paths)), card.gradient)
    numbers = "= " + " + ".join(parts) if holds else ""
    texts = (text if len(text) <= _LETTERS else "" for text in (formula, numbers))
    return head, product, *texts, result


def _sum(count: int) -> str:
    return f"= sum over {count:,} paths" if count > 1 else ""


def _shown(paths: list[list[Edge]], write: Callable[[list[Edge]], str]) -> str:
    return "= " + " + ".join(map(write, paths))


def _count(model: Model) -> dict[Card, int]:
    """How many paths lead from each card to the outputs."""
    found: dict[Card, int] = {}
    for card in reversed(model.cards):
        found[card] = int(card.kind == "loss") + sum(
            found[edge.target.outputs[0]]
            for edge in card.uses
            if edge.contribution is not None and len(edge.target.outputs) == 1
        )
    return found
