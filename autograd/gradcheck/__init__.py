"""Analytic gradients against numeric ones, with a report that says what is wrong, and where."""

from autograd.gradcheck.check import gradcheck, gradgradcheck
from autograd.gradcheck.module import gradcheck_module
from autograd.gradcheck.numeric.derivatives import Estimate, numerical_grad, numerical_jacobian
from autograd.gradcheck.report.report import Entry, Finding, Report

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
