"""torch.multiprocessing: Python's, with a `spawn` for processes that a starter has begun."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from typing import Any

from autograd.distributed import alone, mpi
from autograd.errors import DistributedError

__all__ = ["get_all_sharing_strategies", "get_sharing_strategy", "set_sharing_strategy", "spawn"]


def spawn(
    fn: Callable[..., Any],
    args: tuple[Any, ...] = (),
    nprocs: int = 1,
    join: bool = True,
    daemon: bool = False,
    start_method: str = "spawn",
) -> None:
    """Call `fn(rank, *args)` in each of `nprocs` processes, which MPI's starter has begun.

    One alone calls it in this process.
    """
    told = max(1, mpi.launched())
    if nprocs != told:
        raise DistributedError(
            f"torch.multiprocessing.spawn: processes that train together speak over MPI here, and "
            f"its starter begins them: there {'is' if told == 1 else 'are'} {told}, and nprocs is "
            f"{nprocs}. Run  python -m autograd.distributed.run -n {nprocs} -m nn.torch PROGRAM  "
            "and each calls the function with its rank"
        )
    rank = 0
    if told > 1:
        found = mpi.world()
        rank = alone.rank_and_size()[0] if found is None else found.Get_rank()
    fn(rank, *args)


def get_all_sharing_strategies() -> set[str]:
    """Memory is not shared: {"file_system"}."""
    return {"file_system"}


def get_sharing_strategy() -> str:
    """As PyTorch names how memory is shared; nothing depends on it."""
    return "file_system"


def set_sharing_strategy(new_strategy: str) -> None:
    """Taken, and without effect."""


def __getattr__(name: str) -> Any:
    return getattr(multiprocessing, name)
