"""A plan in words: a table of what it runs, and the text of its loops."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from autograd.compiler.face.planned import Planned
from autograd.engine.node import Node
from autograd.engine.row import COMPUTED, OUTPUT, WRITE
from autograd.graph.call import links_of
from autograd.graph.naming import called
from autograd.graph.table import text_of
from autograd.program.instructions import PULL
from autograd.program.passes import SOURCES

__all__ = ["PlanTable", "Row", "source_of", "table_of"]


class Row(NamedTuple):
    """One thing that a plan runs."""

    number: int
    runs: str  # the op, the rule or the function
    instructions: int  # of the program
    reads: int  # bytes
    writes: int  # bytes
    shape: tuple[int, ...]
    module: str


class PlanTable(tuple[Row, ...]):
    """What a plan runs, a Row each; printed as a table."""

    __slots__ = ()

    def __str__(self) -> str:
        head = ("#", "runs", "instructions", "reads", "writes", "shape", "module")
        lines = [
            (
                str(row.number), row.runs, str(row.instructions), _bytes(row.reads),
                _bytes(row.writes), "×".join(map(str, row.shape)) or "scalar", row.module,
            )
            for row in self
        ]  # fmt: skip
        total = f"{len(self)} calls, {_bytes(sum(r.reads for r in self))} read, "
        return f"{text_of([head, *lines])}\n{total}{_bytes(sum(r.writes for r in self))} written"

    def __repr__(self) -> str:
        return str(self)


def table_of(planned: Planned) -> PlanTable:
    """The table of a plan, with what pulls gradients through it at the end."""
    programs = [planned.program, *([] if planned.pull is None else [planned.pull.program])]
    nodes = [n for p in programs for n in p.nodes if n.op not in (*SOURCES, OUTPUT, WRITE)]
    rows = [
        Row(
            number, _runs(node), 1, sum(map(_size, links_of(node))), _size(node), node.shape,
            "" if node.scope is None else repr(node.scope),
        )
        for number, node in enumerate(nodes)
    ]  # fmt: skip
    return PlanTable(rows)


def source_of(planned: Planned) -> str:
    """One line for each call of the plan: no loops are written for it."""
    lines = []
    programs = [planned.program, *([] if planned.pull is None else [planned.pull.program])]
    for program in programs:
        number = {node: i for i, node in enumerate(program.nodes)}
        for node in program.nodes:
            if node.op in (*SOURCES, OUTPUT, WRITE):
                continue
            given = ", ".join(f"v{number[x]}" for x in links_of(node))
            lines.append(f"v{number[node]} = {_runs(node)}({given})")
    return "\n".join(lines)


def _runs(node: Node) -> str:
    if node.op is PULL:
        op, position = node.params[:2]
        return (
            f"∇{op.name}"
            if position is None or op.variadic
            else f"∇{op.name}.{op.inputs[position]}"
        )
    return called(node.params[0]) if node.op is COMPUTED else node.op.name


def _size(node: Node) -> int:
    specs = node.spec if isinstance(node.spec, list) else [node.spec]
    total = 0
    for spec in specs:
        if spec is not None:
            shape, dtype = spec if type(spec) is tuple else ((), np.dtype(spec))
            total += int(np.prod(shape)) * np.dtype(dtype).itemsize
    return total


def _bytes(count: int) -> str:
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{count} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024  # type: ignore[assignment]
    return f"{count:.1f} GiB"
