"""What a plan has given and left beside what the eager call has, up to rounding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.face.backend import executor
from autograd.compiler.face.differs import first_that_differs, told
from autograd.compiler.face.joint import with_result
from autograd.compiler.face.planned import Planned
from autograd.compiler.face.snapshot import Snapshot, generators_of
from autograd.compiler.face.tolerance import apart, beyond, spread, values_from
from autograd.engine.modes import uncaptured
from autograd.engine.node import Node
from autograd.engine.row import OUTPUT, WRITE
from autograd.errors import CompileMismatchError
from autograd.graph.call import Slot
from autograd.program.passes import SOURCES
from autograd.program.program import Program
from autograd.program.run import Run

__all__ = ["Found", "compare", "target_name"]


class Found(NamedTuple):
    """What a call has given and left, by name."""

    names: list[str]
    values: list[Any]


class Whole:
    """The program and its pull as one, run by the interpreter, from the state of a call."""

    def __init__(self, planned: Planned, seeds: Sequence[Any], args: Any, kwargs: Any) -> None:
        self.program, self.pull, self.seeds = planned.program, planned.pull, seeds
        self.args, self.kwargs = args, kwargs
        self._generators = [(bits, bits.state) for bits in generators_of(self.program)]
        with uncaptured:
            found = Run(self.program, args, kwargs).sources()
        self.sources = {n: np.array(v) if type(v) is np.ndarray else v for n, v in found.items()}
        self.still = self.values(self.sources)

    def values(self, sources: Mapping[Node, Any], change: Any = None) -> dict[Node, Any]:
        """The values of all instructions, each changed by `change`."""
        values = values_from(self.program, sources, change)
        if self.pull is not None:
            inputs = self._inputs(values)
            values |= values_from(self.pull.program, inputs, change)
        return values

    def _inputs(self, values: Mapping[Node, Any]) -> dict[Node, Any]:
        assert self.pull is not None
        given = [*(values[node] for node in self.pull.reads), *self.seeds]
        return dict(zip(self.pull.program.inputs, given, strict=True))

    def moved(self, nodes: Sequence[Node]) -> dict[Node, Any]:
        """By how much values may differ by rounding."""
        return spread(self.values, self.sources, self.still, nodes)

    def seen(self) -> dict[Node, Any]:
        """What the plan computes for each instruction, where it is asked for all of them."""
        for bits, state in self._generators:
            bits.state = state
        seen = _every_value(self.program, self.args, self.kwargs)
        if self.pull is not None:
            given = tuple(self._inputs(self.still).values())
            seen |= _every_value(self.pull.program, given, {})
        return seen


def compare(
    planned: Planned, mine: Found, theirs: Found, seeds: list[Any], calls: tuple[Snapshot, Any, Any]
) -> None:
    """Raise if what differs is more than rounding."""
    if mine.names != theirs.names:
        raise CompileMismatchError(
            "compile: the results have another structure than those of the call itself: "
            f"{len(mine.names)} and {len(theirs.names)} values"
        )
    before, args, kwargs = calls
    end = Snapshot(planned, args, kwargs)
    before.put_back()
    try:
        whole = Whole(planned, seeds, args, kwargs)
        if (message := _difference(planned, whole, mine, theirs)) is not None:
            raise CompileMismatchError(message)
    finally:
        end.put_back()


def _difference(planned: Planned, whole: Whole, mine: Found, theirs: Found) -> str | None:
    ends = _ends(planned, mine.names)
    moved = whole.moved([node for node in ends.values() if node is not None])
    for name, a, b in zip(mine.names, mine.values, theirs.values, strict=True):
        end = ends[name]
        gap = beyond(a, b, None if end is None else moved[end]) if apart(a, b) else None
        if gap is None:
            continue
        if end is not None and beyond(whole.still[end], b, moved[end]) is not None:
            return told(planned, name, gap, end, None, is_traces=True)
        seen = whole.seen()
        first = first_that_differs(seen, whole.still, whole.moved(list(seen)))
        return told(planned, name, gap, end, first, is_traces=False)
    return None


def _every_value(program: Program, args: Any, kwargs: Any) -> dict[Node, Any]:
    """What its executor gives for every instruction that is one array."""
    skipped = (*SOURCES, WRITE)
    nodes = [
        n for n in program.nodes
        if n.op not in skipped and n.spec is not None and not isinstance(n.spec, list)
        and n.op.name not in ("computed", "effect")
        and not (n.op is OUTPUT and n.inputs[0].op.name == "computed")
    ]  # fmt: skip
    found = executor(with_result(program, tuple(map(Slot, nodes)), nodes))(*args, **kwargs)
    return dict(zip(nodes, (x._value for x in found), strict=True))


def _ends(planned: Planned, names: Sequence[str]) -> dict[str, Node | None]:
    """The instruction that each compared value comes from."""
    ends: dict[str, Any] = dict.fromkeys(names)
    for number, node in enumerate(planned.outputs):
        ends[f"output {number}"] = node
    for node in planned.program.writes:
        if node.name in ends:
            ends[node.name] = node
    if planned.pull is not None:
        for number, node in zip(planned.pull.given, planned.pull.program.outputs, strict=True):
            ends[f"the gradient of {target_name(planned, number)}"] = node
    return ends


def target_name(planned: Planned, number: int) -> str:
    """What gets a gradient, by name."""
    assert planned.pull is not None
    node = planned.pull.targets[number][0]
    return node.name or f"target {number}"
