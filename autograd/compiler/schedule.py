"""A schedule: which kernels run in which order, and in what memory.

Instructions become kernels: fused loops, products, calls; views cost nothing where the memory
allows it. Buffers lie in one arena, shared by those that do not live at the same time, or where a
run finds or leaves its arrays: in sources, in results, in the memory of what is written in place.

What runs a schedule keeps these rules:

* The kernels run in their order. A loop reads an element of an array before it writes there, so
  that an output may lie where an input did that nothing reads later.
* A call is given arrays, and NumPy's scalars where there are no axes. What it gives goes into the
  buffer where that is in the arena; else the array itself is kept, copied if it lies otherwise than
  the buffer says or shares memory with what the call was given, until a kernel `frees` it.
* A source whose memory overlaps that of another source that is written `in_place` is copied before
  the run: kernels are ordered by names, and know nothing of such.
* A `result` lies in new memory at each run, which goes to one who asked for it. All others get
  copies, also of windows on it, and of what lies in the arena. Until it is written, others may lie
  there, which are `lent` its memory: its `base`, from an `offset` on. Where they need more `room`
  than it does, it is the front of a larger array, whose rest is given back at the end of the run.
"""

from __future__ import annotations

import math
from functools import lru_cache
from sys import getrefcount
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.instruction import Instruction, Lowered
from autograd.compiler.table import table
from autograd.engine.node import Node

__all__ = ["Buffer", "Kernel", "Schedule", "contiguous", "trimmed", "whole"]


class Buffer(NamedTuple):
    """An array of a plan: where its memory is, and how it lies there."""

    number: int
    # arena, source, constant, result (new memory at each run), lent (until a result is written),
    # call (what a call gave)
    place: str
    shape: tuple[int, ...] | None  # None: a number of Python, several arrays, or not known before
    dtype: np.dtype[Any] | None
    strides: tuple[int, ...]  # in bytes
    offset: int  # in bytes: in the arena, or from the first number of the `base`
    base: int | None  # the number of the buffer that it is a window on
    instruction: Instruction
    room: int = 0  # in bytes, of a result that lends more than it needs itself

    @property
    def nbytes(self) -> int:
        """Bytes of its numbers."""
        if self.shape is None or self.dtype is None:
            return 0
        size = self.dtype.itemsize
        for n in self.shape:
            size *= n
        return size

    def new(self) -> Any:
        """New memory for it, with the axes in the order of its strides."""
        assert self.shape is not None
        if self.room:
            array = np.empty(-(-self.room // self.dtype.itemsize), self.dtype)  # type: ignore[union-attr]
            return array[: math.prod(self.shape)].reshape(self.shape)
        if self.strides == contiguous(self.shape, self.dtype.itemsize):  # type: ignore[union-attr]
            return np.empty(self.shape, self.dtype)
        order = sorted(range(len(self.shape)), key=lambda a: -self.strides[a])
        back = [order.index(a) for a in range(len(order))]
        return np.empty([self.shape[a] for a in order], self.dtype).transpose(back)


def whole(array: Any, buffer: Buffer) -> Any:
    """The array of a result with all the room that it has."""
    return array.base if buffer.room and array.base is not None else array


def trimmed(values: dict[Any, Any], key: Any, buffer: Buffer) -> Any:
    """The array of a result, of which others have been: their room goes back.

    >>> buffer = Buffer(0, "result", (2, 3), np.dtype("f8"), (24, 8), 0, None, None, 1 << 16)
    >>> values = {0: buffer.new()}
    >>> values[0].base.nbytes, trimmed(values, 0, buffer).base, values[0].shape
    (65536, None, (2, 3))
    """
    array = values.pop(key)
    if array.base is not None:
        (larger, array), count = (array.base, None), math.prod(buffer.shape or ())
        if getrefcount(larger) <= _ALONE:
            larger.resize(buffer.shape, refcheck=False)  # where it is
            array = larger
        else:
            array = larger[:count].reshape(buffer.shape).copy()
    values[key] = array
    return array


def _counted() -> int:
    array = np.empty(1)
    return getrefcount(array)


_ALONE = _counted()  # what one name counts as, here


@lru_cache(maxsize=4096)
def contiguous(shape: tuple[int, ...], size: int) -> tuple[int, ...]:
    """The strides of an array in the order of C, of numbers of so many bytes."""
    strides, step = [], size
    for n in reversed(shape):
        strides.append(step)
        step *= max(n, 1)
    return tuple(reversed(strides))


class Kernel(NamedTuple):
    """One thing that is run: what it reads, where its results go, what it is made of."""

    kind: str  # loop, product, copy, join or call
    reads: tuple[Any, ...]  # Buffers; for a call, in its inputs' order, also plain numbers
    writes: tuple[Buffer, ...]
    instructions: tuple[Instruction, ...]  # in order
    frees: tuple[int, ...] = ()  # numbers of buffers, given by calls, that nothing reads later


class Schedule:
    """All kernels of a lowered program in their order, with their buffers."""

    def __init__(
        self,
        lowered: Lowered,
        kernels: list[Kernel],
        buffers: list[Buffer],
        arena_bytes: int,
        results: dict[Node, Buffer],
        in_place: dict[Node, Buffer],
    ) -> None:
        self.lowered = lowered  # simplified
        self.kernels = kernels
        self.buffers = buffers
        self.arena_bytes = arena_bytes
        self.results = results  # what outputs, writes and guards read, by the program's nodes
        self.in_place = in_place  # writes that kernels have done, where the source lies
        self._whole = {b.number for b in results.values() if b.base is None}

    def is_turned(self, result: Buffer) -> bool:
        """Whether a result is a window on new memory that no other result shows: on all of it."""
        if result.base is None:
            return False
        return self.buffers[result.base].place == "result" and result.base not in self._whole

    def __str__(self) -> str:
        """A line for each kernel: what it does, reads and writes, and how much."""
        return table(self)
