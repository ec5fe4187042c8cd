"""Layered layout of a small graph, left to right: columns by rank, straight chains on tracks.

An op stands as late as its consumers allow (Sugiyama's layers, 1981, counted from the output). An
op at rank r takes three columns: its source cards, its pills, and itself. Everything that lies on
one straight line is a chain, and a chain has a track, the main one in the middle; a line that
passes columns goes along a track of its own. Chains on one track share no column.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from autograd.viz.model.model import Card, Edge, Model, Step
from autograd.viz.scene.scene import Box

__all__ = ["Chain", "Tracks"]

COLUMN_GAP, CLIMB_GAP, TRACK_GAP = 22.0, 44.0, 20.0
THIN = 34.0  # the height of a track with nothing but lines


@dataclass(eq=False)
class Chain:
    """Boxes side by side on one track, from one column to another."""

    first: int
    last: int
    boxes: list[tuple[int, Box]] = field(default_factory=list)  # (column, box)
    track: int = 0
    into: Chain | None = None  # the chain that it ends in, by a line down or up

    def add(self, column: int, box: Box) -> None:
        self.boxes.append((column, box))
        self.first, self.last = min(self.first, column), max(self.last, column)


class Tracks:
    """Columns, chains and tracks of a model; `place` gives every box its coordinates."""

    def __init__(self, model: Model, straight: set[Edge]) -> None:
        self.model = model
        self.straight = straight
        self.rank = self._ranks()
        self.chain_of: dict[Step | Card | Edge, Chain] = {}
        self.chains: list[Chain] = []
        self.ends: dict[int, float] = {}  # the right edge of every column

    # ---- ranks ---------------------------------------------------------------------------------

    def _ranks(self) -> dict[Step, int]:
        """Every op as late as its consumers allow; the first at rank 0."""
        rank: dict[Step, int] = {}
        for step in reversed(self.model.steps):
            consumers = [rank[e.target] for card in step.outputs for e in card.uses]
            rank[step] = min(consumers, default=0) - 1
        least = min(rank.values(), default=0)
        return {step: r - least for step, r in rank.items()}

    def column(self, step: Step) -> int:
        """The column of an op; its pills stand one before it, its sources two before."""
        return 3 * self.rank[step] + 2

    # ---- chains --------------------------------------------------------------------------------

    def build(
        self, card_box: Callable[[Card, Step | None], Box], op_box: Callable[[Step], Box],
        pill_box: Callable[[Edge], Box | None],
    ) -> None:  # fmt: skip
        """Lay out every box on a chain, from the outputs back."""
        for card in reversed(self.model.cards):
            if card.maker is None:
                if not card.uses:
                    self._start(0, 0).add(0, card_box(card, None))
                continue
            at = self.column(card.maker) + 1
            onward = self._onward(card)
            chain = self.chain_of[onward] if onward is not None else self._start(at, at)
            chain.add(at, card_box(card, None))
            self.chain_of[card] = chain
            if card is card.maker.outputs[0]:
                self._add_op(card.maker, chain, card_box, op_box, pill_box)

    def _onward(self, card: Card) -> Edge | None:
        """The edge whose line a card lies on: a straight one, else its only one."""
        straight = [edge for edge in card.uses if edge in self.straight]
        if straight:
            return straight[-1]
        return card.uses[0] if len(card.uses) == 1 else None

    def _add_op(
        self, step: Step, chain: Chain, card_box: Callable[[Card, Step | None], Box],
        op_box: Callable[[Step], Box], pill_box: Callable[[Edge], Box | None],
    ) -> None:  # fmt: skip
        chain.add(self.column(step), op_box(step))
        self.chain_of[step] = chain
        for edge in step.edges:
            own = chain if edge in self.straight else self._start(10**9, -1)
            own.into = own.into if own is chain else chain
            self.chain_of[edge] = own
            pill = pill_box(edge)
            if pill is not None:
                own.add(self.column(step) - 1, pill)
            if own is not chain:  # its line comes down where the op stands
                own.first = min(own.first, self.column(step))
                own.last = max(own.last, self.column(step))
            if edge.source.is_leaf:
                own.add(self.column(step) - 2, card_box(edge.source, step))
            elif self._onward(edge.source) is not edge:
                self._reserve(own, edge)

    def _reserve(self, chain: Chain, edge: Edge) -> None:
        """Room for a line on the chain, from after its source on."""
        assert edge.source.maker is not None
        start = self.column(edge.source.maker) + 2
        end = self.column(edge.target) - 1
        chain.first, chain.last = min(chain.first, start), max(chain.last, end)

    def _start(self, first: int, last: int) -> Chain:
        chain = Chain(first, last)
        self.chains.append(chain)
        return chain

    # ---- tracks and coordinates ----------------------------------------------------------------

    def place(self, left: float, top: float, head: float) -> tuple[float, float]:
        """Set x and y of every box; returns the right and the lower end.

        `head` is how far the value's line lies below the top of a card.
        """
        self._choose_tracks()
        xs, widths, right = self._columns(left)
        ys, bottom = self._rows(top)
        for chain in self.chains:
            for column, box in chain.boxes:
                box.x = xs[column] + (widths[column] - box.width) / 2
                box.y = ys[chain.track] + head - (box.level("v") - box.y)
        return right, bottom

    def _choose_tracks(self) -> None:
        """The main chain on track 0; the others near the one that they end in, above if free."""
        taken: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for chain in self.chains:
            for track in self._candidates(chain):
                clashes = any(
                    chain.first <= last and first <= chain.last for first, last in taken[track]
                )
                if not clashes:
                    chain.track = track
                    taken[track].append((chain.first, chain.last))
                    break

    @staticmethod
    def _candidates(chain: Chain) -> Iterator[int]:
        if chain.into is None:
            base, signs = 0, (1, -1)
            yield 0
        else:
            base, signs = chain.into.track, (-1, 1) if chain.into.track <= 0 else (1, -1)
        distance = 1
        while True:
            yield base + signs[0] * distance
            yield base + signs[1] * distance
            distance += 1

    def _columns(self, left: float) -> tuple[dict[int, float], dict[int, float], float]:
        widths: dict[int, float] = defaultdict(float)
        for chain in self.chains:
            for column, box in chain.boxes:
                widths[column] = max(widths[column], box.width)
        climbs = {
            self.column(edge.source.maker) + 1
            for edge in self.model.edges
            if edge.source.maker is not None and not self._is_level(edge)
        }
        xs: dict[int, float] = {}
        x = left
        for column in sorted(widths):
            xs[column] = x
            self.ends[column] = x + widths[column]
            x += widths[column] + (CLIMB_GAP if column in climbs else COLUMN_GAP)
        return xs, widths, x - COLUMN_GAP

    def _is_level(self, edge: Edge) -> bool:
        return self.chain_of[edge].track == self.chain_of[edge.source].track

    def _rows(self, top: float) -> tuple[dict[int, float], float]:
        heights: dict[int, float] = defaultdict(lambda: THIN)
        for chain in self.chains:
            for _, box in chain.boxes:
                if box.kind.startswith("tensor"):
                    heights[chain.track] = max(heights[chain.track], box.height)
            heights[chain.track] = max(heights[chain.track], THIN)
        ys: dict[int, float] = {}
        y = top
        for track in sorted(heights):
            ys[track] = y
            y += heights[track] + TRACK_GAP
        return ys, y - TRACK_GAP
