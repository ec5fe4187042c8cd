"""A schedule as a table: what each kernel does, for which modules, with which memory."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import Any

from autograd.compiler.instruction import Instruction
from autograd.engine.node import Node
from autograd.engine.row import COMPUTED
from autograd.graph.naming import called
from autograd.graph.table import text_of
from autograd.program.instructions import PULL

__all__ = ["flops_of", "table"]

_HEAD = (
    "#",
    "kernel",
    "ops",
    "instructions",
    "module",
    "reads",
    "writes",
    "read",
    "written",
    "flops",
)
_WIDEST = 40  # characters of a list


def table(schedule: Any) -> str:
    """A line for each kernel, and one with the sums."""
    rows, read, written, flops = [_HEAD], 0, 0, 0
    for number, kernel in enumerate(schedule.kernels):
        buffers = [b for b in kernel.reads if hasattr(b, "place")]
        sizes = sum(b.nbytes for b in buffers), sum(b.nbytes for b in kernel.writes)
        work = flops_of(kernel)
        read, written, flops = read + sizes[0], written + sizes[1], flops + work
        rows.append((
            str(number), kernel.kind, _short(_ops(kernel.instructions)),
            str(len(kernel.instructions)), _short(_modules(kernel.instructions)),
            *(_short(_where(b, schedule.buffers) for b in bs) for bs in (buffers, kernel.writes)),
            *map(_bytes, sizes), _count(work) if work else "",
        ))  # fmt: skip
    kinds = Counter(kernel.kind for kernel in schedule.kernels)
    kernels = ", ".join(f"{n} {_plural(kind, n)}" for kind, n in kinds.items()) or "no kernels"
    results = sum(b.nbytes for b in schedule.buffers if b.place == "result" and b.base is None)
    return (
        f"{text_of(rows)}\n{kernels}: {_bytes(read)} read, {_bytes(written)} written, "
        f"{_count(flops)} flops\narena {_bytes(schedule.arena_bytes)}, results {_bytes(results)}"
    )


def flops_of(kernel: Any) -> int:
    """Operations on numbers, as far as they are known: a function counts as one, a call as none."""
    if kernel.kind == "product":
        (x,) = kernel.instructions
        return int(2 * math.prod(x.shape) * x.inputs[0].shape[-1])
    if kernel.kind != "loop":
        return 0
    return sum(
        math.prod(x.shape if x.kind == "elementwise" else x.inputs[0].shape)
        for x in kernel.instructions
    )


def _ops(instructions: Iterable[Instruction]) -> Iterable[str]:
    return dict.fromkeys(_op(x.origin) if x.origin is not None else x.name for x in instructions)


def _op(node: Node) -> str:
    if node.op is PULL:
        return f"{node.params[0].name}.pull"
    return called(node.params[0]) if node.op is COMPUTED else node.op.name


def _modules(instructions: Iterable[Instruction]) -> Iterable[str]:
    scopes = (x.origin.scope for x in instructions if x.origin is not None)
    return dict.fromkeys(repr(scope) for scope in scopes if scope is not None)


def _where(buffer: Any, buffers: Any) -> str:
    """The shape of a buffer, and where it is."""
    root = buffer
    while root.base is not None:
        root = buffers[root.base]
    shape = "×".join(map(str, buffer.shape)) or "scalar" if buffer.shape is not None else "values"
    if buffer.place == "arena":
        return f"{shape} at {root.offset}"
    origin = root.instruction.origin
    name = origin.name if root.place == "source" and origin is not None else None
    return f"{shape} {name or buffer.place}"


def _short(words: Iterable[str]) -> str:
    text = ", ".join(words)
    return text if len(text) <= _WIDEST else text[: _WIDEST - 3] + "..."


def _bytes(size: float) -> str:
    return f"{_count(size)}B"


def _count(number: float) -> str:
    for unit in ("", "k", "M", "G"):
        if number < 1000 or unit == "G":
            break
        number /= 1000
    return f"{number:.3g} {unit}" if unit else f"{number:.0f} "


def _plural(kind: str, count: int) -> str:
    return kind if count == 1 else "copies" if kind == "copy" else f"{kind}s"
