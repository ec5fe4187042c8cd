"""Keep freed memory in the process, so that a large temporary does not cost page faults anew.

glibc gives large blocks back to the system as soon as they are freed, and the next array of that
size is then faulted in page by page, which takes longer than the arithmetic on it. Two settings of
its allocator change that: blocks up to 32 MiB come from the heap, and up to 512 MiB of free memory
at its end stays. They hold for the whole process. Set CHAINGRAD_KEEP_MEMORY=0 before the import to
leave the allocator alone; on systems without glibc nothing is done.
"""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from autograd.system.forks import after_fork, forkable

__all__ = ["give_back_code", "give_back_memory", "keep_freed_memory", "uncollected"]

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h
_MADV_DONTNEED = 4  # sys/mman.h
_HEAP_BLOCK, _KEPT = 32 << 20, 512 << 20  # 32 MiB is the largest value that glibc accepts


def keep_freed_memory() -> bool:
    """Tell glibc's allocator to keep what is freed; gives whether it was told.

    >>> import autograd as ag
    >>> ag.keep_freed_memory() in (True, False)
    True
    """
    libc = None if os.environ.get("CHAINGRAD_KEEP_MEMORY", "1") == "0" else _glibc()
    if libc is None:
        return False
    set_option = libc.mallopt
    done = [set_option(_M_MMAP_THRESHOLD, _HEAP_BLOCK), set_option(_M_TRIM_THRESHOLD, _KEPT)]
    return all(done)


def give_back_memory() -> bool:
    """Give what is free to the system, after work that is done once; whether there was any.

    >>> give_back_memory() in (True, False)
    True
    """
    libc = _glibc()
    return libc is not None and bool(libc.malloc_trim(0))


def give_back_code(name: str) -> bool:
    """Let go of the pages of a library that are as they are in its file; whether there were any.

    They come back from there as soon as they are needed: it is for one that has done its work, as
    LLVM, of which 60 MB are read to compile a loop.

    >>> give_back_code("no such library")
    False
    """
    libc = _glibc()
    if libc is None:
        return False
    try:
        with open("/proc/self/smaps", encoding="utf-8") as file:
            found = list(_untouched(file, name))
    except OSError:
        return False
    for begin, end in found:
        libc.madvise(ctypes.c_void_p(begin), ctypes.c_size_t(end - begin), _MADV_DONTNEED)
    return bool(found)


def _untouched(lines: Iterable[str], name: str) -> Iterator[tuple[int, int]]:
    """Where a file's pages are that are read and run alone, and have not been changed."""
    bounds: tuple[int, int] | None = None
    for line in lines:
        first, *rest = line.split()
        if not first.endswith(":"):
            begin, _, end = first.partition("-")
            is_it = "w" not in rest[0] and "p" in rest[0] and name in rest[-1].rsplit("/", 1)[-1]
            bounds = (int(begin, 16), int(end, 16)) if is_it else None
        elif first == "Private_Dirty:" and bounds is not None and rest[0] == "0":
            yield bounds


class _Collector:
    """Who keeps Python's collector from running, in all threads."""

    def __init__(self) -> None:
        self.lock = forkable(Lock())
        self.count = 0
        self.was_on = False

    def after_fork(self) -> None:
        """A child process has none of the other threads, and begins anew."""
        if self.count and self.was_on:
            gc.enable()
        self.count = 0


_collector = _Collector()
after_fork(_collector.after_fork)


@contextmanager
def uncollected() -> Iterator[None]:
    """A block that makes many objects which stay: Python does not look through them for garbage.

    >>> with uncollected():
    ...     gc.isenabled()
    False
    """
    with _collector.lock:
        if not _collector.count:
            _collector.was_on = gc.isenabled()
            gc.disable()
        _collector.count += 1
    try:
        yield
    finally:
        with _collector.lock:
            _collector.count = max(_collector.count - 1, 0)
            if not _collector.count and _collector.was_on:
                gc.enable()


def _glibc() -> Any:
    """The C library, if it is glibc, and not another such as musl."""
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    return libc if hasattr(libc, "gnu_get_libc_version") else None
