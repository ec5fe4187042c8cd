"""Instructions: a program read as NumPy calls on whole arrays of known shapes and dtypes.

An Instruction is a call and also what it gives, which has no numbers yet. All that runs it, prints
it or writes code for it knows these kinds:

=============  =====================================================================================
`source`       what is there when a run begins; `origin` is the program's input, parameter, state,
               constant or draw. A `number` is one of Python's that the step `origin` reads at each
               run, such as a rate; `Lowered.read` tells all of them
`constant`     an array or number that no run changes, in `params`
`elementwise`  the ufunc called `name`, or `where`, `astype`, ...; operands broadcast. If there is a
               `function`, it gives NumPy's bits, and `name` what they mean
`reduce`       `name` of sum, prod, max, min, any, all, argmax, argmin; `params`: axes, keepdims
`view`         `name` of reshape, transpose, broadcast_to, slice; `params`: shape, axes or index
`product`      `matmul` of (..., n, k) and (..., k, m)
`call`         any other function of arrays, called whole: kernels, sorts, optimizers. What it gives
               may be several arrays, or one. `concatenate` has its axis in `params`, and `placed`,
               which puts arrays among zeros, its axis and the (start, stop) of each
`part`         one of the several results of a call; `params`: its index
=============  =====================================================================================
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np

from autograd.engine.node import Node
from autograd.engine.row import COMPUTED

__all__ = ["KINDS", "Instruction", "Lowered"]

KINDS = frozenset((
    "source", "constant", "elementwise", "reduce", "view", "product", "call", "part",
))  # fmt: skip


class Instruction:
    """One call, and its result."""

    __slots__ = ("dtype", "function", "inputs", "kind", "name", "origin", "params", "shape")

    def __init__(
        self,
        kind: str,
        name: str,
        inputs: tuple[Any, ...],
        params: tuple[Any, ...],
        shape: tuple[int, ...] | None,
        dtype: np.dtype[Any] | None,
        origin: Node | None = None,
        function: Callable[..., Any] | None = None,
    ) -> None:
        self.kind = kind
        self.name = name
        self.inputs = inputs  # instructions, or numbers of Python and NumPy
        self.params = params
        self.shape = shape  # None: several results, or a shape that follows from values
        self.dtype = dtype
        self.origin = origin  # the program's node whose formula it is a part of
        self.function = function  # what a `call` calls, on arrays and numbers

    def with_inputs(self, inputs: tuple[Any, ...]) -> Instruction:
        """The same of other inputs."""
        return Instruction(
            self.kind, self.name, inputs, self.params, self.shape, self.dtype, self.origin,
            self.function,
        )  # fmt: skip

    @property
    def is_open(self) -> bool:
        """Whether the shape of what a call gives may follow from values; it is to be checked."""
        node = self.origin
        if self.kind not in ("call", "part") or node is None:
            return False
        if node.spec != (self.shape, self.dtype):
            return False
        if self.kind == "part":
            node = node.inputs[0]
        is_linked = node.extra is not None and node.extra.is_linked
        return node.op is COMPUTED or node.op.counts or is_linked

    def __repr__(self) -> str:
        inputs = ", ".join(i.name if type(i) is Instruction else str(i) for i in self.inputs)
        shape = "?" if self.shape is None else "×".join(map(str, self.shape)) or "scalar"
        return f"<{self.kind} {self.name}({inputs}) {self.dtype} {shape}>"


class Lowered:
    """A program as instructions, in an order in which they can be run."""

    def __init__(
        self,
        program: Any,
        instructions: list[Instruction],
        results: dict[Node, Instruction],
        absent: Collection[Node] = (),
        numbers: Sequence[Any] = (),
    ) -> None:
        self.program = program
        self.instructions = instructions
        self.absent = frozenset(absent)  # gradients and state that were not there
        self.numbers = tuple(numbers)  # what reads Python's numbers of the steps of optimizers
        self.sources: dict[Any, Instruction] = {  # those that the program has, by its nodes
            i.origin: i for i in instructions if i.kind == "source" and i.name != "number"
        }
        # what outputs, writes, guards and effects are, by the program's nodes: all that must be run
        self.results = results

    def read(self, sources: Mapping[Any, Any]) -> dict[Instruction, Any] | None:
        """The values of all sources, given those that the program's run begins with.

        None if they are not what it was lowered for: a gradient or state is there that was not, or
        the other way round, or a step is made of other operations. Lower the program again then.
        """
        values: dict[Instruction, Any] = {}
        for node in self.absent:
            if sources[node] is not None:
                return None
        for node, instruction in self.sources.items():
            value = values[instruction] = sources[node]
            if value is None:
                return None
        for numbers in self.numbers:
            found = numbers.read(sources)
            if found is None:
                return None
            values.update(found)
        return values

    def summary(self) -> dict[str, int]:
        """How many instructions there are of each kind, and of each function that is called."""
        counts = Counter(i.kind for i in self.instructions)
        counts.update(f"call {i.name}" for i in self.instructions if i.kind == "call")
        return dict(counts)
