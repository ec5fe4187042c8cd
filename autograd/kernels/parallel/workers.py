"""Threads that do what they are given, and wait for more: awake for a while, then asleep.

Waking a thread that sleeps takes 50 to 100 µs on a virtual machine, as long as a loop over half a
million elements; one that is awake begins in a tenth of that. NumPy has no way to wait awake and
without the interpreter's lock: where Numba is not loaded a worker goes to sleep at once.
"""

from __future__ import annotations

import contextvars
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.kernels.parallel.twins import compiled_twin, twins_run

if TYPE_CHECKING:
    from queue import SimpleQueue

__all__ = ["Workers", "fork_by", "run_parts", "stay_awake", "stay_until", "wait_by"]

Array = Any

# Numbers of tasks on a worker's board, each with room for a clock, in cache lines of their own; and
# what native code hands over to a worker that waits (`compiler/native/waiting.py`).
GIVEN, DONE, WAITED, NATIVE, BOARD = 0, 8, 16, 24, 40
AWAKE = 1_000_000  # ns
TAKEN = 20_000  # ns for which the core was another's: one that goes on to work, as BLAS's may
BUSY = -1  # tasks seen: more are given always, of which one is in the queue


def stay_awake(board: Array, done: int, seen: int) -> None:
    """Tell what is done, and return when more than what was seen is given, or after a while."""
    board[DONE] = done


def stay_until(board: Array, done: int) -> None:
    """Return when so much is done, or after a while."""


class Workers:
    """The workers of a process. One that is busy is not waited for."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.all: list[_Worker] = []
        self.free: deque[_Worker] = deque()

    def give(self, function: Callable[[], None], most: int) -> list[Task]:
        """Have a function called by each worker that is free, `most` at most."""
        _ways.look()
        tasks = []
        for _ in range(most):
            worker = self._one(most)
            if worker is None:
                break
            tasks.append(worker.give(function))
        return tasks

    def _one(self, most: int) -> _Worker | None:
        try:
            return self.free.pop()  # which was busy last, and may be awake
        except IndexError:
            with self.lock:
                if len(self.all) >= most:
                    return None
                worker = _Worker(self.free, f"chaingrad-{len(self.all)}")
                self.all.append(worker)
                return worker

    def stop(self) -> None:
        """End the threads, since the interpreter may not end under a loop of Numba's."""
        for worker in self.all:
            worker.post(None)
        for worker in self.all:
            worker.thread.join(timeout=1)


class _Worker:
    def __init__(self, free: deque[_Worker], name: str) -> None:
        from queue import SimpleQueue  # late: a program without large arrays has no workers

        self.free = free
        self.tasks: SimpleQueue[Task | None] = SimpleQueue()
        self.board = np.zeros(BOARD, np.int64)
        self.thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self.thread.start()

    def give(self, function: Callable[[], None]) -> Task:
        task = Task(function, self, int(self.board[GIVEN]) + 1)
        self.post(task)
        return task

    def post(self, task: Task | None) -> None:
        self.tasks.put(task)
        self.board[GIVEN] += 1

    def _serve(self) -> None:
        done = 0
        while True:
            seen = self.board[GIVEN]  # before the look into the queue, so that none is missed
            _ways.awake(self.board, done, seen if self.tasks.empty() else BUSY)
            task = self.tasks.get()
            if task is None:
                return
            task.run()
            done = task.number
            del task  # with the arrays that its function has


class Task:
    """A function that a worker is to call, in the context of who gave it."""

    def __init__(self, function: Callable[[], None], worker: _Worker, number: int) -> None:
        self.function, self.worker, self.number = function, worker, number
        self.context = contextvars.copy_context()
        self.error: BaseException | None = None
        self.begun, self.over = threading.Lock(), threading.Lock()
        self.over.acquire()

    def run(self) -> None:
        if not self.begun.acquire(blocking=False):
            return  # it was taken back
        try:
            self.context.run(self.function)
        except BaseException as error:  # noqa: BLE001 - told to the thread that waits
            self.error = error
        self.worker.free.append(self.worker)
        self.over.release()

    def wait(self) -> BaseException | None:
        """What the function raised, when it is over; it is taken back if it has not begun."""
        if self.begun.acquire(blocking=False):
            del self.function, self.context  # the worker comes to the task later, with others
            self.worker.free.append(self.worker)
            return None
        _ways.until(self.worker.board, self.number)
        self.over.acquire()
        return self.error


class _Ways:
    """How to wait: awake once Numba is loaded, which is not loaded for this."""

    def __init__(self) -> None:
        self.awake: Callable[[Array, int, int], None] = stay_awake
        self.until: Callable[[Array, int], None] = stay_until
        self.looked = not hasattr(os, "sched_yield")  # Windows

    def look(self) -> None:
        if self.looked or "numba" not in sys.modules:
            return
        self.looked = True
        if twins_run():
            self.awake = compiled_twin(stay_awake) or stay_awake
            self.until = compiled_twin(stay_until) or stay_until


_ways = _Ways()


def wait_by(awake: Callable[[Array, int, int], None], until: Callable[[Array, int], None]) -> None:
    """Wait in these ways, which let go of the interpreter's lock."""
    _ways.looked = True
    _ways.awake, _ways.until = awake, until


Parts = Sequence[
    tuple[Array, Array]
]  # of each the addresses and the numbers that it is called with
_forks: list[Callable[[int, Parts], None]] = []


def fork_by(run: Callable[[int, Parts], None]) -> None:
    """Have parts of native functions run so, by workers that need no lock to begin."""
    _forks[:] = [run]


def run_parts(function: int, parts: Parts) -> bool:
    """Call a native function for each part, on several threads; False where nothing can."""
    if not _forks:
        return False
    _forks[0](function, parts)
    return True
