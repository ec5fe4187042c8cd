"""What processes print, line by line, with the rank before it, and which errors they name."""

from __future__ import annotations

import re
from threading import Thread
from typing import IO, Any

__all__ = ["Output"]

# as mpiexec marks a line: "[1,0]<stdout>: " (Open MPI), "[0] " (MPICH)
_TAG = re.compile(rb"^\[[^\]]*?(\d+)\](?:<\w+>:?)? ?")
_NEXT = re.compile(rb"(?<=.)(?=\[\d+,\d+\]<std(?:out|err)>)")  # behind an end without newline
_ERROR = re.compile(r"(?:[a-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Exit|Interrupt)\b")
_EDGE, _ABORT = b"-" * 60, b"MPI_ABORT was invoked"


class Output:
    """What one stream of all processes gives, with the rank before each line."""

    def __init__(self, source: IO[bytes], target: IO[Any], is_prefixed: bool) -> None:
        self.errors: dict[int, str] = {}  # the last line of each rank that names an error
        self.said: list[str] = []  # what mpiexec says for itself
        self._target, self._is_prefixed = target, is_prefixed
        self._inside: dict[int, bytes] = {}  # the box that a rank has begun to print
        self._is_told: dict[int, bool] = {}  # whether its last lines belong to an error
        self._thread = Thread(target=self._pass_on, args=(source,))
        self._thread.start()

    def _pass_on(self, source: IO[bytes]) -> None:
        for line in source:
            for text in _NEXT.split(line.replace(b"\0", b"")):  # mpiexec ends its own with some
                if tag := _TAG.match(text):
                    self._take(int(tag[1]), text[tag.end() :].removesuffix(b"\n") + b"\n")
                else:
                    self.said.append(text.decode(errors="replace"))
                    self._write(text)
        for rank, line in self._inside.items():  # an edge that no box has followed
            if line != _ABORT:
                self._tell(rank, line)

    def _take(self, rank: int, line: bytes) -> None:
        """A line of a rank: what MPI_ABORT says of itself, after the traceback, is left out."""
        inside = self._inside.pop(rank, b"")
        is_edge = line.startswith(_EDGE)
        if inside == _ABORT or (inside and line.startswith(_ABORT)):
            self._inside |= {} if is_edge else {rank: _ABORT}
            return
        if is_edge and not inside:
            self._inside[rank] = line
            return
        said = line.decode(errors="replace").rstrip()
        if _ERROR.match(said):
            self.errors[rank], self._is_told[rank] = said, True
        elif self._is_told.get(rank) and said.startswith("  "):
            self.errors[rank] += f"\n{said}"
        else:
            self._is_told[rank] = False
        for each in filter(None, (inside, line if said or line == b"\n" else b"")):
            self._tell(rank, each)

    def _tell(self, rank: int, line: bytes) -> None:
        self._write((b"[%d] " % rank if self._is_prefixed else b"") + line)

    def _write(self, text: bytes) -> None:
        buffer = getattr(self._target, "buffer", None)
        if buffer is None:
            self._target.write(text.decode(errors="replace"))
        else:
            buffer.write(text)
        self._target.flush()

    def join(self) -> None:
        """Wait for the end of it."""
        self._thread.join()
