"""The innermost loop: blocks of lanes of one row, and what is summed from block to block."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.codegen.native.body import Module
from autograd.codegen.native.lanes import Text, literal, vector
from autograd.codegen.native.operands import Operands, splat
from autograd.codegen.native.sums import RUN, Accumulator
from autograd.codegen.node import Node

__all__ = ["Row"]


class Row:
    """An expression over rows; the operands are inputs, and then an output for each root."""

    def __init__(
        self, text: Text, module: Module, operands: Operands, roots: Sequence[Node]
    ) -> None:
        self.text, self.module, self.operands, self.roots = text, module, operands, roots
        self.first = len(operands.places) - len(roots)
        outputs = operands.places[self.first :]
        sums = [
            Accumulator(text, place.kind, root.dtype, place.dtype) if place.kind else None
            for place, root in zip(outputs, roots, strict=True)
        ]
        # A sum over the row is kept in a register, one over other axes goes on in memory
        goes_on = [place.step != "none" for place in outputs]
        self.kept = [None if on else s for s, on in zip(sums, goes_on, strict=True)]
        self.in_memory = [s if on else None for s, on in zip(sums, goes_on, strict=True)]

    def write(self, pointers: Sequence[str], strides: Sequence[str], length: str) -> None:
        """The loop over a row of so many numbers that begins at the pointers."""
        text, kept = self.text, self.kept
        known = {
            k: self.operands.repeated(k, pointers[k])
            for k in range(self.first) if k not in self.operands.moved
        }  # fmt: skip
        firsts = [s.start() if s else "" for s in kept]
        before, block, over = text.block, text.fresh("block"), text.fresh("over")
        text.do(f"br label %{block}")
        text.start(block)
        at = len(text.lines)
        i, states = text.name(), [text.name() for _ in kept]
        new = self._block(pointers, strides, length, i, states, known)
        following = text.add(f"add i64 {i}, {text.lanes}")
        new = self._collected(new, following)
        again = text.add(f"icmp slt i64 {following}, {length}")
        end = text.block
        text.do(f"br i1 {again}, label %{block}, label %{over}")
        text.lines[at:at] = [
            f"  {i} = phi i64 [ 0, %{before} ], [ {following}, %{end} ]",
            *(
                f"  {x} = phi {s.typed} [ {f}, %{before} ], [ {n}, %{end} ]"
                for s, x, f, n in zip(kept, states, firsts, new, strict=True) if s
            ),
        ]  # fmt: skip
        text.start(over)
        for k, (sum_, value) in enumerate(zip(kept, new, strict=True)):
            if sum_:
                sum_.finish(value, pointers[self.first + k])

    def _block(
        self, pointers: Sequence[str], strides: Sequence[str], length: str, i: str,
        states: list[str], known: dict[int, str],
    ) -> list[str]:  # fmt: skip
        """One block of lanes; the new states of what is summed."""
        text, operands = self.text, self.operands
        left = text.add(f"sub i64 {length}, {i}")
        full = text.add(f"icmp sge i64 {left}, {text.lanes}")
        count = text.add(f"select i1 {full}, i64 {text.lanes}, i64 {left}")
        mask = self._mask(count) if text.lanes > 1 else ""
        going = [self.first + k for k, s in enumerate(self.in_memory) if s]
        operands.enter(pointers, strides, i, full, count, mask, {*range(self.first), *going})
        loaded = {k: operands.load(k) for k in range(self.first) if k not in known}
        values = self.module.body(text, self.roots, known | loaded)
        for k, (value, sum_) in enumerate(zip(values, self.in_memory, strict=True)):
            if sum_:
                value = sum_.combined(operands.load(self.first + k), sum_.widened(value))
            if self.kept[k] is None:
                operands.store(self.first + k, value)
        new = [
            s.add(x, v, mask) if s else ""
            for s, x, v in zip(self.kept, states, values, strict=True)
        ]
        operands.leave(self.first)
        return new

    def _mask(self, count: str) -> str:
        """The lanes that are in the row."""
        text, whole = self.text, vector("i32", self.text.lanes)
        counts = splat(text, text.add(f"trunc i64 {count} to i32"), "i32")
        numbers = ", ".join(f"i32 {i}" for i in range(text.lanes))
        return text.add(f"icmp slt {whole} <{numbers}>, {counts}")

    def _collected(self, states: list[str], following: str) -> list[str]:
        """Every so often sums of floats are taken to memory, and begin anew."""
        text = self.text
        sums = [(k, s) for k, s in enumerate(self.kept) if s and s.floats]
        if not sums:
            return states
        before, collect, after = text.block, text.fresh("collect"), text.fresh("after")
        rest = text.add(f"and i64 {following}, {RUN * text.lanes - 1}")
        due = text.add(f"icmp eq i64 {rest}, 0")
        text.do(f"br i1 {due}, label %{collect}, label %{after}")
        text.start(collect)
        for k, sum_ in sums:
            sum_.collect(states[k])
        text.do(f"br label %{after}")
        text.start(after)
        new = list(states)
        for k, sum_ in sums:
            zeros = literal(0, sum_.held, text.lanes)
            new[k] = text.add(
                f"phi {sum_.typed} [ {states[k]}, %{before} ], [ {zeros}, %{collect} ]"
            )
        return new
