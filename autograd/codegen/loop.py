"""Formula in, loop out: a function of numbers becomes one pass over arrays.

    >>> import numpy as np
    >>> smooth = loop(lambda x, a: np.tanh(a * x) + np.exp(-x * x), "float64", "float64")
    >>> smooth(np.zeros((2, 3)), 2.0)
    array([[1., 1., 1.],
           [1., 1., 1.]])

The formula may return several values, and sums of them (`np.sum`, `mean`, `max`, `min`, `prod`,
with `axis` and `keepdims`), which are computed in the same pass. Arrays are broadcast; their layout
is found at the call. Where llvmlite is, native code runs, compiled once in a process for each
expression and kind of layout; else NumPy evaluates the same expression.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.codegen.native.machine import has_llvm
from autograd.codegen.node import Node
from autograd.codegen.numeric import evaluate
from autograd.codegen.planning import check_shape
from autograd.codegen.prepared import Prepared, prepared, shape_of
from autograd.codegen.printed import pseudo_code
from autograd.codegen.promotion import node_of
from autograd.codegen.values import argument
from autograd.errors import ArgumentError, ArgumentTypeError
from autograd.system.addresses import address_of

__all__ = ["Loop", "loop"]

Array = Any
_KEPT = 64  # layouts of arrays that a loop remembers


def loop(function: Callable[..., Any], *dtypes: Any) -> Loop:
    """The loop that a formula stands for, with arguments of these dtypes."""
    given = [argument(i, dtype) for i, dtype in enumerate(dtypes)]
    results = function(*given)
    several = isinstance(results, (tuple, list))
    outputs = [node_of(r) for r in (results if several else [results])]
    return Loop(outputs, [np.dtype(d) for d in dtypes], several)


class Loop:
    """A formula over arrays, in one pass."""

    def __init__(self, outputs: Sequence[Node], dtypes: list[np.dtype[Any]], several: bool) -> None:
        self.outputs = outputs
        self.dtypes = dtypes
        self.several = several
        self._prepared: dict[Any, Prepared] = {}

    def __call__(self, *arrays: Any, out: Any = None) -> Any:
        """The outputs for these arrays; `out` has memory for them."""
        inputs = self._inputs(arrays)
        given = self._given(out)
        inputs = [_apart(x, given) for x in inputs] if given else inputs
        if has_llvm():
            results = self._ready(inputs, given).run(inputs, given)
        else:
            results = self._in_numpy(inputs, given)
        found = tuple(results) if given else tuple([r[()] for r in results])
        return found if self.several else found[0]

    def source(self, *arrays: Any) -> str:
        """The loop as readable code; given arrays, LLVM's text for them too."""
        text = pseudo_code(self.outputs, self.dtypes)
        if not arrays or not has_llvm():
            return text
        return f"{text}\n\n{self._ready(self._inputs(arrays), []).text()}"

    def _inputs(self, arrays: Sequence[Any]) -> list[Array]:
        if len(arrays) != len(self.dtypes):
            raise ArgumentTypeError(
                f"this loop takes {len(self.dtypes)} arrays, and got {len(arrays)}"
            )
        return [
            x if type(x) is np.ndarray and x.dtype == dtype and x.flags.aligned
            else _as_array(x, dtype)
            for x, dtype in zip(arrays, self.dtypes, strict=True)
        ]  # fmt: skip

    def _given(self, out: Any) -> list[Array]:
        if out is None:
            return []
        given = list(out) if isinstance(out, (tuple, list)) else [out]
        if len(given) != len(self.outputs):
            raise ArgumentError(f"out= has {len(given)} arrays for {len(self.outputs)} outputs")
        for array, output in zip(given, self.outputs, strict=True):
            if not isinstance(array, np.ndarray):
                raise ArgumentTypeError(f"out= takes arrays, and got a {type(array).__name__}")
            if array.dtype != output.dtype:
                raise ArgumentTypeError(
                    f"out= has {array.dtype} where the output is {output.dtype}"
                )
            if not array.flags.writeable or not array.flags.aligned:
                raise ArgumentError("out= has an array that is read-only, or not aligned")
        return given

    def _ready(self, inputs: list[Array], given: list[Array]) -> Prepared:
        """What was found out for arrays that lie like these."""
        key = tuple([(x.shape, x.strides) for x in inputs + given])
        found = self._prepared.get(key)
        if found is None:
            if len(self._prepared) >= _KEPT:
                self._prepared.clear()
            found = self._prepared[key] = prepared(self.outputs, inputs, given)
        return found

    def _in_numpy(self, inputs: list[Array], given: list[Array]) -> list[Array]:
        shape = np.broadcast_shapes(*(x.shape for x in inputs))
        values = evaluate(self.outputs, inputs, shape)
        results = []
        for k, (output, value) in enumerate(zip(self.outputs, values, strict=True)):
            wanted = shape_of(output, [x.shape for x in inputs], shape)
            if given:
                check_shape(given[k].shape, wanted)
            found = np.reshape(value, wanted) if np.size(value) == math.prod(wanted) else value
            found = np.broadcast_to(found, wanted)
            if given:
                given[k][...] = found
            results.append(given[k] if given else np.array(found))
        return results


def _as_array(x: Any, dtype: np.dtype[Any]) -> Array:
    array = np.asarray(x)
    plain = type(x) in (bool, int, float)
    if array.dtype != dtype and not plain and not np.can_cast(array.dtype, dtype):
        raise ArgumentTypeError(f"this loop is made for {dtype}, and got {array.dtype}")
    return np.require(array, dtype, "A")


def _apart(x: Array, results: list[Array]) -> Array:
    """An input in memory that no output is written to, but where it is read just before."""
    for result in results:
        if x is not result and np.may_share_memory(x, result):
            same = address_of(x) == address_of(result) and x.strides == result.strides
            if not (same and x.shape == result.shape):
                return x.copy()
    return x
