"""Which instruction of a plan is the first to differ, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd.compiler.face.planned import Planned
from autograd.compiler.face.tolerance import beyond
from autograd.engine.node import Node
from autograd.engine.row import COMPUTED, OUTPUT, WRITE
from autograd.graph.naming import called
from autograd.program.instructions import PULL

__all__ = ["first_that_differs", "formula_of", "told"]

Difference = tuple[Node, tuple[float, float]]


def first_that_differs(
    seen: Mapping[Node, Any], still: Mapping[Node, Any], moved: Mapping[Node, Any]
) -> Difference | None:
    """The first value of a plan, in order, that is not what the instruction gives."""
    for node, value in seen.items():
        if node not in still or value is None:
            continue
        gap = _gap(value, still[node], moved.get(node))
        if gap is not None:
            return node, gap
    return None


def _gap(value: Any, right: Any, moved: Any) -> tuple[float, float] | None:
    if type(value) in (tuple, list):
        return None  # its parts come one by one
    return beyond(value, right, moved)


def told(
    planned: Planned,
    name: str,
    gap: tuple[float, float],
    end: Node | None,
    first: Difference | None,
    is_traces: bool,
) -> str:
    """The message of a CompileMismatchError."""
    program = planned.program
    if first is not None:
        node, gap = first
        which = f"the first instruction that differs is {_described(program, node)}"
    elif end is not None:
        source = end.inputs[0] if end.op is WRITE and type(end.inputs[0]) is Node else end
        source = source.inputs[0] if source.op is OUTPUT else source
        which = f"it comes from {_described(program, source)}"
    else:
        which = "no instruction of the program computes it"
    whose = (
        "the trace does not do what the call does: a plan holds what Python and NumPy make in the "
        "call by themselves, such as np.random.rand(), as it was (draw with ag.random)"
        if is_traces
        else "the state and what is returned are those of the eager call"
    )
    return (
        f"compile: {name} of the plan differs from the eager call; {which}: off by {gap[0]:.3g}, "
        f"where rounding explains {gap[1]:.3g}.\n  {whose[0].upper()}{whose[1:]}."
    )


def _described(program: Any, node: Node) -> str:
    numbers = {each: i for i, each in enumerate(program.nodes)}
    number = f" {numbers[node]}" if node in numbers else ""
    module = f" in {node.scope!r}" if node.scope is not None else ""
    place = f" at {node.where}" if node.where else ""
    return f"instruction{number}, {_name(node)} = {formula_of(node)}{module}{place}"


def _name(node: Node) -> str:
    if node.op is PULL:
        op, position = node.params[:2]
        of = "" if position is None or op.variadic else f" for {op.inputs[position]}"
        return f"the rule of {op.name}{of}"
    return called(node.params[0]) if node.op is COMPUTED else node.op.name


def formula_of(node: Node) -> str:
    """The formula of an instruction."""
    if node.op is PULL:
        op, position = node.params[:2]
        if position is None or op.variadic:
            return f"gᵀ ∂({op.formula})"
        return f"gᵀ ∂({op.formula})/∂{op.inputs[position]}"
    return called(node.params[0]) + "(...)" if node.op is COMPUTED else node.op.formula
