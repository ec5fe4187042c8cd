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

__all__ = ["begun"]


_begun: list[threading.Thread] = []  # at most one, in a process


@contextmanager
def begun() -> Iterator[None]:
    """A block beside which this is made, the first in a process: LLVM needs no interpreter.

    At its end the thread stops after what it is at, so that it holds nothing when others fork.
    """
    if _begun:
        yield
        return
    enough = threading.Event()
    thread = threading.Thread(target=_make, args=(enough,), name="chaingrad-native", daemon=True)
    _begun.append(thread)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()


def _make(enough: threading.Event) -> None:
    if not has_llvm():
        return
    for make in (drive_functions, partial(blas, "float32"), fork_address):
        if not enough.is_set() and (make is not fork_address or can_share()):
            make()
