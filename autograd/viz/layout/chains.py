"""Rows from above to below, and the chains of parts that stand on one straight line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set
from dataclasses import dataclass, field

__all__ = ["Chain", "Net", "chains_of", "rows_of"]


@dataclass(frozen=True, slots=True)
class Net:
    """A link among the parts of one module; None is the border of the module."""

    key: int
    source: int | None
    target: int | None


@dataclass(eq=False, slots=True)
class Chain:
    """Parts on one straight line, from one row to another, and the links on it."""

    first: int
    last: int
    parts: list[int] = field(default_factory=list)
    inner: list[int] = field(default_factory=list)  # the links from part to part
    lead: int | None = None  # the link that arrives straight
    trail: int | None = None  # the link that leaves straight


def rows_of(count: int, nets: list[Net]) -> list[int]:
    """Each part below all that it needs, as high as it can be.

    What neither comes from outside nor from where the longest chain begins stands as low as it
    can, next to what needs it.
    """
    into, out_of = defaultdict(list), defaultdict(list)
    row = [0] * count
    fed = {net.target for net in nets if net.source is None}
    for net in nets:
        if net.source is not None and net.target is not None:
            into[net.target].append(net.source)
            out_of[net.source].append(net.target)
    for part in range(count):
        row[part] = max((row[source] + 1 for source in into[part]), default=0)
    if count:
        start = max(range(count), key=lambda part: (row[part], -part))
        while into[start]:
            start = max(into[start], key=lambda source: (row[source], -source))
        fed.add(start)
    for part in range(count):
        if any(source in fed for source in into[part]):
            fed.add(part)
    for part in reversed(range(count)):
        if part not in fed and out_of[part]:
            row[part] = min(row[target] for target in out_of[part]) - 1
    return row


def chains_of(row: list[int], nets: list[Net], straight: Set[int] = frozenset()) -> list[Chain]:
    """The longest chain first; then what stands beside it; then the links that pass parts by.

    Where there is a choice, the links that are `straight` within their parts are taken.
    """
    lowest = max(row, default=-1)
    comes, leads = defaultdict(list), defaultdict(list)
    for net in nets:
        if net.source is not None and net.target is not None:
            comes[net.target].append(net)
            leads[net.source].append(net.target)
    depth: dict[int, int] = {}  # rows from the beginning of what leads to a part
    best: dict[int, Net] = {}  # by part: the link from its deepest source
    for part in range(len(row)):
        depth[part] = max((depth[net.source or 0] + 1 for net in comes[part]), default=0)
        for net in comes[part]:
            known = best.get(part)
            rank = row[net.source or 0], depth[net.source or 0], net.key in straight
            if known is None or rank > (
                row[known.source or 0],
                depth[known.source or 0],
                known.key in straight,
            ):
                best[part] = net
    below: dict[int, int] = {}  # rows from a part to the end of what it leads to
    for part in reversed(range(len(row))):
        below[part] = max((below[t] + row[t] - row[part] for t in leads[part]), default=0)
    onward: dict[int, Net] = {}
    for net in sorted(best.values(), key=lambda n: n.key):
        known = onward.get(net.source or 0)
        if known is None or below[net.target or 0] > below[known.target or 0]:
            onward[net.source or 0] = net
    joined = {net.target for net in onward.values()}
    chains = []
    for part in range(len(row)):
        if part not in joined:
            chains.append(_chain(part, row, onward))
    chains.sort(key=lambda chain: (chain.first - chain.last, chain.parts[0]))
    taken = {key for chain in chains for key in chain.inner}
    for chain in chains:
        _tie(chain, row, nets, best, taken, straight)
    rails = [_rail(net, row, lowest) for net in nets if net.key not in taken]
    main, beside = chains[:1], chains[1:] + [rail for rail in rails if rail.first <= rail.last]
    return main + sorted(beside, key=lambda chain: (chain.last - chain.first, not chain.parts))


def _chain(part: int, row: list[int], onward: dict[int, Net]) -> Chain:
    chain = Chain(row[part], row[part], [part])
    while (net := onward.get(part)) is not None and net.target is not None:
        part = net.target
        chain.inner.append(net.key)
        chain.parts.append(part)
    chain.last = row[part]
    return chain


def _tie(
    chain: Chain, row: list[int], nets: list[Net], best: dict[int, Net], taken: set[int],
    straight: Set[int],
) -> None:  # fmt: skip
    """Which link arrives straight at the beginning of a chain, and which leaves at its end."""
    head, tail = chain.parts[0], chain.parts[-1]
    lowest = max(row)
    arriving = [n for n in nets if n.target == head and n.source is None]
    arriving.sort(key=lambda n: n.key not in straight)
    lead = best.get(head) or (arriving[0] if arriving else None)
    if lead is not None and lead.key not in taken:
        chain.lead = lead.key
        chain.first = 0 if lead.source is None else row[lead.source] + 1
        taken.add(lead.key)
    leaving = [n for n in nets if n.source == tail and n.key not in taken]
    if leaving:
        trail = min(leaving, key=lambda n: lowest + 1 if n.target is None else row[n.target])
        chain.trail = trail.key
        chain.last = lowest if trail.target is None else row[trail.target] - 1
        taken.add(trail.key)


def _rail(net: Net, row: list[int], lowest: int) -> Chain:
    first = 0 if net.source is None else row[net.source] + 1
    last = lowest if net.target is None else row[net.target] - 1
    return Chain(first, last, lead=net.key)
