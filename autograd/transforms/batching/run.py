"""A node on a batch: by the rule of its op, or one example after the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.node import Node
from autograd.engine.operands import raw
from autograd.engine.row import COMPUTED, OPS, Op
from autograd.engine.trail import computed
from autograd.errors import TraceError
from autograd.graph.pytree import flat, mapped
from autograd.transforms.batching import axes, indexing, layers, products, searches
from autograd.transforms.batching.batch import Batch, bind
from autograd.transforms.batching.call import Call, examples, stacked

__all__ = ["batched", "rule_of"]

RULES = {**axes.RULES, **products.RULES, **indexing.RULES, **layers.RULES, **searches.RULES}


def rule_of(op: Op) -> Any:
    """The rule by which an op runs on a batch, or None: it runs on each example by itself."""
    return RULES.get(op.name) or (axes.pointwise if op.elementwise else None)


def batched(
    op: Op,
    inputs: list[Any],
    params: dict[str, Any],
    size: int,
    looped: dict[str, str | None],
    node: Node | None = None,
) -> Any:
    """What an op gives as a Batch (a tuple of some), from inputs and parameters among which there
    is one; `looped` notes ops that ran on one example after the other, and where the `node` was
    recorded, if the call is one of a graph."""
    # in the rules of an op lengths are those of its call; one that is asked for may be that of all
    if op.counts and node is not None and not params.get("minlength"):
        raise _counted(op, node)
    are = [type(x) is Batch for x in inputs]
    values = [x.value if b else x for x, b in zip(inputs, are, strict=True)]
    call = Call(op, values, are, params, size)
    rule = rule_of(op)
    found = NotImplemented if rule is None else rule(call)
    if found is NotImplemented:
        looped.setdefault(op.name, None if node is None else node.where)
        found = _one_by_one(call, node)
    if isinstance(found, (tuple, list)):
        return tuple([None if y is None else Batch(y) for y in found])
    return Batch(found)


def _given(op: Op, inputs: tuple[Any, ...], params: dict[str, Any], size: int) -> Any:
    """What an op gives that is called with a Batch."""
    given = [_joined(x, size) if type(x) is list or type(x) is tuple else x for x in inputs]
    return batched(op, given, params, size, {})


def _joined(x: Any, size: int) -> Any:
    """A list of values, some of them a Batch, as one."""
    if type(x) is not list and type(x) is not tuple:
        return x
    parts = [_joined(part, size) for part in x]
    return batched(OPS["stack"], parts, {"axis": 0}, size, {}) if _has_batch(parts) else x


def _has_batch(parts: list[Any]) -> bool:
    return any(type(part) is Batch for part in parts)


bind(_given)


def _one_by_one(call: Call, node: Node | None) -> Any:
    results = []
    for place in range(call.size):
        inputs = [examples(call, k, place) for k in range(len(call.inputs))]
        if call.op is COMPUTED and node is not None:
            results.append(computed(node.params[0], *inputs, decides=False))
            continue
        params = {name: _one(value, place) for name, value in call.params.items()}
        results.append(call.op.record(*inputs, **params))
    if len({str([np.shape(raw(y)) for y in flat(result)]) for result in results}) > 1:
        raise _counted(call.op, node)
    return stacked(results) if results else _none_of(call, node)


def _counted(op: Op, node: Node | None) -> TraceError:
    place = f" at {node.where}" if node is not None and node.where else ""
    return TraceError(
        f"vmap: the shape of the result of {op.name} follows from the numbers of an example"
        f"{place}: choose by ag.where(condition, a, b), which keeps the shape"
    )


def _one(value: Any, place: int) -> Any:
    """A static parameter of one example."""
    return mapped(lambda x: raw(x.value[place]) if type(x) is Batch else x, value)


def _none_of(call: Call, node: Node | None) -> Any:
    """What an op gives for no example."""
    if node is not None:
        specs = node.spec if isinstance(node.spec, list) else (node.shape, node.dtype)
        return tuple(map(_empty, specs)) if isinstance(specs, list) else _empty(specs)
    one = call.on_one()
    parts = [None if y is None else _empty((y.shape, y.dtype)) for y in flat(one)]
    return tuple(parts) if isinstance(one, (tuple, list)) else parts[0]


def _empty(spec: Any) -> Any:
    if spec is None:
        return None
    shape, dtype = spec if type(spec) is tuple else ((), spec)
    return np.zeros((0, *shape), dtype)
