"""Collectives as ops: what one process' result is, and how cotangents come back to all of them.

What is differentiated is the sum over all processes of what each of them calls backward on. So the
rule of each is its transpose: what was broadcast comes back as a sum, what was gathered scattered.
All are linear. A process alone, also where no group has been made, is a group of one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.distributed import exchanges
from autograd.distributed.echo import answered
from autograd.distributed.groups import ProcessGroup, group_of, is_initialized
from autograd.distributed.reductions import ReduceOp
from autograd.distributed.work import Stages
from autograd.engine.callers import caller
from autograd.engine.dispatch import is_symbolic
from autograd.extend import Array, draw, op, sample, samples

__all__ = [
    "all_gather", "all_reduce", "all_to_all", "broadcast_from", "gather_to", "reduce_scatter",
    "reduce_to", "scatter_from",
]  # fmt: skip

_some = samples(lambda: sample(draw(2, 3)), lambda: sample(draw()), lambda: sample(draw(0, 2)))
_rows = samples(lambda: sample(draw(1, 2, 3)), lambda: sample(draw(1)), lambda: sample(draw(1, 0)))


def _meant(group: ProcessGroup | None) -> ProcessGroup | None:
    """The group that an op runs in; None for a process alone."""
    mine = None if group is None and not is_initialized() else group_of(group, "a collective")
    return None if mine is None or mine.size == 1 else mine


def _own(x: Any) -> Any:
    """What a process alone has of it: a copy, or what stands for numbers as it is."""
    return x if is_symbolic(x) else np.array(x)[()]


def _run(group: ProcessGroup, name: str, x: Any, stages: Any) -> None:
    where = caller() or "?"
    text = f"{name} of {x.dtype} {tuple(x.shape)}"
    made: Stages = stages(text, where)
    group.run(text, made).wait()


def _flat(x: Any) -> Any:
    return np.array(x).reshape(-1)


def _shaped(flat: Any, shape: Any) -> Any:
    return flat.reshape(shape)[()]


def _sum(x: Any, op: ReduceOp, group: ProcessGroup, name: str) -> Any:
    flat = _flat(x)
    _run(group, name, x, lambda t, w: exchanges.all_reduced(group, flat, op, t, w))
    return flat


@op(
    "Σ processes",
    x=lambda g, mean, group: all_reduce(g, mean=mean, group=group),
    linear=True,
    samples=_some,
    reference=lambda x, **_: np.copy(x),
)
def all_reduce(x: Array, /, mean: bool = False, group: Any = None) -> Array:
    """The sum, or the mean, of the x of all processes, on each of them."""
    if (mine := _meant(group)) is None:
        return _own(x)
    how = ReduceOp.AVG if mean else ReduceOp.SUM
    return answered(
        ("all_reduce", mean, mine.ranks),
        x,
        lambda: _shaped(_sum(x, how, mine, f"all_reduce({how.value})"), x.shape),
        lambda change: change if mean else change * mine.size,
    )


@op(
    "x of all processes",
    x=lambda g, group: reduce_scatter(g, group=group),
    linear=True,
    samples=_some,
    reference=lambda x, **_: np.copy(x)[None],
)
def all_gather(x: Array, /, group: Any = None) -> Array:
    """The x of all processes, one in each row, on each of them."""
    if (mine := _meant(group)) is None:
        return _own(x)[None]

    def run() -> Any:
        flat, rows = _flat(x), np.empty((mine.size, x.size), x.dtype)
        _run(mine, "all_gather", x, lambda t, w: exchanges.all_gathered(mine, flat, rows, t, w))
        return rows.reshape(mine.size, *x.shape)

    return answered(
        ("all_gather", mine.ranks),
        x,
        run,
        lambda change: np.multiply.outer(np.ones(mine.size), change),
    )


@op(
    "my row of Σ processes",
    x=lambda g, group: all_gather(g, group=group),
    linear=True,
    samples=_rows,
    reference=lambda x, **_: np.copy(x)[0],
)
def reduce_scatter(x: Array, /, group: Any = None) -> Array:
    """The sum of the x of all processes, of which each gets its row."""
    if (mine := _meant(group)) is None:
        return _own(x[0])

    def run() -> Any:
        flat, size, total = _flat(x), x[0].size, ReduceOp.SUM
        counts = np.full(mine.size, size)
        _run(mine, "reduce_scatter(sum)", x,
             lambda t, w: exchanges.reduce_scattered(mine, flat, counts, total, t, w))  # fmt: skip
        return _shaped(flat[mine.rank * size : (mine.rank + 1) * size].copy(), x.shape[1:])

    key = "reduce_scatter", mine.ranks
    return answered(key, x, run, lambda change: change[mine.rank] * mine.size)


@op(
    "x of one process",
    x=lambda g, src, group: reduce_to(g, dst=src, group=group),
    linear=True,
    samples=_some,
    reference=lambda x, **_: np.copy(x),
)
def broadcast_from(x: Array, /, src: int = 0, group: Any = None) -> Array:
    """The x of the process at place `src` of the group, on each of them."""
    if (mine := _meant(group)) is None:
        return _own(x)

    def run() -> Any:
        flat = _flat(x)
        _run(mine, f"broadcast from {mine.ranks[src]}", x,
             lambda t, w: exchanges.broadcast(mine, flat, src, t, w))  # fmt: skip
        return _shaped(flat, x.shape)

    key = "broadcast", src, mine.ranks
    return answered(key, x, run, lambda change: change)


@op(
    "Σ processes, to one",
    x=lambda g, dst, group: broadcast_from(g, src=dst, group=group),
    linear=True,
    samples=_some,
    reference=lambda x, **_: np.copy(x),
)
def reduce_to(x: Array, /, dst: int = 0, group: Any = None) -> Array:
    """The sum of the x of all processes at place `dst` of the group, and zeros on the others."""
    if (mine := _meant(group)) is None:
        return _own(x)

    def run() -> Any:
        flat = _sum(x, ReduceOp.SUM, mine, f"reduce(sum) to {mine.ranks[dst]}")
        return _shaped(flat if mine.rank == dst else np.zeros_like(flat), x.shape)

    key = "reduce", dst, mine.ranks
    return answered(key, x, run, lambda change: change * mine.size)


@op(
    "x of all processes, to one",
    x=lambda g, dst, group: scatter_from(g, src=dst, group=group),
    linear=True,
    samples=_some,
    reference=lambda x, **_: np.copy(x)[None],
)
def gather_to(x: Array, /, dst: int = 0, group: Any = None) -> Array:
    """The x of all processes, one in each row, at place `dst` of the group; zeros elsewhere."""
    if (mine := _meant(group)) is None:
        return _own(x)[None]

    def run() -> Any:
        flat, rows = _flat(x), np.zeros((mine.size, x.size), x.dtype)
        there = rows if mine.rank == dst else None
        _run(mine, f"gather to {mine.ranks[dst]}", x,
             lambda t, w: exchanges.gathered(mine, flat, there, dst, t, w))  # fmt: skip
        return rows.reshape(mine.size, *x.shape)

    return answered(("gather", dst, mine.ranks), x, run)


@op(
    "my row of x of one process",
    x=lambda g, src, group: gather_to(g, dst=src, group=group),
    linear=True,
    samples=_rows,
    reference=lambda x, **_: np.copy(x)[0],
)
def scatter_from(x: Array, /, src: int = 0, group: Any = None) -> Array:
    """The rows of the x of the process at place `src` of the group, one on each of them."""
    if (mine := _meant(group)) is None:
        return _own(x[0])

    def run() -> Any:
        rows, flat = np.ascontiguousarray(x), np.empty(x[0].size, x.dtype)
        here = rows if mine.rank == src else None
        _run(mine, f"scatter from {mine.ranks[src]}", x,
             lambda t, w: exchanges.scattered(mine, here, flat, src, t, w))  # fmt: skip
        return _shaped(flat, x.shape[1:])

    return answered(("scatter", src, mine.ranks), x, run)


@op(
    "rows for mine",
    x=lambda g, group: all_to_all(g, group=group),
    linear=True,
    samples=_rows,
    reference=lambda x, **_: np.copy(x),
)
def all_to_all(x: Array, /, group: Any = None) -> Array:
    """Each process' rows, one for each process, exchanged: row k is what process k had for me."""
    if (mine := _meant(group)) is None:
        return _own(x)

    def run() -> Any:
        parts = [np.array(row).reshape(-1) for row in x]
        rows = [np.empty_like(part) for part in parts]
        _run(mine, "all_to_all", x, lambda t, w: exchanges.all_to_all(mine, parts, rows, t, w))
        return np.array(rows).reshape(x.shape)

    return answered(("all_to_all", mine.ranks), x, run)
