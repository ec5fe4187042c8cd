"""View: what of a model a tower shows as boxes, and what it folds away.

The calls of modules make a tree, since the ops of one call are recorded one after the other. What
comes again and again with the same ops on the same shapes (the blocks of a network, the steps of a
loop) is shown once, as `× 12`; chains of elementwise ops fold into one box; modules close, the
deepest first, until no more than `MOST` boxes are left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd.engine.modes import Scope
from autograd.viz.model.model import Model, Step
from autograd.viz.model.repeats import runs

__all__ = ["MOST", "Fold", "Group", "Item", "View", "view_of"]

MOST = 150  # boxes that a reader still takes in
_ENDS = 60  # ops that stay at either end of a long row without any structure


@dataclass(eq=False, slots=True)
class Group:
    """A module call, or several alike: open (a panel with its items) or closed (one box)."""

    key: str
    scope: Scope | None  # None for the root, and for what repeats without being a module
    items: list[Item] = field(default_factory=list)
    times: int = 1  # how often it comes; the items are those of the first time
    others: list[Item] = field(default_factory=list)  # the items of the other times
    is_open: bool = True
    label: str = ""  # for a group that is no module

    @property
    def steps(self) -> list[Step]:
        """All the ops inside, also of the other times."""
        return [step for item in (*self.items, *self.others) for step in steps_of(item)]


@dataclass(eq=False, slots=True)
class Fold:
    """A chain of elementwise ops in one box."""

    key: str
    steps: list[Step]


Item = Step | Fold | Group


@dataclass(eq=False, slots=True)
class View:
    """The tree that a tower draws."""

    root: Group
    note: str = ""  # what was folded away, in words
    shown: int = 0  # boxes


def steps_of(item: Item) -> Iterator[Step]:
    """The ops that an item stands for."""
    if isinstance(item, Step):
        yield item
    else:
        yield from item.steps


class Signatures:
    """Gives items that are the same ops on the same shapes the same number."""

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = {}

    def of(self, item: Item) -> int:
        if isinstance(item, Step):
            key: Any = (item.op.name, *(card.shape for card in item.outputs))
        elif isinstance(item, Fold):
            key = ("fold", *(step.op.name for step in item.steps))
        else:
            kind = item.scope.kind if item.scope is not None else ""
            key = (kind, item.times, *map(self.of, item.items))
        return self._numbers.setdefault(key, len(self._numbers))


def boxes_of(item: Item) -> int:
    """How many boxes an item makes."""
    if isinstance(item, Group) and item.is_open:
        return sum(map(boxes_of, item.items))
    return 1


def view_of(model: Model, detail: str | int, main: Scope | None) -> View:
    """All of it ("full"), modules open down to a depth (a number), or what fits ("auto").

    With a depth, what repeats folds only where it would be too much.
    """
    root = _tree(model, main)
    total = len(model.steps)
    if detail == "full" or (detail == "auto" and total <= MOST):
        return View(root, shown=total)
    if detail == "auto":
        _fold_repeats(root, Signatures())
        if boxes_of(root) > MOST:
            _fold_chains(root)
        _close_deepest(root)
        if boxes_of(root) > MOST:
            _fold_middle(root)
    else:
        _close_below(root, int(detail))
        if boxes_of(root) > MOST:
            _fold_repeats(root, Signatures())
            _close_below(root, int(detail))  # what repeats is a level of its own now
    shown = boxes_of(root)
    note = f"{total:,} ops in {shown:,} boxes" if shown < total else ""
    return View(root, note, shown)


def _tree(model: Model, main: Scope | None) -> Group:
    """The ops, in the order of their recording, within the calls of their modules."""
    root = Group("root", None)
    stack: list[Group] = [root]
    count = 0
    for step in model.steps:
        chain = _chain(step.scope, main)
        depth = 0
        while depth < len(chain) and depth + 1 < len(stack) and (
            stack[depth + 1].scope is chain[depth]
        ):  # fmt: skip
            depth += 1
        del stack[depth + 1 :]
        for scope in chain[depth:]:
            group = Group(f"m{count}", scope)
            count += 1
            stack[-1].items.append(group)
            stack.append(group)
        stack[-1].items.append(step)
    return root


def _chain(scope: Scope | None, main: Scope | None) -> list[Scope]:
    """The calls around an op, outermost first, but for the model itself."""
    chain = []
    while scope is not None:
        if scope is not main:
            chain.append(scope)
        scope = scope.parent
    return chain[::-1]


# ---- folding -------------------------------------------------------------------------------------


def _fold_repeats(group: Group, signatures: Signatures) -> None:
    """Show what comes again once, from the inside out."""
    for inner in [item for item in group.items if isinstance(item, Group)]:
        _fold_repeats(inner, signatures)
    folded: list[Item] = []
    at = 0
    for start, period, times in runs([signatures.of(item) for item in group.items]):
        folded += group.items[at:start]
        at = start + period * times
        folded.append(_repeated(group.items[start:at], period, times, f"{group.key}r{start}"))
    group.items = folded + group.items[at:]


def _repeated(items: list[Item], period: int, times: int, key: str) -> Group:
    first, others = items[:period], items[period:]
    if period == 1 and isinstance(first[0], Group) and first[0].times == 1:
        inner = first[0]
        last = items[-1]
        label = inner.scope.name if inner.scope is not None else ""
        if isinstance(last, Group) and last.scope is not None and last.scope.name != label:
            label = f"{label} … {last.scope.name}"
        return Group(inner.key, inner.scope, inner.items, times, others, label=label)
    return Group(key, None, first, times, others, label="step" if period > 1 else "")


def _fold_chains(group: Group) -> None:
    """Elementwise ops in a row, each using the one before and used by no other, as one box."""
    folded: list[Item] = []
    chain: list[Step] = []

    def close() -> None:
        if len(chain) > 1:
            folded.append(Fold(f"{chain[0].key}f", list(chain)))
        else:
            folded.extend(chain)
        chain.clear()

    for item in group.items:
        if isinstance(item, Group):
            close()
            _fold_chains(item)
            folded.append(item)
            continue
        if not isinstance(item, Step) or not _is_elementwise(item):
            close()
            folded.append(item)
            continue
        if chain and not _continues(chain[-1], item):
            close()
        chain.append(item)
    close()
    group.items = folded


def _is_elementwise(step: Step) -> bool:
    return step.op.elementwise and len(step.outputs) == 1


def _continues(before: Step, after: Step) -> bool:
    uses = before.outputs[0].uses
    return len(uses) == 1 and uses[0].target is after and not before.outputs[0].is_named


def _close_deepest(root: Group) -> None:
    """Close the deepest level of modules, again and again, until the rest fits."""
    levels: list[list[Group]] = []

    def walk(group: Group, depth: int) -> None:
        for inner in group.items:
            if isinstance(inner, Group):
                while len(levels) <= depth:
                    levels.append([])
                levels[depth].append(inner)
                walk(inner, depth + 1)

    walk(root, 0)
    for level in reversed(levels):
        if boxes_of(root) <= MOST:
            return
        for group in level:
            group.is_open = False


def _close_below(group: Group, depth: int) -> None:
    for inner in group.items:
        if isinstance(inner, Group):
            inner.is_open = depth > 0
            _close_below(inner, depth - 1)


def _fold_middle(root: Group) -> None:
    """A long row of ops without structure: its beginning, its end, and one box between."""
    items: Sequence[Item] = root.items
    middle = list(items[_ENDS:-_ENDS])
    if len(middle) < 2:
        return
    count = sum(1 for item in middle for _ in steps_of(item))
    group = Group("middle", None, middle, is_open=False, label=f"… {count:,} ops …")
    root.items = [*items[:_ENDS], group, *items[-_ENDS:]]
