"""The edges that a picture draws straight: the chain that the reader follows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.viz.model.model import Card, Edge, Model

__all__ = ["depends_on_data", "straight_edges"]


def straight_edges(model: Model, prefer: Callable[[Card], Any] = lambda card: 0) -> set[Edge]:
    """Of every op the edge from its preferred, deepest input; of every card at most one."""
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


def depends_on_data(model: Model) -> set[Card]:
    """The cards that are data or follow from data; the others follow from parameters alone."""
    found: set[Card] = set()
    for card in model.cards:
        edges = card.maker.edges if card.maker else []
        if card.kind == "data" or any(edge.source in found for edge in edges):
            found.add(card)
    return found
