"""A fused loop as operations of the tape: for one thread, or in parts for several.

What is reduced is kept in memory of its own until the loop is over, sums in double precision, so
such a loop is filled in before and rounded after.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.codegen.layout import Layout, layout_of
from autograd.codegen.native.machine import register_bytes
from autograd.codegen.native.nest import Plan, module_of
from autograd.codegen.native.operands import Place
from autograd.codegen.node import entry
from autograd.codegen.prepared import lanes_of
from autograd.codegen.reductions import Reduced, identity, kept_in
from autograd.compiler.native.lying import Lying, broadcast, packed
from autograd.compiler.native.tape import Operation, fill_address, numbers_of

__all__ = ["SCRATCH", "Stage", "loop_stages", "texts_of"]

SCRATCH = "scratch"  # memory that a kernel has while it runs
Operand = tuple[Any, int]


class Piece(NamedTuple):
    """A loop over operands whose layout is known; its text is compiled with others'."""

    text: str
    layout: Layout
    operands: tuple[Operand, ...]
    offsets: tuple[int, ...] = ()
    label: str = ""

    def part(self, axis: int, begin: int, end: int) -> Piece:
        layout, offsets = self.layout.part(axis, begin, end)
        return self._replace(layout=layout, offsets=tuple(offsets))

    def operation(self, compiled: Callable[[str], Any]) -> Operation:
        code = compiled(self.text)
        numbers = [*self.layout.shape, *(s for strides in self.layout.strides for s in strides)]
        offsets = self.offsets or (0,) * len(self.operands)
        placed = tuple((x, at + o) for (x, at), o in zip(self.operands, offsets, strict=True))
        return Operation(code.address, numbers_of(numbers), placed, code, self.label)


class Stage(NamedTuple):
    """Pieces and operations that run one after the other, in parts that may run side by side."""

    parts: tuple[tuple[Any, ...], ...]


class _Room:
    """Scratch memory, handed out from its beginning."""

    def __init__(self) -> None:
        self.size = 0

    def take(self, size: int) -> Operand:
        at, self.size = self.size, self.size + (size + 63) // 64 * 64
        return SCRATCH, at


def loop_stages(
    outputs: Sequence[Reduced], reads: Sequence[Any], writes: Sequence[Any],
    shape: tuple[int, ...], threads: int, label: str,
) -> tuple[list[Stage], int]:  # fmt: skip
    """The stages of a loop over a shape, and how many bytes of scratch memory it takes.

    `reads` and `writes` say how arrays lie; each is its own operand.
    """
    loop = _Loop(outputs, reads, writes, shape, label)
    if 0 in shape:
        return loop.before() + loop.after(), loop.room.size
    axis = loop.axis(threads) if threads > 1 else None
    if axis is None:
        stages = [*loop.before(), Stage(((loop.piece(loop.kept),),)), *loop.after()]
    else:
        stages = loop.shared(axis, threads)
    return stages, loop.room.size


class _Loop:
    def __init__(
        self, outputs: Sequence[Reduced], reads: Sequence[Any], writes: Sequence[Any],
        shape: tuple[int, ...], label: str,
    ) -> None:  # fmt: skip
        self.outputs, self.reads, self.writes, self.shape = outputs, reads, writes, shape
        self.label, self.room = label, _Room()
        for output in outputs:
            output.count(shape)
        self.lying = [self._kept_lying(o, w) for o, w in zip(outputs, writes, strict=True)]
        self.kept = [self._memory(k) for k in range(len(outputs))]
        every = [*reads, *self.lying]
        sizes = [x.dtype.itemsize for x in every]
        strides = [broadcast(x.strides, x.shape, shape) for x in every]
        self.layout = layout_of(shape, strides, sizes)
        kinds = [""] * len(reads) + [o.step for o in outputs]
        places = [
            Place(x.dtype, step, kind)
            for x, step, kind in zip(every, self.layout.steps(sizes), kinds, strict=True)
        ]
        roots = tuple(o.node for o in outputs)
        first = len(reads)
        self.plan = Plan(
            roots, tuple(places[:first]), tuple(places[first:]), len(self.layout.shape),
            lanes_of(roots, math.prod(shape)), register_bytes() == 64,
        )  # fmt: skip

    # ---- memory of what is reduced -------------------------------------------------------------

    def _kept_lying(self, output: Reduced, write: Any) -> Lying:
        """How an output lies while the loop runs: with all axes, where it is reduced."""
        if not output.kind:
            return Lying(write.shape, write.strides, write.dtype)
        dtype, kept = kept_in(output.step, output.node.dtype), output.kept_shape(self.shape)
        if not self._is_direct(output, write):
            return Lying(kept, packed(kept, dtype.itemsize), dtype)
        if output.keepdims:
            return Lying(kept, write.strides, dtype)
        rest, gone = iter(write.strides), output.axes(len(self.shape))
        return Lying(kept, tuple(0 if a in gone else next(rest) for a in range(len(kept))), dtype)

    def _is_direct(self, output: Reduced, write: Any) -> bool:
        """Whether it is kept where the result goes: in one piece, and with the bytes of it."""
        kept = kept_in(output.step, output.node.dtype)
        size = write.dtype.itemsize
        alike = kept == write.dtype or (kept.kind == "u" and write.dtype.kind == "b")
        return output.kind != "mean" and alike and write.strides == packed(write.shape, size)

    def _memory(self, k: int) -> Operand:
        if not self.outputs[k].kind or self._is_direct(self.outputs[k], self.writes[k]):
            return self.writes[k], 0
        return self.room.take(self.lying[k].dtype.itemsize * math.prod(self.lying[k].shape))

    def _own(self, k: int) -> Operand:
        """Memory for another thread."""
        return self.room.take(self.lying[k].dtype.itemsize * math.prod(self.lying[k].shape))

    # ---- stages --------------------------------------------------------------------------------

    def piece(self, kept: Sequence[Operand]) -> Piece:
        operands = (*((x, 0) for x in self.reads), *kept)
        return Piece(module_of(self.plan), self.layout, operands, (), self.label)

    def _fill(self, k: int, memory: Operand) -> Operation:
        lying, output = self.lying[k], self.outputs[k]
        count, size = math.prod(lying.shape), lying.dtype.itemsize
        pattern = np.array(identity(output.step, lying.dtype), lying.dtype)
        number = int.from_bytes(pattern.tobytes(), "little", signed=True)
        return Operation(fill_address(size), numbers_of([count, number]), (memory,), None, "fill")

    def _reduced(self) -> list[int]:
        return [k for k, output in enumerate(self.outputs) if output.kind]

    def before(self, kept: Sequence[Operand] = ()) -> list[Stage]:
        """What a loop finds in memory when it begins."""
        fills = tuple(self._fill(k, (kept or self.kept)[k]) for k in self._reduced())
        return [Stage((fills,))] if fills else []

    def after(self) -> list[Stage]:
        """Results from what was kept, where they are kept apart."""
        found = []
        for k in self._reduced():
            output, write = self.outputs[k], self.writes[k]
            if self.kept[k][0] is write:
                continue
            dtype = self.lying[k].dtype
            node = entry(0, dtype)
            if output.kind == "mean":
                node = node / float(output.count(self.shape) or np.nan)
            source = Lying(write.shape, packed(write.shape, dtype.itemsize), dtype)
            if 0 not in write.shape:
                found.append(simple(node.astype(output.dtype), [(source, self.kept[k])], write))
        return [Stage((tuple(found),))] if found else []

    def axis(self, threads: int) -> int | None:
        """The axis that threads share: long enough, if possible one that is not summed over."""
        layout, first = self.layout, len(self.reads)
        sums = [k + first for k in self._reduced()]
        axes = [a for a, n in enumerate(layout.shape) if n >= threads]
        free = [a for a in axes if all(layout.strides[k][a] for k in sums)]
        choice = free or axes
        return max(choice, key=lambda a: (layout.shape[a], -a)) if choice else None

    def shared(self, axis: int, threads: int) -> list[Stage]:
        first, length = len(self.reads), self.layout.shape[axis]
        apart = [k for k in self._reduced() if self.layout.strides[k + first][axis] == 0]
        fills, parts, joins = [*self.before()], [], []
        for part in range(threads):
            kept, own = list(self.kept), []
            if part:
                for k in apart:
                    kept[k] = self._own(k)
                    own.append(self._fill(k, kept[k]))
                    joins.append(self._join(k, kept[k]))
            begin, end = length * part // threads, length * (part + 1) // threads
            parts.append((*own, self.piece(kept).part(axis, begin, end)))
        return [*fills, Stage(tuple(parts)), *([Stage((tuple(joins),))] if joins else []),
                *self.after()]  # fmt: skip

    def _join(self, k: int, other: Operand) -> Piece:
        """What another thread has reduced comes to the first one's."""
        from autograd.codegen.node import make

        lying, step = self.lying[k], self.outputs[k].step
        op = {"sum": "add", "prod": "multiply", "max": "maximum", "min": "minimum"}[step]
        node = make(op, entry(0, lying.dtype), entry(1, lying.dtype))
        flat = Lying(lying.shape, packed(lying.shape, lying.dtype.itemsize), lying.dtype)
        return simple(node, [(flat, self.kept[k]), (flat, other)], flat, self.kept[k])


def simple(node: Any, reads: Sequence[tuple[Any, Operand]], write: Any, to: Any = None) -> Piece:
    """A loop of one result, over arrays of its shape."""
    every = [*(lying for lying, _ in reads), write]
    sizes = [x.dtype.itemsize for x in every]
    strides = [broadcast(x.strides, x.shape, write.shape) for x in every]
    layout = layout_of(write.shape, strides, sizes)
    steps = layout.steps(sizes)
    places = [Place(x.dtype, step) for x, step in zip(every, steps, strict=True)]
    plan = Plan(
        (node,), tuple(places[:-1]), (places[-1],), len(layout.shape),
        lanes_of((node,), math.prod(write.shape)), register_bytes() == 64,
    )  # fmt: skip
    operands = (*(operand for _, operand in reads), to or (write, 0))
    return Piece(module_of(plan), layout, operands, (), "finish")


def texts_of(stages: Sequence[Stage]) -> list[str]:
    """The texts of all loops, to be compiled together."""
    pieces = [x for stage in stages for part in stage.parts for x in part]
    return [x.text for x in pieces if isinstance(x, Piece)]
