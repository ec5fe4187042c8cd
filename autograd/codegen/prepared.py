"""A loop made ready for arrays of certain shapes and strides: its code, its results, its shares."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.codegen.kernel import LARGE, Kernel, compile_kernels, kernel
from autograd.codegen.node import Node
from autograd.codegen.planning import check_shape, result_shape
from autograd.codegen.sharing import Shared, share
from autograd.codegen.stages import is_reduced, staged_axes
from autograd.kernels.parallel.threads import get_num_threads
from autograd.kernels.parallel.threads import share as share_work
from autograd.system.addresses import address_of

__all__ = ["Prepared", "prepared", "shape_of"]

Array = Any
Shape = tuple[int, ...]
_Function = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.c_void_p
)  # lets go of the interpreter's lock


class _Ready:
    """A kernel that can be called."""

    def __init__(self, one: Kernel) -> None:
        self.kernel = one  # keeps the code alive
        self.call = _Function(one.address)
        self.numbers = (ctypes.c_int64 * len(one.numbers))(*one.numbers)


class Prepared:
    """A loop over arrays that lie like those it was made ready for."""

    def __init__(self, whole: Kernel, results: list[tuple[Any, ...]]) -> None:
        self.whole, self.results = whole, results
        self.shares: dict[int, tuple[list[_Ready], list[_Ready], int]] = {}

    def text(self) -> str:
        return self.whole.text

    def run(self, inputs: list[Array], given: list[Array]) -> list[Array]:
        """The outputs, in the memory that is given or in new."""
        results = given or [np.empty(*memory) for memory in self.results]
        count = get_num_threads() if self.whole.size >= LARGE else 1
        parts, joins, scratch = self.shares.get(count) or self._made(count)
        places = [*map(address_of, inputs), *map(address_of, results)]
        if scratch:
            beside = np.empty(scratch + 64, np.uint8)
            places.append(-(-address_of(beside) // 64) * 64)
        addresses = (ctypes.c_void_p * len(places))(*places)
        if len(parts) > 1:
            share_work(lambda part: part.call(addresses, part.numbers), parts)
        else:
            parts[0].call(addresses, parts[0].numbers)
        for join in joins:
            join.call(addresses, join.numbers)
        return results

    def _made(self, count: int) -> tuple[list[_Ready], list[_Ready], int]:
        whole = self.whole
        found = share(whole, count) if count > 1 else Shared([whole], [], whole.scratch)
        compile_kernels([*found.parts, *found.joins])
        made = [_Ready(k) for k in found.parts], [_Ready(k) for k in found.joins], found.scratch
        self.shares[count] = made
        return made


def prepared(outputs: Sequence[Node], inputs: list[Array], given: list[Array]) -> Prepared:
    """Find the shapes of the results of a loop over arrays, and the loop for them."""
    shape = np.broadcast_shapes(*(x.shape for x in inputs))
    whole = [x.flags for x in inputs if x.shape == shape]
    turned = bool(whole) and all(f.f_contiguous and not f.c_contiguous for f in whole)
    order: Any = "F" if turned else "C"  # new outputs lie as all the inputs do
    results: list[tuple[Any, ...]] = []
    for node in outputs:
        own = shape_of(node, [x.shape for x in inputs], shape)
        results.append((own, node.dtype, order if own == shape else "C"))
    for k, (own, *_) in enumerate(results):
        if given:
            check_shape(given[k].shape, own)
    return Prepared(kernel(outputs, inputs, given or [np.empty(*r) for r in results]), results)


def shape_of(root: Node, shapes: Sequence[Shape], shape: Shape) -> Shape:
    """The shape of an output: that of the whole loop, or what reductions leave of it."""
    if root.op == "reduce":
        root.data.count(shape)
        return tuple(root.data.result_shape(shape))
    gone = staged_axes([root], shape)

    def same(node: Node) -> bool:
        own = () if node.op == "index" else shapes[node.data]
        own = (1,) * (len(shape) - len(own)) + own
        return node.op != "index" and all(own[a] == 1 for a in gone or ())

    return shape if gone is None or not is_reduced(root, same) else result_shape(root, shape)
