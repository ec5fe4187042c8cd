"""What a plan has given and left beside what the eager call has, up to rounding."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.face.backend import executor
from autograd.compiler.face.differs import Difference, told
from autograd.compiler.face.joint import with_result
from autograd.compiler.face.planned import Planned
from autograd.compiler.face.snapshot import Snapshot, as_now, generators_of, named_places
from autograd.compiler.face.stepped import gradients_among, left_by_steps
from autograd.compiler.face.tolerance import (
    RUNS,
    Rounding,
    apart,
    beyond,
    distance,
    nearly,
    run_node,
    run_roughly,
    spreads,
    values_from,
)
from autograd.distributed.echo import played
from autograd.engine.modes import uncaptured
from autograd.engine.node import Node
from autograd.engine.row import COMPUTED, OUTPUT, WRITE
from autograd.errors import CompileMismatchError
from autograd.graph.call import Slot, links_of
from autograd.graph.naming import HELD
from autograd.program.instructions import EFFECT
from autograd.program.passes import SOURCES
from autograd.program.program import Program
from autograd.program.run import Run
from autograd.system.aside import back

__all__ = ["Found", "compare", "target_name"]


class Found(NamedTuple):
    """What a call has given and left, by name."""

    names: list[str]
    values: list[Any]


class Whole:
    """The program and its pull as one, run by the interpreter, from the state of a call."""

    def __init__(
        self,
        planned: Planned,
        nodes: Sequence[Node],
        seeds: Sequence[Any],
        args: Any,
        kwargs: Any,
        heard: list[Any],
    ) -> None:
        self.heard = heard
        self.program, self.pull, self.seeds = planned.program, planned.pull, seeds
        self.args, self.kwargs = args, kwargs
        self._generators = [(bits, bits.state) for bits in generators_of(self.program)]
        with uncaptured:
            found = Run(self.program, args, kwargs).sources()
        self.sources = {
            n: as_now(n.params[0] if n.op in HELD else None, v) for n, v in found.items()
        }
        self.nodes = list(dict.fromkeys(nodes))
        self.still = self.values(self.sources, None, self.nodes)

    def values(
        self, sources: Mapping[Node, Any], change: Any, nodes: Sequence[Node]
    ) -> dict[Node, Any]:
        """The values of some instructions, where each before them is changed by `change`."""
        if self.pull is None:
            return values_from(self.program, sources, change, nodes)
        values = values_from(self.program, sources, change, (*nodes, *self.pull.reads))
        inputs = self._inputs(values)
        if self.pull.program.nodes and not set(nodes).isdisjoint(self.pull.program.nodes):
            values |= values_from(self.pull.program, inputs, change, nodes)
        return values

    def _inputs(self, values: Mapping[Node, Any]) -> dict[Node, Any]:
        assert self.pull is not None
        given = [*(values[node] for node in self.pull.reads), *self.seeds]
        return dict(zip(self.pull.program.inputs, given, strict=True))

    def moved(self) -> Iterator[dict[Node, Any]]:
        """By how much values may differ by rounding, each time of one run more."""
        return spreads(self.values, self.sources, self.still, self.nodes)

    def by_the_plan(self) -> tuple[dict[Node, Any], Difference | None]:
        """All values where the plan is asked for each one, and the first that is wrong by itself.

        Each instruction is looked at alone, on what the plan has given it: so nothing is put down
        to one that is only further down, or behind a maximum that rounding has decided otherwise.
        """
        for bits, state in self._generators:
            bits.state = state
        with played(self.heard) if self.heard else nullcontext():
            return self._by_the_plan()

    def _by_the_plan(self) -> tuple[dict[Node, Any], Difference | None]:
        seen = _every_value(self.program, self.args, self.kwargs)
        values, wrong = _alone(self.program, self.sources, seen)
        if self.pull is not None and wrong is None:
            inputs = self._inputs(values)
            seen = _every_value(self.pull.program, tuple(inputs.values()), {})
            more, wrong = _alone(self.pull.program, inputs, seen)
            values |= more
        return values, wrong


def _alone(
    program: Program, sources: Mapping[Node, Any], seen: Mapping[Node, Any]
) -> tuple[dict[Node, Any], Difference | None]:
    """The values that a plan gives, and the first that its own instruction does not give."""
    values, rounding = dict(sources), Rounding()
    with uncaptured, np.errstate(all="ignore"):
        for node in program.nodes:
            if node.is_leaf or node.op is EFFECT:
                continue
            right = run_node(node, values)
            values[node] = seen.get(node, right)
            if not apart(values[node], right):
                continue
            moved: Any = 0.0
            for _ in range(RUNS):
                near = _near(node, values, rounding)
                other = rounding(node, run_roughly(node, near, rounding))
                moved = np.fmax(moved, distance(other, right))
            if (gap := beyond(values[node], right, moved)) is not None:
                return values, (node, gap)
    return values, None


def _near(node: Node, values: Mapping[Node, Any], rounding: Rounding) -> dict[Node, Any]:
    """What a node reads, rounded otherwise; a part of several results by what those are made of."""
    found = {x: rounding(x, values[x]) for x in links_of(node)}
    if node.op is OUTPUT:
        (source,) = node.inputs
        if source.op is not COMPUTED:
            near = {x: rounding(x, values[x]) for x in links_of(source)}
            found[source] = rounding(source, run_roughly(source, near, rounding))
    return found


def compare(
    planned: Planned,
    mine: Found,
    theirs: Found,
    seeds: list[Any],
    calls: tuple[Snapshot, Any, Any],
    heard: list[Any],
) -> None:
    """Raise if what differs is more than rounding.

    `heard` is what collectives gave the plan: it is of other processes, and explained by them.
    """
    if mine.names != theirs.names:
        raise CompileMismatchError(
            "compile: the results have another structure than those of the call itself: "
            f"{len(mine.names)} and {len(theirs.names)} values"
        )
    count = sum(len(program) for program, _ in planned.runs())
    before, args, kwargs = calls
    put: Callable[[Any], Any] = before.aside.put if before.aside else (lambda value: value)
    pairs = [
        (name, a, put(b))
        for name, a, b in zip(mine.names, mine.values, theirs.values, strict=True)
        if _differ(back(a), b, count)
    ]
    if not pairs:
        return
    ends, wrong = _ends(planned, mine.names), {name for name, _, _ in pairs}
    found = zip(theirs.names, theirs.values, strict=True)
    slopes = gradients_among(
        pairs, ends, {name: value for name, value in found if name not in wrong}
    )
    theirs.values.clear()  # so that what lies in Tensors is theirs alone
    after = Snapshot(planned, args, kwargs, before.aside, once=True)
    after.let_go()
    before.put_back()
    try:
        if slopes:
            with uncaptured:
                slopes |= Run(planned.program, args, kwargs).sources()
            pairs = left_by_steps(pairs, ends, slopes, count)
        if not pairs:
            return
        slopes.clear()
        pairs = [(name, back(a), back(b)) for name, a, b in pairs]
        before.put_back()
        nodes = [end for name, _, _ in pairs if (end := ends[name]) is not None]
        whole = Whole(planned, nodes, seeds, args, kwargs, heard)
        if (message := _difference(planned, whole, pairs, ends)) is not None:
            raise CompileMismatchError(message)
    finally:
        after.put_back()


def _differ(a: Any, b: Any, count: int) -> bool:
    return apart(a, b) and not nearly(a, b, count)


def _difference(planned: Planned, whole: Whole, pairs: list[Any], ends: Any) -> str | None:
    """The message of the error, if rounding does not explain all that differs."""
    for moved in whole.moved():
        wrong = [pair for pair in pairs if _gap(pair, ends[pair[0]], moved) is not None]
        if not wrong:
            return None  # what more runs move is more
        pairs = wrong
    name, _, right = pairs[0]
    end = ends[name]
    gap = _gap(pairs[0], end, moved)
    assert gap is not None
    if end is not None and beyond(whole.still[end], right, moved[end]) is not None:
        return told(planned, name, gap, end, None, is_traces=True)
    values, first = whole.by_the_plan()
    if first is None and all(
        end is not None and beyond(mine_too, values[end], _jumping(moved[end])) is None
        for end, mine_too in ((ends[name], value) for name, value, _ in pairs)
    ):
        return None  # a maximum, or a sign, that rounding has decided otherwise
    return told(planned, name, gap, end, first, is_traces=False)


def _jumping(moved: Any) -> Any:
    """Where one number has jumped, others may."""
    return moved if moved is None or not moved.size else np.fmax(moved, np.nanmax(moved))


def _gap(pair: Any, end: Node | None, moved: Mapping[Node, Any]) -> tuple[float, float] | None:
    return beyond(pair[1], pair[2], None if end is None else moved[end])


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
    for name, (_, write) in named_places(planned.program).items():
        if name in ends:
            ends[name] = write
    if planned.pull is not None:
        for number, node in zip(planned.pull.given, planned.pull.program.outputs, strict=True):
            ends[f"the gradient of {target_name(planned, number)}"] = node
    return ends


def target_name(planned: Planned, number: int) -> str:
    """What gets a gradient, by name."""
    assert planned.pull is not None
    node = planned.pull.targets[number][0]
    return node.name or f"target {number}"
