"""A recorded function at many points at once: values with one axis more, in front.

A row of the table says how an op runs on such values; an op without one runs point by point. What
the points have in common is computed once: only what hangs on the input that moves is run again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.engine.node import Node
from autograd.engine.op import Array
from autograd.engine.row import COMPUTED, OUTPUT
from autograd.gradcheck.numeric.function import Recording, flat
from autograd.graph.graph import Graph
from autograd.graph.interpret import apply, inputs_of

__all__ = ["Stacks"]

Row = Callable[[Node, list[Any], list[bool], int], Any]


class Stacks:
    """A recording, run again for stacks of values of its leaves."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.graph = Graph(*(y for y in recording.outputs if y._node is not None))
        self.values = self.graph.values()

    @property
    def possible(self) -> bool:
        """Whether nodes are given values alone, and all is real."""
        return all(
            node.op is not COMPUTED
            and (node.extra is None or not node.extra.is_linked)
            and (isinstance(node.spec, list) or node.dtype.kind != "c")
            for node in self.graph.nodes
        )

    def largest(self) -> int:
        """The size of the largest value."""
        return max(int(np.size(v)) for v in self.values.values() if not isinstance(v, tuple))

    def run(self, given: dict[int, Array]) -> Array:
        """All outputs at each point, (K, outputs), for stacks of some leaves by their number."""
        count = len(next(iter(given.values())))
        leaves = self.recording.leaves
        values: dict[Node, Any] = {_node(leaves[n]): stack for n, stack in given.items()}
        touched = set(values)
        for node in self.graph.nodes:
            stacked = [type(source) is Node and source in touched for source in node.inputs]
            if node.is_leaf or not any(stacked):
                continue
            own = inputs_of(node, self.values)
            inputs = [
                values[source] if moves else value
                for source, value, moves in zip(node.inputs, own, stacked, strict=True)
            ]
            values[node] = _run(node, inputs, stacked, count)
            touched.add(node)
        found = [
            _real(np.reshape(values[y._node], (count, -1)))
            if y._node in touched
            else np.broadcast_to(flat(y), (count, y.size))
            for y in self.recording.outputs
        ]
        return np.concatenate(found, axis=1)


def _real(found: Array) -> Array:
    """Real numbers, where they are; what was real may have become complex at some point."""
    if found.dtype.kind != "c":
        return found.astype(np.float64)
    return np.where(found.imag == 0, found.real, np.nan)


def _node(leaf: Any) -> Node:
    found: Node = leaf._node
    return found


def _run(node: Node, inputs: list[Any], stacked: list[bool], count: int) -> Any:
    """What a node gives at each point: at once where there is a way, and it fits."""
    if node.op is OUTPUT:
        return inputs[0][node.params[0]]
    row = _elementwise if node.op.elementwise else _ROWS.get(node.op.name)
    if row is not None:
        found = row(node, inputs, stacked, count)
        if found is not None and _fits(found, node.spec, count):
            return found
    each = [
        apply(node, [x[k] if s else x for x, s in zip(inputs, stacked, strict=True)])
        for k in range(count)
    ]
    if isinstance(node.spec, list):
        return tuple(np.stack(parts) for parts in zip(*each, strict=True))
    return np.stack(each)


def _fits(found: Any, spec: Any, count: int) -> bool:
    if isinstance(spec, list):
        return all(_fits(part, one, count) for part, one in zip(found, spec, strict=True))
    return bool(np.shape(found) == (count, *(spec[0] if isinstance(spec, tuple) else ())))


# ---- how ops run with one axis more --------------------------------------------------------------


def _elementwise(node: Node, inputs: list[Any], stacked: list[bool], count: int) -> Any:
    """Operands of fewer axes get the missing ones behind the new one."""
    return apply(node, _aligned(inputs, stacked, len(node.shape), count))


def _aligned(inputs: Sequence[Any], stacked: Sequence[bool], axes: int, count: int) -> list[Any]:
    return [
        np.reshape(x, (count, *(1,) * (axes - x.ndim + 1), *x.shape[1:])) if s else x
        for x, s in zip(inputs, stacked, strict=True)
    ]


def _as_it_is(node: Node, inputs: list[Any], stacked: list[bool], count: int) -> Any:
    """Ops of the last axes of their first input."""
    return apply(node, inputs) if stacked[0] and not any(stacked[1:]) else None


def _matmul(node: Node, inputs: list[Any], stacked: list[bool], count: int) -> Any:
    if any(np.ndim(x) - s < 2 for x, s in zip(inputs, stacked, strict=True)):
        return None
    x, y = _aligned(inputs, stacked, len(node.shape), count)
    return np.matmul(x, y)


def _linear(node: Node, inputs: list[Any], stacked: list[bool], count: int) -> Any:
    if not any(stacked[1:]):
        return apply(node, inputs)
    axes = len(node.shape)
    x, weight, bias = inputs
    if axes < 2:
        return None
    found = np.matmul(*_aligned([x, np.swapaxes(weight, -1, -2)], stacked[:2], axes, count))
    return found if bias is None else found + _aligned([bias], stacked[2:], axes, count)[0]


def _reshape(node: Node, inputs: list[Any], stacked: list[bool], count: int) -> Any:
    return np.reshape(inputs[0], (count, *node.shape))


def _getitem(node: Node, inputs: list[Any], stacked: list[bool], count: int) -> Any:
    index = node.parameters()["index"]
    index = index if isinstance(index, tuple) else (index,)
    return inputs[0][(slice(None), *index)] if stacked[0] and len(inputs) == 1 else None


def _by_axes(*names: str) -> Row:
    """Ops that are told axes: these are one further behind. None are all."""

    def run(node: Node, inputs: list[Any], stacked: list[bool], count: int) -> Any:
        if not stacked[0] or any(stacked[1:]):
            return None
        rank = inputs[0].ndim - 1
        parameters = dict(node.parameters())
        for name in names:
            axes = parameters[name]
            parameters[name] = (
                tuple(range(1, rank + 1))
                if axes is None
                else tuple(a + (a >= 0) for a in axes)
                if isinstance(axes, (tuple, list))
                else axes + (axes >= 0)
            )
        return node.op.record(*inputs, **parameters)

    return run


def _permuted(node: Node, inputs: list[Any], stacked: list[bool], count: int) -> Any:
    axes = node.parameters()["axes"]
    rank = len(node.shape)
    order = range(rank)[::-1] if axes is None else [a % rank for a in axes]
    return np.transpose(inputs[0], (0, *(a + 1 for a in order)))


def _standardized(node: Node, inputs: list[Any], stacked: list[bool], count: int) -> Any:
    """Rows; the statistics of channels are over the points' own axis too."""
    axes, rank = node.parameters()["axes"], np.ndim(inputs[0]) - stacked[0]
    if any(stacked[1:]) or 0 in [a % rank for a in axes] or np.ndim(inputs[1]) != len(axes):
        return None
    return _by_axes("axes")(node, inputs, stacked, count)


def _folded(node: Node, inputs: list[Any], stacked: list[bool], count: int) -> Any:
    """Ops whose first axis counts examples: there are so many times as many."""
    others = [x for x, s in zip(inputs[1:], stacked[1:], strict=True) if s]
    if not stacked[0] or others or np.ndim(inputs[0]) < 3:
        return None
    x = inputs[0]
    rows = [np.concatenate([t] * count) for t in inputs[1:] if node.op.name == "cross_entropy"]
    rest = rows or inputs[1:]
    found = apply(node, [x.reshape(-1, *x.shape[2:]), *rest])
    return found.reshape(count, *node.shape)


def _convolution(node: Node, inputs: list[Any], stacked: list[bool], count: int) -> Any:
    """With many filters for one input: as many times the channels."""
    if not stacked[1]:
        return _folded(node, inputs, stacked, count)
    x, weight, bias = inputs
    if stacked[0] or node.parameters()["groups"] != 1:
        return None
    found = apply(node, [x, weight.reshape(-1, *weight.shape[2:]), None])
    found = np.moveaxis(found.reshape(len(x), count, -1, *found.shape[2:]), 1, 0)
    if bias is None:
        return found
    return found + np.reshape(bias, (-1, 1, weight.shape[1], *(1,) * (np.ndim(x) - 2)))


def _attention(node: Node, inputs: list[Any], stacked: list[bool], count: int) -> Any:
    return apply(node, _aligned(inputs, stacked, len(node.shape), count))


_ROWS: dict[str, Row] = {
    "matmul": _matmul,
    "linear": _linear,
    "reshape": _reshape,
    "getitem": _getitem,
    "swapaxes": _by_axes("axis1", "axis2"),
    "permute_dims": _permuted,
    "max_pool": _as_it_is,
    "standardize": _standardized,
    "cross_entropy": _folded,
    "convolution": _convolution,
    "attention": _attention,
} | {
    name: _by_axes("axis")
    for name in ("sum", "mean", "max", "min", "prod", "softmax", "log_softmax", "logsumexp")
}
