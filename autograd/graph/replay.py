"""Making a traced call again: its nodes in their order, with other inputs, or as they were."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

from autograd.engine.constants import are_same
from autograd.engine.generators import Rng, drawing_from, generator
from autograd.engine.modes import uncaptured
from autograd.engine.mutation import mutated, outdated
from autograd.engine.node import Node
from autograd.engine.operands import tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.row import COMPUTED, DRAW, INPUT
from autograd.engine.trail import written_outside
from autograd.errors import DTypeError, ReplayError, ShapeError, TraceError
from autograd.graph.call import Call, Slot
from autograd.graph.capture import own
from autograd.graph.cells import Cell
from autograd.graph.held import Guard
from autograd.graph.interpret import apply, interpret
from autograd.graph.naming import HELD, SOURCES, called
from autograd.graph.pytree import mapped, nested
from autograd.graph.structure import outline

__all__ = ["given_value", "held_value", "put", "replaced", "replay", "run_in", "values_for"]


def run_in(values: Mapping[Node, Any]) -> Callable[[Node, Sequence[Any]], Any]:
    """How a node runs where its static parameters may stand for the values of other nodes."""

    def run(node: Node, inputs: Sequence[Any]) -> Any:
        if node.op is COMPUTED:
            found = apply(node, inputs)
            return found if getattr(node.params[0], "gives_numbers", False) else own(found)
        if node.extra is None or not node.extra.is_linked:
            return apply(node, inputs)
        parameters = node.parameters().items()
        return node.op.record(*inputs, **{name: mapped(value_of, p) for name, p in parameters})

    def value_of(x: Any) -> Any:
        return values[x] if type(x) is Node else x

    return run


def held_value(node: Node) -> Any:
    """What a source holds now: a Tensor's or array's present value, else that of the recording."""
    held = node.params[0] if node.op in HELD else None
    if held is None:
        return node.saved[0]
    if isinstance(held, Cell):
        return held.read()
    return held._value if type(held) in tensor_types else held


def replay(
    call: Call,
    graph: Any,
    given: dict[Node, Any],
    *,
    keep_choices: bool,
    rng: Rng,
    update_state: bool,
) -> Any:
    """The results of the call for other inputs, in the structure that it returned."""
    if not keep_choices:
        for guard in call.refused:
            raise ReplayError(f"replay: the call did what no graph holds: {_seen(guard)}")
    written_outside("a replay of another graph")
    with uncaptured, nullcontext() if rng is None else drawing_from(generator(rng)):
        sources = {n: given.get(n, held_value(n)) for n in graph.nodes if n.op in SOURCES}
        changed = [n for n, v in sources.items() if not _is_alike(v, n)]
        if changed:
            graph = _traced_again(call, graph, sources, changed)
            call, values = graph.call, {n: held_value(n) for n in graph.nodes if n.op in SOURCES}
        else:
            drawn = [] if rng is None else [n for n in graph.nodes if n.op is DRAW]
            values = sources | {node: own(node.params[1]()) for node in drawn}
        _run(graph, call, values, keep_choices)
    if update_state:
        for node in graph.writes:
            put(node.params[0], values[node])
    return nested(lambda y: values[y.node] if type(y) is Slot else y, call.result)


def values_for(call: Call, graph: Any, given: dict[Node, Any]) -> dict[Node, Any]:
    """The value of every node for other inputs of the same shapes."""
    values = {n: given.get(n, held_value(n)) for n in graph.nodes if n.op in SOURCES}
    for node, value in values.items():
        if not _is_alike(value, node):
            raise ShapeError(
                f"values: {node.label()} is {node.dtype} {node.shape}, the new value {value.dtype} "
                f"{np.shape(value)}; Graph.replay traces the call again"
            )
    _run(graph, call, values, keep_choices=False)
    return values


def _run(graph: Any, call: Call, values: dict[Node, Any], keep_choices: bool) -> None:
    """Fill in the value of every node that is no source; stop where Python saw another value."""
    run = run_in(values)
    if keep_choices:
        interpret(graph.nodes, values, run)
        return
    for node, value in values.items():
        _check(node, value, call)
    try:
        interpret(graph.nodes, values, lambda node, xs: _check(node, run(node, xs), call))
    except TraceError as error:  # a layer says itself what it looked at
        raise ReplayError(f"replay: {str(error).removeprefix('program: ')}." + _ADVICE) from None


def _check(node: Node, value: Any, call: Call) -> Any:
    """The value, if it is what Python may have seen of it in the recording."""
    if not _is_alike(value, node):
        raise ReplayError(
            f"replay: {_named(node)}{_at(node.where)} has another shape than in the recording, "
            f"which Python may have looked at: {_specs(value)}" + _ADVICE
        )
    for guard in call.guards.get(node, ()):
        if not are_same(np.asarray(guard.value), np.asarray(value)):
            raise ReplayError(f"replay: another value of what Python saw: {_seen(guard)}")
    return value


_ADVICE = (
    "\n  Call the function itself on the new values, make a new Graph of it, or keep the choices "
    "of the recording: graph.replay(inputs, keep_choices=True)."
)


def _seen(guard: Guard) -> str:
    return f"{guard.what}{_at(guard.where)}" + _ADVICE


def _at(where: str | None) -> str:
    return f" at {where}" if where else ""


def _named(node: Node) -> str:
    return called(node.params[0]) if node.op is COMPUTED else node.label()


def _specs(value: Any) -> str:
    shown = value if isinstance(value, tuple) else (value,)
    return ", ".join(f"{np.shape(v)}" for v in shown)


def _is_alike(value: Any, node: Node) -> bool:
    """Whether a value has the shape and dtype that a node had."""
    if isinstance(node.spec, list):
        specs = [None if s is None else s if type(s) is tuple else ((), np.dtype(s))
                 for s in node.spec]  # fmt: skip
        return len(value) == len(specs) and specs == [
            None if v is None else (np.shape(v), v.dtype) for v in value
        ]
    return bool(np.shape(value) == node.shape and value.dtype == node.dtype)


def put(tensor: Any, value: Any) -> None:
    """A Tensor's new value, in memory of its own: graphs that hold the old one keep it."""
    replaced(tensor, np.array(value) if np.ndim(value) else np.asarray(value)[()])


def replaced(tensor: Any, value: Any) -> None:
    """A Tensor's new value, which nobody else has."""
    mutated(tensor._value, tensor._label())
    tensor._value = value
    if tensor._node is not None and tensor._node.is_leaf:
        outdated(tensor._node, tensor._node.saved[0])
        tensor._node.saved = (value,)


def _traced_again(call: Call, graph: Any, sources: dict[Node, Any], changed: list[Node]) -> Any:
    """The same program for inputs of other shapes or dtypes, which Python may have looked at."""
    for node in changed:
        if node.op is not INPUT and sources[node] is not held_value(node):
            raise ShapeError(
                f"replay: {node.label()} is {node.dtype} {node.shape}, the new value "
                f"{sources[node].dtype} {np.shape(sources[node])}"
            )

    def argument(x: Any) -> Any:
        return wrap(sources[x.node]).requires_grad_(x.is_leaf) if type(x) is Slot else x

    args, kwargs = nested(argument, (call.args, call.kwargs))
    again = type(graph)(call.function, *args, **kwargs)
    if outline(again.nodes, again.outputs) != outline(graph.nodes, graph.outputs):
        shown = ", ".join(f"{n.label()} is {np.shape(sources[n])}" for n in changed)
        raise ReplayError(
            f"replay: where {shown}, the call does other operations than it did." + _ADVICE
        )
    for old, new in zip(graph.nodes, again.nodes, strict=True):
        if old.op is not INPUT and old.op in HELD and sources[old] is not held_value(old):
            new.saved, new.params = (sources[old],), (None,)
    return again


def given_value(node: Node, value: Any) -> Any:
    """A new value for a source, raw: lists and arrays get its dtype, Tensors keep theirs."""
    if type(value) in tensor_types:
        return value._value
    try:
        array = np.asarray(value)
    except ValueError:  # rows of different lengths
        raise ShapeError(f"replay: {node.label()}: the nested lists differ in length") from None
    if array.size and not np.can_cast(array.dtype, node.dtype, "same_kind"):
        kinds = isinstance(value, np.ndarray) or array.dtype.kind not in "iub"
        if kinds or node.dtype.kind not in "iufc":
            raise DTypeError(f"replay: {node.label()} is {node.dtype}, the new value {array.dtype}")
    array = array.astype(node.dtype, copy=False)
    return array if array.ndim or node.spec == (node.shape, node.dtype) else array[()]
