"""Trust: a call of a plan beside the eager call, on the same state and the same random numbers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.face.differs import first_that_differs, told
from autograd.compiler.face.joint import without_hooks
from autograd.compiler.face.planned import Planned, arrays_in
from autograd.compiler.face.snapshot import Snapshot, written_places
from autograd.compiler.face.tolerance import apart, beyond, spread, values_from
from autograd.engine.node import Node
from autograd.engine.operands import tensor_types
from autograd.errors import CompileMismatchError, MutationError
from autograd.graph.pytree import flat, nested
from autograd.sweep.differentiate import grad

__all__ = ["checked_call"]


class Found(NamedTuple):
    """What a call has given and left: by name, with the instruction that each comes from."""

    names: list[str]
    values: list[Any]


def checked_call(planned: Planned, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """What the eager call gives and leaves, if the plan gives and leaves the same."""
    before, again = Snapshot(planned, args, kwargs), Snapshot(planned, args, kwargs)
    seeds: list[Any] = []
    try:
        results, values, sources = planned.run(args, kwargs)
        tensors = [x for x in flat(results) if type(x) in tensor_types]
        plain = mine = _found(results, written_places(planned, args, kwargs))
        if planned.pull is not None:
            seeds = _seeds([tensors[i] for i in planned.pull.live])
            reads = [values[node] for node in planned.pull.reads]
            assert planned.pull_run is not None
            pulled = planned.pull_run((*reads, *seeds), {})[0]
            mine = _with_gradients(mine, planned, [x._value for x in pulled])
        sources = {node: _copied(value) for node, value in sources.items()}
    finally:
        before.put_back()
    right = function(*args, **kwargs)
    theirs = _found(right, written_places(planned, args, kwargs))
    if planned.pull is not None:
        try:
            slopes = _eager(planned, right, seeds, args, kwargs)
        except MutationError:  # the call itself leaves a graph that is out of date
            planned.pull, mine = None, plain
        else:
            theirs = _with_gradients(theirs, planned, slopes)
    if mine.names != theirs.names or any(map(apart, mine.values, theirs.values)):
        _compare(planned, mine, theirs, (sources, seeds), (again, args, kwargs))
    return _as_planned(planned, right)


def _as_planned(planned: Planned, right: Any) -> Any:
    """The results in the graph where those of the plan are, and else outside of any."""
    live = () if planned.pull is None else planned.pull.live
    number = itertools.count()

    def result(x: Any) -> Any:
        if type(x) not in tensor_types or next(number) in live or x._node is None:
            return x
        return x.detach()

    return nested(result, right)


def _compare(
    planned: Planned, mine: Found, theirs: Found, begun: Any, calls: tuple[Snapshot, Any, Any]
) -> None:
    """Raise if what differs is more than rounding."""
    sources, seeds = begun
    if mine.names != theirs.names:
        raise CompileMismatchError(
            "compile: the results have another structure than those of the call itself: "
            f"{len(mine.names)} and {len(theirs.names)} values"
        )

    def compute(begun: Mapping[Node, Any], change: Any = None) -> dict[Node, Any]:
        values = values_from(planned.program, begun, change)
        if planned.pull is not None:
            given = [*(values[node] for node in planned.pull.reads), *seeds]
            inputs = dict(zip(planned.pull.program.inputs, given, strict=True))
            values |= values_from(planned.pull.program, inputs, change)
        return values

    still = compute(sources)
    ends = _ends(planned, mine.names)
    moved = spread(compute, sources, still, [n for n in ends.values() if n is not None])
    for name, a, b in zip(mine.names, mine.values, theirs.values, strict=True):
        end = ends[name]
        if not apart(a, b):
            continue
        gap = beyond(a, b, None if end is None else moved[end])
        if gap is None:
            continue
        is_traces = end is not None and beyond(still[end], b, moved[end]) is not None
        place = None if is_traces else _first(planned, compute, sources, still, seeds, calls)
        raise CompileMismatchError(told(planned, name, gap, end, place, is_traces))


def _first(planned: Planned, compute: Any, sources: Any, still: Any, seeds: Any, calls: Any) -> Any:
    """The first instruction of the plan that differs, from a run of it on the state before."""
    before, args, kwargs = calls
    end = Snapshot(planned, args, kwargs)
    seen: dict[Node, Any] = {}

    def around(node: Node, run: Callable[..., Any], given: list[Any]) -> Any:
        seen[node] = value = run(*given)
        return value

    before.put_back()
    try:
        _, values, _ = planned.run(args, kwargs, around)
        if planned.pull is not None:
            assert planned.pull_run is not None
            planned.pull_run((*(values[n] for n in planned.pull.reads), *seeds), {}, around)
    finally:
        end.put_back()
    moved = spread(compute, sources, still, [node for node in seen if node in still])
    return first_that_differs(seen, still, moved)


def _ends(planned: Planned, names: Sequence[str]) -> dict[str, Node | None]:
    """The instruction that each compared value comes from."""
    program, found = planned.program, dict.fromkeys(names)
    ends: dict[str, Any] = found
    for number, node in enumerate(program.outputs):
        if f"output {number}" in ends:
            ends[f"output {number}"] = node
    for node in program.writes:
        if node.name in ends:
            ends[node.name] = node
    if planned.pull is not None:
        for number, node in zip(planned.pull.given, planned.pull.program.outputs, strict=True):
            ends[f"the gradient of {_target(planned, number)}"] = node
    return ends


def _found(results: Any, written: dict[str, Any]) -> Found:
    given = flat(results)
    values = [_copied(x._value) if type(x) in tensor_types else x for x in given]
    tensors = iter(range(len(given)))
    names = [
        f"output {next(tensors)}" if type(x) in tensor_types else f"result {i}"
        for i, x in enumerate(given)
    ]
    return Found([*names, *written], [*values, *written.values()])


def _with_gradients(found: Found, planned: Planned, gradients: list[Any]) -> Found:
    assert planned.pull is not None
    names = [f"the gradient of {_target(planned, number)}" for number in planned.pull.given]
    return Found([*found.names, *names], [*found.values, *gradients])


def _target(planned: Planned, number: int) -> str:
    assert planned.pull is not None
    node = planned.pull.targets[number][0]
    return node.name or f"target {number}"


def _eager(planned: Planned, right: Any, seeds: Any, args: Any, kwargs: Any) -> list[Any]:
    """The gradients through the eager call, without a trace of it left."""
    assert planned.pull is not None
    tensors = [x for x in flat(right) if type(x) in tensor_types]
    outputs = [tensors[i] for i in planned.pull.live]
    inputs = dict(zip(planned.program.inputs, arrays_in(args, kwargs), strict=True))
    targets = [inputs[n] if t is None else t for n, t in planned.pull.targets]
    with without_hooks([t._node for t in targets]):
        found = grad(outputs, targets, seeds, retain_graph=True, allow_unused=True)
    return [None if (g := found[i]) is None else g._value for i in planned.pull.given]


def _seeds(outputs: list[Any]) -> list[Any]:
    rng = np.random.default_rng(0)
    return [np.asarray(rng.standard_normal(y.shape)).astype(y.dtype) for y in outputs]


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value
