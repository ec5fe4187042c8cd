"""Frames: the memory of one running call of a plan, and its tape with all addresses in place.

A plan has as many frames as calls of it run at once; a call takes one from a list, and puts it
back. What is the same for all of them, a Tape, is made once.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from autograd.compiler.native.steps import Call, Native
from autograd.compiler.native.tape import (
    RECORD,
    SCRATCH,
    Operation,
    drive_functions,
    numbers_of,
    resolve_address,
)
from autograd.compiler.native.waiting import fork_address, have_helpers, table_address
from autograd.compiler.schedule import Buffer
from autograd.kernels.parallel.threads import serial_blas
from autograd.system.addresses import address_of

__all__ = ["Frame", "Places", "Tape", "given_by_calls"]

ABSOLUTE, ARENA, SLOTS, RECORDS, TABLE, BASES = range(6)  # what an address is counted from
SHORT = 20_000  # ns up to which a call keeps the interpreter's lock
_LINE = 64  # bytes


class Places:
    """Where the buffers of a schedule lie: in a frame's memory, or at a base that runs give."""

    def __init__(self, buffers: list[Buffer], arena_bytes: int, scratch: int) -> None:
        self.buffers = {buffer.number: buffer for buffer in buffers}
        self.scratch = _up(arena_bytes)
        self.size = self.scratch + _up(scratch)  # of a frame's memory
        self.cells: dict[int, int] = {}  # where numbers lie that are no arrays, by buffer
        self.bases: dict[int, int] = {}  # which base a buffer is counted from, by buffer
        self.constants: dict[int, Any] = {}
        # results that are there from the beginning of a run, since others lie in their memory
        self.lending = {self.root(b)[0].number for b in buffers if b.place == "lent"}

    def cell(self, buffer: Buffer) -> None:
        """Give a number, or what is small, room in the frame."""
        self.cells[buffer.number] = self.size
        self.size += max(16, _up(buffer.nbytes) if buffer.shape else 0)

    def base(self, buffer: Buffer) -> int:
        """The number of the base at which a buffer's array is."""
        return self.bases.setdefault(buffer.number, len(self.bases))

    def root(self, buffer: Buffer) -> tuple[Buffer, int]:
        """The buffer whose memory it is, and how far into it."""
        offset = 0
        while buffer.base is not None:
            offset += buffer.offset
            buffer = self.buffers[buffer.base]
        return buffer, offset

    def of(self, operand: Any, more: int) -> tuple[int, int]:
        """Where an operand is: counted from what, and how far. Bases have numbers from BASES on."""
        if operand is SCRATCH:
            return ARENA, self.scratch + more
        if type(operand) is int:
            return operand, 0
        root, offset = self.root(operand)
        offset += more
        if root.place == "arena":
            return ARENA, root.offset + offset
        if root.number in self.cells:
            return ARENA, self.cells[root.number] + offset
        if root.place == "constant":
            return ABSOLUTE, address_of(self.constant(root)) + offset
        return BASES + 1 + self.base(root), offset

    def constant(self, buffer: Buffer) -> Any:
        """The array of a constant."""
        found = self.constants.get(buffer.number)
        if found is None:
            found = buffer.instruction.params[0]
            found = found if buffer.shape is None else np.asarray(found)
            if buffer.shape is not None and not (
                found.flags.aligned and found.dtype == buffer.dtype
            ):
                found = np.require(found, buffer.dtype, "A")
            self.constants[buffer.number] = found
        return found


def _up(size: int) -> int:
    return (size + _LINE - 1) // _LINE * _LINE


class Tape:
    """The records of a plan, and which of them make a step."""

    def __init__(self, steps: list[Native | Call], places: Places) -> None:
        self.places = places
        self.operations: list[Operation] = []
        self.kernels: list[int] = []  # the number of each operation's; -1: it is none of any
        self._slots: list[tuple[int, int]] = []  # counted from what, and how far
        self._first: list[int] = []  # the first slot of each operation
        self.steps: list[Any] = []  # a Call, or bounds of records for each part, and the cost
        steps = [step for step in steps if isinstance(step, Call) or any(step.parts)]
        self._dynamic: dict[int, list[int]] = {}
        self._write(_resolved(steps, places))
        self._records()

    def _write(self, steps: list[Native | Call]) -> None:
        """Records of what follows each other; then those of parts, which forks run."""
        apart: list[tuple[int, Native]] = []  # forks, and whose parts they run
        open_step: list[Any] = []  # begin, cost, and whether it is shared

        def close() -> None:
            if open_step:
                begin, cost, is_shared = open_step
                self.steps.append(((begin, len(self.operations)), cost, is_shared))
                open_step.clear()

        for step in steps:
            if isinstance(step, Call):
                close()
                self.steps.append(step)
                continue
            if not open_step:
                open_step[:] = len(self.operations), 0.0, False
            open_step[1] += step.cost
            if len(step.parts) == 1:
                self._records_of(step.parts[0], step.kernels)
                continue
            open_step[2] = True
            apart.append((len(self.operations), step))
            fork = Operation(fork_address(), None, ((TABLE, 0), (RECORDS, 0)), None, "fork")
            self._records_of((fork,), step.kernels)
        close()
        for at, step in apart:
            numbers = [len(step.parts)]
            for part in step.parts:
                begin = len(self.operations)
                self._records_of(part, step.kernels * len(part))
                numbers += [8 * RECORD * begin, 8 * RECORD * len(self.operations)]
            self.operations[at] = self.operations[at]._replace(numbers=numbers_of(numbers))
        self._fill_resolves()

    def _records_of(self, operations: Sequence[Operation], kernels: Sequence[int]) -> None:
        for number, operation in zip(kernels, operations, strict=True):
            self.kernels.append(number)
            self._first.append(len(self._slots))
            self.operations.append(operation)
            self._slots += [self.places.of(*operand) for operand in operation.operands]

    def _fill_resolves(self) -> None:
        """The numbers of what fills in addresses: slot, base and offset of each."""
        by_base: dict[int, list[int]] = {}
        for slot, (origin, offset) in enumerate(self._slots):
            if origin > BASES:
                by_base.setdefault(origin - BASES - 1, []).extend(
                    (slot, origin - BASES - 1, offset)
                )
        for k, operation in enumerate(self.operations):
            if isinstance(operation.numbers, tuple):  # the bases that are known from here on
                numbers = [n for base in operation.numbers for n in by_base.get(base, ())]
                numbers = [len(numbers) // 3, *numbers]
                self.operations[k] = operation._replace(numbers=numbers_of(numbers))

    def _records(self) -> None:
        origins = np.array([o for o, _ in self._slots], np.int64)
        self.offsets = np.array([n for _, n in self._slots], np.int64)
        self.offsets[origins > BASES] = 0
        self.origins = np.where(origins > BASES, ABSOLUTE, origins)
        self.records = np.zeros((len(self.operations), RECORD), np.int64)
        for k, operation in enumerate(self.operations):
            numbers = operation.numbers
            self.records[k] = (
                operation.function, 8 * self._first[k],
                0 if numbers is None else ctypes.addressof(numbers),
            )  # fmt: skip


def given_by_calls(steps: list[Native | Call], places: Places) -> set[int]:
    """The buffers whose arrays are what a call gave, by number."""
    writes = [w for step in steps if isinstance(step, Call) for w in step.kernel.writes]
    new = {w.number for w in writes if w.base is None and w.place in ("call", "result")}
    return new - places.lending


def _resolved(steps: list[Native | Call], places: Places) -> list[Native | Call]:
    """The steps with operations that fill in addresses, where they are first known."""
    found: list[Native | Call] = []
    due: tuple[int, ...] | None = None
    given = given_by_calls(steps, places)
    for step in steps:  # all bases get their numbers
        if isinstance(step, Native):
            for part in step.parts:
                for operation in part:
                    for operand in operation.operands:
                        places.of(*operand)
    start = tuple(base for number, base in places.bases.items() if number not in given)
    due = start or None
    for step in steps:
        if isinstance(step, Call):
            found.append(step)
            new = [places.bases[w.number] for w in step.kernel.writes
                   if w.number in places.bases and w.number in given]  # fmt: skip
            due = (*(due or ()), *new) or None
            continue
        if due is not None:
            resolve = Operation(resolve_address(), due, ((SLOTS, 0), (BASES, 0)), None, "addresses")
            due = None
            if len(step.parts) == 1:
                step = step._replace(
                    parts=((resolve, *step.parts[0]),), kernels=(-1, *step.kernels)
                )
            else:
                found.append(Native(((resolve,),), (-1,), 0.0))
        found.append(step)
    return found


def _with_helpers(run: Callable[[], None]) -> None:
    """Run what other threads may help with; BLAS has one thread in each of them meanwhile."""
    have_helpers()
    with serial_blas():
        run()


class Known:
    """What tells the arrays whose addresses a frame has; nothing, once one of them is gone."""

    __slots__ = ("are_these", "by")

    def __init__(self) -> None:
        self.are_these: Callable[[tuple[Any, ...]], bool] | None = None
        self.by: Any = None  # who knows that all sources are as they were in the last run

    def forget(self, _: Any) -> None:
        """One of them is gone, and its place may be another's."""
        self.are_these = self.by = None


class Frame:
    """Memory and addresses of one running call."""

    __slots__ = (
        "arena", "back", "bases", "cells", "changed", "found", "kept", "known", "memory", "outputs",
        "ranges", "records", "refs", "slots", "steps", "values", "writes",
    )  # fmt: skip

    def __init__(self, tape: Tape, calls: Callable[[Frame, Call], Callable[[], None]]) -> None:
        places = tape.places
        self.memory = np.empty(places.size + _LINE, np.uint8)
        begin = -address_of(self.memory) % _LINE
        self.arena = self.memory[begin : begin + places.size]
        count = len(places.bases)
        self.bases = (ctypes.c_int64 * max(count, 1))()
        self.values: dict[int, Any] = {}  # what this run has for buffers outside of the arena
        self.refs: dict[int, Any] = {}  # which arrays sources were last
        self.known = Known()
        self.kept: tuple[Any, ...] = ()  # the values of Tensors, while a run needs them
        self.writes: list[Any] = []  # what puts a value to its place, and what takes it out
        self.outputs: list[Callable[[], Any]] = []  # what takes out what the call returns
        self.ranges: dict[int, tuple[int, int]] = {}  # of the bytes of sources
        self.changed = True  # whether one of them is another than before
        # how calls gave what was planned otherwise
        self.found: dict[Any, tuple[int, ...]] = {}
        self.back: list[tuple[Any, Any]] = []  # arrays, and the copies that stand for them
        self.cells = {
            number: self.view(buffer.shape, buffer.dtype, buffer.strides, at)
            for number, at in places.cells.items()
            if (buffer := places.buffers[number])
        }
        self.slots = tape.offsets.copy()
        self.records = tape.records.copy()
        origins = (
            (ARENA, address_of(self.arena)), (SLOTS, address_of(self.slots)),
            (BASES, ctypes.addressof(self.bases)), (TABLE, table_address()),
            (RECORDS, address_of(self.records)),
        )  # fmt: skip
        for origin, address in origins:
            self.slots[tape.origins == origin] += address
        self.records[:, 1] += address_of(self.slots)
        self.steps = [
            calls(self, step) if isinstance(step, Call) else self._native(*step)
            for step in tape.steps
        ]

    def _native(self, bounds: tuple[int, int], cost: float, is_shared: bool) -> Callable[[], None]:
        """A step of native code, as a call without arguments."""
        start = address_of(self.records)
        begin, end = (ctypes.c_void_p(start + 8 * RECORD * at) for at in bounds)
        free, held = drive_functions()
        run = partial(held if cost < SHORT else free, begin, end)
        return partial(_with_helpers, run) if is_shared else run

    def drive(self, begin: int, end: int) -> None:
        """Run some records of the tape."""
        start = address_of(self.records)
        drive_functions()[0](start + 8 * RECORD * begin, start + 8 * RECORD * end)

    def view(self, shape: Any, dtype: Any, strides: Any, offset: int) -> Any:
        """An array in the frame's memory."""
        if 0 in shape:
            return np.empty(shape, dtype)
        return np.ndarray(shape, dtype, self.arena, offset, strides)
