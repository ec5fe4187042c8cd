"""A formula over arrays that lie in given ways, as a native function of addresses and numbers.

    function(void **addresses, int64_t *numbers)

The addresses are those of the inputs, of the results, and, where `scratch` is not 0, of so many
bytes beside (aligned to 64, written and read by this run alone). The numbers are lengths, strides
and the like: equal texts serve all shapes. A result may lie where an input lies if both have all
axes of the loop, and the same strides.

    >>> import numpy as np
    >>> from autograd.codegen.values import argument
    >>> x = argument(0, "float32")
    >>> lies = np.zeros((4, 6), np.float32)  # or anything with shape, strides and dtype
    >>> e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    >>> softmax = kernel([e / np.sum(e, axis=-1, keepdims=True)], [lies], [lies])
    >>> softmax.scratch > 0
    True
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd.codegen.functions.table import FUNCTIONS
from autograd.codegen.memories import Lying
from autograd.codegen.native.machine import Function, functions_of, has_scaling, register_bytes
from autograd.codegen.native.nest import module_of
from autograd.codegen.native.plan import Plan
from autograd.codegen.node import Node, in_order
from autograd.codegen.planning import Planned, check_shape, planned
from autograd.codegen.promotion import node_of
from autograd.codegen.stages import staged_axes
from autograd.errors import UnsupportedError

__all__ = ["LARGE", "Kernel", "can_stage", "compile_kernels", "kernel"]

Shape = tuple[int, ...]
LARGE = 1 << 15  # numbers from which on threads share a loop
ROOM = 1 << 20  # bytes of the stack that a long formula may take
FAR = 1 << 21  # bytes of all arrays, of which a core's own caches have no room for more
CHAIN = 4  # functions from which on a processor waits for the last more than it computes


class Kernel:
    """A loop over arrays that lie in certain ways."""

    __slots__ = ("_planned", "begin", "function", "inputs", "results", "roots", "shape", "slot")

    def __init__(
        self, roots: tuple[Node, ...], inputs: tuple[Lying, ...], results: tuple[Lying, ...],
        shape: Shape, scratch: tuple[int, int],
    ) -> None:  # fmt: skip
        self.roots, self.inputs, self.results, self.shape = roots, inputs, results, shape
        self.slot, self.begin = scratch  # where memory beside is
        self.function: Function | None = None
        self._planned: Planned | None = None

    @property
    def planned(self) -> Planned:
        """What is done, found when it is asked for: a loop may be used in parts alone."""
        if self._planned is None:
            lanes = lanes_of(self.roots, self.shape)
            scales = has_scaling() and register_bytes() == 64
            inputs, results = (
                tuple([x._replace(begin=0) for x in xs]) for xs in (self.inputs, self.results)
            )
            self._planned = planned(
                self.roots, inputs, results, self.shape, self.slot, lanes, scales, self._is_far()
            )
        return self._planned

    def _is_far(self) -> bool:
        """Whether no near cache has all arrays, so that memory is to be asked for before."""
        sizes = [x.dtype.itemsize * math.prod(x.shape) for x in (*self.inputs, *self.results)]
        return sum(sizes) >= FAR

    @property
    def plan(self) -> Plan:
        return self.planned.plan

    @property
    def numbers(self) -> tuple[int, ...]:
        """What the function reads, where each array begins among it."""
        numbers = list(self.planned.numbers)
        begins = [*(x.begin for x in (*self.inputs, *self.results)), self.begin]
        for place, of in self.planned.owners:
            numbers[place] += begins[of]
        return tuple(numbers)

    @property
    def scratch(self) -> int:
        """Where the memory beside ends, in bytes."""
        return self.begin + self.planned.scratch

    @property
    def text(self) -> str:
        """LLVM's text, of a module whose function is `loop`."""
        return module_of(self.plan).text()

    @property
    def address(self) -> int:
        """Where the function is, as long as the kernel lives; it is compiled if it was not yet."""
        if self.function is None:
            compile_kernels([self])
        assert self.function is not None
        return self.function.address

    @property
    def size(self) -> int:
        """How many numbers the loop goes over."""
        return math.prod(self.shape)


def kernel(outputs: Sequence[Any], inputs: Sequence[Any], results: Sequence[Any]) -> Kernel:
    """The loop that computes outputs (values of formulas) from inputs, written to results.

    Inputs and results are arrays, or whatever else has a shape, strides in bytes and a dtype.
    """
    roots = tuple([node_of(x) for x in outputs])
    given = tuple([_lying(x, k) for k, x in enumerate(inputs)])
    taken = tuple([_lying(x, len(given) + k) for k, x in enumerate(results)])
    shape = np.broadcast_shapes(
        *(x.shape for x in given),
        *(r.shape for n, r in zip(roots, taken, strict=True) if n.op != "reduce"),
    )
    _check(roots, taken, shape)
    return Kernel(roots, given, taken, shape, (len(given) + len(taken), 0))


def _check(roots: Sequence[Node], results: Sequence[Lying], shape: Shape) -> None:
    """Refuse what cannot be planned, which is done later."""
    staged_axes(roots, shape)
    lanes_of(roots, shape)
    for node in in_order(roots):
        if node.op == "reduce":
            node.data.count(shape)
    for root, result in zip(roots, results, strict=True):
        if root.op == "reduce":
            check_shape(result.shape, root.data.result_shape(shape))


def _lying(x: Any, slot: int) -> Lying:
    return Lying(tuple(x.shape), tuple(x.strides), np.dtype(x.dtype), slot)


def can_stage(outputs: Sequence[Any], shape: Shape) -> bool:
    """Whether a loop of this shape can go on with the reductions that the formulas go on with.

    It cannot where they are over different axes, and should not where all of a large array comes
    to one number, which threads could not share.
    """
    try:
        gone = staged_axes([node_of(x) for x in outputs], shape)
    except UnsupportedError:
        return False
    places = math.prod(n for a, n in enumerate(shape) if gone is None or a not in gone)
    return gone is None or places > 1 or math.prod(shape) < LARGE


def _waits(nodes: Sequence[Node]) -> bool:
    """Whether a formula has a chain of functions, each of which needs the one before."""
    behind: dict[int, int] = {}
    for node in nodes:
        most = max([behind[a.number] for a in node.args], default=0)
        behind[node.number] = most + (node.op in FUNCTIONS)
    return max(behind.values(), default=0) >= CHAIN


def compile_kernels(kernels: Iterable[Kernel]) -> None:
    """Compile what was not compiled before, all in one go, which is faster than one by one."""
    kernels = list(kernels)
    functions = functions_of([module_of(k.plan) for k in kernels])
    for one, function in zip(kernels, functions, strict=True):
        one.function = function


def lanes_of(roots: Sequence[Node], shape: Shape) -> int:
    """As many as the narrowest of the floating dtypes has in a register; fewer for long formulas.

    The values that parts of a long one hand on lie on the stack. Where functions wait for each
    other, two registers are gone through side by side.
    """
    nodes = in_order(roots)
    size = math.prod(shape)
    sizes = {n.dtype.itemsize for n in nodes if n.dtype.kind == "f" and n.dtype.itemsize > 2}
    lanes = 1 if size == 1 else max(2, register_bytes() // min(sizes, default=8))
    if size > 1 and shape[-1] >= 4 * lanes and _waits(nodes):
        lanes *= 2
    while 8 * lanes * len(nodes) > ROOM:
        if lanes == 1:
            raise UnsupportedError(
                f"a formula of {len(nodes)} operations is too long for a loop: compute it in parts"
            )
        lanes //= 2
    return lanes
