"""What a page needs to open and close modules in place: all of their boxes, and what goes where.

The page lays them out by the same layout (`autograd.viz.layout`), so a picture that was closed and
opened again lies as it was drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autograd.viz.layout.parts import Block
from autograd.viz.model.model import Card
from autograd.viz.model.view import Group, boxes_of
from autograd.viz.scene.folding import Folding
from autograd.viz.scene.lanes import Link, look
from autograd.viz.scene.scene import Box, Panel, Scene
from autograd.viz.styles.cells import Cell
from autograd.viz.styles.panels import given_by, group_box, parameters_of
from autograd.viz.styles.tower import MARGIN, Tower

__all__ = ["folding"]

_MOST = 260  # boxes of a page, also of modules that are closed


def folding(scene: Scene, tower: Tower) -> Folding | None:
    """That of a scene which a tower drew; None where no module could open or close."""
    groups = list(_groups(tower.view.root))
    was_open = {group.key: group.is_open for group, _ in groups}
    if any(not group.is_open and not group.is_sealed for group, _ in groups):
        _open(tower.view.root, groups)
        tower = Tower(tower.model, tower.view, tower.main, tower.looks)
        tower.fill()
    made = _Maker(scene, tower, was_open).made() if tower.panels else None
    for group, _ in groups:  # as it was: other pictures are drawn from the same view
        group.is_open = was_open[group.key]
    return made


def _groups(group: Group, depth: int = 0) -> Iterator[tuple[Group, int]]:
    """Those that may be open or closed, with what is folded for good between them."""
    for item in group.items:
        if isinstance(item, Group):
            yield item, depth
            if not item.is_sealed:
                yield from _groups(item, depth + 1)


def _open(root: Group, groups: list[tuple[Group, int]]) -> None:
    """Modules that are closed, the outer ones first, as many as a page has room for."""
    boxes, seen = boxes_of(root), set(root.items)
    for group, _ in sorted(groups, key=lambda each: each[1]):
        if group.is_sealed or group not in seen:
            continue
        more = 0 if group.is_open else sum(map(boxes_of, group.items)) - 1
        if boxes + more <= _MOST:
            group.is_open, boxes = True, boxes + more
            seen.update(group.items)


class _Maker:
    def __init__(self, scene: Scene, tower: Tower, was_open: dict[str, bool]) -> None:
        self.scene, self.tower, self.was_open = scene, tower, was_open
        self.made_ = Folding()
        self.drawn = {box.key: box for box in scene.boxes}
        self.panels = {panel.key for panel in scene.panels}
        self.cells = {cell.box.key: cell for cell in tower.cells}
        self.carded = {
            box.key: card
            for card, box in tower.place_of.items()
            if isinstance(card, Card) and box.key == card.key
        }
        self.modules: dict[str, Any] = {}
        self.within = {
            card: group.key
            for group, _ in _groups(tower.view.root)
            if group.is_open and not group.is_sealed
            for step in group.steps
            for card in step.outputs
        }  # the innermost comes last

    def made(self) -> Folding:
        made, tower = self.made_, self.tower
        for group, rows in tower.panels:
            self._add_module(group)
            if group.key not in self.panels:
                made.panels.append(Panel(f"{group.key}p", rows, 0, 0, 10, 10))
        title, foot = self.drawn["title"], self.drawn["legend"]
        made.data = {
            "root": self._block(tower.root),
            "modules": self.modules, "shut": list(self._shut()),
            "links": [*(self._link(*link) for link in tower.links()), *self._closing()],
            "margin": MARGIN, "head": [title.width, title.bottom],
            "foot": [foot.width, foot.height], "footAt": [foot.x, foot.y],
        }  # fmt: skip
        made.stands_for = {step.key: box.key for step, box in tower.target_of.items()}
        return made

    def _shut(self) -> Iterator[list[Any]]:
        """What never opens, such as other steps of a loop, with when its gradients have come."""
        for group, _ in _groups(self.tower.view.root):
            last = given_by(group.steps)
            if group.key not in self.modules and last is not None:
                yield [group.key, last.key, _done(group)]

    def _add_module(self, group: Group) -> None:
        """Its closed box, and when the gradients that it shows have come."""
        is_drawn = group.key in self.drawn
        box = group_box(group, self.tower.looks, self.tower.badge(group.steps), self.tower.shares)
        if not is_drawn:
            box.key = f"{group.key}c"
            self.made_.boxes.append(box)
        cell = Cell(box, [], self.tower.looks, self.tower.shares)
        last = given_by(group.steps)
        self.modules[group.key] = {
            "open": self.was_open[group.key], "card": last.key if last else "",
            "done": _done(group),
            "closed": self._leaf(cell, cell.block()),
        }  # fmt: skip

    def _block(self, block: Block) -> Any:
        if not block.items:
            return self._leaf(self.cells[block.key], block)
        return {
            "key": block.key, "head": list(block.head),
            "items": [self._block(item) for item in block.items],
        }  # fmt: skip

    def _leaf(self, cell: Cell, block: Block) -> dict[str, Any]:
        """Numbers of the block, the ids that move with it, and where its origin is drawn now."""
        drawn, lines = self.drawn.get(block.key), cell.lines()
        origin = [0.0, 0.0]
        if drawn is not None:
            left = block.port - drawn.width / 2
            origin = [round(drawn.x - left, 2), round(drawn.y - block.top, 2)]
        elif block.key in self.cells:
            self.made_.boxes += cell.boxes
            self.made_.lines += lines
        size = block.width, block.height, block.port, block.top, block.bottom, block.reach
        found: dict[str, Any] = {"key": block.key, "size": [round(each, 2) for each in size]}
        if any(origin):
            found["at"] = origin
        if len(cell.boxes) > 1:
            found["ids"] = [box.key for box in cell.boxes]
            found["lines"] = [line.key for line in lines]
        card = self.carded.get(cell.box.key)
        if card is not None and not card.is_named and card.kind != "loss" and card in self.within:
            found["of"] = self.within[card]
        return found

    def _link(self, source: Box, target: Box, carried: Any) -> list[Any]:
        link = Link(source, target)
        link.add(carried)
        return self._told(link)

    def _closing(self) -> Iterator[list[Any]]:
        """The arrows that close a loop."""
        return ([*self._told(link), 1] for link in self.tower.closing())

    @staticmethod
    def _told(link: Link) -> list[Any]:
        colour, width = ("", 0.0) if link.gradient is None else look(link.gradient)
        return [link.source.key, link.target.key, link.key, colour, width]


def _done(group: Group) -> int:
    """The step of the backward pass after which all gradients of its parameters are there."""
    last = [step.order for step in group.steps]
    for card in parameters_of(group.steps):
        last += [edge.target.order for edge in card.uses if edge.contribution is not None]
    return max(last, default=0)
