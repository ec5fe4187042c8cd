"""Tensors of one process, sent to the others: at once, or as instructions of a plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from autograd.distributed import ops as collectives
from autograd.distributed.echo import is_recording, noted
from autograd.distributed.exchanges import broadcast
from autograd.distributed.groups import ProcessGroup
from autograd.extend import raw
from autograd.ops.shape.join import concat
from autograd.tensors.inplace import write, write_together

__all__ = ["send_now", "send_traced"]


def send_now(tensors: Sequence[Any], group: ProcessGroup, first: int = 0) -> None:
    """Let all processes have the numbers of the one at place `first`, in one message."""
    given = [_flat(mine) for mine in _by_dtype(tensors)] if is_recording() else []
    flat = np.concatenate([np.ravel(raw(t)).view(np.uint8) for t in tensors])
    group.run(f"numbers of rank {group.ranks[first]}", broadcast(group, flat, first, None)).wait()
    if group.rank != first:
        write_together(tensors, _parts(flat, tensors))
    for own, mine in zip(given, _by_dtype(tensors), strict=False):
        noted(("broadcast", first, group.ranks), own, _flat(mine))


def _parts(flat: Any, tensors: Sequence[Any]) -> Iterator[Any]:
    start = 0
    for tensor in tensors:
        end = start + tensor.nbytes
        yield flat[start:end].view(tensor.dtype).reshape(tensor.shape)
        start = end


def send_traced(tensors: Sequence[Any], group: ProcessGroup, first: int = 0) -> None:
    """The same at each run of a plan, a message for each dtype."""
    whole = group if group.comms else None
    for mine in _by_dtype(tensors):
        joined = concat([t.reshape(-1) for t in mine])
        flat, start = collectives.broadcast_from(joined, src=first, group=whole), 0
        for tensor in mine:
            write(tensor, flat[start : start + tensor.size].reshape(tensor.shape))
            start += tensor.size


def _by_dtype(values: Sequence[Any]) -> Iterator[list[Any]]:
    for dtype in dict.fromkeys(value.dtype for value in values):
        yield [value for value in values if value.dtype == dtype]


def _flat(values: Sequence[Any]) -> Any:
    return np.concatenate([np.asarray(raw(value)).reshape(-1) for value in values])
