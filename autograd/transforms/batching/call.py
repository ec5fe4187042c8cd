"""The call of an op on a batch: its inputs, which of them have an axis of examples, and sizes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.modes import captures
from autograd.engine.operands import raw
from autograd.engine.row import OPS, Op
from autograd.transforms.batching.batch import Batch

__all__ = ["Call", "Shape", "do", "ndim", "shape_of"]

Shape = tuple[int, ...]


class Call(NamedTuple):
    """An op on a batch: `inputs` without their Batch, `batched` says which had one.

    A rule gives the output (a tuple of several) with the axis of examples first, or NotImplemented,
    and then the op runs on one example after the other.
    """

    op: Op
    inputs: list[Any]
    batched: list[bool]
    params: dict[str, Any]
    size: int  # how many examples

    def shape(self, k: int) -> Shape:
        """The shape of an input of one example."""
        shape = shape_of(self.inputs[k])
        return shape[1:] if self.batched[k] else shape

    def on_one(self) -> Any:
        """What the op gives for one example, of which the shapes alone mean something."""
        pairs = zip(self.inputs, self.batched, strict=True)
        inputs = [Batch(x).example() if is_batched else raw(x) for x, is_batched in pairs]
        params = {n: x.example() if type(x) is Batch else raw(x) for n, x in self.params.items()}
        return self.op.forward(*inputs, **params)

    def ndim(self, k: int) -> int:
        """How many axes an input of one example has."""
        return len(self.shape(k))

    @property
    def rank(self) -> int:
        """The most axes that an input of one example has."""
        return max((self.ndim(k) for k in range(len(self.inputs))), default=0)

    def lifted(self, k: int, rank: int | None = None) -> Any:
        """An input that broadcasts: its own axes stay last, and that of the examples comes first.

        `rank` is the number of axes that those of one example are filled up to.
        """
        x, rank = self.inputs[k], self.rank if rank is None else rank
        missing = rank - self.ndim(k)
        if not self.batched[k] or missing <= 0:
            return x
        return do("reshape", x, shape=(self.size, *(1,) * missing, *self.shape(k)))

    def front(self, k: int) -> Any:
        """An input with the axis of examples, be it the same for each of them."""
        x = self.inputs[k]
        if x is None or self.batched[k]:
            return x
        return do("broadcast_to", x, shape=(self.size, *np.shape(raw(x))))

    def fronts(self) -> list[Any]:
        """All inputs with the axis of examples."""
        return [self.front(k) for k in range(len(self.inputs))]

    def run(self, *inputs: Any, **changed: Any) -> Any:
        """The op itself on these inputs, with other static parameters where they are given.

        A parameter that has examples is none that an op knows: then each runs by itself.
        """
        params = {**self.params, **changed}
        for value in params.values():
            if type(value) is Batch:
                return NotImplemented
        return ran(self.op, inputs, params)

    def flat(self, k: int) -> Any:
        """An input with the axes of one example as one."""
        return do("reshape", self.front(k), shape=(self.size, math.prod(self.shape(k))))


def do(name: str, *inputs: Any, **params: Any) -> Any:
    """Run an op by its name: on arrays, or recorded on Tensors."""
    return ran(OPS[name], inputs, params)


def ran(op: Op, inputs: Sequence[Any], params: dict[str, Any]) -> Any:
    """What an op gives for inputs without a Batch."""
    if captures:
        return op.record(*inputs, **params)
    for x in inputs:
        if type(x) is not np.ndarray:
            return op.record(*inputs, **params)
    return op.forward(*inputs, **params)  # nothing to be sorted, recorded or seen


def shape_of(x: Any) -> Shape:
    """The shape of a value, and () of Python's numbers."""
    shape = getattr(x, "shape", None)
    return shape if type(shape) is tuple else () if x is None else np.shape(raw(x))


def ndim(x: Any) -> int:
    return len(shape_of(x))


def examples(call: Call, k: int, place: int) -> Any:
    """An input of one example."""
    return do("getitem", call.inputs[k], index=place) if call.batched[k] else call.inputs[k]


def stacked(results: Sequence[Any]) -> Any:
    """The results of all examples as one; those of an op with several outputs one by one."""
    if isinstance(results[0], (tuple, list)):
        return tuple(stacked(column) for column in zip(*results, strict=True))
    if results[0] is None:
        return None
    return do("stack", *results, axis=0)
