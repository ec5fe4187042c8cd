"""Formula in, loop out: a function of numbers becomes one pass over arrays.

    >>> import numpy as np
    >>> smooth = loop(lambda x, a: np.tanh(a * x) + np.exp(-x * x), "float64", "float64")
    >>> smooth(np.zeros((2, 3)), 2.0)
    array([[1., 1., 1.],
           [1., 1., 1.]])

The formula may return several values, and sums of them (`np.sum`, `mean`, `max`, `min`, `prod`, with
`axis` and `keepdims`), which are computed in the same pass. Arrays are broadcast; their layout is
found at the call. Where llvmlite is, native code runs, compiled once in a process for each
expression and kind of layout; else NumPy evaluates the same expression.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.codegen.layout import Layout, layout_of
from autograd.codegen.native.machine import compiled, has_llvm, register_bytes
from autograd.codegen.native.nest import Place, Plan, module_of
from autograd.codegen.node import in_order
from autograd.codegen.numeric import evaluate
from autograd.codegen.printed import pseudo_code
from autograd.codegen.promotion import as_node
from autograd.codegen.reductions import Reduced, identity, kept_in
from autograd.codegen.values import argument
from autograd.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd.kernels.parallel.threads import get_num_threads, share

__all__ = ["Loop", "loop"]

Array = Any
LARGE = 1 << 15  # numbers from which on threads share a loop


def loop(function: Callable[..., Any], *dtypes: Any) -> Loop:
    """The loop that a formula stands for, with arguments of these dtypes."""
    given = [argument(i, dtype) for i, dtype in enumerate(dtypes)]
    results = function(*given)
    several = isinstance(results, (tuple, list))
    outputs = [_output(r) for r in (results if several else [results])]
    return Loop(outputs, [np.dtype(d) for d in dtypes], several)


def _output(result: Any) -> Reduced:
    return result if isinstance(result, Reduced) else Reduced("", as_node(result))


class Loop:
    """A formula over arrays, in one pass."""

    def __init__(
        self, outputs: Sequence[Reduced], dtypes: list[np.dtype[Any]], several: bool
    ) -> None:
        self.outputs = outputs
        self.dtypes = dtypes
        self.several = several
        self.roots = tuple(output.node for output in outputs)
        self._plans: dict[Any, Any] = {}

    def __call__(self, *arrays: Any, out: Any = None) -> Any:
        """The outputs for these arrays; `out` has memory for them."""
        inputs = self._inputs(arrays)
        shape = np.broadcast_shapes(*(x.shape for x in inputs))
        results = self._memory(out, shape)
        inputs = [_apart(x, results) for x in inputs]
        run = self._native if has_llvm() else self._in_numpy
        run(inputs, shape, results)
        found = tuple(r if out is not None else r[()] for r in results)
        return found if self.several else found[0]

    def source(self, *arrays: Any) -> str:
        """The loop as readable code; given arrays, LLVM's text for them too."""
        text = pseudo_code(self.outputs, self.dtypes)
        if not arrays or not has_llvm():
            return text
        inputs = self._inputs(arrays)
        shape = np.broadcast_shapes(*(x.shape for x in inputs))
        results = self._memory(None, shape)
        kept, layout = self._arranged(inputs, shape, results)
        return f"{text}\n\n{module_of(self._plan(inputs, kept, layout))}"

    # ---- what is given ---------------------------------------------------------------------------

    def _inputs(self, arrays: Sequence[Any]) -> list[Array]:
        if len(arrays) != len(self.dtypes):
            raise ArgumentTypeError(
                f"this loop takes {len(self.dtypes)} arrays, and got {len(arrays)}"
            )
        return [_as_array(x, dtype) for x, dtype in zip(arrays, self.dtypes, strict=True)]

    def _memory(self, out: Any, shape: tuple[int, ...]) -> list[Array]:
        expected = [(o.result_shape(shape), o.dtype) for o in self.outputs]
        if out is None:
            return [np.empty(wanted, dtype) for wanted, dtype in expected]
        given = list(out) if isinstance(out, (tuple, list)) else [out]
        if len(given) != len(expected):
            raise ArgumentError(f"out= has {len(given)} arrays for {len(expected)} outputs")
        for array, (wanted, dtype) in zip(given, expected, strict=True):
            if array.shape != wanted or array.dtype != dtype:
                raise ShapeError(
                    f"out= is {array.dtype}{array.shape}, the output {dtype}{wanted}"
                )
        return given

    # ---- in NumPy --------------------------------------------------------------------------------

    def _in_numpy(
        self, inputs: list[Array], shape: tuple[int, ...], results: list[Array]
    ) -> None:
        for output, value, result in zip(
            self.outputs, evaluate(self.roots, inputs), results, strict=True
        ):
            result[...] = output.in_numpy(np.broadcast_to(value, shape))

    # ---- in native code --------------------------------------------------------------------------

    def _native(
        self, inputs: list[Array], shape: tuple[int, ...], results: list[Array]
    ) -> None:
        size = math.prod(shape)
        kept, layout = self._arranged(inputs, shape, results)
        if size:
            plan = self._plan(inputs, kept, layout)
            function = self._function(plan)
            operands = [*inputs, *kept]
            if size >= LARGE and get_num_threads() > 1:
                self._shared(function, layout, operands, len(inputs))
            else:
                _run(function, layout, [x.ctypes.data for x in operands])
        for output, memory, result in zip(self.outputs, kept, results, strict=True):
            if output.kind:
                result[...] = output.finished(memory, shape)

    def _arranged(
        self, inputs: list[Array], shape: tuple[int, ...], results: list[Array]
    ) -> tuple[list[Array], Layout]:
        """The memory that is written, and the axes of the loop."""
        kept = []
        for output, result in zip(self.outputs, results, strict=True):
            if not output.kind:
                kept.append(result)
                continue
            output.count(shape)
            dtype = kept_in(output.step, output.node.dtype)
            memory = np.full(output.kept_shape(shape), identity(output.step, dtype), dtype)
            kept.append(memory)
        strides = [np.broadcast_to(x, shape).strides for x in (*inputs, *kept)]
        return kept, layout_of(shape, strides, [x.itemsize for x in (*inputs, *kept)])

    def _plan(self, inputs: list[Array], kept: list[Array], layout: Layout) -> Plan:
        operands = [*inputs, *kept]
        steps = layout.steps([x.itemsize for x in operands])
        kinds = [""] * len(inputs) + [output.step for output in self.outputs]
        places = [
            Place(x.dtype, step, kind)
            for x, step, kind in zip(operands, steps, kinds, strict=True)
        ]
        lanes = 1 if layout.shape == (1,) else self._lanes()
        return Plan(
            self.roots, tuple(places[: len(inputs)]), tuple(places[len(inputs) :]),
            len(layout.shape), lanes,
        )  # fmt: skip

    def _lanes(self) -> int:
        """As many as the narrower of the floating dtypes has in a register."""
        sizes = {n.dtype.itemsize for n in in_order(self.roots) if n.dtype.kind == "f"}
        return max(2, register_bytes() // min(sizes, default=8))

    def _function(self, plan: Plan) -> Any:
        key = (plan.inputs, plan.outputs, plan.axes, plan.lanes)
        found = self._plans.get(key)
        if found is None:
            found = self._plans[key] = compiled(module_of(plan))
        return found.run

    def _shared(
        self, function: Any, layout: Layout, operands: list[Array], first: int
    ) -> None:
        """The longest axis in parts; each thread sums for itself what all would sum."""
        axis = max(range(len(layout.shape)), key=lambda a: (layout.shape[a], -a))
        length = layout.shape[axis]
        count = min(length, get_num_threads())
        reduced = [
            k for k in range(first, len(operands))
            if self.outputs[k - first].kind and layout.strides[k][axis] == 0
        ]  # fmt: skip
        own = [{k: operands[k].copy() for k in reduced} for _ in range(count)]

        def work(part: int) -> None:
            begin, end = length * part // count, length * (part + 1) // count
            piece, offsets = layout.part(axis, begin, end)
            addresses = [
                (own[part][k] if k in own[part] else x).ctypes.data + offset
                for k, (x, offset) in enumerate(zip(operands, offsets, strict=True))
            ]
            _run(function, piece, addresses)

        share(work, range(count))
        for k in reduced:
            ufunc = self.outputs[k - first].ufunc
            for memories in own:
                ufunc(operands[k], memories[k], out=operands[k])


def _run(function: Any, layout: Layout, addresses: list[int]) -> None:
    numbers = np.array([*layout.shape, *(s for each in layout.strides for s in each)], np.int64)
    pointers = np.array(addresses, np.int64)
    function(pointers.ctypes.data, numbers.ctypes.data)


def _as_array(x: Any, dtype: np.dtype[Any]) -> Array:
    array = np.asarray(x)
    plain = type(x) in (bool, int, float)
    if array.dtype != dtype and not plain and not np.can_cast(array.dtype, dtype):
        raise ArgumentTypeError(f"this loop is made for {dtype}, and got {array.dtype}")
    return np.require(array, dtype, "A")


def _apart(x: Array, results: list[Array]) -> Array:
    """An input in memory that no output is written to, but where it is read just before."""
    for result in results:
        same = x.ctypes.data == result.ctypes.data and x.strides == result.strides
        if not (same and x.shape == result.shape) and np.may_share_memory(x, result):
            return x.copy()
    return x

