"""Buckets: gradients side by side in one array, which is averaged over all processes at once."""

from __future__ import annotations

from collections.abc import Sequence
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
        self.size = sum(p.size for p in parameters)
        self.dtype = parameters[0].dtype
        self.nbytes = self.size * self.dtype.itemsize
        self._flat: Any = None  # kept from pass to pass, with the places in it
        self._places: list[Any] = []
        self.missing = set(self.numbers)  # those whose gradients have not come
        self.work: Any = None  # while it is on its way
        self.label = f"gradients of {_names(parameters)}"

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_flat": None, "_places": [], "work": None}  # a copy has its own

    @property
    def flat(self) -> Any:
        """The gradients, side by side."""
        if self._flat is None:
            self._flat = np.empty(self.size, self.dtype)
            parts = np.split(self._flat, np.cumsum([p.size for p in self._parameters[:-1]]))
            pairs = zip(parts, self._parameters, strict=True)
            self._places = [part.reshape(p.shape) for part, p in pairs]
        return self._flat

    def fill(self) -> None:
        """Take the gradients in, zeros where there are none."""
        grads = [p.grad for p in self._parameters]
        rows = [
            np.zeros(p.size, self.dtype) if g is None else np.ravel(raw(g))
            for p, g in zip(self._parameters, grads, strict=True)
        ]
        np.concatenate(rows, out=self.flat)

    def empty(self) -> None:
        """Begin anew; who may still write to what was on its way keeps it."""
        if self.work is not None:
            self._flat = self.work = None
        self.missing = set(self.numbers)

    def spread(self, used: Sequence[int]) -> None:
        """Write the averages to the gradients of those parameters that are used anywhere."""
        found = zip(self.numbers, self._parameters, self._places, strict=True)
        shared = [(p, place) for number, p, place in found if used[number]]
        here = [(p.grad, place) for p, place in shared if p.grad is not None]
        for parameter, place in shared:
            if parameter.grad is None:
                parameter.grad = taken(place.copy()[()])
        write_together([grad for grad, _ in here], [place for _, place in here])

    # ---- as PyTorch's hooks know it ------------------------------------------------------------

    def buffer(self) -> Tensor:
        """The numbers of this process, as a Tensor."""
        return taken(self.flat)

    def set_buffer(self, tensor: Any) -> None:
        """Put others in their place."""
        self.flat[...] = np.asarray(raw(tensor), self.dtype).reshape(-1)

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
        return [taken(place.copy()[()]) for place in self._places]


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
