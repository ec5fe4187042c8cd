"""torch.distributed: several processes over MPI, whatever a program calls its backend."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from autograd import distributed as core
from autograd.distributed import ProcessGroup, ReduceOp, Work, is_available, is_initialized
from autograd.errors import ArgumentError
from nn.torch import refusals

__all__ = ["ProcessGroup", "ReduceOp", "Work", "is_available", "is_initialized"]

_BACKENDS = ("mpi", "gloo", "nccl", "cpu:gloo,cuda:nccl")


def is_mpi_available() -> bool:
    """Whether several processes could be used."""
    return is_available()


def is_nccl_available() -> bool:
    """False."""
    return False


is_gloo_available = is_torchelastic_launched = is_ucc_available = is_nccl_available


def get_rank(group: Any = None) -> int:
    """Which of the processes this is; 0 where no group has been made."""
    return core.get_rank(group) if is_initialized() else 0


def get_world_size(group: Any = None) -> int:
    """How many processes there are; 1 where no group has been made."""
    return core.get_world_size(group) if is_initialized() else 1


def init_process_group(
    backend: str | None = None,
    init_method: str | None = None,
    timeout: Any = None,
    world_size: int = -1,
    rank: int = -1,
    store: Any = None,
    group_name: str = "",
    pg_options: Any = None,
    device_id: Any = None,
) -> None:
    """Meet the other processes, over MPI: `backend` may be what it is called elsewhere."""
    if backend is not None and str(backend).lower() not in _BACKENDS:
        raise ArgumentError(
            f"init_process_group: backend is 'mpi', 'gloo' or 'nccl', which all are MPI here, not "
            f"{backend!r:.40}"
        )
    core.init_process_group(None, None, timeout, world_size, rank)


def _as_there(function: Callable[..., Any]) -> Callable[..., Any]:
    """A collective that changes Tensors, and gives a handle or nothing, as PyTorch's."""

    def call(*args: Any, **kwargs: Any) -> Any:
        found = function(*args, **kwargs)
        return found if isinstance(found, Work) else None

    call.__name__ = call.__qualname__ = function.__name__
    call.__doc__ = function.__doc__
    return call


all_gather = _as_there(core.all_gather)
all_gather_into_tensor = _as_there(core.all_gather_into_tensor)
all_reduce = _as_there(core.all_reduce)
all_to_all = _as_there(core.all_to_all)
all_to_all_single = _as_there(core.all_to_all_single)
barrier = _as_there(core.barrier)
broadcast = _as_there(core.broadcast)
gather = _as_there(core.gather)
reduce = _as_there(core.reduce)
reduce_scatter = _as_there(core.reduce_scatter)
reduce_scatter_tensor = _as_there(core.reduce_scatter_tensor)
scatter = _as_there(core.scatter)
all_gather_object = core.all_gather_object
broadcast_object_list = core.broadcast_object_list
destroy_process_group = core.destroy_process_group
gather_object = core.gather_object
get_backend = core.get_backend
get_process_group_ranks = core.get_process_group_ranks
irecv, isend, recv, send = core.irecv, core.isend, core.recv, core.send
P2POp, batch_isend_irecv = core.P2POp, core.batch_isend_irecv
new_group = core.new_group
scatter_object_list = core.scatter_object_list


class group:
    """`group.WORLD`: all processes."""

    WORLD: ProcessGroup | None = None


GroupMember = group


def __getattr__(name: str) -> Any:
    if name == "nn":
        return core.nn
    if name in ("algorithms", "optim"):
        return importlib.import_module(f"{__name__}.{name}")
    raise refusals.missing("torch.distributed", name, "autograd.distributed has what there is")
