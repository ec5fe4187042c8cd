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
    rows = [row for program, run in plan.runs() for row in _rows(program, run)]
    return PlanTable(row._replace(number=number) for number, row in enumerate(rows))


def source_of(plan: Any, llvm: bool = False) -> str:
    """What each kernel of a plan does, in the order in which they run; or LLVM's text of that."""
    parts: list[str] = []
    for program, run in plan.runs():
        schedule, first = _schedule(run), len(parts)
        if schedule is None:
            nodes = _nodes(program)
            parts += [f"# {n}: call {name_of(x)}" for n, x in enumerate(nodes, first)]
        elif llvm:
            texts = _llvm_of(run)
            for row in rows_of(schedule, first):
                text = texts.get(row.number - first, "")
                parts.append(f"; {row.number}: {row.kind} {row.does}\n{text}".rstrip())
        else:
            parts += texts_of(schedule, first)
    return "\n".join(parts)


def _llvm_of(run: Any) -> dict[int, str]:
    """LLVM's text of the loops of native code, by the numbers of kernels."""
    tape = getattr(getattr(run, "executor", None), "tape", None)
    found: dict[int, dict[str, None]] = {}
    for number, operation in zip(tape.kernels, tape.operations, strict=True) if tape else ():
        if (text := getattr(operation.keeps, "text", None)) is not None:
            found.setdefault(number, {})[text] = None  # threads share one text, or a few
    return {number: "\n".join(texts) for number, texts in found.items()}


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
    return getattr(_holder(run), "schedule", None)


def _holder(run: Any) -> Any:
    ways = getattr(run, "ways", None)
    return ways[-1] if ways else getattr(run, "executor", None)


def _rows(program: Any, run: Any) -> Iterator[Row]:
    schedule = _schedule(run)
    if schedule is None:
        for node in _nodes(program):
            read = sum(map(_size, links_of(node)))
            module = "" if node.scope is None else repr(node.scope)
            yield Row(0, "call", name_of(node), 1, read, _size(node), 0, "call", node.shape, module)
        return
    times = getattr(_holder(run), "times", None) or []
    for row, ms in zip_longest(rows_of(schedule), times):
        yield row._replace(ms=ms)


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
