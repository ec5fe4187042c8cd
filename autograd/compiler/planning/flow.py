"""What flows between groups: what each reads and gives, and which must run before which."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

from autograd.compiler.instruction import Instruction, Lowered
from autograd.compiler.planning.groups import Group
from autograd.compiler.planning.simplify import is_impure
from autograd.compiler.planning.windows import Window

__all__ = ["Flow", "bytes_of"]


def bytes_of(x: Instruction) -> int:
    """Of its numbers, as far as they are known."""
    if x.shape is None or x.dtype is None:
        return 0
    return math.prod(x.shape) * x.dtype.itemsize


class Flow:
    """Groups, by their numbers in a list, and the instructions that go from one to another."""

    def __init__(
        self, lowered: Lowered, groups: Sequence[Group], seen: Mapping[Instruction, Window]
    ) -> None:
        self.groups = groups
        self.seen = seen
        self.kept = Counter(x for x in lowered.results.values() if type(x) is Instruction)
        self.kept_roots = Counter(seen[x].root for x in self.kept)  # by how many are seen of each
        self.shown = self._shown(lowered)
        self.reads = [_reads(g) for g in groups]
        needed = {seen[x].root for reads in self.reads for x in reads} | self.kept_roots.keys()
        self.gives = [[x for x in g.members if x not in g.copies and x in needed] for g in groups]
        self.maker = {x: k for k, g in enumerate(groups) for x in g.members if x not in g.copies}
        self.readers: dict[Instruction, list[int]] = {}
        for k, reads in enumerate(self.reads):
            for root in dict.fromkeys(seen[x].root for x in reads):
                self.readers.setdefault(root, []).append(k)
        self.after = [self._makers(reads) for reads in self.reads]
        turns = [k for k, g in enumerate(groups) if any(map(is_impure, g.members))]
        for before, k in pairwise(turns):
            self.after[k].add(before)
        self._lasts = [
            [(bytes_of(r), frozenset(self.readers[r])) for r in {seen[x].root for x in reads}
             if r in self.maker and r not in self.kept_roots]
            for reads in self.reads
        ]  # fmt: skip
        self._sizes = [sum(map(bytes_of, gives)) for gives in self.gives]

    def _shown(self, lowered: Lowered) -> set[Instruction]:
        """The roots of which one result shows all, as turned over: it may be handed out so."""
        written = {lowered.results[node] for node in lowered.program.writes}
        found = set()
        for x, count in self.kept.items():
            root, _, strides = self.seen[x]
            turned = all(s or n == 1 for s, n in zip(strides, x.shape or (), strict=True))
            if (
                x is not root and x not in written and count == self.kept_roots[root] == 1
                and turned and bytes_of(x) == bytes_of(root)
            ):  # fmt: skip
                found.add(root)
        return found

    def _makers(self, reads: Sequence[Instruction]) -> set[int]:
        roots = (self.seen[x].root for x in reads)
        return {self.maker[root] for root in roots if root in self.maker}

    def growth(self, k: int, done: set[int]) -> int:
        """By how many bytes more is needed once a group has run, given which have."""
        freed = sum(size for size, readers in self._lasts[k] if readers - done <= {k})
        return self._sizes[k] - freed

    def reaches(self, start: int, ends: set[int]) -> bool:
        """Whether one of `ends` must run after `start`."""
        todo, visited = list(ends), set(ends)
        while todo:
            for before in self.after[todo.pop()]:
                if before == start:
                    return True
                if before not in visited:
                    visited.add(before)
                    todo.append(before)
        return False


def _reads(group: Group) -> list[Instruction]:
    """What a group reads that it does not make itself."""
    members = group.members
    return list(dict.fromkeys(
        i for x in members for i in x.inputs if type(i) is Instruction and i not in members
    ))  # fmt: skip
