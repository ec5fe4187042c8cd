"""Forks: the child has one thread, the one that forked, and what the others held is held for ever.

So the package's locks are open again in the child, and a fork waits while another thread loads a
module that the child would wait for.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from threading import get_ident
from typing import Any

__all__ = ["after_fork", "forkable", "held_at_forks"]

_OURS = frozenset(("autograd", "nn", "optim", "numba", "llvmlite", "numpy", "scipy",
                   "threadpoolctl"))  # fmt: skip
_PATIENCE = 30.0  # seconds: longer than they take to load


def after_fork(function: Callable[[], object]) -> None:
    """Call a function in every child process, where the system has forks."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=function)


def forkable(lock: Any) -> Any:
    """A lock that lives as long as the process; in a child process it is open."""
    after_fork(lock._at_fork_reinit)  # as logging and threading do with theirs
    return lock


def held_at_forks(acquire: Callable[[], object], release: Callable[[], object]) -> None:
    """Have a lock of another library, which knows no forks, held by the thread that forks."""
    held: list[bool] = []  # empty if the lock came while a fork was on its way

    def take() -> None:
        acquire()
        held.append(True)

    def give() -> None:
        if held:
            held.pop()
            release()

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=take, after_in_parent=give, after_in_child=give)


def _loading() -> Iterator[str]:
    """The modules that other threads are loading: Python's own locks for them know no forks."""
    for thread, frame in sys._current_frames().items():
        inner: Any = frame if thread != get_ident() else None
        while inner is not None:
            if inner.f_code.co_name == "_find_and_load":
                yield inner.f_locals.get("name", "")
            inner = inner.f_back


def _wait() -> None:
    end = time.monotonic() + _PATIENCE
    while any(name.partition(".")[0] in _OURS for name in _loading()) and time.monotonic() < end:
        time.sleep(0.001)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_wait)
