"""A call as a program: the graph of `f(*args, **kwargs)` with its inputs, draws and state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from operator import is_not
from typing import Any

import numpy as np

from autograd.engine.modes import capturing
from autograd.engine.node import Node
from autograd.engine.operands import tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.row import DRAW, INPUT, WRITE
from autograd.errors import BackwardError, ReplayError
from autograd.graph.capture import Capture
from autograd.graph.held import Guard
from autograd.graph.naming import argument_names, attributes, called, name_state, replaced
from autograd.graph.pytree import flat, nested

__all__ = ["Call", "Slot", "leading_to", "links_of", "trace"]


class Slot:
    """The place of a Tensor in nested arguments or results."""

    __slots__ = ("is_leaf", "node")

    def __init__(self, node: Node, is_leaf: bool = False) -> None:
        self.node = node
        self.is_leaf = is_leaf  # an input that requires grad

    def __repr__(self) -> str:
        return f"<{self.node.label()}>"


class Call:
    """What a traced graph knows of its call: how to make it again, and what Python saw of it."""

    __slots__ = ("args", "function", "guards", "kwargs", "refused", "result", "tape")

    def __init__(self, function: Callable[..., Any], args: Any, kwargs: Any) -> None:
        self.function = function
        self.args = args  # with a Slot for each input
        self.kwargs = kwargs
        self.result: Any = None  # with a Slot for each output
        self.guards: dict[Node, list[Guard]] = {}
        self.refused: list[Guard] = []
        self.tape: tuple[Node, ...] = ()  # outputs that need a gradient, where the tape has them


def trace(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    capture: Capture | None = None,
) -> tuple[Call, tuple[Node, ...], tuple[Node, ...]]:
    """Make a call once: what it was, its nodes, and its outputs. It changes no Tensor."""
    if capturing() is not None:
        raise ReplayError("a Graph of a call cannot be made while another call is being traced")
    capture, before = capture or Capture(), attributes(function, (args, kwargs))
    names = iter(argument_names(function, args, kwargs))
    with capture:
        wrapped: dict[int, Any] = {}

        def enter(x: Any) -> Any:
            if isinstance(x, (np.ndarray, np.generic)):
                return capture.input(wrapped.setdefault(id(x), wrap(x)), next(names))
            return capture.input(x, next(names)) if type(x) in tensor_types else x

        given_args, given_kwargs = nested(enter, args), nested(enter, kwargs)
        entered = flat((given_args, given_kwargs))
        inputs = iter([node for node in capture.nodes if node.op is INPUT])
        call = Call(function, *nested(lambda x: _slot(x, inputs), (args, kwargs)))
        try:
            found = function(*given_args, **given_kwargs)
            _check_arguments(capture, entered, flat((given_args, given_kwargs)))
            tensors = [y for y in flat(found) if type(y) in tensor_types]
            outputs = tuple(map(capture.node_of, tensors))
            call.tape = tuple(y._node for y in tensors if y._node is not None)
            slots = iter(map(Slot, outputs))
            call.result = nested(lambda y: next(slots) if type(y) in tensor_types else y, found)
            del found, tensors, given_args, given_kwargs, entered
        finally:
            held = capture.finish()
    if not outputs and not capture.takes_steps:
        raise BackwardError(
            f"{called(function)} returned no Tensor, so there is no graph.\n"
            "  Give it Tensors or arrays; Python numbers are constants of a call."
        )
    for what in replaced(before, {id(x) for x in held}):
        capture.refuse(what)
    if capture.takes_steps:
        for module, _, name, old in before:
            vars(module)[name] = old
    call.guards, call.refused = capture.guards, capture.refused
    nodes = _needed(capture.nodes, (*outputs, *capture.guards, *capture.effects))
    name_state(nodes, function, (args, kwargs), {id(x) for x in held})
    return call, nodes, outputs


def _check_arguments(capture: Capture, before: list[Any], after: list[Any]) -> None:
    """What a call puts into its arguments' lists and dicts, a run would put nowhere."""
    if len(before) != len(after) or any(map(is_not, before, after)):
        capture.refuse("other things in a list, dict or dataclass that is an argument: return them")


def _slot(x: Any, inputs: Iterator[Node]) -> Any:
    is_input = type(x) in tensor_types or isinstance(x, (np.ndarray, np.generic))
    return Slot(next(inputs), getattr(x, "_node", None) is not None) if is_input else x


def _needed(nodes: list[Node], roots: Iterable[Node]) -> tuple[Node, ...]:
    """What outputs, guards and writes depend on, and all draws, in the order of the call."""
    begun = [*roots, *(n for n in nodes if n.op in (INPUT, DRAW, WRITE))]
    return tuple(leading_to(begun, nodes))


def leading_to(ends: Iterable[Node], nodes: Iterable[Node]) -> list[Node]:
    """Those of some nodes that others depend on, and these, in their order."""
    found = set(ends)
    stack = list(found)
    for node in stack:  # while it grows
        for source in links_of(node):
            if source not in found:
                found.add(source)
                stack.append(source)
    return [node for node in nodes if node in found]


def links_of(node: Node) -> list[Node]:
    """The Nodes among the inputs of a node, and among its static parameters."""
    found = [x for x in node.inputs if type(x) is Node]
    extra = node.extra
    if extra is not None and extra.is_linked:
        _gather(node.params, found)
    return found


def _gather(value: Any, found: list[Node]) -> None:
    kind = type(value)
    if kind is Node:
        found.append(value)
    elif kind is tuple or kind is list:
        for part in value:
            _gather(part, found)
    elif kind is slice:
        _gather((value.start, value.stop, value.step), found)
