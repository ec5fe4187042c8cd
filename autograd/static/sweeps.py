"""Gradients of a graph that has no values: nodes that ask for a sweep when they are run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd.engine.node import Node, reachable
from autograd.engine.operands import tensor_types
from autograd.engine.row import Op
from autograd.errors import ArgumentTypeError, DTypeError
from autograd.static.symbol import Symbol, build, lifted
from autograd.sweep import differentiate

__all__ = ["GRADIENTS", "gradients", "needs_tape", "slopes"]


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


def needs_tape(nodes: Sequence[Node]) -> frozenset[Node]:
    """What a run differentiates by: these nodes' values are leaves, or lie on the tape."""
    return frozenset(node.inputs[1] for node in nodes if node.op is GRADIENTS)


def slopes(node: Node, values: Mapping[Node, Any], nodes: Sequence[Node]) -> Any:
    """The value of a gradient's node, from Tensors that were recorded."""
    y, x, g = node.inputs
    of, by = values[y], values[x]
    if type(of) not in tensor_types or not of.requires_grad:
        return np.zeros_like(by._value)
    cotangent = values[g] if isinstance(g, Node) else g
    if cotangent is None:
        cotangent = np.ones_like(of._value)
    again = any(other.op is GRADIENTS and node in reachable([other.inputs[0]]) for other in nodes)
    (found,) = differentiate.grad(
        of, by, cotangent, retain_graph=True, create_graph=again, allow_unused=True
    )
    return np.zeros_like(by._value) if found is None else found
