"""Rounds of measurements, each by a process that is alone awake."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from columns import CACHES, COLUMNS, Column
from workloads import WORKLOADS

HERE = Path(__file__).parent
THREADS = 2
THREADS_ARE_IN = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS",
    "NPROC",  # XLA's pool
)  # fmt: skip


class CannotRun(Exception):
    """A workload does not run in a library; the message says why."""


def environment(column: Column, threads: int = THREADS) -> dict[str, str]:
    """The variables of a process: its threads, and the switches of its column."""
    variables = os.environ | dict.fromkeys(THREADS_ARE_IN, str(threads)) | column.switch
    variables.pop("PYTHONDONTWRITEBYTECODE", None)  # a program is compiled at its first import
    return variables


class Worker:
    """A process with one workload in one library, stopped while it is not asked for a number.

    A pool of threads may spin while it waits for work, and would take the cores from the others.
    """

    def __init__(
        self, command: list[str], variables: dict[str, str], limit: float, cold: bool = False
    ) -> None:
        self.limit = limit  # seconds for an answer
        self.caches = tempfile.TemporaryDirectory()
        if cold:  # nothing that was compiled before is found
            variables = variables | dict.fromkeys(CACHES, self.caches.name)
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 (closed by __exit__)
        self.process = subprocess.Popen(
            command, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self.errors, start_new_session=True, text=True,
        )  # fmt: skip

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.signal(signal.SIGKILL)
        self.process.communicate()
        self.errors.close()
        self.caches.cleanup()

    def signal(self, number: signal.Signals) -> None:
        """To the process and to what it started, such as a compiler."""
        with suppress(ProcessLookupError):  # it has ended, as one does that gives one number
            os.killpg(self.process.pid, number)

    def answer(self) -> dict[str, Any]:
        """The next line that it prints; it is stopped after that."""
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], self.limit)
        if not ready:
            raise CannotRun(f"no step within {self.limit:g} s")
        line = self.process.stdout.readline()
        if line:
            self.signal(signal.SIGSTOP)
        answer = json.loads(line) if line else {"failed": self.last_words()}
        if "failed" in answer:
            raise CannotRun(answer["failed"])
        return answer

    def ask(self, what: str = "number") -> Any:
        """Wake it for a number, or for something else that it answers."""
        assert self.process.stdin is not None
        self.signal(signal.SIGCONT)
        with suppress(BrokenPipeError):  # it has died: its answer is its last words
            self.process.stdin.write("\n")
            self.process.stdin.flush()
        return self.answer()[what]

    def last_words(self) -> str:
        status = self.process.wait()
        self.errors.seek(0)
        lines = [line.strip() for line in self.errors if line.strip()]
        return lines[-1] if lines else f"its process ended with status {status}"


@dataclass
class Measured:
    """Of one workload, by column: the numbers, the first value, or why there are none."""

    numbers: dict[str, list[float]] = field(default_factory=dict)
    values: dict[str, float | None] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def excuse(self, column: str) -> Iterator[None]:
        """Note why a column cannot run, instead of a number."""
        try:
            yield
        except CannotRun as reason:
            self.reasons[column] = str(reason)
            self.numbers.pop(column, None)


def measure(
    name: str,
    pythons: dict[str, str],
    rounds: int,
    limit: float,
    *more: str,
    threads: int = THREADS,
) -> Measured:
    """One workload in the columns of `pythons`; `more` are options of `worker.py`."""
    workload = WORKLOADS[name]
    columns = [key for key in pythons if COLUMNS[key].library in workload.libraries]

    def start(key: str) -> Worker:
        script = str(HERE / workload.script)
        command = [pythons[key], script, name, COLUMNS[key].library, *more]
        return Worker(command, environment(COLUMNS[key], threads), limit, workload.first)

    take = in_fresh_processes if workload.is_alone else in_waiting_processes
    return take(columns, rounds, start)


def in_fresh_processes(columns: list[str], rounds: int, start: Callable[[str], Worker]) -> Measured:
    """Every number is the only one of its process."""
    measured = Measured()
    for _ in range(rounds):
        for key in columns:
            with measured.excuse(key), start(key) as worker:
                answer = worker.answer()
                measured.numbers.setdefault(key, []).append(answer["number"])
                measured.values[key] = answer.get("value")
    return measured


def in_waiting_processes(
    columns: list[str], rounds: int, start: Callable[[str], Worker]
) -> Measured:
    """Every column has a process, which is woken once a round."""
    measured, workers = Measured(), {}
    with ExitStack() as stack:
        for key in columns:
            with measured.excuse(key):
                worker = stack.enter_context(start(key))
                measured.values[key] = worker.answer()["value"]
                workers[key] = worker
        for _ in range(rounds):
            for key, worker in workers.items():
                if key not in measured.reasons:
                    with measured.excuse(key):
                        measured.numbers.setdefault(key, []).append(worker.ask())
    return measured


def check_values(name: str, values: dict[str, float | None]) -> None:
    """Stop if two libraries do not begin alike: they would not do the same work."""
    known = {column: value for column, value in values.items() if value is not None}
    if known and not np.ptp(list(known.values())) <= 1e-4 * max(map(abs, known.values())):
        raise SystemExit(f"{name}: the first losses differ: {known}")
