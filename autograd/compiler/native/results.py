"""What a plan leaves: writes to where the call would have written, and what the call returns."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from sys import getrefcount
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograd.compiler.native.arrays import array_getter
from autograd.compiler.native.frames import Frame, Places
from autograd.compiler.schedule import Buffer, Schedule, contiguous, trimmed
from autograd.engine.node import Node
from autograd.engine.outputs import wrap
from autograd.graph.call import Slot
from autograd.graph.cells import Cell, Gradient
from autograd.graph.pytree import flat, nested
from autograd.graph.replay import held_value
from autograd.program.run import Run, check_guard
from autograd.system.addresses import address_of
from autograd.system.forks import forkable
from autograd.tensors.inplace import is_unshared, renewed

__all__ = ["Results"]

ndarray = np.ndarray
_taking = forkable(threading.Lock())  # whoever takes a gradient's memory


Take = Callable[[], Any]
SMALL = 4096  # bytes


class Results:
    """The results of a plan, and how they come out of a frame."""

    def __init__(self, schedule: Schedule, places: Places, given: set[int], may_stop: bool) -> None:
        program = schedule.lowered.program
        self.program, self.schedule, self.places = program, schedule, places
        for b in schedule.buffers:
            is_new = b.place == "result" and b.base is None and b.number not in given
            if is_new and b.shape is not None and _is_small(b):  # which is copied out
                places.cell(b)
        self.fresh = [
            (b.number, b.new, places.base(b)) for b in schedule.buffers
            if b.place == "result" and b.base is None and b.number not in given
            and b.number not in places.cells
        ]  # fmt: skip
        self._taken: set[int] = set()
        writes = [node for node in program.writes if node not in schedule.in_place]
        self.writes = [(_writer(node.params[0]), node, self._owns(node)) for node in writes]
        self.replaced = self._replaced(may_stop)
        slots = [x for x in flat(program.call.result) if type(x) is Slot]
        self.outputs = [
            (x.node, self._owns(x.node) or schedule.is_turned(schedule.results[x.node]))
            for x in slots
        ]
        self.is_one = type(program.call.result) is Slot
        self.guards = [
            (node, guards) for node, guards in program.call.guards.items()
            if schedule.lowered.results[node].kind == "source"
        ]  # fmt: skip

    def _owns(self, node: Node) -> bool:
        """Whether a result may be handed out as it is: the first time, if its memory is new."""
        buffer = self.schedule.results[node]
        if buffer.base is not None or buffer.number in self._taken:
            return False
        is_new = buffer.place == "result" or (
            buffer.place == "call" and node in self.program.writes
        )
        if is_new:
            self._taken.add(buffer.number)
        return is_new

    def _replaced(self, may_stop: bool) -> dict[int, Any]:
        """The Tensors whose gradients a run replaces without reading them, by buffer.

        Where it may stop, those alone that are gone in the call by then: the others are still asked
        for.
        """
        cells = [node.params[0] for node in self.program.held]
        read = {id(cell.tensor) for cell in cells if type(cell) is Gradient}
        fresh = {number for number, _, _ in self.fresh}
        return {
            number: place.tensor for _, node, owns in self.writes
            if type(place := node.params[0]) is Gradient and id(place.tensor) not in read
            and (place.drops_first or not may_stop)
            and owns and (number := self.schedule.results[node].number) in fresh
        }  # fmt: skip

    def bind(self, frame: Frame) -> None:
        """Find once how each result is taken out of a new frame."""
        frame.writes = [(write, self._take(frame, n, owns)) for write, n, owns in self.writes]
        frame.outputs = [self._take(frame, node, owns) for node, owns in self.outputs]

    def _take(self, frame: Frame, node: Node, owns: bool) -> Take:
        """What gives the value of a node, for whoever asked for it."""
        buffer = self.schedule.results[node]
        get = array_getter(frame, self.places, buffer)
        root, _ = self.places.root(buffer)
        if buffer.shape == () and not _is_array(node):
            if buffer.place == "arena" or (buffer.place == "result" and root.number in frame.cells):
                return partial(get().__getitem__, ())
            return lambda: found[()] if isinstance(found := get(), ndarray) else found
        if buffer.shape and root.place == "result" and root.number in frame.cells:
            return get().copy  # type: ignore[no-any-return]
        if owns and buffer.room:
            return partial(trimmed, frame.values, buffer.number, buffer)
        if owns and buffer.shape:
            return get
        return lambda: np.array(found) if isinstance(found := get(), ndarray) else found

    def make_room(self, frame: Frame) -> None:
        """New memory for what this run leaves, or that of gradients which it replaces."""
        values, bases, replaced = frame.values, frame.bases, self.replaced
        if replaced:
            with _taking:
                for number, tensor in replaced.items():
                    buffer = self.places.buffers[number]
                    old = _old_gradient(tensor, buffer)
                    if old is not None and buffer.room:
                        tensor._node.extra.grad = old = None  # its memory is a part of the room
                    elif old is not None:
                        values[number] = old
        for number, new, base in self.fresh:
            array = values.get(number)
            if array is None:
                values[number] = array = new()
            bases[base] = address_of(array)

    def put(self, frame: Frame, this: Run | None) -> None:
        """Write what the call would have written."""
        if frame.back:
            for array, copy in frame.back:
                array[...] = copy
            frame.back.clear()
        if this is None:
            for write, take in frame.writes:
                write(take())
        else:
            this.write(_Values(self, frame), self.schedule.in_place)

    def check(self, frame: Frame) -> None:
        """Raise where Python has looked at a source that holds another value now."""
        for node, guards in self.guards:
            known = node in self.schedule.results
            value = self._take(frame, node, True)() if known else held_value(node)
            for guard in guards:
                check_guard(guard, value)

    def returned(self, frame: Frame) -> Any:
        """What the call returns."""
        if self.is_one:
            return wrap(frame.outputs[0]())
        values = iter([wrap(take()) for take in frame.outputs])
        return nested(lambda x: next(values) if type(x) is Slot else x, self.program.call.result)


def _is_small(buffer: Buffer) -> bool:
    """Whether it takes less time to copy it than to find where new memory is."""
    assert buffer.dtype is not None
    rows = contiguous(buffer.shape or (), buffer.dtype.itemsize)
    return buffer.nbytes <= SMALL and buffer.strides == rows and 0 not in (buffer.shape or ())


def _writer(place: Any) -> Callable[[Any], None]:
    """What puts a value where a program writes."""
    if type(place) is Gradient:
        return partial(_write_gradient, place.tensor)
    if isinstance(place, Cell):
        return place.write
    if isinstance(place, ndarray):
        return partial(place.__setitem__, ...)
    return partial(renewed, place)


def _write_gradient(tensor: Any, value: Any) -> None:
    """As `Gradient.write` does, with fewer calls."""
    leaf = tensor._node
    if leaf is not None:
        (leaf.extra or leaf.more()).grad = None if value is None else wrap(value)


def _old_gradient(tensor: Any, buffer: Buffer) -> Any:
    """The memory of a Tensor's gradient, if nobody else has it, and it lies as a buffer says."""
    leaf = tensor._node
    extra = None if leaf is None else leaf.extra
    if extra is None or extra.grad is None or _references(extra) > _ALONE:
        return None
    grad = extra.grad
    value = grad._value
    if type(value) is not ndarray or value.shape != buffer.shape or value.dtype != buffer.dtype:
        return None
    if value.strides != buffer.strides or not value.flags.aligned:
        return None
    del value
    return grad._value if is_unshared(grad) else None


def _references(extra: Any) -> int:
    return getrefcount(extra.grad)


_ALONE = _references(SimpleNamespace(grad=Cell()))  # what one owner counts as, here


def _is_array(node: Node) -> bool:
    """Whether a value without axes is an array all the same."""
    source = node if node.spec is not None or not node.inputs else node.inputs[0]
    return type(source) is Node and type(source.spec) is tuple


class _Values:
    """The values of a frame that are written, by node."""

    def __init__(self, results: Results, frame: Frame) -> None:
        nodes = (node for _, node, _ in results.writes)
        self._takes = {n: take for n, (_, take) in zip(nodes, frame.writes, strict=True)}

    def __getitem__(self, node: Node) -> Any:
        return self._takes[node]()
