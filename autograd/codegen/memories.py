"""Operands of a loop over all of its axes, and passes over some of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.codegen.layout import layout_of
from autograd.codegen.native.plan import INDEX, NUMBER, Pass, Place
from autograd.codegen.node import Node, in_order, rebuilt
from autograd.codegen.stages import Store, memory

__all__ = ["Lying", "Memories", "Memory", "broadcast", "counting", "key_of", "packed"]

Shape = tuple[int, ...]


class Lying(NamedTuple):
    """How an array lies in memory, without the array."""

    shape: Shape
    strides: Shape
    dtype: np.dtype[Any]
    slot: int  # which of the addresses it lies at
    begin: int = 0  # so many bytes from there
    raw: bool = False  # of a result that is reduced: it is left as it is kept


class Memory(NamedTuple):
    """An operand over all axes of a loop: its address, where it begins, its strides in bytes."""

    slot: int
    begin: int
    dtype: np.dtype[Any]
    strides: Shape
    of: int = -1  # the argument or result that it is; where none, it lies beside


def broadcast(lying: Any, shape: Shape) -> Shape:
    """The strides of an array over a shape that it is broadcast to."""
    missing = len(shape) - len(lying.shape)
    steps = [0 if n == 1 else s for n, s in zip(lying.shape, lying.strides, strict=True)]
    return (*(0,) * missing, *steps)


def packed(shape: Sequence[int], size: int) -> Shape:
    """The strides of an array in C's order; 0 along axes of length 1."""
    found, step = [], size
    for n in reversed(shape):
        found.append(step if n != 1 else 0)
        step *= max(n, 1)
    return tuple(reversed(found))


def key_of(node: Node) -> Any:
    """Which operand an entry stands for."""
    return ("index", node.data) if node.op == "index" else node.data


def counting(node: Node, shape: Shape) -> Memory:
    """What counts the places along some axes, which has strides as if it were an array."""
    ndim = len(shape)
    axes = range(ndim) if node.data is None else sorted(a % ndim for a in node.data)
    steps = packed([shape[a] if a in axes else 1 for a in range(ndim)], 1)
    return Memory(INDEX, 0, node.dtype, steps)


class Memories:
    """The operands by their keys, with those that passes name in an order."""

    def __init__(self, slot: int, begin: int) -> None:
        self.slot, self.used = slot, begin
        self.of: dict[Any, Memory] = {}
        self.numbered: dict[Any, int] = {}
        self.counts: dict[Any, int] = {}

    def over(self, of: dict[Any, Memory]) -> Memories:
        """The same operands over other axes."""
        other = Memories(self.slot, self.used)
        other.of, other.numbered, other.counts = of, self.numbered, self.counts
        return other

    def beside(self, key: Any, dtype: np.dtype[Any], count: int, strides: Shape) -> None:
        """New memory for so many numbers."""
        begin = self.used
        self.used += -(-dtype.itemsize * count // 64) * 64
        self.of[key] = Memory(self.slot, begin, dtype, strides)

    def number(self, key: Any, value: Any, dtype: np.dtype[Any], ndim: int) -> None:
        """A number that the code reads, so that it is the same for others."""
        bits = np.zeros(1, np.int64)
        bits.view(dtype)[0] = value
        self.counts[key] = int(bits[0])
        self.of[key] = Memory(NUMBER, 0, dtype, (0,) * ndim)

    def owners(self) -> tuple[tuple[int, int], ...]:
        """Which argument or result each operand is, by the place of its beginning."""
        found = []
        for k, key in enumerate(self.numbered):
            if self.of[key].slot >= 0:
                found.append((2 * k, self.of[key].of))
        return tuple(found)

    def bits(self) -> list[int]:
        """The numbers that the code reads, as their bits."""
        return list(self.counts.values())

    def operands(self) -> tuple[str, ...]:
        """What each is, of those that passes name."""
        kinds = {NUMBER: "number", INDEX: "index"}
        return tuple([kinds.get(self.of[key].slot, "array") for key in self.numbered])

    def begins(self, after: int) -> list[int]:
        """Where each operand begins, and its slot; what is read of numbers stands after so many."""
        places = {key: 8 * (after + k) for k, key in enumerate(self.counts)}
        return [
            n for key in self.numbered
            for n in (places.get(key, self.of[key].begin), max(0, self.of[key].slot))
        ]  # fmt: skip

    def passes(
        self, stores: Sequence[Store], axes: Sequence[int], lengths: Sequence[int],
        numbers: list[int], narrow: bool = False,
    ) -> list[Pass]:  # fmt: skip
        """The pass over some axes, if there is anything to do; its numbers are added."""
        if not stores or not math.prod(lengths[a] for a in axes):
            return []
        entries = [n for n in in_order([s.node for s in stores]) if n.op in ("entry", "index")]
        keys = [key_of(n) for n in entries] + [s.key for s in stores]
        memories = [self.of[key] for key in keys]
        strides = [tuple([m.strides[a] for a in axes]) for m in memories]
        sizes = [1 if m.slot == INDEX else m.dtype.itemsize for m in memories]
        layout = layout_of(tuple([lengths[a] for a in axes]), strides, sizes)
        flat = layout.shape == (1,)
        steps = ["none"] * len(keys) if flat else layout.steps(sizes)
        places = [
            Place(self.numbered.setdefault(key, len(self.numbered)), m.dtype, _step(m, step))
            for key, m, step in zip(keys, memories, steps, strict=True)
        ]
        known = {n.number: memory(k, n.dtype) for k, n in enumerate(entries)}
        roots = tuple([rebuilt(s.node, known) for s in stores])
        first = len(entries)
        outputs = [p._replace(kind=s.step) for p, s in zip(places[first:], stores, strict=True)]
        if not flat:
            numbers += layout.shape
            numbers += [s[a] for a in range(len(layout.shape)) for s in layout.strides]
        left = 0 if flat else len(layout.shape)
        return [Pass(roots, tuple(places[:first]), tuple(outputs), left, narrow)]


def _step(memory: Memory, step: str) -> str:
    if memory.slot != INDEX:
        return step
    return "still" if step == "none" else "index"
