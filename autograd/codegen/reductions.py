"""Sums and the like of a formula's values: what ends a loop, over all axes or some."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.codegen.node import Node
from autograd.errors import ArgumentError, AxisError, UnsupportedError

__all__ = ["Reduced", "identity", "kept_in", "reduced"]

Array = Any
Shape = tuple[int, ...]
_UFUNCS = {"sum": np.add, "prod": np.multiply, "max": np.maximum, "min": np.minimum}


def kept_in(kind: str, dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype in which a reduction of numbers of this dtype is kept until it is over."""
    if kind in ("max", "min"):
        return np.dtype(np.uint8) if dtype.kind == "b" else dtype
    if dtype.kind == "f":
        return np.dtype(np.float64)
    return np.dtype(np.uint64 if dtype.kind == "u" else np.int64)


def identity(kind: str, dtype: np.dtype[Any]) -> Any:
    """What changes nothing: 0, 1, or the least or greatest number."""
    if kind in ("sum", "prod"):
        return dtype.type(kind == "prod")
    if dtype.kind == "f":
        return dtype.type(-math.inf if kind == "max" else math.inf)
    info = np.iinfo(dtype)
    return dtype.type(info.min if kind == "max" else info.max)


class Reduced(np.lib.mixins.NDArrayOperatorsMixin):
    """An output of a loop: the values themselves (no kind), or their sum, mean, greatest, ..."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self, kind: str, node: Node, axis: int | Shape | None = None, keepdims: bool = False
    ) -> None:
        self.kind = kind
        self.step = "sum" if kind == "mean" else kind  # what is done number by number
        self.node = node
        self.axis = axis
        self.keepdims = keepdims

    def __array_ufunc__(self, *_: Any, **__: Any) -> Any:
        raise UnsupportedError(f"np.{self.kind} ends a loop: what follows it belongs outside")

    __array_function__ = __autograd_op__ = __array_ufunc__

    @property
    def ufunc(self) -> np.ufunc:
        return _UFUNCS[self.step]

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the result, as NumPy's."""
        own = self.node.dtype
        if self.step in ("sum", "prod") and own.kind != "f":
            return kept_in(self.step, own)
        return own

    def axes(self, ndim: int) -> Shape:
        """The axes that go, of so many."""
        if not self.kind or self.axis is None:
            return tuple(range(ndim)) if self.kind else ()
        given = self.axis if isinstance(self.axis, tuple) else (self.axis,)
        for axis in given:
            if not -ndim <= axis < ndim:
                raise AxisError(f"np.{self.kind}: axis {axis} of {ndim} axes")
        return tuple(axis % ndim for axis in given)

    def kept_shape(self, shape: Shape) -> Shape:
        """The shape with the axes that go as 1."""
        gone = self.axes(len(shape))
        return tuple(1 if a in gone else n for a, n in enumerate(shape))

    def result_shape(self, shape: Shape) -> Shape:
        gone = () if self.keepdims else self.axes(len(shape))
        kept = self.kept_shape(shape)
        return tuple(n for a, n in enumerate(kept) if a not in gone)

    def count(self, shape: Shape) -> int:
        """How many numbers come to one."""
        count = math.prod(shape[a] for a in self.axes(len(shape)))
        if self.step in ("max", "min") and not count and 0 not in self.kept_shape(shape):
            raise ArgumentError(f"np.{self.kind} of no numbers, in the shape {shape}")
        return count

    def finished(self, memory: Array, shape: Shape) -> Array:
        """The result, from what was kept."""
        if self.kind == "mean":
            with np.errstate(invalid="ignore", divide="ignore"):
                memory = memory / np.float64(self.count(shape))
        with np.errstate(over="ignore"):
            return memory.astype(self.dtype).reshape(self.result_shape(shape))

    def in_numpy(self, values: Array) -> Array:
        """The result, by NumPy."""
        kept = kept_in(self.step, self.node.dtype) if self.kind else None
        self.count(values.shape)
        start = identity(self.step, kept) if kept is not None else None
        if kept is None or start is None:
            return values
        memory = self.ufunc.reduce(
            values.astype(kept), axis=self.axes(values.ndim), keepdims=True, initial=start
        )
        return self.finished(memory, values.shape)


def reduced(kind: str, node: Node, axis: Any = None, keepdims: Any = False) -> Reduced:
    """A reduction of a node, with the axes as NumPy takes them."""
    if kind == "mean" and node.dtype.kind != "f":
        node = node.astype(np.float64)
    if axis is not None:
        axis = tuple(map(int, axis)) if isinstance(axis, (tuple, list)) else int(axis)
    return Reduced(kind, node, axis, keepdims is True)
