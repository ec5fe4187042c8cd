"""What the processes must agree on before they train a model together."""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.distributed.groups import ProcessGroup
from autograd.distributed.objects import all_gather_object
from autograd.engine.callers import caller
from autograd.errors import DistributedError, NaNError, StateError
from autograd.extend import raw

__all__ = ["check_alike", "check_frozen", "tell_nan", "tell_unused"]

Named = Sequence[tuple[str, Any]]


def _gathered(value: Any, group: ProcessGroup) -> list[Any]:
    found = [None] * group.size
    all_gather_object(found, value, group)
    return found


def check_alike(named: Named, buffers: Named, group: ProcessGroup) -> None:
    """See that all processes have the same parameters and buffers, in one order.

    Those that start from other values take those of the first process, and are told so.
    """
    kinds = [("parameter" if p.requires_grad else "frozen parameter", n, p) for n, p in named]
    kinds += [("buffer", n, b) for n, b in buffers]
    mine = [(kind, name, str(t.dtype), tuple(t.shape)) for kind, name, t in kinds]
    sums = [zlib.crc32(np.asarray(raw(p)).tobytes()) for _, p in named]
    told = _gathered((mine, sums), group)
    first, start = told[0]
    for rank, (theirs, _) in zip(group.ranks, told, strict=True):
        if theirs != first:
            raise DistributedError(_difference(group.ranks[0], first, rank, theirs))
    others = {
        rank: [name for (name, _), a, b in zip(named, start, its, strict=True) if a != b]
        for rank, (_, its) in zip(group.ranks, told, strict=True)
    }
    differing = {rank: names for rank, names in others.items() if names}
    if group.rank == 0 and differing:
        rank, names = next(iter(differing.items()))
        file, _, line = (caller() or "?:0").rpartition(":")
        warnings.warn_explicit(
            f"DistributedDataParallel: the start values of {_listed(names)} on rank "
            f"{', '.join(map(str, differing))} are not those of rank {group.ranks[0]} (another "
            "seed?): all take those of the latter. nn.manual_seed(...) on all processes makes "
            "them the same",
            UserWarning,
            file,
            int(line),
        )


def _difference(one: int, first: list[Any], other: int, theirs: list[Any]) -> str:
    for place, (a, b) in enumerate(zip(first, theirs, strict=False)):
        if a != b:
            return (
                f"DistributedDataParallel: the models differ. In place {place} rank {one} has "
                f"{_entry(a)}, and rank {other} has {_entry(b)}"
            )
    longer, entries = (one, first) if len(first) > len(theirs) else (other, theirs)
    alone = _entry(entries[min(len(first), len(theirs))])
    return (
        f"DistributedDataParallel: the models differ. Rank {one} has {len(first)} parameters and "
        f"buffers, and rank {other} has {len(theirs)}: {alone} is on rank {longer} alone"
    )


def _entry(entry: Any) -> str:
    kind, name, dtype, shape = entry
    return f"the {kind} {name}, {dtype} {shape}"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:4])
    return shown if len(names) <= 4 else f"{shown} and {len(names) - 4} more"


def tell_unused(named: Named, numbers: Sequence[int], group: ProcessGroup) -> None:
    """Raise for parameters that got no gradient here or elsewhere; all processes do so."""
    mine = [named[number][0] for number in numbers]
    told = _gathered(mine, group) if group.size > 1 else [mine]
    lines = [
        f"  rank {rank}: {_listed(names)}"
        for rank, names in zip(group.ranks, told, strict=True)
        if names
    ]
    raise StateError(
        "DistributedDataParallel: parameters got no gradient in this backward pass:\n"
        + "\n".join(lines)
        + "\n  Let each take part in the loss, or pass find_unused_parameters=True: then their "
        "gradients count as zeros where others have some."
    )


def check_frozen(frozen: Named, group: ProcessGroup) -> None:
    """Raise for parameters that learn now, and did not when the buckets were laid out."""
    if group.size > 1 and (names := [name for name, p in frozen if p.requires_grad]):
        raise StateError(
            f"DistributedDataParallel: {_listed(names)} requires grad now, and did not when this "
            "was made: the gradient would be that of each process alone. Make the "
            "DistributedDataParallel anew, of its module, after requires_grad_()"
        )


def tell_nan(named: Named, group: ProcessGroup) -> None:
    """Raise where a process has brought NaN into the averages; all processes do so."""
    mine = [
        f"{name} ({int(np.isnan(raw(p.grad)).sum())} of {p.size} numbers)"
        for name, p in named
        if p.grad is not None and np.isnan(raw(p.grad)).any()
    ]
    told = _gathered(mine, group)
    lines = [
        f"  rank {rank}: {_listed(names)}"
        for rank, names in zip(group.ranks, told, strict=True)
        if names
    ]
    if lines:
        raise NaNError(
            "DistributedDataParallel: gradients are NaN before they are averaged:\n"
            + "\n".join(lines)
            + "\n  check_nan=False lets them pass."
        )
