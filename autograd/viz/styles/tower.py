"""The picture of a network: one op below the other, forward down the left, backward up the right.

The ops stand in the order in which they ran, so that every module is one panel; parameters dock
beside the op that uses them; a line that skips ops runs along a lane on the right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from autograd.engine.modes import Scope
from autograd.viz.model.births import births
from autograd.viz.model.model import Card, Edge, Model, Step
from autograd.viz.model.view import Fold, Group, Item, View, steps_of, view_of
from autograd.viz.scene.curves import along
from autograd.viz.scene.lanes import Link, dock_lines, look, skip_lines
from autograd.viz.scene.scene import Box, Line, Panel, Scene
from autograd.viz.scene.straight import depends_on_data, straight_edges
from autograd.viz.scene.style import LINE
from autograd.viz.styles.panels import group_box, main_scope, outputs_of, title_rows
from autograd.viz.styles.tower_cells import DOCK, MAIN, fold_box, op_box, tensor_card
from autograd.viz.styles.tower_frame import WIDTH, foot, title

__all__ = ["draw_tower"]

_MARGIN, _GAP, _INDENT, _DOCK_GAP = 24.0, 30.0, 12.0, 34.0
_DOCKED_GAP = 10.0  # between docked cards
_CENTRED = _MARGIN + (WIDTH - MAIN) / 2  # of a column that stands alone, above the legend
_MANY = 60  # ops; beyond, an unnamed output of a module gets no card

Notes = Callable[[Step], str]


def draw_tower(
    model: Model, detail: str | int = "auto", grads: bool = True, notes: Notes | None = None
) -> Scene:
    """Modules as panels, parameters docked beside their op, gradients coloured by magnitude.

    `notes` gives what the lower line of an op says instead of its size and backward gain.
    """
    main = main_scope(model)
    view = view_of(model, detail, main)
    return _Tower(model, view, main, grads, notes).scene()


class _Tower:
    def __init__(
        self, model: Model, view: View, main: Scope | None, grads: bool, notes: Notes | None
    ) -> None:
        self.model = model
        self.view = view
        self.main = main
        self.grads = grads
        self.notes = notes
        self.badges = births(model)
        flowing = depends_on_data(model)
        self.straight = straight_edges(model, prefer=flowing.__contains__)
        self.depth = _depth(view.root)
        self.dock_x = _MARGIN + _INDENT * (self.depth + 1)
        self.main_x = self.dock_x + DOCK + _DOCK_GAP if self._has_docks(view.root) else _CENTRED
        self.y = 0.0
        self.scene_ = Scene()
        self.column: list[Box] = []  # the boxes one below the other
        self.place_of: dict[Step | Card, Box] = {}  # the box that an op or a tensor is shown as
        self.target_of: dict[Step, Box] = {}
        self.pending: dict[Group, list[Card]] = {}
        self.docked: set[Edge] = set()  # the edges whose source is drawn beside their op
        self.hidden: set[Step] = set()  # the ops of all but the first of what repeats

    def scene(self) -> Scene:
        scene = self.scene_
        top = title(self.model, self.main, self.view.note, self.grads)
        top.x, top.y = _MARGIN, 12.0
        self.y = top.bottom + 12
        self._place_group(self.view.root, [self.view.root])
        lone = [card for card in self.model.cards if card.is_leaf and not card.uses]
        for card in lone:
            self._add_card(card)
        self._draw_lines()
        below = foot(self.grads, scene.boxes)
        below.x, below.y = _MARGIN, self.y + 6
        scene.boxes = [top, *scene.boxes, below]
        ends = [box.right for box in scene.boxes]
        ends += [panel.x + panel.width for panel in scene.panels]
        right = max(*ends, *(x for line in scene.lines for x, _ in line.points))
        scene.stands_for = {step.key: box.key for step, box in self.target_of.items()}
        scene.width, scene.height = right + _MARGIN, below.bottom + 14
        names = ", ".join(card.name for card in self.model.outputs)
        scene.label = f"The graph of {names}: {len(self.model.steps)} ops, {self.view.shown} boxes"
        return scene

    # ---- boxes ---------------------------------------------------------------------------------

    def _place_group(self, group: Group, open_: list[Group]) -> None:
        self.pending[group] = []
        for item in group.items:
            if isinstance(item, Group) and item.is_open:
                self._place_panel(item, [*open_, item])
            else:
                self._place_item(item, open_)
            for card in self.pending[group]:
                self._add_card(card)
            self.pending[group] = []
        if group.times > 1 and self.column:
            last = self.column[-1]
            for other in group.others:
                for step in steps_of(other):
                    self._stands_for(step, last)
                    self.hidden.add(step)

    def _place_panel(self, group: Group, open_: list[Group]) -> None:
        self._add_inputs(next(iter(steps_of(group))))
        unseen = [step for other in group.others for step in steps_of(other)]
        rows = title_rows(group, self.grads, self._badge(unseen))
        level = len(open_) - 2
        x = _MARGIN + _INDENT * (level + 1)
        top = self.y
        self.y += sum(r.height for r in rows) + 16
        place = len(self.scene_.panels)
        self._place_group(group, open_)
        right = self.main_x + MAIN + _INDENT * (self.depth - level)
        height = self.y - _GAP + 12 - top
        panel = Panel(group.key, rows, x, top, right - x, height)
        self.scene_.panels.insert(place, panel)  # behind the panels inside it
        self.y = top + height + _GAP

    def _place_item(self, item: Item, open_: list[Group]) -> None:
        steps = list(steps_of(item))
        edges = [edge for step in steps for edge in step.edges]
        self._add_inputs(steps[0])
        main = self._main_edge(steps[0])
        if isinstance(item, Step):
            note = self.notes(item) if self.notes else ""
            box = op_box(item, main, self.grads, note, self._badge(steps))
        elif isinstance(item, Fold):
            box = fold_box(item.key, item.steps, main, self.grads, self._badge(steps))
        else:
            box = group_box(item, self.grads, self._badge(steps))
        docked = [] if isinstance(item, Group) else [e for e in edges if self._is_docked(e)]
        self._add(box, docked)
        self.docked.update(docked)
        for step in steps:
            self._stands_for(step, box)
        for card in self._carded(item, steps):
            self.pending[self._home(card, open_)].append(card)

    def _badge(self, steps: Iterable[Step]) -> str:
        return next((self.badges[step] for step in steps if step in self.badges), "")

    def _carded(self, item: Item, steps: list[Step]) -> list[Card]:
        """The tensors that get a card below their box; a closed module shows its output itself."""
        if isinstance(item, Group):
            return [c for c in outputs_of(steps) if c.is_named or c.kind == "loss"]
        cards = [card for step in steps for card in step.outputs]
        return [
            card
            for card in cards
            if card.kind == "loss" or (card.maker is steps[-1] and self._is_shown(card))
        ]

    def _stands_for(self, step: Step, box: Box) -> None:
        self.target_of.setdefault(step, box)
        for card in step.outputs:
            self.place_of.setdefault(card, box)

    def _is_shown(self, card: Card) -> bool:
        """Those with a name, and in small pictures what a module gives."""
        if card.is_named:
            return True
        if self.view.shown > _MANY or card.maker is None:
            return False
        scope = card.maker.scope
        return scope is not self.main and any(e.target.scope is not scope for e in card.uses)

    def _home(self, card: Card, open_: list[Group]) -> Group:
        """The innermost open group that holds the maker of a tensor and all its uses."""
        if card.kind == "loss":
            return open_[0]
        scopes = [edge.target.scope for edge in card.uses]
        for group in reversed(open_):
            if group.scope is None or group.times > 1:
                return group
            if all(_within(scope, group.scope) for scope in scopes):
                return group
        return open_[0]

    def _add(self, box: Box, docked: list[Edge]) -> None:
        """A box in the main column, cards of parameters left of it."""
        cards: dict[str, Box] = {}
        y = self.y
        for edge in docked:
            card = tensor_card(edge.source, DOCK, edge, self.grads)
            if card.key in cards:
                continue
            card.x, card.y = self.dock_x, y
            cards[card.key] = card
            y = card.bottom + _DOCKED_GAP
        box.x, box.y = self.main_x, self.y
        if len(cards) == 1:  # straight across
            (card,) = cards.values()
            box.y += max(0.0, card.level("v") - box.level("v"))
        elif cards:
            box.y += max(0.0, (y - _DOCKED_GAP - self.y - box.height) / 2)
        self.column.append(box)
        self.scene_.boxes += [*cards.values(), box]
        pairs = [(cards[edge.source.key + edge.target.key], edge) for edge in docked]
        self.scene_.lines += dock_lines(pairs, box, self.grads)
        self.y = max(y - _DOCKED_GAP, box.bottom) + _GAP

    def _add_card(self, card: Card) -> None:
        box = tensor_card(card, MAIN, None, self.grads)
        self._add(box, [])
        self.place_of[card] = box

    def _add_inputs(self, step: Step) -> None:
        """The data that a chain begins with, above it and outside its module."""
        for edge in step.edges:
            source = edge.source
            if source.is_leaf and not self._is_docked(edge) and source not in self.place_of:
                box = tensor_card(source, MAIN, edge, self.grads)
                self._add(box, [])
                self.place_of[source] = box

    def _main_edge(self, step: Step) -> Edge | None:
        edges = [e for e in step.edges if e in self.straight and not self._is_docked(e)]
        return edges[0] if edges else None

    def _is_docked(self, edge: Edge) -> bool:
        """Parameters, and data that is not the first input of its chain."""
        source = edge.source
        if not source.is_leaf:
            return False
        return not (source.kind == "data" and edge in self.straight)

    def _has_docks(self, group: Group) -> bool:
        """Whether any card stands left of the main column."""
        for item in group.items:
            if isinstance(item, Group):
                if item.is_open and self._has_docks(item):
                    return True
            elif any(self._is_docked(e) for step in steps_of(item) for e in step.edges):
                return True
        return False

    # ---- lines ---------------------------------------------------------------------------------

    def _draw_lines(self) -> None:
        """Between boxes that are next to each other straight down; else along a lane."""
        below = dict(zip(self.column, self.column[1:], strict=False))
        links: dict[tuple[Box, Box], Link] = {}
        for source, target, edge in self._links():
            link = links.setdefault((source, target), Link(source, target))
            link.add(edge)
        skipping = []
        for (source, target), link in links.items():
            if below.get(source) is target:
                self._straight_lines(link)
            else:
                skipping.append(link)
        right = self.main_x + MAIN + _INDENT * (self.depth + 1)
        self.scene_.lines += skip_lines(skipping, right, self.grads)

    def _links(self) -> list[tuple[Box, Box, Any]]:
        """(from, to, the edge or tensor that it carries) between boxes of the main column."""
        found: list[tuple[Box, Box, Any]] = []
        for step in self.model.steps:
            target = self.target_of.get(step)
            for card in step.outputs:
                place = self.place_of.get(card)
                if target is not None and place is not None and place is not target:
                    found.append((target, place, card))
            for edge in step.edges:
                source = self.place_of.get(edge.source)
                if source is None or target is None or source is target:
                    continue
                if not (edge.source.is_leaf and (edge in self.docked or step in self.hidden)):
                    found.append((source, target, edge))
        order = {box: number for number, box in enumerate(self.column)}
        return [link for link in found if order[link[0]] < order[link[1]]]

    def _straight_lines(self, link: Link) -> None:
        a, b = link.source, link.target
        down, up = self.main_x + MAIN / 4, self.main_x + 3 * MAIN / 4
        lines = self.scene_.lines
        lines.append(Line("value", along((down, a.bottom), (down, b.y)), LINE, 1.6,
                          key=f"v{link.key}"))  # fmt: skip
        if self.grads and link.gradient is not None:
            points = along((up, b.y), (up, a.bottom))
            lines.append(Line("gradient", points, *look(link.gradient), key=f"g{link.key}"))


def _depth(group: Group) -> int:
    """How many panels lie in each other."""
    return max(
        (1 + _depth(item) for item in group.items if isinstance(item, Group) and item.is_open),
        default=0,
    )


def _within(scope: Scope | None, outer: Scope) -> bool:
    while scope is not None:
        if scope is outer:
            return True
        scope = scope.parent
    return False
