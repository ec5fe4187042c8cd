"""What all losses share: their reduction, and the shapes that they compare."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd.diagnose import here
from autograd.errors import ShapeError
from nn.checks import check_choice

__all__ = ["check_reduction", "check_same_shape", "reduce"]

REDUCTIONS = ("mean", "sum", "none")


def check_reduction(reduction: str) -> str:
    """The reduction itself, or a ValueError that names the nearest known one."""
    return check_choice("reduction", reduction, REDUCTIONS)


def reduce(losses: Any, reduction: str) -> Any:
    """The mean or the sum of the losses, or (none) the losses themselves."""
    check_reduction(reduction)
    if reduction == "none":
        return losses
    return ag.mean(losses) if reduction == "mean" else ag.sum(losses)


def check_same_shape(name: str, input: Any, target: Any) -> None:
    """Raise ShapeError if a loss would broadcast its input with its target."""
    if np.shape(input) == np.shape(target):
        return
    hint = ""
    if np.size(input) == np.size(target):
        hint = f"\n  The sizes agree: did you mean target.reshape({np.shape(input)})?"
    raise ShapeError(
        f"{name}: input is {np.shape(input)} and target is {np.shape(target)}; they must be "
        f"the same, or broadcasting would compare every pair.{hint}{here()}"
    )
