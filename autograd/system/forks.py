"""Forks: the child has one thread, the one that forked, and what the others held is held for ever.

So the package's locks are open again in the child, and a fork waits while another thread loads a
module that the child would wait for.
"""

from __future__ import annotations

import _imp
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
    _others.append((acquire, release))


_others: list[tuple[Callable[[], object], Callable[[], object]]] = []
_held: list[Callable[[], object]] = []  # what releases the locks that a fork on its way has taken


def _loading() -> Iterator[str]:
    """The modules that other threads are loading: Python's own locks for them know no forks."""
    for thread, frame in sys._current_frames().items():
        inner: Any = frame if thread != get_ident() else None
        while inner is not None:
            if inner.f_code.co_name == "_find_and_load":
                yield inner.f_locals.get("name", "")
            inner = inner.f_back


def _take(wants: float) -> bool:
    """Take all locks; give them back if another thread is loading what the child would wait for.

    The import lock is the last, for who holds another may be importing. While it is held, no thread
    begins to load a module.
    """
    for acquire, release in (*_others, (_imp.acquire_lock, _imp.release_lock)):
        acquire()
        _held.append(release)
    if time.monotonic() > wants or not any(n.partition(".")[0] in _OURS for n in _loading()):
        return True
    _give()
    return False


def _give() -> None:
    while _held:
        _held.pop()()


def _before() -> None:
    wants = time.monotonic() + _PATIENCE
    while not _take(wants):
        time.sleep(0.001)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_give, after_in_child=_give)
