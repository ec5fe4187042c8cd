"""Values that are cheaper to compute again than to write and read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from autograd.compiler.instruction import Instruction
from autograd.compiler.planning.flow import bytes_of
from autograd.compiler.planning.groups import Group
from autograd.compiler.planning.windows import Window

__all__ = ["recomputed"]

DEAR = frozenset((
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "arcsin",
    "arccos", "arctan", "arctan2", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh",
    "power", "float_power", "cbrt", "hypot", "logaddexp", "logaddexp2",
))  # fmt: skip
MOST = 12  # that computing one value may cost; one sum or product costs 1, a function 4
CACHE = 1 << 18  # bytes up to which a value is read and written fast: a quarter of that
WIDER = 4  # how many times wider what is there anyway may be than a value, as floats than a mask
LONGEST = 160  # operations of a loop
LEAST = 64  # bytes of a value for which it is not worth asking
SMALL = 8  # how many times smaller than a value must be what is read in its place


class _Reads:
    """Who reads what: other loops, and members of the same."""

    def __init__(
        self, groups: Sequence[Group], seen: Mapping[Instruction, Window],
        results: Iterable[Instruction], repeated: Collection[Instruction],
    ) -> None:  # fmt: skip
        self.seen = seen
        self.repeated = repeated
        self.kept = {seen[x].root for x in results}  # that must be written anyway
        self.homes = {x: g for g in groups if g.kind == "loop" for x in g.members}
        self.outside: dict[Instruction, list[Group]] = {}
        self.inside: dict[Instruction, list[Instruction]] = {}
        for g in groups:
            for x in g.members:
                for i in x.inputs:
                    if type(i) is Instruction:
                        self._note(g, x, i)

    def _note(self, group: Group, x: Instruction, i: Instruction) -> None:
        if i in group.members:
            self.inside.setdefault(i, []).append(x)
            return
        if self.seen[i].root is not i:
            self.kept.add(self.seen[i].root)  # a view of it is read
        if group not in (known := self.outside.setdefault(i, [])):
            known.append(group)

    def is_written(self, x: Instruction) -> bool:
        """Whether a member of a loop is in memory anyway: it is a result, or no loop reads it."""
        return x in self.kept or any(g.kind != "loop" for g in self.outside.get(x, ()))

    def size(self, x: Instruction) -> int:
        return min(bytes_of(x), bytes_of(self.seen[x].root))


def recomputed(
    groups: Sequence[Group], seen: Mapping[Instruction, Window], results: Iterable[Instruction],
    repeated: Collection[Instruction] = (),
) -> None:  # fmt: skip
    """Give loops what they read of others, where they have all that it is made of.

    It is done only where no other group needs the value, so that it is not written at all. What is
    `repeated` the program itself computes more than once.
    """
    reads = _Reads(groups, seen, results, repeated)
    for value, users in reads.outside.items():
        home = reads.homes.get(value)
        if home is None or value in reads.kept or value.kind != "elementwise":
            continue
        if bytes_of(value) <= LEAST:
            continue
        chains = [_chain(value, home, user, reads) for user in users]
        if any(c is None or _cost(value, c, home, reads) > _most(value) for c in chains):
            continue
        for user, chain in zip(users, chains, strict=True):
            assert chain is not None
            new = {x: home.members[x] for x in chain if x not in user.members}
            for x in new:
                for i in x.inputs:
                    if i in reads.outside and user not in reads.outside[i]:
                        reads.outside[i].append(user)
            user.copies |= new.keys()
            user.members = dict(sorted((user.members | new).items(), key=lambda m: m[1]))


def _most(value: Instruction) -> int:
    return MOST if bytes_of(value) > CACHE else MOST // 4


def _cost(value: Instruction, chain: list[Instruction], home: Group, reads: _Reads) -> int:
    """What is computed more often than by the program; the rest moves to where it is used."""
    cost, moved = 0, set[Instruction]()
    for x in sorted(chain, key=home.members.__getitem__, reverse=True):
        is_inner = x is value or not (x in reads.outside or x in reads.kept)
        if is_inner and all(u in moved for u in reads.inside.get(x, ())):
            moved.add(x)
        elif x not in reads.repeated or bytes_of(value) <= CACHE:
            cost += 4 if x.name in DEAR else 1
    return cost


def _chain(value: Instruction, home: Group, user: Group, reads: _Reads) -> list[Instruction] | None:
    """What makes a value out of what a loop reads anyway, little more, and one array in its place.

    None if that is too much.
    """
    if user.kind != "loop" or user.domain != home.domain or value.shape != home.domain:
        return None
    given = {
        i for x in user.members for i in x.inputs
        if type(i) is Instruction and i not in user.members and i is not value
    }  # fmt: skip
    found: dict[Instruction, None] = {}
    todo, instead = [value], None
    while todo:
        x = todo.pop()
        if x in found or x in user.members or x in given:
            continue
        size = reads.size(x)
        is_small = size <= max(bytes_of(value) // SMALL, 8)
        is_there = x not in home.copies and x is not value and reads.is_written(x)
        if x not in home.members or (is_small and x not in home.copies) or is_there:
            if not is_small:
                most = WIDER * bytes_of(value) if is_there else bytes_of(value)
                if size > most or instead not in (None, x):
                    return None
                instead = x
            continue
        if x.kind != "elementwise":
            return None
        found[x] = None
        if len(found) + len(user.members) > LONGEST:
            return None
        todo += [i for i in x.inputs if type(i) is Instruction]
    return list(found)
