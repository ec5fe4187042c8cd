"""The picture of a small scalar graph: left to right, local derivatives on the edges."""

from __future__ import annotations

from autograd.viz.model.births import births
from autograd.viz.model.model import Card, Edge, Model, Step
from autograd.viz.scene.curves import climb, into
from autograd.viz.scene.scene import Box, Line, Scene
from autograd.viz.scene.straight import straight_edges
from autograd.viz.scene.style import GRADIENT, LINE, line_width, value_look
from autograd.viz.scene.tracks import CLIMB_GAP, Tracks
from autograd.viz.styles.chain import chain_rule
from autograd.viz.styles.math_cells import HEAD, card_box, legend, op_box, pill_box, title

__all__ = ["draw_math"]

_MARGIN = 28.0


def draw_math(model: Model, grads: bool = True) -> Scene:
    """Cards, pills and op boxes on straight lines; side inputs enter from above."""
    return _Drawing(model, grads).scene()


class _Drawing:
    def __init__(self, model: Model, grads: bool) -> None:
        self.model = model
        self.grads = grads
        self.boxes: dict[tuple[object, ...], Box] = {}
        self.badges = births(model)
        self.tracks = Tracks(model, straight_edges(model))
        self.tracks.build(self._card, self._op, self._pill)
        self.lines: list[Line] = []

    # ---- boxes, each made once -----------------------------------------------------------------

    def _card(self, card: Card, at: Step | None) -> Box:
        return self._kept((card, at), card_box(card, at, self.grads))

    def _op(self, step: Step) -> Box:
        return self._kept((step,), op_box(step, self.grads, self.badges.get(step, "")))

    def _pill(self, edge: Edge) -> Box | None:
        if edge.contribution is None or not self.grads:
            return None
        return self._kept((edge,), pill_box(edge))

    def _kept(self, key: tuple[object, ...], box: Box) -> Box:
        return self.boxes.setdefault(key, box)

    def scene(self) -> Scene:
        top = title(self.model, self.grads)
        top.x, top.y = _MARGIN, 16.0
        right, bottom = self.tracks.place(_MARGIN, top.bottom + 12, HEAD + 12)
        for edge in self.model.edges:
            self._draw_edge(edge)
        for step in self.model.steps:
            for card in step.outputs:
                self._draw_output(step, card)
        below = [
            box
            for box in (
                chain_rule(self.model) if self.grads else None,
                legend(self.grads, self.boxes.values()),
            )
            if box
        ]
        y = bottom + 24
        for box in below:
            box.x, box.y = _MARGIN - 6, y
            y = box.bottom
        boxes = [top, *self.boxes.values(), *below]
        width = max(right, *(box.right for box in boxes)) + _MARGIN
        scene = Scene(width, y + 16, lines=self.lines, boxes=boxes)
        names = ", ".join(card.name for card in self.model.outputs)
        scene.label = f"The graph of {names}, forward and backward: {len(self.model.steps)} ops"
        return scene

    # ---- lines ---------------------------------------------------------------------------------

    def _draw_edge(self, edge: Edge) -> None:
        source = self.boxes[(edge.source, edge.target if edge.source.is_leaf else None)]
        op = self.boxes[(edge.target,)]
        chain = self.tracks.chain_of[edge]
        is_level = chain is self.tracks.chain_of[edge.target]
        pill = self.boxes.get((edge,))
        if pill is None:
            self._value(self._arrive(source, op, edge, "v", is_level), edge)
            return
        turn = self._turn(edge)
        self._value(climb(source.right, source.level("v"), pill.x, pill.level("v"), *turn), edge,
                    arrow=False)  # fmt: skip
        self._value(self._arrive(pill, op, edge, "v", is_level), edge)
        back = climb(source.right, source.level("g"), pill.x, pill.level("g"), *turn)
        self._gradient(back, edge, arrow=True)
        self._gradient(self._arrive(pill, op, edge, "g", is_level), edge, arrow=False)

    def _turn(self, edge: Edge) -> tuple[float, float]:
        """Where an S may begin, right of all that stands above and below the source; its width."""
        maker = edge.source.maker
        column = self.tracks.column(edge.target) - 2
        if maker is not None:
            column = self.tracks.column(maker) + 1
        return self.tracks.ends[column], CLIMB_GAP - 6

    def _arrive(
        self, box: Box, op: Box, edge: Edge, part: str, is_level: bool
    ) -> list[tuple[float, float]]:
        """From a pill or card into the op: along the chain, or from another track."""
        y = box.level(part)
        if is_level:
            return climb(box.right, y, op.x, op.level(part), *self._turn(edge))
        from_above = y < op.level("v")
        x = op.x + op.width * self._port(edge, part, from_above)
        return into(box.right, y, x, op.y if from_above else op.bottom)

    def _port(self, edge: Edge, part: str, from_above: bool) -> float:
        """Where on the op's edge a side line arrives, so that outer lines go to the right."""
        op, chain_of = self.boxes[(edge.target,)], self.tracks.chain_of
        own = chain_of[edge.target]
        side = [
            chain_of[e]
            for e in edge.target.edges
            if chain_of[e] is not own and (chain_of[e].track < own.track) is from_above
        ]
        side.sort(key=lambda chain: abs(chain.track - own.track))
        place = 2 * side.index(chain_of[edge]) + int((part == "v") is from_above)
        lone = len(side) == 1 and edge.contribution is None
        return 0.5 if lone or op.width < 1 else (place + 1) / (2 * len(side) + 1)

    def _draw_output(self, step: Step, card: Card) -> None:
        op, box = self.boxes[(step,)], self.boxes[(card, None)]
        key = f"{step.key}-{card.key}"
        turn = self.tracks.ends[self.tracks.column(step)], 40.0
        points = climb(op.right, op.level("v"), box.x, box.level("v"), *turn)
        self.lines.append(Line("value", points, LINE, 1.6, True, f"v{key}"))
        if self.grads and card.gradient is not None:
            back = climb(op.right, op.level("g"), box.x, box.level("g"), *turn)[::-1]
            ink, _ = value_look(card.gradient, GRADIENT)
            width = line_width(card.gradient)
            self.lines.append(Line("gradient", back, ink, width, True, f"g{key}"))

    def _value(self, points: list[tuple[float, float]], edge: Edge, arrow: bool = True) -> None:
        key = f"v{edge.target.key}p{edge.position}{'b' if arrow else 'a'}"
        self.lines.append(Line("value", points, LINE, 1.6, arrow, key))

    def _gradient(self, points: list[tuple[float, float]], edge: Edge, arrow: bool) -> None:
        """Against the flow: the points are given from the source to the op."""
        key = f"g{edge.target.key}p{edge.position}{'a' if arrow else 'b'}"
        ink, _ = value_look(edge.contribution, GRADIENT)
        width = line_width(edge.contribution)
        self.lines.append(Line("gradient", points[::-1], ink, width, arrow, key))
