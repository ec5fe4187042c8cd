"""Python threads that share a loop over arrays, and BLAS's threads beside them.

NumPy and BLAS let go of the interpreter's lock inside a call, so Python threads run side by side
where each call is long enough. What handing a piece over takes is told in `workers.py`.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import TypeVar

from autograd.kernels.parallel.blas import blas_threads, set_blas_threads
from autograd.kernels.parallel.workers import Workers
from autograd.system.forks import after_fork, forkable

__all__ = [
    "get_num_threads",
    "serial_blas",
    "set_num_threads",
    "share",
    "share_range",
    "wake",
]

Piece = TypeVar("Piece")
Result = TypeVar("Result")


class _Threads:
    """The threads of this process: how many, and who works."""

    def __init__(self) -> None:
        self.lock = forkable(threading.RLock())
        self.inside = threading.local()  # .working: this thread is one of a loop already
        self.forget()

    def forget(self) -> None:
        """Start anew."""
        self.number = 0  # not asked yet
        self.workers = Workers()
        self.serial: list[int] = []  # the threads that have a `serial_blas` open

    def after_fork(self) -> None:
        """Go on in a child process, in which of its parent's threads lives one."""
        self.inside = threading.local()
        self.workers = Workers()
        opened, own = self.serial, threading.get_ident()
        self.serial = [thread for thread in opened if thread == own]
        if opened and not self.serial:
            set_blas_threads(self.number)

    def count(self) -> int:
        if not self.number:
            with self.lock:
                self.number = self.number or blas_threads() or os.cpu_count() or 1
        return self.number

    def set(self, number: int) -> None:
        with self.lock:
            self.number = number
            if not self.serial:
                set_blas_threads(number)


_threads = _Threads()


atexit.register(lambda: _threads.workers.stop())
after_fork(_threads.after_fork)


def get_num_threads() -> int:
    """How many threads an operation on large arrays uses.

    At the start as many as NumPy's BLAS has, which OPENBLAS_NUM_THREADS and OMP_NUM_THREADS say.

    >>> import autograd as ag
    >>> ag.get_num_threads() >= 1
    True
    """
    return _threads.count()


def set_num_threads(number: int) -> None:
    """Use at most this many threads: for chaingrad's own loops and for NumPy's BLAS.

    It holds for the whole process, so a program that runs several processes at once gives each its
    share of the cores. A `number` below 1 is an error.

    >>> import autograd as ag
    >>> before = ag.get_num_threads()
    >>> ag.set_num_threads(1)
    >>> ag.get_num_threads()
    1
    >>> ag.set_num_threads(before)
    """
    _threads.set(number)


def share(work: Callable[[Piece], object], pieces: Iterable[Piece]) -> None:
    """Call work(piece) for each piece, on several threads; in any order, and each once.

    The pieces must not write to the same place. What one raises is raised here when all threads
    have stopped. Inside a piece, and with one thread, it is a plain loop.
    """
    todo = deque(pieces)
    helpers = min(get_num_threads(), len(todo)) - 1
    if helpers < 1 or getattr(_threads.inside, "working", False):
        for piece in todo:
            work(piece)
        return

    def drain() -> None:
        _threads.inside.working = True
        try:
            while todo:
                try:
                    piece = todo.popleft()
                except IndexError:  # another thread was faster
                    return
                work(piece)
        except BaseException:
            todo.clear()
            raise
        finally:
            _threads.inside.working = False

    tasks = _threads.workers.give(drain, helpers)
    try:
        drain()
    finally:
        errors = [task.wait() for task in tasks]
    for error in errors:
        if error is not None:
            raise error


def wake(count: int) -> None:
    """Wake so many workers that have nothing to do, so that they wait for more awake."""
    _threads.workers.give(_nothing, count)


def _nothing() -> None:
    pass


class serial_blas:
    """BLAS on one thread: around a loop that is shared and multiplies matrices in its pieces."""

    def __enter__(self) -> None:
        with _threads.lock:
            _threads.count()  # asks BLAS, before it has only one
            _threads.serial.append(threading.get_ident())
            if len(_threads.serial) == 1:
                set_blas_threads(1)

    def __exit__(self, *_: object) -> None:
        with _threads.lock:
            _threads.serial.remove(threading.get_ident())
            if not _threads.serial:
                set_blas_threads(_threads.count())


def share_range(work: Callable[[int, int], Result], length: int, large: bool) -> list[Result]:
    """[work(begin, end), ...] for as many parts of a range as there are threads, or for all of it.

    The parts depend on nothing but the length and the number of threads, and come in their order.
    BLAS has one thread meanwhile, also for what is not large: its others would wait for more in a
    loop that keeps their cores busy (see `waiting.py`).
    """
    count = max(1, min(length, get_num_threads() if large else 1))
    bounds = [length * i // count for i in range(count + 1)]
    results: dict[int, Result] = {}

    def part(i: int) -> None:
        results[i] = work(bounds[i], bounds[i + 1])

    with serial_blas():
        share(part, range(count))
    return [results[i] for i in range(count)]
