"""Buckets: gradients side by side in one array, which is averaged over all processes at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.distributed.exchanges import all_reduced
from autograd.distributed.groups import ProcessGroup
from autograd.distributed.reductions import ReduceOp
from autograd.distributed.work import Work
from autograd.extend import raw
from autograd.tensors.inplace import write_together
from autograd.tensors.tensor import Tensor, taken

FIRST = 1 << 20  # bytes: the first is small, so that it is soon on its way


class GradBucket:
    """The gradients of some parameters, side by side: what a communication hook gets.

    `buffer()` are the numbers of this process, `index()` which bucket it is, `parameters()` whose
    gradients they are, `gradients()` the parts of them and `is_last()` whether more are to come.
    """

    def __init__(self, position: int, numbers: Sequence[int], parameters: Sequence[Any]) -> None:
        self.numbers = [*numbers]  # of its parameters among all
        self._position, self._parameters = position, [*parameters]
        self._is_last = False
        ends = np.cumsum([p.size for p in parameters]).tolist()
        self.dtype, self.size = parameters[0].dtype, ends[-1]
        self.nbytes = self.size * self.dtype.itemsize
        self._places = {
            number: (p, end - p.size, end)
            for number, p, end in zip(numbers, parameters, ends, strict=True)
        }
        self.flat: Any = None  # while it is on its way
        self.missing = set(self.numbers)  # those whose gradients have not come
        self.work: Work | None = None
        self.label = f"gradients of {_names(parameters)}"

    def place(self, number: int) -> tuple[Any, Any]:
        """A parameter of the bucket, and the place of its gradient, in its shape."""
        parameter, start, end = self._places[number]
        if self.flat is None:
            self.flat = np.empty(self.size, self.dtype)
        return parameter, self.flat[start:end].reshape(parameter.shape)

    def fill(self, number: int) -> bool:
        """Take a parameter's gradient in; whether it was the last one."""
        parameter, place = self.place(number)
        place[...] = 0 if parameter.grad is None else raw(parameter.grad)
        self.missing.discard(number)
        return not self.missing

    def empty(self) -> None:
        """Begin anew."""
        self.flat = self.work = None
        self.missing = set(self.numbers)

    def spread(self, used: Callable[[int], bool]) -> None:
        """Write the averages to the gradients of those parameters that are used anywhere."""
        found = [(*self.place(number), number) for number in self.numbers]
        shared = [(p, place) for p, place, number in found if used(number)]
        here = [(p, place) for p, place in shared if p.grad is not None]
        for parameter, place in shared:
            if parameter.grad is None:
                parameter.grad = taken(place.copy()[()])
        write_together([p.grad for p, _ in here], [place for _, place in here])

    # ---- as PyTorch's hooks know it ------------------------------------------------------------

    def buffer(self) -> Tensor:
        """The numbers of this process, as a Tensor."""
        return taken(self.flat)

    def set_buffer(self, tensor: Any) -> None:
        """Put others in their place."""
        self.flat = np.array(raw(tensor), self.dtype).reshape(-1)

    def index(self) -> int:
        """Which bucket it is, from 0; they are on their way in this order."""
        return self._position

    def is_last(self) -> bool:
        """Whether no other bucket follows."""
        return self._is_last

    def parameters(self) -> list[Any]:
        """Those whose gradients lie here."""
        return [*self._parameters]

    def gradients(self) -> list[Tensor]:
        """The parts of the buffer, one for each parameter."""
        return [taken(self.place(number)[1].copy()[()]) for number in self.numbers]


def _names(parameters: Sequence[Any]) -> str:
    names = [p.name or "a parameter" for p in parameters]
    return names[0] if len(names) == 1 else f"{names[0]} ... {names[-1]} ({len(names)})"


def split(parameters: Sequence[Any], order: Sequence[int], most: float) -> list[GradBucket]:
    """Buckets of at most so many bytes, each of one dtype, in an order of the parameters."""
    groups: list[list[int]] = []
    open_ones: dict[Any, tuple[list[int], int]] = {}  # by dtype, with their bytes
    for number in order:
        parameter = parameters[number]
        group, size = open_ones.get(parameter.dtype, ([], 0))
        limit = min(FIRST, most) if groups and group is groups[0] else most
        if not group or size + parameter.nbytes > limit:
            group, size = [], 0
            groups.append(group)
        group.append(number)
        open_ones[parameter.dtype] = group, size + parameter.nbytes
    found = [GradBucket(k, g, [parameters[i] for i in g]) for k, g in enumerate(groups)]
    if found:
        found[-1]._is_last = True
    return found


def average(group: ProcessGroup, bucket: GradBucket) -> Work:
    """Begin to average a bucket over the processes, where it lies."""
    return group.run(bucket.label, all_reduced(group, bucket.flat, ReduceOp.AVG, None))
