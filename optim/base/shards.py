"""Shards: the parts of parameters that a process steps, and how all processes get all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.extend import raw
from autograd.tensors.inplace import write
from autograd.tensors.tensor import taken

__all__ = ["Shards"]

_BUCKET = 25 << 20  # bytes of parameters that are sent together


class Shards:
    """What this process of a group has of each parameter, as a Tensor of its own.

    `by_parts` each has one n-th of the numbers of every parameter, as long as there are some; else
    it has whole parameters, each of them with the process that has the fewest numbers so far.
    """

    def __init__(self, params: Iterable[Tensor], group: Any, by_parts: bool) -> None:
        from autograd.distributed import alone

        self.group, self.by_parts = group, by_parts
        self.rank, self.size = alone.rank_and_size(group)
        self._owners: dict[Tensor, int] = {}
        self.of: dict[Tensor, Tensor] = {}
        loads = [0] * self.size
        for p in params:
            if not by_parts:
                owner = self._owners[p] = loads.index(min(loads))
                loads[owner] += p.size
            part = self.part(p, raw(p))
            if part is not None:
                self.of[p] = taken(np.array(part)).requires_grad_()
                self.of[p].name = p.name

    def part(self, p: Tensor, array: Any) -> Any:
        """This process's part of an array in the shape of a parameter; None: it has none."""
        if self.by_parts:
            length = self._length(p)
            return np.reshape(array, -1)[self.rank * length : (self.rank + 1) * length]
        return array if self._owners[p] == self.rank else None

    def _length(self, p: Tensor) -> int:
        """How many numbers of a parameter a process has at most."""
        return -(-p.size // self.size)

    def rank_of(self, place: int) -> int:
        """The rank among all processes of one of the group's."""
        from autograd import distributed

        return distributed.get_process_group_ranks(self.group)[place]

    def buckets(self, params: Iterable[Tensor]) -> Iterator[list[Tensor]]:
        """Parameters that have a gradient, by dtype, as many as are sent at once."""
        waiting: dict[Any, list[Tensor]] = {}
        for p in params:
            if p.grad is None:
                continue
            bucket = waiting.setdefault(p.dtype, [])
            bucket.append(p)
            if sum(raw(q).nbytes for q in bucket) >= _BUCKET:
                yield waiting.pop(p.dtype)
        yield from waiting.values()

    # ---- gradients -----------------------------------------------------------------------------

    def take(self, params: list[Tensor], averages: bool, share: float) -> None:
        """Give this process's parts the values and the gradients of parameters.

        With `averages` these are means over the processes, of which a `share` has gradients.
        """
        grads = {p: raw(p.grad) for p in params}
        if averages and self.size > 1:
            grads = {p: g / share for p, g in self._averaged(params, grads).items()}
        else:
            grads = {p: self.part(p, g) for p, g in grads.items()}
        for p in params:
            if p in self.of:
                write(self.of[p], self.part(p, raw(p)))
                self.of[p].grad = taken(np.array(grads[p]))

    def _averaged(self, params: list[Tensor], grads: dict[Tensor, Any]) -> dict[Tensor, Any]:
        from autograd import distributed

        if not self.by_parts:
            means = {p: taken(np.array(g)) for p, g in grads.items()}
            for mean in means.values():
                distributed.all_reduce(mean, "avg", self.group)
            return {p: raw(mean) for p, mean in means.items()}
        rows = np.concatenate([self._padded(p, grads[p]) for p in params], axis=1)
        own = taken(np.empty(rows.shape[1], rows.dtype))
        distributed.reduce_scatter_tensor(own, taken(rows.reshape(-1)), "avg", self.group)
        parts = zip(params, self._places(params), strict=True)
        return {p: raw(own)[place][: self.of[p].size] for p, place in parts}

    def _padded(self, p: Tensor, array: Any) -> Any:
        """An array in the shape of a parameter as a row of the same length for each process."""
        rows = np.zeros((self.size, self._length(p)), array.dtype)
        rows.reshape(-1)[: array.size] = array.reshape(-1)
        return rows

    def _places(self, params: list[Tensor]) -> list[slice]:
        """Where the parts of parameters lie, one behind the other."""
        return [slice(*ends) for ends in pairwise([0, *accumulate(map(self._length, params))])]

    # ---- parameters ----------------------------------------------------------------------------

    def send(self, params: list[Tensor]) -> None:
        """Let all processes have what each has computed."""
        if self.by_parts:
            self._send_parts(params)
            return
        from autograd import distributed

        for p in params:
            value = taken(np.array(raw(self.of.get(p, p))))
            if self.size > 1:
                distributed.broadcast(value, self.rank_of(self._owners[p]), self.group)
            write(p, raw(value))

    def _send_parts(self, params: list[Tensor]) -> None:
        from autograd import distributed

        places = self._places(params)
        row = np.zeros(places[-1].stop, params[0].dtype)
        for p, place in zip(params, places, strict=True):
            part = raw(self.of[p])
            row[place][: part.size] = part
        rows = taken(row.reshape(1, -1))
        if self.size > 1:
            rows = taken(np.empty((self.size, len(row)), row.dtype))
            distributed.all_gather_into_tensor(rows, taken(row), self.group)
        for p, place in zip(params, places, strict=True):
            whole = raw(rows)[:, place].reshape(-1)[: p.size]
            write(p, whole.reshape(p.shape))
