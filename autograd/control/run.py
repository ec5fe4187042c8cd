"""A Body as it is run: on arrays as a list of calls, on Tensors by the interpreter; its rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.control.trace import traced
from autograd.engine.modes import enable_grad
from autograd.engine.node import Node, constant_value
from autograd.engine.operands import raw, tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.row import COMPUTED, INPUT
from autograd.engine.trail import computed
from autograd.errors import ShapeError
from autograd.graph.body import Body
from autograd.graph.interpret import interpret
from autograd.graph.naming import HELD
from autograd.graph.replay import run_in
from autograd.program.plan import _is_linked, call_of
from autograd.sweep.differentiate import grad

__all__ = ["blank", "floats", "on_arrays", "on_tensors", "pullback"]

SOURCES = (INPUT, *HELD)


def floats(body: Body) -> tuple[bool, ...]:
    """Which operands have gradients."""
    return tuple(node.dtype.kind in "fc" for node in body.inputs)


def on_arrays(body: Body) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """The Body as a function of a list of arrays."""
    run: Callable[[Sequence[Any]], tuple[Any, ...]] = body.made("arrays", lambda: _listed(body))
    return run


def _listed(body: Body) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    register: dict[Any, int] = {node: i for i, node in enumerate(body.inputs)}
    rest: list[Any] = []

    def place(key: Any, value: Any) -> int:
        if key not in register:
            register[key] = len(body.inputs) + len(rest)
            rest.append(value)
        return register[key]

    for node in body.nodes:
        if node.op in SOURCES:
            place(node, node.saved[0] if node.saved else None)
    steps = []
    for node in body.nodes:
        if node in register:
            continue
        run, given = call_of(node)
        reads = [
            place(x, None) if type(x) is Node else place((node, i), constant_value(x))
            for i, x in enumerate(given)
        ]
        steps.append((run, reads, place(node, None)))
    ends = [(register[node], node) for node in body.outputs]
    calls = _emptied(steps, {at for at, _ in ends})
    is_open = any(n.op is COMPUTED or n.op.counts or _is_linked(n) for n in body.nodes)

    def call(operands: Sequence[Any]) -> tuple[Any, ...]:
        registers = [*operands, *rest]
        for run, reads, result, empties in calls:
            registers[result] = run(*[registers[i] for i in reads])
            for i in empties:
                registers[i] = None
        if is_open:
            return tuple([_fitting(registers[at], node) for at, node in ends])
        return tuple([registers[at] for at, _ in ends])

    return call


def _emptied(steps: list[Any], kept: set[int]) -> list[Any]:
    """The steps with what nothing reads after each of them: its memory goes to the next result."""
    found, seen = [], set(kept)
    for run, reads, result in reversed(steps):
        ends = tuple({*reads, result} - seen)
        seen.update(reads)
        found.append((run, reads, result, ends))
    return found[::-1]


def _fitting(value: Any, node: Node) -> Any:
    if np.shape(value) != node.shape:
        raise ShapeError(
            f"the result of {node.op.name} inside of control flow is {np.shape(value)}, and was "
            f"{node.shape} in the trace: shapes must not follow from values there"
        )
    return value


def on_tensors(body: Body, operands: Sequence[Any]) -> list[Any]:
    """The outputs as Tensors; gradients flow where they did when it was traced."""
    values: dict[Node, Any] = dict(zip(body.inputs, operands, strict=True))
    values |= {n: n.saved[0] for n in body.nodes if n.op in SOURCES and n not in values}
    run = run_in(values)

    def step(node: Node, inputs: list[Any]) -> Any:
        flows = body.flows.get(node)
        if node.op is COMPUTED:
            return computed(node.params[0], *map(_cut, inputs), decides=False)
        if node.op.inputs and node.op.name != "out":
            open_ = flows or (False,) * len(inputs)
            inputs = [x if f else _cut(x) for x, f in zip(inputs, open_, strict=True)]
        return run(node, inputs)

    interpret([n for n in body.nodes if n not in values], values, step)
    return [y if type(y) in tensor_types else wrap(y) for y in map(values.get, body.outputs)]


def _cut(x: Any) -> Any:
    return x.detach() if type(x) in tensor_types else x


def pullback(body: Body, smooth: bool) -> Body:
    """The rule of a Body, as a Body: from operands and the cotangents of floating outputs to the
    cotangents of floating operands. One that is `smooth` can be differentiated again.
    """
    return body.made(f"pullback {smooth}", lambda: _pullback(body, smooth))  # type: ignore[no-any-return]


def _pullback(body: Body, smooth: bool) -> Body:
    count, is_float = len(body.inputs), floats(body)
    ends = [i for i, node in enumerate(body.outputs) if node.dtype.kind in "fc"]

    def pull(*given: Any) -> list[Any]:
        operands, cotangents = given[:count], given[count:]
        with enable_grad():
            found = on_tensors(body, operands)
        by = [x for x, f in zip(operands, is_float, strict=True) if f]
        live = [(found[i], g) for i, g in zip(ends, cotangents, strict=True)
                if found[i]._node is not None]  # fmt: skip
        if not live or not by:
            return [_zeros(x) for x in by]
        outs, gs = zip(*live, strict=True)
        slopes = grad(outs, by, gs, create_graph=smooth, allow_unused=True)
        return [_zeros(x) if g is None else g for x, g in zip(by, slopes, strict=True)]

    examples = [blank(node) for node in (*body.inputs, *(body.outputs[i] for i in ends))]
    return traced(pull, examples, "the gradient of control flow", bake=True).body


def _zeros(x: Any) -> Any:
    return wrap(np.zeros_like(raw(x)))


def blank(node: Node) -> Any:
    """Numbers of the shape and dtype of a node."""
    value = np.ones(node.shape, node.dtype)
    return value if type(node.spec) is tuple else value[()]
