"""A loop in parts for threads: each a loop over a part of one axis; and what joins their sums."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from autograd.codegen.kernel import Kernel
from autograd.codegen.memories import Lying, broadcast, packed
from autograd.codegen.node import Node, constant, entry
from autograd.codegen.node import shared as node_of_kind
from autograd.codegen.planning import strides_of
from autograd.codegen.reductions import Reduction, finished, kept_in, reductions_in
from autograd.codegen.stages import gone_of, staged_axes

__all__ = ["Shared", "share"]

Shape = tuple[int, ...]


class Shared(NamedTuple):
    """Loops that may run at once, and loops that follow when all are over; all of one signature."""

    parts: list[Kernel]
    joins: list[Kernel]
    scratch: int  # bytes beside, of all together


def share(whole: Kernel, count: int) -> Shared:
    """The loop in so many parts, which write to the same results; in one where it has no such axis.

    Parts and joins are called with the addresses that the whole loop would be called with.
    """
    staged = staged_axes(whole.roots, whole.shape) or frozenset()
    gone = [gone_of(n, whole.shape) if n.op == "reduce" else frozenset() for n in whole.roots]
    ends = [axes if axes != staged else frozenset() for axes in gone]
    axis = _axis(whole, count, staged, frozenset().union(*ends))
    if axis is None:
        return Shared([whole], [], whole.scratch)
    split = [k for k, gone in enumerate(ends) if axis in gone]
    slot, used = len(whole.inputs) + len(whole.results), 0
    partial: dict[int, list[Lying]] = {}
    for k in split:
        root = whole.roots[k]
        dtype = kept_in(root.data.step, root.args[0].dtype)
        shape = root.data.kept_shape(whole.shape)
        size = -(-dtype.itemsize * math.prod(shape) // 64) * 64
        steps = packed(shape, dtype.itemsize)
        partial[k] = [Lying(shape, steps, dtype, slot, used + size * p, True) for p in range(count)]
        used += size * count
    parts = []
    for p in range(count):
        begin, end = (whole.shape[axis] * i // count for i in (p, p + 1))
        mine = {k: lyings[p] for k, lyings in partial.items()}
        parts.append(_part(whole, axis, begin, end, mine, (slot, used)))
        used = parts[-1].scratch
    joins = []
    for k, lyings in partial.items():
        joins.append(_join(whole, k, lyings, (slot, used)))
        used = joins[-1].scratch
    return Shared(parts, joins, used)


def _axis(whole: Kernel, count: int, staged: frozenset[int], ends: frozenset[int]) -> int | None:
    """The outermost axis in memory that is long enough; one that no sum goes over, if there is."""
    steps = [broadcast(x, whole.shape) for x in whole.inputs]
    steps += [broadcast(x, whole.shape) for x in whole.results if x.shape == whole.shape]
    far = [max((abs(s[a]) for s in steps), default=0) for a in range(len(whole.shape))]
    long = [a for a, n in enumerate(whole.shape) if a not in staged and n >= 2 * count]
    free = [a for a in long if a not in ends]
    return max(free or long, key=lambda a: (far[a], -a), default=None)


def _part(
    whole: Kernel, axis: int, begin: int, end: int, partial: dict[int, Lying],
    scratch: tuple[int, int],
) -> Kernel:  # fmt: skip
    shape = _with(whole.shape, axis, end - begin)
    inputs = tuple([_cut(x, axis - len(whole.shape), begin, end) for x in whole.inputs])
    roots, results = list(whole.roots), []
    for k, (root, x) in enumerate(zip(whole.roots, whole.results, strict=True)):
        if k in partial:
            roots[k] = _keeping(root)
            results.append(partial[k])
            continue
        at = axis
        if len(x.shape) != len(whole.shape):
            gone = _gone(root, len(whole.shape))
            at = axis - sum(a < axis for a in gone)
        results.append(_cut(x, at - len(x.shape), begin, end))
    return Kernel(tuple(roots), inputs, tuple(results), shape, scratch)


def _gone(root: Node, ndim: int) -> Sequence[int]:
    return reductions_in(root)[0].axes(ndim)


def _with(shape: Shape, axis: int, length: int) -> Shape:
    return (*shape[:axis], length, *shape[axis:][1:])


def _cut(x: Lying, axis: int, begin: int, end: int) -> Lying:
    """A part of an axis, counted from the last; all of it where it is broadcast along that."""
    if -axis > len(x.shape) or x.shape[axis] == 1:
        return x
    at = axis + len(x.shape)
    shape = _with(x.shape, at, end - begin)
    return x._replace(shape=shape, begin=x.begin + begin * x.strides[at])


def _keeping(root: Node) -> Node:
    data: Reduction = root.data
    return node_of_kind("reduce", root.args, root.dtype, data._replace(keepdims=True))


def _join(whole: Kernel, k: int, partial: list[Lying], scratch: tuple[int, int]) -> Kernel:
    """What the parts kept, brought together, and finished."""
    root, first = whole.roots[k], partial[0]
    step = root.data.step
    size = partial[1].begin - first.begin
    x = first._replace(
        shape=(len(partial), *first.shape), strides=(size, *first.strides), raw=False
    )
    how = Reduction(step, (0,), True)
    total = node_of_kind("reduce", (entry(0, x.dtype),), x.dtype, how)
    count = constant(root.data.count(whole.shape), "float64")
    result = whole.results[k]
    steps = strides_of(root, result, whole.shape, False)
    result = result._replace(shape=(1, *first.shape), strides=(0, *steps))
    done = finished(root, total, count)
    return Kernel((done,), (x,), (result,), x.shape, scratch)
