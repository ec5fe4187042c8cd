"""A schedule: which kernels run in which order, and in what memory.

Instructions become kernels: fused loops, products, calls; views cost nothing where the memory
allows it. Buffers lie in one arena, shared by those that do not live at the same time, or where a
run finds or leaves its arrays: in sources, in results, in the memory of what is written in place.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.instruction import Instruction, Lowered

__all__ = ["Buffer", "Kernel", "Schedule"]


class Buffer(NamedTuple):
    """An array of a plan: where its memory is, and how it lies there."""

    number: int
    place: str  # arena, source, constant, result (new memory at each run), call (what a call gave)
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    strides: tuple[int, ...]  # in bytes
    offset: int  # in bytes: in the arena, or from the first number of the `base`
    base: int | None  # the number of the buffer that it is a window on
    instruction: Instruction


class Kernel(NamedTuple):
    """One thing that is run: what it reads, where its results go, what it is made of."""

    kind: str  # loop, product, copy or call
    reads: tuple[Any, ...]  # Buffers; for a call also plain numbers
    writes: tuple[Buffer, ...]
    instructions: tuple[Instruction, ...]  # in order


class Schedule:
    """All kernels of a lowered program in their order, with their buffers."""

    def __init__(
        self, lowered: Lowered, kernels: list[Kernel], buffers: list[Buffer], arena_bytes: int
    ) -> None:
        self.lowered = lowered
        self.kernels = kernels
        self.buffers = buffers
        self.arena_bytes = arena_bytes
