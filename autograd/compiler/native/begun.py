"""What every native plan needs, made by a thread of its own while the first call is traced."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from autograd.codegen.native.machine import has_llvm
from autograd.compiler.native.adapters import blas
from autograd.compiler.native.tape import drive_functions
from autograd.compiler.native.waiting import can_share, fork_address

__all__ = ["begin", "begun"]


_threads: list[threading.Thread] = []  # at most one, in a process
_enough = threading.Event()


def begin() -> None:
    """Start it, the first time in a process: LLVM needs no interpreter."""
    if not _threads:
        thread = threading.Thread(target=_make, name="chaingrad-native", daemon=True)
        _threads.append(thread)
        thread.start()


@contextmanager
def begun() -> Iterator[None]:
    """A block in which it may be begun.

    At its end the thread stops after what it is at, so that it holds nothing when others fork.
    """
    try:
        yield
    finally:
        for thread in _threads:
            _enough.set()
            thread.join()


def _make() -> None:
    if not has_llvm():
        return
    for make in (drive_functions, partial(blas, "float32"), fork_address):
        if not _enough.is_set() and (make is not fork_address or can_share()):
            make()
