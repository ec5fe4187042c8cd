"""Processes with batches of their own number: who has none left goes along with the rest.

Source: PyTorch's Join, and the `join` of its DistributedDataParallel, whose names these are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.distributed.exchanges import all_gathered
from autograd.distributed.groups import group_of
from autograd.engine.modes import capturing
from autograd.errors import (
    ArgumentError,
    ArgumentTypeError,
    DistributedError,
    StateError,
    TraceError,
    shown,
)

HAS, WHO, SYNCS, SENDS = range(4)  # goes on; which member; averages gradients; sends buffers
WHERE = "DistributedDataParallel.join"


class Join:
    """A block in which processes may have more batches than others, each its own.

    `joinables` are what all processes have alike: DistributedDataParallel models, and
    ZeroRedundancyOptimizers, in one order. Who comes to its end takes part in the passes and the
    steps of the rest until all are there; then all have the parameters of the last. Averages are
    over all processes, or without `divide_by_initial_world_size` over those that still have
    batches; with `throw_on_early_termination` all raise StateError when the first has none left,
    and without `enable` the block is none. Only forward passes that lead to a backward pass are
    counted on; a SyncBatchNorm cannot go on without the rest.

    >>> import autograd as ag
    >>> import autograd.distributed as dist
    >>> import nn, optim
    >>> dist.init_process_group()
    >>> model = nn.parallel.DistributedDataParallel(nn.Linear(3, 1))
    >>> optimizer = optim.ZeroRedundancyOptimizer(model.parameters(), optim.Adam)
    >>> with nn.parallel.Join([model, optimizer]):
    ...     for batch in [ag.ones(2, 3)] * 2:  # another number in each process
    ...         optimizer.zero_grad()
    ...         model(batch).sum().backward()
    ...         optimizer.step()
    >>> dist.destroy_process_group()
    """

    def __init__(
        self,
        joinables: Sequence[Any],
        enable: bool = True,
        throw_on_early_termination: bool = False,
        *,
        divide_by_initial_world_size: bool = True,
    ) -> None:
        self._members = [*joinables]
        if not self._members:
            raise ArgumentError("Join: joinables has no model and no optimizer")
        for member in self._members:
            if not hasattr(member, "_go_along"):
                raise ArgumentTypeError(
                    "Join takes DistributedDataParallel models and ZeroRedundancyOptimizers; other "
                    f"optimizers send nothing, and need it not: got {shown(member)}"
                )
        self._group = group_of(self._members[0].process_group, "Join")
        if any(group_of(m.process_group, "Join") is not self._group for m in self._members):
            raise ArgumentError("Join: all joinables are to be of the same processes")
        self._is_on = enable and self._group.size > 1
        self._told = divide_by_initial_world_size, throw_on_early_termination

    def __enter__(self) -> Join:
        if not self._is_on:
            return self
        if any(member._uneven is not None for member in self._members):
            raise StateError(f"{WHERE}: this model or optimizer is in such a block already")
        self._uneven = Uneven(self._group, self._members, *self._told)
        for member in self._members:
            member._uneven = self._uneven
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if not self._is_on:
            return
        try:
            if kind is None:
                self._uneven.follow()
        finally:
            for member in self._members:
                member._uneven = None
                member._divide_by(1.0)


class Uneven:
    """What the processes say to each other before each pass and each step of such a block."""

    def __init__(
        self, group: Any, members: Sequence[Any], divides_by_all: bool, raises: bool
    ) -> None:
        self.group, self.members = group, members
        self.divides_by_all, self.raises = divides_by_all, raises
        self.passes = 0

    def goes_on(self, member: Any, syncs: bool = False, sends: bool = False) -> tuple[int, bool]:
        """Say that one goes on: the place of the first process that does, and whether all do."""
        if capturing():
            raise TraceError(
                f"{WHERE}: a compiled step goes the same way each time, and cannot go on when "
                "others have ended: call the step itself"
            )
        self.passes += 1
        place = [id(each) for each in self.members].index(id(member))
        told = self._exchanged(True, place, syncs, sends)
        return int(told[:, HAS].argmax()), bool(told[:, HAS].all())

    def _exchanged(self, *mine: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
        told = self._rows(np.array(mine, np.uint8), "join, before a pass or a step")
        ranks = np.array(self.group.ranks)
        ended = ranks[told[:, HAS] == 0].tolist()
        if self.raises and 0 < len(ended) < len(ranks):
            raise StateError(
                f"{WHERE}: rank {', '.join(map(str, ended))} has no batch left, and "
                "throw_on_early_termination is on: all end"
            )
        going = told[told[:, HAS] == 1, WHO]
        if len({*going.tolist()}) > 1:
            says = ", ".join(
                f"rank {rank} goes on with {type(self.members[row[WHO]]).__name__}"
                for rank, row in zip(ranks.tolist(), told, strict=True)
                if row[HAS]
            )
            raise DistributedError(f"{WHERE}: the processes do not do the same: {says}")
        is_part = len(going) and not self.divides_by_all
        for member in self.members:
            member._divide_by(len(going) / len(ranks) if is_part else 1.0)
        return told

    def _rows(self, own: Any, text: str) -> Any:
        """What all processes say, a row for each."""
        rows = np.empty((self.group.size, own.size), own.dtype)
        self.group.run(text, all_gathered(self.group, own, rows, text, WHERE)).wait()
        return rows

    def follow(self) -> None:
        """Take part in what the others still do, and then have the parameters of the last."""
        while (told := self._exchanged(False, 0, False, False))[:, HAS].any():
            first = int(told[:, HAS].argmax())
            _, who, syncs, sends = told[first].tolist()
            self.members[who]._go_along(first, bool(syncs), bool(sends))
        passes = self._rows(np.array([self.passes]), "join, at its end")
        for member in self.members:
            member._settle(int(passes[:, 0].argmax()))
