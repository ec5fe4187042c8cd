"""Waiting awake: without the interpreter's lock, and only while nobody else wants the core."""

from __future__ import annotations

import time
from typing import Any

from numba import types

from autograd.kernels.compiled.parallel.loops import exact
from autograd.kernels.parallel.workers import AWAKE, DONE, GIVEN, TAKEN, WAITED

__all__ = ["stay_awake", "stay_until"]

Array = Any

# Calls that may change the board, for all that the compiler knows: it is read anew each time.
_give_way: Any = types.ExternalFunction("sched_yield", types.int32())
_read_clock: Any = types.ExternalFunction("clock_gettime", types.int32(types.int32, types.intp))
_CLOCK = getattr(time, "CLOCK_MONOTONIC", 0)


@exact
def _wait(board: Array, mine: int, number: int, theirs: int, below: int) -> None:
    """Write one number, and wait while the other is below the one wanted."""
    board[mine] = number
    clock, start, before = board[mine + 1 : mine + 3], 0, 0
    while board[theirs] < below:
        _give_way()
        _read_clock(_CLOCK, clock.ctypes.data)
        now = clock[0] * 1_000_000_000 + clock[1]
        if not start:
            start = before = now
        if now - start > AWAKE or now - before > TAKEN:
            return
        before = now


def stay_awake(board: Array, done: int, seen: int) -> None:
    _wait(board, DONE, done, GIVEN, seen + 1)


def stay_until(board: Array, done: int) -> None:
    _wait(board, WAITED, done, DONE, done)
