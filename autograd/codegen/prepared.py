"""A loop made ready for arrays of certain shapes and strides: its code, its layout, its shares."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.codegen.addresses import address_of
from autograd.codegen.layout import Layout, layout_of
from autograd.codegen.native.machine import Compiled, compiled, register_bytes
from autograd.codegen.native.nest import Plan, module_of
from autograd.codegen.native.operands import Place
from autograd.codegen.node import Node, in_order
from autograd.codegen.reductions import Reduced, identity, kept_in
from autograd.errors import ShapeError, UnsupportedError
from autograd.kernels.parallel.threads import get_num_threads, share

__all__ = ["Prepared", "check_shape", "lanes_of", "prepared"]

Array = Any
ROOM = 1 << 20  # bytes of the stack that a long formula may take
LARGE = 1 << 15  # numbers from which on threads share a loop


class Prepared:
    """A loop over arrays that lie like those it was made ready for."""

    def __init__(
        self, outputs: Sequence[Reduced], plan: Plan, layout: Layout, shape: tuple[int, ...],
        order: str,
    ) -> None:  # fmt: skip
        self.outputs, self.plan, self.layout, self.shape = outputs, plan, layout, shape
        self.size = math.prod(shape)
        self.results: list[tuple[Any, ...]] = [
            (o.result_shape(shape), o.dtype, "C" if o.kind else order) for o in outputs
        ]
        self.memories = [
            (o.kept_shape(shape), place.dtype, identity(o.step, place.dtype)) if o.kind else None
            for o, place in zip(outputs, plan.outputs, strict=True)
        ]
        self.numbers = _numbers(layout)
        self.code: Compiled | None = None

    def text(self) -> str:
        return module_of(self.plan)

    def run(self, inputs: list[Array], given: list[Array]) -> list[Array]:
        """The outputs, in the memory that is given or in new."""
        results = given or [np.empty(*memory) for memory in self.results]
        kept = [
            result if memory is None else np.full(memory[0], memory[2], memory[1])
            for memory, result in zip(self.memories, results, strict=True)
        ]
        if self.size:
            self.code = self.code or compiled(self.text())
            operands = inputs + kept
            if self.size >= LARGE and get_num_threads() > 1:
                self._shared(self.code, operands, len(inputs))
            else:
                self.code.run(_addresses(operands), self.numbers)
        for output, memory, result in zip(self.outputs, kept, results, strict=True):
            if output.kind:
                result[...] = output.finished(memory, self.shape)
        return results

    def _shared(self, code: Compiled, operands: list[Array], first: int) -> None:
        """The longest axis in parts; each thread sums for itself what all would sum."""
        layout = self.layout
        axis = max(range(len(layout.shape)), key=lambda a: (layout.shape[a], -a))
        length = layout.shape[axis]
        count = min(length, get_num_threads())
        sums = [
            k for k, memory in enumerate(self.memories, first)
            if memory is not None and layout.strides[k][axis] == 0
        ]  # fmt: skip
        own = [{k: operands[k].copy() for k in sums} for _ in range(count)]

        def work(part: int) -> None:
            begin, end = length * part // count, length * (part + 1) // count
            piece, offsets = layout.part(axis, begin, end)
            mine = [own[part].get(k, x) for k, x in enumerate(operands)]
            code.run(_addresses(mine, offsets), _numbers(piece))

        share(work, range(count))
        for k in sums:
            for memories in own:
                self.outputs[k - first].ufunc(operands[k], memories[k], out=operands[k])


def prepared(outputs: Sequence[Reduced], inputs: list[Array], given: list[Array]) -> Prepared:
    """Find the layout of a loop over arrays, and choose its code."""
    shape = np.broadcast_shapes(*(x.shape for x in inputs))
    operands = list(inputs)
    whole = [x.flags for x in inputs if x.shape == shape]
    turned = bool(whole) and all(f.f_contiguous and not f.c_contiguous for f in whole)
    order: Any = "F" if turned else "C"  # new outputs lie as all the inputs do
    for k, output in enumerate(outputs):
        output.count(shape)
        check_shape(given[k : k + 1], output.result_shape(shape))
        if output.kind:
            dtype = kept_in(output.step, output.node.dtype)
            operands.append(np.empty(output.kept_shape(shape), dtype))
        else:
            operands.append(given[k] if given else np.empty(shape, output.dtype, order))
    strides = [np.broadcast_to(x, shape).strides for x in operands]
    sizes = [x.itemsize for x in operands]
    layout = layout_of(shape, strides, sizes)
    kinds = [""] * len(inputs) + [output.step for output in outputs]
    places = [
        Place(x.dtype, step, kind)
        for x, step, kind in zip(operands, layout.steps(sizes), kinds, strict=True)
    ]
    roots = tuple(output.node for output in outputs)
    first = len(inputs)
    plan = Plan(
        roots, tuple(places[:first]), tuple(places[first:]), len(layout.shape),
        lanes_of(roots, math.prod(shape)), register_bytes() == 64,
    )  # fmt: skip
    return Prepared(outputs, plan, layout, shape, order)


def check_shape(given: list[Array], wanted: tuple[int, ...]) -> None:
    """Raise where an array of `out` has not the shape of its output."""
    for array in given:
        if array.shape != wanted:
            raise ShapeError(f"out= has the shape {array.shape} where the output has {wanted}")


def lanes_of(roots: Sequence[Node], size: int) -> int:
    """As many as the narrowest of the floating dtypes has in a register; fewer for long formulas.

    The values that parts of a long one hand on lie on the stack.
    """
    nodes = in_order(roots)
    sizes = {n.dtype.itemsize for n in nodes if n.dtype.kind == "f"}
    lanes = 1 if size == 1 else max(2, register_bytes() // min(sizes, default=8))
    while 8 * lanes * len(nodes) > ROOM:
        if lanes == 1:
            raise UnsupportedError(
                f"a formula of {len(nodes)} operations is too long for a loop: compute it in parts"
            )
        lanes //= 2
    return lanes


def _numbers(layout: Layout) -> Any:
    """Lengths and strides as the code reads them."""
    numbers = [*layout.shape, *(s for strides in layout.strides for s in strides)]
    return (ctypes.c_int64 * len(numbers))(*numbers)


def _addresses(operands: list[Array], offsets: Sequence[int] = ()) -> Any:
    found = [*map(address_of, operands)]
    if offsets:
        found = [a + offset for a, offset in zip(found, offsets, strict=True)]
    return (ctypes.c_void_p * len(found))(*found)
