"""DistributedDataParallel in a traced or compiled step: what it does, as instructions."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.distributed.exchanges import all_reduced
from autograd.distributed.reductions import ReduceOp
from autograd.engine.callers import caller
from autograd.engine.modes import uncaptured
from autograd.tensors.tensor import Tensor, taken
from nn.parallel.checks import tell_unused
from nn.parallel.ops import begin_average, end_average

__all__ = ["TracedBuckets"]


class TracedBuckets:
    """The buckets of one sweep that is traced: full ones begin to be averaged, as in `Reducer`.

    Which parameters take part is agreed on now, and part of the plan.
    """

    def __init__(self, reducer: Any, numbers: list[int]) -> None:
        self._reducer, group = reducer, reducer.group
        used = np.zeros(len(reducer.parameters), np.int32)
        used[numbers] = 1
        text = "average of gradients in a traced backward pass"
        with uncaptured:
            group.run(text, all_reduced(group, used, ReduceOp.SUM, text, caller() or "?")).wait()
            if not reducer.finds_unused and used.min() < group.size:
                mine = sorted(set(range(len(used))) - {*numbers})
                tell_unused(reducer.named, mine, group)
        self._used = used
        self._here = {*numbers}
        self._arrived: set[int] = set()
        self._begun: list[tuple[Any, list[int], Tensor]] = []

    def whole(self, number: int) -> None:
        """The gradient of a parameter is there."""
        self._arrived.add(number)
        self._send_full()

    def _send_full(self) -> None:
        reducer = self._reducer
        while len(self._begun) < len(reducer.buckets):
            bucket = reducer.buckets[len(self._begun)]
            if (self._here & {*bucket.numbers}) - self._arrived:
                return
            numbers = [n for n in bucket.numbers if self._used[n]]
            grads = [self._gradient(reducer.parameters[n]) for n in numbers]
            key = (id(reducer), bucket.index())
            ticket = begin_average(*grads, group=reducer.group, key=key) if numbers else None
            self._begun.append((key, numbers, ticket))  # type: ignore[arg-type]

    def _gradient(self, parameter: Any) -> Any:
        if parameter.grad is None:  # it is used elsewhere
            return taken(np.zeros(parameter.shape, parameter.dtype)[()])
        return parameter.grad

    def end(self) -> None:
        """The sweep is over: the averages are the gradients."""
        self._send_full()
        reducer = self._reducer
        for key, numbers, ticket in self._begun:
            if ticket is None:
                continue
            parameters = [reducer.parameters[n] for n in numbers]
            found = end_average(
                ticket,
                group=reducer.group,
                key=key,
                shapes=tuple(tuple(p.shape) for p in parameters),
                names=tuple(reducer.named[n][0] for n in numbers),
                check_nan=reducer.check_nan,
            )
            for parameter, grad in zip(parameters, found, strict=True):
                parameter.grad = grad
