"""Waiting awake: without the interpreter's lock, and only while nobody else wants the core."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numba import types

from autograd.kernels.compiled.loops import called, exact
from autograd.kernels.workers import DONE, GIVEN

__all__ = ["stay_awake", "stay_until"]

Array = Any

AWAKE = 1_000_000  # ns
TAKEN = 20_000  # ns for which the core was another's: one that goes on to work, as BLAS's may

# Calls that may change the board, for all that the compiler knows: it is read anew each time.
_give_way: Any = types.ExternalFunction("sched_yield", types.int32())
_read_clock: Any = types.ExternalFunction("clock_gettime", types.int32(types.int32, types.intp))
_CLOCK = getattr(time, "CLOCK_MONOTONIC", 0)


@called
def _now(clock: Array) -> int:
    _read_clock(_CLOCK, clock.ctypes.data)
    now: int = clock[0] * 1_000_000_000 + clock[1]
    return now


@called
def _wait(board: Array, place: int, below: int) -> None:
    """While the number at a place is below the one wanted."""
    clock = np.empty(2, np.int64)
    before = _now(clock)
    end = before + AWAKE
    while board[place] < below:
        _give_way()
        now = _now(clock)
        if now > end or now - before > TAKEN:
            return
        before = now


@exact
def stay_awake(board: Array, done: int, seen: int) -> None:
    board[DONE] = done
    _wait(board, GIVEN, seen + 1)


@exact
def stay_until(board: Array, done: int) -> None:
    _wait(board, DONE, done)
