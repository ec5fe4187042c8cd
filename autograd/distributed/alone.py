"""What code asks that runs in one process or in several, alike."""

from __future__ import annotations

from typing import Any

from autograd.distributed.groups import (
    ProcessGroup,
    begin,
    get_rank,
    get_world_size,
    is_initialized,
)
from autograd.distributed.mpi import launched
from autograd.errors import ArgumentTypeError, shown

__all__ = ["check_group", "joined", "rank_and_size"]


def check_group(group: Any) -> None:
    """Raise where a `process_group` is none."""
    if group is not None and not isinstance(group, ProcessGroup):
        raise ArgumentTypeError(
            "process_group is what autograd.distributed.new_group() gives, or None for all "
            f"processes, not {shown(group)}"
        )


def rank_and_size(group: ProcessGroup | None = None) -> tuple[int, int]:
    """Which process of how many this is: (0, 1) where there is no group of them."""
    check_group(group)
    if group is None and not is_initialized():
        return 0, 1
    return get_rank(group), get_world_size(group)


def joined() -> tuple[int, int]:
    """The same, of all that were started together, who meet now if they have not."""
    if not is_initialized() and launched() not in (0, 1):
        begin()
    return rank_and_size()
