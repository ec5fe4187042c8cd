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
from autograd.tensors.inplace import write

__all__ = ["send_now", "send_traced"]


def send_now(tensors: Sequence[Any], group: ProcessGroup, first: int = 0) -> None:
    """Let all processes have the numbers of the one at place `first`, in one message."""
    arrays = [np.array(raw(t)) for t in tensors]
    flat = np.concatenate([array.reshape(-1).view(np.uint8) for array in arrays])
    group.run(f"numbers of rank {group.ranks[first]}", broadcast(group, flat, first, None)).wait()
    start = 0
    for tensor, array in zip(tensors, arrays, strict=True):
        if group.rank != first:
            came = np.frombuffer(flat, array.dtype, array.size, start)
            write(tensor, came.reshape(array.shape))
        start += array.nbytes
    if is_recording():
        for mine, given in zip(_by_dtype(tensors), _by_dtype(arrays), strict=True):
            noted(("broadcast", first, group.ranks), _flat(given), _flat(mine))


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
