"""Exchanges of plain arrays among the processes of a group, on the buffers themselves.

Each is a generator of stages (see work.py). The first stage is an exchange of 128 bytes, by which
all processes know that all do the same; numbers that fit in there need no other.
"""

from __future__ import annotations

import zlib
from collections.abc import Generator
from typing import Any, TypeAlias

import numpy as np

from autograd.distributed.reductions import ReduceOp, reduced
from autograd.distributed.work import Stages
from autograd.errors import DistributedError

__all__ = [
    "all_gathered", "all_reduced", "all_to_all", "broadcast", "checked", "gathered", "lengths",
    "reduce_scattered", "scattered",
]  # fmt: skip

Array = Any
Checked: TypeAlias = "Generator[Any, Any, Any]"  # gives what came with the marks
HEAD, MARK = 128, 8  # bytes of the first exchange, and those that tell what is done
SMALL = 1 << 14  # bytes: below, all get all and reduce it themselves
TOLD = 512  # bytes of what a process says it does, where they differ


def as_bytes(array: Array) -> Array:
    """The memory of a contiguous array, as MPI takes it: numbers of any dtype are bytes to it."""
    return array.reshape(-1).view(np.uint8)


def checked(group: Any, text: str, where: str, payload: Array = None) -> Checked:
    """See that all processes do what `text` says; gives what small payloads there are, by rank."""
    head = np.zeros(HEAD, np.uint8)
    head[:MARK] = np.frombuffer(_mark(text), np.uint8)
    if payload is not None:
        data = as_bytes(payload)
        head[MARK : MARK + data.size] = data
    heads = np.empty((group.size, HEAD), np.uint8)
    yield lambda comm: comm.Iallgather(head, heads)
    if (heads[:, :MARK] != head[:MARK]).any():
        told = np.zeros(TOLD, np.uint8)
        said = f"{text} at {where}".encode()[:TOLD]
        told[: len(said)] = np.frombuffer(said, np.uint8)
        all_told = np.empty((group.size, TOLD), np.uint8)
        yield lambda comm: comm.Iallgather(told, all_told)
        raise DistributedError(_different(group, all_told))
    return heads[:, MARK:]


def _mark(text: str) -> bytes:
    data = text.encode()
    return zlib.crc32(data).to_bytes(4, "little") + zlib.adler32(data).to_bytes(4, "little")


def _different(group: Any, told: Array) -> str:
    lines: dict[str, list[int]] = {}
    for rank, row in zip(group.ranks, told, strict=True):
        said = row.tobytes().rstrip(b"\0").decode(errors="replace")
        lines.setdefault(said, []).append(rank)
    return "the processes do not do the same:\n" + "\n".join(
        f"  rank {', '.join(map(str, ranks))}: {said}" for said, ranks in lines.items()
    )


def fits(array: Array) -> bool:
    """Whether the first exchange has room for these numbers."""
    return bool(array.nbytes <= HEAD - MARK)


def lengths(size: int, count: int) -> Array:
    """How many of `size` numbers each of `count` processes reduces."""
    return np.array([size // count + (k < size % count) for k in range(count)])


def _starts(counts: Array) -> Array:
    return np.concatenate([[0], np.cumsum(counts)[:-1]])


def all_reduced(group: Any, flat: Array, op: ReduceOp, text: str | None, where: str = "") -> Stages:
    """Reduce a flat array in place, on all processes; without `text` nothing is checked before."""
    n, is_tiny = group.size, text is not None and fits(flat)
    if text is not None:
        heads = yield from checked(group, text, where, flat if is_tiny else None)
        if is_tiny:
            reduced(heads[:, : flat.nbytes].copy().view(flat.dtype), op, flat)
            return
    if not flat.size:
        return
    if not group.deterministic and (native := group.native(op, flat.dtype)) is not None:
        yield lambda comm: comm.Iallreduce(group.MPI.IN_PLACE, [flat, native[1]], native[0])
        if op is ReduceOp.AVG:
            np.true_divide(flat, n, out=flat)
        return
    if flat.nbytes <= SMALL or flat.size < n:
        rows = np.empty((n, flat.size), flat.dtype)
        yield lambda comm: comm.Iallgather(as_bytes(flat), as_bytes(rows))
        reduced(rows, op, flat)
        return
    counts = lengths(flat.size, n)
    starts, unit = _starts(counts), flat.itemsize
    yield from _reduce_scattered(group, flat, counts, op)
    yield lambda comm: comm.Iallgatherv(
        group.MPI.IN_PLACE, [as_bytes(flat), counts * unit, starts * unit, group.MPI.BYTE]
    )


def _reduce_scattered(group: Any, flat: Array, counts: Array, op: ReduceOp) -> Stages:
    """Reduce each process' part of a flat array, where it lies."""
    n, me, unit = group.size, group.rank, flat.itemsize
    starts, own = _starts(counts), int(counts[group.rank])
    rows = np.empty((n, own), flat.dtype)
    there = [as_bytes(flat), counts * unit, starts * unit, group.MPI.BYTE]
    here = [as_bytes(rows), [own * unit] * n, [k * own * unit for k in range(n)], group.MPI.BYTE]
    yield lambda comm: comm.Ialltoallv(there, here)
    reduced(rows, op, flat[starts[me] : starts[me] + own])


def reduce_scattered(
    group: Any, flat: Array, counts: Array, op: ReduceOp, text: str, where: str
) -> Stages:
    """Reduce a flat array in place, of which each process gets its part alone."""
    yield from checked(group, text, where)
    if flat.size:
        yield from _reduce_scattered(group, flat, counts, op)


def all_gathered(group: Any, flat: Array, rows: Array, text: str, where: str) -> Stages:
    """Write the flat arrays of all processes to the rows of another."""
    heads = yield from checked(group, text, where, flat if fits(flat) else None)
    if fits(flat):
        rows[...] = heads[:, : flat.nbytes].copy().view(flat.dtype)
    elif flat.size:
        yield lambda comm: comm.Iallgather(as_bytes(flat), as_bytes(rows))


def broadcast(group: Any, flat: Array, root: int, text: str | None, where: str = "") -> Stages:
    """Write the numbers of one process over those of the others."""
    if text is not None:
        heads = yield from checked(group, text, where, flat if fits(flat) else None)
        if fits(flat):
            flat[...] = heads[root, : flat.nbytes].copy().view(flat.dtype)
            return
    if flat.size:
        yield lambda comm: comm.Ibcast(as_bytes(flat), root)


def gathered(group: Any, flat: Array, rows: Array, root: int, text: str, where: str) -> Stages:
    """Write the flat arrays of all processes to the rows of one process' (None on the others)."""
    yield from checked(group, text, where)
    if flat.size:
        there = None if rows is None else as_bytes(rows)
        yield lambda comm: comm.Igather(as_bytes(flat), there, root)


def scattered(group: Any, rows: Array, flat: Array, root: int, text: str, where: str) -> Stages:
    """Write the rows of one process' array (None on the others) to the flat ones of all."""
    yield from checked(group, text, where)
    if flat.size:
        here = None if rows is None else as_bytes(rows)
        yield lambda comm: comm.Iscatter(here, as_bytes(flat), root)


def all_to_all(
    group: Any, parts: list[Array], places: list[Array], text: str, where: str
) -> Stages:
    """Send each process its part, and write what each sends to its place."""
    n = group.size
    yield from checked(group, text, where)
    sizes = np.array([[p.nbytes for p in parts], [p.nbytes for p in places]], np.int64)
    told = np.empty((n, 2, n), np.int64)
    yield lambda comm: comm.Iallgather(as_bytes(sizes), as_bytes(told))
    if (wrong := np.argwhere(told[:, 0] != told[:, 1].T)).size:
        source, target = wrong[0]
        raise DistributedError(
            f"all_to_all: rank {group.ranks[source]} sends {told[source, 0, target]} bytes to rank "
            f"{group.ranks[target]}, whose place for them has {told[target, 1, source]}"
        )
    given = np.concatenate([as_bytes(p) for p in parts])
    taken = np.empty(int(sizes[1].sum()), np.uint8)
    byte = group.MPI.BYTE
    yield lambda comm: comm.Ialltoallv(
        [given, sizes[0], _starts(sizes[0]), byte], [taken, sizes[1], _starts(sizes[1]), byte]
    )
    ends = np.cumsum(sizes[1])
    for place, end in zip(places, ends, strict=True):
        as_bytes(place)[...] = taken[end - place.nbytes : end]
