"""Analytic gradients against numeric ones, with a report that says what is wrong, and where.

The package is `gradcheck` itself: `autograd.gradcheck(f, x)` calls the function in it.
"""

import sys
from types import ModuleType
from typing import Any

from autograd.engine.arguments import checked
from autograd.gradcheck.check import gradcheck, gradgradcheck
from autograd.gradcheck.module import gradcheck_module
from autograd.gradcheck.numeric.derivatives import Estimate, numerical_grad, numerical_jacobian
from autograd.gradcheck.precise.prove import Claim, Proof, prove
from autograd.gradcheck.report.finding import Entry, Finding
from autograd.gradcheck.report.report import Report

__all__ = [
    "Claim",
    "Entry",
    "Estimate",
    "Finding",
    "Proof",
    "Report",
    "gradcheck",
    "gradcheck_module",
    "gradgradcheck",
    "numerical_grad",
    "numerical_jacobian",
    "prove",
]


class _Gradcheck(ModuleType):
    __call__ = staticmethod(checked(gradcheck))
    __wrapped__ = staticmethod(gradcheck)  # whose signature it has

    def __dir__(self) -> list[str]:
        return __all__

    def __reduce__(self) -> tuple[Any, ...]:
        return __import__, (self.__name__, None, None, ("gradcheck",))


__doc__ = gradcheck.__doc__ or ""  # what help() shows
sys.modules[__name__].__class__ = _Gradcheck
