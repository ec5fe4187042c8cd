"""The first node whose rule is wrong, and what is wrong with it; or why none is named."""

from __future__ import annotations

from typing import Any, NamedTuple

from autograd.engine.op import Array
from autograd.errors import AutogradError
from autograd.gradcheck.numeric.function import Function

__all__ = ["Blame", "blamed"]

_RAISED = (AutogradError, ValueError, TypeError, ArithmeticError, IndexError, AttributeError)


class Blame(NamedTuple):
    """What the report says about the first bad node; and where to look for its mistake."""

    text: str | None = None
    graph: Any = None
    place: str = ""

    def pattern(self) -> str | None:
        """The pattern of the mistake of the node alone."""
        from autograd.gradcheck.verify import pattern_of

        return None if self.graph is None else pattern_of(self.graph, self.place)


def blamed(function: Function, x: Array, order: int) -> Blame:
    """The node, found in the function recorded again with source lines.

    The derivative of the second order and more is a graph of rules, whose nodes may be right each
    for itself; there a node is named if one is wrong, and nothing is said if none is.
    """
    from autograd.engine.modes import tracing
    from autograd.gradcheck.verify import first_bad_node, looking
    from autograd.graph.graph import Graph

    if looking() or order > 2:
        return Blame()
    try:
        with tracing():
            outputs = function.record(x).outputs
        outputs = [y for y in outputs if y.requires_grad]
        if not outputs:
            return Blame()
        graph = Graph(*outputs)
        place = first_bad_node(graph, layouts=False)
    except _RAISED as error:
        first = (str(error).splitlines() or [""])[0]
        return Blame(f"not found: looking for it raised {type(error).__name__}: {first}")
    if place is None:
        return Blame(None if order > 1 else "none: each rule is right at the values its node saw")
    return Blame("  ".join(place.split(", ")[1:]), graph, place)
