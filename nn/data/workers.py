"""Workers: threads that prepare batches ahead, in order, and end when they are not needed."""

from __future__ import annotations

import copy
import os
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from autograd.errors import StateError

END = object()  # what a worker gives that has no more batches
_here = threading.local()


class WorkerInfo(NamedTuple):
    """Which of a loader's workers a thread is: its number, how many there are, seed, dataset."""

    id: int
    num_workers: int
    seed: int
    dataset: Any


def get_worker_info() -> WorkerInfo | None:
    """In a worker of a DataLoader which one it is (`id`, `num_workers`, `seed`, `dataset`).

    Elsewhere None. An IterableDataset asks, so that each worker brings examples of its own.

    >>> import nn
    >>> nn.data.get_worker_info() is None
    True
    """
    return getattr(_here, "info", None)


class Crew(NamedTuple):
    """What the workers of one epoch have in common."""

    workers: int
    dataset: Any
    seed: int
    ahead: int  # batches that each may have ready, or in work
    start: Callable[[int], Any] | None  # worker_init_fn
    fetcher: Callable[[Any], Callable[[Any], Any]]  # of a dataset: what makes a batch of a task
    timeout: float  # seconds to wait for a batch; 0: for ever


def _copy_of(dataset: Any) -> Any:
    """A dataset whose attributes a worker may set for itself; what they hold is shared."""
    return copy.copy(dataset) if hasattr(dataset, "__dict__") else dataset


class _Worker(threading.Thread):
    """A thread that makes a batch of each task it gets."""

    def __init__(self, crew: Crew, number: int) -> None:
        super().__init__(daemon=True, name=f"DataLoader worker {number}")
        self.crew = crew
        self.number = number
        self.tasks: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.done: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def run(self) -> None:
        crew, fetch = self.crew, None
        dataset = _copy_of(crew.dataset)
        seed = crew.seed + self.number
        _here.info = WorkerInfo(self.number, crew.workers, seed, dataset)
        while (task := self.tasks.get()) is not END:
            try:
                if fetch is None:
                    if crew.start is not None:
                        crew.start(self.number)
                    fetch = crew.fetcher(dataset)
                self.done.put((fetch(task), None))
            except BaseException as error:  # noqa: BLE001 - it is raised where the batch is asked for
                error.add_note(f"in worker {self.number} of a DataLoader")
                self.done.put((None, error))

    def result(self) -> Any:
        """The next batch, or what went wrong with it."""
        timeout = self.crew.timeout
        try:
            return self.done.get(timeout=timeout or None)
        except queue.Empty:
            raise StateError(
                f"DataLoader timed out after {timeout} seconds: worker {self.number} is still at "
                "its batch; raise timeout=, or leave it out to wait"
            ) from None


def by_workers(crew: Crew, tasks: Iterable[Any]) -> Iterator[Any]:
    """The batches of tasks, in their order, made by threads that take them in turn."""
    process = os.getpid()
    waiting: Iterator[Any] = iter(tasks)
    workers = [_Worker(crew, number) for number in range(crew.workers)]
    turn, given = deque(workers), deque[_Worker]()

    def give() -> None:
        if turn and (task := next(waiting, END)) is not END:
            worker = turn[0]
            turn.rotate(-1)
            worker.tasks.put(task)
            given.append(worker)

    for worker in workers:
        worker.start()
    try:
        for _ in range(crew.ahead * crew.workers):
            give()
        while given:
            if os.getpid() != process:
                raise forked()
            worker = given.popleft()
            batch, error = worker.result()
            if error is not None:
                raise error
            if batch is END:
                if worker in turn:
                    turn.remove(worker)
                give()
                continue
            give()
            yield batch
    finally:
        if os.getpid() == process:  # a forked one has no such threads
            _end(workers)


def _end(workers: list[_Worker]) -> None:
    for worker in workers:
        while not worker.tasks.empty():  # what it has not begun it need not make
            try:
                worker.tasks.get_nowait()
            except queue.Empty:
                break
        worker.tasks.put(END)
    for worker in workers:
        worker.join(None if not worker.crew.timeout else worker.crew.timeout)


def forked() -> StateError:
    return StateError(
        "these batches are prepared by a thread of the process that this one was forked from; "
        "iterate over the DataLoader anew"
    )


def in_background(batches: Iterator[Any], depth: int) -> Iterator[Any]:
    """The same batches, prepared ahead by a thread that ends when it is not needed any more."""
    ready: queue.Queue[Any] = queue.Queue(depth)
    stopped = threading.Event()

    def offer(item: Any) -> bool:
        while not stopped.is_set():
            try:
                ready.put(item, timeout=0.05)
            except queue.Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            for batch in batches:
                if not offer((batch, None)):
                    return
        except BaseException as error:  # noqa: BLE001 - it is raised where the batch is asked for
            offer((None, error))
        offer((END, None))

    thread = threading.Thread(target=work, daemon=True, name="DataLoader")
    thread.start()
    process = os.getpid()
    try:
        while True:
            if os.getpid() != process:
                raise forked()
            batch, error = ready.get()
            if error is not None:
                raise error
            if batch is END:
                return
            yield batch
    finally:
        if os.getpid() == process:  # a forked one has no such thread
            stopped.set()
            thread.join()
