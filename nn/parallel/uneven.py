"""Processes with batches of their own number: who has none left goes along with the rest.

Source: the `join` of PyTorch's DistributedDataParallel, whose names these are.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.distributed.exchanges import all_gathered
from autograd.engine.modes import capturing
from autograd.errors import StateError, TraceError

__all__ = ["Uneven"]

HAS, SYNCS, SENDS = range(3)  # batches left; gradients that are averaged; buffers that are sent


class Uneven:
    """What the processes say to each other before each forward pass of such a block."""

    def __init__(self, model: Any, divides_by_all: bool, raises: bool) -> None:
        self.model, self.divides_by_all, self.raises = model, divides_by_all, raises
        self.passes = 0

    def forward(self, sends: bool) -> int:
        """Say that one goes on; gives the place of the first process that does."""
        if capturing():
            raise TraceError(
                "DistributedDataParallel.join: a compiled step goes the same way each time, and "
                "cannot go on when others have ended: call the step itself"
            )
        self.passes += 1
        told = self._told(True, self.model._reducer.is_on, sends)
        return int(told[:, HAS].argmax())

    def _told(self, *mine: bool) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
        group, own = self.model.process_group, np.array(mine, np.uint8)
        told = np.empty((group.size, len(own)), np.uint8)
        text = "join, before a forward pass"
        group.run(text, all_gathered(group, own, told, text, "DistributedDataParallel.join")).wait()
        active = int(told[:, HAS].sum())
        if self.raises and active < group.size:
            ended = [rank for rank, row in zip(group.ranks, told, strict=True) if not row[HAS]]
            raise StateError(
                f"DistributedDataParallel.join: rank {', '.join(map(str, ended))} has no batch "
                "left, and throw_on_early_termination is on: all end"
            )
        is_part = active and not self.divides_by_all
        self.model._reducer.share = active / group.size if is_part else 1.0
        return told

    def follow(self) -> None:
        """Take part in what the others still do, and then have the parameters of the last."""
        model = self.model
        while (told := self._told(False, False, False))[:, HAS].any():
            first = int(told[:, HAS].argmax())
            if told[first, SENDS]:
                model._send_buffers(first)
            if told[first, SYNCS]:
                model._reducer.follow()
        group, passes = model.process_group, np.empty((model.process_group.size, 1), np.int64)
        text = "join, at its end"
        own = np.array([self.passes])
        group.run(
            text, all_gathered(group, own, passes, text, "DistributedDataParallel.join")
        ).wait()
        last = int(passes[:, 0].argmax())
        model._send([*model.module.parameters(), *model.module.buffers()], last)
