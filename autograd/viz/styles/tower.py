"""The picture of a network: forward downwards, backward upwards, what is parallel side by side.

Modules are panels; parameters dock beside the op that uses them; a line that skips ops runs along
a rail beside them. Where everything lies is for `autograd.viz.layout` to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from autograd.engine.modes import Scope
from autograd.viz.layout.modules import area, lay
from autograd.viz.layout.parts import Block, Laid, gauges
from autograd.viz.model.bundles import Bundles
from autograd.viz.model.loops import Curve
from autograd.viz.model.model import Card, Edge, Model, Step
from autograd.viz.model.sequences import sequence_curve
from autograd.viz.model.shares import Shares, shares_by_loss, shares_by_use, told_once
from autograd.viz.model.view import Fold, Group, Item, View, steps_of, view_of
from autograd.viz.scene.lanes import Link
from autograd.viz.scene.scene import Box, Panel, Row, Scene
from autograd.viz.scene.straight import depends_on_data, straight_edges
from autograd.viz.styles.cells import Cell
from autograd.viz.styles.looks import Looks
from autograd.viz.styles.panels import group_box, main_scope, outputs_of, title_rows
from autograd.viz.styles.spoken import name_spoken_of
from autograd.viz.styles.tower_cells import fold_box, op_box, tensor_card
from autograd.viz.styles.tower_frame import WIDTH, foot, title
from autograd.viz.words.badges import badge_of, badges

__all__ = ["MARGIN", "Tower", "draw_tower", "tower_of"]

MARGIN = 24.0
_CHART = 250.0  # the width of a loop's chart
_LARGE = 6e6  # square points
_MANY = 60  # ops; beyond, an unnamed output of a module gets no card


def draw_tower(
    model: Model,
    detail: str | int = "auto",
    looks: Looks | None = None,
    view: View | None = None,
) -> Scene:
    """The picture of a network; what it takes says `tower_of`."""
    return tower_of(model, detail, looks, view).scene()


def tower_of(
    model: Model,
    detail: str | int = "auto",
    looks: Looks | None = None,
    view: View | None = None,
) -> Tower:
    """Modules as panels, parameters docked beside their op, gradients coloured by magnitude.

    `looks` says what of it is shown, `view` what is folded, where that is known.
    """
    main, looks = main_scope(model), looks or Looks()
    if view is not None:
        return Tower(model, view, main, looks)
    view = view_of(model, detail, main)
    tower = Tower(model, view, main, looks)
    while detail == "auto" and tower.is_large and view.close_more():
        tower = Tower(model, view, main, looks)
    return tower


class Tower:
    def __init__(self, model: Model, view: View, main: Scope | None, looks: Looks) -> None:
        self.model = model
        self.view = view
        self.main = main
        self.looks, self.grads = looks, looks.grads
        self.states = view.states
        drawn = [(loop, loop.steps[loop.shown]) for loop in view.loops]
        self.repeated = {step for _, steps in drawn for step in steps}
        self.later = {
            step for loop in view.loops for steps in loop.steps[loop.shown + 1 :] for step in steps
        }
        self.badges = badges(model, looks.grads)
        if view.straight is None:
            view.straight = straight_edges(model, prefer=depends_on_data(model).__contains__)
        self.straight = view.straight
        self.scene_ = Scene()
        self.root = Block("root")
        self.cells: list[Cell] = []  # in the order of their recording
        self.panels: list[tuple[Group, tuple[Row, ...]]] = []  # the outer ones first
        self.place_of: dict[Step | Card, Box] = {}  # the box that an op or a tensor is shown as
        self.target_of: dict[Step, Box] = {}
        self.pending: dict[Group, list[Card]] = {}
        self.docked: set[Edge] = set()  # the edges whose source is drawn beside their op

    @property
    def is_large(self) -> bool:
        """Whether the picture is more than a reader sees in a page's width."""
        self.fill()
        if area(self.root) > _LARGE:
            return True  # however it is laid out
        scene = self.scene()
        return scene.width * scene.height > _LARGE

    def scene(self) -> Scene:
        scene = self.scene_
        if scene.width:
            return scene  # as it was laid out
        self.fill()
        top = title(self.model, self.main, self.view.note, self.grads)
        name_spoken_of(scene, self.model)
        links = self._merged()
        below = foot(self.looks, scene.boxes, [line for k in links for line in k.sample()])
        laid = lay(
            self.root, [k.downwards for k in links], max(top.width, WIDTH),
            top.height + below.height + 40,
        )  # fmt: skip
        top.x, top.y = MARGIN, 12.0
        self.width = max(laid.width, top.width, WIDTH)
        laid = laid.moved(MARGIN + (self.width - laid.width) / 2, top.bottom + 10)
        self._place(laid, links)
        below.x, below.y = MARGIN + (self.width - below.width) / 2, laid.height + 16
        scene.boxes = [top, *scene.boxes, below]
        scene.stands_for = {step.key: box.key for step, box in self.target_of.items()}
        scene.view = self.view
        scene.width, scene.height = self.width + 2 * MARGIN, below.bottom + 14
        names = ", ".join(card.name for card in self.model.outputs)
        ops, boxes = len(self.model.steps), self.view.shown
        counted = f"{ops} op{'s' * (ops != 1)}, {boxes} box{'es' * (boxes != 1)}"
        scene.label = f"The graph of {names}: {counted}"
        return scene

    # ---- boxes ---------------------------------------------------------------------------------

    def fill(self) -> None:
        """All boxes, none of them in its place yet."""
        if self.cells:
            return
        self._fill(self.view.root, [self.view.root], self.root)
        for card in self.model.cards:
            if card.is_leaf and not card.uses:
                self._add_card(card, self.root)

    def _fill(self, group: Group, open_: list[Group], block: Block) -> None:
        """The boxes of a group, in the order in which its ops ran."""
        self.pending[group] = []
        for item in group.items:
            if isinstance(item, Group) and item.is_open:
                self._open(item, [*open_, item], block)
            else:
                self._add_item(item, open_, block)
            for card in self.pending[group]:
                self._add_card(card, block)
            self.pending[group] = []

    def _open(self, group: Group, open_: list[Group], block: Block) -> None:
        """A module as a panel around its boxes."""
        self._add_inputs(next(iter(steps_of(group))), block)
        rows = title_rows(group, self.grads, _CHART)
        texts = [sum(max(t.width, t.needs) for t in each.texts) + 18 for each in rows]
        charts = [x + 12 for each in rows for mark in each.marks for x, _ in mark.points]
        wide = max(*texts, *charts, 0.0)
        inner = Block(group.key, head=(wide, sum(each.height for each in rows) + 4))
        block.items.append(inner)
        self.panels.append((group, rows))
        self._fill(group, open_, inner)

    def _add_item(self, item: Item, open_: list[Group], block: Block) -> None:
        steps = list(steps_of(item))
        edges = [edge for step in steps for edge in step.edges]
        self._add_inputs(steps[0], block)
        main = self._main_edge(steps[0])
        if isinstance(item, Step):
            box = op_box(item, main, self.looks, self.badge(steps), self._curve(item))
        elif isinstance(item, Fold):
            box = fold_box(item.key, item.steps, main, self.looks, self.badge(steps))
        else:
            box = group_box(item, self.looks, self.badge(steps), self.shares)
        docked = [] if isinstance(item, Group) else [e for e in edges if self._is_docked(e)]
        self._add(box, docked, block)
        self.docked.update(docked)
        for step in steps:
            self._stands_for(step, box)
        for card in self._carded(item, steps):
            self.pending[self._home(card, open_)].append(card)

    def _curve(self, step: Step) -> Curve | None:
        """Of an op that holds a loop, the gradient by step."""
        known = self.view.curves
        if step not in known:
            known[step] = sequence_curve(self.model, step)
        return known[step]

    def shares(self, card: Card) -> list[Shares]:
        """What the gradient of a parameter that is used again is made of: by use, and by loss."""
        if card.kind != "param" or not self.grads or len(card.uses) < 2:
            return []
        known = self.view.shares
        if card not in known:
            found = [shares_by_use(card, self.view.loops)]
            if not any(
                o.maker in steps
                for loop in self.view.loops
                for steps in loop.steps
                for o in self.model.outputs
            ):  # of which the last terms are no losses
                found.append(shares_by_loss(self.model).get(card))
            known[card] = told_once([each for each in found if each is not None])
        return known[card]

    def badge(self, steps: Iterable[Step]) -> str:
        return badge_of(self.badges, steps)

    def _carded(self, item: Item, steps: list[Step]) -> list[Card]:
        """The tensors that get a card below their box; a closed module shows its output itself."""
        if isinstance(item, Group):
            found = outputs_of(steps)
            if item.is_sealed:  # of many times alike only what the drawn one takes, and the last
                return [c for c in found if c in self.states or c.kind == "loss"]
            return [c for c in found if c.is_named or c.kind == "loss"]
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
        if card.is_named or card in self.states:
            return True
        if self.view.shown > _MANY or card.maker is None or self.looks.shapes:
            return False  # what an op gives stands on its box
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

    def _add(self, box: Box, docked: list[Edge], block: Block) -> None:
        """A box, with the cards of its parameters at its left."""
        cell = Cell(box, docked, self.looks, self.shares)
        self.cells.append(cell)
        block.items.append(cell.block())
        self.scene_.boxes += cell.boxes

    def _add_card(self, card: Card, block: Block) -> None:
        box = tensor_card(card, self.looks.main, None, self.looks, self.view.step_of(card))
        self._add(box, [], block)
        self.place_of[card] = box

    def _add_inputs(self, step: Step, block: Block) -> None:
        """The data that a chain begins with, above it and outside its module."""
        if step in self.later:
            return
        for edge in step.edges:
            source = edge.source
            if source.is_leaf and not self._is_docked(edge) and source not in self.place_of:
                shares = self.shares(source)
                box = tensor_card(source, self.looks.main, edge, self.looks, shares=shares)
                self._add(box, [], block)
                self.place_of[source] = box

    def _main_edge(self, step: Step) -> Edge | None:
        edges = [e for e in step.edges if e in self.straight and not self._is_docked(e)]
        return edges[0] if edges else None

    def _is_docked(self, edge: Edge) -> bool:
        """Parameters, and data that is not the first input of its chain."""
        source = edge.source
        if not source.is_leaf:
            return False
        if edge.target in self.repeated:
            return True
        return not (source.kind == "data" and edge in self.straight)

    # ---- places and lines ----------------------------------------------------------------------

    def _place(self, laid: Laid, links: list[Link]) -> None:
        scene = self.scene_
        for group, rows in self.panels:
            scene.panels.append(Panel(group.key, rows, *laid.places[group.key]))
        for cell in self.cells:
            x, y, _, _ = laid.places[cell.box.key]
            cell.move(x, y)
            scene.lines += cell.lines()
        widths = gauges(laid)
        for number, link in enumerate(links):
            scene.lines += link.lines(laid.paths[number], widths[number], self.grads)

    def _merged(self) -> list[Link]:
        """All that goes from one box to another, once."""
        links: dict[tuple[Box, Box], Link] = {}
        for source, target, edge in self.links():
            links.setdefault((source, target), Link(source, target)).add(edge)
        return [*links.values(), *self.closing()]

    def closing(self) -> Iterator[Link]:
        """The arrows that close a loop: what a step hands on is what the next one takes."""
        for loop in self.view.loops:
            for given, taken in loop.carried(loop.shown):
                source, target = self.place_of.get(given), self.place_of.get(taken)
                if source is not None and target is not None and source is not target:
                    maker = given.maker.key if given.maker is not None else ""
                    key = f"{maker}-{given.key}b"
                    yield Link(source, target, loop.returned(loop.shown, given), key, closes=True)

    def links(self) -> list[tuple[Box, Box, Any]]:
        """(from, to, the edge or tensor that it carries)."""
        found: list[tuple[Box, Box, Any]] = []
        bundles = Bundles(self.view.loops) if self.view.loops else None
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
                if bundles is not None and bundles.tells(edge):
                    continue
                if not (edge.source.is_leaf and (edge in self.docked or step in self.later)):
                    found.append((source, target, edge))
        order = {cell.box: number for number, cell in enumerate(self.cells)}
        return [link for link in found if order[link[0]] < order[link[1]]]


def _within(scope: Scope | None, outer: Scope) -> bool:
    while scope is not None:
        if scope is outer:
            return True
        scope = scope.parent
    return False
