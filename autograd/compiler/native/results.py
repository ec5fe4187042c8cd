"""What a plan leaves: writes to where the call would have written, and what the call returns."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.codegen.addresses import address_of
from autograd.compiler.native.arrays import array_getter
from autograd.compiler.native.frames import Frame, Places
from autograd.compiler.schedule import Buffer, Schedule
from autograd.engine.mutation import mutated
from autograd.engine.node import Node
from autograd.engine.operands import tensor_types
from autograd.engine.outputs import wrap
from autograd.graph.call import Slot
from autograd.graph.cells import Cell
from autograd.graph.pytree import flat, nested
from autograd.graph.replay import held_value, replaced
from autograd.program.run import Run, check_guard

__all__ = ["Results"]


class Results:
    """The results of a plan, and how they come out of a frame."""

    def __init__(self, schedule: Schedule, places: Places, given: set[int]) -> None:
        program = schedule.lowered.program
        self.program, self.schedule, self.places = program, schedule, places
        self.fresh = [
            (b.number, b.new, places.base(b)) for b in schedule.buffers
            if b.place == "result" and b.base is None and b.number not in given
            and b.number not in places.cells
        ]  # fmt: skip
        self._taken: set[int] = set()
        self.writes = [
            (node, node.params[0], schedule.results[node], self._owns(node))
            for node in program.writes if node not in schedule.in_place
        ]  # fmt: skip
        self.in_place = [node.params[0] for node in program.writes if node in schedule.in_place]
        self.outputs = [
            (x.node, schedule.results[x.node], self._owns(x.node))
            for x in flat(program.call.result) if type(x) is Slot
        ]  # fmt: skip
        self.guards = [
            (schedule.results.get(node), node, guards)
            for node, guards in program.call.guards.items()
        ]

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

    def make_room(self, frame: Frame) -> None:
        """New memory for what this run leaves."""
        values, bases = frame.values, frame.bases
        for number, new, base in self.fresh:
            values[number] = array = new()
            bases[base] = address_of(array)

    def bind(self, frame: Frame) -> None:
        """Find once how each result is taken out of a new frame."""
        for buffer in self.schedule.results.values():
            frame.takes[buffer.number] = array_getter(frame, self.places, buffer)

    def _value(self, frame: Frame, node: Node, buffer: Buffer, owns: bool) -> Any:
        """The value of a node, which belongs to whoever asked for it."""
        value = frame.takes[buffer.number]()
        if not isinstance(value, np.ndarray):
            return value
        if buffer.shape is not None and not buffer.shape and not _is_array(node):
            return value[()]
        return value if owns else np.array(value)

    def put(self, frame: Frame, this: Run | None) -> None:
        """Write what the call would have written."""
        for array, copy in frame.back:
            array[...] = copy
        frame.back.clear()
        if self.guards:
            self._check(frame)
        for place in self.in_place:
            if type(place) in tensor_types:
                mutated(place._value, place._label())
        if this is not None:
            this.write(_Values(self, frame), self.schedule.in_place)
            return
        for node, place, buffer, owns in self.writes:
            value = self._value(frame, node, buffer, owns)
            if isinstance(place, Cell):
                place.write(value)
            elif isinstance(place, np.ndarray):
                place[...] = value
            else:
                replaced(place, value)

    def _check(self, frame: Frame) -> None:
        """Raise where Python has looked at a value that is another one now."""
        for buffer, node, guards in self.guards:
            value = held_value(node) if buffer is None else frame.takes[buffer.number]()
            for guard in guards:
                check_guard(guard, value)

    def returned(self, frame: Frame) -> Any:
        """What the call returns."""
        outputs = self.outputs
        if len(outputs) == 1 and type(self.program.call.result) is Slot:
            return wrap(self._value(frame, *outputs[0]))
        values = iter([wrap(self._value(frame, *output)) for output in outputs])
        return nested(lambda x: next(values) if type(x) is Slot else x, self.program.call.result)


def _is_array(node: Node) -> bool:
    """Whether a value without axes is an array all the same."""
    source = node if node.spec is not None or not node.inputs else node.inputs[0]
    return type(source) is Node and type(source.spec) is tuple


class _Values:
    """The values of a frame by node."""

    def __init__(self, results: Results, frame: Frame) -> None:
        self.results, self.frame = results, frame

    def __getitem__(self, node: Node) -> Any:
        return self.results._value(
            self.frame, node, self.results.schedule.results[node], owns=False
        )
