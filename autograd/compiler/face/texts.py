"""What kernels do, as text: loops as readable code, by the names that users know."""

from __future__ import annotations

import math
import textwrap

from autograd.compiler.planning.formulas import loop_text
from autograd.compiler.schedule import Buffer, Kernel, Schedule
from autograd.compiler.table import names_of, root_of, rows_of

__all__ = ["texts_of"]


def texts_of(schedule: Schedule, first: int = 0) -> list[str]:
    """A text for each kernel; `first` is the number that the first of them is printed with.

    Arrays without a name of their own are called after the kernel that makes them: k3, or k3.1
    where it makes several. A loop like one before is not written out again.
    """
    names = _Names(schedule, first)
    texts, seen = [], dict[str, int]()
    for number, row in enumerate(rows_of(schedule), first):
        kernel = schedule.kernels[number - first]
        into = ", ".join(f"{names[b]} {_about(b)}" for b in kernel.writes)
        head = _commented(f"{number}: {row.kind} {row.does} -> {into}")
        reads = [names[b] if type(b) is Buffer else str(b) for b in kernel.reads]
        of = _commented(f"of {', '.join(dict.fromkeys(reads))}")
        if kernel.kind != "loop":
            texts.append(f"{head}\n{of}" if reads else head)
            continue
        like = seen.setdefault(loop_text(kernel), number)
        writes = [names[b] for b in kernel.writes]
        body = (
            loop_text(kernel, (names.read(kernel), writes))
            if like == number
            else f"{of}, as {like}"
        )
        texts.append(f"{head}\n{body}")
    return texts


def _commented(text: str) -> str:
    return textwrap.fill(text, 112, initial_indent="# ", subsequent_indent="#    ")


class _Names(dict[Buffer, str]):
    """What each buffer is called."""

    def __init__(self, schedule: Schedule, first: int) -> None:
        super().__init__()
        self.schedule = schedule
        self.known = names_of(schedule)
        for number, kernel in enumerate(schedule.kernels, first):
            for k, buffer in enumerate(kernel.writes):
                part = f".{k}" if len(kernel.writes) > 1 else ""
                if root_of(buffer, schedule).number not in self.known:
                    self.known[buffer.number] = f"k{number}{part}"

    def __missing__(self, buffer: Buffer) -> str:
        here = buffer
        while here.number not in self.known and here.base is not None:
            here = self.schedule.buffers[here.base]
        self[buffer] = name = self.known.get(here.number, here.place)
        return name

    def read(self, kernel: Kernel) -> list[str]:
        """What a loop reads: the elements of arrays, or single numbers."""
        sizes = [math.prod(root_of(b, self.schedule).shape or ()) for b in kernel.reads]
        return [
            self[b] if size == 1 else f"{self[b]}[i]"
            for b, size in zip(kernel.reads, sizes, strict=True)
        ]


def _about(buffer: Buffer) -> str:
    shape = "×".join(map(str, buffer.shape or ())) or "scalar"
    at = f" at {buffer.offset}" if buffer.place == "arena" else ""
    return f"{shape} {buffer.dtype}{at}"
