"""What both looks of a picture share in their layout: straight edges, and what a node tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import graphviz
import numpy as np

from autograd.viz.model import Card, Edge, Model, Step
from autograd.viz.style import one_line

__all__ = ["about", "depends_on_data", "straight_edges", "straight_rows"]


def straight_edges(model: Model, prefer: Callable[[Card], Any] = lambda card: 0) -> set[Edge]:
    """Of every op the edge from its preferred, deepest input: they are drawn straight."""
    depth: dict[Card, int] = {}
    straight = set()
    for card in model.cards:
        edges = card.maker.edges if card.maker else []
        depth[card] = 1 + max((depth[e.source] for e in edges), default=0)
        if edges:
            ranked = [
                (prefer(e.source), depth[e.source], e.contribution is not None, -e.position)
                for e in edges
            ]
            straight.add(edges[ranked.index(max(ranked))])
    return straight


def straight_rows(model: Model, straight: set[Edge]) -> dict[Card | Step, str]:
    """The name of the straight chain that a card or op belongs to."""
    rows: dict[Card | Step, str] = {}
    for card in reversed(model.cards):
        onward = [edge.target for edge in card.uses if edge in straight]
        rows[card] = rows[onward[-1]] if onward else f"row{card.key}"
        if card.maker is not None:
            rows[card.maker] = rows[card]
    return rows


def depends_on_data(model: Model) -> set[Card]:
    """The cards that are data or follow from data; the others follow from parameters alone."""
    found: set[Card] = set()
    for card in model.cards:
        edges = card.maker.edges if card.maker else []
        if card.kind == "data" or any(edge.source in found for edge in edges):
            found.add(card)
    return found


def about(card: Card) -> dict[str, str]:
    """What the node of a tensor tells a style sheet, and a reader who points at it."""
    text = f"{one_line(card.name)}: {card.kind}, {np.asarray(card.value).dtype}"
    return {"class": f"tensor {card.kind}", "tooltip": graphviz.escape(text)}
