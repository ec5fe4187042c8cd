"""Event files: what tensorboardX makes, handed to the system at once, and not by a thread later."""

from __future__ import annotations

import functools
import os
import struct
import threading
from typing import Any

import numpy as np

from autograd.system.forks import forkable

__all__ = ["EventFile", "at_once", "crc32c"]

_BLOCK = 256  # bytes that are looked up together
_lock = forkable(threading.Lock())  # of all files: who is forked meanwhile goes on


@functools.cache
def _tables() -> tuple[Any, Any]:
    """What a byte adds to the remainder from each place of a block, and where each place begins."""
    rest = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        rest = np.where(rest & 1, rest >> 1 ^ 0x82F63B78, rest >> 1).astype(np.uint32)
    places = [rest]
    while len(places) < _BLOCK:
        places.append(places[-1] >> 8 ^ rest[places[-1] & 255])
    return np.concatenate(places[::-1]), np.arange(0, 256 * _BLOCK, 256)


def crc32c(data: bytes) -> int:
    """The cyclic redundancy check of Castagnoli's polynomial, a block at a time.

    It is linear: what each byte adds can be looked up by its place, and all be joined.

    Source: Castagnoli et al. 1993; RFC 3720.

    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    table, places = _tables()
    state = 0xFFFFFFFF
    for start in range(0, len(data), _BLOCK):
        block = np.frombuffer(data[start : start + _BLOCK], np.uint8).astype(np.intp)
        first = block[:4]
        first ^= np.frombuffer(struct.pack("<I", state), np.uint8)[: first.size]
        found = np.bitwise_xor.reduce(table[places[-block.size :] + block])
        state = int(found) ^ state >> 8 * first.size
    return state ^ 0xFFFFFFFF


def _masked(data: bytes) -> bytes:
    """A check that may stand beside checks of it, as TensorFlow writes them."""
    crc = crc32c(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


class EventFile:
    """What a FileWriter of tensorboardX gives its events to: a file that has each of them at once.

    Theirs has a queue, which `flush` does not wait for, and a thread, which takes its time from the
    training.
    """

    def __init__(self, path: str, folder: str) -> None:
        self._folder = folder
        self._file = open(path, "ab")  # noqa: SIM115 - as long as the writer is

    def get_logdir(self) -> str:
        """The folder in which the file is."""
        return self._folder

    def add_event(self, event: Any) -> None:
        """Write an event, whole; after `close` nothing."""
        data = event.SerializeToString()
        length = struct.pack("<Q", len(data))
        with _lock:
            if not self._file.closed:
                self._file.write(length + _masked(length) + data + _masked(data))
                self._file.flush()

    def flush(self) -> None:
        """Wait until the disk has it all: the system's own crash takes nothing away then."""
        with _lock:
            if not self._file.closed:
                os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self.flush()
        self._file.close()


def at_once(writer: Any) -> Any:
    """A FileWriter of tensorboardX that writes by itself; one for another machine is as it was."""
    queued = writer.event_writer
    if not isinstance(queued, EventFile) and "://" not in queued.get_logdir():
        queued.close()
        writer.event_writer = EventFile(queued._ev_writer._file_name, queued.get_logdir())
    return writer
