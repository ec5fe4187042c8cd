"""Loops over operands of any layout around an expression, as LLVM's text.

The innermost axis goes in blocks of lanes. What does not lie in one piece there, and the last block
where it is not full, goes through a small buffer; so the expression is written once, and each
number is computed by the same instructions wherever it lies.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.codegen.native.body import Module
from autograd.codegen.native.lanes import Text, literal, memory_type, vector
from autograd.codegen.native.sums import RUN, Accumulator
from autograd.codegen.node import Node

__all__ = ["Place", "Plan", "module_of"]


class Place(NamedTuple):
    """How an operand lies along the innermost axis."""

    dtype: np.dtype[Any]  # as it is in memory
    step: str  # "one": side by side, "none": the same number, "any": so many bytes apart
    kind: str = ""  # of an output that is reduced: "sum", "max", ...


class Plan(NamedTuple):
    """All that the code depends on; the lengths and distances are read at run time."""

    roots: tuple[Node, ...]
    inputs: tuple[Place, ...]
    outputs: tuple[Place, ...]
    axes: int
    lanes: int
    scales: bool  # see body.py


def module_of(plan: Plan) -> str:
    """The module whose function `loop` takes the addresses of the operands, and their layout.

    The layout is the length of each axis, and then for each operand its strides, in bytes.
    """
    module = Module(plan.lanes, plan.scales)
    nest = _Nest(plan, module)
    module.functions["@loop"] = nest.written()
    return module.text()


class _Nest:
    def __init__(self, plan: Plan, module: Module) -> None:
        self.plan, self.module = plan, module
        self.text = Text(plan.lanes, module.declared)
        self.places = (*plan.inputs, *plan.outputs)
        self.sums = [
            Accumulator(self.text, place.kind, root.dtype, place.dtype) if place.kind else None
            for place, root in zip(plan.outputs, plan.roots, strict=True)
        ]

    def written(self) -> list[str]:
        text, axes = self.text, self.plan.axes
        bases = [self._read("%arrays", k, "ptr") for k in range(len(self.places))]
        self.lengths = [self._read("%layout", a, "i64") for a in range(axes)]
        self.strides = [
            [self._read("%layout", axes + axes * k + a, "i64") for a in range(axes)]
            for k in range(len(self.places))
        ]
        self.buffers = [text.room(p.dtype.itemsize * self.plan.lanes) for p in self.places]
        for buffer, place in zip(self.buffers, self.places, strict=True):
            kind = vector(memory_type(place.dtype), text.lanes)
            text.do(f"store {kind} zeroinitializer, ptr {buffer}, align 64")
        self._axis(0, bases)
        text.do("ret void")
        return text.function("define void @loop(ptr noalias %arrays, ptr noalias %layout)")

    def _read(self, base: str, place: int, kind: str) -> str:
        address = self.text.add(f"getelementptr i64, ptr {base}, i64 {place}")
        return self.text.add(f"load {kind}, ptr {address}")

    def _axis(self, axis: int, pointers: list[str]) -> None:
        """The loop over one axis, and those inside it."""
        if axis >= self.plan.axes - 1:
            return _Row(self, pointers).write()
        text = self.text
        before, top = text.block, text.fresh("axis")
        text.do(f"br label %{top}")
        text.start(top)
        at = len(text.lines)
        i, here = text.name(), [text.name() for _ in pointers]
        self._axis(axis + 1, here)
        following = [
            text.add(f"getelementptr i8, ptr {p}, i64 {strides[axis]}")
            for p, strides in zip(here, self.strides, strict=True)
        ]
        more = text.add(f"add i64 {i}, 1")
        again = text.add(f"icmp ult i64 {more}, {self.lengths[axis]}")
        out, end = text.fresh("out"), text.block
        text.do(f"br i1 {again}, label %{top}, label %{out}")
        text.lines[at:at] = [
            f"  {i} = phi i64 [ 0, %{before} ], [ {more}, %{end} ]",
            *(
                f"  {p} = phi ptr [ {first}, %{before} ], [ {then}, %{end} ]"
                for p, first, then in zip(here, pointers, following, strict=True)
            ),
        ]
        text.start(out)
        return None


class _Row:
    """The innermost loop."""

    def __init__(self, nest: _Nest, pointers: list[str]) -> None:
        self.nest, self.text, self.plan = nest, nest.text, nest.plan
        self.pointers = pointers
        axis = self.plan.axes - 1
        self.length = nest.lengths[axis]
        self.strides = [s[axis] for s in nest.strides]
        self.first = len(self.plan.inputs)
        # what is read: inputs, and sums in memory that this row adds to
        self.running = [
            sum_ is not None and nest.places[self.first + i].step != "none"
            for i, sum_ in enumerate(nest.sums)
        ]

    def write(self) -> None:
        text, nest = self.text, self.nest
        splats = self._repeated()
        inner = [s if not r else None for s, r in zip(nest.sums, self.running, strict=True)]
        first = [s.start() if s else "" for s in inner]
        before, block, over = text.block, text.fresh("block"), text.fresh("over")
        text.do(f"br label %{block}")
        text.start(block)
        at = len(text.lines)
        i = text.name()
        states = [text.name() for _ in inner]
        left = text.add(f"sub i64 {self.length}, {i}")
        full = text.add(f"icmp sge i64 {left}, {text.lanes}")
        count = text.add(f"select i1 {full}, i64 {text.lanes}, i64 {left}")
        addresses = self._gathered(i, full, count)
        known = {
            k: splats[k] if k in splats else self._load(k, addresses[k]) for k in range(self.first)
        }
        roots = nest.module.body(text, self.plan.roots, known)
        self._stored(roots, addresses)
        mask = self._mask(count) if any(inner) and text.lanes > 1 else ""
        new = [s.add(x, v, mask) if s else "" for s, x, v in zip(inner, states, roots, strict=True)]
        self._scattered(full, count)
        following = text.add(f"add i64 {i}, {text.lanes}")
        new = self._collected(inner, new, following)
        again = text.add(f"icmp slt i64 {following}, {self.length}")
        end = text.block
        text.do(f"br i1 {again}, label %{block}, label %{over}")
        text.lines[at:at] = [
            f"  {i} = phi i64 [ 0, %{before} ], [ {following}, %{end} ]",
            *(
                f"  {x} = phi {s.typed} [ {f}, %{before} ], [ {n}, %{end} ]"
                for s, x, f, n in zip(inner, states, first, new, strict=True) if s
            ),
        ]  # fmt: skip
        text.start(over)
        for k, (sum_, value) in enumerate(zip(inner, new, strict=True)):
            if sum_:
                sum_.finish(value, self.pointers[self.first + k])

    def _collected(
        self, inner: list[Accumulator | None], states: list[str], following: str
    ) -> list[str]:
        """Every so often sums of floats are taken to memory, and begin anew."""
        text = self.text
        sums = [(k, s) for k, s in enumerate(inner) if s and s.floats]
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

    def _mask(self, count: str) -> str:
        """The lanes that are in the row."""
        text, whole = self.text, vector("i32", self.text.lanes)
        counts = _splat(text, text.add(f"trunc i64 {count} to i32"), "i32")
        numbers = ", ".join(f"i32 {i}" for i in range(text.lanes))
        return text.add(f"icmp slt {whole} <{numbers}>, {counts}")

    def _repeated(self) -> dict[int, str]:
        """What is the same number all along the row, in all lanes."""
        found = {}
        for k, place in enumerate(self.plan.inputs):
            if place.step == "none":
                kind = memory_type(place.dtype)
                one = self.text.add(f"load {kind}, ptr {self.pointers[k]}, align {_align(place)}")
                found[k] = _narrowed(self.text, _splat(self.text, one, kind), place.dtype)
        return found

    def _moved(self) -> list[int]:
        """The operands that go along the row."""
        return [k for k, place in enumerate(self.nest.places) if place.step != "none"]

    def _gathered(self, i: str, full: str, count: str) -> dict[int, str]:
        """Where each operand's lanes are: in place, or in its buffer."""
        text, found, direct = self.text, {}, {}
        reads = {*range(self.first), *(self.first + k for k, r in enumerate(self.running) if r)}
        for k in self._moved():
            place = self.nest.places[k]
            step = self.strides[k] if place.step == "any" else str(place.dtype.itemsize)
            offset = text.add(f"mul i64 {i}, {step}")
            direct[k] = text.add(f"getelementptr i8, ptr {self.pointers[k]}, i64 {offset}")
            if place.step == "any":
                found[k] = self.nest.buffers[k]
                if k in reads:
                    self._copy("gather", k, direct[k], count)
        self.direct = direct
        if text.lanes == 1:
            return found | {k: d for k, d in direct.items() if k not in found}
        before, edge, body = text.block, text.fresh("edge"), text.fresh("body")
        text.do(f"br i1 {full}, label %{body}, label %{edge}")
        text.start(edge)
        for k in self._moved():
            if k in reads and k not in found:
                self._copy("gather", k, direct[k], count)
        text.do(f"br label %{body}")
        text.start(body)
        for k in self._moved():
            if k not in found:
                found[k] = text.add(
                    f"phi ptr [ {direct[k]}, %{before} ], [ {self.nest.buffers[k]}, %{edge} ]"
                )
        return found

    def _copy(self, how: str, k: int, address: str, count: str) -> None:
        """Between a buffer and where its numbers lie."""
        size = self.nest.places[k].dtype.itemsize
        step = self.strides[k] if self.nest.places[k].step == "any" else str(size)
        buffer = self.nest.buffers[k]
        if self.text.lanes == 1:
            source, target = (address, buffer) if how == "gather" else (buffer, address)
            one = self.text.add(f"load i{8 * size}, ptr {source}, align 1")
            self.text.do(f"store i{8 * size} {one}, ptr {target}, align 1")
            return
        self.nest.module.functions.setdefault(f"@{how}{size}", _copies(how, size))
        self.text.do(
            f"call void @{how}{size}(ptr {buffer}, ptr {address}, i64 {step}, i64 {count})"
        )

    def _load(self, k: int, address: str) -> str:
        place = self.nest.places[k]
        kind = vector(memory_type(place.dtype), self.text.lanes)
        found = self.text.add(f"load {kind}, ptr {address}, align {_align(place)}")
        return _narrowed(self.text, found, place.dtype)

    def _stored(self, roots: list[str], addresses: dict[int, str]) -> None:
        """Write the outputs, and add to the sums in memory."""
        text = self.text
        for n, (root, value) in enumerate(zip(self.plan.roots, roots, strict=True)):
            k, sum_ = self.first + n, self.nest.sums[n]
            if sum_ and not self.running[n]:
                continue
            place = self.nest.places[k]
            kind = vector(memory_type(place.dtype), text.lanes)
            if sum_:
                value = sum_.combined(self._load(k, addresses[k]), sum_.widened(value))
            elif root.dtype.kind == "b":
                value = text.add(f"zext {text.type_of(root.dtype)} {value} to {kind}")
            text.do(f"store {kind} {value}, ptr {addresses[k]}, align {_align(place)}")

    def _scattered(self, full: str, count: str) -> None:
        """Take to its place what was written into buffers."""
        text = self.text
        written = [k for k in self._moved() if k >= self.first]
        for k in written:
            if self.nest.places[k].step == "any":
                self._copy("scatter", k, self.direct[k], count)
        rest = [k for k in written if self.nest.places[k].step == "one"]
        if text.lanes == 1 or not rest:
            return
        edge, after = text.fresh("edge"), text.fresh("after")
        text.do(f"br i1 {full}, label %{after}, label %{edge}")
        text.start(edge)
        for k in rest:
            self._copy("scatter", k, self.direct[k], count)
        text.do(f"br label %{after}")
        text.start(after)


def _align(place: Place) -> int:
    return place.dtype.itemsize


def _narrowed(text: Text, value: str, dtype: np.dtype[Any]) -> str:
    """Booleans are bytes in memory and bits in registers."""
    if dtype.kind != "b":
        return value
    kind = vector("i8", text.lanes)
    zeros = literal(0, np.dtype(np.uint8), text.lanes)
    return text.add(f"icmp ne {kind} {value}, {zeros}")


def _splat(text: Text, value: str, kind: str) -> str:
    if text.lanes == 1:
        return value
    typed = vector(kind, text.lanes)
    first = text.add(f"insertelement {typed} poison, {kind} {value}, i32 0")
    zeros = vector("i32", text.lanes)
    return text.add(f"shufflevector {typed} {first}, {typed} poison, {zeros} zeroinitializer")


def _copies(how: str, size: int) -> list[str]:
    """The function that fills a buffer from numbers that lie apart, or the other way round."""
    source, target = ("%far", "%near") if how == "gather" else ("%near", "%far")
    return [
        f"define internal void @{how}{size}(ptr %b, ptr %p, i64 %step, i64 %count) noinline {{",
        "entry:", "  br label %each", "each:",
        "  %i = phi i64 [ 0, %entry ], [ %next, %each ]",
        f"  %near = getelementptr i{8 * size}, ptr %b, i64 %i",
        "  %offset = mul i64 %i, %step",
        "  %far = getelementptr i8, ptr %p, i64 %offset",
        f"  %one = load i{8 * size}, ptr {source}, align 1",
        f"  store i{8 * size} %one, ptr {target}, align 1",
        "  %next = add i64 %i, 1", "  %more = icmp slt i64 %next, %count",
        "  br i1 %more, label %each, label %out", "out:", "  ret void", "}",
    ]  # fmt: skip
