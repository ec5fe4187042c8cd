"""What a schedule's kernels are as steps: stretches of native operations, and calls of Python."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.codegen.native.machine import compiled_all
from autograd.codegen.node import DTYPES, Node, entry, in_order
from autograd.codegen.reductions import Reduced
from autograd.compiler.native.loops import Piece, Stage, loop_stages, texts_of
from autograd.compiler.native.products import product
from autograd.compiler.native.tape import Operation
from autograd.compiler.planning.formulas import formula
from autograd.compiler.schedule import Kernel, Schedule
from autograd.errors import UnsupportedError
from autograd.kernels.parallel.threads import get_num_threads

__all__ = ["Call", "Native", "steps_of"]

LARGE = 60_000  # ns of work from which on threads share it: waking one takes as long


class Native(NamedTuple):
    """Operations in parts that may run side by side; one part but for large loops."""

    parts: tuple[tuple[Operation, ...], ...]
    kernels: tuple[int, ...]  # their numbers
    cost: float  # ns, as estimated


class Call(NamedTuple):
    """A kernel that Python runs."""

    kernel: Kernel
    number: int


def steps_of(schedule: Schedule) -> tuple[list[Native | Call], int]:
    """The steps of a schedule, and the bytes of scratch memory that its kernels take."""
    planned = [_stages(kernel) for kernel in schedule.kernels]
    texts = [text for stages, *_ in planned for text in texts_of(stages or ())]
    known = dict(zip(texts, compiled_all(texts), strict=True)) if texts else {}
    steps: list[Native | Call] = []
    scratch = 0
    for number, (kernel, (stages, room, cost)) in enumerate(
        zip(schedule.kernels, planned, strict=True)
    ):
        scratch = max(scratch, room)
        if stages is None:
            steps.append(Call(kernel, number))
            continue
        for stage in stages:
            parts = tuple(_operations(part, known.__getitem__) for part in stage.parts)
            _add(steps, Native(parts, (number,) * len(parts[0]), cost))
    return steps, scratch


def _operations(part: Sequence[Any], compiled: Callable[[str], Any]) -> tuple[Operation, ...]:
    return tuple(x.operation(compiled) if isinstance(x, Piece) else x for x in part)


def _add(steps: list[Native | Call], new: Native) -> None:
    """One more step; what one thread does goes on where the last step ends."""
    last = steps[-1] if steps else None
    if type(last) is not Native or len(last.parts) > 1 or len(new.parts) > 1:
        steps.append(new)
        return
    parts = ((*last.parts[0], *new.parts[0]),)
    steps[-1] = Native(parts, last.kernels + new.kernels, last.cost + new.cost)


Planned = tuple[list[Stage] | None, int, float]


def _stages(kernel: Kernel) -> Planned:
    """The stages of a kernel; None where NumPy has to do it."""
    try:
        if kernel.kind == "loop":
            return _loop(kernel)
        if kernel.kind == "copy":
            return _copy(kernel)
        if kernel.kind == "product":
            return _product(kernel)
    except UnsupportedError:
        pass
    return None, 0, 0.0


def _loop(kernel: Kernel) -> Planned:
    outputs = formula(
        kernel.instructions, [x.instruction for x in kernel.reads],
        [x.instruction for x in kernel.writes],
    )  # fmt: skip
    shape = _domain(kernel)
    cost = _cost([o.node for o in outputs], shape, (*kernel.reads, *kernel.writes))
    threads = get_num_threads() if cost > LARGE else 1
    label = " ".join(x.name for x in kernel.instructions)
    stages, room = loop_stages(outputs, kernel.reads, kernel.writes, shape, threads, label)
    return stages, room, cost


def _domain(kernel: Kernel) -> tuple[int, ...]:
    """The shape of what a loop goes over."""
    shapes = [x.shape for x in kernel.reads]
    shapes += [x.shape for x in kernel.instructions if x.kind == "elementwise"]
    shapes += [x.inputs[0].shape for x in kernel.instructions if x.kind == "reduce"]
    return np.broadcast_shapes(*shapes)


def _copy(kernel: Kernel) -> Planned:
    """A copy into another order; a broadcast one is a loop too."""
    (read,), (write,) = kernel.reads, kernel.writes
    if read.dtype != write.dtype or read.dtype not in DTYPES:
        raise UnsupportedError(f"no loop copies {read.dtype} to {write.dtype}")
    if 0 in write.shape:
        return [], 0, 0.0
    if read.shape != write.shape:
        return None, 0, 0.0
    cost = _cost([entry(0, read.dtype)], write.shape, (read, write))
    threads = get_num_threads() if cost > LARGE else 1
    outputs = [Reduced("", entry(0, read.dtype))]
    stages, room = loop_stages(outputs, [read], [write], write.shape, threads, "copy")
    return stages, room, cost


def _product(kernel: Kernel) -> Planned:
    (a, b), (out,) = kernel.reads, kernel.writes
    found = product(a, b, out, ((a, 0), (b, 0), (out, 0)))
    if found is None:
        return None, 0, 0.0
    return [Stage((tuple(found),))], 0, 2.0 * math.prod(out.shape) * a.shape[-1] / 100


_DEAR = frozenset(("divide", "sqrt", "divide_whole", "call"))


def _cost(roots: Sequence[Node], shape: tuple[int, ...], operands: Sequence[Any]) -> float:
    """About how many ns a loop takes on one thread."""
    size = math.prod(shape)
    moved = sum(x.dtype.itemsize * math.prod(x.shape) for x in operands)
    nodes = [n for n in in_order(roots) if n.args]
    each = sum(0.02 if n.op in _SIMPLE else 0.2 if n.op in _DEAR else 0.5 for n in nodes)
    return size * each + moved / 20


_SIMPLE = frozenset((
    "add", "subtract", "multiply", "fma", "negative", "absolute", "minimum", "maximum", "floor",
    "ceil", "trunc", "rint", "copysign", "less", "less_equal", "equal", "not_equal", "and", "or",
    "xor", "not", "select", "convert", "bitcast", "left_shift", "right_shift",
))  # fmt: skip
