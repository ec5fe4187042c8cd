"""The first node whose rule is wrong, and what is wrong with it; or why none is named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from autograd.engine.modes import tracing
from autograd.engine.op import Array
from autograd.gradcheck.naming.nodes import Check, first_bad_node, looking, pattern_of
from autograd.gradcheck.numeric.function import FAILURES, Function
from autograd.graph.graph import Graph

__all__ = ["Blame", "blamed"]


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
) -> Blame:
    """The node, found in the function recorded again with source lines.

    The derivative of the second order and more is a graph of rules, whose nodes may be right each
    for itself; there a node is named if one is wrong, and nothing is said if none is. `arrays` are
    the inputs in their own dtypes.
    """
    if looking() or order > 2:
        return Blame()
    try:
        with tracing():
            outputs = function.record(x, arrays=arrays).outputs
        outputs = [y for y in outputs if y.requires_grad]
        if not outputs:
            return Blame()
        graph = Graph(*outputs)
        place = first_bad_node(graph, check, layouts=False)
    except FAILURES as error:
        first = (str(error).splitlines() or [""])[0]
        return Blame(f"not found: looking for it raised {type(error).__name__}: {first}")
    if place is None:
        return Blame(None if order > 1 else "none: each rule is right at the values its node saw")
    text = "  ".join(place.split(", ")[1:])
    return Blame(text, lambda: pattern_of(graph, place, check), text)
