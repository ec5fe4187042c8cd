"""Losses as modules."""

from __future__ import annotations

from typing import Any

from autograd import Tensor, asarray
from nn import functional
from nn.functional.reduction import check_reduction
from nn.module import Module

__all__ = ["CrossEntropyLoss", "MSELoss"]


class MSELoss(Module):
    """The mean (or sum, or none) of the squared differences; shapes must be the same.

    Shape: (*) and (*), the same -> (), or (*) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> nn.MSELoss()(ag.Tensor([1.0, 4.0]), ag.Tensor([1.0, 2.0]))
    Tensor(2., dtype=float32)
    """

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        self.reduction = check_reduction(reduction)

    def forward(self, input: Any, target: Any) -> Any:
        return functional.mse_loss(input, target, self.reduction)


class CrossEntropyLoss(Module):
    """-log softmax of the logits (N, C, ...) at the labels; see `nn.functional.cross_entropy`.

    Shape: (N, C, *) and (N, *) integers or (N, C, *) probabilities -> (), or (N, *) with reduction
    "none".

    >>> import autograd as ag
    >>> import nn
    >>> nn.CrossEntropyLoss()(ag.Tensor([[0.0, 0.0]]), ag.Tensor([1]))
    Tensor(0.6931472, dtype=float32)
    """

    weight: Tensor | None

    def __init__(
        self,
        weight: Any = None,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__()
        self.register_buffer("weight", None if weight is None else asarray(weight))
        self.ignore_index = ignore_index
        self.reduction = check_reduction(reduction)
        self.label_smoothing = label_smoothing

    def forward(self, input: Any, target: Any) -> Any:
        return functional.cross_entropy(
            input, target, self.weight, self.ignore_index, self.reduction, self.label_smoothing
        )
