"""Reductions: what is kept from block to block, and how it comes to one number.

Each lane has a sum of its own; in the end halves are added. A sum of floats goes on for `RUN`
blocks, and is then collected: in double precision, or where it is double with what rounding took
away (Knuth's two-sum), so that long sums lose no more than short ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.codegen.native.body import Module
from autograd.codegen.native.lanes import Text, instruction, lane_type, literal, vector
from autograd.codegen.node import Node, constant, entry, make, select
from autograd.codegen.reductions import identity

__all__ = ["RUN", "Accumulator"]

RUN = 16
_WHOLE: dict[int, np.dtype[Any]] = {4: np.dtype(np.int32), 8: np.dtype(np.int64)}
_STEP = {"sum": "add", "prod": "multiply", "max": "maximum", "min": "minimum"}


class Accumulator:
    """One reduced output. Its state goes from block to block in a register."""

    def __init__(
        self, text: Text, module: Module, kind: str, of: np.dtype[Any], kept: np.dtype[Any]
    ) -> None:
        self.text, self.module, self.kind, self.of, self.kept = text, module, kind, of, kept
        self.floats = kind == "sum" and of.kind == "f"
        self.keys = kind in ("max", "min") and of.kind == "f"
        self.held = of if self.floats else _WHOLE[of.itemsize] if self.keys else kept
        self.typed = text.type_of(self.held)
        self.wide = text.type_of(kept)

    def start(self) -> str:
        """The first state; sums of floats also begin in memory, where blocks are collected."""
        if self.floats:
            size = self.kept.itemsize * self.text.lanes
            self.sums, self.lost = self.text.room(size), self.text.room(size)
            for memory in (self.sums, self.lost):
                self.text.do(f"store {self.wide} zeroinitializer, ptr {memory}, align 64")
        return literal(identity(self.kind, self.held), self.held, self.text.lanes)

    def widened(self, value: str) -> str:
        """A value in the dtype that is kept."""
        if self.of == self.kept:
            return value
        node = make("convert", entry(0, self.of), dtype=self.kept)
        return instruction(self.text, node, [value])

    def combined(self, x: str, y: str) -> str:
        return self._apply(self.text, _STEP[self.kind], x, y, self.kept)

    def _apply(self, text: Text, op: str, x: str, y: str, dtype: np.dtype[Any]) -> str:
        node: Node = make(op, entry(0, dtype), entry(1, dtype))
        return instruction(text, node, [x, y])

    def add(self, state: str, value: str, mask: str) -> str:
        """The state with a value, in the lanes of a mask ("": in all)."""
        if self.keys:
            (value,) = self.module.body(self.text, [_key(entry(0, self.of), self.kind)], {0: value})
        elif not self.floats:
            value = self.widened(value)
        found = self._apply(self.text, _STEP[self.kind], state, value, self.held)
        if not mask:
            return found
        kinds = vector("i1", self.text.lanes)
        return self.text.add(f"select {kinds} {mask}, {self.typed} {found}, {self.typed} {state}")

    def collect(self, state: str) -> None:
        """Take a sum to memory: to the total, and what rounding takes from that beside it."""
        text, value = self.text, self.widened(state)
        before = text.add(f"load {self.wide}, ptr {self.sums}, align 64")
        total = self.combined(before, value)
        text.do(f"store {self.wide} {total}, ptr {self.sums}, align 64")
        if self.of == self.kept:
            back = self._minus(total, before)
            rest = self._minus(before, self._minus(total, back))
            rest = self.combined(rest, self._minus(value, back))
            lost = text.add(f"load {self.wide}, ptr {self.lost}, align 64")
            lost = self.combined(lost, rest)
            text.do(f"store {self.wide} {lost}, ptr {self.lost}, align 64")

    def _minus(self, x: str, y: str) -> str:
        return self._apply(self.text, "subtract", x, y, self.kept)

    def finish(self, state: str, address: str) -> None:
        """Bring the lanes together, and take them to memory, where earlier rows are."""
        text = self.text
        name = f"@finish_{self.kind}_{text.lanes}_{lane_type(self.of)}_{self.kept.char}"
        if name not in self.module.functions:
            self.module.functions[name] = self._finishing(name)
        in_memory = f"ptr {self.sums}, ptr {self.lost}" if self.floats else ""
        given = in_memory or f"{self.typed} {state}"
        text.do(f"call void {name}({given}, ptr {address})")

    def _finishing(self, name: str) -> list[str]:
        """The function that does it, which is no part of the loop and is written once."""
        text = Text(self.text.lanes, self.module.declared)
        inner = Accumulator(text, self.module, self.kind, self.of, self.kept)
        head = f"define internal void {name}({self.typed} %state, ptr %address) noinline"
        values = ["%state"]
        if self.floats:
            head = f"define internal void {name}(ptr %sums, ptr %lost, ptr %address) noinline"
            values = [
                text.add(f"load {self.wide}, ptr {memory}, align 64")
                for memory in ("%sums", "%lost")
            ]
        inner.take([inner.joined(value) for value in values], "%address")
        text.do("ret void")
        return text.function(head)

    def take(self, values: list[str], address: str) -> None:
        """One number, of a sum in two parts, to memory."""
        kind = lane_type(self.kept)
        one = self.text.narrowed(1)
        found = values[0]
        if self.floats:
            total = self._apply(one, "add", values[0], values[1], self.kept)
            odd = one.add(f"fcmp uno double {values[1]}, {values[1]}")  # the sum is not finite
            found = one.add(f"select i1 {odd}, double {values[0]}, double {total}")
        if self.keys:
            number = _number(entry(0, self.held), self.of)
            (found,) = self.module.narrowed().body(one, [number], {0: found})
        before = one.add(f"load {kind}, ptr {address}, align {self.kept.itemsize}")
        found = self._apply(one, _STEP[self.kind], before, found, self.kept)
        one.do(f"store {kind} {found}, ptr {address}, align {self.kept.itemsize}")
        self.text.joined(one)

    def joined(self, value: str) -> str:
        """Halves, again and again."""
        dtype = self.held if self.keys else self.kept
        text, kind, lanes = self.text, lane_type(dtype), self.text.lanes
        while lanes > 1:
            typed, half = vector(kind, lanes), lanes // 2
            parts = []
            for start in (0, half):
                order = ", ".join(f"i32 {start + i}" for i in range(half))
                picked = f"<{half} x i32> <{order}>"
                parts.append(text.add(f"shufflevector {typed} {value}, {typed} poison, {picked}"))
            narrow = text.narrowed(half)
            if half == 1:
                parts = [narrow.add(f"extractelement <1 x {kind}> {p}, i32 0") for p in parts]
            value = self._apply(narrow, _STEP[self.kind], parts[0], parts[1], dtype)
            text.joined(narrow)
            lanes = half
        return value


def _key(x: Node, kind: str) -> Node:
    """A whole number that is in the order of x; a NaN's is beyond all others.

    So one instruction keeps the greatest, NaN and all, where floats would take four.
    """
    whole = _WHOLE[x.dtype.itemsize]
    nan = np.array(-1 if kind == "min" else np.iinfo(whole).max, whole).view(x.dtype)
    return _turned(select(x.equals(x), x, constant(nan, x.dtype)).view(whole))


def _number(key: Node, dtype: np.dtype[Any]) -> Node:
    return _turned(key).view(dtype)


def _turned(bits: Node) -> Node:
    """Of negative numbers all bits but the sign, turned."""
    info = np.iinfo(bits.dtype)
    return bits ^ ((bits >> (info.bits - 1)) & info.max)
