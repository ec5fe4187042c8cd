"""What a program and its environment say of processes and times, and whether it can be so."""

from __future__ import annotations

import math
import os
from datetime import timedelta
from typing import Any

from autograd.distributed import mpi
from autograd.errors import ArgumentError, ArgumentTypeError, DistributedError

__all__ = ["check_told", "default_timeout", "seconds"]

TIMEOUT = 300.0  # seconds


def seconds(timeout: Any) -> float:
    """A time as PyTorch's programs give it, a timedelta, or as seconds."""
    found = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
    if not isinstance(found, (int, float)) or isinstance(found, bool):
        raise ArgumentTypeError(
            f"timeout is a number of seconds or a timedelta, not {type(timeout).__name__}"
        )
    if not found > 0 or math.isnan(found):
        raise ArgumentError(f"timeout is a time to wait, above 0 seconds, not {found}")
    return float(found)


def default_timeout() -> float:
    """How long one waits where the program does not say it."""
    said = os.environ.get("CHAINGRAD_TIMEOUT", "")
    try:
        return seconds(float(said)) if said else TIMEOUT
    except ValueError:
        raise ArgumentError(
            f"CHAINGRAD_TIMEOUT is a number of seconds above 0, not {said!r:.40}"
        ) from None


def check_told(size: int, me: int, world_size: int, rank: int) -> None:
    """Raise where MPI has other processes than the program, or torchrun's variables, say."""
    said = "" if world_size != -1 else " (WORLD_SIZE says so, as torchrun sets it)"
    told = world_size if world_size != -1 else _number("WORLD_SIZE", size)
    if told != size:
        raise DistributedError(
            f"init_process_group: {told} processes are asked for{said}, and there "
            f"{'is' if size == 1 else 'are'} {size}: start them by  python -m "
            f"autograd.distributed.run -n {told} PROGRAM  or  mpiexec -n {told} python PROGRAM "
            f"(both come with  {mpi.INSTALL})"
        )
    if rank not in (-1, me):
        raise ArgumentError(f"init_process_group: rank is {rank}, and MPI says {me}")
    if rank == -1 and (mine := _number("RANK", me)) != me:
        raise DistributedError(
            f"init_process_group: RANK is {mine}, as torchrun sets it, and MPI says {me}: one "
            "starter alone says who is who; unset RANK, or start by  python -m "
            "autograd.distributed.run, which sets it"
        )


def _number(name: str, default: int) -> int:
    """What torchrun says in the environment, or who starts programs as it does."""
    said = os.environ.get(name) or str(default)
    if not said.isdecimal():
        raise ArgumentError(f"init_process_group: {name} is a whole number, not {said!r:.40}")
    return int(said)
