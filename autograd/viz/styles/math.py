"""The picture of a small scalar graph: left to right, local derivatives on the edges.

What depends on nothing of each other stands in parallel rows; what is too wide goes on in a
further row, along lines that return to the left.
"""

from __future__ import annotations

from collections import defaultdict

from autograd.viz.layout.ribbons import corners, rounded
from autograd.viz.model.model import Card, Edge, Model, Step
from autograd.viz.scene.curves import along, into
from autograd.viz.scene.returns import Returns
from autograd.viz.scene.scene import Box, Line, Scene, row
from autograd.viz.scene.straight import straight_edges
from autograd.viz.scene.style import GRADIENT, LINE, MUTED, SANS, Text, line_width, value_look
from autograd.viz.scene.tracks import COLUMN_GAP, LANE, Tracks
from autograd.viz.styles.chain import chain_rule
from autograd.viz.styles.math_cells import HEAD, card_box, legend, op_box, pill_box, title
from autograd.viz.words.badges import badge_of, badges

__all__ = ["draw_math", "fitted"]

_MARGIN, _WIDTH = 28.0, 1500.0
_WINDOW = 840.0, 730.0  # what a page has for it on a screen of 1280 × 860
_WIDTHS = (750.0, 950.0, 1200.0, 1900.0, 2400.0, 3000.0)  # in which it may be larger there
_BETWEEN = 34.0  # rows
_DOWN = 24.0  # from the value's line to the gradient's

Point = tuple[float, float]


def draw_math(model: Model, grads: bool = True, width: float = _WIDTH) -> Scene:
    """Cards, pills and op boxes on straight lines; side inputs enter from above.

    What is wider than `width` goes on in a further row.
    """
    return _Drawing(model, grads, width).scene()


def fitted(scene: Scene, model: Model, grads: bool) -> Scene:
    """The same picture, in rows that are largest where all of it is shown in a window."""
    found = [scene]
    if scene.width > _WINDOW[0] or scene.height > _WINDOW[1]:
        found += [draw_math(model, grads, width) for width in _WIDTHS]
    return max(found, key=lambda each: min(_WINDOW[0] / each.width, _WINDOW[1] / each.height))


class _Drawing:
    def __init__(self, model: Model, grads: bool, width: float) -> None:
        self.model = model
        self.grads = grads
        self.width = width
        self.boxes: dict[tuple[object, ...], Box] = {}
        self.badges = badges(model, grads)
        self.tracks = Tracks(model, straight_edges(model))
        self.tracks.wrap(self._widths(), width, width - 100)
        self.tracks.build(self._card, self._op, self._pill)
        self.returns = Returns(self._returning())
        self.lines: list[Line] = []

    # ---- boxes, each made once -----------------------------------------------------------------

    def _card(self, card: Card, at: Edge | None) -> Box:
        return self._kept((card, at), card_box(card, at, self.grads))

    def _op(self, step: Step) -> Box:
        return self._kept((step,), op_box(step, self.grads, badge_of(self.badges, [step])))

    def _pill(self, edge: Edge) -> Box | None:
        if edge.contribution is None or not self.grads:
            return None
        return self._kept((edge,), pill_box(edge))

    def _kept(self, key: tuple[object, ...], box: Box) -> Box:
        return self.boxes.setdefault(key, box)

    def _widths(self) -> dict[int, float]:
        """Of all that an op needs, by its rank: sources, pills, itself, results."""
        parts: dict[int, list[float]] = defaultdict(lambda: [0.0] * 4)
        for step in self.model.steps:
            pills = [pill for edge in step.edges if (pill := self._pill(edge)) is not None]
            sources = [self._card(e.source, e) for e in step.edges if e.source.is_leaf]
            results = [self._card(card, None) for card in step.outputs]
            each = parts[self.tracks.rank[step]]
            for place, boxes in enumerate((sources, pills, [self._op(step)], results)):
                each[place] = max(each[place], *(box.width for box in boxes), 0.0)
        return {
            rank: sum(each) + COLUMN_GAP * sum(width > 0 for width in each)
            for rank, each in parts.items()
        }

    def _returning(self) -> list[tuple[str, int, int]]:
        """The lines that end in a further row."""
        found = []
        for edge in self.model.edges:
            if edge.source.maker is None:
                continue
            first, last = self.tracks.row(edge.source.maker), self.tracks.row(edge.target)
            if first != last:
                found += [(part + self._key(edge), first, last) for part in self._parts(edge)]
        return found

    def _parts(self, edge: Edge) -> str:
        return "v" if self._pill(edge) is None else "vg"

    @staticmethod
    def _key(edge: Edge) -> str:
        return f"{edge.target.key}p{edge.position}"

    def scene(self) -> Scene:
        top = title(self.model, self.grads)
        top.x, top.y = _MARGIN, 16.0
        left = _MARGIN + self.returns.margin
        bottom = self.tracks.place(
            left, top.bottom + 12, HEAD + 12, lambda row: self.returns.height(row) + _BETWEEN
        )
        marks = self._draw_all(left)
        below = [
            box
            for box in (
                chain_rule(self.model, self.width - 20) if self.grads else None,
                legend(self.grads, self.boxes.values()),
            )
            if box
        ]
        y = bottom + 24
        for box in below:
            box.x, box.y = _MARGIN - 6, y
            y = box.bottom
        boxes = [top, *self.boxes.values(), *marks, *below]
        right = max(max(x for x, _ in line.points) for line in self.lines) if self.lines else 0.0
        width = max(right, *(box.right for box in boxes)) + _MARGIN
        scene = Scene(width, y + 16, lines=self.lines, boxes=boxes)
        names = ", ".join(card.name for card in self.model.outputs)
        scene.label = f"The graph of {names}, forward and backward: {len(self.model.steps)} ops"
        return scene

    # ---- lines ---------------------------------------------------------------------------------

    def _draw_all(self, left: float) -> list[Box]:
        heights = {
            part + self._key(edge): self._track_level(edge, part)
            for edge in self.model.edges if edge.source.maker is not None
            for part in self._parts(edge)
        }  # fmt: skip
        ends = {row: x for (row, column), x in self.tracks.ends.items() if column == -1}
        self.turns = self.returns.place(left, ends, self.tracks.bottoms, heights)
        for edge in self.model.edges:
            self._draw_edge(edge)
        for step in self.model.steps:
            for card in step.outputs:
                self._draw_output(step, card)
        return self._marks(ends)

    def _marks(self, ends: dict[int, float]) -> list[Box]:
        """What goes on in a further row, in words, where its lines return."""
        found = []
        for number, x in ends.items():
            names = [
                edge.source.name for edge in self.model.edges
                if edge.source.maker is not None and self.tracks.row(edge.source.maker) == number
                and self.tracks.row(edge.target) != number
            ]  # fmt: skip
            if names:
                text = Text("↵ " + ", ".join(dict.fromkeys(names)), 11, MUTED, SANS)
                box = Box(f"return{number}", "mark", text.needs + 12, (row(text, height=16),))
                box.x, box.y = x - box.width, self.tracks.bottoms[number] + 2
                found.append(box)
        return found

    def _track_level(self, edge: Edge, part: str) -> float:
        """The height at which a line runs where its source stands."""
        assert edge.source.maker is not None
        number = self.tracks.row(edge.source.maker)
        if self.tracks.is_level(edge):
            return self._start(edge, part)[1]
        track = self.tracks.chain_of[edge].pieces[number].track
        return self.tracks.tops[number, track] + _DOWN * (part == "g")

    def _start(self, edge: Edge, part: str) -> Point:
        """Where a line leaves its source; of several the further ones a little beside."""
        maker = edge.source.maker
        source = self.boxes[(edge.source, edge if maker is None else None)]
        y = source.level(part)
        if maker is None or self.tracks.is_level(edge):
            return source.right, y
        others = [e for e in edge.source.uses if not self.tracks.is_level(e)]
        place = others.index(edge) + 1
        step = 9.0 / (len(others) // 2 + 1)
        return source.right, y + step * (place + 1 >> 1) * (1 if place % 2 else -1)

    def _way(self, edge: Edge, part: str, x: float) -> list[Point]:
        """The corners of a line from its source to x, on the track of its chain."""
        start = self._start(edge, part)
        maker = edge.source.maker
        path = [start]
        y = start[1]
        if maker is not None and not self.tracks.is_level(edge):
            y = self._track_level(edge, part)
            place = self.tracks.row(maker), self.tracks.column(maker) + 1
            lane = self.tracks.ends[place] + LANE * (
                1.5 + self.tracks.lanes[place].index((edge, part))
            )
            path += [(lane, start[1]), (lane, y)]
        turn = self.turns.get(part + self._key(edge))
        if turn is not None:
            number = self.tracks.row(edge.target)
            track = self.tracks.chain_of[edge].pieces[number].track
            level = self.tracks.tops[number, track] + _DOWN * (part == "g")
            path += [(turn.right, y), (turn.right, turn.below), (turn.left, turn.below)]
            path.append((turn.left, level))
            y = level
        return [*path, (x, y)]

    def _draw_edge(self, edge: Edge) -> None:
        op = self.boxes[(edge.target,)]
        pill = self.boxes.get((edge,))
        if pill is None:
            self._value(self._reach(edge, op), edge)
            return
        self._value(self._curve(self._way(edge, "v", pill.x)), edge, arrow=False)
        self._value(self._arrive(pill.right, pill.level("v"), op, edge, "v"), edge)
        self._gradient(self._curve(self._way(edge, "g", pill.x)), edge, arrow=True)
        arriving = self._arrive(pill.right, pill.level("g"), op, edge, "g")
        self._gradient(arriving, edge, arrow=False)

    @staticmethod
    def _curve(path: list[Point]) -> list[Point]:
        return rounded(corners(path), 7.0)

    def _is_on(self, edge: Edge) -> bool:
        """Whether an edge lies on the chain of its op."""
        return self.tracks.chain_of[edge] is self.tracks.chain_of[edge.target]

    def _reach(self, edge: Edge, op: Box) -> list[Point]:
        """From a source to an op without a pill between them."""
        if self._is_on(edge):
            return self._curve(self._way(edge, "v", op.x))
        way = self._way(edge, "v", self._before(op))
        return [*self._curve(way), *self._arrive(*way[-1], op, edge, "v")[1:]]

    @staticmethod
    def _before(op: Box) -> float:
        return op.x - COLUMN_GAP / 2

    def _arrive(self, x: float, y: float, op: Box, edge: Edge, part: str) -> list[Point]:
        """From a pill or card into the op: along the chain, or from another track."""
        if self._is_on(edge):
            return along((x, y), (op.x, y))
        from_above = y < op.level("v")
        port = op.x + op.width * self._port(edge, part, from_above)
        return into(x, y, port, op.y if from_above else op.bottom)

    def _port(self, edge: Edge, part: str, from_above: bool) -> float:
        """Where on the op's edge a side line arrives, so that outer lines go to the right."""
        op, chain_of = self.boxes[(edge.target,)], self.tracks.chain_of
        number = self.tracks.row(edge.target)
        base = chain_of[edge.target].pieces[number].track

        def track(each: Edge) -> float:
            return chain_of[each].pieces[number].track

        side = [
            e for e in edge.target.edges
            if not self._is_on(e) and (track(e) < base) is from_above
        ]  # fmt: skip
        side.sort(key=lambda each: abs(track(each) - base))
        place = 2 * side.index(edge) + int((part == "v") is from_above)
        lone = len(side) == 1 and edge.contribution is None
        return 0.5 if lone or op.width < 1 else (place + 1) / (2 * len(side) + 1)

    def _draw_output(self, step: Step, card: Card) -> None:
        op, box = self.boxes[(step,)], self.boxes[(card, None)]
        key = f"{step.key}-{card.key}"
        points = self._across((op.right, op.level("v")), (box.x, box.level("v")))
        self.lines.append(Line("value", points, LINE, 1.6, True, f"v{key}"))
        if self.grads and card.gradient is not None:
            back = self._across((op.right, op.level("g")), (box.x, box.level("g")))[::-1]
            ink, _ = value_look(card.gradient, GRADIENT)
            width = line_width(card.gradient)
            self.lines.append(Line("gradient", back, ink, width, True, f"g{key}"))

    def _across(self, start: Point, end: Point) -> list[Point]:
        """From an op to a result, which may lie on another track."""
        middle = (start[0] + end[0]) / 2
        return self._curve([start, (middle, start[1]), (middle, end[1]), end])

    def _value(self, points: list[tuple[float, float]], edge: Edge, arrow: bool = True) -> None:
        key = f"v{edge.target.key}p{edge.position}{'b' if arrow else 'a'}"
        self.lines.append(Line("value", points, LINE, 1.6, arrow, key))

    def _gradient(self, points: list[tuple[float, float]], edge: Edge, arrow: bool) -> None:
        """Against the flow: the points are given from the source to the op."""
        key = f"g{edge.target.key}p{edge.position}{'a' if arrow else 'b'}"
        ink, _ = value_look(edge.contribution, GRADIENT)
        width = line_width(edge.contribution)
        self.lines.append(Line("gradient", points[::-1], ink, width, arrow, key))
