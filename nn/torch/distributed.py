"""torch.distributed: one process, which is what programs are told that ask."""

from __future__ import annotations

from typing import Any

from autograd.errors import UnsupportedError
from nn.torch import refusals


def is_available() -> bool:
    """False."""
    return False


is_initialized = is_nccl_available = is_mpi_available = is_gloo_available = is_available
is_torchelastic_launched = is_available


def get_rank(group: Any = None) -> int:
    """0."""
    return 0


def get_world_size(group: Any = None) -> int:
    """1."""
    return 1


def _refused(name: str) -> Any:
    def call(*args: Any, **kwargs: Any) -> Any:
        raise UnsupportedError(
            f"torch.distributed.{name}: there is one process here; ask is_initialized() first"
        )

    call.__name__ = name
    call.__doc__ = "Refused: there is one process."
    return call


init_process_group, destroy_process_group, barrier, all_reduce, all_gather, broadcast = map(
    _refused,
    (
        "init_process_group", "destroy_process_group", "barrier", "all_reduce", "all_gather",
        "broadcast",
    ),
)  # fmt: skip
reduce, scatter, gather, send, recv = map(_refused, ("reduce", "scatter", "gather", "send", "recv"))


def __getattr__(name: str) -> Any:
    raise refusals.missing("torch.distributed", name, "there is one process here; leave it out")
