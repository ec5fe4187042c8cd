"""View: what of a model a tower shows as boxes, and what it folds away.

The calls of modules make a tree, since the ops of one call are recorded one after the other. What
comes again and again with the same ops on the same shapes (the blocks of a network, the steps of a
loop) folds: one time in the middle is shown, those before and those after are a box each. Chains of
elementwise ops fold into one box; modules close, the deepest first, until no more than `MOST` boxes
are left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from autograd.engine.modes import Scope
from autograd.viz.model.folding import Repeats
from autograd.viz.model.groups import Fold, Group, Item, boxes_of, steps_of
from autograd.viz.model.loops import Curve, Loop
from autograd.viz.model.model import Card, Edge, Model, Step
from autograd.viz.model.shares import Shares

__all__ = ["MOST", "Fold", "Group", "Item", "View", "boxes_of", "steps_of", "view_of"]

MOST = 150  # boxes that a reader still takes in
_LOOPS = 40  # ops above which the steps of a loop fold, which a reader need not see one by one
_REST = 4  # ops in a row beside a loop that make a box, where a picture is too large
_ENDS = 60  # ops that stay at either end of a long row without any structure


@dataclass(eq=False, slots=True)
class View:
    """The tree that a tower draws."""

    root: Group
    note: str = ""  # what was folded away, in words
    shown: int = 0  # boxes
    loops: list[Loop] = field(default_factory=list)  # those that are open, from outside in
    repeats: Repeats | None = None  # which folded it, where nothing else did
    curves: dict[Step, Curve | None] = field(default_factory=dict)  # of ops that hold a loop
    shares: dict[Card, list[Shares]] = field(default_factory=dict)  # of parameters used again
    straight: set[Edge] | None = None  # the edges that are drawn straight, once they are known
    depth: int | None = None  # of modules within modules that are open, where deeper ones closed
    has_chains: bool = False  # whether chains of elementwise ops were folded for it
    has_rest: bool = False  # whether what stands beside its loops was
    has_rows: bool = False  # whether chains of any ops without parameters were

    def turned(self, loop: Loop, copy: int) -> View | None:
        """The same with another time of a loop drawn; None where it has to be made anew."""
        if self.repeats is None:
            return None
        root = self.repeats.turned(self.root, loop.key, copy)
        self._tighten(root)
        return replace(self, root=root, loops=list(_open_loops(root)))

    def close_more(self) -> bool:
        """Close the deepest modules; then fold chains of elementwise ops, what is beside loops, and
        in loops chains of any ops; False at last."""
        depth = _depth(self.root)
        if depth:
            self.depth = depth - 1
        elif not self.has_chains:
            self.has_chains = True
        elif self.loops and not self.has_rest:
            self.has_rest = True
        elif self.loops and not self.has_rows:
            self.has_rows = True
        else:
            return False
        self._tighten(self.root)
        self.shown = boxes_of(self.root)
        self.note = _told(sum(1 for _ in steps_of(self.root)), self.shown)
        return True

    def _tighten(self, root: Group) -> None:
        if self.depth is not None:
            _close_modules(root, self.depth)
        if self.has_chains:
            _fold_chains(root, _is_plain if self.has_rows else _is_elementwise)
        if self.has_rest:
            _fold_rest(root)

    @property
    def states(self) -> set[Card]:
        """What the time of a loop that is shown takes and hands on, and what the last one gives."""
        found: set[Card] = set()
        for loop in self.loops:
            for copy in {max(loop.shown - 1, 0), loop.shown, loop.times - 1}:
                found.update(loop.states_of(copy))
        return found

    def step_of(self, card: Card) -> str:
        """`step 12`, of what a time of a loop hands on."""
        for loop in self.loops:
            for copy in range(loop.times):
                if card in loop.states_of(copy):
                    return f"{loop.kind} {copy + 1}"
        return ""


def view_of(
    model: Model, detail: str | int, main: Scope | None, shown: Mapping[str, int] | None = None
) -> View:
    """All of it ("full"), modules open down to a depth (a number), or what fits ("auto").

    With a depth, what repeats folds only where it would be too much. `shown` says which time of a
    loop, by its key, is drawn; else it is one in the middle.
    """
    root = _tree(model, main)
    total = len(model.steps)
    if detail == "full" or (detail == "auto" and total <= _LOOPS):
        return View(root, shown=total)
    fold = Repeats(model, shown or {})
    is_plain = detail == "auto"
    if detail == "auto" and total <= MOST:
        fold.fold(root, only_time=True)
    elif detail == "auto":
        fold.fold(root)
        is_plain = boxes_of(root) <= MOST
        if not is_plain:
            _fold_chains(root)
        _close_deepest(root)
        if boxes_of(root) > MOST:
            _fold_middle(root)
    else:
        _close_below(root, int(detail))
        if boxes_of(root) > MOST:
            fold.fold(root)
            _close_below(root, int(detail))  # what repeats is a level of its own now
    boxes = boxes_of(root)
    return View(
        root, _told(total, boxes), boxes, list(_open_loops(root)), fold if is_plain else None
    )


def _told(total: int, boxes: int) -> str:
    return f"{total:,} ops in {boxes:,} boxes" if boxes < total else ""


def _open_loops(group: Group) -> Iterator[Loop]:
    for item in group.items:
        if isinstance(item, Group) and item.is_open:
            if item.loop is not None:
                yield item.loop
            yield from _open_loops(item)


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


def _fold_chains(group: Group, folds: Callable[[Step], bool] | None = None) -> None:
    """Ops in a row, each using the one before and used by no other, as one box.

    `folds` says which may be in it: elementwise ones, where nothing else is said.
    """
    folds = folds or _is_elementwise
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
            if not item.is_sealed:
                _fold_chains(item, folds)
            folded.append(item)
            continue
        for step in steps_of(item):
            if chain and not (folds(step) and _continues(chain[-1], step)):
                close()
            if folds(step):
                chain.append(step)
            else:
                folded.append(step)
    close()
    group.items = folded


def _is_elementwise(step: Step) -> bool:
    return step.op.elementwise and len(step.outputs) == 1


def _is_plain(step: Step) -> bool:
    has_none = all(edge.source.kind != "param" for edge in step.edges)
    return _is_elementwise(step) or (has_none and len(step.outputs) == 1)


def _continues(before: Step, after: Step) -> bool:
    uses = before.outputs[0].uses
    return len(uses) == 1 and uses[0].target is after and not before.outputs[0].is_named


def _close_deepest(root: Group) -> None:
    """Close the deepest level of modules, again and again, until the rest fits."""
    levels: list[list[Group]] = []

    def walk(group: Group, depth: int) -> None:
        for inner in group.items:
            if isinstance(inner, Group) and not inner.is_sealed:
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
        if isinstance(inner, Group) and not inner.is_sealed:
            inner.is_open = depth > 0
            _close_below(inner, depth - 1)


def _depth(group: Group) -> int:
    """How many modules are open within each other; a loop stays open, and does not count."""
    inner = [item for item in group.items if isinstance(item, Group) and item.is_open]
    return max(((item.loop is None) + _depth(item) for item in inner), default=0)


def _close_modules(group: Group, depth: int) -> None:
    """Those below a depth, but for loops, of which a step is to be seen."""
    for inner in group.items:
        if isinstance(inner, Group) and not inner.is_sealed:
            if inner.loop is None:
                inner.is_open = inner.is_open and depth > 0
            _close_modules(inner, depth - (inner.loop is None))


def _fold_rest(root: Group) -> None:
    """What stands beside loops, such as an irregular last step: each row of ops as a box."""
    folded: list[Item] = []
    for is_plain, run in groupby(root.items, lambda item: not isinstance(item, Group)):
        row = list(run)
        count = sum(1 for item in row for _ in steps_of(item))
        if is_plain and count >= _REST:
            key = f"{next(steps_of(row[0])).key}r"
            folded.append(Group(key, None, row, is_open=False, label=f"… {count:,} ops …"))
        else:
            folded += row
    root.items = folded


def _fold_middle(root: Group) -> None:
    """A long row of ops without structure: its beginning, its end, and one box between."""
    items: Sequence[Item] = root.items
    middle = list(items[_ENDS:-_ENDS])
    if len(middle) < 2:
        return
    count = sum(1 for item in middle for _ in steps_of(item))
    group = Group("middle", None, middle, is_open=False, label=f"… {count:,} ops …")
    root.items = [*items[:_ENDS], group, *items[-_ENDS:]]
