"""Work: a collective that is under way, made of stages that follow each other, and how one waits.

MPI matches collectives by their order in a communicator. So each stage has a communicator of its
own, and of two works the one that was begun first is the first in every stage, on all processes.
Whoever waits for one moves all along; nothing is sent behind the program's back.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Generator, Iterable
from typing import Any, TypeAlias

from autograd.distributed.mpi import LOCK
from autograd.errors import AutogradError, DistributedError

__all__ = ["Line", "Stages", "Work"]

# what a stage begins, on its communicator; it goes on when the request that this gives is through
Start: TypeAlias = "Callable[[Any], Any]"
Stages: TypeAlias = "Generator[Start, Any, None]"
yield_core: Callable[[], object] = getattr(os, "sched_yield", lambda: time.sleep(0))
SPIN, NAP = 2e-3, 0.1  # seconds of waiting with open eyes, then with short naps, then with long


class Work:
    """What a collective with `async_op=True` returns: `wait()`, and its result is there.

    `is_completed()` asks without waiting, and moves the exchange along. Its Tensors are written
    when one waits for it.
    """

    def __init__(
        self,
        line: Line | None,
        what: str,
        stages: Stages,
        finish: Callable[[], Any] | None = None,
    ) -> None:
        self.what = what  # "all_reduce(sum) of float32 (3,) at train.py:31"
        self.begun = time.monotonic()
        self.start, self.end = time.perf_counter_ns(), 0  # as the profiler measures
        self.stage = 0  # how many have begun
        self._line = line
        self._stages = stages
        self._finish = finish
        self._next: Any = None
        self._request: Any = None
        self._status: Any = None
        self._is_done = line is None
        self._error: BaseException | None = None
        self._result: Any = None

    def step(self, limit: float = math.inf) -> None:
        """Go on as far as the messages that are there allow, and no more stages than `limit`."""
        line = self._line
        while not self._is_done and line is not None:
            try:
                if self._request is not None:
                    if not self._request.Test(self._status):
                        return
                    self._request = None
                if self._next is None:
                    self._next = self._stages.send(self._status)
                if self.stage >= limit:
                    return
                self._status = line.new_status()
                self._request = self._next(line.comms[self.stage])
                self._next = None
                self.stage += 1
            except StopIteration:
                self._is_done, self.end = True, time.perf_counter_ns()
            except Exception as error:  # noqa: BLE001 - raised where one waits for it
                self._is_done, self._error = True, error

    def is_completed(self) -> bool:
        """Whether nothing is left to wait for."""
        if not self._is_done and self._line is not None:
            self._line.advance()
        return self._is_done

    def wait(self, timeout: Any = None) -> bool:
        """Wait until the result is there; `timeout`, in seconds, is the group's where none is told.

        Raises DistributedError after that time, and says who waits for what.
        """
        if not self._is_done:
            self._wait(timeout)
        if self._error is not None:
            raise _ours(self._error, self.what)
        finish, self._finish = self._finish, None
        if finish is not None:
            self._result = finish()
        return True

    def seen_by(self, watches: Iterable[Any], name: str, size: int) -> Any:
        """`result()`, of which those are told who look on."""
        before = time.perf_counter_ns()
        found = self.result()
        for watch in watches:
            duration = max(self.end - self.start, 0)
            waited = min(max(self.end - before, 0), duration)
            watch.communicated(name, self.start, duration, waited, size)
        return found

    def result(self) -> Any:
        """What the collective gives; it waits for it."""
        self.wait()
        return self._result

    def _wait(self, timeout: Any) -> None:
        line = self._line
        assert line is not None
        start, until = time.monotonic(), line.deadline(timeout)
        line.waiting = [*line.waiting, self]
        try:
            while not self.is_completed():
                waited = time.monotonic() - start
                if waited < line.spin:
                    yield_core()
                    continue
                time.sleep(5e-5 if waited < NAP else 1e-3)
                if waited > until or (waited > NAP and line.is_hopeless()):
                    line.late(self, waited)
        finally:
            line.waiting = [work for work in line.waiting if work is not self]


class Line:
    """The works of one group that are under way, the first begun first."""

    waiting: list[Work]  # those that a thread of this process waits for

    def __init__(self, comms: list[Any]) -> None:
        self.comms = comms
        self.count = 0  # collectives begun so far
        self.spin = SPIN
        self.works: list[Work] = []
        self.messages: list[Work] = []  # from one to one, in no order
        self.waiting = []

    def begin(self, work: Work, in_order: bool = True) -> Work:
        """Let a work take its place, behind those that have begun before."""
        with LOCK:
            self.count += in_order
            (self.works if in_order else self.messages).append(work)
            self.advance()
        return work

    def advance(self) -> None:
        """Move all works along, each no further than the one before it."""
        with LOCK:
            ahead = math.inf
            for work in self.works:
                work.step(ahead)
                if not work._is_done:
                    ahead = min(ahead, work.stage)
            for work in self.messages:
                work.step()
            self.works = [work for work in self.works if not work._is_done]
            self.messages = [work for work in self.messages if not work._is_done]

    def new_status(self) -> Any:
        """What MPI writes down of a message."""
        return None

    def deadline(self, timeout: Any) -> float:
        """How many seconds one may wait."""
        return math.inf if timeout is None else float(timeout)

    def is_hopeless(self) -> bool:
        """Whether one of the others is known to have ended."""
        return False

    def late(self, work: Work, waited: float) -> None:
        """Raise for what takes too long."""
        raise DistributedError(f"{work.what} took longer than {waited:.1f} s")


def _ours(error: BaseException, what: str) -> BaseException:
    """An error of MPI as one of ours."""
    if isinstance(error, AutogradError) or not hasattr(error, "Get_error_string"):
        return error
    return DistributedError(f"{what}: MPI says: {error.Get_error_string()}")
