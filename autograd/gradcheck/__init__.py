"""Analytic gradients against numeric ones, with a report that says what is wrong, and where."""

from typing import Any

from autograd.gradcheck.check import gradcheck, gradgradcheck
from autograd.gradcheck.module import gradcheck_module
from autograd.gradcheck.numeric.derivatives import Estimate, numerical_grad, numerical_jacobian
from autograd.gradcheck.report.finding import Entry, Finding
from autograd.gradcheck.report.report import Report
from autograd.graph.graph import Graph, bind_verify

__all__ = [
    "Entry",
    "Estimate",
    "Finding",
    "Report",
    "gradcheck",
    "gradcheck_module",
    "gradgradcheck",
    "numerical_grad",
    "numerical_jacobian",
]


def _verify(graph: Graph, **options: Any) -> Report:
    from autograd.gradcheck.verify import verify  # late: few programs check a graph

    return verify(graph, **options)


bind_verify(_verify)
