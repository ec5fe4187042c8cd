"""Waiting awake: without the interpreter's lock, and leaving the core to whoever else wants it."""

from __future__ import annotations

from typing import Any

from numba import types

from autograd.kernels.compiled.loops import exact
from autograd.kernels.workers import DONE, GIVEN

__all__ = ["stay_awake", "stay_until"]

Array = Any

TURNS = 2000  # a millisecond or two where nobody else wants the core

# It may change the board for all that the compiler knows, which is read anew each time.
_give_way: Any = types.ExternalFunction("sched_yield", types.int32())


@exact
def stay_awake(board: Array, done: int, seen: int) -> None:
    board[DONE] = done
    for _ in range(TURNS):
        if board[GIVEN] != seen:
            return
        _give_way()


@exact
def stay_until(board: Array, done: int) -> None:
    for _ in range(TURNS):
        if board[DONE] >= done:
            return
        _give_way()
