"""Every rule of a recorded graph checked on its own: `Graph.verify`."""

from __future__ import annotations

from typing import Any

from autograd.gradcheck.check import check
from autograd.gradcheck.naming.nodes import checked_nodes
from autograd.gradcheck.report.merge import merged, shown
from autograd.gradcheck.report.report import Report
from autograd.graph.graph import Graph

__all__ = ["verify"]


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
    for place, outcome in checked_nodes(graph, check, options):
        if isinstance(outcome, Report):
            reports.append((place, outcome))
        else:
            notes.append(f"{place}: not checked: {outcome}")
    count = len(reports)
    notes.append(f"{count} node{'' if count == 1 else 's'} checked, each at the values it saw")
    return merged(reports, notes, f"graph.verify({shown(options)})")
