"""Arrays put aside: numbers that wait in a temporary file until they are asked for again.

They are written and read as a file is, not mapped, so that the system may keep them in memory that
nobody needs, or on the disk. Where there is no room, they stay where they are.
"""

from __future__ import annotations

import os
import tempfile
from functools import cached_property
from typing import IO, Any

import numpy as np

__all__ = ["Aside", "Waiting", "back"]

LEAST = 1 << 20  # bytes of an array that is worth it
ON_DISK = "/var/tmp"  # what is large; /tmp is memory on many systems


class Waiting:
    """An array in the file."""

    __slots__ = ("_aside", "_at", "dtype", "shape", "strides")

    def __init__(self, aside: Aside, array: np.ndarray[Any, Any]) -> None:
        self._aside, file = aside, aside.file
        self.shape, self.dtype, self.strides = array.shape, array.dtype, array.strides
        self._at = file.seek(0, os.SEEK_END)
        rest = _lying(array)
        while rest:
            rest = rest[file.write(rest) :]

    def lies_like(self, array: Any) -> bool:
        """Whether an array may be filled with it."""
        if not isinstance(array, np.ndarray) or array.dtype != self.dtype:
            return False
        return array.shape == self.shape and array.strides == self.strides

    def fill(self, array: np.ndarray[Any, Any]) -> None:
        """Read the numbers into an array that lies as the first one did."""
        file: Any = self._aside.file
        file.seek(self._at)
        rest = _lying(array)
        while rest:
            rest = rest[file.readinto(rest) :]

    def array(self) -> np.ndarray[Any, Any]:
        """The numbers in new memory, which lies as the first one did."""
        found: np.ndarray[Any, Any] = np.ndarray(self.shape, self.dtype, strides=self.strides)
        self.fill(found)
        return found


class Aside:
    """One temporary file, which goes with the last of what lies in it."""

    def put(self, value: Any) -> Any:
        """A large array as one that waits; everything else as it is."""
        if not isinstance(value, np.ndarray) or value.nbytes < LEAST or not _is_dense(value):
            return value
        try:
            return Waiting(self, value)
        except OSError:  # no room, or no folder that may be written to
            return value

    @cached_property
    def file(self) -> IO[bytes]:
        """The file, which nobody else can open."""
        folder = ON_DISK if "TMPDIR" not in os.environ and os.path.isdir(ON_DISK) else None
        return tempfile.TemporaryFile(dir=folder, buffering=0)

    def __del__(self) -> None:
        if "file" in vars(self):
            self.file.close()


def back(value: Any) -> Any:
    """What was put aside, as an array again; everything else as it is.

    >>> back(Aside().put(np.arange(1 << 20)))[-1]
    np.int64(1048575)
    """
    return value.array() if type(value) is Waiting else value


def _is_dense(array: np.ndarray[Any, Any]) -> bool:
    """Whether it is numbers without gaps, in some order of the axes."""
    if array.dtype.hasobject or not array.flags.writeable:
        return False
    axes = np.argsort(array.strides, kind="stable")[::-1]
    return bool(array.transpose(axes).flags.c_contiguous)


def _lying(array: np.ndarray[Any, Any]) -> memoryview:
    """The bytes of an array in the order in which they lie."""
    axes = np.argsort(array.strides, kind="stable")[::-1]
    return array.transpose(axes).reshape(-1).view(np.uint8).data
