"""Plans of a session: what its fetches depend on, as a list of calls on arrays.

A part of the graph is walked once as a traced call, on what was fed and on the variables; the
program is cleaned by passes, and run without tape. What no program holds is walked at every run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.control.run import on_arrays
from autograd.engine.node import Node
from autograd.engine.operands import raw, tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.row import CONSTANT, DRAW, INPUT, STATE, WRITE
from autograd.errors import AutogradError
from autograd.graph.body import Body
from autograd.graph.call import Call, Slot
from autograd.graph.pytree import flat
from autograd.program.passes import common_subexpressions, constant_folding
from autograd.program.program import Program, trace
from autograd.static.control import LOOP, Subgraph
from autograd.static.functions import FILLED, RESHAPED, SHAPE

__all__ = ["Plan", "plan_of"]

BY_LENGTHS = {RESHAPED: 1, FILLED: 0}  # which input tells the shape of the result


Run = Callable[[Sequence[Any]], Sequence[Any]]


def runnable(program: Program, is_compiled: bool) -> Run:
    """A program as a function of a list of arrays: by kernels, or compiled and then checked once.

    Kernels give the bits of a walk; compiled loops may round otherwise.
    """
    if is_compiled:
        from autograd.static.compiled import Checked  # late: it loads the whole compiler

        return Checked(program)
    return on_arrays(Body(program.nodes, program.inputs, program.outputs, {}))


class Plan:
    """What runs in the place of a walk: which variables it reads and writes, and how it runs."""

    def __init__(
        self, program: Program, fed: Sequence[Node], states: Sequence[Node], ends: Sequence[Node],
        is_compiled: bool,
    ) -> None:  # fmt: skip
        self.fed, self.states, self.ends = tuple(fed), tuple(states), tuple(ends)
        self.draws = [node.params[1] for node in program.draws]
        self.program = _with_drawn(program)
        self.run = runnable(self.program, is_compiled)

    def __call__(self, fed: dict[Node, Any], variable: Callable[[Node], Any]) -> dict[Node, Any]:
        """The values of the ends."""
        given = [fed[node] for node in self.fed]
        given += [variable(node) for node in self.states]
        found = self.run([*given, *[np.asarray(draw()) for draw in self.draws]])
        return dict(zip(self.ends, found, strict=True))


def _with_drawn(program: Program) -> Program:
    """The program with random numbers as inputs, which a session draws."""
    drawn = program.draws
    if not drawn:
        return program
    for node in drawn:
        node.op, node.params = INPUT, (None,)
        node.spec = node.shape, node.dtype  # an array, with axes or without
    call = program.call
    changed = Call(call.function, (*call.args, *map(Slot, drawn)), call.kwargs)
    changed.result, changed.tape = call.result, call.tape
    names = [*program.names, *(f"draw {i}" for i in range(len(drawn)))]
    first = [node for node in program.nodes if node.op is INPUT and node not in drawn]
    rest = [node for node in program.nodes if node not in first and node not in drawn]
    return Program(changed, (*first, *drawn, *rest), program.outputs, {}, names, {}, ())


def plan_of(
    nodes: Sequence[Node],
    fed: dict[Node, Any],
    ends: Sequence[Node],
    variable: Callable[[Node], Any],
    walk: Callable[[dict[Node, Any]], object],
    is_compiled: bool = False,
) -> Plan | None:
    """The plan for what was fed, of these shapes and dtypes; None where no program holds it.

    `walk` fills up a dict of values by node, as it does in a run without a plan.
    """
    inner = [n for node in nodes for part in flat(node.params) if type(part) is Subgraph
             for n in part.nodes]  # fmt: skip
    if not all(_is_plain(node, fed) for node in (*nodes, *inner)):
        return None
    states = [node for node in nodes if node.op is STATE]
    sources = [*fed, *states]

    def run(*given: Any) -> list[Any]:
        values = dict(zip(sources, given, strict=True))
        walk(values)
        return [_tensor(values[node]) for node in ends]

    try:
        program = trace(run, *fed.values(), *map(variable, states))
    except AutogradError:
        return None
    if program.call.guards or program.writes or program.presence:
        return None
    for node in program.held:
        if node.params[0] is not None:  # a constant of the graph, which nobody writes into
            node.saved, node.params = (raw(node.params[0]).copy(),), (None,)
    program = constant_folding(common_subexpressions(program))
    return Plan(program, list(fed), states, ends, is_compiled)


def _tensor(value: Any) -> Any:
    return value if type(value) in tensor_types else wrap(np.asarray(value))


def _is_plain(node: Node, fed: dict[Node, Any]) -> bool:
    """Whether shapes follow from those of what is fed, and running it does nothing besides."""
    if getattr(node.op, "counts", False) or getattr(node.op, "name", "") in ("print", "assert"):
        return False
    if node.op is LOOP and node.params[-1]:
        return False  # it may grow
    if node.op is DRAW and node.params[0] != "random_shuffle":
        return all(_is_of_shapes(x, fed) for x in node.inputs)
    at = BY_LENGTHS.get(node.op)
    return at is None or _is_of_shapes(node.inputs[at], fed)


def _is_of_shapes(source: Any, fed: dict[Node, Any]) -> bool:
    """Whether lengths are known from shapes alone."""
    if type(source) is not Node or source.op is SHAPE or source.op is CONSTANT:
        return type(source) is not Node or source not in fed
    if source in fed or source.op in (STATE, DRAW, WRITE) or not source.inputs:
        return False
    return all(_is_of_shapes(x, fed) for x in source.inputs)
