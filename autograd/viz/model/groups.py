"""Groups: the ops of a model within the calls of its modules, and within what repeats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from autograd.engine.modes import Scope
from autograd.viz.model.loops import Loop
from autograd.viz.model.model import Step

__all__ = ["Fold", "Group", "Item", "Signatures", "boxes_of", "steps_of"]


@dataclass(eq=False, slots=True)
class Group:
    """A module call, or several alike: open (a panel with its items) or closed (one box)."""

    key: str
    scope: Scope | None  # None for the root, and for what repeats without being a module
    items: list[Item] = field(default_factory=list)
    is_open: bool = True
    label: str = ""  # for a group that is no module
    loop: Loop | None = None  # of what repeats: one time is among the items, and boxes for the rest
    is_sealed: bool = False  # the other times of a loop, which never open
    sealed: list[Step] = field(default_factory=list, init=False, repr=False)  # its ops, if known

    @property
    def times(self) -> int:
        """How often it comes."""
        return 1 if self.loop is None else self.loop.times

    @property
    def steps(self) -> list[Step]:
        """All the ops inside."""
        if self.sealed:
            return self.sealed
        found: list[Step] = []
        _collect(self.items, found)
        if self.is_sealed:
            self.sealed = found
        return found


@dataclass(eq=False, slots=True)
class Fold:
    """A chain of elementwise ops in one box."""

    key: str
    steps: list[Step]


Item = Step | Fold | Group


def steps_of(item: Item) -> Iterator[Step]:
    """The ops that an item stands for."""
    if isinstance(item, Step):
        yield item
    else:
        yield from item.steps


def _collect(items: list[Item], found: list[Step]) -> None:
    for item in items:
        if isinstance(item, Step):
            found.append(item)
        elif isinstance(item, Fold):
            found += item.steps
        elif item.sealed:
            found += item.sealed
        else:
            _collect(item.items, found)


class Signatures:
    """Gives items that are the same ops on the same shapes the same number.

    Where shapes may differ, as those of what a loop collects, the ranks are the same.
    """

    def __init__(self, any_shape: bool = False) -> None:
        self._numbers: dict[Any, int] = {}
        self._look: Any = len if any_shape else tuple

    def of(self, item: Item) -> int:
        if isinstance(item, Step):
            key: Any = (item.op.name, *map(self._look, _shapes(item)))
        elif isinstance(item, Fold):
            key = ("fold", *(step.op.name for step in item.steps))
        else:
            kind = item.scope.kind if item.scope is not None else ""
            key = (kind, item.times, *map(self.of, item.items))
        return self._numbers.setdefault(key, len(self._numbers))


def _shapes(step: Step) -> list[tuple[int, ...]]:
    """Of all that an op gives, used or not."""
    spec = step.node.spec
    specs = spec if isinstance(spec, list) else [spec]
    return [each[0] if isinstance(each, tuple) else () for each in specs]


def boxes_of(item: Item) -> int:
    """How many boxes an item makes."""
    if isinstance(item, Group) and item.is_open:
        return sum(map(boxes_of, item.items))
    return 1
