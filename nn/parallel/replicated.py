"""Ops between numbers that all processes have alike and parts of which each has its own.

What is alike counts once: every process calls backward on the same loss, and a gradient of what is
alike is alike too. So the two ways from alike to own, and the two back, are each other's
transposes. (The ops of `autograd.distributed.nn` differentiate the sum of all processes' losses.)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.distributed.alone import rank_and_size
from autograd.distributed.ops import all_gather, all_reduce
from autograd.extend import Array, draw, op, sample, samples

__all__ = ["copied_to_all", "gathered_from_all", "own_part", "summed_over_all"]

_some = samples(
    lambda: sample(draw(2, 3)), lambda: sample(draw(4)), lambda: sample(draw(0, 2), label="empty")
)


def _copy(x: Any, group: Any = None) -> Any:
    return np.copy(x)


@op(
    "x, for all parts",
    x=lambda g, group: summed_over_all(g, group=group),
    linear=True,
    samples=_some,
    reference=_copy,
)
def copied_to_all(x: Array, /, group: Any = None) -> Array:
    """What is alike, to be used by the part of each process: its gradient is the sum of theirs."""
    return np.array(x)


@op(
    "Σ parts",
    x=lambda g, group: copied_to_all(g, group=group),
    linear=True,
    samples=_some,
    reference=_copy,
)
def summed_over_all(x: Array, /, group: Any = None) -> Array:
    """The sum of what the parts of all processes give, which is alike on all of them."""
    return np.asarray(all_reduce(x, group=group))


@op(
    "all parts",
    x=lambda g, group: own_part(g, group=group),
    linear=True,
    samples=_some,
    reference=_copy,
)
def gathered_from_all(x: Array, /, group: Any = None) -> Array:
    """The parts of all processes side by side along the last axis, alike on all of them."""
    rows = np.asarray(all_gather(x, group=group))
    return np.concatenate([*rows], axis=-1)


@op(
    "my part",
    x=lambda g, group: gathered_from_all(g, group=group),
    linear=True,
    samples=_some,
    reference=_copy,
)
def own_part(x: Array, /, group: Any = None) -> Array:
    """The part of this process, along the last axis, of what is alike on all."""
    rank, size = rank_and_size(group)
    length = x.shape[-1] // size
    return np.array(x[..., rank * length : (rank + 1) * length])
