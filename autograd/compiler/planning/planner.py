"""From a lowered program to its schedule."""

from __future__ import annotations

from collections.abc import Mapping

from autograd.compiler.instruction import Instruction, Lowered
from autograd.compiler.planning.flow import Flow
from autograd.compiler.planning.groups import MOST, grouped
from autograd.compiler.planning.memory import Memory
from autograd.compiler.planning.order import ordered
from autograd.compiler.planning.recompute import recomputed
from autograd.compiler.planning.simplify import simplified
from autograd.compiler.planning.sums import summed
from autograd.compiler.planning.windows import windows
from autograd.compiler.planning.writes import written_in_place
from autograd.compiler.schedule import Schedule

__all__ = ["schedule"]


def schedule(
    lowered: Lowered,
    layouts: Mapping[Instruction, tuple[int, ...]] | None = None,
    fused: bool = True,
    free: bool = False,
) -> Schedule:
    """The kernels of a program, in order, and their memory.

    `layouts` are the strides of what sources and calls have, as they were found to be; they lie in
    the order of C where it does not say so. Without fusing each instruction is a kernel.
    Where arrays are `free` they lie as loops go fast, and NumPy would sum them in another order.
    """
    simple, became, repeated = simplified(lowered)
    given = {became[x]: strides for x, strides in (layouts or {}).items()}
    if fused:
        simple, new = summed(simple)
        given = {new.get(x, x): strides for x, strides in given.items()}
        repeated = {new.get(x, x) for x in repeated}
    seen = windows(simple.instructions, given, free, set(simple.results.values()))
    groups = grouped(simple.instructions, seen, MOST if fused else 1)
    if fused:
        recomputed(groups, seen, simple.results.values(), repeated)
    flow = Flow(simple, groups, seen)
    in_place = written_in_place(simple, flow)
    order = ordered([g.last for g in groups], flow.after, flow.growth)
    memory = Memory(simple, flow, order, in_place)
    kernels = memory.kernels()
    return Schedule(
        simple, kernels, memory.buffers, memory.arena_bytes, memory.results, memory.in_place
    )
