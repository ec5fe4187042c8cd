"""A node on a batch: by the rule of its op, or one example after the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.node import Node
from autograd.engine.operands import raw
from autograd.engine.row import COMPUTED, OUTPUT, Op
from autograd.engine.trail import computed
from autograd.errors import TraceError
from autograd.graph.pytree import flat, mapped
from autograd.transforms.batching import axes, indexing, layers, products, searches
from autograd.transforms.batching.call import Batch, Call, examples, stacked

__all__ = ["batched", "rule_of"]

RULES = {**axes.RULES, **products.RULES, **indexing.RULES, **layers.RULES, **searches.RULES}


def rule_of(op: Op) -> Any:
    """The rule by which an op runs on a batch, or None: it runs on each example by itself."""
    return axes.pointwise if op.elementwise else RULES.get(op.name)


def batched(
    node: Node, inputs: list[Any], params: dict[str, Any], size: int, looped: dict[str, str | None]
) -> Any:
    """The value of a node as a Batch (a tuple of some), from inputs and parameters among which
    there is one; `looped` notes ops that ran on one example after the other, and where."""
    op = node.op
    if op is OUTPUT:
        return inputs[0][node.params[0]]
    if op.counts and not dict(zip(op.params, node.params, strict=False)).get("minlength"):
        raise _counted(node)  # a length that is asked for may be that of all examples
    are = [type(x) is Batch for x in inputs]
    shape = () if isinstance(node.spec, list) else node.shape
    values = [x.value if b else x for x, b in zip(inputs, are, strict=True)]
    call = Call(op, values, are, params, size, shape)
    rule = rule_of(op)
    found = NotImplemented if rule is None else rule(call)
    if found is NotImplemented:
        looped.setdefault(op.name, node.where)
        found = _one_by_one(call, node)
    return tuple(map(Batch, found)) if isinstance(found, (tuple, list)) else Batch(found)


def _one_by_one(call: Call, node: Node) -> Any:
    results = []
    for place in range(call.size):
        inputs = [examples(call, k, place) for k in range(len(call.inputs))]
        if call.op is COMPUTED:
            results.append(computed(node.params[0], *inputs, decides=False))
            continue
        params = {name: _one(value, place) for name, value in call.params.items()}
        results.append(call.op.record(*inputs, **params))
    if len({str([np.shape(raw(y)) for y in flat(result)]) for result in results}) > 1:
        raise _counted(node)
    return stacked(results) if results else _none_of(node)


def _counted(node: Node) -> TraceError:
    place = f" at {node.where}" if node.where else ""
    return TraceError(
        f"vmap: the shape of the result of {node.op.name} follows from the numbers of an example"
        f"{place}: choose by ag.where(condition, a, b), which keeps the shape"
    )


def _one(value: Any, place: int) -> Any:
    """A static parameter of one example."""
    return mapped(lambda x: raw(x.value[place]) if type(x) is Batch else x, value)


def _none_of(node: Node) -> Any:
    """What a node gives for no example."""
    if isinstance(node.spec, list):
        return tuple(None if s is None else _empty(s) for s in node.spec)
    return np.zeros((0, *node.shape), node.dtype)


def _empty(spec: Any) -> Any:
    shape, dtype = spec if type(spec) is tuple else ((), spec)
    return np.zeros((0, *shape), dtype)
