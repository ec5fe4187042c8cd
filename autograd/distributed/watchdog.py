"""The watchdog: when one waits too long, it asks the others what they do, and says so.

A thread of each process answers while the program computes or waits. So a process that took another
branch is found by name, with the source line where it is; one that does not answer has ended, or is
stopped.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd.distributed import mpi
from autograd.distributed.work import Line, Work

__all__ = ["Watchdog"]

ASK, ANSWER, GONE = 1, 2, 3  # tags
LOOK = 0.05  # seconds between two looks for questions
GRACE = 3.0  # seconds for the last messages of a process that has ended
ROOM = 1024  # bytes of an answer


class Watchdog:
    """Answers what this process does, and asks the others."""

    def __init__(self, comm: Any, rank: int) -> None:
        self.comm, self.rank = comm, rank
        self.MPI = mpi.load()
        self.lines: list[Line] = []
        self._main = threading.main_thread().ident
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self.gone: dict[int, float] = {}  # ranks that have come to their end, and since when
        self._ended = ""
        self._sent: list[Any] = []
        self._hook = sys.excepthook

    def start(self) -> None:
        """Begin to answer; from now on an error that ends this process ends the others too."""
        self._hook, sys.excepthook = sys.excepthook, self._fail
        if self.MPI.Query_thread() >= self.MPI.THREAD_SERIALIZED:
            self._thread = threading.Thread(target=self._serve, daemon=True, name="watchdog")
            self._thread.start()

    def end(self) -> None:
        """Wait for the others at the end of the program, and answer until then."""
        self._ended = "has come to the end of its program"
        nothing = np.empty(0, np.uint8)
        with mpi.LOCK:
            others = [rank for rank in range(self.comm.Get_size()) if rank != self.rank]
            self._sent += [(self.comm.Isend(nothing, rank, GONE), nothing) for rank in others]
            request = self.comm.Ibarrier()
        while not self._is_through(request):
            time.sleep(1e-3)
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        while self._sent or len(self.gone) < len(others):  # MPI ends with no message on its way
            self._answer()
        sys.excepthook = self._hook

    def _is_through(self, request: Any) -> bool:
        with mpi.LOCK:
            return bool(request.Test())

    def _fail(self, kind: type[BaseException], error: BaseException, trace: Any) -> None:
        """An error that nobody has caught: print it, and let no other process wait for this one."""
        self._hook(kind, error, trace)
        sys.stdout.flush()
        sys.stderr.flush()
        time.sleep(float(os.environ.get("CHAINGRAD_LAST_WORDS", "0.2")))  # for others' reports
        self.comm.Abort(1)

    # ---- answering -----------------------------------------------------------------------------

    def _serve(self) -> None:
        while not self._stop.wait(LOOK):
            self._answer()

    def _answer(self) -> None:
        with mpi.LOCK:
            self._take_messages()

    def _take_messages(self) -> None:
        status, nothing = self.MPI.Status(), np.empty(0, np.uint8)
        while self.comm.Iprobe(self.MPI.ANY_SOURCE, GONE, status):
            self.comm.Recv(nothing, status.source, GONE)
            self.gone[status.source] = time.monotonic()
        while self.comm.Iprobe(self.MPI.ANY_SOURCE, ASK, status):
            self.comm.Recv(nothing, status.source, ASK)
            said = np.frombuffer(self.doing().encode()[:ROOM], np.uint8)
            self._sent.append((self.comm.Isend(said, status.source, ANSWER), said))
        self._sent = [(request, kept) for request, kept in self._sent if not request.Test()]

    def doing(self) -> str:
        """What this process does now."""
        works = [(line, work) for line in self.lines for work in line.waiting]
        if works:
            line, work = works[-1]
            waited = time.monotonic() - work.begun
            return f"waits for {work.what}, number {line.count} of its group, for {waited:.1f} s"
        if self._ended:
            return self._ended
        frame = sys._current_frames().get(self._main or 0)
        calls = traceback.extract_stack(frame) if frame is not None else []
        ours = [call for call in calls if not _is_library(call.filename)]
        place = ours[-1] if ours else calls[-1] if calls else None
        where = f"{place.filename}:{place.lineno}" if place is not None else "?"
        count = sum(line.count for line in self.lines)
        return f"waits for nobody: it is at {where}, after {count} collectives"

    def is_hopeless(self, ranks: Iterable[int]) -> bool:
        """Whether one of these ended a while ago: what it was to send has come, or never will."""
        until = time.monotonic() - GRACE
        return any(self.gone.get(rank, until) < until for rank in ranks)

    # ---- asking --------------------------------------------------------------------------------

    def report(self, line: Any, work: Work, waited: float) -> str:
        """Who waits for what, as far as the others say so in time."""
        others = [rank for rank in line.ranks if rank != self.rank]
        told = self._asked(others, max(1.0, 20 * LOOK))
        silent = "does not answer: it has ended, is stopped, or is in a call that stops its threads"
        rows = [f"  rank {self.rank}: {self.doing()}"] + [
            f"  rank {rank}: {told.get(rank, silent)}" for rank in others
        ]
        return (
            f"rank {self.rank} waited {waited:.1f} s for {work.what}, and gives up:\n"
            + "\n".join(sorted(rows, key=lambda row: int(row.split()[1].rstrip(":"))))
        )

    def _asked(self, ranks: list[int], grace: float) -> dict[int, str]:
        found: dict[int, str] = {}
        nothing = np.empty(0, np.uint8)
        with mpi.LOCK:
            self._sent += [(self.comm.Isend(nothing, rank, ASK), nothing) for rank in ranks]
        until = time.monotonic() + grace
        while len(found) < len(ranks) and time.monotonic() < until:
            if self._thread is None:
                self._answer()
            found |= self._answers()
            time.sleep(1e-3)
        return found

    def _answers(self) -> dict[int, str]:
        """What has been answered so far, by rank."""
        found, status = dict[int, str](), self.MPI.Status()
        with mpi.LOCK:
            while self.comm.Iprobe(self.MPI.ANY_SOURCE, ANSWER, status):
                said = np.empty(status.Get_count(self.MPI.BYTE), np.uint8)
                self.comm.Recv(said, status.source, ANSWER)
                found[status.source] = said.tobytes().decode(errors="replace")
        return found


def _is_library(filename: str) -> bool:
    parts = filename.replace("\\", "/").split("/")
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    ours = any(filename.startswith(os.path.join(here, name) + os.sep)
               for name in ("autograd", "nn", "optim"))  # fmt: skip
    return ours or "site-packages" in parts or filename.startswith((sys.prefix, sys.base_prefix))
