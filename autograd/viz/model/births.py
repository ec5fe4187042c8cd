"""Where what is no number was born: the first NaN or infinity, forward and backward."""

from __future__ import annotations

from collections.abc import Iterable

from autograd.viz.model.model import Edge, Model, Step
from autograd.viz.model.numbers import is_finite

__all__ = ["births", "born_backward", "born_forward"]


def born_forward(steps: Iterable[Step]) -> Step | None:
    """The first op that gives what is no number, of numbers."""
    for step in steps:
        inputs = [edge.source.value for edge in step.edges]
        if all(map(is_finite, inputs)) and not all(is_finite(c.value) for c in step.outputs):
            return step
    return None


def born_backward(model: Model) -> Edge | None:
    """The first edge that carries back what is no number, of upstream gradients that are."""
    for step in sorted(model.steps, key=lambda step: step.order):
        if all(is_finite(card.gradient) for card in step.outputs):
            for edge in step.edges:
                if edge.contribution is not None and not is_finite(edge.contribution):
                    return edge
    return None


def births(model: Model) -> tuple[Step, ...]:
    """The op that made the first one: forward, else backward."""
    if (step := born_forward(model.steps)) is not None:
        return (step,)
    edge = born_backward(model)
    return () if edge is None else (edge.target,)
