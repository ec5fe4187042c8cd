"""A formula over arrays that lie in given ways, as passes over operands: what is done, and where.

Without stages there is one pass over all axes; reductions are kept in memory beside, filled before
and finished after. With stages the axes that stay are gone through outside, and for each of their
places the passes over the axes that are reduced. If the innermost axis is one that stays, lanes lie
along it, and a pass goes over it too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from autograd.codegen.memories import Lying, Memories, Memory, broadcast, counting, key_of, packed
from autograd.codegen.native.plan import Plan
from autograd.codegen.nest import Nest
from autograd.codegen.node import Node, constant, in_order, number_of, shared
from autograd.codegen.reductions import finished, identity, kept_in, reductions_in
from autograd.codegen.stages import Store, gone_of, is_reduced, memory, staged_axes, stages_of
from autograd.errors import ShapeError

__all__ = ["Planned", "check_shape", "planned", "result_shape", "strides_of"]

Shape = tuple[int, ...]
_LONG = 200  # nodes of a formula from which on numbers are written in its text
_PLAIN = frozenset(("add", "subtract", "multiply", "divide"))
_USUAL = frozenset((0.0, 0.5, 1.0, 2.0))
_WIDE = 16  # lanes
_DOUBLE = np.dtype(np.float64)


class Planned(NamedTuple):
    """What code is written from, the numbers that it reads, and the memory that it needs beside."""

    plan: Plan
    numbers: tuple[int, ...]
    scratch: int  # bytes
    owners: tuple[tuple[int, int], ...]  # the places of beginnings, and of what (−1: of scratch)


@lru_cache(maxsize=1024)
def planned(
    roots: tuple[Node, ...], inputs: tuple[Lying, ...], results: tuple[Lying, ...], shape: Shape,
    scratch: int, lanes: int, scales: bool, is_far: bool = False,
) -> Planned:  # fmt: skip
    """Find the passes of a loop over a shape, all memory beginning at 0; `scratch` is a slot."""
    return _Planner(roots, inputs, results, shape, scratch).planned(lanes, scales, is_far)


class _Planner:
    def __init__(
        self, roots: Sequence[Node], inputs: Sequence[Lying], results: Sequence[Lying],
        shape: Shape, scratch: int,
    ) -> None:  # fmt: skip
        self.memories = Memories(scratch, 0)
        roots = self._with_numbers(roots, len(shape))
        self.roots, self.results, self.shape = roots, results, shape
        self.gone = staged_axes(roots, shape)
        of = self.memories.of
        for node in in_order(roots):
            if node.op == "entry" and node.data not in of:
                x = inputs[node.data]
                of[node.data] = Memory(x.slot, x.begin, x.dtype, broadcast(x, shape), node.data)
            elif node.op == "index":
                of[key_of(node)] = counting(node, shape)
            elif node.op == "reduce":
                count = node.data.count(shape)
                self.memories.number(("count", node.number), count, _DOUBLE, len(shape))
        self.others = [n.op == "reduce" and gone_of(n, shape) != self.gone for n in roots]
        self.full = [
            not other and (result.shape == shape or not is_reduced(root, self._same))
            for root, other, result in zip(roots, self.others, results, strict=True)
        ]
        for k, (root, result) in enumerate(zip(roots, results, strict=True)):
            strides = strides_of(root, result, shape, self.full[k])
            of["out", k] = Memory(result.slot, result.begin, result.dtype, strides, len(inputs) + k)

    def _with_numbers(self, roots: Sequence[Node], ndim: int) -> list[Node]:
        """The roots with what they add and multiply by read of the numbers, so that loops that
        differ in it have one text."""
        nodes = in_order(roots)
        known: dict[int, Node] = {}
        if len(nodes) <= _LONG:
            for node in nodes:
                if node.op in _PLAIN and node.dtype.itemsize >= 4 and node.dtype.kind == "f":
                    args = [self._read(a, ndim) for a in node.args]
                    if args != list(node.args):
                        args = [known.get(a.number, a) for a in args]
                        known[node.number] = shared(node.op, tuple(args), node.dtype, node.data)
                        continue
                if any(a.number in known for a in node.args):
                    args = [known.get(a.number, a) for a in node.args]
                    known[node.number] = shared(node.op, tuple(args), node.dtype, node.data)
        return [known.get(root.number, root) for root in roots]

    def _read(self, node: Node, ndim: int) -> Node:
        if node.op != "constant" or abs(number_of(node)) in _USUAL:
            return node
        key = ("number", node.data, node.dtype.str)
        self.memories.number(key, number_of(node), node.dtype, ndim)
        return memory(key, node.dtype)

    def _same(self, node: Node) -> bool:
        strides = self.memories.of[key_of(node)].strides
        return not any(strides[a] for a in self.gone or ())

    def planned(self, lanes: int, scales: bool, is_far: bool) -> Planned:
        stages = stages_of(self.roots, self.full, self.others, self._same)
        first, last = self._beside()
        memories, every = self.memories, range(len(self.shape))
        begun: list[int] = []
        before = [
            p for s, axes in first for p in memories.passes([s], axes, self.shape, begun, True)
        ]  # fmt: skip
        ended: list[int] = []
        after = [
            p for s, axes in last
            for p in memories.passes([s], axes, self.shape, ended, self._are_few(axes))
        ]  # fmt: skip
        inside: list[int] = []
        if self.gone is None:
            inner, outer = memories.passes(stages[0].wide, every, self.shape, inside), []
        else:
            nest = Nest(memories, self.shape, self.gone)
            inner, outer, memories = nest.passes(stages, inside), nest.outer, nest.memories
        operands = memories.operands()
        numbers = [
            *outer,
            *(memories.of[key].strides[a] for a in range(len(outer)) for key in
              memories.numbered),
            *begun, *inside, *ended,
        ]  # fmt: skip
        numbers = [*memories.begins(2 * len(operands) + len(numbers)), *numbers, *memories.bits()]
        passes = tuple(before), len(outer), tuple(inner), tuple(after)
        plan = Plan(operands, *passes, lanes, scales, is_far)
        return Planned(plan, tuple(numbers), memories.used, memories.owners())

    def _are_few(self, axes: Sequence[int]) -> bool:
        """Whether results over these axes are few beside the numbers that the loop goes over."""
        return 2 * _WIDE * math.prod(self.shape[a] for a in axes) <= math.prod(self.shape)

    def _beside(self) -> tuple[list[tuple[Store, Any]], list[tuple[Store, Any]]]:
        """How reductions over other axes than those of stages begin, and how they end."""
        first, last = [], []
        ndim = len(self.shape)
        for k, (root, result) in enumerate(zip(self.roots, self.results, strict=True)):
            if not self.others[k]:
                continue
            gone, step = root.data.axes(ndim), root.data.step
            axes = [a for a in range(ndim) if a not in gone]
            kept = kept_in(step, root.args[0].dtype)
            whole = self.memories.of["out", k]
            direct = result.raw or (kept == root.dtype and root.data.kind != "mean")
            if not direct:
                shape = [1 if a in gone else n for a, n in enumerate(self.shape)]
                self.memories.of["end", k] = whole
                own = packed(shape, kept.itemsize)
                self.memories.beside(("out", k), kept, math.prod(shape), own)
                acc, count = memory(("out", k), kept), memory(("count", root.number), _DOUBLE)
                last.append((Store(("end", k), finished(root, acc, count)), axes))
            first.append((Store(("out", k), constant(identity(step, kept), kept)), axes))
        return first, last


def strides_of(root: Node, result: Lying, shape: Shape, full: bool) -> Shape:
    """The strides of a result over all axes of the loop."""
    wanted = shape if full else result_shape(root, shape)
    check_shape(result.shape, wanted)
    if full or len(wanted) == len(shape):
        return broadcast(result, shape)
    gone = reductions_in(root)[0].axes(len(shape))
    steps = iter(result.strides)
    return tuple([0 if a in gone else next(steps) if n != 1 else next(steps) * 0
                  for a, n in enumerate(shape)])  # fmt: skip


def check_shape(given: Shape, wanted: Shape) -> None:
    """Raise where a result has not the shape of its output."""
    if given != wanted:
        raise ShapeError(f"out= has the shape {given} where the output has {wanted}")


def result_shape(root: Node, shape: Shape) -> Shape:
    """The shape of a result that has no numbers along the reduced axes."""
    how = reductions_in(root)
    if any(h.keepdims for h in how):
        return how[0].kept_shape(shape)
    return how[0].result_shape(shape)
