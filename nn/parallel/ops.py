"""The average of a bucket as two instructions of a compiled step: it begins, and it has come.

What is computed between them goes on meanwhile. The ticket that the first gives the second is all
that a plan sees of the numbers on their way.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.distributed.echo import answered, check_numbers, is_playing
from autograd.distributed.exchanges import all_reduced
from autograd.distributed.groups import ProcessGroup
from autograd.distributed.reductions import ReduceOp
from autograd.distributed.work import Work
from autograd.engine.modes import current_mode
from autograd.engine.row import OPS
from autograd.errors import NaNError
from autograd.extend import Array, op

__all__ = ["begin_average", "end_average"]

_on_their_way: dict[tuple[int, int], tuple[Work | None, Any, Any, tuple[bool, ...]]] = {}


@op("mean of processes begins")
def begin_average(*gradients: Array, group: Any, key: tuple[int, int]) -> Array:
    """Send gradients away to be averaged; gives the ticket for `end_average`."""
    check_numbers(*gradients)
    flat = np.concatenate([np.asarray(g).reshape(-1) for g in gradients])
    nan = tuple(bool(np.isnan(g).any()) for g in gradients)
    if group is None:
        _on_their_way[key] = None, flat, flat, nan
    else:
        mine: ProcessGroup = group
        own, label = flat.copy(), f"bucket {key[1]} of gradients in a compiled step"
        work = (
            None if is_playing() else mine.run(label, all_reduced(mine, flat, ReduceOp.AVG, None))
        )
        _on_their_way[key] = work, own, flat, nan
    return np.int64(key[1])


@op("mean of processes", outputs=0)
def end_average(
    ticket: Array, /, group: Any, key: tuple[int, int], shapes: Any, names: Any, check_nan: bool
) -> tuple[Array, ...]:
    """Wait for the averages of the gradients that went away under a key."""
    check_numbers(ticket)
    work, own, flat, nan = _on_their_way[key]

    def run() -> Any:
        if work is not None:
            name = f"mean of gradients, bucket {key[1]}"
            work.seen_by(current_mode().watches, name, flat.nbytes)
        return flat

    if group is not None:
        flat = answered(key, own, run, lambda change: change)
    if check_nan and any(nan):
        wrong = [name for name, is_nan in zip(names, nan, strict=True) if is_nan]
        raise NaNError(
            f"DistributedDataParallel: gradients are NaN before they are averaged: rank "
            f"{0 if group is None else group.ranks[group.rank]}: {', '.join(wrong)}\n"
            "  check_nan=False lets them pass."
        )
    parts, start = [], 0
    for shape in shapes:
        size = int(np.prod(shape))
        parts.append(flat[start : start + size].reshape(shape)[()])
        start += size
    return tuple(parts)


# Not in the table of all ops, whose laws are of functions: these two are halves of an exchange.
for _name in ("begin_average", "end_average"):
    del OPS[_name]
