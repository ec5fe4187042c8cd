"""Layered layout of a small graph, left to right: columns by rank, straight chains on tracks.

An op stands as late as its consumers allow (Sugiyama's layers, 1981, counted from the output). An
op at rank r takes three columns: its source cards, its pills, and itself; then come its results.
Everything that lies on one straight line is a chain, and a chain has a track, the main one in the
middle; a line that passes columns goes along a track of its own. Chains on one track share no
column. Ranks that do not fit beside each other go on in a further row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from autograd.viz.model.model import Card, Edge, Model, Step
from autograd.viz.scene.scene import Box

__all__ = ["Chain", "Piece", "Tracks"]

COLUMN_GAP, TRACK_GAP, LANE = 22.0, 20.0, 9.0
THIN = 58.0  # the height of a track with nothing but lines


@dataclass(eq=False)
class Piece:
    """What a chain has in one row: boxes side by side, from one column to another."""

    first: int = 10**9
    last: int = -1
    boxes: list[tuple[int, Box]] = field(default_factory=list)  # (column, box)
    track: float = 0.0
    end: float = 0.0  # the track of the op that it ends in
    at: Step | None = None  # that op, to which a line goes down or up at its last column

    def cover(self, first: int, last: int) -> None:
        self.first, self.last = min(self.first, first), max(self.last, last)

    def hits(self, other: Piece) -> bool:
        """Whether both run on one track, or the way of one goes over a box or the way of one."""
        if self.track == other.track:
            return self.first <= other.last and other.first <= self.last
        if self._crosses(other) or other._crosses(self):
            return True
        if self.at is other.at or self.at is None or other.at is None or self.last != other.last:
            return False
        low, high = sorted((self.track, self.end))
        return low < max(other.track, other.end) and min(other.track, other.end) < high

    def _crosses(self, other: Piece) -> bool:
        low, high = sorted((self.track, self.end))
        return low < other.track < high and any(c == self.last for c, _ in other.boxes)


@dataclass(eq=False)
class Chain:
    """Everything on one straight line, which may go on in a further row."""

    pieces: dict[int, Piece] = field(default_factory=lambda: defaultdict(Piece))
    into: Chain | None = None

    def add(self, row: int, column: int, box: Box) -> None:
        self.pieces[row].boxes.append((column, box))
        self.pieces[row].cover(column, column)


class Tracks:
    """Rows, columns, chains and tracks of a model; `place` gives every box its coordinates."""

    def __init__(self, model: Model, straight: set[Edge]) -> None:
        self.model = model
        self.straight = straight
        self.rank = self._ranks()
        self.row_of: dict[int, int] = defaultdict(int)  # by rank
        self.chain_of: dict[Step | Card | Edge, Chain] = {}
        self.chains: list[Chain] = []
        self.lanes: dict[tuple[int, int], list[tuple[Edge, str]]] = defaultdict(list)
        self.ends: dict[tuple[int, int], float] = {}  # the right edge of every column of a row

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

    def row(self, step: Step) -> int:
        """The row in which an op stands, with its pills and results."""
        return self.row_of[self.rank[step]]

    def wrap(self, widths: dict[int, float], whole: float, most: float) -> None:
        """Ranks into one row, if it is not wider than `whole`; else into as few as have room for
        them, about equally wide."""
        if sum(widths.values()) <= whole:
            return

        def rows(limit: float) -> dict[int, int]:
            row, used, found = 0, 0.0, {}
            for rank in sorted(widths):
                if used and used + widths[rank] > limit:
                    row, used = row + 1, 0.0
                used += widths[rank]
                found[rank] = row
            return found

        few = rows(most)
        for share in (0.5, 0.6, 0.7, 0.8, 0.9):
            even = rows(most * share)
            if even and max(even.values()) == max(few.values()):
                few = even
                break
        self.row_of.update(few)

    # ---- chains --------------------------------------------------------------------------------

    def build(
        self, card_box: Callable[[Card, Edge | None], Box], op_box: Callable[[Step], Box],
        pill_box: Callable[[Edge], Box | None],
    ) -> None:  # fmt: skip
        """Lay out every box on a chain, from the outputs back."""
        for card in reversed(self.model.cards):
            if card.maker is None:
                if not card.uses:
                    self._start().add(0, 0, card_box(card, None))
                continue
            onward = self._onward(card)
            chain = self.chain_of[onward] if onward is not None else self._start()
            chain.add(self.row(card.maker), self.column(card.maker) + 1, card_box(card, None))
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
        self, step: Step, chain: Chain, card_box: Callable[[Card, Edge | None], Box],
        op_box: Callable[[Step], Box], pill_box: Callable[[Edge], Box | None],
    ) -> None:  # fmt: skip
        row, column = self.row(step), self.column(step)
        chain.add(row, column, op_box(step))
        self.chain_of[step] = chain
        for edge in step.edges:
            own = chain if edge in self.straight else self._start()
            self.chain_of[edge] = own
            pill = pill_box(edge)
            if pill is not None:
                own.add(row, column - 1, pill)
            if own is not chain:  # its line comes down where the op stands
                own.into = chain
                own.pieces[row].at = step
                own.pieces[row].cover(column, column)
            if edge.source.is_leaf:
                own.add(row, column - 2, card_box(edge.source, edge))
            else:
                self._reserve(own, edge)

    def _reserve(self, chain: Chain, edge: Edge) -> None:
        """Room for a line on the chain, from after its source on, also in a further row."""
        maker = edge.source.maker
        assert maker is not None
        start, end = self.column(maker) + 2, self.column(edge.target) - 1
        first, last = self.row(maker), self.row(edge.target)
        if first == last:
            chain.pieces[last].cover(min(start, end), end)
            return
        chain.pieces[first].cover(start, self._last_column(first))
        chain.pieces[last].cover(min(c for c in self._columns_of(last)), end)

    def _columns_of(self, row: int) -> list[int]:
        return [3 * rank for rank, own in self.row_of.items() if own == row]

    def _last_column(self, row: int) -> int:
        return max(self._columns_of(row)) + 4

    def _start(self) -> Chain:
        chain = Chain()
        self.chains.append(chain)
        return chain

    # ---- tracks and coordinates ----------------------------------------------------------------

    def place(self, left: float, top: float, head: float, below: Callable[[int], float]) -> float:
        """Set x and y of every box; returns the lower end.

        `head` is how far the value's line lies below the top of a card, `below` how much is free
        below each row.
        """
        self.left = left
        self.bottoms: dict[int, float] = {}
        self.tops: dict[
            tuple[int, float], float
        ] = {}  # by row and track: where its value's line is
        for row in range(max(self.row_of.values(), default=0) + 1):
            pieces = [(c, c.pieces[row]) for c in self.chains if row in c.pieces]
            self._choose_tracks(row, pieces)
        self._list_lanes()
        y = top
        for row in range(max(self.row_of.values(), default=0) + 1):
            own = [c.pieces[row] for c in self.chains if row in c.pieces]
            xs, widths = self._columns(row, own)
            ys = self._levels(own, y)
            for track, level in ys.items():
                self.tops[row, track] = level + head
            for piece in own:
                for column, box in piece.boxes:
                    box.x = xs[column] + (widths[column] - box.width) / 2
                    box.y = ys[piece.track] + head - (box.level("v") - box.y)
            ends = [box.bottom for piece in own for _, box in piece.boxes]
            bottom = max(*ends, max(ys.values()) + head + 34.0)
            self.bottoms[row] = bottom
            y = bottom + below(row)
        return bottom

    def _choose_tracks(self, row: int, pieces: list[tuple[Chain, Piece]]) -> None:
        """The main chain on track 0; the others near the one that they end in, above if free."""
        taken: list[Piece] = []
        for chain, piece in pieces:
            tracks = {each.track for each in taken}
            for track in self._candidates(chain, row, tracks):
                piece.track = track
                piece.end = chain.into.pieces[row].track if piece.at and chain.into else track
                if not any(piece.hits(other) for other in taken):
                    break
            taken.append(piece)

    @staticmethod
    def _candidates(chain: Chain, row: int, tracks: set[float]) -> Iterator[float]:
        """The tracks that there are and may be, then new ones between them."""
        into = chain.into.pieces.get(row) if chain.into is not None else None
        base, signs = (0.0, (1, -1)) if into is None else (into.track, (-1, 1))
        if into is None:
            yield base
        elif base > 0:
            signs = 1, -1
        levels = sorted(tracks | {base})
        outer = {-1: [*(t for t in reversed(levels) if t < base), levels[0] - 1],
                 1: [*(t for t in levels if t > base), levels[-1] + 1]}  # fmt: skip
        for distance in range(max(map(len, outer.values()))):
            yield from (outer[s][distance] for s in signs if distance < len(outer[s]))
        for sign in (*reversed(signs), *signs):
            yield (base + outer[sign][0]) / 2

    def _list_lanes(self) -> None:
        """The lines that change their track behind a column, each with a lane of its own."""
        for edge in self.model.edges:
            maker = edge.source.maker
            if maker is None or self.is_level(edge):
                continue
            place = self.row(maker), self.column(maker) + 1
            self.lanes[place].append((edge, "v"))
            if edge.contribution is not None:
                self.lanes[place].append((edge, "g"))

    def _columns(self, row: int, pieces: list[Piece]) -> tuple[dict[int, float], dict[int, float]]:
        widths: dict[int, float] = defaultdict(float)
        for piece in pieces:
            for column, box in piece.boxes:
                widths[column] = max(widths[column], box.width)
        xs: dict[int, float] = {}
        x = self.left
        for column in sorted(widths):
            xs[column] = x
            self.ends[row, column] = x + widths[column]
            lanes = len(self.lanes.get((row, column), ()))
            x += widths[column] + max(COLUMN_GAP, LANE * (lanes + 2.5) if lanes else 0.0)
        self.ends[row, -1] = x - COLUMN_GAP
        return xs, widths

    def is_level(self, edge: Edge) -> bool:
        """Whether the line from a source goes on at its height."""
        assert edge.source.maker is not None
        row = self.row(edge.source.maker)
        return self.chain_of[edge].pieces[row].track == self.chain_of[edge.source].pieces[row].track

    def _levels(self, pieces: list[Piece], top: float) -> dict[float, float]:
        heights: dict[float, float] = defaultdict(lambda: THIN)
        for piece in pieces:
            for _, box in piece.boxes:
                if box.kind.startswith("tensor"):
                    heights[piece.track] = max(heights[piece.track], box.height)
            heights[piece.track] = max(heights[piece.track], THIN)
        ys: dict[float, float] = {}
        y = top
        for track in sorted(heights):
            ys[track] = y
            y += heights[track] + TRACK_GAP
        return ys
