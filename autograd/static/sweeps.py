"""Gradients of a graph that has no values: nodes that ask for a sweep when they are run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.engine.node import Node, reachable
from autograd.engine.operands import tensor_types
from autograd.engine.row import Op
from autograd.errors import ArgumentTypeError, DTypeError
from autograd.static.symbol import Symbol, build, lifted
from autograd.sweep import differentiate

__all__ = ["GRADIENTS", "Sweeps", "gradients"]


def _gradient(y: Any, x: Any, cotangent: Any, /) -> Any:
    """The gradient of y by x, given the cotangent of y."""


GRADIENTS = Op(_gradient, "gradient", {})


def gradients(
    ys: Any, xs: Any, grad_ys: Any = None, name: str = "gradients"
) -> list[Symbol | None]:
    """The gradients of the sum of `ys` with respect to each of `xs`; None where `ys` do not
    depend on one.

    `grad_ys` are cotangents, of the shapes of `ys`; ones are taken without them. Gradients are
    symbols, and can be differentiated again.

    >>> import autograd.static as tf
    >>> with tf.Graph().as_default(), tf.Session() as session:
    ...     x = tf.placeholder(tf.float32, [])
    ...     (slope,) = tf.gradients(x * x * x, x)
    ...     (curvature,) = tf.gradients(slope, x)
    ...     session.run([slope, curvature], {x: 2.0})
    [np.float32(12.0), np.float32(12.0)]
    """
    ys, xs = _listed(ys), _listed(xs)
    cotangents = [None] * len(ys) if grad_ys is None else _listed(grad_ys)
    for what in (*ys, *xs):
        if not isinstance(what, Symbol):
            raise ArgumentTypeError(f"gradients: of and by symbols, not {type(what).__name__}")
        if what.dtype.kind not in "fc":
            raise DTypeError(f"gradients: {what!r} is no floating number; cast it to float32")
    found: list[Symbol | None] = []
    for x in xs:
        total: Any = None
        for y, g in zip(ys, cotangents, strict=True):
            if x.node in reachable([y.node]):
                one = _slope(y, x, g, name)
                total = one if total is None else total + one
        found.append(total)
    return found


def _slope(y: Symbol, x: Symbol, g: Any, name: str) -> Symbol:
    (g,) = (None,) if g is None else lifted([g], name)
    return build(GRADIENTS, (y, x, g), {}, f"{name}/{x.node.name}_grad", x.node.spec)


def _listed(value: Any) -> Sequence[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


class Sweeps:
    """The sweeps of a run: one for all the gradients of one symbol."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        asked = [node for node in nodes if node.op is GRADIENTS]
        self.sources = frozenset(node.inputs[1] for node in asked)  # leaves, or on the tape
        self._together: dict[Any, list[Node]] = {}
        for node in asked:
            self._together.setdefault(_sweep_of(node), []).append(node)
        used = set().union(*(reachable([node.inputs[0]]) for node in asked))
        self._again = {key for key, group in self._together.items() if used.intersection(group)}

    def gradient(self, node: Node, values: dict[Node, Any]) -> Any:
        """The value of a gradient's node; those of the same sweep are left in `values`."""
        if node in values:
            return values[node]
        y, _, g = node.inputs
        of, group = values[y], self._together[_sweep_of(node)]
        by = [values[other.inputs[1]] for other in group]
        if type(of) not in tensor_types or not of.requires_grad:
            found: Sequence[Any] = [None] * len(by)
        else:
            cotangent = values[g] if isinstance(g, Node) else g
            cotangent = np.ones_like(of._value) if cotangent is None else cotangent
            again = _sweep_of(node) in self._again
            found = differentiate.grad(
                of, by, cotangent, retain_graph=True, create_graph=again, allow_unused=True
            )
        for other, x, slope in zip(group, by, found, strict=True):
            values[other] = np.zeros_like(x._value) if slope is None else slope
        return values[node]


def _sweep_of(node: Node) -> Any:
    """The symbol and its cotangent, which may be an array."""
    y, _, g = node.inputs
    return y, g if g is None or isinstance(g, Node) else id(g)
