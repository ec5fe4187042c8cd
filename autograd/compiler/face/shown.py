"""A plan in words: a table of what it runs, and the text of its loops."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from autograd.compiler.instruction import Instruction
from autograd.compiler.planning.formulas import loop_text
from autograd.compiler.schedule import Buffer, Kernel, Schedule
from autograd.engine.node import Node
from autograd.engine.row import COMPUTED, OUTPUT, WRITE
from autograd.graph.call import links_of
from autograd.graph.naming import called
from autograd.graph.table import text_of
from autograd.program.instructions import PULL
from autograd.program.passes import SOURCES

__all__ = ["PlanTable", "Row", "kernels_of", "module_of", "runs_of", "source_of", "table_of"]

WIDEST = 60  # characters of what a row runs


class Row(NamedTuple):
    """One thing that a plan runs: a loop, a product, a copy or a call."""

    number: int
    kind: str
    runs: str  # its instructions
    instructions: int
    reads: int  # bytes
    writes: int  # bytes
    flops: int
    buffers: str  # where its results lie
    shape: tuple[int, ...]
    module: str
    ms: float | None = None  # what it took at least, in the runs that a profile has seen


class PlanTable(tuple[Row, ...]):
    """What a plan runs, a Row each; printed as a table."""

    __slots__ = ()

    def __str__(self) -> str:
        is_timed = any(row.ms is not None for row in self)
        head = ["#", "kind", "runs", "n", "reads", "writes", "flops", "to", "shape", "module"]
        head += ["ms"] * is_timed
        lines = [
            (
                str(row.number), row.kind, _short(row.runs), str(row.instructions),
                _bytes(row.reads), _bytes(row.writes), str(row.flops), row.buffers,
                "×".join(map(str, row.shape)) or "scalar", row.module,
                *(("" if row.ms is None else f"{row.ms:.4f}",) * is_timed),
            )
            for row in self
        ]  # fmt: skip
        read, written = (sum(getattr(r, name) for r in self) for name in ("reads", "writes"))
        ends = f"{len(self)} kernels, {_bytes(read)} read, {_bytes(written)} written"
        return f"{text_of([tuple(head), *lines])}\n{ends}"

    def __repr__(self) -> str:
        return str(self)


def table_of(plan: Any) -> PlanTable:
    """The table of a plan, with what pulls gradients through it at the end."""
    rows = [row for program, run in plan.runs() for row in _rows(program, run)]
    return PlanTable(row._replace(number=number) for number, row in enumerate(rows))


def source_of(plan: Any, llvm: bool = False) -> str:
    """What each kernel of a plan does, in the order in which they run; or LLVM's text of that."""
    parts = []
    for program, run in plan.runs():
        schedule = _schedule(run)
        if schedule is None:
            parts += [f"call {_name(node)}" for node in _nodes(program)]
            continue
        texts = _llvm_of(run) if llvm else {}
        for number, kernel in enumerate(schedule.kernels):
            into = ", ".join(_place(b) for b in kernel.writes)
            body = texts.get(number, "") if llvm else _body(kernel)
            parts.append(f"{kernel.kind} {runs_of(kernel)} -> {into}\n{body}".rstrip())
    mark = ";" if llvm else "#"
    return "\n".join(f"{mark} {number}: {part}" for number, part in enumerate(parts))


def _llvm_of(run: Any) -> dict[int, str]:
    """LLVM's text of the loops of native code, by the numbers of kernels."""
    tape = getattr(getattr(run, "executor", None), "tape", None)
    found: dict[int, dict[str, None]] = {}
    for number, operation in zip(tape.kernels, tape.operations, strict=True) if tape else ():
        if (text := getattr(operation.keeps, "text", None)) is not None:
            found.setdefault(number, {})[text] = None  # threads share one text, or a few
    return {number: "\n".join(texts) for number, texts in found.items()}


def kernels_of(plan: Any) -> dict[Node, str]:
    """In which kernel, by its number and kind, the last of each instruction's work is done."""
    found: dict[Node, str] = {}
    number = 0
    for _, run in plan.runs():
        schedule = _schedule(run)
        for kernel in () if schedule is None else schedule.kernels:
            for x in kernel.instructions:
                if x.origin is not None:
                    found[x.origin] = f"{kernel.kind} {number}"
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
            yield Row(0, "call", _name(node), 1, read, _size(node), 0, "call", node.shape, module)
        return
    times = getattr(_holder(run), "times", None) or [None] * len(schedule.kernels)
    for kernel, ms in zip(schedule.kernels, times, strict=True):
        reads = sum(b.nbytes for b in kernel.reads if isinstance(b, Buffer))
        writes = sum(b.nbytes for b in kernel.writes)
        places = ", ".join(dict.fromkeys(b.place for b in kernel.writes))
        last = kernel.instructions[-1]
        yield Row(
            0, kernel.kind, runs_of(kernel), len(kernel.instructions), reads, writes,
            sum(map(_flops, kernel.instructions)), places, last.shape or (), module_of(kernel), ms,
        )  # fmt: skip


def _nodes(program: Any) -> list[Node]:
    return [n for n in program.nodes if n.op not in (*SOURCES, OUTPUT, WRITE)]


def runs_of(kernel: Kernel) -> str:
    """The names of the instructions that a kernel does."""
    names = [x.name for x in kernel.instructions if x.kind not in ("part", "view")]
    return ", ".join(names or [kernel.kind])


def _body(kernel: Kernel) -> str:
    return loop_text(kernel) if kernel.kind == "loop" else ""


def _place(buffer: Buffer) -> str:
    at = f"+{buffer.offset}" if buffer.place == "arena" else ""
    shape = "×".join(map(str, buffer.shape or ())) or "scalar"
    return f"{buffer.place}{at} {shape} {buffer.dtype}"


def module_of(kernel: Kernel) -> str:
    """The modules whose work a kernel does."""
    scopes = [x.origin.scope for x in kernel.instructions if x.origin is not None]
    return ", ".join(dict.fromkeys(repr(scope) for scope in scopes if scope is not None))


def _flops(x: Instruction) -> int:
    """Operations on numbers, of which a product has two for each term."""
    if x.kind == "product":
        return 2 * math.prod(x.shape or ()) * int(x.inputs[0].shape[-1])
    if x.kind == "reduce":
        return math.prod(x.inputs[0].shape or ())
    return math.prod(x.shape or ()) if x.kind == "elementwise" else 0


def _name(node: Node) -> str:
    if node.op is PULL:
        op, position = node.params[:2]
        is_joint = position is None or op.variadic
        return f"∇{op.name}" + ("" if is_joint else f".{op.inputs[position]}")
    return called(node.params[0]) if node.op is COMPUTED else node.op.name


def _size(node: Node) -> int:
    specs = node.spec if isinstance(node.spec, list) else [node.spec]
    pairs = [s if type(s) is tuple else ((), s) for s in specs if s is not None]
    return sum(math.prod(shape) * _itemsize(dtype) for shape, dtype in pairs)


def _itemsize(dtype: Any) -> int:
    return (
        int(getattr(dtype, "itemsize", 8)) if not isinstance(dtype, type) else int(dtype().itemsize)
    )


def _short(text: str) -> str:
    return text if len(text) <= WIDEST else text[: WIDEST - 3] + "..."


def _bytes(count: float) -> str:
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} GiB"
