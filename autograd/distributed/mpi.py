"""MPI, where it is: loaded when a program has several processes, and not before."""

from __future__ import annotations

import os
from collections.abc import Mapping
from threading import RLock
from typing import Any

from autograd.errors import DistributedError, MissingPackageError
from autograd.system.forks import forkable

__all__ = ["INSTALL", "LOCK", "launched", "load", "world"]

LOCK = forkable(RLock())  # of all calls of MPI: one at a time, whatever a library says of threads

INSTALL = "pip install 'chaingrad[mpi]'"
# how starters tell a process of how many it is one
SIZES = ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE", "MPI_LOCALNRANKS")
STARTED = ("PMIX_RANK", "PMI_RANK", "PMI_FD")


def launched(environ: Mapping[str, str] = os.environ) -> int:
    """How many processes a starter of MPI programs says there are: 0 without one, -1 untold."""
    for name in SIZES:
        if environ.get(name, "").isdecimal():
            return int(environ[name])
    if any(name in environ for name in STARTED):
        tasks = environ.get("SLURM_STEP_NUM_TASKS", "")
        return int(tasks) if tasks.isdecimal() else -1
    return 0


def load() -> Any:
    """`mpi4py.MPI`, or one sentence about why there is none."""
    try:
        from mpi4py import MPI
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("mpi4py"):
            raise
        raise MissingPackageError(
            f"several processes speak over MPI, and mpi4py is not here:  {INSTALL}"
        ) from None
    except (ImportError, RuntimeError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise MissingPackageError(
            f"mpi4py is here and finds no MPI library to load ({reason}):  {INSTALL}  brings Open "
            "MPI along"
        ) from None
    return MPI


def world() -> Any:
    """All processes that were started together, as a communicator; None where this one is alone."""
    told = launched()
    if told in (0, 1):
        return None
    MPI = load()
    found = MPI.COMM_WORLD.Get_size()
    if found == 1 and told > 1:
        library = MPI.Get_library_version().split(",")[0].strip("\0 \n")
        raise DistributedError(
            f"{told} processes were started together, and each sees itself alone: mpiexec is of "
            f"another MPI than the library of mpi4py ({library}). Start them by its own mpiexec "
            f"(python -m autograd.distributed.run -n {told} ... finds it), or install both at "
            f"once:  {INSTALL}"
        )
    return None if found == 1 else MPI.COMM_WORLD
