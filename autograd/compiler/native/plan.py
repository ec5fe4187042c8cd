"""A native plan: a schedule that runs in native code, but for what Python has to do.

Several threads may run one at once: each call has a frame of its own while it runs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from autograd.compiler.instruction import Instruction, Lowered
from autograd.compiler.lower.lower import lower
from autograd.compiler.native.arrays import has_own_places
from autograd.compiler.native.calls import call_of_kernel
from autograd.compiler.native.frames import Frame, Places, Tape, given_by_calls
from autograd.compiler.native.results import Results
from autograd.compiler.native.sources import Sources, Stale
from autograd.compiler.native.steps import Call, steps_of
from autograd.compiler.native.timing import timed_steps
from autograd.compiler.planning.planner import schedule
from autograd.compiler.planning.writes import changed_by_steps
from autograd.compiler.schedule import Schedule
from autograd.engine.modes import captures, uncaptured
from autograd.engine.node import Node
from autograd.program.run import Run
from autograd.system.memory import give_back_code, give_back_memory
from autograd.tensors.inplace import opened

__all__ = ["LARGE", "Executor", "NativePlan"]

LARGE = 1 << 26  # bytes of values, or of parameters, from which a first call saves memory


class NativePlan:
    """A program as it is run in native code: `plan(*args)` is `program(*args)`.

    What there is when a run begins, such as the moments of an optimizer, may ask for other
    instructions than before; the schedule is made for the first run, and anew for those.
    """

    def __init__(self, program: Any) -> None:
        self.program = program
        self.executor: Executor | None = None
        self.layouts: dict[Any, tuple[int, ...]] = {}  # the strides of what calls give
        self.is_outdated = False  # whether another executor would do better
        self.changed = changed_by_steps(program)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if captures:
            with uncaptured:
                return self._run(args, kwargs)
        return self._run(args, kwargs)

    def _run(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], steps: Steps | None = None
    ) -> Any:
        if not self.changed:
            return self._ran(args, kwargs, steps)
        with opened(self.changed):
            return self._ran(args, kwargs, steps)

    def _ran(self, args: tuple[Any, ...], kwargs: dict[str, Any], steps: Steps | None) -> Any:
        executor = self.executor
        if executor is not None and not self.is_outdated:
            found = executor.run(args, kwargs, steps)
            if type(found) is not Stale:
                return found
        else:
            this = Run(self.program, args, kwargs)
            found = Stale(this, this.sources())
        self.executor = executor = made_for(self.program, found.sources, self.layouts)
        if self.program.nbytes > LARGE:
            give_back_memory()
            give_back_code("llvm")  # which has done its work
        result = executor.run_from(found.this, found.sources, steps)
        new = {k: s for k, s in executor.found().items() if k not in self.layouts}
        if new:  # arrays stay as calls give them, such as the channels of convolutions
            self.layouts |= new
        self.is_outdated = bool(new)
        return result

    def timed(self, *args: Any, **kwargs: Any) -> tuple[Any, list[float]]:
        """A run, and how many ms each kernel of the schedule took in it."""
        times: defaultdict[int, float] = defaultdict(float)
        with uncaptured:
            found = self._run(args, kwargs, partial(timed_steps, times=times))
        assert self.executor is not None
        return found, self.executor.took(times)

    def __reduce__(self) -> Any:
        return NativePlan, (self.program,)


def made_for(program: Any, sources: Mapping[Node, Any], found: Mapping[Any, Any]) -> Executor:
    """An executor for runs that begin with such values, and whose calls give arrays that lie so."""
    lowered = lower(program, sources)
    layouts = {
        x: sources[node].strides for node, x in lowered.sources.items()
        if isinstance(sources[node], np.ndarray) and has_own_places(sources[node])
    }  # fmt: skip
    for x in lowered.instructions:
        if x.kind in ("call", "part") and _key(x) in found:
            layouts[x] = found[_key(x)]
    return Executor(lowered, schedule(lowered, layouts, free=True))


def _key(x: Instruction) -> Any:
    """What finds what a call gives in another reading of the program."""
    return x.origin, x.params if x.kind == "part" else ()


Steps = Callable[[Tape, Frame], None]  # what runs the steps of a frame in another way


class Executor:
    """A schedule with its tape, and the frames that no call is using."""

    def __init__(self, lowered: Lowered, planned: Schedule) -> None:
        self.schedule = planned
        steps, scratch = steps_of(planned)
        self.places = places = Places(planned.buffers, planned.arena_bytes, scratch)
        written = {places.root(buffer)[0].number for buffer in planned.in_place.values()}
        calls = any(isinstance(step, Call) for step in steps)  # which may raise
        self.results = Results(planned, places, given_by_calls(steps, places), calls)
        self.sources = Sources(lowered, planned.buffers, places, written)
        shown = [places.root(buffer)[0].place for buffer in planned.results.values()]
        self.sources.is_asked = "source" in shown or calls
        self.tape = Tape(steps, places)
        self.times: list[float] = []  # in ms, what each kernel took at least
        self._free: list[Frame] = []

    def took(self, times: Mapping[int, float]) -> list[float]:
        """Note what the kernels took in a run; the least of all runs is kept."""
        now = [times[k] for k in range(len(self.schedule.kernels))]
        self.times = list(map(min, now, self.times or now))
        return now

    def found(self) -> dict[Any, tuple[int, ...]]:
        """How calls gave arrays that were planned to lie otherwise."""
        return {_key(x): s for frame in self._free for x, s in frame.found.items()}

    def run(
        self, args: tuple[Any, ...], kwargs: Mapping[str, Any], steps: Steps | None = None
    ) -> Any:
        """What a call returns; Stale if it begins with what this is not made for."""
        frame = self._frame()
        try:
            this = self.sources.read(frame, args, kwargs)
            return this if isinstance(this, Stale) else self._finish(frame, this, steps)
        finally:
            self._give_back(frame)

    @property
    def is_plain(self) -> bool:
        """Whether a run is native code alone, over arguments and what Tensors hold."""
        return self.sources.are_known and not (self.sources.is_asked or self.results.guards)

    def expect(self, who: Any, args: tuple[Any, ...], is_so: Callable[[], bool]) -> None:
        """Have a frame with all sources as they are now, for who looks whether that is so."""
        frame = self._frame()
        self.sources.read(frame, args, {})
        if frame.known.are_these is not None and is_so():
            frame.known.by = who
        self._give_back(frame)

    def run_as_expected(self, who: Any, args: tuple[Any, ...]) -> Any:
        """What a call returns whose sources are those of the last, but for arguments; or Stale."""
        free, sources, results = self._free, self.sources, self.results
        if not free:
            return Stale
        frame = free.pop()
        try:
            if frame.known.by is not who or (args and not sources.read_inputs(frame, args)):
                return Stale
            if results.fresh:
                results.make_room(frame)
            for step in frame.steps:
                step()
            for write, take in frame.writes:
                write(take())
            return results.returned(frame)
        finally:
            frame.values.clear()
            free.append(frame)

    def run_from(self, this: Run, sources: Mapping[Node, Any], steps: Steps | None = None) -> Any:
        """The same of a Run that has read its sources already."""
        frame = self._frame()
        try:
            self.sources.load(frame, sources)
            return self._finish(frame, this, steps)
        finally:
            self._give_back(frame)

    def _finish(self, frame: Frame, this: Run | None, steps: Steps | None) -> Any:
        results = self.results
        results.check(frame)
        results.make_room(frame)
        if steps is not None:
            steps(self.tape, frame)
        else:
            for step in frame.steps:
                step()
        results.put(frame, this)
        return results.returned(frame)

    def _frame(self) -> Frame:
        try:
            return self._free.pop()
        except IndexError:
            frame = Frame(self.tape, self._call)
            self.results.bind(frame)
            return frame

    def _give_back(self, frame: Frame) -> None:
        frame.kept = ()
        frame.values.clear()
        if frame.back:
            frame.back.clear()
        self._free.append(frame)

    def _call(self, frame: Frame, step: Call) -> Any:
        return call_of_kernel(frame, self.places, step)
