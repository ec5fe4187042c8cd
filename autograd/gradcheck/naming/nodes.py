"""Which node of a recorded graph has a wrong rule: each is checked at the values that it saw.

How one is checked, by the whole of gradcheck, is the caller's to say, who stands above.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from os.path import basename
from typing import Any, TypeAlias

from autograd.engine.node import Node, constant_value
from autograd.engine.row import OUTPUT
from autograd.errors import GradcheckError
from autograd.gradcheck.legs.local import used_outputs
from autograd.gradcheck.report.finding import Entry
from autograd.gradcheck.report.report import Report
from autograd.graph.graph import Graph
from autograd.graph.interpret import apply
from autograd.tensors.tensor import Tensor

__all__ = [
    "Check", "checked_nodes", "first_bad_node", "function_of", "input_name", "looking",
    "looking_at", "pattern_of", "place_of",
]  # fmt: skip

Check: TypeAlias = Callable[..., Report]  # of a function, at a list of inputs

_CLOSE = 1e-3  # of a slope: what is closer may turn out to be rounding in many digits

_looking: ContextVar[bool] = ContextVar("chaingrad_verify", default=False)


def first_bad_node(graph: Graph, check: Check, **options: Any) -> str | None:
    """The first node whose rule is wrong, such as `node 7, setitem, model.py:42`, or None.

    >>> import autograd as ag
    >>> from autograd.gradcheck.check import check
    >>> x = ag.Tensor([1.0, 2.0], requires_grad=True)
    >>> first_bad_node(ag.Graph((x * x).sum()), check)
    """
    if looking():
        return None
    unsure = []
    for place, quick in checked_nodes(graph, check, {"quick": True} | options):
        if not isinstance(quick, Report):
            continue
        if not quick and (_stands(quick) or _fails(graph, place, check, options)):
            return place
        if quick.inconclusive:
            unsure.append(place)
    return next((place for place in unsure if _fails(graph, place, check, options)), None)


def _stands(quick: Report) -> bool:
    """Whether what a quick look found is more than rounding could be taken for.

    A slope may be there though nothing moves at any step: then many digits have to tell.
    """
    return any(
        not finding.entries or any(map(_is_plain, finding.entries)) for finding in quick.failures
    )


def _is_plain(entry: Entry) -> bool:
    a, n = entry.analytic, entry.numeric
    return not (abs(a - n) <= _CLOSE * abs(n) or (n == 0 and abs(a) < 1))


def _fails(graph: Graph, place: str, check: Check, options: dict[str, Any]) -> bool:
    """Whether a node fails with all that a check has, where a quick look said or left it open."""
    outcome = _looked_at(graph, place, check, options)
    return isinstance(outcome, Report) and not outcome


def pattern_of(graph: Graph, place: str, check: Check) -> str | None:
    """The pattern of the mistake of one node, as `first_bad_node` names it."""
    outcome = _looked_at(graph, place, check, {})
    if not isinstance(outcome, Report):
        return None
    return next((finding.pattern for finding in outcome.failures if finding.pattern), None)


def _looked_at(graph: Graph, place: str, check: Check, options: dict[str, Any]) -> Report | str:
    number = next(n for n, node in enumerate(graph.nodes) if place_of(n, node) == place)
    return next(checked_nodes(graph, check, options, number))[1]


def looking() -> bool:
    """Whether a node is being checked: its check must not look for the bad node in it."""
    return _looking.get()


@contextmanager
def looking_at() -> Iterator[None]:
    """While one node is checked."""
    token = _looking.set(True)
    try:
        yield
    finally:
        _looking.reset(token)


def checked_nodes(
    graph: Graph, check: Check, options: dict[str, Any], only: int | None = None
) -> Iterator[tuple[str, Report | str]]:
    """Every operation in the order of recording, with its report or why there is none."""
    graph = graph.tape
    values, used = graph.values(), used_outputs(graph)
    for number, node in enumerate(graph.nodes):
        if node.is_leaf or node.op is OUTPUT or only not in (None, number):
            continue
        try:
            with looking_at():
                outcome: Report | str = _outcome(node, values, used.get(node), check, options)
        except GradcheckError as error:
            outcome = str(error).removeprefix("gradcheck: ")
        yield place_of(number, node), outcome


def _outcome(
    node: Node,
    values: dict[Node, Any],
    used: set[int] | None,
    check: Check,
    options: dict[str, Any],
) -> Report:
    tracked = [p for p, source in enumerate(node.inputs) if type(source) is Node]
    inputs = [Tensor(values[node.inputs[p]], name=input_name(node, p)) for p in tracked]
    return check(function_of(node, tracked, used), inputs, **options)


def function_of(node: Node, tracked: list[int], used: set[int] | None = None) -> Callable[..., Any]:
    """The node's op as a function of the inputs that need a gradient, with the others as seen.

    Of several outputs it gives those that are `used`: others may have no derivative there.
    """
    seen = [constant_value(source) for source in node.inputs]

    def run(*given: Any) -> Any:
        inputs = seen.copy()
        for position, x in zip(tracked, given, strict=True):
            inputs[position] = x
        found = apply(node, inputs)
        return found if used is None else tuple(found[n] for n in sorted(used))

    run.__name__ = node.op.name
    return run


def input_name(node: Node, position: int) -> str:
    names = node.op.inputs
    return f"{names[0]}{position}" if node.op.variadic else names[position]


def place_of(number: int | None, node: Node) -> str:
    """`node 7, setitem, model.py:42, in encoder.0 (Linear)`, as far as it is known."""
    parts = [node.op.name] if number is None else [f"node {number}", node.op.name]
    if node.where:
        parts.append(basename(node.where))
    if node.scope is not None:
        parts.append(f"in {node.scope!r}")
    return ", ".join(parts)
