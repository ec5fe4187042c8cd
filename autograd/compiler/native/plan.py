"""A native plan: a schedule that runs in native code, but for what Python has to do.

Several threads may run one at once: each call has a frame of its own while it runs.
"""

from __future__ import annotations

from typing import Any

from autograd.compiler.native.calls import call_of_kernel
from autograd.compiler.native.frames import Frame, Places, Tape, given_by_calls
from autograd.compiler.native.results import Results
from autograd.compiler.native.sources import Sources
from autograd.compiler.native.steps import Call, steps_of
from autograd.compiler.schedule import Schedule
from autograd.engine.modes import captures, uncaptured

__all__ = ["NativePlan"]


class NativePlan:
    """A schedule as it is run: `plan(*args)` is `program(*args)`."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        steps, scratch = steps_of(schedule)
        self.places = places = Places(schedule.buffers, schedule.arena_bytes, scratch)
        written = {places.root(buffer)[0].number for buffer in schedule.in_place.values()}
        program = schedule.lowered.program
        self.sources = Sources(program, schedule.buffers, places, written)
        self.results = Results(schedule, places, given_by_calls(steps, places))
        self.tape = Tape(steps, places)
        self._free: list[Frame] = []

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if captures:
            with uncaptured:
                return self._run(args, kwargs)
        return self._run(args, kwargs)

    def _run(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        try:
            frame = self._free.pop()
        except IndexError:
            frame = self._frame()
        try:
            this = self.sources.read(frame, args, kwargs)
            self.results.make_room(frame)
            for step in frame.steps:
                step()
            self.results.put(frame, this)
            return self.results.returned(frame)
        finally:
            frame.values.clear()
            frame.back.clear()
            self._free.append(frame)

    def _frame(self) -> Frame:
        frame = Frame(self.tape, self._call)
        self.results.bind(frame)
        return frame

    def _call(self, frame: Frame, step: Call) -> Any:
        return call_of_kernel(frame, self.places, step)
