"""Which instruction of a plan is the first to differ, and what is said of it."""

from __future__ import annotations

from typing import Any

from autograd.compiler.face.planned import Planned
from autograd.engine.node import Node
from autograd.engine.row import COMPUTED, OUTPUT, WRITE
from autograd.graph.naming import called
from autograd.program.instructions import PULL

__all__ = ["Difference", "told"]

Difference = tuple[Node, tuple[float, float]]


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
        "the trace does not do what the call does: a plan holds what Python makes anew at each "
        "call, such as next(x) or a time, as it was"
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
    return f"instruction{number}, {_name(node)} = {_formula(node)}{module}{place}"


def _name(node: Node) -> str:
    if node.op is PULL:
        op, position = node.params[:2]
        of = "" if position is None or op.variadic else f" for {op.inputs[position]}"
        return f"the rule of {op.name}{of}"
    return called(node.params[0]) if node.op is COMPUTED else node.op.name


def _formula(node: Node) -> str:
    """The formula of an instruction."""
    if node.op is PULL:
        op, position = node.params[:2]
        if position is None or op.variadic:
            return f"gᵀ ∂({op.formula})"
        return f"gᵀ ∂({op.formula})/∂{op.inputs[position]}"
    return called(node.params[0]) + "(...)" if node.op is COMPUTED else node.op.formula
