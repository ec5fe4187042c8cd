"""Gradients from anywhere: a function of plain arrays, and another that gives its gradients."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.engine.op import Array
from autograd.engine.recorder import recorder
from autograd.engine.row import Op
from autograd.errors import GradcheckError
from autograd.gradcheck.report.finding import Finding
from autograd.gradcheck.report.report import Report

__all__ = ["told_of", "with_gradient"]


def with_gradient(
    f: Callable[..., Any], grad: Callable[..., Any], inputs: Sequence[Any], positions: Sequence[int]
) -> Callable[..., Any]:
    """f as a function of Tensors, whose rule asks `grad` for the Jacobians by some of the inputs.

    Both get plain arrays. It is an op of its own, which no table knows.
    """
    if not callable(grad):
        raise GradcheckError(
            f"gradcheck: grad is the function that gives the gradient, got {type(grad).__name__}"
        )
    if any(np.asarray(inputs[p]).dtype.kind == "c" for p in positions):
        raise GradcheckError("gradcheck: grad= checks functions of real inputs")

    def arguments(xs: Sequence[Any]) -> list[Any]:
        given = list(others)
        for position, x in zip(positions, xs, strict=True):
            given[position] = np.array(getattr(x, "_value", x))
        return given

    def forward(*xs: Any) -> Any:
        y = np.asarray(f(*arguments(xs)))
        if y.dtype.kind != "f":
            raise GradcheckError(f"gradcheck: f returned {y.dtype}; it must return real numbers")
        return y[()]

    def rule(g: Any, xs: Sequence[Any], needs: Sequence[bool]) -> tuple[Any, ...]:
        found = grad(*arguments(xs))
        found = found if isinstance(found, (tuple, list)) and len(positions) > 1 else (found,)
        if len(found) != len(positions):
            raise GradcheckError(
                f"gradcheck: grad gave {len(found)} gradients, and {len(positions)} inputs are "
                "checked; name the inputs that it is for by wrt="
            )
        shape = np.shape(g)
        return tuple(
            _pulled(g, _jacobian(part, shape, np.shape(x))) if need else None
            for part, x, need in zip(found, xs, needs, strict=True)
        )

    others = [getattr(x, "_value", x) for x in inputs]
    forward.__name__ = getattr(f, "__name__", "f").strip("<>")
    record = recorder(Op(forward, "f(x)", {}, joint=rule))

    @functools.wraps(f)
    def run(*given: Any) -> Any:
        others[:] = [getattr(x, "_value", x) for x in given]
        return record(*(given[p] for p in positions))

    return run


def told_of(report: Report, name: str) -> Report:
    """The same report with the gradient's name in the line to run again, and no node to blame."""

    def told(findings: Sequence[Finding]) -> tuple[Finding, ...]:
        lines = (f.repro.replace("*inputs", f"*inputs, grad={name}") for f in findings)
        return tuple(
            f._replace(where=None, repro=line) for f, line in zip(findings, lines, strict=True)
        )

    report.failures = told(report.failures)
    report.inconclusive = told(report.inconclusive)
    report.kinks = told(report.kinks)
    return report


def _jacobian(found: Any, output: tuple[int, ...], shape: tuple[int, ...]) -> Array:
    jacobian = np.asarray(getattr(found, "_value", found))
    if jacobian.shape != (*output, *shape):
        raise GradcheckError(
            f"gradcheck: grad gave the shape {jacobian.shape} for an input of {shape}; it must be "
            f"{(*output, *shape)}, the shape of f's result and then that of the input"
        )
    return jacobian


def _pulled(g: Any, jacobian: Array) -> Any:
    """Σ g · J, of an array or a Tensor g."""
    shape = jacobian.shape[np.ndim(g) :]
    return (g.reshape(-1) @ jacobian.reshape(np.size(g), -1)).reshape(shape)
