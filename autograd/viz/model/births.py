"""Where what is no number was born: the first NaN or infinity, forward and backward."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd.viz.model.model import Edge, Model, Step
from autograd.viz.model.numbers import is_finite

__all__ = ["births", "born_backward", "born_forward", "constants_of", "holds"]


def born_forward(steps: Iterable[Step]) -> Step | None:
    """The first op that gives NaN of none, or an infinity of none, as `detect_anomaly` has it.

    A constant infinity that goes in, as in a mask of −∞, was meant.
    """
    for step in steps:
        given = [*(edge.source.value for edge in step.edges), *constants_of(step)]
        made = [card.value for card in step.outputs]
        if any(holds(test, made) and not holds(test, given) for test in (np.isnan, np.isinf)):
            return step
    return None


def constants_of(step: Step) -> list[Any]:
    """The numbers that were given to an op beside Tensors."""
    return [*step.literals.values(), *(p for p in step.node.params if isinstance(p, float))]


def holds(test: Callable[..., Any], values: Iterable[Any]) -> bool:
    """Whether a test of numbers, as `np.isnan`, is true of one of them."""
    arrays = map(np.asarray, values)
    return any(array.dtype.kind in "fc" and bool(test(array).any()) for array in arrays)


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
