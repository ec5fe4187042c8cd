"""Which node of a recorded graph has a wrong rule: each is checked at the values that it saw."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import ContextVar
from os.path import basename
from typing import TYPE_CHECKING, Any

from autograd.engine.node import Constant, Node
from autograd.engine.op import OUTPUT
from autograd.errors import GradcheckError
from autograd.gradcheck.check import check
from autograd.gradcheck.report.merge import merged, shown
from autograd.gradcheck.report.report import Report
from autograd.tensors.tensor import Tensor

if TYPE_CHECKING:
    from autograd.graph.graph import Graph

__all__ = ["first_bad_node", "looking", "pattern_of", "verify"]

_looking: ContextVar[bool] = ContextVar("chaingrad_verify", default=False)


def verify(graph: Graph, **options: Any) -> Report:
    """Check every node's rules on their own, at the values that the node saw.

    The graph is replayed; each node's op is then recorded anew on leaves with the values of its
    inputs, and its gradients are compared with differences of its forward, as `gradcheck` does
    (`options` are its own, such as `order=2`). A failure names the node by its number in the graph
    (as `str(graph)` lists it), its op, its source line (recorded under `autograd.tracing()`) and
    its module. The report fails if a rule is wrong; it does not raise.

    >>> import autograd as ag
    >>> x = ag.Tensor([1.0, 2.0], requires_grad=True, dtype="float64")
    >>> bool(verify(ag.Graph((x * x.tanh()).sum())))
    True
    """
    reports, notes = [], []
    for place, outcome in _checked(graph, options):
        if isinstance(outcome, Report):
            reports.append((place, outcome))
        else:
            notes.append(f"{place}: not checked: {outcome}")
    count = len(reports)
    notes.append(f"{count} node{'' if count == 1 else 's'} checked, each at the values it saw")
    return merged(reports, notes, f"graph.verify({shown(options)})")


def first_bad_node(graph: Graph, **options: Any) -> str | None:
    """The first node whose rule is wrong, such as `node 7, setitem, model.py:42`, or None.

    >>> import autograd as ag
    >>> x = ag.Tensor([1.0, 2.0], requires_grad=True)
    >>> first_bad_node(ag.Graph((x * x).sum()))
    """
    if looking():
        return None
    found = _checked(graph, {"quick": True} | options)
    return next(
        (place for place, outcome in found if isinstance(outcome, Report) and not outcome), None
    )


def pattern_of(graph: Graph, place: str) -> str | None:
    """The pattern of the mistake of one node, as `first_bad_node` names it."""
    number = next(n for n, node in enumerate(graph.nodes) if _place(n, node) == place)
    _, outcome = next(_checked(graph, {}, number))
    if not isinstance(outcome, Report):
        return None
    return next((finding.pattern for finding in outcome.failures if finding.pattern), None)


def looking() -> bool:
    """Whether a node is being checked: its check must not look for the bad node in it."""
    return _looking.get()


def _checked(
    graph: Graph, options: dict[str, Any], only: int | None = None
) -> Iterator[tuple[str, Report | str]]:
    """Every operation in the order of recording, with its report or why there is none."""
    graph = graph.tape
    values = graph.values()
    for number, node in enumerate(graph.nodes):
        if node.is_leaf or node.op is OUTPUT or only not in (None, number):
            continue
        token = _looking.set(True)
        try:
            outcome: Report | str = _check(node, values, options)
        except GradcheckError as error:
            outcome = str(error).removeprefix("gradcheck: ")
        finally:
            _looking.reset(token)
        yield _place(number, node), outcome


def _check(node: Node, values: dict[Node, Any], options: dict[str, Any]) -> Report:
    tracked = [p for p, source in enumerate(node.inputs) if type(source) is Node]
    inputs = [Tensor(values[node.inputs[p]], name=_input_name(node, p)) for p in tracked]
    return check(_function(node, tracked), inputs, **options)


def _function(node: Node, tracked: list[int]) -> Callable[..., Any]:
    """The node's op as a function of the inputs that need a gradient, with the others as seen."""
    seen = [source.value if type(source) is Constant else source for source in node.inputs]
    parameters = node.parameters()

    def run(*given: Any) -> Any:
        inputs = seen.copy()
        for position, x in zip(tracked, given, strict=True):
            inputs[position] = x
        return node.op.record(*inputs, **parameters)

    run.__name__ = node.op.name
    return run


def _input_name(node: Node, position: int) -> str:
    names = node.op.inputs
    return f"{names[0]}{position}" if node.op.variadic else names[position]


def _place(number: int, node: Node) -> str:
    """`node 7, setitem, model.py:42, in encoder.0 (Linear)`, as far as it is known."""
    parts = [f"node {number}", node.op.name]
    if node.where:
        parts.append(basename(node.where))
    if node.scope is not None:
        parts.append(f"in {node.scope!r}")
    return ", ".join(parts)
