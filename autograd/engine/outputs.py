"""What an op gives: Tensors, on a new node of the graph or outside it."""

from __future__ import annotations

from operator import and_
from typing import Any

import numpy as np

from autograd.engine.callers import callers
from autograd.engine.constants import PLAIN, is_shared, kept, kept_params, shared
from autograd.engine.modes import Mode
from autograd.engine.node import (
    FEW,
    Constant,
    Extra,
    Node,
    new_node,
    new_object,
    next_number,
    note_ties,
    spec_of,
)
from autograd.engine.operands import faced, tensor_types
from autograd.engine.row import OUTPUT, Op
from autograd.engine.trail import note_decision, note_exit, warn_lost

__all__ = [
    "alias",
    "bind_tensor",
    "hung",
    "is_the_users",
    "large",
    "output",
    "outside",
    "owned",
    "traced",
    "wrap",
]

ndarray = np.ndarray
_tensor: Any = None  # set by tensor.py


def bind_tensor(tensor: type) -> None:
    """Tell which class to wrap results in."""
    global _tensor
    _tensor = tensor


def wrap(value: Any, node: Node | None = None) -> Any:
    """A Tensor around a raw value (an array or NumPy scalar), which is shared, not copied."""
    tensor = new_object(_tensor)
    tensor._value = value
    tensor._node = node
    tensor._left = tensor._name = None
    return tensor


def alias(x: Any) -> Any:
    """Another Tensor of the same value at the same place of the graph; no Tensor as it is.

    A function that is being differentiated gets it, and may write into it as into any Tensor.
    """
    return faced((x,), wrap(x._value, x._node)) if type(x) in tensor_types else x


def traced(mode: Mode) -> Extra | None:
    """A new node's Extra: the source line when the mode asks for it."""
    if not mode.traces:
        return None
    extra = Extra()
    extra.stack = stack = callers()
    if stack:
        extra.where = f"{stack[0][0]}:{stack[0][1]}"
    return extra


def large() -> Extra:
    """The Extra of a node that the sweep may take in blocks."""
    extra = Extra()
    extra.is_large = True
    return extra


def is_the_users(given: Any, value: Any) -> bool:
    """Whether an operand is an array that the user may write to, or a Tensor that lies in one."""
    if not isinstance(value, ndarray):
        return False
    return type(given) not in tensor_types or is_shared(value)


def owned(op: Op, params: Any) -> Any:
    """Static parameters for a node to keep: copies, where one is an array that may change."""
    if params is op.defaults:
        return params
    for name in op.holders:
        value = params[name]
        if type(value) not in PLAIN and not (
            type(value) is tuple and PLAIN.issuperset(map(type, value))
        ):
            return kept_params(params)
    return params


def hung(
    op: Op,
    inputs: Any,
    values: list[Any],
    nodes: list[Any],
    params: Any,
    out: Any,
    is_large: bool,
    mode: Mode,
) -> Any:
    """The outputs as Tensors, on a new node if one of the inputs with a rule has a node."""
    needs = tuple([node is not None for node in nodes])
    if op.ruled is not None:
        needs = tuple(map(and_, needs, op.ruled))
    several, needed = type(out) is tuple, True in needs
    if not needed or not mode.records:
        if mode.traces:
            _note_exits("no_grad" if needed else "no derivative", op, inputs)
        if not needed and not op.differentiable and (several or out.dtype.kind in "fc"):
            for node in nodes:
                if node is not None:
                    _warn_lost(op, node, out if several else (out,))
        return outside(op, inputs, nodes, out)
    if not several and out.dtype.kind not in "fc":
        _note_exits("integer", op, inputs)
        return outside(op, inputs, nodes, out)  # such as sum(x, dtype="int64")
    choice = None
    if False in needs:
        for i, has_node in enumerate(needs):
            if not has_node:  # what the node will have as its input
                given, name = inputs[i], None
                if type(given) in tensor_types:
                    name = given._name
                    choice = choice or (op.name if nodes[i] is not None else given._left)
                    if shared and is_the_users(given, values[i]):
                        values[i] = kept(values[i])
                elif isinstance(values[i], ndarray):
                    values[i] = kept(values[i])
                nodes[i] = values[i] if name is None else Constant(values[i], name)
    if op.holders:
        params = owned(op, params)
    node = Node()
    node.op = op
    node.many = None
    node.x = node.y = None
    if op.variadic or len(nodes) > FEW:
        node.many = tuple(nodes)
    elif len(nodes) == 1:
        node.x = nodes[0]
    else:
        node.x, node.y = nodes
    node.params = tuple(params.values()) if params else ()
    node.saved = op.pack(needs, values, out, node.params)
    node.number = next_number()
    node.scope = mode.scope
    node.extra = traced(mode) if mode.traces else large() if is_large else None
    if choice is not None:
        node.more().choice = choice
    if not several:
        kind = type(out)
        node.spec = (out.shape, out.dtype) if kind is ndarray else spec_of(out)
        tensor = new_object(_tensor)
        tensor._value = out
        tensor._node = node
        tensor._name = None
        return tensor
    node.spec = [spec_of(o) for o in out]
    node.more()  # the sweep gathers an op's several cotangents where it looks at the Extra
    if op.ties is not None and (ties := op.ties(out)) is not None:
        note_ties(node, ties)
    return tuple(output(node, index, value) for index, value in enumerate(out))


def outside(op: Op, inputs: Any, nodes: list[Any], out: Any) -> Any:
    """Outputs outside the graph, which know it if a Tensor that requires grad went in."""
    left = None
    for node in nodes:
        if node is not None:
            left = op.name
            break
    else:
        for x in inputs:
            if type(x) in tensor_types and (left := getattr(x, "_left", None)) is not None:
                break
    if op.counts:
        for x in inputs:
            if type(x) in tensor_types:
                note_decision(x, f"the shape of {op.name}")
    if type(out) is not tuple:
        tensor = wrap(out)
        if left is not None:
            tensor._left = left
        return tensor
    outs = tuple(map(wrap, out))
    for tensor in outs if left is not None else ():
        tensor._left = left
    return outs


def _note_exits(kind: str, op: Op, inputs: Any) -> None:
    for x in inputs:
        if type(x) in tensor_types:
            note_exit(kind, x._node, op.name)


def _warn_lost(op: Op, node: Node, outputs: tuple[Any, ...]) -> None:
    """An op without a derivative drops gradients silently only where its results have none."""
    if any(getattr(o, "dtype", np.dtype(bool)).kind in "fc" for o in outputs):
        warn_lost(node, "x.detach()", f"an input of {op.name}, which has no derivative")


def output(node: Node, index: int, value: Any) -> Any:
    """One of several outputs as a Tensor, hung on the node that made them all."""
    if value.dtype.kind not in "fc":
        tensor = wrap(value)
        tensor._left = node.op.name
        return tensor
    link = new_node(OUTPUT, (node,), value, node.scope)
    link.params = (index,)
    link.saved = (None, None, index)
    return wrap(value, link)
