"""Ops that users defined: each is a function of the model, by its name, with its formula inside."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from autograd.engine.node import Node
from autograd.errors import AutogradError
from autograd.graph.call import links_of
from autograd.onnx.builder import Builder
from autograd.onnx.library import library
from autograd.onnx.sizes import Size
from autograd.onnx.values import Value
from autograd.primitives import Call

__all__ = ["DOMAIN", "as_function", "is_custom"]

DOMAIN = "chaingrad"
_OURS = ("autograd", "nn", "optim")


def is_custom(node: Node) -> bool:
    """Whether an op is defined outside of the packages."""
    if _primitive(node) is not None:
        return True
    module = getattr(inspect.unwrap(node.op.forward), "__module__", None) or ""
    return module.partition(".")[0] not in _OURS


def _primitive(node: Node) -> Call | None:
    """The call of a function of `primitive`, if it is one."""
    return next((p for p in node.params if type(p) is Call), None)


def as_function(
    b: Builder, same: Sequence[Node], values: dict[Node, Any], written: Callable[..., Any]
) -> Any:
    """What a call of a custom op gives, or None if its formula is no function of its operands."""
    calls = [call for node in same if (call := _primitive(node)) is not None]
    try:
        for call in calls:
            call.is_read = True
        return _as_function(b, same, values, written)
    finally:
        for call in calls:
            call.is_read = False


def _as_function(b: Builder, same: Any, values: dict[Node, Any], written: Any) -> Any:
    inputs = [x for x in dict.fromkeys(links_of(same[0])) if type(values[x]) is Value]
    inner = Builder(b.opset, b.lengths)
    given = {x: Value(inner, inner.unique("x"), values[x].shape, values[x].dtype) for x in inputs}
    inner.inputs, inner.places = list(given.values()), _places(b, list(given.values()))
    try:  # a formula that needs lengths which no operand has is written in its place
        found = written(inner, same, {**values, **given})
    except (AutogradError, TypeError):
        return None
    results = list(found) if isinstance(found, tuple) else [found]
    if not inner.nodes or any(type(y) is not Value or y.builder is not inner for y in results):
        return None
    name = _named(b, same[0], _proto(inner, list(given.values()), results))
    names = b.node(name, [values[x] for x in inputs], len(results), domain=DOMAIN)
    made = tuple(Value(b, n, y.shape, y.dtype) for n, y in zip(names, results, strict=True))
    return made if isinstance(found, tuple) else made[0]


def _places(b: Builder, inputs: Sequence[Value]) -> Any:
    """Of each length an axis of an operand that has it, or None."""
    lengths = [Size(own) for own in zip(*b.lengths, strict=True)]
    return [
        next(
            ((i, a) for i, x in enumerate(inputs) for a, n in enumerate(x.shape) if n == own), None
        )
        for own in lengths
    ]


def _proto(inner: Builder, inputs: Sequence[Value], results: Sequence[Value]) -> Any:
    helper, to_proto = library("helper"), library("numpy_helper").from_array
    constants = [
        helper.make_node("Constant", [], [name], value=to_proto(array, name))
        for name, array in inner.initializers
    ]
    ends = [inner.unique("y") for _ in results]
    last = [helper.make_node("Identity", [y.name], [n]) for y, n in zip(results, ends, strict=True)]
    opsets = [helper.make_opsetid("", inner.opset)]
    return helper.make_function(
        DOMAIN, "f", [x.name for x in inputs], ends, [*constants, *inner.nodes, *last], opsets
    )


def _named(b: Builder, node: Node, proto: Any) -> str:
    """What the function is called; calls that are written alike share one."""
    key = (node.op, proto.SerializeToString(deterministic=True))
    if key not in b.functions:
        proto.name = b.unique(node.op.name)
        call = _primitive(node)
        function = node.op.forward if call is None else call.function
        proto.doc_string = (function.__doc__ or "").strip().partition("\n")[0]
        b.functions[key] = proto
    return str(b.functions[key].name)
