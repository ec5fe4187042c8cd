"""Operands of a block of lanes: where their numbers are, or the buffers that they go through."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from autograd.codegen.native.body import Module
from autograd.codegen.native.lanes import Text, literal, memory_type, suffix, vector
from autograd.codegen.native.plan import Place

__all__ = ["Operands", "splat"]


LINE = 64  # bytes of the cache
AHEAD = 1 << 12  # bytes: what a loop goes over in the time that memory takes


class Operands:
    """The operands of a loop. What lies apart, and the last block, go through a buffer each."""

    def __init__(self, text: Text, module: Module, places: Sequence[Place], is_far: bool) -> None:
        self.text, self.module, self.places, self.is_far = text, module, places, is_far
        self.masks = module.scales and text.lanes > 1  # cheap where AVX-512 is
        self.moved = [k for k, p in enumerate(places) if p.step not in ("none", "still")]
        self.buffers = {}
        for k in self.moved:
            if places[k].step == "any" or (places[k].step == "one" and not self.masks):
                self.buffers[k] = text.room(places[k].dtype.itemsize * text.lanes)
                clear = f"store {self._kind(k)} zeroinitializer, ptr {self.buffers[k]}, align 64"
                text.rooms.append(f"  {clear}")

    def _kind(self, k: int) -> str:
        return vector(memory_type(self.places[k].dtype), self.text.lanes)

    def repeated(self, k: int, pointer: str) -> str:
        """What is the same number all along the row, in all lanes."""
        kind, size = memory_type(self.places[k].dtype), self.places[k].dtype.itemsize
        if self.places[k].step == "still":  # a place among those that are reduced
            return splat(self.text, self.text.add(f"ptrtoint ptr {pointer} to i64"), "i64")
        one = self.text.add(f"load {kind}, ptr {pointer}, align {size}")
        return self._narrowed(k, splat(self.text, one, kind))

    def enter(
        self, pointers: Sequence[str], strides: Sequence[str], i: str, full: str, count: str,
        mask: str, reads: Collection[int],
    ) -> None:  # fmt: skip
        """Find the lanes from the i-th number on: in place, or in a buffer that is filled."""
        text = self.text
        self.strides, self.full, self.count, self.mask = strides, full, count, mask
        self.direct, self.address = {}, {}
        for k in self.moved:
            place = self.places[k]
            step = str(place.dtype.itemsize) if place.step == "one" else strides[k]
            offset = text.add(f"mul i64 {i}, {step}")
            address = text.add(f"getelementptr i8, ptr {pointers[k]}, i64 {offset}")
            self.direct[k] = self.address[k] = address
            if self.is_far and text.lanes > 1 and place.step == "one":
                self._ask_ahead(address, place.dtype.itemsize * text.lanes)
            if place.step == "any":
                self.address[k] = self.buffers[k]
                if k in reads:
                    self._copy("gather", k)
        if text.lanes > 1 and not self.masks:
            self._enter_last(reads)

    def _ask_ahead(self, address: str, size: int) -> None:
        """Have memory further on come to the cache while this block is computed."""
        text = self.text
        text.declared.add("declare void @llvm.prefetch.p0(ptr, i32, i32, i32)")
        for line in range(0, size, LINE):
            one = text.add(f"getelementptr i8, ptr {address}, i64 {AHEAD + line}")
            text.do(f"call void @llvm.prefetch.p0(ptr {one}, i32 0, i32 3, i32 1)")

    def _enter_last(self, reads: Collection[int]) -> None:
        """A block that is not full is in the buffers."""
        text = self.text
        before, edge, body = text.block, text.fresh("edge"), text.fresh("body")
        text.do(f"br i1 {self.full}, label %{body}, label %{edge}")
        text.start(edge)
        close = [k for k in self.moved if self.places[k].step == "one"]
        for k in close:
            if k in reads:
                self._masked("load", k)
        text.do(f"br label %{body}")
        text.start(body)
        for k in close:
            self.address[k] = text.add(
                f"phi ptr [ {self.direct[k]}, %{before} ], [ {self.buffers[k]}, %{edge} ]"
            )

    def leave(self, first: int) -> None:
        """Take to their places what was written to buffers, of operands from the first on."""
        text = self.text
        written = [k for k in self.moved if k >= first]
        for k in written:
            if self.places[k].step == "any":
                self._copy("scatter", k)
        close = [k for k in written if self.places[k].step == "one"]
        if text.lanes == 1 or not close or self.masks:
            return
        edge, after = text.fresh("edge"), text.fresh("after")
        text.do(f"br i1 {self.full}, label %{after}, label %{edge}")
        text.start(edge)
        for k in close:
            self._masked("store", k)
        text.do(f"br label %{after}")
        text.start(after)

    def load(self, k: int) -> str:
        if self.places[k].step == "index":
            return self._counted(k)
        size = self.places[k].dtype.itemsize
        if self.masks and self.places[k].step == "one":
            return self._narrowed(k, self._masked_load(k))
        found = self.text.add(f"load {self._kind(k)}, ptr {self.address[k]}, align {size}")
        return self._narrowed(k, found)

    def _counted(self, k: int) -> str:
        """The places from the first one on, which is in the stead of an address."""
        text = self.text
        first = text.add(f"ptrtoint ptr {self.direct[k]} to i64")
        if text.lanes == 1:
            return first
        typed = vector("i64", text.lanes)
        numbers = ", ".join(f"i64 {i}" for i in range(text.lanes))
        steps = text.add(f"mul {typed} {splat(text, self.strides[k], 'i64')}, <{numbers}>")
        return text.add(f"add {typed} {splat(text, first, 'i64')}, {steps}")

    def store(self, k: int, value: str) -> None:
        if self.places[k].dtype.kind == "b":
            bits = vector("i1", self.text.lanes)
            value = self.text.add(f"zext {bits} {value} to {self._kind(k)}")
        size = self.places[k].dtype.itemsize
        if self.masks and self.places[k].step == "one":
            self._masked_store(k, value)
            return
        self.text.do(f"store {self._kind(k)} {value}, ptr {self.address[k]}, align {size}")

    def _narrowed(self, k: int, value: str) -> str:
        """Booleans are bytes in memory and bits in registers."""
        if self.places[k].dtype.kind != "b":
            return value
        zeros = literal(0, np.dtype(np.uint8), self.text.lanes)
        return self.text.add(f"icmp ne {self._kind(k)} {value}, {zeros}")

    def _masked(self, how: str, k: int) -> None:
        """Load into the buffer, or store from it, the lanes of the mask."""
        text, kind = self.text, self._kind(k)
        if how == "load":
            text.do(f"store {kind} {self._masked_load(k)}, ptr {self.buffers[k]}, align 64")
            return
        self._masked_store(k, text.add(f"load {kind}, ptr {self.buffers[k]}, align 64"))

    def _masked_load(self, k: int) -> str:
        text, size, kind = self.text, self.places[k].dtype.itemsize, self._kind(k)
        bits = vector("i1", text.lanes)
        name = f"@llvm.masked.load.{suffix(memory_type(self.places[k].dtype), text.lanes)}.p0"
        text.declared.add(f"declare {kind} {name}(ptr, i32, {bits}, {kind})")
        given = f"ptr {self.direct[k]}, i32 {size}, {bits} {self.mask}, {kind} zeroinitializer"
        return text.add(f"call {kind} {name}({given})")

    def _masked_store(self, k: int, value: str) -> None:
        text, size, kind = self.text, self.places[k].dtype.itemsize, self._kind(k)
        bits = vector("i1", text.lanes)
        name = f"@llvm.masked.store.{suffix(memory_type(self.places[k].dtype), text.lanes)}.p0"
        text.declared.add(f"declare void {name}({kind}, ptr, i32, {bits})")
        given = f"{kind} {value}, ptr {self.direct[k]}, i32 {size}, {bits} {self.mask}"
        text.do(f"call void {name}({given})")

    def _copy(self, how: str, k: int) -> None:
        """Between a buffer and numbers that lie apart."""
        bits, text = 8 * self.places[k].dtype.itemsize, self.text
        far, near = self.direct[k], self.buffers[k]
        if text.lanes == 1:
            source, target = (far, near) if how == "gather" else (near, far)
            one = text.add(f"load i{bits}, ptr {source}, align 1")
            text.do(f"store i{bits} {one}, ptr {target}, align 1")
            return
        name = f"@{how}{bits}"
        self.module.functions.setdefault(name, _copies(how, bits))
        given = f"ptr {near}, ptr {far}, i64 {self.strides[k]}, i64 {self.count}"
        text.do(f"call void {name}({given})")


def splat(text: Text, value: str, kind: str) -> str:
    """One number in all lanes."""
    if text.lanes == 1:
        return value
    typed, zeros = vector(kind, text.lanes), vector("i32", text.lanes)
    first = text.add(f"insertelement {typed} poison, {kind} {value}, i32 0")
    return text.add(f"shufflevector {typed} {first}, {typed} poison, {zeros} zeroinitializer")


def _copies(how: str, bits: int) -> list[str]:
    """The function that fills a buffer from numbers that lie apart, or the other way round."""
    source, target = ("%far", "%near") if how == "gather" else ("%near", "%far")
    return [
        f"define internal void @{how}{bits}(ptr %b, ptr %p, i64 %step, i64 %count) noinline {{",
        "entry:", "  br label %each", "each:",
        "  %i = phi i64 [ 0, %entry ], [ %next, %each ]",
        f"  %near = getelementptr i{bits}, ptr %b, i64 %i",
        "  %offset = mul i64 %i, %step",
        "  %far = getelementptr i8, ptr %p, i64 %offset",
        f"  %one = load i{bits}, ptr {source}, align 1",
        f"  store i{bits} %one, ptr {target}, align 1",
        "  %next = add i64 %i, 1", "  %more = icmp slt i64 %next, %count",
        "  br i1 %more, label %each, label %out", "out:", "  ret void", "}",
    ]  # fmt: skip
