"""What `draw` and its kin are given: a Tensor, a Graph, or a function with its arguments."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.compiler.face.compile import CompiledFunction
from autograd.engine.modes import tracing
from autograd.engine.operands import tensor_types
from autograd.errors import BackwardError
from autograd.graph.graph import Graph
from autograd.program.program import Program
from autograd.tensors.tensor import Tensor

__all__ = ["graph_of", "recorded_of"]


def graph_of(x: Any, args: tuple[Any, ...]) -> Graph:
    """The graph of a Tensor, of a Graph, or of what a function returns for its arguments.

    That of a compiled function has a panel for each kernel of its plan; a Program has one.

    Arrays and numbers among the arguments become Tensors, which require grad where nothing else in
    the graph does: then the inputs are what to differentiate by.
    """
    if isinstance(x, Graph):
        return x
    if isinstance(x, Program):
        return x.graph
    if isinstance(x, CompiledFunction):
        if args:
            x(*args)
        found: Graph = x.graph
        return found
    if type(x) in tensor_types:
        return Graph(x)
    if not callable(x):
        raise BackwardError(
            f"cannot draw a {type(x).__name__}: pass a Tensor, a Graph, or a function and its "
            "arguments"
        )
    if not args and _needs_arguments(x):
        name = getattr(x, "__name__", type(x).__name__)
        raise BackwardError(f"{name} is drawn as it computes: give it inputs, draw(model, x)")
    with tracing():
        outputs = [y for y in _tensors(x(*_given(args, False))) if y._node is not None]
        if not outputs:
            outputs = [y for y in _tensors(x(*_given(args, True))) if y._node is not None]
    if not outputs:
        raise BackwardError(
            f"{getattr(x, '__name__', type(x).__name__)} returned no Tensor that requires grad, so "
            "there is no graph to draw"
        )
    return Graph(*outputs)


def recorded_of(x: Any) -> tuple[Any, ...]:
    """The value that a Tensor had when its graph was recorded; a Graph does not know."""
    return (x._value,) if type(x) in tensor_types else ()


def _needs_arguments(function: Any) -> bool:
    """Whether a function, or a model by its `call` or `forward`, cannot be called without any."""
    called = getattr(function, "call", getattr(function, "forward", function))
    try:
        found = inspect.signature(called).parameters.values()
    except (TypeError, ValueError):  # of compiled code
        return False
    return any(p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
               for p in found)  # fmt: skip


def _given(args: tuple[Any, ...], require: bool) -> list[Any]:
    """The arguments as Tensors, floating ones requiring grad if asked for."""
    given = []
    for value in args:
        if type(value) not in tensor_types and isinstance(value, (np.ndarray, float, np.generic)):
            value = Tensor(value)
        is_free = type(value) in tensor_types and value._node is None
        if require and is_free and value.dtype.kind in "fc":
            value = Tensor(value._value, requires_grad=True, name=value._name)
        given.append(value)
    return given


def _tensors(value: Any) -> Iterator[Any]:
    """The Tensors in nested tuples, lists and dicts."""
    if type(value) in tensor_types:
        yield value
    elif isinstance(value, dict):
        yield from _tensors(tuple(value.values()))
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _tensors(part)
