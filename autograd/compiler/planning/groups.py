"""Groups: which instructions one kernel does.

Instructions over one domain, element by element or summed up, become one loop where no other kernel
must run between them. A reduction ends a loop. What several loops need is computed again in each
of them where that is cheaper than to write and read it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autograd.compiler.instruction import Instruction
from autograd.compiler.planning.formulas import has_loop
from autograd.compiler.planning.windows import Window, is_static

__all__ = ["Group", "grouped"]

MOST = 64  # operations of a loop over arrays
MOST_SCALARS = 500  # of straight-line code
OPERANDS = 24  # arrays that a loop reads


class Group:
    """Instructions that one kernel does, in order."""

    __slots__ = ("copies", "domain", "first", "kind", "last", "members")

    def __init__(self, kind: str, position: int, x: Instruction, domain: Any = None) -> None:
        self.kind = kind  # loop, product, copy or call
        self.domain = domain  # the shape that a loop goes over
        self.members: dict[Instruction, int] = {x: position}
        self.copies: set[Instruction] = set()  # members that are another group's, computed again
        self.first = self.last = position

    def __repr__(self) -> str:
        return f"<{self.kind} of {', '.join(x.name for x in self.members)}>"


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
    if not static or x.kind == "call":
        return "call"
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
        if a.kind != "loop" or a.domain != b.domain or len(a.members) + len(b.members) > most:
            return False
        if self._follows_an_end(a, b) or self._follows_an_end(b, a):
            return False
        if a.domain != () and self._reads(a, b) > OPERANDS:
            return False
        return not self._reaches(a, b) and not self._reaches(b, a)

    def _follows_an_end(self, a: Group, b: Group) -> bool:
        """Whether a loop reads of the other what is there only when that has ended."""
        if b.last < a.first:
            return False
        return any(
            n in a.members
            for x in b.members
            for i in x.inputs
            if type(i) is Instruction and i.kind in ("reduce", "view")
            for n in self._done_by(i)
        )

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
        if len(a.members) < len(b.members):
            a, b = b, a
        a.members.update(b.members)
        a.first, a.last = min(a.first, b.first), max(a.last, b.last)
        for x in b.members:
            self.group_of[x] = a
        return a

    def groups(self) -> list[Group]:
        found = list(dict.fromkeys(self.group_of.values()))
        for group in found:
            group.members = dict(sorted(group.members.items(), key=lambda m: m[1]))
        return found
