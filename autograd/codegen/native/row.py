"""The innermost loop: blocks of lanes of one row, and what is summed from block to block."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.codegen.native.body import Module
from autograd.codegen.native.lanes import Text, vector
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
            Accumulator(text, module, place.kind, root.dtype, place.dtype) if place.kind else None
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
        self.written = self.module.repeated(text, self.roots, known)
        firsts = [s.start() if s else "" for s in kept]
        if any(s and s.floats for s in kept):
            last = self._runs(pointers, strides, length, firsts, known)
        else:
            _, last = self._blocks(pointers, strides, length, "0", length, firsts, known)
        for k, (sum_, value) in enumerate(zip(kept, last, strict=True)):
            if sum_:
                sum_.finish(value, pointers[self.first + k])

    def _runs(
        self, pointers: Sequence[str], strides: Sequence[str], length: str, firsts: list[str],
        known: dict[int, str],
    ) -> list[str]:  # fmt: skip
        """Blocks in runs, after each of which sums of floats are taken to memory."""
        text, kept = self.text, self.kept
        before, run, over = text.block, text.fresh("run"), text.fresh("done")
        text.do(f"br label %{run}")
        text.start(run)
        at = len(text.lines)
        begin, states = text.name(), [text.name() for _ in kept]
        far = text.add(f"add i64 {begin}, {RUN * text.lanes}")
        some = text.add(f"icmp slt i64 {far}, {length}")
        end = text.add(f"select i1 {some}, i64 {far}, i64 {length}")
        following, new = self._blocks(pointers, strides, length, begin, end, states, known)
        for k, s in enumerate(kept):
            if s and s.floats:
                s.collect(new[k])
                new[k] = firsts[k]
        again = text.add(f"icmp slt i64 {following}, {length}")
        text.do(f"br i1 {again}, label %{run}, label %{over}")
        text.lines[at:at] = [
            f"  {begin} = phi i64 [ 0, %{before} ], [ {following}, %{text.block} ]",
            *self._phis(states, firsts, before, new, text.block),
        ]
        text.start(over)
        return new

    def _blocks(
        self, pointers: Sequence[str], strides: Sequence[str], length: str, begin: str, end: str,
        firsts: list[str], known: dict[int, str],
    ) -> tuple[str, list[str]]:  # fmt: skip
        """The blocks from one place to another; where they ended, and what was summed."""
        text = self.text
        before, block, over = text.block, text.fresh("block"), text.fresh("over")
        text.do(f"br label %{block}")
        text.start(block)
        at = len(text.lines)
        i, states = text.name(), [text.name() for _ in self.kept]
        new = self._block(pointers, strides, length, i, states, known)
        following = text.add(f"add i64 {i}, {text.lanes}")
        again = text.add(f"icmp slt i64 {following}, {end}")
        text.do(f"br i1 {again}, label %{block}, label %{over}")
        text.lines[at:at] = [
            f"  {i} = phi i64 [ {begin}, %{before} ], [ {following}, %{text.block} ]",
            *self._phis(states, firsts, before, new, text.block),
        ]
        text.start(over)
        return following, new

    def _phis(
        self, states: list[str], firsts: list[str], before: str, new: list[str], end: str
    ) -> list[str]:
        return [
            f"  {x} = phi {s.typed} [ {f}, %{before} ], [ {n}, %{end} ]"
            for s, x, f, n in zip(self.kept, states, firsts, new, strict=True) if s
        ]  # fmt: skip

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
        values = self.module.body(text, self.roots, known | loaded, self.written)
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
