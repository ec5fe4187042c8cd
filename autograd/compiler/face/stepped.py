"""What steps of optimizers make of gradients that are nearly the same, one parameter at a time.

Where a gradient is nearly 0, a step of Adam along it may be of any size up to its rate. That the
gradients differ by rounding alone has been seen; the whole program need not be run again for it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.face.tolerance import (
    ROUNDINGS,
    RUNS,
    Rounding,
    allowance,
    apart,
    beyond,
    distance,
    nearly,
)
from autograd.engine.modes import uncaptured
from autograd.engine.node import Node
from autograd.engine.row import COMPUTED, OUTPUT, WRITE
from autograd.graph.cells import Gradient
from autograd.system.aside import back

__all__ = ["gradients_among", "left_by_steps"]

Pair = tuple[str, Any, Any]  # name, value of the plan, value of the call; these may lie aside


class _Place(NamedTuple):
    """One parameter of a step: where its results begin, and the step of it alone."""

    first: int
    inputs: tuple[Node, ...]  # the parameter, its gradient and its state
    run: Any


def gradients_among(
    pairs: list[Pair], ends: Mapping[str, Node | None], values: Mapping[str, Any]
) -> dict[Node, Any]:
    """The gradients from which steps have left these pairs, by the instruction that gives each."""
    parts = (part for name, _, _ in pairs if (part := _part(ends[name])) is not None)
    read = {
        place.inputs[1] for part in parts for place in _places(part.inputs[0])
        if place.first <= part.params[0] <= place.first + len(place.inputs) - 2
    }  # fmt: skip
    return {
        end.inputs[0]: values[name]
        for name, end in ends.items()
        if name in values and end is not None and end.op is WRITE
        and type(end.params[0]) is Gradient and end.inputs[0] in read
    }  # fmt: skip


def left_by_steps(
    pairs: list[Pair], ends: Mapping[str, Node | None], values: Mapping[Node, Any], count: int
) -> list[Pair]:
    """The pairs that no step explains, of what it began from and of gradients nearly the same."""
    places: dict[Node, list[_Place]] = {}
    found: dict[tuple[Node, int], dict[int, Any]] = {}
    left = []
    for pair in pairs:
        part = _part(ends[pair[0]])
        if part is None:
            left.append(pair)
            continue
        step, index = part.inputs[0], part.params[0]
        every = places.setdefault(step, [*_places(step)])
        place = [each for each in every if each.first <= index][-1]
        key = step, place.first
        if key not in found:
            found.clear()  # of one parameter at a time: they are large
            found[key] = _moved(place, values, count)
        still, moved = found[key].get(index - place.first, (None, None))
        mine, right = map(back, pair[1:])
        is_so = still is not None and (not apart(still, right) or nearly(still, right, 1))
        if not is_so or beyond(mine, right, moved) is not None:
            left.append(pair)
    return left


def _part(end: Node | None) -> Node | None:
    """The result of a step, of each parameter alone, that is written there; or None."""
    part: Any = end.inputs[0] if end is not None and end.op is WRITE else None
    if type(part) is not Node or part.op is not OUTPUT or part.inputs[0].op is not COMPUTED:
        return None
    optimizer = getattr(part.inputs[0].params[0], "optimizer", None)
    return part if getattr(optimizer, "_is_plain", False) else None


def _places(step: Node) -> Iterator[_Place]:
    at = first = 0
    for names in step.params[0].names:
        alone = copy.copy(step.params[0])
        alone.names = (names,)
        yield _Place(first, step.inputs[at : at + 2 + len(names)], alone)
        at, first = at + 2 + len(names), first + 1 + len(names)


def _moved(place: _Place, values: Mapping[Node, Any], count: int) -> dict[int, tuple[Any, Any]]:
    """What the step of one parameter gives, and by how much that moves; nothing if none knows."""
    p, g, *_ = place.inputs
    if any(x not in values for x in place.inputs) or values[p].dtype.kind != "f":
        return {}
    slack = allowance(values[g], count)
    if slack is None:
        return {}
    rounding, given = Rounding(), [values[x] for x in place.inputs]
    with uncaptured, np.errstate(all="ignore"):
        still = place.run(*given)
        moved = [0.0] * len(still)
        for _ in range(RUNS):
            near = [rounding(x, value) for x, value in zip(place.inputs, given, strict=True)]
            near[1] = given[1] + slack * _signs(rounding, g, given[1])
            now = place.run(*near)
            moved = [
                np.fmax(m, distance(a, b)) if hasattr(b, "dtype") else m
                for m, a, b in zip(moved, now, still, strict=True)
            ]
    return {k: pair for k, pair in enumerate(zip(still, moved, strict=True)) if np.ndim(pair[1])}


def _signs(rounding: Rounding, node: Node, like: Any) -> Any:
    """Random numbers of either sign, about 1."""
    changed = rounding(node, np.ones_like(like)) - 1
    return changed / (ROUNDINGS * np.finfo(like.dtype).eps)
