"""Trust: a call of a plan beside the eager call, on the same state and the same random numbers."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compiler.face.compare import Found, compare, target_name
from autograd.compiler.face.joint import without_hooks
from autograd.compiler.face.planned import Planned, arrays_in
from autograd.compiler.face.snapshot import Snapshot, as_now, written_places
from autograd.compiler.face.tolerance import apart
from autograd.compiler.native.sources import Stale
from autograd.distributed.echo import played, recorded
from autograd.engine.node import Node
from autograd.engine.operands import tensor_types
from autograd.errors import AutogradError, MutationError
from autograd.graph.body import bodies_of
from autograd.graph.pytree import flat, nested
from autograd.kernels.parallel.twins import few_twins
from autograd.sweep.differentiate import grad
from autograd.system.aside import Aside, back
from autograd.system.memory import give_back_memory

__all__ = ["checked_call"]


def checked_call(planned: Planned, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """What the eager call gives and leaves, if the plan gives and leaves the same.

    Stale where the call is to be traced again. Where the plan stops, the call itself says why.
    """
    aside = Aside() if planned.is_large else None  # what is only to be compared lies there
    before = Snapshot(planned, args, kwargs, aside)
    seeds: list[Any] = []
    try:
        sources = {} if planned.pull is None else planned.sources(args, kwargs)
        with recorded() as heard:
            results = planned.run(*args, **kwargs)
        kept: Any = ()
        if planned.pull is not None:
            results, kept = results
        plain = mine = _found(results, written_places(planned, args, kwargs), aside)
        if planned.pull is not None:
            seeds = _seeds(planned, results)
            mine = _with_gradients(mine, planned, _pulled(planned, sources, kept, seeds))
        del results, kept, sources
    except BaseException as error:
        before.put_back()
        if isinstance(error, AutogradError) and error.needs_trace:
            return Stale
        if isinstance(error, Exception):
            function(*args, **kwargs)
        raise  # the plan's own
    before.put_back()
    if planned.is_large:
        give_back_memory()
    with few_twins():
        return _compared(planned, function, (before, args, kwargs), (plain, mine, seeds), heard)


def _compared(
    planned: Planned,
    function: Callable[..., Any],
    calls: Any,
    found: tuple[Found, Found, Any],
    by_the_plan: list[Any],
) -> Any:
    """What the eager call gives, if that is what was found; the plan has heard of others too."""
    (_, args, kwargs), (plain, mine, seeds) = calls, found
    with recorded() as heard:
        right = function(*args, **kwargs)
    theirs = _found(right, written_places(planned, args, kwargs))
    if planned.pull is not None:
        try:
            slopes = _eager(planned, right, seeds, args, kwargs)
        except MutationError:  # the call itself leaves a graph that is out of date
            planned.drop_pull()
            mine = plain
        else:
            theirs = _with_gradients(theirs, planned, slopes)
    theirs = _with_zeros(theirs, mine, planned)
    if mine.names != theirs.names or any(
        apart(back(a), b) for a, b in zip(mine.values, theirs.values, strict=True)
    ):
        with played(heard):  # other processes may have nothing to compare
            compare(planned, mine, theirs, seeds, calls, by_the_plan)
    return _as_planned(planned, right)


def _pulled(planned: Planned, sources: dict[Node, Any], kept: Any, seeds: list[Any]) -> list[Any]:
    """The gradients by the plan."""
    assert planned.pull is not None
    assert planned.pull_run is not None
    sources |= {n: x._value for n, x in zip(planned.pull.kept, kept, strict=True)}
    found = planned.pull_run(*(sources[node] for node in planned.pull.reads), *seeds)
    return [x._value for x in found]


def _as_planned(planned: Planned, right: Any) -> Any:
    """The results in the graph where those of the plan are, and else outside of any."""
    live = () if planned.pull is None else planned.pull.live
    given = planned.given
    kept = {*live, *given.same, *given.views, *given.leaves}
    number = itertools.count()

    def result(x: Any) -> Any:
        if type(x) not in tensor_types:
            return x
        k = next(number)
        return x if k in kept or x._node is None else x.detach()

    return nested(result, right)


def _found(results: Any, written: dict[str, Any], aside: Aside | None = None) -> Found:
    given = flat(results)
    values = [as_now(x, x._value) if type(x) in tensor_types else x for x in given]
    tensors = iter(range(len(given)))
    names = [
        f"output {next(tensors)}" if type(x) in tensor_types else f"result {i}"
        for i, x in enumerate(given)
    ]
    every = names + list(written), values + list(written.values())
    return Found(every[0], every[1] if aside is None else list(map(aside.put, every[1])))


def _with_zeros(theirs: Found, mine: Found, planned: Planned) -> Found:
    """With the zeros of a plan that has branches, for Tensors that the chosen ones do not use.

    The call itself, which makes no instruction of a branch, has None there.
    """
    has_branches = any(map(bodies_of, planned.program.nodes))
    if not has_branches or len(theirs.values) != len(mine.values):
        return theirs
    values = [
        a if b is None and hasattr(a, "dtype") and not np.any(a) else b
        for a, b in zip(map(back, mine.values), theirs.values, strict=True)
    ]
    return Found(mine.names, values)


def _with_gradients(found: Found, planned: Planned, gradients: list[Any]) -> Found:
    assert planned.pull is not None
    names = [f"the gradient of {target_name(planned, number)}" for number in planned.pull.given]
    return Found([*found.names, *names], [*found.values, *gradients])


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


def _seeds(planned: Planned, results: Any) -> list[Any]:
    rng = np.random.default_rng(0)
    tensors = [x for x in flat(results) if type(x) in tensor_types]
    outputs = [tensors[i] for i in planned.pull.live]  # type: ignore[union-attr]
    return [np.asarray(rng.standard_normal(y.shape)).astype(y.dtype) for y in outputs]
