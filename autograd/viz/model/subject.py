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
from autograd.viz.model.attempt import Failure, failure_of

__all__ = ["graph_of", "recorded_of"]


def graph_of(x: Any, args: tuple[Any, ...]) -> Graph | Failure:
    """The graph of a Tensor or several, of a Graph, or of what a function returns for arguments.

    That of a compiled function has a panel for each kernel of its plan; a Program has one.

    Arrays and numbers among the arguments become Tensors, which require grad where nothing else in
    the graph does: then the inputs are what to differentiate by. Of a call that raises it is how
    far it came.
    """
    if args and (type(x) in tensor_types or isinstance(x, (Graph, Program, list, tuple, dict))):
        raise BackwardError(
            f"draw: what follows a {type(x).__name__} is drawn by nothing: several Tensors go in a "
            "list, draw([a, b]), and options by their names; arguments follow a function"
        )
    if isinstance(x, Graph):
        return x
    if isinstance(x, Program):
        return x.graph
    if isinstance(x, CompiledFunction):
        return _of_plan(x, args)
    if type(x) in tensor_types:
        return Graph(x)
    if isinstance(x, (list, tuple, dict)):
        return _of_several(x)
    if not callable(x):
        raise BackwardError(
            f"cannot draw a {type(x).__name__}: pass a Tensor or several, a Graph, or a function "
            "and its arguments"
        )
    if not args and _needs_arguments(x):
        name = getattr(x, "__name__", type(x).__name__)
        raise BackwardError(f"{name} is drawn as it computes: give it inputs, draw(model, x)")
    with tracing():
        try:
            outputs = [y for y in _tensors(x(*_given(args, False))) if y._node is not None]
        except Exception:
            if (failure := _failure(x, args)) is None:
                raise
            return failure
        if not outputs:
            outputs = [y for y in _tensors(x(*_given(args, True))) if y._node is not None]
    if not outputs:
        raise BackwardError(
            f"{getattr(x, '__name__', type(x).__name__)} returned no Tensor that requires grad, so "
            "there is no graph to draw"
        )
    return Graph(*outputs)


def _of_plan(x: CompiledFunction[..., Any], args: tuple[Any, ...]) -> Graph | Failure:
    """The graph of the plan that ran last, or of the one for some arguments."""
    if args:
        try:
            x(*args)
        except Exception:
            with tracing():
                failure = _failure(x.function, args)
            if failure is None:
                raise
            return failure
    found: Graph = x.graph
    return found


def _failure(function: Any, args: tuple[Any, ...]) -> Failure | None:
    return failure_of(function, _given(args, False)) or failure_of(function, _given(args, True))


def recorded_of(x: Any) -> tuple[Any, ...]:
    """The values that Tensors had when their graph was recorded; a Graph does not know."""
    if isinstance(x, (list, tuple, dict)):
        return tuple(y._value for y in _tensors(x) if y._node is not None)
    return (x._value,) if type(x) in tensor_types else ()


def _of_several(x: Any) -> Graph:
    """One graph of all the Tensors in a list, a tuple or a dict."""
    tensors = list(_tensors(x))
    outputs = [y for y in tensors if y._node is not None]
    if not outputs:
        held = "Tensors without a graph" if tensors else "no Tensor"
        raise BackwardError(
            f"cannot draw a {type(x).__name__} of {held}: at least one of several must require grad"
        )
    return Graph(*outputs)


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
