"""Stretches of elementwise nodes, which the sweep passes block by block.

Between large elementwise operations cotangents need not go to memory: for each block of the arrays
all rules of the stretch run one after the other, while what they make stays in cache, and threads
share the blocks. Values are those of the ordinary way to the last bit, sums for 0-d inputs too.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.node import Extra, Node
from autograd.engine.rules import arguments
from autograd.engine.watch import Watch
from autograd.errors import ArgumentTypeError
from autograd.kernels.parallel.elementwise import flat, halves, heard, joined, made_of
from autograd.kernels.parallel.threads import share
from autograd.sweep.cotangent import OFF_THE_PATH, conform
from autograd.sweep.pull import watched

__all__ = ["find_stretch"]

_LONGEST = 32  # nodes
_LEAST = 3  # operations on a block: fewer only move memory, in blocks or not


class Pull(NamedTuple):
    """A rule to run: where its result goes, and what it reads."""

    parent: Node
    position: int
    rule: Any
    reads: list[tuple[Any, bool]]  # beside the cotangent, as `flat` makes them
    sums: list[Any] | None  # of the blocks, with their starts, where the parent is a number

    def total(self, size: int) -> Any:
        """The cotangent of a number."""
        in_order = sorted(self.sums or (), key=itemgetter(0))
        return conform(joined((found for _, found in in_order), size), self.parent)


class Step(NamedTuple):
    """A node with its rules."""

    node: Node
    pulls: list[Pull]
    operations: int


class Stretch:
    """The nodes, latest first, the cotangents that come in, and the parents that they go out to."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape
        self.steps: list[Step] = []
        self.entries: dict[Node, Any] = {}  # flat

    def worth(self) -> bool:
        return sum(step.operations for step in self.steps) >= _LEAST

    def sweep(
        self,
        order: list[Node],
        cotangents: dict[Node, Any],
        retain_graph: bool,
        watches: Sequence[Watch] = (),
    ) -> bool:
        """Run all rules, block by block; False, with nothing done, if one will not go in blocks."""
        nodes = {step.node for step in self.steps}
        pulls = [pull for step in self.steps for pull in step.pulls]
        exits = {p.parent: None for p in pulls if p.sums is None and p.parent not in nodes}
        targets = {parent: np.empty(self.shape, parent.dtype) for parent in exits}
        flat_targets = {parent: target.reshape(-1) for parent, target in targets.items()}
        size = next(iter(self.entries.values())).size

        def work(at: slice) -> None:
            local = self.run(at, watches)
            for parent, target in flat_targets.items():
                target[at] = local[parent]

        try:
            with np.errstate(**heard()):
                share(work, halves(0, size))
                totals = [(p.parent, p.total(size)) for p in pulls if p.sums is not None]
        except Exception:  # noqa: BLE001 - whatever it is, the ordinary way tells of it
            return False
        flat_targets.clear()  # a thread may still hold it, and .grad shall be one of a kind
        cotangents.update(targets)
        for parent, total in totals:
            old = cotangents[parent]
            cotangents[parent] = total if old is None else old + total
        for step in self.steps[1:]:
            order.pop()
            cotangents.pop(step.node)
        for step in self.steps:
            if step.node.saved and not retain_graph:
                step.node.saved = None
        return True

    def run(self, at: slice, watches: Sequence[Watch]) -> dict[Node, Any]:
        """The rules on one block: the cotangents that go out."""
        local = {node: entry[at] for node, entry in self.entries.items()}
        shape = (at.stop - at.start,)
        for node, pulls, _ in self.steps:
            g = local.pop(node)
            for parent, position, rule, reads, sums in pulls:
                run = watched(watches, node, position, rule)
                new = run(g, *[value[at] if cut else value for value, cut in reads])
                if type(new) is not np.ndarray or new.shape != shape:
                    raise ArgumentTypeError("a rule gives another shape than its cotangent's")
                if sums is not None:
                    if new.dtype.char not in "fd":
                        raise ArgumentTypeError("only floats are summed up by halves")
                    sums.append((at.start, np.sum(new)))
                    continue
                if new.dtype != parent.spec[1]:
                    new = _cast(new, parent.spec[1])
                old = local.get(parent)
                local[parent] = new if old is None else old + new
        return local


def _cast(g: Any, dtype: Any) -> Any:
    return (np.real(g) if g.dtype.kind == "c" and dtype.kind != "c" else g).astype(dtype)


def find_stretch(
    node: Node,
    g: Any,
    order: list[Node],
    cotangents: dict[Node, Any],
    wanted: frozenset[Node] | None,
) -> Stretch | None:
    """The stretch that begins with a node, whose cotangent is g; None if it is not worth while."""
    stretch = Stretch(g.shape)
    reached: set[Node] = set()
    position = len(order)
    cotangent: Any = g
    while len(stretch.steps) < _LONGEST:
        step = _step(node, g.shape, cotangents)
        entry = None if cotangent is None else flat(cotangent, g.shape)
        if step is None or (entry is None if cotangent is not None else node not in reached):
            break
        olds = {p.parent: cotangents[p.parent] for p in step.pulls if p.sums is None}
        if not _enter(stretch, olds):
            break
        if entry is not None:
            stretch.entries[node] = entry[0]
        stretch.steps.append(step)
        reached.update(olds)
        position -= 1
        if position < 0:
            break
        node = order[position]
        if _is_seen(node.extra) or (wanted is not None and node in wanted):
            break
        cotangent = cotangents[node]
    while stretch.steps and not stretch.steps[-1].operations:
        stretch.steps.pop()  # what only hands on its cotangent does so without blocks too
    return stretch if stretch.worth() else None


def _is_seen(extra: Extra | None) -> bool:
    """Whether somebody looks at the node's cotangent."""
    return extra is not None and (extra.retains or bool(extra.hooks))


def _step(node: Node, shape: tuple[int, ...], cotangents: dict[Node, Any]) -> Step | None:
    """A node with its rules, if they can run on pieces of arrays of this shape."""
    op, saved = node.op, node.saved
    if (
        not op.elementwise
        or op.joint
        or op.variadic
        or type(saved) is not tuple
        or node.shape != shape
    ):
        return None
    pulls: list[Pull] = []
    count = 0
    for position, (parent, (rule, slots)) in enumerate(zip(node.inputs, op.pulls, strict=True)):
        if type(parent) is not Node or rule is None or cotangents[parent] is OFF_THE_PATH:
            continue
        is_number = type(parent.spec) is type
        if not is_number and (type(parent.spec) is not tuple or parent.spec[0] != shape):
            return None
        reads = [flat(value, shape) for value in arguments(slots, saved)]
        if any(value is None for value in reads):
            return None
        pulls.append(Pull(parent, position, rule, reads, [] if is_number else None))  # type: ignore[arg-type]
        operations = made_of(op.rules[op.inputs[position]], 1 + len(reads)).operations
        if operations is None:
            return None
        count += operations
    return Step(node, pulls, count)


def _enter(stretch: Stretch, olds: dict[Node, Any]) -> bool:
    """Note what parents have already, to which the stretch adds; False if it is strided."""
    for parent, old in olds.items():
        if old is not None and parent not in stretch.entries:
            entry = flat(old, stretch.shape)
            if entry is None:
                return False
            stretch.entries[parent] = entry[0]
    return True
