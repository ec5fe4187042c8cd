"""Groups: which instructions one kernel does.

Instructions over one domain, element by element or summed up, become one loop where no other kernel
must run between them. A loop goes on with what it has reduced in stages, row by row, if all such
reductions are over the same axes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from autograd.compiler.instruction import Instruction
from autograd.compiler.planning.formulas import has_loop
from autograd.compiler.planning.windows import Window, is_join, is_static

__all__ = ["Group", "grouped"]

MOST = 64  # operations of a loop over arrays
MOST_SCALARS = 20_000  # of straight-line code, which is cut where it is written
OPERANDS = 24  # arrays that a loop reads
ROWS = 8  # from which on a loop in stages has enough of them for threads, and they fit the cache
FEW = 1 << 14  # numbers that fit the cache all


class Group:
    """Instructions that one kernel does, in order."""

    __slots__ = ("axes", "copies", "domain", "first", "kind", "last", "members")

    def __init__(self, kind: str, position: int, x: Instruction, domain: Any = None) -> None:
        self.kind = kind  # loop, product, copy, join or call
        self.domain = domain  # the shape that a loop goes over
        # those of the reductions that the loop goes on with; argmax does by itself
        self.axes = gone(x) if x.name in ("argmax", "argmin") and kind == "loop" else None
        self.members: dict[Instruction, int] = {x: position}
        self.copies: set[Instruction] = set()  # members that are another group's, computed again
        self.first = self.last = position

    def __repr__(self) -> str:
        return f"<{self.kind} of {', '.join(x.name for x in self.members)}>"


def gone(x: Instruction) -> frozenset[int]:
    """The axes that a reduction takes away, but those of length 1."""
    shape = x.inputs[0].shape
    return frozenset(a for a in x.params[0] if shape[a] != 1)


def _kept(group: Group) -> tuple[int, ...]:
    """The shape of what a loop in stages has reduced, with the axes that have gone."""
    assert group.axes is not None
    return tuple(1 if a in group.axes else n for a, n in enumerate(group.domain))


def _goes_on(x: Instruction) -> bool:
    """Whether what a reduction gives broadcasts against what was reduced."""
    axes, keepdims = x.params
    return keepdims or len(axes) == len(x.inputs[0].shape)


def _is_staged_well(domain: tuple[int, ...], axes: frozenset[int]) -> bool:
    """Whether there are rows that are gone through one after another, or little to do at all."""
    if not axes or 0 in domain:
        return False
    rows = math.prod(n for a, n in enumerate(domain) if a not in axes)
    return rows >= ROWS or math.prod(domain) <= FEW


def grouped(
    instructions: Sequence[Instruction], seen: Mapping[Instruction, Window], most: int = MOST
) -> list[Group]:
    """The groups of instructions, in an order in which they can be run.

    With `most` of 1 each instruction is a group of its own.
    """
    grouping = _Grouping(most)
    for position, x in enumerate(instructions):
        grouping.add(position, x, seen)
    return grouping.groups()


def kind_of(x: Instruction, seen: Mapping[Instruction, Window]) -> str | None:
    """The kind of kernel that does an instruction; None: there is nothing to do."""
    if x.kind in ("source", "constant", "part"):
        return None
    static = is_static(x) and all(is_static(i) for i in x.inputs if type(i) is Instruction)
    if not static:
        return "call"
    if x.kind == "call":
        return "join" if is_join(x) else "call"
    assert x.dtype is not None
    if x.kind == "view":
        return "copy" if seen[x].root is x else None
    if x.kind == "product":
        return "product" if x.dtype.char in "fd" else "call"
    return "loop"


class _Grouping:
    """Groups that grow while instructions come in their order."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.group_of: dict[Instruction, Group] = {}
        self.needs: dict[Instruction, tuple[Instruction, ...]] = {}  # those that kernels do
        self._readers: dict[Any, Group] = {}

    def add(self, position: int, x: Instruction, seen: Mapping[Instruction, Window]) -> None:
        kind = kind_of(x, seen)
        inputs = [i for i in x.inputs if type(i) is Instruction]
        if kind is None:  # what follows reads what this is made of
            self.needs[x] = tuple(n for i in inputs for n in self._done_by(i))
            if x.kind == "part" and (done := self._done_by(inputs[0])):
                group = self.group_of[done[0]]
                group.members[x] = position
            return
        if kind == "loop" and not has_loop(x):
            kind = "call"
        self.needs[x] = tuple(dict.fromkeys(n for i in inputs for n in self._done_by(i)))
        domain = x.shape if x.kind != "reduce" or not inputs else inputs[0].shape
        group = self.group_of[x] = Group(kind, position, x, domain if kind == "loop" else None)
        if kind == "loop" and self.most > 1:
            self._joined(group, x)

    def _done_by(self, x: Instruction) -> tuple[Instruction, ...]:
        return (x,) if x in self.group_of else self.needs.get(x, ())

    def _joined(self, group: Group, x: Instruction) -> None:
        """Let a new group join those that compute what it reads, or read the same."""
        keys = [(i, group.domain) for i in x.inputs if type(i) is Instruction and i.shape]
        candidates = [self.group_of[n] for n in self.needs[x]]
        candidates += [self._readers[k] for k in keys if k in self._readers]
        if group.domain == ():
            candidates += [self._readers[()]] if () in self._readers else []
            keys = [()]  # type: ignore[list-item]
        for other in dict.fromkeys(candidates):
            other = self.group_of[next(iter(other.members))]
            if other is not group and self._may_join(other, group):
                group = self._join(other, group)
        for key in keys:
            self._readers[key] = group

    def _may_join(self, a: Group, b: Group) -> bool:
        most = MOST_SCALARS if a.domain == () and self.most >= MOST else self.most
        if a.kind != "loop" or len(a.members) + len(b.members) > most:
            return False
        followed = self._followed(a, b)
        if followed is None or not self._is_one_loop(a, b, followed):
            return False
        if a.domain != () and self._reads(a, b) > OPERANDS:
            return False
        return not self._reaches(a, b) and not self._reaches(b, a)

    def _followed(self, a: Group, b: Group) -> list[Instruction] | None:
        """The reductions of one with which the other goes on; None: it reads what has no place."""
        found: list[Instruction] = []
        for early, late in ((a, b), (b, a)):
            if late.last < early.first:
                continue
            for x in late.members:
                for i in x.inputs:
                    if type(i) is not Instruction:
                        continue
                    if i.kind == "view" and any(n in early.members for n in self._done_by(i)):
                        return None
                    if i.kind == "reduce" and i in early.members:
                        found.append(i)
        return found

    def _is_one_loop(self, a: Group, b: Group, followed: list[Instruction]) -> bool:
        """Whether one loop, maybe in stages, does all of both."""
        axes = {g.axes for g in (a, b) if g.axes is not None} | {*map(gone, followed)}
        if len(axes) > 1 or not all(map(_goes_on, followed)):
            return False
        if axes and not _is_staged_well(a.domain, *axes):
            return False
        if a.domain == b.domain:
            return True
        kept = {i.shape for i in followed} | ({_kept(a)} if a.axes else set())
        if b.axes is not None or b.domain not in kept:
            return False
        reads = any(n in a.members for x in b.members for n in self.needs[x])
        return reads and all(x.kind == "elementwise" for x in b.members)  # of what was reduced

    def _reads(self, *groups: Group) -> int:
        members = {x for g in groups for x in g.members}
        inputs = {i for x in members for i in x.inputs if type(i) is Instruction}
        return len(inputs - members)

    def _reaches(self, start: Group, end: Group) -> bool:
        """Whether `end` needs something that is done outside of both after `start`."""
        if end.last < start.first:
            return False
        todo = [self.group_of[n] for x in end.members for n in self.needs[x]]
        visited = {start, end}
        while todo:
            group = todo.pop()
            if group in visited or group.last < start.first:
                continue
            visited.add(group)
            for x in group.members:
                for n in self.needs[x]:
                    other = self.group_of[n]
                    if other is start:
                        return True
                    if other not in visited:
                        todo.append(other)
        return False

    def _join(self, a: Group, b: Group) -> Group:
        axes = [gone(i) for i in self._followed(a, b) or ()]
        domain = a.domain if math.prod(a.domain) >= math.prod(b.domain) else b.domain
        if len(a.members) < len(b.members):
            a, b = b, a
        a.domain = domain
        b.axes = axes[0] if axes else b.axes
        a.members.update(b.members)
        a.axes = a.axes if a.axes is not None else b.axes
        a.first, a.last = min(a.first, b.first), max(a.last, b.last)
        for x in b.members:
            self.group_of[x] = a
        return a

    def groups(self) -> list[Group]:
        found = list(dict.fromkeys(self.group_of.values()))
        for group in found:
            group.members = dict(sorted(group.members.items(), key=lambda m: m[1]))
        return found
