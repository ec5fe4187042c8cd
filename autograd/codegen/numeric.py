"""Expressions evaluated by NumPy: where llvmlite is not, and to hold native code to."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.codegen.functions.far import far_low, far_quadrant, far_rest
from autograd.codegen.functions.table import FUNCTIONS
from autograd.codegen.node import Node, entry, in_order, number_of
from autograd.codegen.primitives import PRIMITIVES
from autograd.codegen.reductions import reduce_numpy

__all__ = ["evaluate"]


def evaluate(
    roots: Sequence[Node], arrays: Sequence[Any], shape: tuple[int, ...] | None = None
) -> list[Any]:
    """The roots' numbers for the arrays that the entries stand for.

    Reductions go over all axes of the shape, by default that of the arrays together; the axes that
    they take away are left as 1.

    >>> from autograd.codegen.node import entry
    >>> evaluate([entry(0, "float64") * 2.0], [np.array([1.0, 2.0])])
    [array([2., 4.])]
    """
    known: dict[int, Any] = {}
    if shape is None:
        shape = np.broadcast_shapes(*(np.shape(x) for x in arrays))
    with np.errstate(all="ignore"):
        for node in in_order(roots):
            known[node.number] = _value(node, [known[a.number] for a in node.args], arrays, shape)
    return [known[root.number] for root in roots]


def _value(node: Node, args: list[Any], arrays: Sequence[Any], shape: tuple[int, ...]) -> Any:
    if node.op == "reduce":
        return reduce_numpy(node, np.broadcast_to(args[0], shape))
    if node.op == "index":
        return _counted(node, shape)
    if node.op == "entry":
        return arrays[node.data]
    if node.op == "constant":
        return number_of(node)
    if node.op == "call":
        return _of_library(node.data, *args)
    if node.op in ("convert", "bitcast"):
        return PRIMITIVES[node.op](*args, node.dtype)
    if node.op in PRIMITIVES:
        return PRIMITIVES[node.op](*args)
    function = FUNCTIONS[node.op]
    if function.in_numpy is not None:
        return function.in_numpy(*args)
    formula = function.formula(*(entry(i, a.dtype) for i, a in enumerate(node.args)))
    return evaluate([formula], args)[0]


def _counted(node: Node, shape: tuple[int, ...]) -> Any:
    """The place of each number among those along some axes."""
    axes = range(len(shape)) if node.data is None else [a % len(shape) for a in node.data]
    own = [n if a in axes else 1 for a, n in enumerate(shape)]
    return np.arange(math.prod(own)).reshape(own)


# Functions of the C library, by their names there, and of our own that are as seldom asked for: a
# formula may call them, number by number.
_LIBRARY: dict[str, Callable[..., Any]] = {
    "far_low": far_low, "far_quadrant": far_quadrant, "far_rest": far_rest, "fmod": np.fmod,
    "ldexp": np.ldexp,
    "nextafter": np.nextafter,
}  # fmt: skip


def _of_library(name: str, where: Any, *values: Any) -> Any:
    """A function of the C library where it is asked for; 0 elsewhere."""
    found = _LIBRARY[name](*values)
    return np.where(where, found, np.zeros_like(found))[()]
