"""A plan in words: a table of what it runs, and the text of its loops."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from autograd.compiler.face.texts import texts_of
from autograd.compiler.schedule import Schedule
from autograd.compiler.table import PlanTable, Row, name_of, rows_of
from autograd.engine.node import Node
from autograd.engine.row import OUTPUT, WRITE
from autograd.graph.call import links_of
from autograd.program.passes import SOURCES

__all__ = ["kernels_of", "source_of", "table_of"]


def table_of(plan: Any) -> PlanTable:
    """The table of a plan, with what pulls gradients through it at the end."""
    rows = [row for program, run in plan.runs() for row in _rows(program, run, plan.ms)]
    return PlanTable(row._replace(number=number) for number, row in enumerate(rows))


def source_of(plan: Any) -> str:
    """What each kernel of a plan does, in the order in which they run."""
    parts: list[str] = []
    for program, run in plan.runs():
        schedule = _schedule(run)
        if schedule is None:
            nodes = _nodes(program)
            parts += [f"# {n}: call {name_of(x)}" for n, x in enumerate(nodes, len(parts))]
        else:
            parts += texts_of(schedule, len(parts))
    return "\n".join(parts)


def kernels_of(plan: Any) -> dict[Node, dict[int, None]]:
    """The numbers of the kernels that do the work of each instruction, in order."""
    found: dict[Node, dict[int, None]] = {}
    number = 0
    for _, run in plan.runs():
        schedule = _schedule(run)
        for kernel in () if schedule is None else schedule.kernels:
            for x in kernel.instructions:
                if x.origin is not None:
                    found.setdefault(x.origin, {})[number] = None
            number += 1
    return found


def _schedule(run: Any) -> Schedule | None:
    """The schedule of what runs a program, if it has run and has one."""
    ways = getattr(run, "ways", None)
    holder = ways[-1] if ways else getattr(run, "executor", None)
    return getattr(holder, "schedule", None)


def _rows(program: Any, run: Any, ms: dict[Any, list[float]]) -> Iterator[Row]:
    schedule = _schedule(run)
    if schedule is None:
        for node in _nodes(program):
            read = sum(map(_size, links_of(node)))
            module = "" if node.scope is None else repr(node.scope)
            yield Row(0, "call", name_of(node), 1, read, _size(node), 0, "call", node.shape, module)
        return
    times = ms.get(run, [])
    for row, taken in zip_longest(rows_of(schedule), times):
        yield row._replace(ms=taken)


def _nodes(program: Any) -> list[Node]:
    return [n for n in program.nodes if n.op not in (*SOURCES, OUTPUT, WRITE)]


def _size(node: Node) -> int:
    specs = node.spec if isinstance(node.spec, list) else [node.spec]
    pairs = [s if type(s) is tuple else ((), s) for s in specs if s is not None]
    return sum(math.prod(shape) * _itemsize(dtype) for shape, dtype in pairs)


def _itemsize(dtype: Any) -> int:
    return (
        int(getattr(dtype, "itemsize", 8)) if not isinstance(dtype, type) else int(dtype().itemsize)
    )
