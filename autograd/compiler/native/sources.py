"""What a plan starts from: inputs, parameters, state and draws, read in the shortest way.

The checks are those of `program/run.py`. Here the usual case is told quickly: the same array
as last time, or one of the right shape and dtype; whatever else there is goes to `Run`, which says
what is wrong, or converts.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.array_utils import byte_bounds

from autograd.compiler.native.arrays import laid_out, lies_so
from autograd.compiler.native.frames import Frame, Places
from autograd.compiler.schedule import Buffer
from autograd.engine.constants import is_shared
from autograd.engine.identity import Expressions, identities
from autograd.engine.node import Node
from autograd.engine.operands import tensor_types
from autograd.graph.call import Slot
from autograd.graph.capture import own
from autograd.graph.cells import Cell, Gradient, Moment
from autograd.graph.naming import HELD
from autograd.graph.replay import held_value
from autograd.program.run import Run
from autograd.system.addresses import address_of

__all__ = ["Sources", "Stale"]

ndarray = np.ndarray


class Stale(NamedTuple):
    """What a run begins with is not what the plan was made for: it is made anew for this."""

    this: Run
    sources: dict[Node, Any]


class Sources:
    """The sources of a program, and where a frame has them."""

    def __init__(
        self, lowered: Any, buffers: list[Buffer], places: Places, written: set[int]
    ) -> None:
        self.program = program = lowered.program
        self.lowered, self.places, self.written = lowered, places, written
        self.buffers = {b.instruction: b for b in buffers if b.place == "source" and b.base is None}
        self.by_node = {
            node: self.buffers[x] for node, x in lowered.sources.items() if x in self.buffers
        }
        for buffer in self.buffers.values():
            if buffer.shape == ():
                places.cell(buffer)
            elif buffer.shape is not None:
                places.base(buffer)
        self.presence = [(_cell(cell), there) for cell, (there, _) in program.presence.items()]
        self.inputs = self._inputs()
        self.readers = {node: _reader(node) for node in program.held}
        self.absent = [self.readers[node] for node in lowered.absent]
        held = [(self.readers[n], self.by_node[n]) for n in program.held if n in self.by_node]
        expressions = Expressions()
        steady = [
            (read, b) for n in program.held
            if (b := self.by_node.get(n)) is not None and b.shape
            and (read := _expression(n, expressions.bind))
        ]  # fmt: skip
        self.now = expressions.reader(read for read, _ in steady)
        self.steady = [buffer for _, buffer in steady]
        self.numbers = [buffer.number for buffer in self.steady]
        self.is_asked = True  # whether Python asks for the arrays of these in a run
        self.held = [(r, b) for r, b in held if b.shape != () and b not in self.steady]
        self.scalars = [
            (read, b, b.number, b.dtype.type) for read, b in held
            if b.shape == () and b.dtype is not None
        ]  # fmt: skip
        self.draws = [
            (self.by_node[node], node.params[1]) for node in program.draws if node in self.by_node
        ]
        self.held_places = [n.params[0] for n in program.held if n in self.by_node]

    def _inputs(self) -> list[tuple[int, Buffer]] | None:
        """Which argument is which source; None where only `Run` can match them."""
        call, program = self.program.call, self.program
        given = {id(node.params[0]) for node in program.inputs if node.params[0] is not None}
        places = [node.params[0] for node in (*program.held, *program.writes)]
        if any(id(getattr(p, "tensor", p)) in given for p in (*places, *program.presence)):
            return None
        if program.options or call.kwargs or any(type(x) is not Slot for x in call.args):
            return None
        positions = {x.node: k for k, x in enumerate(call.args)}
        if any(node not in positions for node in program.inputs):
            return None
        return [(positions[n], b) for n in program.inputs if (b := self.by_node.get(n)) is not None]

    def read(
        self, frame: Frame, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> Run | Stale | None:
        """Bring all sources to a frame. A Run, if there has to be one; or what does not fit."""
        this = frame.known.by = None
        numbers = self.lowered.numbers
        is_read = self._read(frame, args, kwargs)
        if is_read and (not numbers or self._number(frame, _Now(self.readers))):
            for buffer, draw in self.draws:
                self._load(frame, buffer, own(draw()))
        else:
            this = Run(self.program, args, kwargs)
            sources = this.sources()
            if not self.load(frame, sources):
                return Stale(this, sources)
        if frame.changed:
            if this is None:
                frame.values.update(zip(self.numbers, frame.kept, strict=True))
            self._part(frame)
        return this

    def load(self, frame: Frame, sources: Mapping[Node, Any]) -> bool:
        """Bring values that a Run has read to a frame; whether the plan is made for such."""
        if any(sources[node] is not None for node in self.lowered.absent):
            return False
        for node, buffer in self.by_node.items():
            if sources[node] is None:
                return False
            self._load(frame, buffer, sources[node])
        self._part(frame)
        return self._number(frame, sources)

    def _number(self, frame: Frame, sources: Any) -> bool:
        """Read the numbers of optimizers; whether their steps are made of the same operations."""
        for numbers in self.lowered.numbers:
            found = numbers.read(sources)
            if found is None:
                return False
            for instruction, value in found.items():
                buffer = self.buffers.get(instruction)
                if buffer is not None and buffer.number in frame.cells:
                    frame.cells[buffer.number][()] = frame.values[buffer.number] = value
                elif buffer is not None:
                    self._load(frame, buffer, value)
        return True

    def _read(self, frame: Frame, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
        """Whether all is as it should be, and has been read."""
        inputs = self.inputs
        if inputs is None or kwargs or len(args) != len(self.program.call.args):
            return False
        for read, there in self.presence:
            if (read() is not None) is not there:
                return False
        for read in self.absent:
            if read() is not None:
                return False
        try:
            frame.kept = now = self.now()
        except (LookupError, AttributeError):
            return False  # one is no more there
        are_these = frame.known.are_these
        if are_these is None or not are_these(now):
            if not self._know(frame, now):
                return False
        elif self.is_asked:
            frame.values.update(zip(self.numbers, now, strict=True))
        if not self.read_inputs(frame, args):
            return False
        for read, buffer in self.held:
            if not self._bring(frame, buffer, read()):
                return False
        cells, values = frame.cells, frame.values
        for read, buffer, number, kind in self.scalars:
            value = read()
            if type(value) is not kind and not self._suits(buffer, value):
                return False
            cells[number][()] = values[number] = value
        return True

    def read_inputs(self, frame: Frame, args: tuple[Any, ...]) -> bool:
        """Bring the arguments to a frame; whether they suit."""
        for k, buffer in self.inputs or ():
            value = args[k]
            if type(value) in tensor_types:
                value = value._value
            if not self._bring(frame, buffer, value):
                return False
        return True

    @cached_property
    def are_known(self) -> bool:
        """Whether they are arguments and values of Tensors alone, which no run writes to."""
        others = self.lowered.numbers or self.draws or self.presence or self.absent or self.held
        are_tensors = all(type(place) in tensor_types for place in self.held_places)
        return self.inputs is not None and not others and are_tensors and not self.written

    def _know(self, frame: Frame, now: tuple[Any, ...]) -> bool:
        """Bring the values of Tensors to a frame; whether they suit.

        From then on they are known together, unless a user's array among them may lie otherwise.
        """
        if not all(self._bring(frame, b, x) for b, x in zip(self.steady, now, strict=True)):
            return False
        if all(b.number in frame.refs for b in self.steady) and not any(map(is_shared, now)):
            frame.known.are_these = identities(now)
        return True

    def _bring(self, frame: Frame, buffer: Buffer, value: Any) -> bool:
        """Bring an array to a frame, which may have it already; whether it suits."""
        number = buffer.number
        ref = frame.refs.get(number)
        if ref is not None and ref() is value is not None and value.shape == buffer.shape:
            frame.values[number] = value
            return True
        if not self._suits(buffer, value):
            return False
        self._load(frame, buffer, value)
        return True

    def _suits(self, buffer: Buffer, value: Any) -> bool:
        """Whether a value can be read as it is."""
        if buffer.shape is None:
            return value is not None
        if buffer.number in self.places.cells:
            if isinstance(value, (np.generic, ndarray)):
                return value.shape == () and value.dtype == buffer.dtype
            return type(value) in (int, float, bool) and buffer.instruction.name == "state"
        return (
            type(value) is ndarray and value.shape == buffer.shape and value.dtype == buffer.dtype
        )

    def _load(self, frame: Frame, buffer: Buffer, value: Any) -> None:
        number = buffer.number
        if buffer.shape is None:
            frame.values[number] = value
            return
        if number in frame.cells:
            frame.cells[number][()] = frame.values[number] = value
            return
        value = np.asarray(value)
        is_there = lies_so(value, buffer)
        array = value if is_there else laid_out(value, buffer)
        if is_there:
            forget = frame.known.forget if number in self.numbers else None
            frame.refs[number] = weakref.ref(value, forget)
        else:
            frame.refs.pop(number, None)
            if number in self.written:
                frame.back.append((value, array))
        self._place(frame, number, array)
        low, high = byte_bounds(value)
        frame.ranges[number] = low, high
        frame.changed = True

    def _place(self, frame: Frame, number: int, array: Any) -> None:
        frame.values[number] = array
        frame.bases[self.places.bases[number]] = address_of(array)

    def _part(self, frame: Frame) -> None:
        """Copy what shares memory with something that the plan writes to while it runs."""
        frame.changed = False
        ranges = frame.ranges
        written = [ranges[n] for n in self.written if n in ranges]
        if not written:
            return
        least, most = min(low for low, _ in written), max(high for _, high in written)
        for buffer in self.buffers.values():
            number = buffer.number
            if number in self.written or number not in ranges:
                continue
            low, high = ranges[number]
            if low >= most or high <= least or number not in frame.refs:
                continue
            if any(low < end and begin < high for begin, end in written):
                frame.refs.pop(number)
                self._place(frame, number, laid_out(frame.values[number], buffer))


class _Now:
    """What sources hold now, by node."""

    def __init__(self, readers: dict[Node, Callable[[], Any]]) -> None:
        self.readers = readers

    def __getitem__(self, node: Node) -> Any:
        return self.readers[node]()


def _expression(node: Node, bind: Callable[[Any], str]) -> str | None:
    """What reads an array that stays the same for long: of a Tensor, or an optimizer's."""
    place: Any = node.params[0] if node.op in HELD else None
    if type(place) in tensor_types:
        return f"{bind(place)}._value"
    if type(place) is Moment:
        state = f"{bind(place.optimizer)}.state.get({bind(place.tensor)}, {{}})"  # not to make one
        return f"{state}[{place.kind!r}]._value"
    return None


def _cell(cell: Cell) -> Callable[[], Any]:
    return _gradient(cell.tensor) if type(cell) is Gradient else cell.read


def _gradient(tensor: Any) -> Callable[[], Any]:
    """What reads the gradient of a leaf, as `Gradient.read` does, with fewer calls."""

    def read() -> Any:
        leaf = tensor._node
        if leaf is None or leaf.extra is None:
            return None
        grad: Any = leaf.extra.grad
        if grad is None:
            return None
        return grad._value

    return read


def _reader(node: Node) -> Callable[[], Any]:
    """What reads a source that lies in a Tensor, a cell or an array."""
    place: Any = node.params[0] if node.op in HELD else None
    if isinstance(place, Cell):
        return _cell(place)
    if type(place) in tensor_types:
        return lambda: place._value
    if isinstance(place, ndarray):
        return lambda: place
    return lambda: held_value(node)
