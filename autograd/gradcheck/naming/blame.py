"""The first node whose rule is wrong, and what is wrong with it; or why none is named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from typing import NamedTuple

import numpy as np

from autograd.engine.modes import tracing
from autograd.engine.op import Array
from autograd.engine.trail import trail_apart
from autograd.gradcheck.naming.along import off_along
from autograd.gradcheck.naming.nodes import Check, first_bad_node, looking, pattern_of, place_of
from autograd.gradcheck.numeric.function import FAILURES, Function, Recording, flat
from autograd.gradcheck.numeric.ladder import unit_steps
from autograd.graph.graph import Graph

__all__ = ["Blame", "blamed"]


_MOVE = 2.0**-8  # how far a graph of one node is replayed, to see whether it is all of f


class Blame(NamedTuple):
    """What the report says about the first bad node; and the pattern of its mistake alone."""

    text: str | None = None
    pattern: Callable[[], str | None] = lambda: None
    node: str | None = None  # the text, where it names one


def blamed(
    function: Function,
    x: Array,
    order: int,
    check: Check,
    arrays: Sequence[Array] | None = None,
    whole: bool = False,
    along: Array | None = None,
) -> Blame:
    """The node, found in the function recorded again with source lines.

    The derivative of the second order and more is a graph of rules, whose nodes may be right each
    for itself; there a node is named if one is wrong, and nothing is said if none is. `arrays` are
    the inputs in their own dtypes; of a `whole` function a slope was seen to be wrong, and `along`
    a direction by far.
    """
    if looking() or order > 2:
        return Blame()
    try:
        with trail_apart(), tracing():
            recording = function.record(x, arrays=arrays)
        outputs = [y for y in recording.outputs if y.requires_grad]
        if not outputs:
            return Blame()
        graph = Graph(*outputs)
        alone = _alone(function, x, graph, recording) if whole and arrays is None else None
        with suppress(*FAILURES):  # then all there is has to tell
            alone = alone or off_along(function, x, graph, recording, along)
        place = alone or first_bad_node(graph, check, layouts=False)
    except FAILURES as error:
        first = (str(error).splitlines() or [""])[0]
        return Blame(f"not found: looking for it raised {type(error).__name__}: {first}")
    if place is None:
        return Blame(None if order > 1 else "none: each rule is right at the values its node saw")
    text = "  ".join(place.split(", ")[1:])
    return Blame(text, cache(lambda: pattern_of(graph, place, check)), text)


def _alone(function: Function, x: Array, graph: Graph, here: Recording) -> str | None:
    """The place of a node that is all of the function, and gives what it does elsewhere too."""
    nodes = [(n, node) for n, node in enumerate(graph.tape.nodes) if not node.is_leaf]
    if len(nodes) != 1:
        return None
    moved = x + _MOVE * unit_steps(x) * np.random.default_rng(0).uniform(-1, 1, x.size)
    parts = zip(here.leaves, function.parts(moved), strict=True)
    values = graph.values({leaf: part for leaf, part in parts if leaf._node in graph.leaves})
    outputs = [y._value if y._node is None else values[y._node] for y in here.outputs]
    found = np.concatenate([flat(y) for y in outputs])
    return place_of(*nodes[0]) if np.array_equal(found, function(moved)) else None
