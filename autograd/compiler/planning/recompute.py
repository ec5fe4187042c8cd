"""Values that are cheaper to compute again than to write and read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

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
SMALL = 8  # how many times smaller than a value must be what is read in its place


def recomputed(
    groups: Sequence[Group], seen: Mapping[Instruction, Window], results: Iterable[Instruction]
) -> None:
    """Give loops what they read of others, where they have all that it is made of.

    It is done only where no other group needs the value, so that it is not written at all.
    """
    kept = {seen[x].root for x in results}
    homes = {x: g for g in groups if g.kind == "loop" for x in g.members}
    readers: dict[Instruction, list[Group]] = {}
    for g in groups:
        for x in g.members:
            for i in x.inputs:
                if type(i) is Instruction and i not in g.members:
                    if seen[i].root is not i:
                        kept.add(seen[i].root)  # a view of it is read
                    if g not in (known := readers.setdefault(i, [])):
                        known.append(g)
    for value, users in readers.items():
        home = homes.get(value)
        if home is None or value in kept or value.kind != "elementwise":
            continue
        chains = [_chain(value, home, user, seen) for user in users]
        if any(c is None for c in chains):
            continue
        for user, chain in zip(users, chains, strict=True):
            assert chain is not None
            new = {x: home.members[x] for x in chain if x not in user.members}
            for x in new:
                for i in x.inputs:
                    if i in readers and user not in readers[i]:
                        readers[i].append(user)
            user.copies |= new.keys()
            user.members = dict(sorted((user.members | new).items(), key=lambda m: m[1]))


def _chain(
    value: Instruction, home: Group, user: Group, seen: Mapping[Instruction, Window]
) -> list[Instruction] | None:
    """What makes a value out of what a loop reads anyway, little more, and one array in its place.

    None if that is too much.
    """
    if user.kind != "loop" or user.domain != home.domain or value.shape != home.domain:
        return None
    reads = {
        i for x in user.members for i in x.inputs
        if type(i) is Instruction and i not in user.members and i is not value
    }  # fmt: skip
    found: dict[Instruction, None] = {}
    todo, cost, instead = [value], 0, None
    most = MOST if bytes_of(value) > CACHE else MOST // 4
    while todo:
        x = todo.pop()
        if x in found or x in user.members or x in reads:
            continue
        size = min(bytes_of(x), bytes_of(seen[x].root))
        is_small = size <= max(bytes_of(value) // SMALL, 8)
        if x not in home.members or (is_small and x not in home.copies):
            if not is_small:
                if size > bytes_of(value) or instead not in (None, x):
                    return None
                instead = x
            continue
        if x.kind != "elementwise":
            return None
        found[x] = None
        cost += 4 if x.name in DEAR else 1
        if cost > most:
            return None
        todo += [i for i in x.inputs if type(i) is Instruction]
    return list(found)
