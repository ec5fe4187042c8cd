"""Losses of numbers against numbers."""

from __future__ import annotations

from typing import Any

import autograd as ag
from nn.functional.reduction import check_same_shape, reduce

__all__ = ["mse_loss"]


def mse_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """(input - target)², reduced; both must have the same shape.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.mse_loss(ag.Tensor([1.0, 4.0]), ag.Tensor([1.0, 2.0]))
    Tensor(2., dtype=float32)
    """
    check_same_shape("mse_loss", input, target)
    return reduce(ag.square(input - target), reduction)
