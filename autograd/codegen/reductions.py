"""Sums and the like of a formula's values, over all axes or some.

A node `reduce` has for data which one it is, over which axes, and whether they stay as axes of
length 1; one that keeps them is a value like others, and the formula goes on with it.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from autograd.codegen.node import BOOL, HALF, SINGLE, Node, constant, make, select, shared
from autograd.errors import ArgumentError, AxisError, UnsupportedError

__all__ = [
    "STEPS", "UFUNCS", "Reduction", "finished", "identity", "index", "kept_in", "place_of",
    "reduce_numpy", "reduced", "reductions_in", "widened",
]  # fmt: skip

Array = Any
Shape = tuple[int, ...]
# What is done number by number
STEPS = {"sum": "sum", "mean": "sum", "prod": "prod", "max": "max", "min": "min",
         "any": "max", "all": "min"}  # fmt: skip
UFUNCS = {"sum": np.add, "prod": np.multiply, "max": np.maximum, "min": np.minimum}


class Reduction(NamedTuple):
    """What a node `reduce` does: its data."""

    kind: str
    axis: Shape | None
    keepdims: bool

    @property
    def step(self) -> str:
        return STEPS[self.kind]

    @property
    def goes_on(self) -> bool:
        """Whether the result broadcasts against what was reduced."""
        return self.keepdims or self.axis is None

    def axes(self, ndim: int) -> Shape:
        """The axes that go, of so many."""
        if self.axis is None:
            return tuple(range(ndim))
        for axis in self.axis:
            if not -ndim <= axis < ndim:
                raise AxisError(f"np.{self.kind}: axis {axis} of {ndim} axes")
        return tuple(sorted({axis % ndim for axis in self.axis}))

    def kept_shape(self, shape: Shape) -> Shape:
        """The shape with the axes that go as 1."""
        gone = self.axes(len(shape))
        return tuple([1 if a in gone else n for a, n in enumerate(shape)])

    def result_shape(self, shape: Shape) -> Shape:
        if self.keepdims:
            return self.kept_shape(shape)
        gone = self.axes(len(shape))
        return tuple([n for a, n in enumerate(shape) if a not in gone])

    def count(self, shape: Shape) -> int:
        """How many numbers come to one."""
        count = math.prod(shape[a] for a in self.axes(len(shape)))
        if self.kind in ("max", "min") and not count and 0 not in self.kept_shape(shape):
            raise ArgumentError(f"np.{self.kind} of no numbers, in the shape {shape}")
        return count


def reductions_in(root: Node) -> list[Reduction]:
    """The reductions that a value is made of, the last first; not those inside others."""
    found, todo, seen = [], [root], set()
    while todo:
        node = todo.pop()
        if node.number in seen:
            continue
        seen.add(node.number)
        if node.op == "reduce":
            found.append(node.data)
        else:
            todo += node.args
    return found


def kept_in(step: str, dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype in which a reduction of numbers of this dtype is kept until it is over."""
    if step in ("max", "min"):
        return np.dtype(np.uint8) if dtype.kind == "b" else dtype
    if dtype.kind == "f":
        return np.dtype(np.float64)
    return np.dtype(np.uint64 if dtype.kind == "u" else np.int64)


def identity(step: str, dtype: np.dtype[Any]) -> Any:
    """What changes nothing: 0, 1, or the least or greatest number."""
    if step in ("sum", "prod"):
        return dtype.type(step == "prod")
    if dtype.kind == "f":
        return dtype.type(-math.inf if step == "max" else math.inf)
    info = np.iinfo(dtype)
    return dtype.type(info.min if step == "max" else info.max)


def reduced(kind: str, node: Node, axis: Any = None, keepdims: Any = False) -> Node:
    """A reduction of a node, with the axes as NumPy takes them."""
    if kind in ("argmax", "argmin"):
        return place_of(kind[3:], node, axis, keepdims)
    if kind == "mean" and node.dtype.kind != "f":
        node = node.astype(np.float64)
    result = node.dtype
    if result == HALF:
        node = node.astype(SINGLE)
    if kind in ("any", "all") and node.dtype != BOOL:
        node = node.differs(0)
    axes = _axes(axis)
    dtype = HALF if result == HALF else node.dtype
    if kind in ("any", "all"):
        dtype = BOOL
    if STEPS[kind] in ("sum", "prod") and dtype.kind != "f":
        dtype = kept_in(STEPS[kind], dtype)
    return shared("reduce", (node,), dtype, Reduction(kind, axes, keepdims is True))


def widened(total: Node, dtype: Any) -> Node:
    """A sum of floats in a wider dtype: of what was kept of it, which is not rounded."""
    if total.args[0].dtype.kind != "f" or total.args[0].dtype == HALF or dtype != np.float64:
        raise UnsupportedError(
            f"a loop sums {total.args[0].dtype} to {total.dtype}, not {np.dtype(dtype)}"
        )
    return shared("reduce", total.args, np.dtype(dtype), total.data)


def _axes(axis: Any) -> Shape | None:
    if axis is None:
        return None
    return tuple(map(int, axis)) if isinstance(axis, (tuple, list)) else (int(axis),)


def index(axis: Shape | None) -> Node:
    """The place of each number among those that are reduced."""
    return shared("index", (), np.dtype(np.int64), axis)


def place_of(kind: str, node: Node, axis: Any = None, keepdims: Any = False) -> Node:
    """argmax and argmin: the first place of the greatest or least, or of a NaN."""
    if node.dtype == BOOL:
        node = node.astype(np.uint8)
    best = reduced(kind, node, axis, True)
    here = node.equals(best)
    if node.dtype.kind == "f":
        here = here | (node.differs(node) & best.differs(best))
    none = constant(np.iinfo(np.int64).max, np.int64)
    places = select(here, index(_axes(axis)), none)
    how = Reduction("min", _axes(axis), keepdims is True)
    return shared("reduce", (places,), places.dtype, how)


def finished(node: Node, kept: Node, count: Node) -> Node:
    """The result of a reduction as a formula of what was kept, and how many numbers there are."""
    if node.data.kind == "mean":
        kept = make("divide", kept, count)
    if node.dtype == BOOL:
        return kept.differs(0)
    return kept.astype(node.dtype)


def reduce_numpy(node: Node, values: Array) -> Array:
    """The result by NumPy, with the axes that go as 1, of values of the whole shape."""
    how: Reduction = node.data
    kept = kept_in(how.step, node.args[0].dtype)
    count = how.count(values.shape)
    found = UFUNCS[how.step].reduce(
        values.astype(kept), axis=how.axes(values.ndim), keepdims=True,
        initial=identity(how.step, kept),
    )  # fmt: skip
    if how.kind == "mean":
        found = np.asarray(found / np.float64(count))
    return found.astype(node.dtype)
