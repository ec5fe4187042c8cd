"""Analytic gradients against central differences, with a report that says how far to trust it."""

from autograd.gradcheck.check import gradcheck
from autograd.gradcheck.numeric import Estimate, numerical_grad, numerical_jacobian
from autograd.gradcheck.report import Entry, Report

__all__ = ["Entry", "Estimate", "Report", "gradcheck", "numerical_grad", "numerical_jacobian"]
