"""A recorded graph run again on precise values, forth by its ops and back by their rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.engine.node import Node, topological
from autograd.engine.op import Array
from autograd.gradcheck.numeric.function import Function, Recording
from autograd.gradcheck.precise.digits import context, lifted
from autograd.gradcheck.precise.value import COMPLEX, Precise, numbers_of, wrapped
from autograd.graph.interpret import apply, inputs_of, pull_back, saved_of
from autograd.sweep.pull import pull

__all__ = ["Tape", "flattened", "parts_of"]


class Tape:
    """The graph of a recording at leaves of any precision; choices stay as they were recorded."""

    def __init__(self, recording: Recording, leaves: Sequence[Precise]) -> None:
        self.recording = recording
        self.outputs = [y._node for y in recording.outputs]
        self.nodes = topological(node for node in self.outputs if node is not None)
        self.values: dict[Node, Any] = {n: n.saved[0] for n in self.nodes if n.is_leaf and n.saved}
        self.leaves = [leaf._node for leaf in recording.leaves if leaf._node is not None]
        self.values |= dict(zip(self.leaves, leaves, strict=True))
        self.saved: dict[Node, Any] = {}
        for node in self.nodes:
            if not node.is_leaf:
                inputs = inputs_of(node, self.values)
                self.values[node] = out = apply(node, inputs)
                self.saved[node] = saved_of(node, inputs, out)

    def vjp(self, u: Array, change: Callable[[Any], Any] = lambda g: g) -> Array:
        """Jᵀu by the rules, as one vector of numbers of the real coordinates.

        What each rule gives may be changed on its way.
        """

        def pulled(node: Node, g: Any) -> list[Any]:
            found = pull(node, g, self.saved[node])
            return [None if part is None else change(part) for part in found]

        cotangents: dict[Node, Any] = {}
        start = 0
        for y, node in zip(self.recording.outputs, self.outputs, strict=True):
            wide = y.dtype.kind == "c"
            stop = start + y.size * (2 if wide else 1)
            if node is not None:
                g: Any = Precise(_shaped(u[start:stop], y.shape, wide))
                g = np.conj(g) if wide else g
                cotangents[node] = cotangents[node] + g if node in cotangents else g
            start = stop
        pull_back(self.nodes, cotangents, pulled)
        found = []
        for leaf, tensor in zip(self.leaves, self.recording.leaves, strict=True):
            wide = tensor.dtype.kind == "c"
            g = cotangents.get(leaf)  # None where the outputs do not depend on it
            g = wrapped(lifted(np.zeros(tensor.shape))) if g is None else wrapped(numbers_of(g))
            g = np.conj(g) if wide else g
            found.append(flattened(g, wide))
        return np.concatenate(found)


def flattened(value: Any, wide: bool | None = None) -> Array:
    """All numbers in one vector; complex ones give their real part, then their imaginary."""
    value = wrapped(numbers_of(value))
    row = value.numbers.ravel()
    if not (value.dtype == COMPLEX if wide is None else wide):
        return row
    found = np.empty(2 * row.size, object)
    found[0::2] = [v.real for v in row]
    found[1::2] = [v.imag for v in row]
    return found


def parts_of(function: Function, vector: Array) -> list[Precise]:
    """The checked inputs of a function, from one vector of their real coordinates."""
    return [
        Precise(_shaped(vector[start:stop], like.shape, like.dtype.kind == "c"))
        for like, start, stop in zip(
            function.checked, function.stops[:-1], function.stops[1:], strict=True
        )
    ]


def _shaped(row: Array, shape: tuple[int, ...], wide: bool) -> Array:
    row = lifted(row)
    if wide:
        pairs = zip(row[0::2], row[1::2], strict=True)
        row = np.array([context().mpc(re, im) for re, im in pairs] or None, object)
        row = row if row.ndim else np.empty(0, object)
    return row.reshape(shape)
