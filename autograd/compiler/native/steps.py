"""What a schedule's kernels are as steps: stretches of native operations, and calls of Python."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from autograd.codegen.kernel import Kernel as Loop
from autograd.codegen.kernel import compile_kernels, kernel
from autograd.codegen.node import DTYPES, Node, entry, in_order
from autograd.codegen.sharing import Shared, share
from autograd.compiler.native.lying import Lying
from autograd.compiler.native.products import in_parts, product
from autograd.compiler.native.tape import SCRATCH, Operation, numbers_of
from autograd.compiler.native.waiting import can_share
from autograd.compiler.planning.formulas import formula
from autograd.compiler.schedule import Kernel, Schedule
from autograd.errors import UnsupportedError
from autograd.kernels.parallel.threads import get_num_threads

__all__ = ["Call", "Native", "steps_of"]

LARGE = 6_000  # ns of work from which on threads share it; to hand it over takes about 1,000


class Native(NamedTuple):
    """Operations in parts that may run side by side; one part but for large loops."""

    parts: tuple[tuple[Operation, ...], ...]
    kernels: tuple[int, ...]  # their numbers
    cost: float  # ns, as estimated


class Call(NamedTuple):
    """A kernel that Python runs."""

    kernel: Kernel
    number: int


class Planned(NamedTuple):
    """A kernel before its code is there: loops that are shared, or operations."""

    loops: Shared | None
    operations: list[Operation]  # which threads share, if there are several
    operands: tuple[tuple[Any, int], ...]
    cost: float
    label: str


def steps_of(schedule: Schedule) -> tuple[list[Native | Call], int]:
    """The steps of a schedule, and the bytes of scratch memory that its kernels take."""
    planned = [_planned(kernel) for kernel in schedule.kernels]
    loops = [p.loops for several in planned for p in several or () if p.loops is not None]
    compile_kernels([loop for shared in loops for loop in (*shared.parts, *shared.joins)])
    steps: list[Native | Call] = []
    for number, (one, several) in enumerate(zip(schedule.kernels, planned, strict=True)):
        if several is None:
            steps.append(Call(one, number))
        for found in several or ():
            for native in _natives(number, found):
                _add(steps, native)
    return steps, max((shared.scratch for shared in loops), default=0)


def _natives(number: int, found: Planned) -> Iterator[Native]:
    """What a kernel is, now that its code is there: parts that run at once, and what joins them."""
    if found.loops is None:
        parts = tuple([(part,) for part in found.operations])
        yield Native(parts or ((),), (number,) * bool(parts), found.cost)
        return
    yield Native(
        tuple([(_operation(loop, found),) for loop in found.loops.parts]), (number,), found.cost
    )
    if joins := tuple([_operation(loop, found) for loop in found.loops.joins]):
        yield Native((joins,), (number,) * len(joins), 0.0)


def _operation(loop: Loop, of: Planned) -> Operation:
    return Operation(loop.address, numbers_of(loop.numbers), of.operands, loop, of.label)


def _add(steps: list[Native | Call], new: Native) -> None:
    """One more step; what one thread does goes on where the last step ends."""
    last = steps[-1] if steps else None
    if not isinstance(last, Native) or len(last.parts) > 1 or len(new.parts) > 1:
        steps.append(new)
        return
    parts = ((*last.parts[0], *new.parts[0]),)
    steps[-1] = Native(parts, last.kernels + new.kernels, last.cost + new.cost)


def _planned(one: Kernel) -> list[Planned] | None:
    """A kernel in native code, in one or several turns; None where NumPy has to do it."""
    try:
        if one.kind == "loop":
            outputs = formula(
                one.instructions, [x.instruction for x in one.reads],
                [x.instruction for x in one.writes],
            )  # fmt: skip
            label = " ".join(x.name for x in one.instructions)
            return [_loop(outputs, one.reads, one.writes, label)]
        if one.kind == "copy":
            (read,), (write,) = one.reads, one.writes
            if read.dtype == write.dtype and read.dtype in DTYPES and read.shape == write.shape:
                return [_loop([entry(0, read.dtype)], one.reads, one.writes, "copy")]
        if one.kind == "join" and one.writes[0].dtype in DTYPES:
            return _join(one)
        if one.kind == "product" and len(one.reads) == 2:  # x @ x reads one
            found = _product(one)
            return None if found is None else [found]
    except UnsupportedError:
        pass
    return None


def _join(one: Kernel) -> list[Planned]:
    """A copy of each part to its window."""
    (x,), (out,) = one.instructions, one.writes
    assert out.shape is not None
    assert out.dtype is not None
    axis, at, found = x.params[0] % len(out.shape), 0, []
    reads = {read.instruction: read for read in one.reads}
    for part in (reads[i] for i in x.inputs):
        window = Lying(part.shape, out.strides, out.dtype)
        found.append(_loop([entry(0, out.dtype)], [part], [window], "join", (part, out), at))
        at += part.shape[axis] * out.strides[axis]
    return found


def _loop(
    outputs: Sequence[Any],
    reads: Sequence[Any],
    writes: Sequence[Any],
    label: str,
    places: Sequence[Any] = (),
    into: int = 0,
) -> Planned:
    """A loop; its operands lie in `places`, the last of them so many bytes into that."""
    loop = kernel(outputs, reads, writes)
    cost = _cost(loop.roots, loop.size, (*reads, *writes))
    threads = threads_for(cost)
    shared = share(loop, threads) if threads > 1 else Shared([loop], [], loop.scratch)
    operands = [(x, 0) for x in places or (*reads, *writes)]
    operands[-1] = operands[-1][0], into
    if shared.scratch:
        operands.append((SCRATCH, 0))
    return Planned(shared, [], tuple(operands), cost, label)


def _product(one: Kernel) -> Planned | None:
    a, b = one.reads
    (out,) = one.writes
    assert out.shape is not None
    found = product(a, b, out, ((a, 0), (b, 0), (out, 0)))
    if found is None:
        return None
    cost = 2.0 * math.prod(out.shape) * a.shape[-1] / 100
    if found and (threads := threads_for(cost)) > 1:
        found = in_parts(found[0], threads, out.dtype.itemsize)
    return Planned(None, found, (), cost, "product")


def threads_for(cost: float) -> int:
    """How many threads share what takes one so many ns."""
    return get_num_threads() if cost > LARGE and can_share() else 1


_DEAR = frozenset(("divide", "sqrt", "divide_whole"))
_CACHED = 1 << 23  # bytes that are found in a cache when a loop comes


def _cost(roots: Sequence[Node], size: int, operands: Sequence[Any]) -> float:
    """About how many ns a loop takes on one thread."""
    moved = sum(x.dtype.itemsize * math.prod(x.shape) for x in operands)
    nodes = [n for n in in_order(roots) if n.args]
    each = sum(0.01 if n.op in _SIMPLE else 0.08 if n.op in _DEAR else 0.3 for n in nodes)
    return float(size * each + moved / (100 if moved < _CACHED else 10))


_SIMPLE = frozenset((
    "add", "subtract", "multiply", "fma", "negative", "absolute", "minimum", "maximum", "floor",
    "ceil", "trunc", "rint", "copysign", "less", "less_equal", "equal", "not_equal", "and", "or",
    "xor", "not", "select", "convert", "bitcast", "left_shift", "right_shift",
))  # fmt: skip
