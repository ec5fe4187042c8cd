"""How long each kernel of a plan takes: its records are run one by one."""

from __future__ import annotations

from collections.abc import MutableMapping
from time import perf_counter_ns

from autograd.compiler.native.frames import Frame, Tape
from autograd.compiler.native.steps import Call

__all__ = ["timed_steps"]


def timed_steps(tape: Tape, frame: Frame, times: MutableMapping[int, float]) -> None:
    """Run the steps of a frame, and add to `times` what each kernel took, in ms."""
    idle = min(_elapsed(frame, 0, 0) for _ in range(5))
    for step, run in zip(tape.steps, frame.steps, strict=True):
        if isinstance(step, Call):
            start = perf_counter_ns()
            run()
            times[step.number] += (perf_counter_ns() - start) / 1e6
            continue
        for k in range(*step[0]):
            taken = _elapsed(frame, k, k + 1)
            if tape.kernels[k] >= 0:
                times[tape.kernels[k]] += max(taken - idle, 0) / 1e6


def _elapsed(frame: Frame, begin: int, end: int) -> int:
    """The ns that some records take, with their call."""
    start = perf_counter_ns()
    frame.drive(begin, end)
    return perf_counter_ns() - start
