"""A box of a tower with the cards that dock at its left: one block of the layout."""

from __future__ import annotations

from collections.abc import Callable

from autograd.viz.layout.parts import Block
from autograd.viz.model.model import Card, Edge
from autograd.viz.model.shares import Shares
from autograd.viz.scene.lanes import dock_lines
from autograd.viz.scene.scene import Box, Line
from autograd.viz.styles.looks import Looks
from autograd.viz.styles.tower_cells import tensor_card

__all__ = ["Cell"]

_DOCK_GAP, _BETWEEN = 34.0, 10.0  # from the cards to the box; from card to card


class Cell:
    """Places its boxes around its own origin, until it is moved."""

    def __init__(
        self, box: Box, docked: list[Edge], looks: Looks, shares: Callable[[Card], list[Shares]]
    ) -> None:
        self.box = box
        self.docked = docked
        self.grads = looks.grads
        self.cards: dict[str, Box] = {}
        y = 0.0
        for edge in docked:
            card = tensor_card(edge.source, looks.dock, edge, looks, shares=shares(edge.source))
            if card.key not in self.cards:
                card.y = y
                self.cards[card.key] = card
                y = card.bottom + _BETWEEN
        cards = list(self.cards.values())
        box.x, box.y = (looks.dock + _DOCK_GAP if cards else 0.0), 0.0
        if len(cards) == 1:  # straight across
            box.y = max(0.0, cards[0].level("v") - box.level("v"))
        elif cards:
            box.y = max(0.0, (y - _BETWEEN - box.height) / 2)

    @property
    def boxes(self) -> list[Box]:
        return [*self.cards.values(), self.box]

    def block(self) -> Block:
        """What the layout has to know of it."""
        box = self.box
        height = max(each.bottom for each in self.boxes)
        return Block(
            box.key, box.right, height, box.x + box.width / 2, box.y, height - box.bottom,
            box.width / 2,
        )  # fmt: skip

    def move(self, x: float, y: float) -> None:
        for each in self.boxes:
            each.x += x
            each.y += y

    def lines(self) -> list[Line]:
        """From the cards to the box."""
        pairs = [(self.cards[edge.source.key + edge.target.key], edge) for edge in self.docked]
        return dock_lines(pairs, self.box, self.grads)
