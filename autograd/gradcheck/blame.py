"""The first node whose rule is wrong, and what is wrong with it; or why none is named."""

from __future__ import annotations

from autograd.errors import AutogradError
from autograd.gradcheck.function import Function
from autograd.op import Array

__all__ = ["blamed"]

_RAISED = (AutogradError, ValueError, TypeError, ArithmeticError, IndexError, AttributeError)


def blamed(function: Function, x: Array, order: int) -> tuple[str | None, str | None]:
    """The node, recorded again with source lines, and the pattern of its mistake.

    The derivative of the second order and more is a graph of rules, whose nodes may be right each
    for itself; there a node is named if one is wrong, and nothing is said if none is.
    """
    from autograd.gradcheck.verify import first_bad_node, looking, pattern_of
    from autograd.graph import Graph
    from autograd.modes import tracing

    if looking() or order > 2:
        return None, None
    try:
        with tracing():
            outputs = function.record(x).outputs
        outputs = [y for y in outputs if y.requires_grad]
        if not outputs:
            return None, None
        graph = Graph(*outputs)
        place = first_bad_node(graph, layouts=False)
        if place is None:
            silent = None if order > 1 else "none: each rule is right at the values its node saw"
            return silent, None
        return "  ".join(place.split(", ")[1:]), pattern_of(graph, place)
    except _RAISED as error:
        first = (str(error).splitlines() or [""])[0]
        return f"not found: looking for it raised {type(error).__name__}: {first}", None
