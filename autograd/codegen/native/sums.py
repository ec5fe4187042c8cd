"""Reductions: what is kept from block to block, and how it comes to one number.

Sums of single precision are kept in double. Those of double precision are kept with what rounding
took away (Neumaier, 1974). Each lane has a sum of its own; in the end the halves are added.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.codegen.native.lanes import Text, instruction, lane_type, literal, vector
from autograd.codegen.node import Node, entry, make
from autograd.codegen.reductions import identity

__all__ = ["Accumulator"]

_STEP = {"sum": "add", "prod": "multiply", "max": "maximum", "min": "minimum"}


class Accumulator:
    """One reduced output."""

    def __init__(
        self, text: Text, kind: str, of: np.dtype[Any], kept: np.dtype[Any]
    ) -> None:
        self.text, self.kind, self.of, self.kept = text, kind, of, kept
        self.typed = text.type_of(kept)
        self.exact = kind == "sum" and of == np.float64

    def start(self) -> list[str]:
        first = literal(identity(self.kind, self.kept), self.kept, self.text.lanes)
        return [first, literal(0, self.kept, self.text.lanes)] if self.exact else [first]

    def widened(self, value: str) -> str:
        """A value in the dtype that is kept."""
        if self.of == self.kept:
            return value
        node = make("convert", entry(0, self.of), dtype=self.kept)
        return instruction(self.text, node, [value])

    def combined(self, x: str, y: str) -> str:
        return self._apply(self.text, _STEP[self.kind], x, y)

    def _apply(self, text: Text, op: str, x: str, y: str) -> str:
        node: Node = make(op, entry(0, self.kept), entry(1, self.kept))
        return instruction(text, node, [x, y])

    def add(self, state: list[str], value: str, count: str) -> list[str]:
        """The state with the first lanes of a value, as many as `count` says."""
        text, value = self.text, self.widened(value)
        if text.lanes > 1:
            value = self._masked(value, count)
        if not self.exact:
            return [self.combined(state[0], value)]
        total = self._apply(text, "add", state[0], value)
        back = self._apply(text, "subtract", total, state[0])
        of_state = self._apply(text, "subtract", total, back)
        of_state = self._apply(text, "subtract", state[0], of_state)
        of_value = self._apply(text, "subtract", value, back)
        lost = self._apply(text, "add", of_state, of_value)
        return [total, self._apply(text, "add", state[1], lost)]

    def _masked(self, value: str, count: str) -> str:
        text = self.text
        lanes, whole = text.lanes, vector("i32", text.lanes)
        small = text.add(f"trunc i64 {count} to i32")
        first = text.add(f"insertelement {whole} poison, i32 {small}, i32 0")
        counts = text.add(
            f"shufflevector {whole} {first}, {whole} poison, {whole} zeroinitializer"
        )
        numbers = ", ".join(f"i32 {i}" for i in range(lanes))
        mask = text.add(f"icmp slt {whole} <{numbers}>, {counts}")
        none = literal(identity(self.kind, self.kept), self.kept, lanes)
        return text.add(
            f"select <{lanes} x i1> {mask}, {self.typed} {value}, {self.typed} {none}"
        )

    def finish(self, state: list[str], address: str) -> None:
        """Bring the lanes together, and take them to memory, where earlier rows are."""
        values = [self._joined(s, "add" if self.exact else _STEP[self.kind]) for s in state]
        text, kind = self.text, lane_type(self.kept)
        one = Text(1, text.declared)
        one.lines, one.count = text.lines, text.count
        found = values[0]
        if self.exact:
            total = self._apply(one, "add", *values)
            odd = one.add(f"fcmp uno double {values[1]}, {values[1]}")  # the sum is not finite
            found = one.add(f"select i1 {odd}, double {values[0]}, double {total}")
        before = one.add(f"load {kind}, ptr {address}, align {self.kept.itemsize}")
        found = self._apply(one, _STEP[self.kind], before, found)
        one.do(f"store {kind} {found}, ptr {address}, align {self.kept.itemsize}")
        text.count = one.count

    def _joined(self, value: str, op: str) -> str:
        """Halves, again and again."""
        text, kind, lanes = self.text, lane_type(self.kept), self.text.lanes
        while lanes > 1:
            typed, half = vector(kind, lanes), lanes // 2
            parts = []
            for start in (0, half):
                order = ", ".join(f"i32 {start + i}" for i in range(half))
                picked = f"<{half} x i32> <{order}>"
                parts.append(
                    text.add(f"shufflevector {typed} {value}, {typed} poison, {picked}")
                )
            narrow = Text(half, text.declared)
            narrow.lines, narrow.count = text.lines, text.count
            if half == 1:
                parts = [
                    narrow.add(f"extractelement <1 x {kind}> {p}, i32 0") for p in parts
                ]
            value = self._apply(narrow, op, *parts)
            text.count, lanes = narrow.count, half
        return value
