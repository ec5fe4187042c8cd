"""A whole step of several processes as a plan: what each computes, and the exchanges between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import isfinite, logical_and, stack, where
from autograd.distributed.groups import group_of
from autograd.distributed.ops import all_gather
from nn.training.compiled import step_down

__all__ = ["taught_together"]


def taught_together(step: Any, compute: Callable[..., Any]) -> Callable[..., Any]:
    """What this process computes of its share, and a step down the gradients of all.

    It gives the loss of the whole batch, how much it counts, those of each process, the weight of
    this one's, its target and output, and whether the step has been made: one way of the plan.
    """
    compiled, model, together = step.inner.compiled, step.inner.model, step.together
    optimizer = compiled.optimizer  # by this name a trace finds what its step may change
    group = group_of(None, "fit")

    def taught(*batch: Any) -> Any:
        loss, count, target, output = compute(*batch)
        own = loss.detach().astype("float64")
        holders = step.share.holders
        total = None
        if count is None:
            values = all_gather(own, group=group)
            weight, value = 1 / holders, values.sum() / holders
            counts = isfinite(value)
        else:
            told = all_gather(stack([own, count / holders]), group=group)
            values, numbers = told[:, 0], told[:, 1]
            total = numbers.sum()
            weights = numbers / where(total == 0, 1.0, total)
            value = where(numbers == 0, 0.0, values * weights).sum()
            weight = weights[together.rank]
            counts = logical_and(isfinite(value), total != 0)
        if is_made := bool(counts):
            factor = weight * together.size
            step_down(model, optimizer, step.averaged(loss * factor), compiled.clip_norm)
        return value, total, values, weight, loss, target, output, is_made

    return taught
