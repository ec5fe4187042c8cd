"""A schedule as a table: what each kernel does, for which modules, with which memory."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.node import Node
from autograd.engine.row import COMPUTED, WRITE
from autograd.graph.naming import called
from autograd.graph.table import text_of
from autograd.program.instructions import PULL
from autograd.system.sizes import bytes_text

__all__ = [
    "PlanTable", "Row", "does_of", "flops_of", "module_of", "name_of", "names_of", "root_of",
    "rows_of", "table",
]  # fmt: skip

_HEAD = ("#", "kind", "does", "n", "shape", "module", "to", "reads", "writes", "flops", "ms")
_FITTED, _NAMES = (2, 5), (6,)  # the columns that are cut where a line would be too long


class Row(NamedTuple):
    """One thing that a plan runs: a loop, a product, a copy or a call."""

    number: int
    kind: str
    does: str  # the ops, rules (∇) and steps of optimizers that it does, or a part of them
    instructions: int
    reads: int  # bytes
    writes: int  # bytes
    flops: int
    to: str  # where its results lie: in the arena, in new memory, or in what is named
    shape: tuple[int, ...]
    module: str
    ms: float | None = None  # under a profile, at best

    def words(self) -> tuple[str, ...]:
        """What is printed of it."""
        shape = "×".join(map(str, self.shape)) or "scalar"
        sizes = bytes_text(self.reads), bytes_text(self.writes)
        return (
            str(self.number), self.kind, self.does, str(self.instructions), shape, self.module,
            self.to, *sizes, _count(self.flops).strip() if self.flops else "",
            "" if self.ms is None else f"{self.ms:.3f}",
        )  # fmt: skip


class PlanTable(tuple[Row, ...]):
    """What a plan runs, a Row each; printed as a table."""

    __slots__ = ()

    def __str__(self) -> str:
        rows = [_HEAD, *(row.words() for row in self)]
        if all(row.ms is None for row in self):
            rows = [words[:-1] for words in rows]
        lines = text_of(rows, _FITTED, _NAMES)
        kinds = Counter(row.kind for row in self)
        kernels = ", ".join(f"{n} {_plural(kind, n)}" for kind, n in kinds.items()) or "no kernels"
        read, written, flops = (
            sum(getattr(r, name) for r in self) for name in ("reads", "writes", "flops")
        )
        return f"{lines}\n{kernels}: {bytes_text(read)} read, {bytes_text(written)} written, " + (
            f"{_count(flops)} flops".replace("  ", " ")
        )

    def __repr__(self) -> str:
        return str(self)


def table(schedule: Any) -> str:
    """A line for each kernel, one with the sums, and one about memory."""
    results = sum(b.nbytes for b in schedule.buffers if b.place == "result" and b.base is None)
    ends = f"arena {bytes_text(schedule.arena_bytes)}, results {bytes_text(results)}"
    return f"{PlanTable(rows_of(schedule))}\n{ends}"


def rows_of(schedule: Any, first: int = 0) -> Iterator[Row]:
    """A row for each kernel of a schedule, numbered from `first` on."""
    names = names_of(schedule)
    for number, kernel in enumerate(schedule.kernels, first):
        reads = [b for b in kernel.reads if hasattr(b, "place")]
        yield Row(
            number, kernel.kind, does_of(kernel), len(kernel.instructions),
            sum(b.nbytes for b in reads), sum(b.nbytes for b in kernel.writes), flops_of(kernel),
            ", ".join(_goes_to(kernel, names, schedule)), kernel.instructions[-1].shape or (),
            module_of(kernel),
        )  # fmt: skip


def names_of(schedule: Any) -> dict[int, str]:
    """What the buffers are called that users have a name for: parameters, state, arguments.

    A result has the name of what it is written to, such as a gradient.
    """
    found = {}
    for node, buffer in schedule.results.items():
        if node.op is WRITE and node.name:
            found[root_of(buffer, schedule).number] = node.name
    for buffer in schedule.buffers:
        x = buffer.instruction
        if x.kind == "source" and x.origin is not None:
            name = f"a number of {name_of(x.origin)}" if x.name == "number" else x.origin.name
            found[buffer.number] = name or x.origin.op.name
        elif x.kind == "constant" and x.params[0] is not None and np.size(x.params[0]) == 1:
            found[buffer.number] = f"{np.ravel(x.params[0])[0]:.6g}"
    return found


def name_of(node: Node) -> str:
    """An op by its name, a rule with ∇ before it, a step by its optimizer."""
    if node.op is PULL:
        op, position = node.params[:2]
        is_joint = position is None or op.variadic
        return f"∇{op.name}" + ("" if is_joint else f".{op.inputs[position]}")
    return called(node.params[0]) if node.op is COMPUTED else node.op.name


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


def does_of(kernel: Any) -> str:
    """The ops, rules and steps of optimizers of which a kernel does all or a part."""
    names = dict.fromkeys(
        x.name if x.origin is None else name_of(x.origin)
        for x in kernel.instructions
        if x.kind != "part" or len(kernel.instructions) == 1
    )
    return ", ".join(names)


def module_of(kernel: Any) -> str:
    """The modules whose work a kernel does."""
    scopes = (x.origin.scope for x in kernel.instructions if x.origin is not None)
    return ", ".join(dict.fromkeys(repr(scope) for scope in scopes if scope is not None))


def _goes_to(kernel: Any, names: dict[int, str], schedule: Any) -> Iterable[str]:
    """Moments of a parameter, which lie where it does, are not told apart from it."""
    found: dict[str, None] = {}
    for buffer in kernel.writes:
        root = root_of(buffer, schedule)
        found[names.get(root.number, root.place)] = None
    return [n for n in found if not any(n.startswith(f"{other}.") for other in found)]


def root_of(buffer: Any, schedule: Any) -> Any:
    """The buffer on which this one is a window."""
    while buffer.base is not None:
        base = schedule.buffers[buffer.base]
        if (buffer.place, base.place) == ("lent", "result"):
            break  # which has nothing but the memory of it
        buffer = base
    return buffer


def _count(number: float) -> str:
    for unit in ("", "k", "M", "G"):
        if number < 1000 or unit == "G":
            break
        number /= 1000
    return f"{number:.3g} {unit}" if unit else f"{number:.0f} "


def _plural(kind: str, count: int) -> str:
    return kind if count == 1 else "copies" if kind == "copy" else f"{kind}s"
