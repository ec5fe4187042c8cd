"""The Reducer: gradients averaged over the processes of a group, as backward gives them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.distributed.echo import is_recording, noted
from autograd.distributed.exchanges import all_gathered, broadcast
from autograd.distributed.groups import ProcessGroup
from autograd.distributed.work import Work
from autograd.engine.callers import caller
from autograd.engine.modes import capturing, current_mode
from autograd.errors import BackwardError
from autograd.sweep.early import Listener
from nn.parallel.buckets import GradBucket, average, split
from nn.parallel.checks import tell_nan, tell_unused
from nn.parallel.traced import TracedBuckets

__all__ = ["Reducer"]


class Reducer(Listener):
    """Averages gradients over the processes of a group, as backward gives them."""

    def __init__(
        self, named: list[tuple[str, Any]], group: ProcessGroup, most: float, check_nan: bool
    ) -> None:
        super().__init__()
        self.named, self.group, self.most, self.check_nan = named, group, most, check_nan
        self.parameters = [p for _, p in named]
        self.hook: Callable[[GradBucket], Any] | None = None
        self.is_on = True
        self.is_content = False  # one process alone, whose parameters have all been seen to learn
        self.finds_unused = False
        self.share = 1.0  # of all processes, those that still have batches
        self.sweeps = 0
        self._arrived: list[int] = []
        self._given: dict[int, Any] = {}  # by bucket, where they are noted down
        self._is_ordered = False
        self._used: list[int] = []  # by parameter, how many processes use it
        self._traced: TracedBuckets | None = None
        self._flags: Work | None = None
        self._open_buckets([*reversed(range(len(named)))])

    def listen_to_parameters(self) -> None:
        """Listen for the parameters, whose nodes may be new."""
        self.listen(self.parameters)

    def _open_buckets(self, order: list[int]) -> None:
        self.buckets = split(self.parameters, order, self.most)
        self._bucket_of = {number: b for b in self.buckets for number in b.numbers}
        self._next = 0  # the first bucket that is not on its way

    # ---- while backward goes on ----------------------------------------------------------------

    def begin(self, numbers: list[int], create_graph: bool) -> None:
        if not self.is_on:
            return
        if create_graph and self.group.size > 1:
            raise BackwardError(
                "DistributedDataParallel: backward(create_graph=True) would lose the graph of the "
                "gradients where they are averaged; call it inside no_sync()"
            )
        if any(b.dtype != b.parameters()[0].dtype for b in self.buckets):  # after a to()
            self._open_buckets([n for b in self.buckets for n in b.numbers])
        if capturing() and self.group.size > 1:
            self._traced = TracedBuckets(self, numbers)
            return
        self.sweeps += 1
        used = np.zeros(len(self.parameters), np.uint8)
        used[numbers] = 1
        self._used = used.tolist()
        if self.group.size == 1:
            return
        own = np.packbits(used)  # few bytes, which fit into the first message
        told = np.empty((self.group.size, own.size), np.uint8)
        text = f"average of gradients in backward pass {self.sweeps}"
        stages = all_gathered(self.group, own, told, text, caller() or "?")
        self._flags = self.group.run(text, stages, lambda: self._count(told))

    def _count(self, told: Any) -> None:
        """How many processes use each parameter, from what they have told."""
        every = np.unpackbits(told, axis=1, count=len(self.parameters))
        self._used = every.sum(0, dtype=np.int64).tolist()

    def whole(self, number: int) -> None:
        if not self.is_on:
            return
        if self.group.size == 1:
            self._arrived.append(number)
            return
        if self._traced is not None:
            self._traced.whole(number)
            return
        self._arrived.append(number)
        bucket = self._bucket_of[number]
        bucket.missing.discard(number)
        if not bucket.missing:
            bucket.fill()
            self._send_full()
        if self.group.works:
            self.group.advance()

    def _send_full(self) -> None:
        """Send the buckets that are full, each behind the one before it."""
        while self._next < len(self.buckets) and not self.buckets[self._next].missing:
            bucket = self.buckets[self._next]
            if is_recording():
                self._given[self._next] = bucket.flat.copy()
            bucket.work = average(self.group, bucket) if self.hook is None else self.hook(bucket)
            self._next += 1

    def end(self) -> None:
        if not self.is_on:
            return
        if self._traced is not None:
            traced, self._traced = self._traced, None
            traced.end()
            return
        if self.group.size == 1:
            self._check_used(1)
            self.is_content = True
            self.ignore()
            return
        for bucket in self.buckets[self._next :]:
            if bucket.missing:
                bucket.missing.clear()
                bucket.fill()
        self._send_full()
        assert self._flags is not None
        self._flags.wait()
        for bucket in self.buckets:
            self._receive(bucket)
        if self._given:
            self._note()
        self._finish()

    def _note(self) -> None:
        """Note down the averages as those of a compiled step, which is compared with this pass."""
        for place, given in self._given.items():
            bucket = self.buckets[place]
            used = np.concatenate([np.full(self.parameters[n].size, self._used[n] > 0)
                                   for n in bucket.numbers])  # fmt: skip
            noted((id(self), bucket.index()), given[used], bucket.flat[used])
        self._given.clear()

    def _receive(self, bucket: GradBucket) -> None:
        found: Any = bucket.work
        if isinstance(found, Work):
            name = f"mean of gradients, bucket {bucket.index()}"
            found = found.seen_by(current_mode().watches, name, bucket.nbytes)
        if found is not None:
            bucket.set_buffer(found)
        bucket.work = None
        if self.share != 1:
            np.divide(bucket.flat, self.share, out=bucket.flat)

    def follow(self) -> None:
        """Take part in a backward pass of the others, without gradients of one's own."""
        numbers = [n for bucket in self.buckets for n in bucket.numbers]
        self.begin([] if self.finds_unused else numbers, False)
        self._arrived = numbers
        for bucket in self.buckets:
            bucket.flat[...] = 0
            bucket.missing.clear()
        self._send_full()
        assert self._flags is not None
        self._flags.wait()
        for bucket in self.buckets:
            self._receive(bucket)
        self._finish(is_own=False)

    def _finish(self, is_own: bool = True) -> None:
        try:
            self._check_used(self.group.size)
            if self.check_nan and any(_has_nan(bucket.flat) for bucket in self.buckets):
                tell_nan(self.named, self.group)
            for bucket in self.buckets if is_own else ():
                bucket.spread(self._used)
        finally:
            arrived = self._arrived
            self.stop()
        if not self._is_ordered:
            self._order_buckets(arrived)

    def _check_used(self, count: int) -> None:
        if not self.finds_unused and min(self._used) < count:
            mine = sorted(set(range(len(self.named))) - {*self._arrived})
            tell_unused(self.named, mine, self.group)

    def stop(self) -> None:
        for bucket in self.buckets:
            bucket.empty()
        self._arrived, self._next, self._flags = [], 0, None
        self._traced = None
        self._given.clear()

    def says(self, number: int) -> str:
        if self.group.size == 1:
            return ""
        return f"mean of {self.group.size} ranks, bucket {self._bucket_of[number].index()}"

    def _order_buckets(self, arrived: list[int]) -> None:
        """After the first pass: buckets in the order in which the first process came to them."""
        rest = [n for n in reversed(range(len(self.named))) if n not in set(arrived)]
        order = np.array([*arrived, *rest])
        self.group.run("order of buckets", broadcast(self.group, order, 0, None)).wait()
        self._is_ordered = True
        if [*order] != [n for bucket in self.buckets for n in bucket.numbers]:
            self._open_buckets([int(n) for n in order])


def _has_nan(flat: Any) -> bool:
    if flat.dtype.itemsize == 2:
        return bool(np.isnan(flat).any())
    return bool(np.isnan(np.vdot(flat, flat)))  # infinite squares do not cancel
