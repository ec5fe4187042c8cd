"""A formula with reductions in stages: each a pass over the numbers, and what comes between.

A reduction that the formula goes on with ends a pass: softmax is max, then the sum of exponentials,
then quotients. What a later pass needs is kept beside (a value that is dear to compute), computed
once between passes (what does not change along the axes that are reduced), or computed again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.codegen.functions.table import FUNCTIONS
from autograd.codegen.node import Node, in_order, rebuilt, shared
from autograd.codegen.reductions import finished, kept_in
from autograd.errors import UnsupportedError

__all__ = ["Stage", "Store", "gone_of", "is_reduced", "memory", "staged_axes", "stages_of"]

Axes = frozenset[int]
DEAR = 5  # operations from which on a value is kept for the next pass
_COSTS = {"divide": 3, "sqrt": 4, "divide_whole": 10, "call": 20, "constant": 0, "entry": 0}


class Store(NamedTuple):
    """A value that a pass computes, where it goes, and by which step it joins what is there."""

    key: Any  # ("out", k), ("acc", number of a reduction), ("small" or "saved", number of a node)
    node: Node
    step: str = ""


class Stage(NamedTuple):
    """A pass over all numbers, and then one over what is kept of the axes."""

    wide: list[Store]
    small: list[Store]


def memory(key: Any, dtype: np.dtype[Any]) -> Node:
    """What another pass wrote, as a value."""
    return shared("entry", (), dtype, key)


def gone_of(node: Node, shape: tuple[int, ...]) -> Axes:
    """The axes that a reduction takes away, but those of length 1."""
    return frozenset(a for a in node.data.axes(len(shape)) if shape[a] != 1)


def staged_axes(roots: Sequence[Node], shape: tuple[int, ...]) -> Axes | None:
    """The axes of those reductions that the formula goes on with; None if there are none."""
    used = {a for n in in_order(roots) for a in n.args if a.op == "reduce"}
    found = {gone_of(n, shape) for n in used}
    if len(found) > 1:
        shown = " and ".join(str(tuple(sorted(axes))) for axes in found)
        raise UnsupportedError(f"a loop goes on with reductions over one set of axes, not {shown}")
    return found.pop() if found else None


class _Known:
    """What is known of each node: its level, and whether it is the same along reduced axes."""

    def __init__(self, roots: Sequence[Node], same: Callable[[Node], bool]) -> None:
        self.level: dict[int, int] = {}
        self.small: dict[int, bool] = {}
        for node in in_order(roots):
            below = max((self.level[a.number] for a in node.args), default=0)
            self.level[node.number] = below + (node.op == "reduce")
            if not node.args:
                self.small[node.number] = node.op == "constant" or same(node)
            else:
                small = all(self.small[a.number] for a in node.args)
                self.small[node.number] = small or node.op == "reduce"


def is_reduced(root: Node, same: Callable[[Node], bool]) -> bool:
    """Whether a result has no numbers along the reduced axes."""
    known = _Known([root], same)
    return known.small[root.number] and known.level[root.number] > 0


def stages_of(
    roots: Sequence[Node], full: Sequence[bool], others: Sequence[bool],
    same: Callable[[Node], bool],
) -> list[Stage]:  # fmt: skip
    """The stages of a formula. `full` roots have all axes; `others` are reduced over other axes.

    `same` tells of entries whether they repeat along the axes that are reduced.
    """
    known = _Known(roots, same)
    level = known.level
    ends = {r.number for r, other in zip(roots, others, strict=True) if other}
    inside = [n for n in in_order(roots) if n.op == "reduce" and n.number not in ends]
    last = max([level[r.args[0].number if other else r.number]
                for r, other, whole in zip(roots, others, full, strict=True) if other or whole]
               + [level[n.number] - 1 for n in inside], default=0)  # fmt: skip
    wide: list[dict[Any, Store]] = [{} for _ in range(last + 1)]
    small: list[dict[Any, Store]] = [{} for _ in range(last + 1)]
    for k, root in enumerate(roots):
        if others[k]:
            x = root.args[0]
            step = root.data.step
            wide[last][("out", k)] = Store(("out", k), _kept(x, step), step)
        elif full[k]:
            wide[last][("out", k)] = Store(("out", k), root)
        else:
            small[level[root.number] - 1][("out", k)] = Store(("out", k), root)
    for node in inside:
        key, step = ("acc", node.number), node.data.step
        wide[level[node.number] - 1][key] = Store(key, _kept(node.args[0], step), step)
    writer = _Writer(known, wide, small)
    return [writer.stage(p) for p in range(last, -1, -1)][::-1]


def _kept(x: Node, step: str) -> Node:
    """What is reduced, as a number: of booleans the bytes."""
    return x.astype(kept_in(step, x.dtype)) if x.dtype.kind == "b" else x


class _Writer:
    """Stages from the last to the first, each telling the earlier ones what it needs of them."""

    def __init__(self, known: _Known, wide: list[Any], small: list[Any]) -> None:
        self.known, self.wide, self.small = known, wide, small

    def stage(self, p: int) -> Stage:
        small_needs: dict[int, Node] = {}
        for store in self.small[p].values():
            self._need_small(store.node, p, small_needs)
        wide_needs: dict[int, Node] = {}
        for store in self.wide[p].values():
            self._need(store.node, p, wide_needs)
        return Stage(_rebuilt(self.wide[p], wide_needs), _rebuilt(self.small[p], small_needs))

    def _need(self, root: Node, p: int, found: dict[int, Node]) -> None:
        """Find what the pass p reads for a root, and have earlier ones write it."""
        known, todo = self.known, [root]
        seen: set[int] = set()
        while todo:
            node = todo.pop()
            number = node.number
            if number in found or number in seen:
                continue
            seen.add(number)
            level = known.level.get(number, 0)
            if number in known.level and known.small[number] and level > 0:
                key: Any = ("small", number)
                self.small[level - 1].setdefault(key, Store(key, node))
            elif number in known.level and 0 <= level < p and self._is_dear(node):
                key = ("saved", number)
                self.wide[level].setdefault(key, Store(key, node))
            else:
                todo += node.args
                continue
            found[number] = memory(key, node.dtype)

    def _is_dear(self, node: Node) -> bool:
        """Whether to keep a value rather than compute it again from what is at hand."""
        cost, todo, seen = 0, [node], set()
        while todo and cost < DEAR:
            n = todo.pop()
            if n.number in seen or (self.known.small.get(n.number) and n.args):
                continue
            seen.add(n.number)
            cost += 10 if n.op in FUNCTIONS else _COSTS.get(n.op, 1)
            todo += n.args
        return cost >= DEAR

    def _need_small(self, root: Node, p: int, found: dict[int, Node]) -> None:
        """Find what a value between passes reads: sums that are over, and earlier such values."""
        known, todo = self.known, [root]
        while todo:
            node = todo.pop()
            level = known.level[node.number]
            if node.number in found or not level:
                continue
            if level <= p:
                key: Any = ("small", node.number)
                self.small[level - 1].setdefault(key, Store(key, node))
                found[node.number] = memory(key, node.dtype)
            elif node.op == "reduce":
                x = node.args[0]
                acc = memory(("acc", node.number), kept_in(node.data.step, x.dtype))
                count = memory(("count", node.number), np.dtype(np.float64))
                found[node.number] = finished(node, acc, count)
            else:
                todo += node.args


def _rebuilt(stores: dict[Any, Store], needs: dict[int, Node]) -> list[Store]:
    known = dict(needs)
    return [store._replace(node=rebuilt(store.node, known)) for store in stores.values()]
