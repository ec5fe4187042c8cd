"""What is written where it lies: parameters and the moments of optimizers, after their last use."""

from __future__ import annotations

from typing import Any

from autograd.compiler.instruction import Instruction, Lowered
from autograd.compiler.planning.flow import Flow
from autograd.engine.node import Node
from autograd.engine.operands import tensor_types
from autograd.engine.row import COMPUTED, OUTPUT, PARAMETER, STATE
from autograd.program.checks_first import may_be_undone
from autograd.program.plan import identity_of

__all__ = ["changed_by_steps", "written_in_place"]


def written_in_place(lowered: Lowered, flow: Flow) -> dict[Node, tuple[Instruction, Instruction]]:
    """For writes that kernels do themselves: what is written, and the source that it replaces.

    Groups that read an old value are made to run before it is written, and so are calls that stand
    before the step: they may fail, which leaves nothing written.
    """
    program = lowered.program
    order = {x: number for number, x in enumerate(lowered.instructions)}
    calls = [x for x in lowered.instructions if x.kind == "call"]
    places: dict[Any, list[Instruction]] = {}
    for x in lowered.instructions:
        origin = x.origin
        is_held = x.kind == "source" and origin is not None and origin.op in (PARAMETER, STATE)
        if is_held and origin.params[0] is not None:  # type: ignore[union-attr]
            places.setdefault(identity_of(origin.params[0]), []).append(x)  # type: ignore[union-attr]
    found: dict[Node, tuple[Instruction, Instruction]] = {}
    undone = may_be_undone(program)
    for node in program.writes:
        if not _is_of_a_step(node) or not undone.isdisjoint(node.inputs[0].inputs):
            continue
        value, sources = lowered.results.get(node), places.get(identity_of(node.params[0]), [])
        if value is None or len(sources) != 1:
            continue
        before = {flow.maker[x] for x in calls if order[x] < order[value]}
        if _may_lie_there(value, sources[0], flow, before):
            found[node] = (value, sources[0])
    return found


def changed_by_steps(program: Any) -> list[Any]:
    """The parameters that the steps of optimizers change where they lie."""
    places = [node.params[0] for node in program.writes if _is_of_a_step(node)]
    return [place for place in places if type(place) in tensor_types]


def _is_of_a_step(node: Node) -> bool:
    """Whether it is an optimizer that writes, which does so in place in eager mode too."""
    (source,) = node.inputs
    if type(source) is not Node or source.op is not OUTPUT:
        return False
    (step,) = source.inputs
    return step.op is COMPUTED and isinstance(getattr(step.params[0], "names", None), tuple)


def _may_lie_there(value: Instruction, source: Instruction, flow: Flow, before: set[int]) -> bool:
    if (value.shape, value.dtype) != (source.shape, source.dtype) or not source.shape:
        return False
    maker = flow.maker.get(value)
    if maker is None or value.kind != "elementwise" or flow.groups[maker].kind != "loop":
        return False
    if source in flow.kept_roots or flow.kept[value] != 1 or flow.kept_roots[value] != 1:
        return False  # others want the old value, or the new one as well
    window = flow.seen[source]
    for x in flow.reads[maker]:
        if flow.seen[x].root is source and flow.seen[x] != window:
            return False  # an element is read after it was written
    others = before | {k for k in flow.readers.get(source, ()) if k != maker}
    if flow.groups[maker].domain != value.shape or _is_reached(flow, maker, others):
        return False
    flow.after[maker] |= others
    return True


def _is_reached(flow: Flow, maker: int, others: set[int]) -> bool:
    return bool(others) and flow.reaches(maker, others)
