"""Axes of a staged loop: those that stay outside, around passes over those that are reduced."""

from __future__ import annotations

import math
from collections.abc import Sequence

from autograd.codegen.layout import layout_of
from autograd.codegen.memories import Memories, Memory, packed
from autograd.codegen.native.plan import INDEX, Pass
from autograd.codegen.node import constant
from autograd.codegen.reductions import identity, kept_in
from autograd.codegen.stages import Stage, Store

__all__ = ["Nest"]

Shape = tuple[int, ...]
_Axes = tuple[list[int], list[Shape]]
TILE = 1 << 19  # bytes that the passes of a stage may go over while they are in cache
WIDTHS = (2048, 1024, 512, 256, 128, 64)  # of parts of the innermost axis, if it is too long


class Nest:
    """The axes in the order of memory, joined: those that stay, and then those that go.

    If the innermost of all stays, passes go over it too (`along`).
    """

    def __init__(self, memories: Memories, shape: Shape, gone: frozenset[int]) -> None:
        every = range(len(shape))
        keys = list(memories.of)
        old = [memories.of[key] for key in keys]
        stay, stay_strides = _joined(old, [a for a in every if a not in gone], shape)
        go, go_strides = _joined(old, [a for a in every if a in gone], shape)
        self.along = bool(stay) and (not go or _step(stay_strides) < _step(go_strides))
        rows: int = math.prod(go)
        if self.along and rows:
            stay, stay_strides = _parted(stay, stay_strides, rows)
        self.stay, self.go, self.lengths = stay, go, [*stay, *go]
        self.outer = stay[:-1] if self.along else stay
        self.memories = memories.over({
            key: m._replace(strides=(*s, *g))
            for key, m, s, g in zip(keys, old, stay_strides, go_strides, strict=True)
        })  # fmt: skip

    def passes(self, stages: Sequence[Stage], numbers: list[int]) -> list[Pass]:
        """All passes inside the outer axes; where these have no places, none, and no outer axes."""
        if not math.prod(self.outer):
            self.outer = []
            return []
        last = [len(self.outer)] if self.along else []
        wide = range(len(self.outer), len(self.lengths))
        fills = []
        for stage in stages:
            for store in (*stage.wide, *stage.small):
                self._beside(store)
                if store.key[0] == "acc":
                    kept = self.memories.of[store.key].dtype
                    fills.append(Store(store.key, constant(identity(store.step, kept), kept)))
        found = self.memories.passes(fills, last, self.lengths, numbers, True)
        for stage in stages:
            found += self.memories.passes(stage.wide, wide, self.lengths, numbers)
            found += self.memories.passes(stage.small, last, self.lengths, numbers)
        return found

    def _beside(self, store: Store) -> None:
        """Memory for what one pass writes and another reads, in each outer place anew."""
        what = store.key[0]
        if what == "out":
            return
        dtype = kept_in(store.step, store.node.dtype) if what == "acc" else store.node.dtype
        last = self.stay[-1:] if self.along else []
        none = (0,) * len(self.outer)
        if what == "saved":
            steps = packed([*self.go, *last], dtype.itemsize)
            steps = (*steps[len(self.go) :], *steps[: len(self.go)])
            count = math.prod(self.go) * math.prod(last)
        else:
            steps = (*packed(last, dtype.itemsize), *(0,) * len(self.go))
            count = math.prod(last)
        self.memories.beside(store.key, dtype, count, (*none, *steps))


def _joined(memories: Sequence[Memory], axes: Sequence[int], shape: Shape) -> _Axes:
    """Some axes in memory's order, joined; and the strides of each operand over them."""
    strides = [tuple([m.strides[a] for a in axes]) for m in memories]
    sizes = [1 if m.slot == INDEX else m.dtype.itemsize for m in memories]
    layout = layout_of(tuple([shape[a] for a in axes]), strides, sizes)
    if layout.shape == (1,):
        return [], [()] * len(memories)
    return list(layout.shape), list(layout.strides)


def _step(strides: Sequence[Shape]) -> int:
    """How far apart numbers are along the innermost axis, of the operand where it is most."""
    return max((abs(s[-1]) for s in strides), default=0)


def _parted(stay: list[int], strides: list[Shape], rows: int) -> _Axes:
    """The innermost axis in parts that all rows of are in cache; as it is where it has none."""
    if rows * stay[-1] * 8 > TILE:
        for width in WIDTHS:
            if stay[-1] > width and not stay[-1] % width and (
                width == WIDTHS[-1] or rows * width * 8 <= TILE
            ):  # fmt: skip
                stay = [*stay[:-1], stay[-1] // width, width]
                return stay, [(*s[:-1], s[-1] * width, s[-1]) for s in strides]
    return stay, strides
